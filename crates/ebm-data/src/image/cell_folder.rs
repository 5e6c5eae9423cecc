//! A folder of images of cells with their labels in the names of the files.

use super::bad_images::{BadImages, read_all};
use super::labels;
use super::picture::{Channels, png};
use super::set::ImageSet;
use super::task::{ImageTask, SIDE};
use crate::delimited::open;
use crate::error::{DataError, ImageError};
use std::fs;
use std::io::BufReader;
use std::path::{Path, PathBuf};

/// An image, with the index and label in its name.
struct Named {
    index: u64,
    label: f64,
    path: PathBuf,
}

/// The images of a folder in the order of their indices, and errors for the others. Files that do
/// not end in `.png` do not count.
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
            Err(ImageError::DuplicateImage { first: first.path.clone(), second: second.path.clone() }.into())
        }
        _ => Ok((images, nameless.into_iter().map(|path| ImageError::ImageName { path }.into()).collect())),
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
/// an error or skipped, as asked; an impossible count or a duplicate index makes the whole folder an error.
pub(super) fn read(folder: &Path, bad: BadImages) -> Result<(ImageSet, Vec<DataError>), DataError> {
    let task = ImageTask::Cells;
    let (images, mut skipped) = list(folder)?;
    if bad == BadImages::Refuse && !skipped.is_empty() {
        return Err(skipped.swap_remove(0));
    }
    for image in &images {
        labels::check(&image.path, task, &[image.label], |_, _| "file name".to_owned())?;
    }
    let read = |image: &Named, into: &mut [u8]| read_grey(&image.path, into);
    let (pixels, errors) = read_all((folder, "images"), &images, SIDE * SIDE, bad, read).map_err(|(_, error)| error)?;
    let kept = images.iter().zip(&errors).filter(|(_, error)| error.is_none());
    let labels = kept.map(|(image, _)| image.label).collect();
    skipped.extend(errors.into_iter().flatten());
    Ok((labels::keep(folder, task, pixels, labels)?, skipped))
}

/// Reads the picture at `path` into one grey byte a pixel.
///
/// Transparency is dropped, and colours become `(19595 R + 38470 G + 7471 B + 2^15) / 2^16`, the luma of ITU-R BT.601
/// as Pillow rounds it.
fn read_grey(path: &Path, into: &mut [u8]) -> Result<(), DataError> {
    let file = open(path)?;
    let picture = png::decode(path, BufReader::new(file), |width, height| match [width, height] {
        [SIDE, SIDE] => Ok(()),
        _ => Err(ImageError::ImageSize { path: path.to_owned(), width, height }.into()),
    })?;
    let luma = |rgb: &[u8]| {
        let [r, g, b] = [rgb[0], rgb[1], rgb[2]].map(u32::from);
        ((19595 * r + 38470 * g + 7471 * b + (1 << 15)) >> 16) as u8
    };
    let pixels = picture.pixels.chunks(picture.channels.count());
    for (grey, pixel) in into.iter_mut().zip(pixels) {
        *grey = match picture.channels {
            Channels::Grey | Channels::GreyAlpha => pixel[0],
            Channels::Rgb | Channels::Rgba => luma(pixel),
        };
    }
    Ok(())
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
