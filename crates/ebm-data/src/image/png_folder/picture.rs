//! One PNG as grey bytes.

use crate::image::SIDE;
use crate::image::untrusted::{damaged, decode};
use crate::{DataError, DecodeError};
use png::{ColorType, Decoder, Limits, Transformations};
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

/// Memory that one picture may take to decode, besides the pixels.
const LIMIT: usize = 1 << 20;
/// Channels of the widest picture: colours and transparency.
const CHANNELS: usize = 4;

/// Reads the picture at `path` into one grey byte a pixel.
///
/// Transparency is dropped, 16 bits lose their lower 8, palettes are looked up, and colours become
/// `(19595 R + 38470 G + 7471 B + 2^15) / 2^16`, the luma of ITU-R BT.601 as Pillow rounds it.
pub(super) fn read_grey(path: &Path, into: &mut [u8]) -> Result<(), DataError> {
    let file = File::open(path).map_err(|source| damaged(path, "file", source))?;
    let (size, decoded) = decode(path, "picture", || {
        let mut decoder = Decoder::new_with_limits(BufReader::new(file), Limits { bytes: LIMIT });
        decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
        decoder.set_ignore_text_chunk(true);
        decoder.set_ignore_iccp_chunk(true);
        let header = decoder.read_header_info()?;
        let size = (header.width, header.height);
        if size != (SIDE as u32, SIDE as u32) {
            // Nothing has been allocated for the pixels.
            return Ok((size, None));
        }
        let mut reader = decoder.read_info()?;
        let mut bytes = [0; SIDE * SIDE * CHANNELS];
        let needed = reader.output_buffer_size().unwrap_or(usize::MAX);
        if needed > bytes.len() {
            return Err(DecodeError::Png(png::DecodingError::LimitsExceeded));
        }
        let frame = reader.next_frame(&mut bytes)?;
        Ok((size, Some((frame.color_type, bytes))))
    })?;
    let Some((colour, bytes)) = decoded else {
        return Err(DataError::ImageSize { path: path.to_owned(), width: size.0, height: size.1 });
    };
    let luma = |rgb: &[u8]| {
        let [r, g, b] = [rgb[0], rgb[1], rgb[2]].map(u32::from);
        ((19595 * r + 38470 * g + 7471 * b + (1 << 15)) >> 16) as u8
    };
    match colour {
        ColorType::Grayscale | ColorType::Indexed => into.copy_from_slice(&bytes[..SIDE * SIDE]),
        ColorType::GrayscaleAlpha => into.iter_mut().zip(bytes.chunks(2)).for_each(|(grey, pixel)| *grey = pixel[0]),
        ColorType::Rgb => into.iter_mut().zip(bytes.chunks(3)).for_each(|(grey, pixel)| *grey = luma(pixel)),
        ColorType::Rgba => into.iter_mut().zip(bytes.chunks(4)).for_each(|(grey, pixel)| *grey = luma(pixel)),
    }
    Ok(())
}
