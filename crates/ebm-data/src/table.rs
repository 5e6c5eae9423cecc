//! Your own tables: from a file with a header to standardised examples.
//!
//! ```no_run
//! use ebm_data::table::{self, OnMissing, Shares, TableOptions, Targets};
//!
//! # fn main() -> Result<(), ebm_data::DataError> {
//! let shares = Shares { validation: 0.1, ..Shares::NONE };
//! let parts = table::read("houses.csv", &TableOptions::new(["price"]), &shares, 7)?;
//! let (inputs, targets) = (parts.train.inputs(), parts.train.targets()); // encoded; in their own unit
//!
//! for chunk in table::stream("new.csv", &parts.schema, 1024, OnMissing::Refuse, Targets::Ignored)? {
//!     let chunk = chunk?; // chunk.inputs, chunk.lines, chunk.flags
//! }
//! # Ok(())
//! # }
//! ```
//!
//! - **Columns** are numeric, boolean, dates or categories, inferred from all of their cells. Those that cannot
//!   be inputs (constant, empty, identifiers, sentences) are left out with a [`Warning`].
//! - **Missing** is an empty cell, NA, N/A, #N/A, NaN or null in any case. [`OnMissing`] says how it is handled.
//! - **Parquet** is recognised by its first bytes, whatever the name of the file.
//! - **Text** is UTF-8 with commas, tabs or semicolons between cells; with semicolons, numbers may have decimal commas.

mod assign;
mod bound;
mod cell;
mod cell_hash;
mod check;
mod columns;
mod encode;
mod encoded;
mod file;
mod files;
mod infer;
mod kept_rows;
mod levels;
mod measure;
mod options;
mod picture_labels;
mod ranks;
mod read;
mod row_hash;
mod schema;
mod split;
mod stream;
mod strict;
mod tally;
mod unnamed;
mod warning;

pub use bound::Targets;
pub use check::{Against, CheckReport, ColumnReport, HeldOut, Leakage, Repeats, Role, Suggestion, TargetReport, check};
pub use encode::Flags;
pub use encoded::Table;
pub use options::{OnMissing, TableOptions};
pub(crate) use picture_labels::{PictureLabels, picture_labels};
pub use ranks::{folds, parts};
pub use read::{Parts, names, read, read_as, read_part};
pub use schema::{Feature, Kind, LeftOut, Levels, Schema, Statistics, TargetColumn, TargetType, Why};
pub use split::{Part, PartRows, Shares, Split, SplitBy};
pub use stream::{Chunk, Chunks, stream};
pub use tally::Tally;
pub use warning::Warning;
