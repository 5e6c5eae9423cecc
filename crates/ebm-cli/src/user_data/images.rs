//! A folder of images and a table of their labels: for training, and as rows.

use std::path::{Path, PathBuf};

use ebm_core::{Dataset, Labelled, TargetError, TargetSpace};
use ebm_data::image::{BadImages, ImageSet, PictureOptions, Pictures, read_pictures};
use ebm_data::run_file::Encoding;
use ebm_data::table::{self, OnMissing, Part, Shares};

use super::describe::{Sizes, unfit};
use super::kinds::resolved;
use super::outliers;
use crate::console::Console;
use crate::exit::{Exit, failure};
use crate::experiment::user_data::UserData;
use crate::rows::images::{in_folder, of_set};
use crate::rows::{self, Chunks};
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
    let [train, validation, calibration, test] = &parts(&images, &user.shares, user.split_seed);
    if train.is_empty() {
        return Err(failure(Exit::Data, format!("{} has too few images to split", user.source.name())));
    }
    let parts = [train, validation, calibration, test].map(Vec::len);
    console.say(Sizes { source: &user.source, all: files.len(), what: "images", parts });
    let train_labels = rows::images::labels(&images, train);
    // The file whose label does not fit; `rows` are those of the labels.
    let wrong = |rows: &[usize], error: &TargetError| match error {
        TargetError::OutOfSupport { index, .. } => unfit(user, &format!(", {}", files[rows[*index]].display()), error),
        _ => unfit(user, "", error),
    };
    let kinds = resolved(user, &train_labels, &rows::images::labels(&images, validation), console);
    let space = TargetSpace::fit(&kinds, &train_labels).map_err(|error| wrong(train, &error))?;
    let chosen_by = [&train[..], validation].concat();
    outliers::refuse(user, &space, &rows::images::labels(&images, &chosen_by), |row| {
        format!("{}, {}", user.source.name(), files[chosen_by[row]].display())
    })?;
    let all: Vec<usize> = (0..files.len()).collect();
    space.check(&rows::images::labels(&images, &all)).map_err(|error| wrong(&all, &error))?;
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

/// The rows of each part, in ascending order, by the ranks of hashes of the images and the seed: images that are the
/// same are in one part.
fn parts(images: &ImageSet, shares: &Shares, seed: u64) -> [Vec<usize>; 4] {
    let keys: Vec<u64> = (0..images.count()).map(|row| images.key(row, seed)).collect();
    let parts = table::parts(&keys, shares);
    Part::ALL.map(|wanted| (0..parts.len()).filter(|&row| parts[row] == wanted).collect())
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
