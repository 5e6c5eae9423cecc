//! `ebm train`

mod backbone;
mod fit;
mod open;
mod options;

use std::path::{Path, PathBuf};

use super::{How, evaluate};
use crate::cli::TrainArgs;
use crate::exit::{Exit, failure};
use crate::experiment::{Dataset, Experiment};
use crate::interrupt::Interrupt;
use crate::output::print_json;
use crate::run_folder::RunFolder;
use crate::task::{TrainingData, training_data};
use fit::Training;
use open::{Opened, Place, Run};

pub fn run(args: &TrainArgs, how: How) -> anyhow::Result<()> {
    let mut experiment = options::resolve(args)?;
    let device = args.device.open()?;
    let data = training_data(&experiment, args.train_file.as_deref(), how)?;
    options::settle(args, &mut experiment, &data)?;
    warn_of_scale(&experiment, &data, how);

    let places = places(args);
    let mut runs: Vec<Run> = Vec::new();
    // No other process touches them before they are evaluated.
    let mut held: Vec<RunFolder> = Vec::new();
    let mut failures: Vec<anyhow::Error> = Vec::new();
    for place in &places {
        match open::open(args, place, &experiment, &data)? {
            Opened::Run(run) => {
                held.push(run.folder.clone());
                runs.push(*run);
            }
            Opened::Trained(folder) => {
                how.say(format_args!("{} is trained already", place.path.display()));
                held.push(folder);
            }
            Opened::Failed(error) => failures.push(error),
        }
    }
    let interrupt = Interrupt::listen()?;
    let training = Training { args, data: &data, device: &device, interrupt: &interrupt, how };
    failures.extend(training.run(runs)?);
    if interrupt.end_at_once() && args.evaluate {
        let paths: Vec<String> = places.iter().map(|place| place.path.display().to_string()).collect();
        let message =
            format!("interrupted; {} is trained: the same options with `--resume` evaluate it", paths.join(", "));
        return Err(failure(Exit::Interrupted, message));
    }
    for place in places.iter().filter(|place| place.path.join("model.json").exists()) {
        if places.len() > 1 && args.evaluate {
            how.say(format_args!("{}:", place.path.display()));
        }
        finish(args, &place.path, how)?;
        if how.json && !args.evaluate {
            print_json(&crate::load::record(&place.path)?)?;
        }
    }
    drop(held);
    match failures.len() {
        0 => Ok(()),
        1 if places.len() == 1 => Err(failures.remove(0)),
        count => {
            let context = format!("networks that failed: {count} of {}; the first", places.len());
            Err(failures.remove(0).context(context))
        }
    }
}

/// Where the networks that are asked for go.
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

/// What comes after a trained model.
fn finish(args: &TrainArgs, path: &Path, how: How) -> anyhow::Result<()> {
    if args.evaluate && !path.join("evaluation.json").exists() {
        evaluate::trained(path, args.device, how)
    } else {
        Ok(())
    }
}

/// `runs/<what>/seed-<n>`
fn default_folder(args: &TrainArgs, seed: u64) -> PathBuf {
    let stem =
        |path: &Path| path.file_stem().map_or_else(|| "run".to_owned(), |stem| stem.to_string_lossy().into_owned());
    let own = args.own.table.as_deref().or(args.own.images.as_deref());
    let what = match (&args.preset, &args.config, &args.train_file) {
        _ if let Some(own) = own => stem(own),
        (Some(preset), ..) => preset.clone(),
        (None, Some(file), _) | (None, None, Some(file)) => stem(file),
        (None, None, None) => "run".to_owned(),
    };
    Path::new("runs").join(what).join(format!("seed-{seed}"))
}

/// A seed of nobody's choosing, short enough to type.
fn drawn_seed() -> u64 {
    use std::hash::{BuildHasher, Hasher, RandomState};
    RandomState::new().build_hasher().finish() % 1_000_000
}

/// The networks take values as they are; say so when they are far from what they learn well.
fn warn_of_scale(experiment: &Experiment, data: &TrainingData, how: How) {
    if matches!(experiment.dataset, Dataset::Age | Dataset::Cells) {
        how.say(format_args!(
            "labels are whole numbers: a continuous density of them is unbounded, and likelihoods compare only with one \
             another"
        ));
    }
    if experiment.dataset != Dataset::File {
        return;
    }
    let [low, high] = data.record.target_range;
    let largest = low.abs().max(high.abs());
    if largest > 100.0 || high - low < 0.01 {
        how.warn(format_args!(
            "y runs from {low} to {high} and is used as it is; training is slow or fails far from a spread \
             of about 1: rescale the column"
        ));
    }
}
