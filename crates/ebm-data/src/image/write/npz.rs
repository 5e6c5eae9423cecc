//! Arrays in a zip file, as `numpy.savez` makes it.

use crate::image::npz::header::Header;
use crate::image::set::ImageSet;
use crate::image::task::{Keys, SIDE};
use std::fs::File;
use std::io::{self, BufWriter, Seek, Write};
use zip::result::ZipError;
use zip::write::{SimpleFileOptions, ZipWriter};

/// Writes images pixel by pixel, labels as 64-bit floats, and the side of an image, which the real file has too.
pub(super) fn write(file: &mut File, keys: Keys, images: &ImageSet) -> io::Result<()> {
    let mut zip = ZipWriter::new(BufWriter::new(file));
    start(&mut zip, keys.images, images.count() * images.channels() * SIDE * SIDE)?;
    zip.write_all(&Header::bytes("|u1", &[images.count(), SIDE, SIDE, images.channels()]))?;
    for row in 0..images.count() {
        let planes = images.pixels(row);
        let pixels: Vec<u8> =
            (0..SIDE * SIDE).flat_map(|pixel| planes.iter().skip(pixel).step_by(SIDE * SIDE).copied()).collect();
        zip.write_all(&pixels)?;
    }
    start(&mut zip, keys.labels, images.count() * images.label_width() * 8)?;
    zip.write_all(&Header::bytes("<f8", &[images.count(), images.label_width()]))?;
    for label in (0..images.count()).flat_map(|row| images.label(row)) {
        zip.write_all(&label.to_le_bytes())?;
    }
    start(&mut zip, "img_size", 8)?;
    zip.write_all(&Header::bytes("<i8", &[]))?;
    zip.write_all(&(SIDE as i64).to_le_bytes())?;
    zip.finish().map_err(of_zip)?.flush()
}

/// Begins an array of this many bytes, not compressed and without a date.
fn start(zip: &mut ZipWriter<impl Write + Seek>, key: &str, size: usize) -> io::Result<()> {
    let options = SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Stored)
        .large_file(size as u64 >= u64::from(u32::MAX) - 1024);
    zip.start_file(format!("{key}.npy"), options).map_err(of_zip)
}

fn of_zip(error: ZipError) -> io::Error {
    match error {
        ZipError::Io(error) => error,
        error => io::Error::other(error),
    }
}
