//! Laws of reading and writing files of images.
//!
//! `fixtures/make.py` made the fixtures, with h5py and NumPy, and computed the fingerprints.

use ebm_core::Dataset;
use ebm_data::image::{BadImages, FileKind, ImageSet, ImageTask, SIDE, inspect, read_images, write_images};
use ebm_data::{DataError, ImageError};
use hdf5_writer::{DatasetBuilder, FilterDescription, Hdf5Builder, WriteOptions};
use proptest::prelude::*;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::tempdir;

const CELLS: &str = "3caa448172fb539596ce3b8e6e2d7f41191a485a867c30f3670f334052541e9d";
const STEERING: &str = "0395f94b9bf531a5344440c26032ade87c1d595d9a92f1f5e3f862aceae7109b";
const HEAD_POSE: &str = "cdcd3470014539381b9e12a6ad2e205ef4f34b7bcbeeb52a679f12bcedb112bc";

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// The three images of the fixtures.
fn pixels(channels: usize) -> Vec<u8> {
    let plane = |n: usize, c: usize| {
        (0..SIDE * SIDE).map(move |at| ((31 * n + 7 * c + 3 * (at / SIDE) + 5 * (at % SIDE)) % 251) as u8)
    };
    (0..3).flat_map(|n| (0..channels).flat_map(move |c| plane(n, c))).collect()
}

/// The set of the fixtures of a task.
fn three(task: ImageTask) -> ImageSet {
    let labels = match task {
        ImageTask::Cells => vec![7.0, 42.0, 200.0],
        ImageTask::Age => vec![1.0, 30.0, 60.0],
        ImageTask::Steering => vec![-3.5, 0.0, 78.25],
        ImageTask::HeadPose => vec![-60.5, 0.25, 10.0, 0.0, 1.0, 2.0, 75.0, -60.0, -50.0],
    };
    ImageSet::new(pixels(task.channels()), task.channels(), labels, task.target_width())
}

#[test]
fn every_kind_of_hdf5_file_holds_the_same_images() {
    let names = "contiguous contiguous_latest contiguous_userblock compact chunked fletcher32 gzip \
        gzip_shuffle_fletcher32 gzip_v108 gzip_one_chunk_latest gzip_fixed_array_latest \
        gzip_extensible_array_latest gzip_btree_2_latest";
    assert_eq!(names.split(' ').count(), 13);
    for name in names.split(' ') {
        let set = read_images(fixture(&format!("{name}.h5")), ImageTask::Cells);
        let set = set.unwrap_or_else(|error| panic!("{name}: {error}: {:?}", std::error::Error::source(&error)));
        assert_eq!(set.fingerprint(), CELLS, "{name}");
    }
    let steering = read_images(fixture("steering_gzip.h5"), ImageTask::Steering).expect("readable");
    assert_eq!(steering.fingerprint(), STEERING);
}

#[test]
fn every_kind_of_npz_file_holds_the_same_images() {
    for name in ["head_pose_deflated.npz", "head_pose_f4_fortran.npz"] {
        assert_eq!(read_images(fixture(name), ImageTask::HeadPose).expect(name).fingerprint(), HEAD_POSE, "{name}");
    }
}

#[test]
fn written_images_come_back_whole_and_equal_sets_make_equal_bytes() {
    let folder = tempdir().expect("temporary folder");
    for task in ImageTask::ALL {
        let set = three(task);
        let [path, again] = ["my exämple.bin", "again"].map(|name| folder.path().join(name));
        write_images(&path, task, &set).expect("writable");
        write_images(&again, task, &set).expect("writable");
        assert_eq!(fs::read(&path).expect("there"), fs::read(&again).expect("there"));
        let back = read_images(&path, task).expect("readable");
        assert_eq!(back.fingerprint(), set.fingerprint(), "{}", task.name());
        let subset = set.subset(&[2, 0]);
        write_images(&path, task, &subset).expect("writable");
        assert_eq!(read_images(&path, task).expect("readable").fingerprint(), subset.fingerprint());
    }
    assert_eq!(fs::read_dir(folder.path()).expect("listed").count(), 2, "nothing else is left");
    assert_eq!(three(ImageTask::Cells).fingerprint(), CELLS);
    assert_eq!(three(ImageTask::HeadPose).fingerprint(), HEAD_POSE);
}

#[test]
fn labels_that_are_not_whole_are_written_as_they_are() {
    let folder = tempdir().expect("temporary folder");
    let path = folder.path().join("age.h5");
    let set = ImageSet::new(pixels(3), 3, vec![1.5, 2.25, 59.0], 1);
    write_images(&path, ImageTask::Age, &set).expect("writable");
    assert_eq!(read_images(&path, ImageTask::Age).expect("readable").fingerprint(), set.fingerprint());
}

#[test]
fn images_of_another_task_are_not_written() {
    let folder = tempdir().expect("temporary folder");
    let path = folder.path().join("cells.h5");
    fs::write(&path, "old").expect("writable");
    let error = write_images(&path, ImageTask::Cells, &three(ImageTask::Steering)).expect_err("three channels");
    assert_eq!(error.to_string(), "cells images have 1 channels and labels of 1 numbers; these have 3 and 1");
    let large = ImageSet::with_side(2 * SIDE, vec![0; 4 * SIDE * SIDE], 1, vec![7.0], 1);
    let error = write_images(&path, ImageTask::Cells, &large).expect_err("128 × 128");
    assert!(error.to_string().contains("is 128 × 128 pixels and should be 64 × 64"), "{error}");
    assert!(matches!(
        write_images(folder.path(), ImageTask::Age, &three(ImageTask::Age)),
        Err(DataError::IsDirectory { .. })
    ));
    assert_eq!(fs::read(&path).expect("there"), b"old");
}

/// Writes an HDF5 file of arrays.
fn hdf5(path: &Path, arrays: Vec<DatasetBuilder>) {
    let file = arrays.into_iter().fold(Hdf5Builder::new(), Hdf5Builder::dataset);
    let bytes = file.into_plan().and_then(|plan| plan.encode(WriteOptions::default()));
    fs::write(path, bytes.expect("encoded")).expect("writable");
}

fn images(shape: &[u64]) -> DatasetBuilder {
    let bytes = vec![1_u8; shape.iter().product::<u64>() as usize];
    DatasetBuilder::typed_data("IMGs_grey", shape.to_vec(), &bytes).expect("as many bytes")
}

fn counts<T: hdf5_writer::H5WriteElement>(counts: &[T]) -> DatasetBuilder {
    DatasetBuilder::typed_data("CellCounts", vec![counts.len() as u64], counts).expect("as many")
}

/// What reading an HDF5 file of these arrays as cells says.
fn refusal(arrays: Vec<DatasetBuilder>) -> String {
    let folder = tempdir().expect("temporary folder");
    let path = folder.path().join("my.h5");
    hdf5(&path, arrays);
    let error = read_images(&path, ImageTask::Cells).expect_err("refused");
    error.to_string().replace(&format!("{}", folder.path().display()), "")
}

#[test]
fn every_filter_of_another_writer_is_read() {
    let folder = tempdir().expect("temporary folder");
    let path = folder.path().join("my.h5");
    let filter = |id, client_data| FilterDescription { id, name: None, client_data };
    for filters in [vec![], vec![filter(1, vec![6])], vec![filter(2, vec![1]), filter(1, vec![6]), filter(3, vec![])]] {
        let pixels = DatasetBuilder::typed_data("IMGs_grey", vec![3, 1, 64, 64], &pixels(1)).expect("as many bytes");
        let pixels = filters.into_iter().fold(pixels.chunked(vec![2, 1, 64, 30]), DatasetBuilder::filter);
        hdf5(&path, vec![pixels, counts(&[7_i32, 42, 200])]);
        assert_eq!(read_images(&path, ImageTask::Cells).expect("readable").fingerprint(), CELLS);
    }
}

#[test]
fn an_hdf5_file_of_something_else_is_refused_with_the_array_and_what_it_is() {
    let good = || images(&[2, 1, 64, 64]);
    for (arrays, parts) in [
        (vec![good()], &["/my.h5: no array `CellCounts`, only [\"IMGs_grey\"]"][..]),
        (vec![], &["no array `IMGs_grey`, only []"]),
        (
            vec![images(&[2, 3, 64, 64]), counts(&[1, 2])],
            &["`IMGs_grey`: its shape is [2, 3, 64, 64]", "(N, 1, 64, 64)"],
        ),
        (vec![images(&[2, 1, 32, 128]), counts(&[1, 2])], &["[2, 1, 32, 128]"]),
        (vec![images(&[2, 4096]), counts(&[1, 2])], &["[2, 4096]"]),
        (vec![good(), counts(&[1, 2, 3])], &["`CellCounts`: its shape is [3] and should be (2)"]),
        (
            vec![good(), counts(&[1.0, f64::NAN])],
            &["`CellCounts`[1]: the label is NaN; cells labels are 1 to 200 cells"],
        ),
        (vec![good(), counts(&[1.0, f32::INFINITY])], &["`CellCounts`[1]: the label is inf"]),
        (vec![good(), counts(&[201_u8, 1])], &["`CellCounts`[0]: the label is 201;"]),
        (vec![good(), counts(&[1_i64, -1])], &["`CellCounts`[1]: the label is -1;"]),
        (
            vec![
                DatasetBuilder::typed_data("IMGs_grey", vec![1, 1, 64, 64], &[0_f32; 4096]).expect("as many"),
                counts(&[1]),
            ],
            &["`IMGs_grey`: its type is f32 and should be u8"],
        ),
        (
            vec![good(), DatasetBuilder::fixed_string_data("CellCounts", vec![2], &["1", "2"]).expect("two")],
            &["`CellCounts`: its type is text and should be an integer or float"],
        ),
    ] {
        let message = refusal(arrays);
        for part in parts.iter().chain(&["/my.h5"]) {
            assert!(message.contains(part), "no {part:?} in {message:?}");
        }
    }
}

/// The message and the cause of refusing a fixture.
fn refused(name: &str, task: ImageTask) -> String {
    let error = read_images(fixture(name), task).expect_err(name);
    let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
    format!("{error}; {cause}").replace(&format!("{}/", fixture("").display()), "")
}

#[test]
fn what_is_not_in_the_file_is_not_made_up() {
    for (name, parts) in [
        ("chunk_never_written.h5", &["`IMGs_grey`: damaged", "8192 of 12288 numbers are there"][..]),
        ("linked_elsewhere.h5", &["`IMGs_grey`"]),
        ("lzf.h5", &["`IMGs_grey`: damaged, cut short or not supported", "32000"]),
        ("bomb.h5", &["`IMGs_grey`: decodes to 4503599627370496 bytes"]),
    ] {
        let message = refused(name, ImageTask::Cells);
        for part in parts.iter().chain(&[name]) {
            assert!(message.contains(part), "{name}: no {part:?} in {message:?}");
        }
    }
}

#[test]
fn a_file_of_another_kind_is_told_by_what_it_is() {
    let message = refused("contiguous.h5", ImageTask::HeadPose);
    assert!(message.contains("contiguous.h5 is an HDF5 file; head_pose images are read from an npz file"), "{message}");
    let message = refused("head_pose_deflated.npz", ImageTask::Age);
    assert!(message.contains("is a zip file; age images are read from an HDF5 file"), "{message}");
    let message = refused("make.py", ImageTask::Steering);
    assert!(message.contains("make.py is neither an HDF5 nor an npz file"), "{message}");
    assert!(matches!(read_images(fixture(""), ImageTask::Age), Err(DataError::IsDirectory { .. })));
    assert!(matches!(read_images(fixture("none"), ImageTask::Age), Err(DataError::NoInput { .. })));
}

#[test]
fn a_file_cut_short_anywhere_is_refused() {
    let folder = tempdir().expect("temporary folder");
    let path = folder.path().join("cut");
    let mut files = vec![
        ("contiguous.h5", ImageTask::Cells),
        ("gzip_shuffle_fletcher32.h5", ImageTask::Cells),
        ("gzip_extensible_array_latest.h5", ImageTask::Cells),
        ("head_pose_deflated.npz", ImageTask::HeadPose),
    ];
    for (name, task) in files.drain(..) {
        let bytes = fs::read(fixture(name)).expect("there");
        for length in (0..bytes.len()).step_by(bytes.len() / 40) {
            fs::write(&path, &bytes[..length]).expect("writable");
            match read_images(&path, task) {
                Err(DataError::Damaged { .. } | DataError::TooLarge { .. }) => {}
                Err(DataError::Image(error)) if matches!(*error, ImageError::Format { .. }) => {}
                other => panic!("{name}, {length} of {} bytes: {other:?}", bytes.len()),
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn no_damage_makes_a_reader_panic(
        which in 0..5_usize, changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)
    ) {
        let (name, task) = [
            ("contiguous.h5", ImageTask::Cells),
            ("gzip.h5", ImageTask::Cells),
            ("gzip_extensible_array_latest.h5", ImageTask::Cells),
            ("gzip_btree_2_latest.h5", ImageTask::Cells),
            ("head_pose_deflated.npz", ImageTask::HeadPose),
        ][which];
        let mut bytes = fs::read(fixture(name)).expect("there");
        // Structure is in the first kilobytes of these files, or in the last.
        let range = bytes.len().min(4096);
        let from = if changes[0].1 % 2 == 0 { 0 } else { bytes.len() - range };
        for (at, byte) in &changes {
            bytes[from + at.index(range)] = *byte;
        }
        let folder = tempdir().expect("temporary folder");
        let path = folder.path().join("damaged");
        fs::write(&path, bytes).expect("writable");
        if let Ok(set) = read_images(&path, task) {
            prop_assert!(set.count() > 0);
        }
    }
}

#[test]
fn inspection_says_what_is_there_and_what_is_wrong() {
    let found = inspect(fixture("gzip_shuffle_fletcher32.h5"), BadImages::Refuse).expect("there");
    assert!(found.is_sound());
    assert_eq!(found.content, FileKind::Hdf5);
    let arrays: Vec<(&str, &str)> = found.arrays.iter().map(|a| (a.key.as_str(), a.number.as_str())).collect();
    assert_eq!(arrays, [("CellCounts", "u16"), ("IMGs_grey", "u8")]);
    assert_eq!(found.arrays[1].chunk.as_deref(), Some(&[2, 1, 48, 40][..]));
    let fit = &found.fits[0];
    assert_eq!((fit.task, fit.images, fit.left_out, fit.labels[0]), (ImageTask::Cells, 3, 0, [7.0, 200.0]));
    assert_eq!(fit.fingerprint, CELLS);

    // Ages cannot be negative, so the only fit is steering; what it does not fit is no problem.
    let steering = inspect(fixture("steering_gzip.h5"), BadImages::Refuse).expect("there");
    assert_eq!(steering.fits.iter().map(|fit| fit.task).collect::<Vec<_>>(), [ImageTask::Steering]);
    assert!(steering.is_sound());

    let poses = inspect(fixture("head_pose_deflated.npz"), BadImages::Refuse).expect("there");
    assert_eq!(poses.fits[0].labels, [[-60.5, 75.0], [-60.0, 1.0], [-50.0, 10.0]]);
    assert_eq!(poses.arrays.len(), 3);

    let lzf = inspect(fixture("lzf.h5"), BadImages::Refuse).expect("there");
    assert!(!lzf.is_sound() && lzf.fits.is_empty() && lzf.arrays.len() == 2);
    assert!(lzf.problems[0].contains("`IMGs_grey`: damaged") && lzf.problems[0].contains("; because: "));
    let json = serde_json::to_value(&lzf).expect("JSON");
    assert_eq!((&json["content"], &json["arrays"][0]["key"]), (&"hdf5".into(), &"CellCounts".into()));
    assert!(!inspect(fixture("make.py"), BadImages::Refuse).expect("there").is_sound());
    assert!(matches!(inspect(fixture("none"), BadImages::Refuse), Err(DataError::NoInput { .. })));
}
