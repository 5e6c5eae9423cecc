//! One picture of any size as 64 × 64 pixels of three colours.

use super::scale::scale;
use super::{PICTURE_BYTES, jpeg, png};
use crate::delimited::open;
use crate::image::untrusted::damaged;
use crate::{DataError, DecodeError};
use std::io::Read;
use std::path::Path;

/// The largest file that is read.
const FILE_LIMIT: u64 = 256 << 20;
/// The most pixels that are decoded: 8192 × 8192.
pub(super) const PIXEL_LIMIT: u64 = 1 << 26;

/// What lies behind transparent pixels.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Ground {
    /// White, as a page is.
    #[default]
    White,
    /// Black.
    Black,
}

/// A decoded picture: pixels row by row, their channels side by side.
pub(super) struct Decoded {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) pixels: Vec<u8>,
    pub(super) channels: Channels,
}

/// What the bytes of a pixel are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Channels {
    Grey,
    GreyAlpha,
    Rgb,
    Rgba,
}

impl Channels {
    pub(super) fn count(self) -> usize {
        match self {
            Self::Grey => 1,
            Self::GreyAlpha => 2,
            Self::Rgb => 3,
            Self::Rgba => 4,
        }
    }
}

/// Reads a PNG or JPEG picture as `3 × 64 × 64` bytes: red, green, blue.
///
/// - **Format** is told by the first bytes. Pictures of more than 8192 × 8192 pixels are refused by their header.
/// - **Modes**: grey becomes three equal colours, 16 bits lose their lower 8, palettes are looked up, transparent
///   pixels are mixed with the ground, of an animation the first picture is read. CMYK is refused.
/// - **Size**: both sides become 64 pixels, whatever the shape, by the triangle filter, widened where the picture
///   shrinks: every pixel counts. How a camera was held (EXIF) is not looked at.
///
/// # Errors
/// [`DataError::NoInput`], [`DataError::IsDirectory`], [`DataError::Damaged`], [`DataError::TooLarge`],
/// [`DataError::PictureKind`].
pub fn read_picture(path: impl AsRef<Path>, ground: Ground) -> Result<Vec<u8>, DataError> {
    let path = path.as_ref();
    let mut bytes = Vec::new();
    let read = open(path)?.take(FILE_LIMIT + 1).read_to_end(&mut bytes);
    read.map_err(|source| damaged(path, "file", source))?;
    if bytes.len() as u64 > FILE_LIMIT {
        let found = bytes.len() as u64;
        return Err(damaged(path, "file", DecodeError::Length { expected: FILE_LIMIT, found }));
    }
    let decoded = match &bytes[..] {
        [0x89, b'P', b'N', b'G', ..] => png::decode(path, &bytes)?,
        [0xff, 0xd8, 0xff, ..] => jpeg::decode(path, &bytes)?,
        other => return Err(DataError::PictureKind { path: path.to_owned(), kind: kind(other) }),
    };
    drop(bytes);
    let small = scale(&decoded, ground);
    debug_assert_eq!(small.len(), PICTURE_BYTES);
    Ok(small)
}

/// What a file is that is neither PNG nor JPEG.
fn kind(bytes: &[u8]) -> &'static str {
    match bytes {
        [b'G', b'I', b'F', b'8', ..] => "a GIF picture",
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "a WebP picture",
        [b'B', b'M', ..] => "a BMP picture",
        [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => "a TIFF picture",
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => "a HEIF or AVIF picture",
        [] => "empty",
        _ => "no picture",
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
