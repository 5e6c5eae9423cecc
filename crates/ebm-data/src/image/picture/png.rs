//! PNG pictures.

use super::decoded::{Channels, Decoded, PIXEL_LIMIT};
use super::orientation::{orientation, upright};
use crate::error::{DataError, DecodeError};
use crate::untrusted;
use ::png::{ColorType, Decoder, DecodingError, Limits, Transformations};
use std::io::{BufRead, Seek};
use std::path::Path;

/// Memory that a picture may take to decode, besides the pixels: a few of its rows.
const LIMIT: usize = 64 << 20;

/// Decodes a picture; of an animation, the first frame. 16 bits lose their lower 8, and palettes are looked up.
///
/// `check` sees width and height before anything is allocated for the pixels.
pub(in crate::image) fn decode(
    path: &Path,
    input: impl BufRead + Seek,
    check: impl FnOnce(usize, usize) -> Result<(), DataError>,
) -> Result<Decoded, DataError> {
    let mut decoder = Decoder::new_with_limits(input, Limits { bytes: LIMIT });
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    let (width, height) = untrusted::decode(path, "picture", || {
        let header = decoder.read_header_info()?;
        Ok((header.width as usize, header.height as usize))
    })?;
    check(width, height)?;
    untrusted::decode(path, "picture", || {
        let mut reader = decoder.read_info()?;
        let needed = reader.output_buffer_size().filter(|&size| size as u64 <= PIXEL_LIMIT * 4);
        let needed = needed.ok_or(DecodeError::Png(DecodingError::LimitsExceeded))?;
        let mut pixels = vec![0; needed];
        let frame = reader.next_frame(&mut pixels)?;
        let channels = match frame.color_type {
            ColorType::Grayscale | ColorType::Indexed => Channels::Grey,
            ColorType::GrayscaleAlpha => Channels::GreyAlpha,
            ColorType::Rgb => Channels::Rgb,
            ColorType::Rgba => Channels::Rgba,
        };
        let (width, height) = (frame.width as usize, frame.height as usize);
        pixels.truncate(frame.buffer_size());
        let expected = width * height * channels.count();
        if pixels.len() != expected || expected == 0 {
            return Err(DecodeError::Length { expected: expected as u64, found: pixels.len() as u64 });
        }
        let turned = reader.info().exif_metadata.as_deref().map_or(1, orientation);
        Ok(upright(Decoded { width, height, pixels, channels }, turned))
    })
}
