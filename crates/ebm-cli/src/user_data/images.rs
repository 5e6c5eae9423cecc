//! A folder of images and a table of their labels: for training, and as rows.

use std::path::{Path, PathBuf};

use ebm_core::{Dataset, Labelled, Noise, Purpose, TargetSpace};
use ebm_data::image::{BadImages, PictureOptions, Pictures, read_pictures};
use ebm_data::table::{OnMissing, Shares};

use super::describe::{Sizes, unfit};
use super::kinds::resolved;
use crate::console::Console;
use crate::exit::{Exit, failure};
use crate::experiment::user_data::UserData;
use crate::rows::images::{in_folder, of_set};
use crate::rows::{self, Chunks};
use crate::run::model::Encoding;
use crate::run::record::DataRecord;
use crate::run::split::{FileSplit, SplitRecord};
use crate::training_data::TrainingData;

/// Reads and splits the images, and tells what was found.
pub(super) fn training_data(
    user: &UserData,
    folder: &Path,
    labels: &Path,
    console: Console,
) -> anyhow::Result<TrainingData> {
    let Pictures { images, files, report } = read_pictures(folder, labels, &options(user))?;
    if report.without_target > 0 {
        console.warn(format_args!("{} images are left out: their label is missing", report.without_target));
    }
    for (file, why) in &report.skipped {
        console.warn(format_args!("{} is left out: {why}", file.display()));
    }
    if let Some(first) = report.without_label.first() {
        let count = report.without_label.len();
        console.warn(format_args!("{count} images have no label and are not used, the first is {}", first.display()));
    }
    let [train, validation, calibration, test] = &parts(files.len(), &user.shares, user.split_seed);
    if train.is_empty() {
        return Err(failure(Exit::Data, format!("{} has too few images to split", user.source.name())));
    }
    let parts = [train, validation, calibration, test].map(Vec::len);
    console.say(Sizes { source: &user.source, all: files.len(), what: "images", parts });
    let train_labels = rows::images::labels(&images, train);
    let kinds = resolved(user, &train_labels, &rows::images::labels(&images, validation), console);
    let space = TargetSpace::fit(&kinds, &train_labels).map_err(|error| unfit(user, "", &error))?;
    let all: Vec<usize> = (0..files.len()).collect();
    space
        .check(&rows::images::labels(&images, &all))
        .map_err(|error| failure(Exit::Data, format!("{}: {error}", user.source.name())))?;
    let part = |rows: &[usize]| {
        let labels = rows::images::labels(&images, rows);
        Labelled::of(images.subset(rows), labels, space.clone()).expect("labels that were checked")
    };
    let examples = TrainingData::new(part(train), user.source.name(), &train_labels);
    // The images know their labels: their own digest stands in the records of earlier releases.
    let record = DataRecord { fingerprint: images.subset(train).fingerprint(), ..examples.record };
    let named = |rows: &[usize]| rows.iter().map(|&row| files[row].clone()).collect();
    let split = FileSplit {
        seed: user.split_seed,
        train: named(train),
        validation: named(validation),
        calibration: named(calibration),
        test: named(test),
    };
    Ok(TrainingData {
        validation: (!validation.is_empty()).then(|| Box::new(part(validation)) as Box<dyn Dataset + Send + Sync>),
        split: Some(SplitRecord::Images(split)),
        encoding: Some(Encoding { schema: None, targets: user.targets.clone(), space: space.clone() }),
        record,
        ..examples
    })
}

fn options(user: &UserData) -> PictureOptions {
    let on_bad = if user.source.skips_bad() { BadImages::Skip } else { BadImages::Refuse };
    let on_missing = if user.on_missing == OnMissing::Refuse { OnMissing::Refuse } else { OnMissing::Drop };
    PictureOptions { on_bad, on_missing, side: user.source.side(), ..PictureOptions::new(user.targets.clone()) }
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

/// The images of a folder that a table labels; only those in `kept`, if given.
pub(super) fn labelled(
    user: &UserData,
    folder: &Path,
    labels: &Path,
    kept: Option<&[PathBuf]>,
) -> anyhow::Result<Chunks<'static>> {
    let Pictures { images, files, .. } = read_pictures(folder, labels, &options(user))?;
    let (images, files) = match kept {
        None => (images, files),
        Some(kept) => {
            let rows: Vec<usize> = (0..files.len()).filter(|&row| kept.contains(&files[row])).collect();
            if rows.len() != kept.len() {
                let message = format!("{} has changed since the model was trained on it", user.source.name());
                return Err(failure(Exit::Data, message));
            }
            (images.subset(&rows), rows.iter().map(|&row| files[row].clone()).collect())
        }
    };
    let folder = folder.to_owned();
    Ok(of_set(images, move |row| in_folder(&files[row], &folder)))
}
