//! Checks labels against the range of the task, and keeps those that the paper keeps.

use super::bad_images::keep_rows;
use super::set::ImageSet;
use super::task::{ImageTask, SIDE};
use crate::error::ImageError;
use std::path::Path;

/// Refuses labels that are not finite or outside the range of the task. `place` names a label by its row and column.
pub(super) fn check(
    path: &Path,
    task: ImageTask,
    labels: &[f64],
    place: impl Fn(usize, usize) -> String,
) -> Result<(), ImageError> {
    let possible = task.possible();
    // `contains` is false for NaN too.
    match labels.iter().position(|label| !possible.contains(label)) {
        None => Ok(()),
        Some(at) => Err(ImageError::Label {
            path: path.to_owned(),
            place: place(at / task.target_width(), at % task.target_width()),
            value: labels[at],
            task: task.name(),
            low: *possible.start(),
            high: *possible.end(),
            unit: task.unit(),
        }),
    }
}

/// The place of a label in an array, as NumPy writes it.
#[cfg(any(test, feature = "hdf5", feature = "npz"))]
pub(super) fn in_array(task: ImageTask) -> impl Fn(usize, usize) -> String {
    let key = task.keys().labels;
    move |row, column| match task.target_width() {
        1 => format!("`{key}`[{row}]"),
        _ => format!("`{key}`[{row}, {column}]"),
    }
}

/// The set of the images whose labels the task keeps. Works in place: no second copy is made.
pub(super) fn keep(
    path: &Path,
    task: ImageTask,
    mut pixels: Vec<u8>,
    mut labels: Vec<f64>,
) -> Result<ImageSet, ImageError> {
    let (size, width) = (task.channels() * SIDE * SIDE, task.target_width());
    let range = task.kept();
    let kept: Vec<bool> = labels.chunks(width).map(|label| label.iter().all(|y| range.contains(y))).collect();
    keep_rows(&mut pixels, size, |row| kept[row]);
    keep_rows(&mut labels, width, |row| kept[row]);
    let left_out = kept.iter().filter(|kept| !**kept).count();
    if labels.is_empty() {
        return Err(ImageError::NoImages { path: path.to_owned(), task: task.name(), left_out });
    }
    Ok(ImageSet::new(pixels, task.channels(), labels, width).with_left_out(left_out))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_outside_the_papers_range_are_left_out_and_counted() {
        let ages = [0.0, 1.0, 61.0, 60.0, 60.5, 30.0];
        let pixels = (0..6).flat_map(|image| vec![image; 3 * SIDE * SIDE]).collect();
        let set = keep(Path::new("a.h5"), ImageTask::Age, pixels, ages.to_vec()).expect("three are kept");
        assert_eq!((set.count(), set.left_out()), (3, 3));
        let rows: Vec<(u8, f64)> = (0..3).map(|row| (set.pixels(row)[9], set.label(row)[0])).collect();
        assert_eq!(rows, [(1, 1.0), (3, 60.0), (5, 30.0)]);
        let none = keep(Path::new("a.h5"), ImageTask::Age, vec![0; 3 * SIDE * SIDE], vec![70.0]);
        assert!(matches!(none, Err(ImageError::NoImages { left_out: 1, .. })));
    }

    #[test]
    fn a_label_that_cannot_be_is_named_by_its_place() {
        for (task, labels, place) in [
            (ImageTask::Steering, &[0.0, 721.0][..], "`labels`[1]"),
            (ImageTask::Cells, &[0.0], "`CellCounts`[0]"),
            (ImageTask::Age, &[1.0, 2.0, -1.0], "`labels`[2]"),
            (ImageTask::HeadPose, &[1.0, 2.0, 3.0, 4.0, f64::NAN, 0.0], "`pose`[1, 1]"),
            (ImageTask::HeadPose, &[f64::INFINITY, 0.0, 0.0], "`pose`[0, 0]"),
        ] {
            let error = check(Path::new("a.h5"), task, labels, in_array(task)).expect_err("one is impossible");
            assert!(matches!(&error, ImageError::Label { place: found, .. } if found == place), "{error}");
            assert!(error.to_string().contains(place) && error.to_string().contains(task.unit()));
        }
    }
}
