//! A folder of images of cells that have their labels in their names.

pub(super) mod picture;

use super::labels;
use super::read::{BadImages, Reading};
use super::untrusted::decoded_size;
use super::{ImageTask, SIDE};
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

/// The images of a folder in the order of their indices, and what is wrong with the names of the others. Files that are
/// not called `.png` do not count.
fn list(folder: &Path) -> Result<(Vec<Named>, Vec<DataError>), DataError> {
    let no_input = |source| DataError::NoInput { path: folder.to_owned(), source };
    let (mut images, mut nameless) = (Vec::new(), Vec::new());
    for entry in fs::read_dir(folder).map_err(no_input)? {
        let path = entry.map_err(no_input)?.path();
        if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("png")) {
            match parse(&path) {
                Some((index, label)) => images.push(Named { index, label, path }),
                None => nameless.push(path),
            }
        }
    }
    images.sort_by(|a, b| (a.index, &a.path).cmp(&(b.index, &b.path)));
    nameless.sort();
    match images.windows(2).find(|pair| pair[0].index == pair[1].index) {
        Some([first, second]) => {
            Err(DataError::DuplicateImage { first: first.path.clone(), second: second.path.clone() })
        }
        _ => Ok((images, nameless.into_iter().map(|path| DataError::ImageName { path }).collect())),
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

/// Reads a folder of images of cells. A picture that cannot be read, is of another size or has no count in its name is
/// an error or skipped, as asked; an impossible count or an index that comes twice puts all of the folder in doubt.
pub(super) fn read(folder: &Path, bad: BadImages) -> Result<Reading, DataError> {
    const SIZE: usize = SIDE * SIDE;
    let task = ImageTask::Cells;
    let (mut images, mut skipped) = list(folder)?;
    if bad == BadImages::Refuse && !skipped.is_empty() {
        return Err(skipped.swap_remove(0));
    }
    for image in &images {
        labels::check(&image.path, task, &[image.label], |_, _| "file name".to_owned())?;
    }
    // The size is bounded by what is decoded alone: each of the files is there already.
    let size = decoded_size(folder, "images", u64::MAX, &[images.len() as u64], SIZE as u64)?;
    let mut pixels = vec![0; size];
    let read = |(into, image): (&mut [u8], &Named)| picture::read_grey(&image.path, into).err();
    let errors = pixels.par_chunks_mut(SIZE).zip(&images).map(read);
    if bad == BadImages::Refuse {
        // Whichever thread meets the first error, the one that is told is the first in the order of the images.
        errors.find_map_first(|error| error).map_or(Ok(()), Err)?;
    } else {
        let errors: Vec<_> = errors.collect();
        let sound: Vec<bool> = errors.iter().map(Option::is_none).collect();
        skipped.extend(errors.into_iter().flatten());
        compact(&mut pixels, &sound);
        let mut sound = sound.into_iter();
        images.retain(|_| sound.next().expect("a verdict an image"));
    }
    let images = labels::keep(folder, task, pixels, images.iter().map(|image| image.label).collect())?;
    Ok(Reading { images, skipped })
}

/// Closes the gaps that skipped images leave, in place.
fn compact(pixels: &mut Vec<u8>, sound: &[bool]) {
    const SIZE: usize = SIDE * SIDE;
    let mut end = 0;
    for row in (0..sound.len()).filter(|&row| sound[row]) {
        pixels.copy_within(row * SIZE..(row + 1) * SIZE, end * SIZE);
        end += 1;
    }
    pixels.truncate(end * SIZE);
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
