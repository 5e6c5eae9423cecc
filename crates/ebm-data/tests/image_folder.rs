//! Laws of reading a folder of PNG images of cells.

use ebm_data::image::{BadImages, ImageSet, ImageTask, Reading, SIDE, read_images, read_images_or_skip};
use ebm_data::{DataError, ImageError};
use png::{BitDepth, ColorType, Encoder};
use std::fs;
use std::path::Path;
use std::time::Instant;
use tempfile::{TempDir, tempdir};

/// A PNG of these bytes.
fn picture(path: &Path, side: u32, colour: ColorType, depth: BitDepth, bytes: &[u8]) {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, side, side);
    encoder.set_color(colour);
    encoder.set_depth(depth);
    if colour == ColorType::Indexed {
        // Index i is the colour (3i, 2i, i).
        encoder.set_palette((0..=255_u8).flat_map(|i| [3, 2, 1].map(|n: u8| i.wrapping_mul(n))).collect::<Vec<u8>>());
    }
    encoder.write_header().expect("a header").write_image_data(bytes).expect("as many bytes");
    fs::write(path, file).expect("writable");
}

fn grey(path: &Path, byte: u8) {
    picture(path, 64, ColorType::Grayscale, BitDepth::Eight, &[byte; SIDE * SIDE]);
}

/// A folder whose name has a space and an accent, with these grey images.
fn folder(images: &[(&str, u8)]) -> TempDir {
    let folder = tempfile::Builder::new().prefix("my exämple ").tempdir().expect("temporary folder");
    images.iter().for_each(|(name, byte)| grey(&folder.path().join(name), *byte));
    folder
}

fn read(folder: &TempDir) -> Result<ImageSet, DataError> {
    read_images(folder.path(), ImageTask::Cells)
}

fn refused(folder: &TempDir) -> String {
    let error = read(folder).expect_err("refused");
    let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
    format!("{error}; {cause}").replace(&folder.path().display().to_string(), "")
}

#[test]
fn images_come_in_the_order_of_their_indices_with_the_counts_of_their_names() {
    let folder = folder(&[("10_3.0.png", 1), ("9_200.0.png", 2), ("0_1.0.PNG", 3), ("11_7.png", 4)]);
    fs::write(folder.path().join("readme.txt"), "cells").expect("writable");
    let set = read(&folder).expect("readable");
    let rows: Vec<(u8, f64)> = (0..4).map(|row| (set.pixels(row)[77], set.label(row)[0])).collect();
    assert_eq!(rows, [(3, 1.0), (2, 200.0), (1, 3.0), (4, 7.0)]);
    assert_eq!((set.channels(), set.label_width()), (1, 1));
}

#[test]
fn every_mode_becomes_grey_bytes_by_its_rule() {
    let folder = tempdir().expect("temporary folder");
    let luma = |[r, g, b]: [u32; 3]| ((19595 * r + 38470 * g + 7471 * b + 32768) >> 16) as u8;
    let modes: [(ColorType, BitDepth, &[u8], u8); 9] = [
        (ColorType::Grayscale, BitDepth::Eight, &[90], 90),
        (ColorType::Grayscale, BitDepth::Sixteen, &[90, 255], 90),
        (ColorType::Grayscale, BitDepth::One, &[0b1111_1111], 255),
        (ColorType::GrayscaleAlpha, BitDepth::Eight, &[90, 10], 90),
        (ColorType::Rgb, BitDepth::Eight, &[200, 100, 50], luma([200, 100, 50])),
        (ColorType::Rgb, BitDepth::Sixteen, &[200, 1, 100, 2, 50, 3], luma([200, 100, 50])),
        (ColorType::Rgba, BitDepth::Eight, &[200, 100, 50, 0], luma([200, 100, 50])),
        (ColorType::Rgba, BitDepth::Sixteen, &[200, 1, 100, 2, 50, 3, 0, 0], luma([200, 100, 50])),
        (ColorType::Indexed, BitDepth::Eight, &[40], luma([120, 80, 40])),
    ];
    for (index, (colour, depth, pixel, _)) in modes.iter().enumerate() {
        let repeat = if *depth == BitDepth::One { SIDE * SIDE / 8 } else { SIDE * SIDE };
        picture(&folder.path().join(format!("{index}_1.0.png")), 64, *colour, *depth, &pixel.repeat(repeat));
    }
    let set = read(&folder).expect("readable");
    for (row, (colour, depth, _, expected)) in modes.iter().enumerate() {
        assert!(set.pixels(row).iter().all(|byte| byte == expected), "{colour:?} {depth:?}: {}", set.pixels(row)[0]);
    }
}

#[test]
fn a_bad_file_among_many_is_named_and_it_is_the_first_one() {
    let names: Vec<String> = (0..300).map(|index| format!("{index}_5.0.png")).collect();
    let images: Vec<(&str, u8)> = names.iter().map(|name| (name.as_str(), 7)).collect();
    let folder = folder(&images);
    for bad in ["250_5.0.png", "140_5.0.png", "141_5.0.png"] {
        fs::write(folder.path().join(bad), b"no picture").expect("writable");
    }
    let message = refused(&folder);
    assert!(
        message.contains("/140_5.0.png, picture: damaged") && message.contains("Invalid PNG signature"),
        "{message}"
    );
    let whole = fs::read(folder.path().join("0_5.0.png")).expect("there");
    for length in [20, 40, whole.len() - 20] {
        fs::write(folder.path().join("140_5.0.png"), &whole[..length]).expect("writable");
        assert!(refused(&folder).contains("/140_5.0.png, picture: damaged"));
    }
}

#[test]
fn bad_pictures_are_skipped_and_named_where_that_is_asked_for() {
    let names: Vec<String> = (0..40).map(|index| format!("{index}_{}.0.png", index + 1)).collect();
    let images: Vec<(&str, u8)> = names.iter().zip(0..).map(|(name, byte)| (name.as_str(), byte)).collect();
    let folder = folder(&images);
    let path = |name: &str| folder.path().join(name);
    let whole = fs::read(path("0_1.0.png")).expect("there");
    fs::write(path("0_1.0.png"), b"no picture").expect("writable");
    fs::write(path("17_18.0.png"), &whole[..whole.len() - 20]).expect("writable");
    picture(&path("39_40.0.png"), 32, ColorType::Grayscale, BitDepth::Eight, &[0; 32 * 32]);
    grey(&path("thumb.png"), 9);

    let skip = || read_images_or_skip(folder.path(), ImageTask::Cells, BadImages::Skip);
    let refusal = || match skip() {
        Err(DataError::Image(error)) => *error,
        other => panic!("{other:?}"),
    };
    let Reading { images, skipped } = skip().expect("most are sound");
    let rows: Vec<(u8, f64)> = (0..images.count()).map(|row| (images.pixels(row)[99], images.label(row)[0])).collect();
    let sound = (1..39_u8).filter(|&index| index != 17);
    assert_eq!(rows, sound.map(|index| (index, f64::from(index) + 1.0)).collect::<Vec<_>>());
    let skipped: Vec<String> = skipped.iter().map(ToString::to_string).collect();
    assert_eq!(skipped.len(), 4);
    for (message, part) in
        skipped.iter().zip(["thumb.png: name", "0_1.0.png, picture", "17_18.0.png, ", "39_40.0.png is"])
    {
        assert!(message.contains(part), "no {part:?} in {message:?}");
    }

    // What puts all of the folder in doubt is an error still, and so is a folder of which nothing is left.
    grey(&path("50_201.0.png"), 1);
    assert!(matches!(refusal(), ImageError::Label { .. }));
    fs::rename(path("50_201.0.png"), path("2_5.0.png")).expect("renamed");
    assert!(matches!(refusal(), ImageError::DuplicateImage { .. }));
    (0..40).for_each(|index| fs::write(path(&format!("{index}_{}.0.png", index + 1)), b"").expect("writable"));
    fs::remove_file(path("2_5.0.png")).expect("removed");
    assert!(matches!(refusal(), ImageError::NoImages { .. }));
}

#[test]
fn names_that_do_not_say_a_count_are_refused() {
    for (name, part) in [
        ("five.png", "/five.png: name images INDEX_COUNT.0.png"),
        ("1_nan.png", "/1_nan.png: name images"),
        ("1_0.0.png", "/1_0.0.png, file name: the label is 0; cells labels are 1 to 200"),
        ("1_201.0.png", "/1_201.0.png, file name: the label is 201;"),
        ("0_9.0.png", "/0_5.0.png and /0_9.0.png have the same index"),
    ] {
        let message = refused(&folder(&[("0_5.0.png", 1), (name, 1)]));
        assert!(message.contains(part), "no {part:?} in {message:?}");
    }
    assert!(refused(&folder(&[])).contains("no cells images"));
}

#[test]
fn an_image_of_another_size_is_refused_before_anything_is_allocated_for_it() {
    let small = folder(&[("0_5.0.png", 1)]);
    picture(&small.path().join("1_5.0.png"), 32, ColorType::Grayscale, BitDepth::Eight, &[0; 32 * 32]);
    assert!(refused(&small).contains("/1_5.0.png is 32 × 32 pixels and should be 64 × 64"));

    // A header of 60000 × 60000 colours; the sum of its chunk is made to fit.
    let huge = folder(&[("0_5.0.png", 1)]);
    let path = huge.path().join("0_5.0.png");
    let mut bytes = fs::read(&path).expect("there");
    bytes[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
    bytes[24..26].copy_from_slice(&[16, 6]);
    let sum = crc32(&bytes[12..29]).to_be_bytes();
    bytes[29..33].copy_from_slice(&sum);
    fs::write(&path, bytes).expect("writable");
    let start = Instant::now();
    assert!(refused(&huge).contains("/0_5.0.png is 60000 × 60000 pixels"));
    assert!(start.elapsed().as_millis() < 100);
}

/// The sum of PNG chunks.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |sum: u32, _| if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 };
    !bytes.iter().fold(!0, |sum, &byte| (0..8).fold(sum ^ u32::from(byte), step))
}

#[test]
fn only_cells_come_in_folders() {
    let folder = folder(&[("0_5.0.png", 1)]);
    assert!(matches!(read_images(folder.path(), ImageTask::Age), Err(DataError::IsDirectory { .. })));
}
