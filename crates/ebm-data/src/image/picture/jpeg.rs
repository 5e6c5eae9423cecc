//! JPEG pictures.

use super::decoded::{Channels, Decoded, check_size};
use super::orientation::{orientation, upright};
use crate::error::{DataError, DecodeError, ImageError};
use crate::untrusted;
use std::path::Path;
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

/// Passes over a progressive picture; encoders make about ten, and each costs the time of a picture.
const SCANS: usize = 64;

/// Decodes a picture of grey or of three colours.
pub(super) fn decode(path: &Path, bytes: &[u8]) -> Result<Decoded, DataError> {
    let options = DecoderOptions::default()
        .set_strict_mode(true)
        .set_max_width(usize::from(u16::MAX))
        .set_max_height(usize::from(u16::MAX))
        .jpeg_set_max_scans(SCANS);
    let decoder =
        |colours| JpegDecoder::new_with_options(ZCursor::new(bytes), options.jpeg_set_out_colorspace(colours));
    let (found, (width, height)) = untrusted::decode(path, "picture", || {
        let mut decoder = decoder(ColorSpace::RGB);
        decoder.decode_headers()?;
        let colours = decoder.input_colorspace();
        Ok((colours, decoder.dimensions().ok_or(DecodeError::Chunk)?))
    })?;
    let (channels, colours) = match found {
        Some(ColorSpace::Luma) => (Channels::Grey, ColorSpace::Luma),
        Some(ColorSpace::YCbCr | ColorSpace::RGB) => (Channels::Rgb, ColorSpace::RGB),
        // The colours of four inks depend on colour profiles.
        _ => return Err(ImageError::PictureKind { path: path.to_owned(), kind: "a JPEG picture in CMYK" }.into()),
    };
    check_size(path, width, height, channels)?;
    untrusted::decode(path, "picture", || {
        let mut pixels = vec![0; width * height * channels.count()];
        if pixels.is_empty() {
            return Err(DecodeError::Length { expected: 1, found: 0 });
        }
        let mut decoder = decoder(colours);
        decoder.decode_into(&mut pixels)?;
        let turned = decoder.exif().map_or(1, |exif| orientation(exif));
        Ok(upright(Decoded { width, height, pixels, channels }, turned))
    })
}
