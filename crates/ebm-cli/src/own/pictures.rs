//! Images as rows that a model is trained on or asked about.

use std::path::{Path, PathBuf};

use burn::tensor::{Device, Tensor, TensorData};
use ebm_core::predict::CHUNK;
use ebm_core::{Batch, Dataset, Noise, Purpose, TargetKind, TargetSpace};
use ebm_data::image::{
    BadImages, Ground, ImageSet, PictureOptions, Pictures, SIDE, list_pictures, read_picture, read_pictures,
};
use ebm_data::table::{OnMissing, Part, Shares};
use serde::{Deserialize, Serialize};

use super::rows::{Place, Rows};
use super::training::range;
use super::{OwnData, OwnRecord};
use crate::command::How;
use crate::exit::{Exit, failure};
use crate::run_folder::DataRecord;
use crate::task::TrainingData;

/// Images whose labels networks see as a space makes them.
struct LabelledImages {
    images: ImageSet,
    space: TargetSpace,
}

impl LabelledImages {
    fn see(&self, rows: &[usize], device: &Device, mut see: impl FnMut(usize, f64) -> f64) -> Batch {
        let Batch { input, .. } = self.images.batch(rows, device);
        let labels = rows.iter().flat_map(|&row| self.images.label(row).iter().enumerate());
        let target: Vec<f32> = labels.map(|(d, &y)| see(d, y) as f32).collect();
        let target = Tensor::from_data(TensorData::new(target, [rows.len(), self.space.dimensions()]), device);
        Batch { input, target }
    }
}

impl Dataset for LabelledImages {
    fn len(&self) -> usize {
        self.images.len()
    }

    fn input_width(&self) -> usize {
        self.images.input_width()
    }

    fn target_width(&self) -> usize {
        self.images.target_width()
    }

    fn batch(&self, rows: &[usize], device: &Device) -> Batch {
        self.see(rows, device, |d, y| self.space.targets()[d].to_model(y))
    }

    /// Counts are dequantised, as those of tables are.
    fn training_batch(&self, rows: &[usize], noise: &mut Noise, device: &Device) -> Batch {
        self.see(rows, device, |d, y| match self.space.targets()[d].kind {
            TargetKind::Count => self.space.targets()[d].continuous_to_model(y + noise.unit()),
            _ => self.space.targets()[d].to_model(y),
        })
    }

    fn fingerprint(&self) -> String {
        self.images.fingerprint()
    }
}

/// Schema of `split.json` of images.
pub(super) const SPLIT_SCHEMA: &str = "ebm.picture_split/1";

/// `split.json`: the files of each part.
#[derive(Debug, Serialize, Deserialize)]
struct SplitRecord {
    schema: String,
    seed: u64,
    train: Vec<PathBuf>,
    validation: Vec<PathBuf>,
    calibration: Vec<PathBuf>,
    test: Vec<PathBuf>,
}

/// Reads and splits the images, and tells what was found.
pub(super) fn training_data(own: &OwnData, folder: &Path, labels: &Path, how: How) -> anyhow::Result<TrainingData> {
    let Pictures { images, files, report } = read_pictures(folder, labels, &options(own))?;
    if report.without_target > 0 {
        how.warn(format_args!("{} images are left out: their label is missing", report.without_target));
    }
    for (file, why) in &report.skipped {
        how.warn(format_args!("{} is left out: {why}", file.display()));
    }
    if let Some(first) = report.without_label.first() {
        let count = report.without_label.len();
        how.warn(format_args!("{count} images have no label and are not used, the first is {}", first.display()));
    }
    let parts = parts(files.len(), &own.shares, own.split_seed);
    if parts[0].is_empty() {
        return Err(failure(Exit::Data, format!("{} has too few images to split", own.source.name())));
    }
    let [train, validation, calibration, test] = &parts;
    how.say(format_args!(
        "{}: {} images; {} to train on, {} to choose the model by, {} to calibrate with, {} to test on",
        own.source.name(),
        files.len(),
        train.len(),
        validation.len(),
        calibration.len(),
        test.len()
    ));
    let labels: Vec<f64> = train.iter().flat_map(|&row| images.label(row).to_vec()).collect();
    let space = TargetSpace::fit(&own.kinds, &labels).map_err(|error| {
        failure(
            Exit::Data,
            format!("{}: {error}; --target-kind says what {} is", own.source.name(), own.target_names()),
        )
    })?;
    let all: Vec<f64> = (0..files.len()).flat_map(|row| images.label(row).to_vec()).collect();
    space.check(&all).map_err(|error| failure(Exit::Data, format!("{}: {error}", own.source.name())))?;
    let part = |rows: &[usize]| LabelledImages { images: images.subset(rows), space: space.clone() };
    let examples = part(train);
    let named = |rows: &[usize]| rows.iter().map(|&row| files[row].clone()).collect();
    let split = SplitRecord {
        schema: SPLIT_SCHEMA.to_owned(),
        seed: own.split_seed,
        train: named(train),
        validation: named(validation),
        calibration: named(calibration),
        test: named(test),
    };
    let record = DataRecord {
        source: own.source.name(),
        fingerprint: examples.fingerprint(),
        examples: examples.len(),
        target_range: range(&labels),
    };
    Ok(TrainingData {
        examples: Box::new(examples),
        validation: (!validation.is_empty()).then(|| Box::new(part(validation)) as Box<dyn Dataset>),
        record,
        split: Some(serde_json::to_value(split)?),
        own: Some(OwnRecord { schema: None, targets: own.targets.clone(), space }),
    })
}

fn options(own: &OwnData) -> PictureOptions {
    let on_bad = if own.source.skips_bad() { BadImages::Skip } else { BadImages::Refuse };
    let on_missing = if own.on_missing == OnMissing::Refuse { OnMissing::Refuse } else { OnMissing::Drop };
    PictureOptions { on_bad, on_missing, ..PictureOptions::new(own.targets.clone()) }
}

/// The rows of each part, in ascending order: a function of their number, the shares and the seed.
fn parts(count: usize, shares: &Shares, seed: u64) -> [Vec<usize>; 4] {
    let order = Noise::new(seed, Purpose::Split, 0, 0).permutation(count);
    let mut rest = &order[..];
    let mut take = |share: f64| {
        let (own, after) = rest.split_at(((count as f64 * share).round() as usize).min(rest.len()));
        rest = after;
        let mut rows = own.to_vec();
        rows.sort_unstable();
        rows
    };
    let [validation, calibration, test] = [shares.validation, shares.calibration, shares.test].map(&mut take);
    [take(1.0), validation, calibration, test]
}

/// The files of a part, of what `split.json` holds.
pub(super) fn files_of(split: serde_json::Value, part: Part) -> anyhow::Result<Vec<PathBuf>> {
    let record: SplitRecord = serde_json::from_value(split)?;
    Ok(match part {
        Part::Train => record.train,
        Part::Validation => record.validation,
        Part::Calibration => record.calibration,
        Part::Test => record.test,
    })
}

/// The images of a folder, in chunks, with labels if a table of them is given; only `kept` of them if that is given.
pub(super) fn rows(
    own: &OwnData,
    folder: &Path,
    labels: Option<&Path>,
    kept: Option<Vec<PathBuf>>,
) -> anyhow::Result<Box<dyn Iterator<Item = anyhow::Result<Rows>>>> {
    let Some(labels) = labels else {
        let files = list_pictures(folder)?;
        if files.is_empty() {
            return Err(failure(Exit::Data, format!("{} holds no PNG or JPEG files", folder.display())));
        }
        let (folder, width) = (folder.to_owned(), own.targets.len());
        let starts = (0..files.len()).step_by(CHUNK);
        return Ok(Box::new(starts.map(move |start| {
            let files = &files[start..(start + CHUNK).min(files.len())];
            let mut pixels = Vec::new();
            for file in files {
                pixels.extend(read_picture(file, SIDE, Ground::White)?);
            }
            let unlabelled = vec![0.0; files.len() * width];
            let images = ImageSet::new(pixels, 3, unlabelled, width);
            Ok(Rows { targets: None, ..of_images(&images, files, &folder) })
        })));
    };
    let Pictures { images, files, .. } = read_pictures(folder, labels, &options(own))?;
    let (images, files) = match kept {
        None => (images, files),
        Some(kept) => {
            let rows: Vec<usize> = (0..files.len()).filter(|&row| kept.contains(&files[row])).collect();
            if rows.len() != kept.len() {
                let message = format!("{} has changed since the model was trained on it", own.source.name());
                return Err(failure(Exit::Data, message));
            }
            (images.subset(&rows), rows.iter().map(|&row| files[row].clone()).collect())
        }
    };
    let folder = folder.to_owned();
    let starts = (0..files.len()).step_by(CHUNK);
    Ok(Box::new(starts.map(move |start| {
        let end = (start + CHUNK).min(files.len());
        let part = images.subset(&(start..end).collect::<Vec<_>>());
        Ok(of_images(&part, &files[start..end], &folder))
    })))
}

fn of_images(images: &ImageSet, files: &[PathBuf], folder: &Path) -> Rows {
    let all: Vec<usize> = (0..images.len()).collect();
    let input = images.batch(&all, &Device::flex()).input.into_data();
    let place = |file: &PathBuf| Place::File(file.strip_prefix(folder).unwrap_or(file).display().to_string());
    Rows {
        inputs: input.try_to_vec().expect("inputs are f32"),
        targets: Some(all.iter().flat_map(|&row| images.label(row).to_vec()).collect()),
        places: files.iter().map(place).collect(),
        beyond: vec![Vec::new(); files.len()],
    }
}
