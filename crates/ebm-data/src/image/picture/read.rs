//! One picture of any size as a square of three colours.

use super::decoded::{Channels, check_size};
use super::png;
use super::scale::{Ground, scale};
use crate::delimited::open;
use crate::error::{DataError, DecodeError, ImageError};
use crate::untrusted::damaged;
use std::io::{Cursor, Read};
use std::ops::RangeInclusive;
use std::path::Path;

/// The largest file that is read.
const FILE_LIMIT: u64 = 256 << 20;

/// The sides that pictures can be scaled to, pixels.
pub const PICTURE_SIDES: RangeInclusive<usize> = 8..=1024;

/// Bytes of a picture once it is scaled: three colours.
#[must_use]
pub fn picture_bytes(side: usize) -> usize {
    3 * side * side
}

/// Refuses a side that pictures cannot be scaled to.
pub(in crate::image) fn check_side(side: usize) -> Result<(), ImageError> {
    if PICTURE_SIDES.contains(&side) { Ok(()) } else { Err(ImageError::PictureSide { side }) }
}

/// Reads a PNG or JPEG picture as `3 × side × side` bytes: red, green, blue.
///
/// - **Format** is recognised by the first bytes. Pictures of more than 8192 × 8192 pixels are refused by their header.
/// - **Modes**: grey becomes three equal colours, 16 bits lose their lower 8, palettes are looked up, transparent
///   pixels are mixed with the ground, of an animation the first frame is read. CMYK is refused.
/// - **Size**: both sides become `side` pixels, one of [`PICTURE_SIDES`], whatever the shape, by the triangle filter,
///   widened where the picture shrinks: every pixel counts. They are turned as EXIF's orientation says.
///
/// # Errors
/// [`DataError::NoInput`], [`DataError::IsDirectory`], [`DataError::Damaged`], [`DataError::TooLarge`],
/// [`ImageError::PictureKind`], [`ImageError::PictureSide`]; [`DataError::NotCompiledIn`] for a JPEG without the
/// feature `jpeg`.
pub fn read_picture(path: impl AsRef<Path>, side: usize, ground: Ground) -> Result<Vec<u8>, DataError> {
    check_side(side)?;
    let path = path.as_ref();
    let mut bytes = Vec::new();
    let read = open(path)?.take(FILE_LIMIT + 1).read_to_end(&mut bytes);
    read.map_err(|source| damaged(path, "file", source))?;
    if bytes.len() as u64 > FILE_LIMIT {
        let found = bytes.len() as u64;
        return Err(damaged(path, "file", DecodeError::Length { expected: FILE_LIMIT, found }));
    }
    let decoded = match &bytes[..] {
        [0x89, b'P', b'N', b'G', ..] => {
            png::decode(path, Cursor::new(&bytes), |width, height| check_size(path, width, height, Channels::Rgba))?
        }
        #[cfg(feature = "jpeg")]
        [0xff, 0xd8, 0xff, ..] => super::jpeg::decode(path, &bytes)?,
        #[cfg(not(feature = "jpeg"))]
        [0xff, 0xd8, 0xff, ..] => {
            return Err(DataError::NotCompiledIn { path: path.to_owned(), kind: "JPEG", feature: "jpeg" });
        }
        other => return Err(ImageError::PictureKind { path: path.to_owned(), kind: kind(other) }.into()),
    };
    drop(bytes);
    Ok(scale(&decoded, side, ground))
}

/// The kind of a file that is neither PNG nor JPEG.
fn kind(bytes: &[u8]) -> &'static str {
    match bytes {
        [b'G', b'I', b'F', b'8', ..] => "a GIF picture",
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "a WebP picture",
        [b'B', b'M', ..] => "a BMP picture",
        [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => "a TIFF picture",
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => "a HEIF or AVIF picture",
        [] => "empty",
        _ => "not a picture",
    }
}
