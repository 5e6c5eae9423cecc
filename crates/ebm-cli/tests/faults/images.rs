//! Files of images.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use ebm_data::image::{ImageSet, ImageTask, SIDE, write_images};
use hdf5_writer::{DatasetBuilder, H5WriteElement, Hdf5Builder, WriteOptions};
use serde_json::Value;

use crate::sandbox::{Sandbox, stderr};

const PLANE: usize = SIDE * SIDE;

/// Two images of a task with these labels.
fn two(task: ImageTask, labels: &[f64]) -> ImageSet {
    ImageSet::new(vec![7; 2 * task.channels() * PLANE], task.channels(), labels.to_vec(), task.target_width())
}

fn write(sandbox: &Sandbox, name: &str, task: ImageTask, labels: &[f64]) {
    write_images(sandbox.path(name), task, &two(task, labels)).expect("writable");
}

/// An HDF5 file of these arrays.
fn write_hdf5(sandbox: &Sandbox, name: &str, arrays: impl IntoIterator<Item = DatasetBuilder>) {
    let plan = arrays.into_iter().fold(Hdf5Builder::new(), Hdf5Builder::dataset).into_plan();
    sandbox.write(name, plan.and_then(|plan| plan.encode(WriteOptions::default())).expect("encoded"));
}

fn array<T: H5WriteElement + Default>(key: &str, shape: &[u64]) -> DatasetBuilder {
    let numbers = vec![T::default(); shape.iter().product::<u64>() as usize];
    DatasetBuilder::typed_data(key, shape.to_vec(), &numbers).expect("as many")
}

fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ebm-data/tests/fixtures");
    fs::read(folder.join(name)).expect("a fixture")
}

/// What is said of a file that ends in exit code 65, and nothing is changed.
fn refuse(sandbox: &Sandbox, file: &str, parts: &[&str]) {
    let before = sandbox.files("");
    let start = Instant::now();
    let output = sandbox.ebm("data inspect").arg(file).output().expect("ebm starts");
    // A second on an idle machine would be a hundred times too long.
    assert!(start.elapsed() < Duration::from_secs(20), "{file}");
    let message = stderr(&output);
    assert_eq!(output.status.code(), Some(65), "{file}: {message}");
    assert!(message.starts_with("error: "), "{message}");
    for part in parts.iter().chain(&[file]) {
        assert!(message.contains(part), "{file}: no {part:?} in {message}");
    }
    assert!(!message.contains("panicked"), "{message}");
    assert_eq!(sandbox.files(""), before, "{file}");
}

#[test]
fn a_sound_file_is_told_by_what_is_in_it() {
    let sandbox = Sandbox::new();
    write(&sandbox, "steering.h5", ImageTask::Steering, &[-3.5, 80.0]);
    write(&sandbox, "age.h5", ImageTask::Age, &[30.0, 70.0]);
    write(&sandbox, "pose.npz", ImageTask::HeadPose, &[-1.0, 2.0, 3.0, 4.0, 5.0, -6.5]);
    assert!(sandbox.succeed("data inspect steering.h5").starts_with(
        "steering.h5: an HDF5 file\n  images  u8 [2, 3, 64, 64]\n  labels  f64 [2]\n\
         reads as steering: 2 images, labels -3.5 to 80 degrees, 0 left out\n  sha256 "
    ));
    let age = sandbox.succeed("data inspect age.h5");
    assert!(age.contains("reads as age: 1 images, labels 30 to 30 years, 1 left out\n"), "{age}");
    assert!(age.contains("reads as steering: 2 images"), "the layouts are the same: {age}");
    let pose = sandbox.succeed("data inspect pose.npz --quiet");
    assert!(pose.contains("reads as head_pose: 2 images, labels -1 to 4, 2 to 5, -6.5 to 3 degrees"), "{pose}");
    sandbox.write("cells.h5", fixture("gzip_shuffle_fletcher32.h5"));
    let cells: Value = serde_json::from_str(&sandbox.succeed("data inspect cells.h5 --json")).expect("JSON");
    assert_eq!(cells["schema"], "ebm.inspection/1");
    assert_eq!(
        (&cells["sound"], &cells["content"], &cells["path"]),
        (&true.into(), &"hdf5".into(), &"cells.h5".into())
    );
    assert_eq!(cells["fits"][0]["task"], "cells");
    assert_eq!(cells["fits"][0]["labels"][0], serde_json::json!([7.0, 200.0]));
    assert_eq!(cells["arrays"][1]["chunk"], serde_json::json!([2, 1, 48, 40]));
}

#[test]
fn a_damaged_file_is_refused_with_its_name_and_the_array() {
    let sandbox = Sandbox::new();
    write(&sandbox, "cells.h5", ImageTask::Cells, &[7.0, 8.0]);
    let whole = sandbox.read("cells.h5");
    sandbox.write("cut.h5", &whole[..whole.len() / 2]);
    refuse(&sandbox, "cut.h5", &["cut short", "because:"]);
    sandbox.write("header.h5", &whole[..100]);
    refuse(&sandbox, "header.h5", &["cut short"]);
    sandbox.write("empty.h5", "");
    refuse(&sandbox, "empty.h5", &["neither an HDF5 nor an npz file"]);
    sandbox.write("text.h5", "x,y\n1,2\n");
    refuse(&sandbox, "text.h5", &["neither an HDF5 nor an npz file"]);
    let mut flipped = fixture("fletcher32.h5");
    let middle = flipped.len() - 3000;
    flipped[middle] ^= 1;
    sandbox.write("flipped.h5", flipped);
    refuse(&sandbox, "flipped.h5", &["`IMGs_grey`", "because:"]);
    write(&sandbox, "pose.npz", ImageTask::HeadPose, &[0.0; 6]);
    let mut pose = sandbox.read("pose.npz");
    pose[5000] ^= 1;
    sandbox.write("flipped.npz", &pose);
    refuse(&sandbox, "flipped.npz", &["`image`", "because: "]);
    sandbox.write("cut.npz", &pose[..9000]);
    refuse(&sandbox, "cut.npz", &["directory", "because: "]);
}

#[test]
fn a_file_of_something_else_is_told_from_the_tasks() {
    let sandbox = Sandbox::new();
    let images = || array::<u8>("images", &[2, 3, 64, 64]);
    let refuse_arrays = |name: &str, arrays: Vec<DatasetBuilder>, parts: &[&str]| {
        write_hdf5(&sandbox, name, arrays);
        refuse(&sandbox, name, parts);
    };
    refuse_arrays(
        "other.h5",
        vec![array::<u8>("pictures", &[2])],
        &["[\"pictures\"]", "cells has `IMGs_grey` and `CellCounts`"],
    );
    refuse_arrays("key.h5", vec![images()], &["no array `labels`, only [\"images\"]"]);
    refuse_arrays(
        "side.h5",
        vec![array::<u8>("images", &[1, 3, 128, 128]), array::<f64>("labels", &[1])],
        &["`images`: its shape is [1, 3, 128, 128] and should be (N, 3, 64, 64)"],
    );
    refuse_arrays(
        "last.h5",
        vec![array::<u8>("images", &[2, 64, 64, 3]), array::<f64>("labels", &[2])],
        &["[2, 64, 64, 3]"],
    );
    refuse_arrays(
        "type.h5",
        vec![array::<f32>("images", &[2, 3, 64, 64]), array::<f64>("labels", &[2])],
        &["`images`: its type is f32 and should be u8"],
    );
    refuse_arrays(
        "count.h5",
        vec![images(), array::<f64>("labels", &[3])],
        &["`labels`: its shape is [3] and should be (2)"],
    );
    refuse_arrays(
        "none.h5",
        vec![array::<u8>("images", &[0, 3, 64, 64]), array::<f64>("labels", &[0])],
        &["no steering images"],
    );
}

#[test]
fn a_label_that_cannot_be_is_refused_with_its_row() {
    let sandbox = Sandbox::new();
    for (name, task, labels, part) in [
        (
            "steering.h5",
            ImageTask::Steering,
            &[0.0, 721.5][..],
            "`labels`[1]: the label is 721.5; steering labels are -720 to 720 degrees",
        ),
        ("nan.h5", ImageTask::Steering, &[f64::NAN, 0.0], "`labels`[0]: the label is NaN"),
        ("age.h5", ImageTask::Age, &[-1000.0, 1.0], "age labels are 0 to 130 years"),
        (
            "cells.h5",
            ImageTask::Cells,
            &[200.0, 0.0],
            "`CellCounts`[1]: the label is 0; cells labels are 1 to 200 cells",
        ),
        (
            "pose.npz",
            ImageTask::HeadPose,
            &[0.0, 0.0, 0.0, 0.0, -181.0, 0.0],
            "`pose`[1, 1]: the label is -181; head_pose labels are -180 to 180",
        ),
    ] {
        write(&sandbox, name, task, labels);
        refuse(&sandbox, name, &[part]);
    }
}

#[test]
fn a_file_that_would_fill_the_memory_is_refused_at_once() {
    let sandbox = Sandbox::new();
    sandbox.write("bomb.h5", fixture("bomb.h5"));
    refuse(&sandbox, "bomb.h5", &["`IMGs_grey`: decodes to 4503599627370496 bytes"]);

    // 99999 images where there are two, and then as much in the zip file's own sizes.
    write(&sandbox, "pose.npz", ImageTask::HeadPose, &[0.0; 6]);
    let mut bytes = sandbox.read("pose.npz");
    let shape = bytes.windows(9).position(|text| text == b"(2, 64, 6").expect("the shape");
    bytes[shape..shape + 20].copy_from_slice(b"(999999999, 64,64,3)");
    sandbox.write("bomb.npz", &bytes);
    refuse(&sandbox, "bomb.npz", &["`image`: decodes to 12287999987712 bytes"]);
    bytes[shape..shape + 20].copy_from_slice(b"(3, 64,64,3)        ");
    sandbox.write("more.npz", &bytes);
    refuse(&sandbox, "more.npz", &["`pose`: its shape is [2, 3] and should be (3, 3)"]);
}

#[test]
fn a_bad_picture_in_a_folder_is_named() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path("my cells")).expect("made");
    let picture = |name: &str, side: u32| {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, side, side);
        encoder.set_color(png::ColorType::Grayscale);
        let mut writer = encoder.write_header().expect("a header");
        writer.write_image_data(&vec![7; (side * side) as usize]).expect("as many");
        drop(writer);
        sandbox.write(&format!("my cells/{name}"), bytes);
    };
    (0..200).for_each(|index| picture(&format!("{index}_5.0.png"), 64));
    let output = sandbox.ebm("data inspect").arg("my cells").output().expect("ebm starts");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(
        text.starts_with("my cells: a folder\nreads as cells: 200 images, labels 5 to 5 cells, 0 left out\n"),
        "{text}"
    );

    sandbox.write("my cells/150_5.0.png", "no picture");
    refuse(&sandbox, "my cells", &["my cells/150_5.0.png, picture: damaged", "because: Invalid PNG signature"]);
    picture("150_5.0.png", 65);
    refuse(&sandbox, "my cells", &["my cells/150_5.0.png is 65 × 65 pixels and should be 64 × 64: resize it"]);
    let output = sandbox.ebm("data inspect --skip-bad").arg("my cells").output().expect("ebm starts");
    assert!(output.status.success(), "{}", stderr(&output));
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(text.contains("reads as cells: 199 images"), "{text}");
    assert!(text.contains("skipped pictures: 1\n  my cells/150_5.0.png is 65 × 65 pixels"), "{text}");
    picture("150_5.0.png", 64);
    picture("five.png", 64);
    refuse(&sandbox, "my cells", &["my cells/five.png: name images INDEX_COUNT.0.png"]);
    let message = sandbox.refuse(2, "train --preset cells/ours_k4 --skip-bad");
    assert!(message.contains("--data"), "{message}");
}

#[test]
fn any_path_that_leads_to_a_file_will_do_and_others_are_named() {
    let sandbox = Sandbox::new();
    fs::create_dir_all(sandbox.path("a b/ü")).expect("made");
    write(&sandbox, "a b/ü/cells 1.h5", ImageTask::Cells, &[7.0, 8.0]);
    std::os::unix::fs::symlink("a b/ü/cells 1.h5", sandbox.path("link")).expect("linked");
    for path in ["a b/ü/cells 1.h5", "a b/../a b/ü/./cells 1.h5", "link"] {
        let output = sandbox.ebm("data inspect").arg(path).output().expect("ebm starts");
        assert!(output.status.success(), "{path}: {}", stderr(&output));
    }
    let message = sandbox.refuse(66, "data inspect none.h5");
    assert!(message.starts_with("error: cannot open none.h5: check the path"), "{message}");
    sandbox.refuse(66, &format!("data inspect {}", "x".repeat(4096)));
}

#[test]
fn every_data_set_is_listed_with_its_licence() {
    let sandbox = Sandbox::new();
    let list = sandbox.succeed("data list");
    for part in
        ["head_pose: Yaw", "BIWI_train.npz", "github.com/UBCDingXin/improved_CcGAN", "toy_1: ", "Faces are never part"]
    {
        assert!(list.contains(part), "no {part:?} in {list}");
    }
    let json: Value = serde_json::from_str(&sandbox.succeed("data list --json")).expect("JSON");
    assert_eq!(json["schema"], "ebm.datasets/1");
    let steering = json["datasets"].as_array().expect("sets").iter().find(|set| set["task"] == "steering");
    assert_eq!(steering.expect("steering")["layout"]["examples"], 12271);
}
