//! All that decides a training, resolved once.

use std::path::{Path, PathBuf};
use std::time::Duration;

use burn::tensor::Device;
use ebm_core::Dataset;

use super::flags;
use crate::cli::train::TrainArgs;
use crate::console::Console;
use crate::device::DeviceName;
use crate::exit::{Exit, failure};
use crate::experiment::Experiment;
use crate::experiment::data::Data;
use crate::experiment::ensemble::Ensemble;
use crate::experiment::task::Task;
use crate::overlap;
use crate::run::document::Document;
use crate::run::trained_rows::{TrainedRows, hashes};
use crate::task::{images, pairs, toy};
use crate::training_data::TrainingData;
use crate::user_data::training;

/// What is trained, on what, and where it goes.
pub struct Plan {
    pub experiment: Experiment,
    pub data: TrainingData,
    /// What is kept of the rows, to recognise them; nothing for a member, whose ensemble keeps them.
    pub rows: Option<TrainedRows>,
    pub device: Device,
    pub device_name: DeviceName,
    /// One for each network.
    pub places: Vec<Place>,
    pub existing: Existing,
    pub snapshot_epochs: Vec<usize>,
    pub checkpoint_every: Duration,
    /// Evaluate when trained.
    pub evaluate: bool,
}

impl Plan {
    /// Writes what a run keeps of its data beside its record.
    pub fn write_data(&self, run: &Path) -> anyhow::Result<()> {
        self.data.write(run)?;
        self.rows.as_ref().map_or(Ok(()), |rows| rows.write(run))
    }
}

/// Where a network goes, and its seed.
pub struct Place {
    pub path: PathBuf,
    pub seed: u64,
    /// Whether the seed was given; otherwise a run that is continued keeps its own.
    pub is_given: bool,
}

/// What to do with a run that exists already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// It is refused.
    Refuse,
    /// It is continued if it is of the same plan.
    Resume,
    /// It is continued even if it is of another plan.
    ResumeMismatched,
    /// It is deleted.
    Replace,
}

impl Existing {
    /// Whether a run is continued where there is one.
    pub fn continues(self) -> bool {
        match self {
            Self::Resume | Self::ResumeMismatched => true,
            Self::Refuse | Self::Replace => false,
        }
    }
}

/// Reads preset, configuration and data, and puts the flags on top.
///
/// # Errors
/// When the arguments contradict each other, or something cannot be read.
pub fn resolve(args: &TrainArgs, console: Console) -> anyhow::Result<Plan> {
    let mut experiment = flags::experiment(args)?;
    let device = args.device.open()?;
    let mut data = training_data(&experiment, args.train_file.as_deref(), console)?;
    if experiment.ensemble.is_some() && args.members.is_none() && data.record.examples > Ensemble::ROWS {
        console.say(format_args!(
            "more than {} rows: one network, with a validation part; `--members 5` trains an ensemble",
            Ensemble::ROWS
        ));
        experiment = flags::one_network(experiment, args)?;
        data = training_data(&experiment, args.train_file.as_deref(), console)?;
    }
    if data.folded.as_ref().is_some_and(|folded| folded.folds() < 2) {
        let rows = data.record.examples;
        return Err(failure(
            Exit::Data,
            format!("{rows} training rows are too few to learn from: at least 2 are needed"),
        ));
    }
    if args.user.is_given() {
        experiment.training = flags::training_of(args, &data, &experiment.method);
        flags::network_of(args, &data, &mut experiment.network);
        if let Some(ensemble) = &mut experiment.ensemble {
            ensemble.trees = flags::trees_of(args, &data);
        }
    }
    let epochs = experiment.training.epochs;
    if let Some(epoch) = args.snapshot_epochs.iter().find(|epoch| !(1..=epochs).contains(epoch)) {
        return Err(failure(Exit::Usage, format!("--snapshot-epochs {epoch}: there are epochs 1 to {epochs}")));
    }
    warn_of_scale(&experiment.data, data.record.target_range, console);
    let held_out = data.validation.as_deref().map(|held_out| -> &dyn Dataset { held_out });
    let rows = TrainedRows::of(data.examples.as_ref(), held_out);
    if experiment.data.user().is_some_and(|user| user.validation.is_some()) {
        refuse_overlap(&rows, &data, args.allow_overlap, console)?;
    }
    Ok(Plan {
        experiment,
        data,
        rows: Some(rows),
        device,
        device_name: args.device,
        places: places(args),
        existing: match (args.force, args.resume, args.allow_mismatch) {
            (true, ..) => Existing::Replace,
            (false, true, true) => Existing::ResumeMismatched,
            (false, true, false) => Existing::Resume,
            (false, false, _) => Existing::Refuse,
        },
        snapshot_epochs: args.snapshot_epochs.clone(),
        checkpoint_every: args.checkpoint_seconds,
        evaluate: args.evaluate,
    })
}

/// Refuses a validation table with rows that are trained on.
fn refuse_overlap(rows: &TrainedRows, data: &TrainingData, allow: bool, console: Console) -> anyhow::Result<()> {
    let Some(validation) = data.validation.as_deref() else { return Ok(()) };
    let overlap = rows.train.overlap(&hashes(validation));
    overlap::judge(overlap, "of --valid are trained on", "the model would be chosen by them", allow, console)
}

/// The training data of an experiment, or in a file of pairs instead of its own.
fn training_data(experiment: &Experiment, file: Option<&Path>, console: Console) -> anyhow::Result<TrainingData> {
    let folds = experiment.ensemble.as_ref().map(|ensemble| ensemble.folds);
    match (&experiment.data, file) {
        (Data::User(user), _) => training::training_data(user, folds, console),
        (Data::Images { task, source }, _) => images::training_data(*task, source, console),
        (Data::Toy(_) | Data::Pairs, Some(file)) => pairs::training_data(file),
        (Data::Toy(toy), None) => Ok(toy::training_data(*toy)),
        (Data::Pairs, None) => Err(failure(Exit::Usage, "dataset = \"file\" needs the file: --train-file FILE.csv")),
    }
}

/// The folder and the seed of each network.
fn places(args: &TrainArgs) -> Vec<Place> {
    let Some(seeds) = &args.seeds else {
        let seed = args.seed.unwrap_or_else(drawn_seed);
        let path = args.out.clone().unwrap_or_else(|| default_folder(args, seed));
        return vec![Place { path, seed, is_given: args.seed.is_some() }];
    };
    let place = |&seed: &u64| {
        let path = args.out.as_ref().map(|out| out.join(format!("seed-{seed}")));
        Place { path: path.unwrap_or_else(|| default_folder(args, seed)), seed, is_given: true }
    };
    seeds.0.iter().map(place).collect()
}

/// `runs/<what>/seed-<n>`
fn default_folder(args: &TrainArgs, seed: u64) -> PathBuf {
    let stem =
        |path: &Path| path.file_stem().map_or_else(|| "run".to_owned(), |stem| stem.to_string_lossy().into_owned());
    let user = args.user.table.as_deref().or(args.user.images.as_deref());
    let what = match (&args.preset, &args.config, &args.train_file) {
        _ if let Some(user) = user => stem(user),
        (Some(preset), ..) => preset.clone(),
        (None, Some(file), _) | (None, None, Some(file)) => stem(file),
        (None, None, None) => "run".to_owned(),
    };
    Path::new("runs").join(what).join(format!("seed-{seed}"))
}

/// A random seed, short enough to type.
fn drawn_seed() -> u64 {
    use std::hash::{BuildHasher, Hasher, RandomState};
    RandomState::new().build_hasher().finish() % 1_000_000
}

/// Warns of targets that networks do not learn well in their own units.
fn warn_of_scale(data: &Data, [low, high]: [f64; 2], console: Console) {
    match data {
        Data::Images { task: Task::Age | Task::Cells, .. } => console.say(
            "labels are whole numbers: a continuous density of them is unbounded, and likelihoods compare only with one \
             another",
        ),
        Data::Pairs if low.abs().max(high.abs()) > 100.0 || high - low < 0.01 => console.warn(format_args!(
            "y runs from {low} to {high} and is used as it is; training is slow or fails far from a spread \
             of about 1: rescale the column"
        )),
        _ => {}
    }
}
