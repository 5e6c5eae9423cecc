//! A model of the user's data, and the rows it is asked about.

use std::path::Path;

use burn::tensor::Device;
use ebm_core::evaluate::Assessment;
use ebm_core::{Labelled, PredictionConfig, Predictor};
use ebm_data::table::{OnMissing, Part, Split, Targets};

use super::rows::{Chunks, Rows, RowsOf};
use super::{images, table};
use crate::console::Console;
use crate::exit::{Exit, failure};
use crate::experiment::user_data::{Source, UserData};
use crate::run::document::Document;
use crate::run::model::{Encoding, ModelRecord};
use crate::run::record::Record;
use crate::run::split::FileSplit;
use crate::run::{calibration, model};

/// Fewer candidates do not describe a density.
const MIN_CANDIDATES: usize = 64;

/// A trained model of the user's data.
pub struct UserModel {
    /// The model.
    pub predictor: Predictor,
    /// Its inputs and targets.
    pub encoding: Encoding,
    /// What it was trained on, and how that was read.
    pub data: UserData,
    /// Its run.
    pub record: Record,
    /// Digest of its weights.
    pub sha256: Option<String>,
    /// The examples that it was calibrated with, if it was.
    pub calibrated_with: Option<String>,
}

/// The model in a run folder; nothing if it is of a task or of pairs.
///
/// # Errors
/// When the folder holds no model, or a damaged one.
pub fn open(run: &Path, device: &Device, m: usize, seed: u64) -> anyhow::Result<Option<UserModel>> {
    let about = model::read(run)?;
    if about.encoding.is_none() {
        return Ok(None);
    }
    let record = Record::read(run)?;
    let calibrated = calibration::read(run, about.sha256.as_deref())?;
    let model = model::load_weights(run, &about, device)?;
    let ModelRecord { model: shape, encoding, sha256, .. } = about;
    let (Some(encoding), Some(data)) = (encoding, record.config.data.user().cloned()) else {
        return Err(mixed(run));
    };
    let config = PredictionConfig { m: m.max(MIN_CANDIDATES), seed };
    let (calibration, calibrated_with) = calibrated.map(|record| (record.calibration, record.source)).unzip();
    let predictor = Predictor::new(&model, shape.input, encoding.space.clone(), config).with_calibration(calibration);
    Ok(Some(UserModel { predictor, encoding, data, record, sha256, calibrated_with }))
}

fn mixed(run: &Path) -> anyhow::Error {
    failure(Exit::Data, format!("run.json and model.json in {} are of different runs", run.display()))
}

impl UserModel {
    /// The rows, in chunks.
    ///
    /// # Errors
    /// When there are none, or they cannot be read.
    pub fn rows<'a>(&'a self, of: RowsOf<'a>, targets: Targets, on_missing: OnMissing) -> anyhow::Result<Chunks<'a>> {
        match (&self.encoding.schema, of) {
            (Some(_), RowsOf::File { labels: Some(_), .. }) => {
                Err(failure(Exit::Usage, "--labels is for images, and this model was trained on a table"))
            }
            (Some(schema), RowsOf::File { file, labels: None }) => table::rows(file, schema, targets, on_missing),
            (None, RowsOf::File { labels: None, .. }) if targets == Targets::Required => {
                Err(failure(Exit::Usage, "this model takes images: give the table of their labels with --labels"))
            }
            (None, RowsOf::File { file, labels }) => match labels.filter(|_| targets != Targets::Ignored) {
                Some(labels) => images::labelled(&self.data, file, labels, None),
                None => images::unlabelled(&self.data, file),
            },
            (schema, RowsOf::Part(run, part)) => match (schema, &self.data.source) {
                (Some(schema), Source::Table { .. }) => {
                    let split = Split::read(run)?;
                    self.refuse_empty(part, split.rows.of(part))?;
                    table::part_rows(&self.data, schema, &split, part)
                }
                (None, Source::Images { folder, labels, .. }) => {
                    let files = FileSplit::read(run)?.part(part);
                    self.refuse_empty(part, files.len())?;
                    images::labelled(&self.data, folder, labels, Some(&files))
                }
                _ => Err(mixed(run)),
            },
        }
    }

    /// What `find` finds in all rows with their labels; its first argument is the number of rows before the chunk.
    ///
    /// # Errors
    /// When there are no rows, they cannot be read, or a label does not fit the kind of its target.
    pub fn in_labelled<T>(
        &self,
        of: RowsOf<'_>,
        console: Console,
        find: impl Fn(&Predictor, usize, &Labelled) -> Vec<T>,
    ) -> anyhow::Result<Vec<T>> {
        let bar = console.row_counter();
        let mut found = Vec::new();
        for rows in self.rows(of, Targets::Required, self.data.on_missing)? {
            found.extend(find(&self.predictor, found.len(), &self.with_labels(rows?)?));
            bar.set_position(found.len() as u64);
        }
        bar.finish_and_clear();
        Ok(found)
    }

    /// Every row compared with its predictive density.
    ///
    /// # Errors
    /// As [`UserModel::in_labelled`].
    pub fn assess(&self, of: RowsOf<'_>, console: Console) -> anyhow::Result<Vec<Assessment>> {
        self.in_labelled(of, console, Predictor::assess)
    }

    fn with_labels(&self, rows: Rows) -> anyhow::Result<Labelled> {
        let width = rows.inputs.len() / rows.places.len();
        let targets = rows.targets.clone().expect("targets are required");
        self.encoding.space.check(&targets).map_err(|error| rows.unfit(error))?;
        Ok(Labelled::new(rows.inputs, width, targets, self.encoding.space.clone())?)
    }

    fn refuse_empty(&self, part: Part, rows: usize) -> anyhow::Result<()> {
        if rows > 0 {
            return Ok(());
        }
        let message = format!(
            "the {} part of {} is empty: give held-out rows, or train with another --split",
            part.name(),
            self.data.source.name()
        );
        Err(failure(Exit::Usage, message))
    }
}
