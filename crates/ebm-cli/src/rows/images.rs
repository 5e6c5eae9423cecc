//! Images as rows.

use std::path::Path;

use burn::tensor::Device;
use ebm_core::Dataset;
use ebm_core::predict::CHUNK;
use ebm_data::image::{Ground, ImageSet, list_pictures, read_picture};

use super::{Chunks, Place, Rows};
use crate::exit::{Exit, failure};

/// The images of a set with their labels.
pub fn of_set(images: ImageSet, place: impl Fn(usize) -> Place + 'static) -> Chunks<'static> {
    let starts = (0..images.count()).step_by(CHUNK);
    Box::new(starts.map(move |start| {
        let rows: Vec<usize> = (start..(start + CHUNK).min(images.count())).collect();
        let places = rows.iter().map(|&row| place(row)).collect();
        Ok(Rows { targets: Some(labels(&images, &rows)), ..encoded(&images.subset(&rows), places) })
    }))
}

/// All pictures of a folder, scaled to `side`, without labels. `channels` says which of red (0), green (1) and blue (2) each channel of an
/// input is.
///
/// # Errors
/// When there is none.
pub fn of_folder(folder: &Path, side: usize, channels: [usize; 3]) -> anyhow::Result<Chunks<'static>> {
    let files = list_pictures(folder)?;
    if files.is_empty() {
        return Err(failure(Exit::Data, format!("{} holds no PNG or JPEG files", folder.display())));
    }
    let folder = folder.to_owned();
    let starts = (0..files.len()).step_by(CHUNK);
    Ok(Box::new(starts.map(move |start| {
        let files = &files[start..(start + CHUNK).min(files.len())];
        let mut pixels = Vec::new();
        for file in files {
            let picture = read_picture(file, side, Ground::White)?;
            let plane = picture.len() / channels.len();
            channels.iter().for_each(|channel| pixels.extend(&picture[channel * plane..(channel + 1) * plane]));
        }
        let images = ImageSet::with_side(side, pixels, channels.len(), vec![0.0; files.len()], 1);
        Ok(encoded(&images, files.iter().map(|file| in_folder(file, &folder)).collect()))
    })))
}

/// A file of a folder as a place.
pub fn in_folder(file: &Path, folder: &Path) -> Place {
    Place::File(file.strip_prefix(folder).unwrap_or(file).display().to_string())
}

/// The labels of some images.
pub fn labels(images: &ImageSet, rows: &[usize]) -> Vec<f64> {
    rows.iter().flat_map(|&row| images.label(row).to_vec()).collect()
}

fn encoded(images: &ImageSet, places: Vec<Place>) -> Rows {
    let all: Vec<usize> = (0..images.count()).collect();
    let input = images.batch(&all, &Device::flex()).input.into_data();
    let inputs = input.try_to_vec().expect("inputs are f32");
    Rows { inputs, targets: None, beyond: vec![Vec::new(); places.len()], places }
}
