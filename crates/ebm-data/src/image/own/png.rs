//! PNG pictures.

use super::picture::{Channels, Decoded, PIXEL_LIMIT, check_size};
use crate::image::untrusted;
use crate::{DataError, DecodeError};
use ::png::{ColorType, Decoder, DecodingError, Limits, Transformations};
use std::io::Cursor;
use std::path::Path;

/// Memory that a picture may take to decode, besides the pixels: a few of its rows.
const LIMIT: usize = 64 << 20;

pub(super) fn decode(path: &Path, bytes: &[u8]) -> Result<Decoded, DataError> {
    let decoder = || {
        let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), Limits { bytes: LIMIT });
        decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
        decoder.set_ignore_text_chunk(true);
        decoder.set_ignore_iccp_chunk(true);
        decoder
    };
    let (width, height) = untrusted::decode(path, "picture", || {
        let mut decoder = decoder();
        let header = decoder.read_header_info()?;
        Ok((header.width as usize, header.height as usize))
    })?;
    check_size(path, width, height, Channels::Rgba)?;
    untrusted::decode(path, "picture", || {
        let mut reader = decoder().read_info()?;
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
        Ok(Decoded { width, height, pixels, channels })
    })
}
