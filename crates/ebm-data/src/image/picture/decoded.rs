//! A decoded picture, and how large it may be.

use crate::error::DataError;
use std::path::Path;

/// The most pixels that are decoded: 8192 × 8192.
pub(super) const PIXEL_LIMIT: u64 = 1 << 26;

/// A decoded picture: pixels row by row, their channels side by side.
pub(in crate::image) struct Decoded {
    pub(in crate::image) width: usize,
    pub(in crate::image) height: usize,
    pub(in crate::image) pixels: Vec<u8>,
    pub(in crate::image) channels: Channels,
}

/// What the bytes of a pixel are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::image) enum Channels {
    Grey,
    GreyAlpha,
    Rgb,
    Rgba,
}

impl Channels {
    pub(in crate::image) fn count(self) -> usize {
        match self {
            Self::Grey => 1,
            Self::GreyAlpha => 2,
            Self::Rgb => 3,
            Self::Rgba => 4,
        }
    }
}

/// Refuses a picture that has too many pixels, before anything is allocated for them.
pub(super) fn check_size(path: &Path, width: usize, height: usize, channels: Channels) -> Result<(), DataError> {
    if width as u64 * height as u64 <= PIXEL_LIMIT {
        return Ok(());
    }
    let bytes = width as u128 * height as u128 * channels.count() as u128;
    let limit = PIXEL_LIMIT * channels.count() as u64;
    Err(DataError::TooLarge { path: path.to_owned(), place: "picture".to_owned(), bytes, limit })
}
