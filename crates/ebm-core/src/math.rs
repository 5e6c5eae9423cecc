//! Numerics: sums in log space, grids, circles, random numbers.

pub mod axis;
pub(crate) mod exponential;
pub mod grid;
pub(crate) mod host;
pub(crate) mod lanes;
pub mod noise;
pub mod num;
pub(crate) mod order;
