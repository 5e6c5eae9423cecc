//! Energy-based probabilistic regression: the data sets.
//!
//! The two one-dimensional problems of the paper, generated from their definitions with exact
//! densities; your own examples read from delimited text; and the images of the four image tasks,
//! read from the files their publishers give.
//!
//! ```
//! use ebm_data::toy::toy_1;
//!
//! let train = toy_1::train(toy_1::SEED);
//! assert_eq!(train.len(), 2000);
//! let log_density = toy_1::log_density(train.x[0], train.y[0]); // nats
//! assert!(log_density.is_finite());
//! ```
#![warn(missing_docs)]

mod delimited;
mod error;
pub mod image;
mod normal;
mod pairs;
mod pairs_csv;
pub mod standin;
pub mod table;
pub mod toy;

pub use error::{DataError, DecodeError, Place, TableError};
pub use pairs::{Pairs, Splits};
pub use pairs_csv::{read_inputs, read_pairs, write_pairs, write_pairs_to};
