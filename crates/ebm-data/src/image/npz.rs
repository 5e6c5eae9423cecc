//! Images in NumPy's `.npz`: a zip file of arrays.

mod archive;
pub(super) mod header;

use super::array::Array;
use super::labels;
use super::set::ImageSet;
use super::task::{ImageTask, SIDE};
use crate::error::{DataError, ImageError};
use crate::untrusted::{decoded_size, quoted};
use archive::NpzArchive;
use header::{Header, Number};
use std::path::Path;

/// Bytes of one image of the head-pose task.
const IMAGE: usize = SIDE * SIDE * 3;

/// Reads images that are stored pixel by pixel, and their labels.
pub(super) fn read(path: &Path, task: ImageTask) -> Result<ImageSet, DataError> {
    let mut archive = NpzArchive::open(path)?;
    let keys = task.keys();
    let images = archive.find(keys.images)?;
    let poses = archive.find(keys.labels)?;
    let count = check_images(path, keys.images, &images, task)?;
    let size = decoded_size(path, &quoted(keys.images), archive.length, &images.shape, 1)?;
    let labels = read_labels(&mut archive, &poses, task, count)?;
    labels::check(path, task, &labels, labels::in_array(task))?;

    let mut pixels = Vec::new();
    archive.read(keys.images, &images, IMAGE, |image| {
        if pixels.is_empty() {
            // The first image exists, so the size in the header can be trusted.
            pixels.reserve_exact(size);
        }
        for channel in 0..3 {
            pixels.extend(image.iter().skip(channel).step_by(3));
        }
    })?;
    Ok(labels::keep(path, task, pixels, labels)?)
}

/// The number of images, if they are bytes of the right shape.
fn check_images(path: &Path, key: &'static str, header: &Header, task: ImageTask) -> Result<u64, DataError> {
    let path = path.to_owned();
    if header.number != Number::BYTE {
        return Err(ImageError::NumberType { path, key, found: header.number.to_string(), expected: "u8" }.into());
    }
    match *header.shape.as_slice() {
        [0, ..] => Err(ImageError::NoImages { path, task: task.name(), left_out: 0 }.into()),
        [count, height, width, 3] if [height, width] == [SIDE as u64; 2] && !header.fortran => Ok(count),
        ref shape => {
            let expected = "(N, 64, 64, 3), in C order".to_owned();
            Err(ImageError::Shape { path, key, shape: shape.to_vec(), expected }.into())
        }
    }
}

/// The labels of `count` images, image by image.
fn read_labels(
    archive: &mut NpzArchive<'_>,
    header: &Header,
    task: ImageTask,
    count: u64,
) -> Result<Vec<f64>, DataError> {
    let key = task.keys().labels;
    let path = || archive.path.to_owned();
    let width = task.target_width();
    if header.shape != [count, width as u64] {
        let expected = format!("({count}, {width})");
        return Err(ImageError::Shape { path: path(), key, shape: header.shape.clone(), expected }.into());
    }
    let Some(number) = header.number.decoder() else {
        let found = header.number.to_string();
        return Err(ImageError::NumberType { path: path(), key, found, expected: "an integer or float" }.into());
    };
    let mut values = Vec::new();
    archive.read(key, header, header.number.size, |bytes| values.push(number(bytes)))?;
    if header.fortran {
        let count = values.len() / width;
        values = (0..count)
            .flat_map(|row| (0..width).map(move |column| column * count + row))
            .map(|at| values[at])
            .collect();
    }
    Ok(values)
}

/// The arrays of a file.
pub(super) fn arrays(path: &Path) -> Result<Vec<Array>, DataError> {
    let mut archive = NpzArchive::open(path)?;
    let names = archive.names()?;
    let array = |key: String| {
        let header = archive.header(&key)?;
        Ok(Array { key, shape: header.shape, number: header.number.to_string(), chunk: None })
    };
    names.into_iter().map(array).collect()
}
