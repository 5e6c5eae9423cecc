//! A folder of images of cells that have their labels in their names.

pub(super) mod picture;

use super::labels;
use super::untrusted::decoded_size;
use super::{ImageSet, ImageTask, SIDE};
use crate::DataError;
use rayon::prelude::*;
use std::fs;
use std::path::{Path, PathBuf};

/// An image as its name describes it.
pub(super) struct Named {
    index: u64,
    label: f64,
    path: PathBuf,
}

/// The images of a folder in the order of their indices. Files that are not called `.png` do not count.
pub(super) fn list(folder: &Path) -> Result<Vec<Named>, DataError> {
    let no_input = |source| DataError::NoInput { path: folder.to_owned(), source };
    let mut images = Vec::new();
    for entry in fs::read_dir(folder).map_err(no_input)? {
        let path = entry.map_err(no_input)?.path();
        if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("png")) {
            let (index, label) = parse(&path).ok_or_else(|| DataError::ImageName { path: path.clone() })?;
            images.push(Named { index, label, path });
        }
    }
    images.sort_by(|a, b| (a.index, &a.path).cmp(&(b.index, &b.path)));
    match images.windows(2).find(|pair| pair[0].index == pair[1].index) {
        Some([first, second]) => {
            Err(DataError::DuplicateImage { first: first.path.clone(), second: second.path.clone() })
        }
        _ => Ok(images),
    }
}

/// Index and label of `INDEX_LABEL.png`.
fn parse(path: &Path) -> Option<(u64, f64)> {
    let (index, label) = path.file_stem()?.to_str()?.split_once('_')?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, part) = label.split_once('.').unwrap_or((label, "0"));
    (digits(index) && digits(whole) && digits(part)).then_some(())?;
    Some((index.parse().ok()?, label.parse().ok()?))
}

/// Reads a folder of images of cells.
pub(super) fn read(folder: &Path) -> Result<ImageSet, DataError> {
    const SIZE: usize = SIDE * SIDE;
    let task = ImageTask::Cells;
    let images = list(folder)?;
    for image in &images {
        labels::check(&image.path, task, &[image.label], |_, _| "file name".to_owned())?;
    }
    // The size is bounded by what is decoded alone: each of the files is there already.
    let size = decoded_size(folder, "images", u64::MAX, &[images.len() as u64], SIZE as u64)?;
    let mut pixels = vec![0; size];
    let read = |(into, image): (&mut [u8], &Named)| picture::read_grey(&image.path, into).err();
    // Whichever thread meets the first error, the one that is told is the first in the order of the images.
    if let Some(error) = pixels.par_chunks_mut(SIZE).zip(&images).map(read).find_map_first(|error| error) {
        return Err(error);
    }
    labels::keep(folder, task, pixels, images.iter().map(|image| image.label).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_an_index_and_a_count() {
        assert_eq!(parse(Path::new("cells/17_42.0.png")), Some((17, 42.0)));
        assert_eq!(parse(Path::new("0_200.png")), Some((0, 200.0)));
        for name in ["17.png", "17_.png", "_3.0.png", "a_3.0.png", "1_nan.png", "1_-3.0.png", "1_1e3.png", "1_2_3.png"]
        {
            assert_eq!(parse(Path::new(name)), None, "{name}");
        }
    }
}
