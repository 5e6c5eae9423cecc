//! A folder of images and a table of labels, from training to answers.

use std::fmt::Write;
use std::fs;

use crate::roundtrip::{number, set, table};
use crate::sandbox::{Sandbox, stderr};

const TRAIN: &str = "train --images photos --labels labels.csv --target angle --target-kind angle:360 --out model \
                     --seed 0 --epochs 1 --m 8 --quiet";

/// Forty grey pictures, bright on one side: the label says on which, in degrees.
fn with_pictures() -> Sandbox {
    const SIDE: u32 = 24;
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path("photos")).expect("a folder");
    let mut labels = "file,angle\n".to_owned();
    for picture in 0..40 {
        let angle = f64::from(picture) * 9.0;
        let at = |i: u32| f64::from(i) - 0.5 * f64::from(SIDE - 1);
        let light = |x, y| (128.0 + 100.0 * (at(y).atan2(at(x)) - angle.to_radians()).cos()) as u8;
        let pixels: Vec<u8> = (0..SIDE * SIDE).map(|i| light(i % SIDE, i / SIDE)).collect();
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, SIDE, SIDE);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.write_header().and_then(|mut png| png.write_image_data(&pixels)).expect("a picture");
        sandbox.write(&format!("photos/{picture}.png"), bytes);
        writeln!(labels, "{picture}.png,{angle}").expect("a string");
    }
    sandbox.write("labels.csv", labels);
    sandbox
}

#[test]
fn a_folder_of_pictures_is_learnt_calibrated_and_asked() {
    let sandbox = with_pictures();
    sandbox.succeed(TRAIN);
    sandbox.succeed("calibrate model --quiet");
    let (header, rows) = table(&sandbox.succeed("predict model photos --quiet"));
    assert_eq!((header[0].as_str(), rows.len()), ("file", 40));
    let at = |name: &str| header.iter().position(|of| of == name).expect("a column");
    for row in &rows {
        assert!((0.0..360.0).contains(&number(&row[at("mean")])), "{row:?}");
        assert!(set(&row[at("set")]).iter().all(|[from, to]| from < to), "{row:?}");
    }
    let (header, rows) = table(&sandbox.succeed("sample model photos -n 2 --quiet"));
    assert_eq!((header.join(","), rows.len()), ("file,angle".to_owned(), 80));
    let evaluation = sandbox.succeed("evaluate model --json --quiet");
    let evaluation: serde_json::Value = serde_json::from_str(&evaluation).expect("JSON");
    // An untaught density of an angle is uniform: ln 360.
    assert!((evaluation["metrics"]["nll"].as_f64().expect("a number") - 360f64.ln()).abs() < 1.0, "{evaluation}");
}

#[test]
fn pictures_that_are_no_good_are_refused_by_name_or_left_out_and_counted() {
    let sandbox = with_pictures();
    let whole = sandbox.read("photos/7.png");
    sandbox.write("photos/7.png", &whole[..60]);
    assert!(sandbox.refuse(65, TRAIN).contains("photos/7.png"));
    let told = sandbox.ebm(&format!("{} --skip-bad", TRAIN.replace(" --quiet", ""))).output().expect("ebm starts");
    assert!(told.status.success(), "{}", stderr(&told));
    assert!(stderr(&told).contains("photos/7.png") && stderr(&told).contains("39 images"), "{}", stderr(&told));

    let sandbox = with_pictures();
    fs::remove_file(sandbox.path("photos/3.png")).expect("removed");
    let message = sandbox.refuse(65, TRAIN);
    assert!(message.contains("3.png") && message.contains("labels.csv, line 5"), "{message}");
}

#[test]
fn images_of_another_side_are_trained_on_and_answered_at_that_side() {
    let sandbox = with_pictures();
    let train = TRAIN.replace("--out model", "--out small --image-size 16 --width 4");
    sandbox.succeed(&train);
    let model: serde_json::Value = serde_json::from_slice(&sandbox.read("small/model.json")).expect("JSON");
    assert_eq!(model["model"]["input"], 3 * 16 * 16);
    assert_eq!(table(&sandbox.succeed("predict small photos --quiet")).1.len(), 40);
    assert_eq!(table(&sandbox.succeed("predict small photos --labels labels.csv --log-prob --quiet")).1.len(), 40);
    sandbox.succeed("report small --quiet");
    let page = sandbox.read("small/report.html");
    assert!(String::from_utf8_lossy(&page).contains("--image-size 16"));
    let message = sandbox.refuse(2, &TRAIN.replace("--out model", "--out tiny --image-size 7"));
    assert!(message.contains("--image-size is 7; it must be from 8 to 1024"), "{message}");
}
