//! Laws of reading one's own pictures. `fixtures/make_pictures.py` made the JPEG files.

use ebm_core::Dataset;
use ebm_data::image::{
    BadImages, Ground, PICTURE_SIDES, PictureOptions, Pictures, SIDE, list_pictures, picture_bytes, read_picture,
    read_pictures,
};
use ebm_data::table::OnMissing;
use ebm_data::{DataError, ImageError};
use png::{BitDepth, ColorType, Encoder};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;
use tempfile::TempDir;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// A PNG of one colour.
fn picture(path: &Path, size: [u32; 2], colour: ColorType, depth: BitDepth, pixel: &[u8]) {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, size[0], size[1]);
    encoder.set_color(colour);
    encoder.set_depth(depth);
    if colour == ColorType::Indexed {
        encoder.set_palette((0..=255_u8).flat_map(|i| [i, i / 2, 7]).collect::<Vec<u8>>());
    }
    let mut writer = encoder.write_header().expect("a header");
    writer.write_image_data(&pixel.repeat((size[0] * size[1]) as usize)).expect("as many bytes");
    writer.finish().expect("written");
    fs::create_dir_all(path.parent().expect("a folder")).expect("writable");
    fs::write(path, file).expect("writable");
}

fn grey(path: &Path, byte: u8) {
    picture(path, [30, 50], ColorType::Grayscale, BitDepth::Eight, &[byte]);
}

/// A folder with five pictures and a table of their labels.
fn folder(labels: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::Builder::new().prefix("my exämple ").tempdir().expect("temporary folder");
    for (name, byte) in [("a.png", 10), ("b.PNG", 20), ("sub/c.png", 30), ("sub/ü d.png", 40), ("e.png", 50)] {
        grey(&folder.path().join(name), byte);
    }
    fs::write(folder.path().join("notes.txt"), "not a picture").expect("writable");
    let table = folder.path().join("labels.csv");
    fs::write(&table, labels).expect("writable");
    (folder, table)
}

fn read(labels: &str, change: impl FnOnce(&mut PictureOptions)) -> Result<Pictures, DataError> {
    let (folder, table) = folder(labels);
    let mut options = PictureOptions::new(["y"]);
    change(&mut options);
    read_pictures(folder.path(), table, &options)
}

fn rows(pictures: &Pictures) -> Vec<(u8, f64)> {
    let set = &pictures.images;
    (0..set.count()).map(|row| (set.pixels(row)[set.pixels(row).len() / 2], set.label(row)[0])).collect()
}

const LABELS: &str = "path,y\nb.PNG,2.5\nsub/ü d.png,4\na.png,1\nsub/c.png,3\ne.png,5\n";
const IN_ORDER: [(u8, f64); 5] = [(20, 2.5), (40, 4.0), (10, 1.0), (30, 3.0), (50, 5.0)];

#[test]
fn pictures_come_in_the_order_of_the_table_whatever_its_file_column_is_called() {
    for labels in [
        LABELS.to_owned(),
        LABELS.replace("path", "File"),
        LABELS.replace("path", "photo of the thing"),
        LABELS.replace(',', "\t"),
        LABELS.replace("path,y", "image;y").replace(".png,", ".png;").replace("PNG,2.5", "PNG;2,5"),
    ] {
        let pictures = read(&labels, |_| {}).expect(&labels);
        assert_eq!(rows(&pictures), IN_ORDER, "{labels}");
        assert!(pictures.files[1].ends_with("sub/ü d.png"));
        assert_eq!((pictures.images.channels(), pictures.images.input_width()), (3, picture_bytes(SIDE)));
        assert!(pictures.report.without_label.is_empty() && pictures.report.skipped.is_empty());
    }
    let two = LABELS.replace("path,y", "note,picture,y").replace('\n', "\nx,");
    let two = two.strip_prefix("x,").unwrap_or(&two).trim_end_matches("x,").to_owned();
    let pictures = read(&two, |options| options.file_column = Some("picture".into())).expect(&two);
    assert_eq!(rows(&pictures), IN_ORDER);
}

#[test]
fn several_labels_are_one_label_of_several_numbers() {
    let labels = "file,yaw,pitch\na.png,1,-1\ne.png,2,-2.5\n";
    let pictures = read(labels, |options| options.targets = vec!["pitch".into(), "yaw".into()]).expect("readable");
    assert_eq!(pictures.images.label(1), [-2.5, 2.0]);
    assert_eq!(pictures.report.without_label.len(), 3, "pictures that no row names");
}

#[test]
fn what_does_not_fit_is_named_or_counted() {
    let with = |line: &str| format!("file,y\na.png,1\n{line}\ne.png,5\n");
    for (line, parts) in [
        ("none.png,2", &["labels.csv, line 3: there is no picture", "none.png"][..]),
        ("notes.txt,2", &["notes.txt is not a picture", "PNG or as JPEG"]),
        ("sub,2", &["sub is a directory"]),
        ("b.PNG,", &["labels.csv, line 3, column \"y\": the value is missing"]),
        (",2", &["line 3, column \"file\": the value is missing"]),
        ("b.PNG,two", &["line 3, column \"y\": \"two\" is not a number"]),
        ("b.PNG,inf", &["line 3, column \"y\": \"inf\" is infinite"]),
    ] {
        let message = read(&with(line), |_| {}).unwrap_err().to_string();
        parts.iter().for_each(|part| assert!(message.contains(part), "no {part:?} in {message:?}"));
    }
    for line in ["none.png,2", "notes.txt,2", "sub,2"] {
        let pictures = read(&with(line), |options| options.on_bad = BadImages::Skip).expect("two are left");
        assert_eq!(rows(&pictures), [(10, 1.0), (50, 5.0)]);
        let (path, why) = &pictures.report.skipped[0];
        assert!(why.contains(&path.display().to_string()), "{why}");
    }
    let dropped = read(&with("b.PNG,NA"), |options| options.on_missing = OnMissing::Drop).expect("two are left");
    assert_eq!((rows(&dropped).len(), dropped.report.without_target), (2, 1));
    let none = read("file,y\nnone.png,1\n", |options| options.on_bad = BadImages::Skip).unwrap_err();
    let DataError::Image(none) = none else { panic!("{none}") };
    assert!(matches!(*none, ImageError::NoPictures { unreadable: 1, .. }));
    assert!(read("file,z\na.png,1\n", |_| {}).unwrap_err().to_string().contains("no column \"y\""));
    assert!(read("y\n1\n", |_| {}).unwrap_err().to_string().contains("no column \"file\""));
}

#[test]
fn every_mode_becomes_three_colours_by_its_rule() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("picture");
    let modes: [(ColorType, BitDepth, &[u8], [u8; 3]); 8] = [
        (ColorType::Grayscale, BitDepth::Eight, &[90], [90; 3]),
        (ColorType::Grayscale, BitDepth::Sixteen, &[90, 255], [90; 3]),
        (ColorType::GrayscaleAlpha, BitDepth::Eight, &[100, 51], [224; 3]),
        (ColorType::Rgb, BitDepth::Eight, &[200, 100, 50], [200, 100, 50]),
        (ColorType::Rgb, BitDepth::Sixteen, &[200, 1, 100, 2, 50, 3], [200, 100, 50]),
        (ColorType::Rgba, BitDepth::Eight, &[200, 100, 50, 0], [255; 3]),
        (ColorType::Rgba, BitDepth::Sixteen, &[200, 1, 100, 2, 50, 3, 255, 255], [200, 100, 50]),
        (ColorType::Indexed, BitDepth::Eight, &[40], [40, 20, 7]),
    ];
    for (colour, depth, pixel, expected) in modes {
        picture(&path, [70, 33], colour, depth, pixel);
        let found = read_picture(&path, SIDE, Ground::White).expect("readable");
        for (plane, expected) in found.chunks(SIDE * SIDE).zip(expected) {
            assert!(plane.iter().all(|&byte| byte == expected), "{colour:?} {depth:?}: {} {expected}", plane[0]);
        }
    }
}

#[test]
fn pictures_have_the_side_that_is_asked_for() {
    for side in [8, 96] {
        let pictures = read(LABELS, |options| options.side = side).expect("readable");
        assert_eq!(rows(&pictures), IN_ORDER);
        assert_eq!((pictures.images.side(), pictures.images.input_width()), (side, 3 * side * side));
        let batch = pictures.images.batch(&[2, 0], &burn::tensor::Device::flex());
        let inputs: Vec<f32> = batch.input.into_data().try_to_vec().expect("floats");
        // The second plane of a picture of the brightness 10, green by its mean and spread over ImageNet.
        assert_eq!(inputs[side * side], ((10.0 / 255.0 - 0.456) / 0.224) as f32);
    }
    let ramp = |side| read_picture(fixture("picture_ramp.png"), side, Ground::White).expect("readable");
    // The mean of 2 × 2 pixels of the larger picture is near the pixel of the smaller one.
    let (large, small) = (ramp(128), ramp(64));
    for at in (64..63 * 64).filter(|at| (1..63).contains(&(at % 64))) {
        let corner = at / 64 * 2 * 128 + at % 64 * 2;
        let four = [0, 1, 128, 129].map(|step| f64::from(large[corner + step]));
        assert!((four.iter().sum::<f64>() / 4.0 - f64::from(small[at])).abs() <= 2.0, "{at}");
    }
    for side in [PICTURE_SIDES.start() - 1, PICTURE_SIDES.end() + 1] {
        let message = read(LABELS, |options| options.side = side).unwrap_err().to_string();
        assert_eq!(message, format!("the side of a picture is {side} pixels and must be 8 to 1024"));
        assert!(read_picture(fixture("picture_ramp.png"), side, Ground::White).is_err());
    }
}

#[test]
fn a_jpeg_shows_what_the_png_shows() {
    let read = |name: &str| read_picture(fixture(name), SIDE, Ground::White).expect(name);
    let png = read("picture_ramp.png");
    for name in ["picture_ramp.jpg", "picture_progressive.jpg", "picture_animated.png"] {
        let found = read(name);
        let worst = png.iter().zip(&found).map(|(a, b)| a.abs_diff(*b)).max();
        // Of 255; JPEG of quality 95 halves the resolution of colours.
        assert!(worst <= Some(12), "{name}: {worst:?}");
    }
    let grey = read("picture_grey.jpg");
    for at in 0..SIDE * SIDE {
        let [red, green, blue] = [0, 1, 2].map(|channel| f64::from(png[channel * SIDE * SIDE + at]));
        let luma = 0.299 * red + 0.587 * green + 0.114 * blue;
        assert!((f64::from(grey[at]) - luma).abs() < 4.0 && grey[at] == grey[2 * SIDE * SIDE + at]);
    }
    // Red rises from left to right, green from top to bottom.
    assert!(png[SIDE - 1] > 240 && png[0] < 15 && png[SIDE * SIDE] < 15 && png[2 * SIDE * SIDE - 1] > 240);
}

#[test]
fn other_kinds_are_refused_by_name() {
    for (name, kind) in [
        ("picture_cmyk.jpg", "a JPEG picture in CMYK"),
        ("picture.gif", "a GIF picture"),
        ("picture.webp", "a WebP picture"),
        ("make_pictures.py", "not a picture"),
    ] {
        let message = read_picture(fixture(name), SIDE, Ground::White).unwrap_err().to_string();
        assert!(message.contains(name) && message.contains(kind) && message.contains("save it as PNG"), "{message}");
    }
}

#[test]
fn a_header_that_promises_too_many_pixels_is_refused_before_anything_is_allocated() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("huge.png");
    grey(&path, 1);
    let mut bytes = fs::read(&path).expect("there");
    bytes[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
    let sum = crc32(&bytes[12..29]).to_be_bytes();
    bytes[29..33].copy_from_slice(&sum);
    fs::write(&path, &bytes).expect("writable");
    let start = Instant::now();
    assert!(matches!(read_picture(&path, SIDE, Ground::White).unwrap_err(), DataError::TooLarge { .. }));
    let mut jpeg = fs::read(fixture("picture_ramp.jpg")).expect("there");
    let frame = jpeg.windows(2).position(|pair| pair == [0xff, 0xc0]).expect("a frame");
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0xea, 0x60, 0xea, 0x60]);
    fs::write(&path, &jpeg).expect("writable");
    assert!(matches!(read_picture(&path, SIDE, Ground::White).unwrap_err(), DataError::TooLarge { .. }));
    assert!(start.elapsed().as_millis() < 200);
}

/// The sum of PNG chunks.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |sum: u32, _| if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 };
    !bytes.iter().fold(!0, |sum, &byte| (0..8).fold(sum ^ u32::from(byte), step))
}

#[test]
fn no_damage_makes_a_panic() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("damaged");
    for name in ["picture_ramp.png", "picture_ramp.jpg", "picture_progressive.jpg", "picture_cmyk.jpg"] {
        let whole = fs::read(fixture(name)).expect("there");
        for at in (0..whole.len()).step_by(whole.len() / 60) {
            let mut changed = whole.clone();
            changed[at] ^= 0xff;
            fs::write(&path, &changed).expect("writable");
            let _ = read_picture(&path, SIDE, Ground::White);
            fs::write(&path, &whole[..at]).expect("writable");
            let _ = read_picture(&path, SIDE, Ground::White);
        }
    }
    fs::write(&path, "").expect("writable");
    assert!(read_picture(&path, SIDE, Ground::White).unwrap_err().to_string().contains("is empty"));
}

#[test]
fn folders_are_listed_in_order_and_to_their_depth() {
    let (folder, _) = folder(LABELS);
    let found = list_pictures(folder.path()).expect("listed");
    let names: Vec<&Path> = found.iter().map(|path| path.strip_prefix(folder.path()).expect("inside")).collect();
    assert_eq!(names, ["a.png", "b.PNG", "e.png", "sub/c.png", "sub/ü d.png"].map(Path::new));
    assert!(matches!(list_pictures(folder.path().join("none")).unwrap_err(), DataError::NoInput { .. }));
}
