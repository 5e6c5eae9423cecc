//! The user's own table or images: read for training, and read again when the model is used.

pub mod describe;
mod images;
mod kinds;
mod outliers;
pub mod rows;
mod table;
pub mod training;
