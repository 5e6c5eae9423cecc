//! Images in HDF5.

mod archive;
mod blocks;
mod numbers;

use super::array::Array;
use super::labels;
use super::set::ImageSet;
use super::task::{ImageTask, SIDE};
use crate::error::{DataError, ImageError};
use crate::untrusted::{decode, decoded_size, quoted};
use archive::Hdf5Archive;
use hdf5_reader::{Dataset, Datatype};
use numbers::type_name;
use std::path::Path;

/// Reads the images of a task and their labels.
pub(super) fn read(path: &Path, task: ImageTask) -> Result<ImageSet, DataError> {
    let archive = Hdf5Archive::open(path)?;
    let keys = task.keys();
    let (images, labels) = (archive.find(keys.images)?, archive.find(keys.labels)?);
    let count = check_images(&archive, &images, task)?;
    let labels = read_labels(&archive, &labels, task, count)?;
    labels::check(path, task, &labels, labels::in_array(task))?;
    let pixels = blocks::read_bytes(&archive, &images, keys.images)?;
    Ok(labels::keep(path, task, pixels, labels)?)
}

/// The number of images, if they are bytes of the right shape.
fn check_images(archive: &Hdf5Archive<'_>, images: &Dataset, task: ImageTask) -> Result<u64, DataError> {
    let key = task.keys().images;
    let channels = task.channels() as u64;
    let path = || archive.path.to_owned();
    if !matches!(images.dtype(), Datatype::FixedPoint { size: 1, signed: false, .. }) {
        let found = type_name(images.dtype());
        return Err(ImageError::NumberType { path: path(), key, found, expected: "u8" }.into());
    }
    match *images.shape() {
        [0, ..] => Err(ImageError::NoImages { path: path(), task: task.name(), left_out: 0 }.into()),
        [count, c, height, width] if [c, height, width] == [channels, SIDE as u64, SIDE as u64] => {
            decoded_size(archive.path, &quoted(key), archive.length, images.shape(), 1)?;
            Ok(count)
        }
        ref shape => {
            let expected = format!("(N, {channels}, 64, 64)");
            Err(ImageError::Shape { path: path(), key, shape: shape.to_vec(), expected }.into())
        }
    }
}

/// One label for each of `count` images.
fn read_labels(
    archive: &Hdf5Archive<'_>,
    labels: &Dataset,
    task: ImageTask,
    count: u64,
) -> Result<Vec<f64>, DataError> {
    let key = task.keys().labels;
    let path = || archive.path.to_owned();
    let shape = labels.shape();
    if !matches!(*shape, [n] | [n, 1] if n == count) {
        return Err(
            ImageError::Shape { path: path(), key, shape: shape.to_vec(), expected: format!("({count})") }.into()
        );
    }
    decoded_size(archive.path, &quoted(key), archive.length, shape, 8)?;
    match decode(archive.path, &quoted(key), || numbers::read(labels))? {
        Some(values) => Ok(values),
        None => {
            let found = type_name(labels.dtype());
            Err(ImageError::NumberType { path: path(), key, found, expected: "an integer or float" }.into())
        }
    }
}

/// The arrays of a file.
pub(super) fn arrays(path: &Path) -> Result<Vec<Array>, DataError> {
    let archive = Hdf5Archive::open(path)?;
    let array = |key: String| {
        let dataset = archive.dataset(&key)?;
        let number = type_name(dataset.dtype());
        Ok(Array { key, shape: dataset.shape().to_vec(), number, chunk: dataset.chunks() })
    };
    archive.names()?.into_iter().map(array).collect()
}
