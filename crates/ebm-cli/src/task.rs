//! The tasks that bring their own data, and pairs of numbers: examples, grids and truth.

pub mod evaluation;
pub mod images;
pub mod pairs;
pub mod toy;
