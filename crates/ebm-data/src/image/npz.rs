//! Images in NumPy's `.npz`: a zip file of arrays.

pub(super) mod header;

use super::labels;
use super::untrusted::{damaged, decode, decoded_size};
use super::{ImageSet, ImageTask, SIDE};
use crate::{DataError, DecodeError};
use header::{Header, Number};
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;
use zip::ZipArchive;

/// Bytes of one image of the head-pose task.
const IMAGE: usize = SIDE * SIDE * 3;

/// A zip file of arrays.
pub(super) struct Source<'a> {
    pub(super) path: &'a Path,
    archive: ZipArchive<BufReader<File>>,
    length: u64,
}

impl<'a> Source<'a> {
    pub(super) fn open(path: &'a Path) -> Result<Self, DataError> {
        let file = File::open(path).map_err(|source| DataError::NoInput { path: path.to_owned(), source })?;
        let length = file.metadata().map_err(|source| damaged(path, "directory", source))?.len();
        let archive = decode(path, "directory", || Ok(ZipArchive::new(BufReader::new(file))?))?;
        Ok(Self { path, archive, length })
    }

    /// The arrays' names, without `.npy`.
    pub(super) fn names(&self) -> Result<Vec<String>, DataError> {
        let names = decode(self.path, "directory", || {
            Ok(self
                .archive
                .file_names()
                .map(|name| name.map(|name| name.into_owned()))
                .collect::<Result<Vec<_>, _>>()?)
        })?;
        Ok(names.into_iter().map(|name| name.strip_suffix(".npy").map(str::to_owned).unwrap_or(name)).collect())
    }

    pub(super) fn header(&mut self, key: &str) -> Result<Header, DataError> {
        let archive = &mut self.archive;
        decode(self.path, &place(key), || Header::read(&mut archive.by_name(&format!("{key}.npy"))?))
    }

    fn find(&mut self, key: &'static str) -> Result<Header, DataError> {
        let found = self.names()?;
        if found.iter().any(|name| name == key) {
            return self.header(key);
        }
        Err(DataError::MissingKey { path: self.path.to_owned(), key, found: found.into_iter().take(20).collect() })
    }

    /// The numbers of an array in pieces of `piece` bytes. Reading to the end checks the sum of the zip file.
    fn read(&mut self, key: &str, header: &Header, piece: usize, mut each: impl FnMut(&[u8])) -> Result<(), DataError> {
        let size = decoded_size(self.path, &place(key), self.length, &header.shape, header.number.size as u64)?;
        let archive = &mut self.archive;
        decode(self.path, &place(key), || {
            let mut array = archive.by_name(&format!("{key}.npy"))?;
            let begin = Header::read(&mut array)?.length;
            let (expected, found) = (size as u64, array.size().saturating_sub(begin));
            if found != expected {
                return Err(DecodeError::Length { expected, found });
            }
            let mut bytes = vec![0; piece];
            for _ in 0..size / piece {
                array.read_exact(&mut bytes)?;
                each(&bytes);
            }
            match array.read(&mut bytes)? {
                0 => Ok(()),
                more => Err(DecodeError::Length { expected, found: expected + more as u64 }),
            }
        })
    }
}

fn place(key: &str) -> String {
    format!("`{key}`")
}

/// Reads images that are stored pixel by pixel, and their labels.
pub(super) fn read(path: &Path, task: ImageTask) -> Result<ImageSet, DataError> {
    let mut source = Source::open(path)?;
    let keys = task.keys();
    let images = source.find(keys.images)?;
    let poses = source.find(keys.labels)?;
    let count = check_images(path, keys.images, &images, task)?;
    let size = decoded_size(path, &place(keys.images), source.length, &images.shape, 1)?;
    let labels = read_labels(&mut source, &poses, task, count)?;
    labels::check(path, task, &labels, labels::in_array(task))?;

    let mut pixels = Vec::new();
    source.read(keys.images, &images, IMAGE, |image| {
        if pixels.is_empty() {
            // The first image shows that the array is there; now its size can be believed.
            pixels.reserve_exact(size);
        }
        for channel in 0..3 {
            pixels.extend(image.iter().skip(channel).step_by(3));
        }
    })?;
    labels::keep(path, task, pixels, labels)
}

/// The number of images, if they are bytes of the right shape.
fn check_images(path: &Path, key: &'static str, header: &Header, task: ImageTask) -> Result<u64, DataError> {
    let path = path.to_owned();
    if header.number != Number::BYTE {
        return Err(DataError::NumberType { path, key, found: header.number.to_string(), expected: "u8" });
    }
    match *header.shape.as_slice() {
        [0, ..] => Err(DataError::NoImages { path, task: task.name(), left_out: 0 }),
        [count, height, width, 3] if [height, width] == [SIDE as u64; 2] && !header.fortran => Ok(count),
        ref shape => {
            let expected = "(N, 64, 64, 3), in C order".to_owned();
            Err(DataError::Shape { path, key, shape: shape.to_vec(), expected })
        }
    }
}

/// The labels of `count` images, image by image.
fn read_labels(source: &mut Source, header: &Header, task: ImageTask, count: u64) -> Result<Vec<f64>, DataError> {
    let key = task.keys().labels;
    let path = || source.path.to_owned();
    let width = task.target_width();
    if header.shape != [count, width as u64] {
        let expected = format!("({count}, {width})");
        return Err(DataError::Shape { path: path(), key, shape: header.shape.clone(), expected });
    }
    let Some(number) = header.number.decoder() else {
        let found = header.number.to_string();
        return Err(DataError::NumberType { path: path(), key, found, expected: "an integer or float" });
    };
    let mut values = Vec::new();
    source.read(key, header, header.number.size, |bytes| values.push(number(bytes)))?;
    if header.fortran {
        let count = values.len() / width;
        values = (0..count)
            .flat_map(|row| (0..width).map(move |column| column * count + row))
            .map(|at| values[at])
            .collect();
    }
    Ok(values)
}
