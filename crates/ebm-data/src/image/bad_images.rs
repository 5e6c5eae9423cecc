//! Pictures of a folder, read in parallel, and what is done about those that cannot be read.

use crate::error::DataError;
use crate::untrusted::decoded_size;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// What is done about a picture in a folder that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BadImages {
    /// It is an error that names it.
    #[default]
    Refuse,
    /// It is left out, counted and reported.
    Skip,
}

/// The pixels of the pictures that could be read, and for every file its error.
pub(super) type Pixels = (Vec<u8>, Vec<Option<DataError>>);

/// Reads pictures of `size` bytes each in parallel.
///
/// Under [`BadImages::Refuse`] the first error in the order of the files is returned with its row, whichever thread met
/// one first. `path` and `place` are what an error names when all pictures together are too large.
pub(super) fn read_all<F: Sync>(
    (path, place): (&Path, &str),
    files: &[F],
    size: usize,
    bad: BadImages,
    read: impl Fn(&F, &mut [u8]) -> Result<(), DataError> + Sync,
) -> Result<Pixels, (usize, DataError)> {
    // The size of the files does not bound this: they exist already.
    let bytes = decoded_size(path, place, u64::MAX, &[files.len() as u64], size as u64);
    let mut pixels = vec![0; bytes.map_err(|error| (0, error))?];
    let errors = pixels.par_chunks_mut(size).zip(files).map(|(into, file)| read(file, into).err());
    let errors: Vec<Option<DataError>> = match bad {
        BadImages::Refuse => match errors.enumerate().find_map_first(|(row, error)| Some((row, error?))) {
            Some(first) => return Err(first),
            None => files.iter().map(|_| None).collect(),
        },
        BadImages::Skip => errors.collect(),
    };
    keep_rows(&mut pixels, size, |row| errors[row].is_none());
    Ok((pixels, errors))
}

/// Keeps the rows of `width` values for which `keep` is true, in place: no second copy is made.
pub(super) fn keep_rows<T: Copy>(values: &mut Vec<T>, width: usize, keep: impl Fn(usize) -> bool) {
    let mut end = 0;
    for row in (0..values.len() / width).filter(|&row| keep(row)) {
        values.copy_within(row * width..(row + 1) * width, end * width);
        end += 1;
    }
    values.truncate(end * width);
}
