//! A folder of small images that are always the same.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::BufWriter;
use std::path::Path;

use anyhow::{Context, Result};

/// Images written.
const IMAGES: u32 = 40;
/// Pixels of a side, as many as the network takes: nothing is scaled.
const SIDE: u32 = 64;

/// Writes images of a line through the middle, and `labels.csv` with its angle in degrees.
///
/// # Errors
/// When a file cannot be written.
pub(super) fn write(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    let mut labels = "file,angle\n".to_owned();
    for index in 0..IMAGES {
        // A slope of integers, so that no platform draws another line.
        let slope = i64::from(index) * 2 - i64::from(IMAGES);
        let angle = (slope as f64 / f64::from(IMAGES)).atan().to_degrees();
        let name = format!("{index:02}.png");
        writeln!(labels, "{name},{angle:.3}").expect("a string takes everything");
        let path = folder.join(&name);
        encode(&path, &pixels(slope)).with_context(|| format!("writing {}", path.display()))?;
    }
    let path = folder.join("labels.csv");
    fs::write(&path, labels).with_context(|| format!("writing {}", path.display()))
}

/// Bright where `IMAGES · y` is near `slope · x`.
fn pixels(slope: i64) -> Vec<u8> {
    let middle = i64::from(SIDE) / 2;
    let points = (0..i64::from(SIDE)).flat_map(|row| (0..i64::from(SIDE)).map(move |column| (row, column)));
    let shade = |(row, column): (i64, i64)| {
        let off = (i64::from(IMAGES) * (middle - row) - slope * (column - middle)).abs();
        [if off < 2 * i64::from(IMAGES) { 230 } else { 20 }, (column * 2) as u8, (row * 2) as u8]
    };
    points.flat_map(shade).collect()
}

fn encode(path: &Path, pixels: &[u8]) -> Result<()> {
    let mut encoder = png::Encoder::new(BufWriter::new(File::create(path)?), SIDE, SIDE);
    encoder.set_color(png::ColorType::Rgb);
    encoder.write_header()?.write_image_data(pixels)?;
    Ok(())
}
