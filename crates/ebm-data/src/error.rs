//! What can go wrong with data, and what to do about it.

mod data;
mod decode;
mod image;
mod place;
mod table;

pub use data::DataError;
pub use decode::DecodeError;
pub use image::ImageError;
pub use place::Place;
pub use table::TableError;
