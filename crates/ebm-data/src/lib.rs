//! Energy-based probabilistic regression: the data sets.
//!
//! The two one-dimensional problems of the paper, generated from their definitions with exact
//! densities; your own examples, tables and pictures; and the images of the four image tasks, read
//! from the files their publishers give or generated.
//!
//! ```
//! use ebm_data::toy::toy_1;
//!
//! let train = toy_1::train(toy_1::SEED);
//! assert_eq!(train.len(), 2000);
//! let log_density = toy_1::log_density(train.x[0], train.y[0]); // nats
//! assert!(log_density.is_finite());
//! ```
//!
//! # Features
//! Delimited text and PNG are always read. Other kinds of files need a feature, and are otherwise
//! refused with an error that names it: `hdf5`, `npz` (the files of the image tasks), `jpeg` (your
//! own pictures), `parquet` (your own tables).
#![warn(missing_docs)]

mod delimited;
mod digest;
mod error;
mod folder;
pub mod image;
mod normal;
mod origin;
mod pairs;
pub mod run_file;
pub mod standin;
pub mod table;
pub mod toy;
mod untrusted;

pub use digest::file_digest;
pub use error::{DataError, DecodeError, ImageError, Place, TableError};
pub use folder::{folder_of, tables};
pub use origin::{Origin, Share};
pub use pairs::{Pairs, Splits, read_inputs, read_pairs, write_pairs, write_pairs_to};
