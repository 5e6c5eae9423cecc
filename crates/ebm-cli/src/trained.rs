//! A trained model of any run folder, and the rows it is asked about.

pub mod finite;
mod out_of_fold;

use std::path::{Path, PathBuf};

use anyhow::Context;
use burn::tensor::Device;
use ebm_core::evaluate::{Assessment, assess};
use ebm_core::{Labelled, Model, PredictionConfig, Predictor, Reach, TargetSpace};
use ebm_data::run_file::{Encoding, EnsembleRecord, ModelRecord};
use ebm_data::table::{OnMissing, Part, Schema, Targets};
use ebm_data::{read_inputs, read_pairs};

use crate::console::Console;
use crate::exit::{Exit, failure};
use crate::experiment::data::Data;
use crate::output::tell;
use crate::rows::{Chunks, Place, Rows, RowsOf, of_numbers, origin};
use crate::run::document::Document;
use crate::run::ensemble;
use crate::run::manifest::Manifest;
use crate::run::record::{Record, Status};
use crate::run::trained_rows::TrainedRows;
use crate::run::{calibration, model, reach};
use crate::task::pairs::{no_test_examples, range_of};
use crate::task::{images, toy};
use crate::user_data::rows as user_rows;
use finite::must_be_finite;

/// Fewer candidates do not describe a density.
pub const MIN_CANDIDATES: usize = 64;

/// A trained model.
pub struct TrainedModel {
    /// The model.
    pub predictor: Predictor,
    /// The names of the targets.
    pub targets: Vec<String>,
    /// Its run.
    pub record: Record,
    /// Smallest and largest target of the training data.
    pub target_range: [f64; 2],
    /// Digest of its weights.
    pub sha256: Option<String>,
    /// The examples that it was calibrated with, if it was.
    pub calibrated_with: Option<String>,
    run: PathBuf,
    /// How the user's data are encoded.
    encoding: Option<Encoding>,
    /// The members, if it is an ensemble.
    pub ensemble: Option<EnsembleRecord>,
    /// How far the training inputs reach; nothing for images, and for models of older releases.
    pub reach: Option<Reach>,
}

/// The model in a run folder.
///
/// # Errors
/// When the folder holds no model, or a damaged one.
pub fn open(run: &Path, device: &Device, m: usize, seed: u64) -> anyhow::Result<TrainedModel> {
    let config = PredictionConfig { m: m.max(MIN_CANDIDATES), seed };
    if let Some(ensemble) = EnsembleRecord::read_if_there(run)? {
        return open_ensemble(run, ensemble, device, config);
    }
    let about = model::read(run)?;
    let record = Record::read(run)?;
    warn_if_unsealed(run, &record);
    let calibrated = calibration::read(run, about.sha256.as_deref())?;
    let model = model::load_weights(run, &about, device)?;
    let ModelRecord { model: shape, encoding, sha256, target_range } = about;
    let identity = || TargetSpace::identity(range_of(target_range), shape.target);
    let (targets, space) = match (&encoding, &record.config.data) {
        (Some(encoding), Data::User(_)) => (encoding.targets.clone(), encoding.space.clone()),
        (None, Data::Toy(_) | Data::Pairs) => (vec!["y".to_owned()], identity()),
        (None, Data::Images { task, .. }) => (images::target_names(*task), identity()),
        (Some(_), _) | (None, Data::User(_)) => return Err(user_rows::mixed(run)),
    };
    if targets.len() != space.dimensions() {
        return Err(user_rows::mixed(run));
    }
    let (calibration, calibrated_with) = calibrated.map(|record| (record.calibration, record.source)).unzip();
    let predictor = Predictor::new(&model, shape.input, space, config).with_calibration(calibration);
    let reach = reach::read(run, shape.input)?;
    let run = run.to_owned();
    let ensemble = None;
    Ok(TrainedModel {
        predictor,
        targets,
        record,
        target_range,
        sha256,
        calibrated_with,
        run,
        encoding,
        ensemble,
        reach,
    })
}

/// The ensemble in a run folder.
fn open_ensemble(
    run: &Path,
    about: EnsembleRecord,
    device: &Device,
    config: PredictionConfig,
) -> anyhow::Result<TrainedModel> {
    let record = Record::read(run)?;
    warn_if_unsealed(run, &record);
    let digest = about.digest();
    let calibrated = calibration::read(run, Some(&digest))?;
    let Encoding { targets, space, .. } = about.encoding.clone();
    let loaded = ensemble::load(&about, run, device)?;
    let Some(width) = about.input_width().filter(|_| !loaded.is_empty()) else { return Err(user_rows::mixed(run)) };
    let members: Vec<_> = loaded.into_iter().map(|(member, model)| (member.weight, model)).collect();
    let (calibration, calibrated_with) = calibrated.map(|record| (record.calibration, record.source)).unzip();
    let predictor =
        Predictor::ensemble(members, about.power, width, space, config, device).with_calibration(calibration);
    Ok(TrainedModel {
        predictor,
        targets,
        record,
        target_range: about.target_range,
        sha256: Some(digest),
        calibrated_with,
        run: run.to_owned(),
        encoding: Some(about.encoding.clone()),
        ensemble: Some(about),
        reach: reach::read(run, width)?,
    })
}

impl TrainedModel {
    /// The network, where there is only one.
    ///
    /// # Errors
    /// For an ensemble.
    pub fn network(&self) -> anyhow::Result<&Model> {
        self.predictor.model().ok_or_else(|| {
            failure(Exit::Usage, format!("{} is an ensemble: this is done with one network", self.run.display()))
        })
    }

    /// The columns of the table that it was trained on.
    pub fn schema(&self) -> Option<&Schema> {
        self.encoding.as_ref()?.schema.as_ref()
    }

    /// Hashes of the rows that it was trained on; nothing for runs that keep none.
    ///
    /// # Errors
    /// When they are damaged.
    pub fn trained_rows(&self) -> anyhow::Result<Option<TrainedRows>> {
        TrainedRows::read_if_there(&self.run)
    }

    /// What was done about missing values in training.
    pub fn on_missing(&self) -> OnMissing {
        self.record.config.data.user().map(|user| user.on_missing).unwrap_or_default()
    }

    /// The files that a command reads which asks about these rows.
    pub fn reads<'a>(&'a self, of: RowsOf<'a>) -> Vec<&'a Path> {
        self.record.data_files().into_iter().chain(of.files()).collect()
    }

    /// The names of the targets, with commas between them.
    pub fn target_names(&self) -> String {
        self.targets.join(", ")
    }

    /// The prefix of a dimension's columns: nothing where there is only one.
    pub fn prefix(&self, dimension: usize) -> String {
        if self.targets.len() == 1 { String::new() } else { format!("{}_", self.targets[dimension]) }
    }

    /// The rows, in chunks.
    ///
    /// # Errors
    /// When there are none, or they cannot be read.
    pub fn rows<'a>(
        &'a self,
        of: RowsOf<'a>,
        targets: Targets,
        on_missing: OnMissing,
        console: Console,
    ) -> anyhow::Result<Chunks<'a>> {
        let required = targets == Targets::Required;
        match (&self.record.config.data, of) {
            (Data::User(user), of) => {
                let encoding =
                    self.encoding.as_ref().context("a model of the user's data says how they are encoded")?;
                user_rows::rows(&self.run, user, encoding, of, targets, on_missing)
            }
            (_, RowsOf::File { labels: Some(_), .. }) => {
                Err(failure(Exit::Usage, "--labels is for a folder of images of your own data"))
            }
            (Data::Toy(_) | Data::Pairs, RowsOf::Numbers(x)) => Ok(of_numbers(finite(x)?, None)),
            (Data::Toy(_) | Data::Pairs, RowsOf::File { file, .. }) if required => {
                let pairs = read_pairs(origin(file))?;
                Ok(of_numbers(pairs.x, Some(pairs.y)))
            }
            (Data::Toy(_) | Data::Pairs, RowsOf::File { file, .. }) => Ok(of_numbers(read_inputs(origin(file))?, None)),
            (Data::Toy(toy), RowsOf::Part(Part::Test)) => {
                let pairs = toy::test(*toy);
                Ok(of_numbers(pairs.x, Some(pairs.y)))
            }
            (Data::Images { task, .. }, RowsOf::File { file, .. }) => images::rows(*task, file, required),
            (Data::Images { task, source }, RowsOf::Part(Part::Test)) => images::test_rows(*task, source, console),
            (Data::Images { .. }, RowsOf::Numbers(_)) => {
                Err(failure(Exit::Usage, "this model takes images: give a file of them, not --x"))
            }
            (Data::Pairs, RowsOf::Part(_)) => Err(no_test_examples()),
            (Data::Toy(_) | Data::Images { .. }, RowsOf::Part(part)) => {
                let (part, source) = (part.name(), &self.record.data.source);
                Err(failure(Exit::Usage, format!("{source} has no {part} part: give a file of held-out examples")))
            }
        }
    }

    /// Calls `with` for some rows after others: the model that predicts them, the number of rows before them, and they.
    ///
    /// The training rows of an ensemble without held-out rows are predicted by the members that were not trained on them.
    ///
    /// # Errors
    /// When there are none, they cannot be read, or a label does not fit the kind of its target.
    pub fn each(
        &self,
        of: RowsOf<'_>,
        console: Console,
        mut with: impl FnMut(&Predictor, usize, &Labelled, &[Place]),
    ) -> anyhow::Result<()> {
        let bar = console.row_counter();
        let mut first = 0;
        let mut next = |predictor: &Predictor, rows: &Labelled, places: &[Place]| {
            with(predictor, first, rows, places);
            first += places.len();
            bar.set_position(first as u64);
        };
        if self.is_out_of_fold(of)? {
            self.out_of_fold()?.each(next)?;
        } else {
            for rows in self.rows(of, Targets::Required, self.on_missing(), console)? {
                let rows = rows?;
                let places = rows.places.clone();
                next(&self.predictor, &self.with_labels(rows)?, &places);
            }
        }
        bar.finish_and_clear();
        Ok(())
    }

    /// Every row compared with its predictive density, see [`TrainedModel::each`].
    ///
    /// # Errors
    /// As [`TrainedModel::each`].
    pub fn assess(&self, of: RowsOf<'_>, console: Console) -> anyhow::Result<Vec<Assessment>> {
        let mut assessments = Vec::new();
        self.each(of, console, |predictor, first, rows, _| {
            assessments.extend(assess(predictor, first, rows, &mut |_| ()));
        })?;
        must_be_finite(&assessments)?;
        Ok(assessments)
    }

    fn with_labels(&self, rows: Rows) -> anyhow::Result<Labelled> {
        let width = rows.inputs.len() / rows.places.len();
        let targets = rows.targets.clone().expect("targets are required");
        self.predictor.space().check(&targets).map_err(|error| rows.unfit(error))?;
        Ok(Labelled::new(rows.inputs, width, targets, self.predictor.space().clone())?)
    }
}

/// Warns of a run whose files nobody can compare with what was written.
fn warn_if_unsealed(run: &Path, record: &Record) {
    if record.status == Status::Done && !Manifest::exists(run) {
        let run = run.display();
        tell(format_args!(
            "warning: {run} has no manifest.json, as runs of earlier releases: damage to its files is not noticed; \
             `ebm inspect {run} --reseal` writes one"
        ));
    }
}

/// Numbers of the command line as the network is given them.
fn finite(x: &[f64]) -> anyhow::Result<Vec<f64>> {
    match x.iter().find(|&&x| !(x as f32).is_finite()) {
        Some(x) => Err(failure(Exit::Usage, format!("--x {x:e} is not a finite number of 32 bits"))),
        None => Ok(x.to_vec()),
    }
}

#[cfg(test)]
mod flips;
