//! One picture, decoded and scaled.

mod decoded;
#[cfg(feature = "jpeg")]
mod jpeg;
mod orientation;
pub(super) mod png;
mod read;
mod scale;

pub(super) use decoded::Channels;
pub(super) use read::check_side;
pub use read::{PICTURE_SIDES, picture_bytes, read_picture};
pub use scale::Ground;
