//! `ebm train`

mod backbone;
mod options;

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Context;
use ebm_core::checkpoint::{self, CheckpointError};
use ebm_core::{Model, ModelConfig, TrainError, TrainState, Validation, fit, fit_validated};

use super::{How, evaluate};
use crate::cli::TrainArgs;
use crate::exit::{Exit, failure};
use crate::experiment::{Dataset, Experiment};
use crate::interrupt::Interrupt;
use crate::output::print_json;
use crate::progress::Progress;
use crate::run_folder::{RUN_SCHEMA, Record, RunFolder, Status, write_json};
use crate::task::{TrainingData, training_data};

pub fn run(args: &TrainArgs, how: How) -> anyhow::Result<()> {
    let mut experiment = options::resolve(args)?;
    let device = args.device.open()?;
    let data = training_data(&experiment, args.train_file.as_deref(), how)?;
    options::settle(args, &mut experiment, &data)?;
    warn_of_scale(&experiment, &data, how);

    let seed = args.seed.unwrap_or_else(drawn_seed);
    let path = args.out.clone().unwrap_or_else(|| default_folder(args, seed));
    refuse_foreign(&path, args)?;
    let folder = RunFolder::lock(&path)?;
    // Again, now that no other process can change what is there.
    refuse_foreign(&path, args)?;
    if args.force {
        // Without its checkpoint, a run starts again.
        checkpoint::remove(&path)?;
    }
    let earlier = if args.force { None } else { folder.record().with_context(|| lost(&path))? };
    // A run that is continued without --seed keeps its own.
    let seed = match (&earlier, args.seed) {
        (Some(record), None) => record.seed,
        _ => seed,
    };
    let mut record = Record {
        schema: RUN_SCHEMA.to_owned(),
        status: Status::Running,
        config: experiment,
        seed,
        device: args.device.to_string(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        revision: env!("EBM_REVISION").to_owned(),
        data: data.record.clone(),
        train_seconds: 0.0,
        error: None,
    };
    if let Some(earlier) = &earlier {
        refuse_mismatch(earlier, &record, &path, args)?;
        record.train_seconds = earlier.train_seconds;
        match earlier.status {
            Status::Done => {
                how.say(format_args!("{} is trained already", path.display()));
                return finish(args, &path, how);
            }
            Status::Failed => {
                let why = earlier.error.clone().unwrap_or_default();
                return Err(failure(
                    Exit::Internal,
                    format!("{} failed before: {why}; --force starts again", path.display()),
                ));
            }
            Status::Running | Status::Interrupted => {}
        }
    }
    let interrupt = Interrupt::listen()?;
    train(args, &folder, &mut record, &data, &device, &interrupt, how)?;
    if interrupt.end_at_once() && args.evaluate {
        let message =
            format!("interrupted; {} is trained: the same options with `--resume` evaluate it", path.display());
        return Err(failure(Exit::Interrupted, message));
    }
    finish(args, &path, how)?;
    if how.json && !args.evaluate { print_json(&record) } else { Ok(()) }
}

/// Trains from the last checkpoint, or from the start, to the end.
fn train(
    args: &TrainArgs,
    folder: &RunFolder,
    record: &mut Record,
    data: &TrainingData,
    device: &burn::tensor::Device,
    interrupt: &Interrupt,
    how: How,
) -> anyhow::Result<()> {
    let training = record.config.training.clone();
    let config = ModelConfig {
        input: data.examples.input_width(),
        target: data.examples.target_width(),
        method: record.config.method.clone(),
        network: record.config.network.clone(),
        axes: data.own.as_ref().map(|own| own.space.axes()).unwrap_or_default(),
    };
    let fresh = config.init(record.seed, &device.clone().autodiff());
    let path = folder.path().display().to_string();
    let steps_per_epoch = data.examples.len().div_ceil(training.batch_size);
    let state = if checkpoint::exists(folder.path()) {
        let state = continued(folder, fresh, steps_per_epoch)?;
        // Under --allow-mismatch the checkpoint's seed decides.
        record.seed = state.seed();
        how.say(format_args!("continuing {path} at epoch {}, seed {}", state.position().epoch + 1, record.seed));
        folder.write_record(record)?;
        folder.truncate_metrics(state.position().epoch)?;
        state
    } else {
        how.say(format_args!("training {path} on {}, seed {}", record.device, record.seed));
        let fresh = backbone::pretrained(fresh, &record.config, how)?;
        folder.write_record(record)?;
        folder.clear()?;
        if let Some(split) = &data.split {
            write_json(&folder.path().join("split.json"), split)?;
        }
        TrainState::new(fresh, record.seed)
    };

    let mut progress = Progress::new(folder, interrupt.clone(), &training, steps_per_epoch, how.quiet)
        .snapshots(&args.snapshot_epochs)
        .checkpoint_every(args.checkpoint_seconds)
        .start_at(state.position().epoch.saturating_mul(steps_per_epoch).saturating_add(state.position().step));
    let started = Instant::now();
    let validation = data.validation.as_deref().map(|held_out| Validation::new(held_out, device));
    let fitted = match &validation {
        Some(validation) => fit_validated(state, data.examples.as_ref(), validation, &training, &mut progress),
        None => fit(state, data.examples.as_ref(), &training, &mut progress),
    };
    record.train_seconds += started.elapsed().as_secs_f64();

    let saved = progress.finish().and_then(|()| {
        let state = fitted?;
        let finished = state.is_finished(&training);
        if finished {
            folder.write_model(&state.model, config, record.data.target_range, data.own.clone())?;
        } else {
            checkpoint::save(folder.path(), &state)?;
        }
        Ok(finished)
    });
    match saved {
        Ok(true) => {}
        Ok(false) => {
            record.status = Status::Interrupted;
            folder.write_record(record)?;
            let message = format!("interrupted and saved: the same options with `--resume --out {path}` go on");
            return Err(failure(Exit::Interrupted, message));
        }
        Err(error) if is_divergence(&error) => {
            record.status = Status::Failed;
            record.error = Some(error.to_string());
            folder.write_record(record)?;
            return Err(error.context(format!("training diverged in {path}; try a smaller --learning-rate")));
        }
        Err(error) => return Err(error),
    }
    record.status = Status::Done;
    folder.write_record(record)?;
    checkpoint::remove(folder.path())?;
    how.say(format_args!("trained {path} in {:.1} s", record.train_seconds));
    Ok(())
}

/// The state in the folder's checkpoint.
fn continued(folder: &RunFolder, fresh: Model, steps_per_epoch: usize) -> anyhow::Result<TrainState<Model>> {
    let path = folder.path().display();
    let state = checkpoint::load(folder.path(), fresh).with_context(|| lost(folder.path()))?;
    let step = state.position().step;
    if step >= steps_per_epoch {
        let message = format!(
            "the checkpoint in {path} lies at step {step} of an epoch, which has {steps_per_epoch} now: give the batch \
             size and data it was started with, or --force to start again"
        );
        return Err(failure(Exit::Config, message));
    }
    Ok(state)
}

fn lost(path: &Path) -> String {
    format!("the run in {} cannot be continued: --force starts again", path.display())
}

/// Whether losses or weights have become NaN or infinite.
fn is_divergence(error: &anyhow::Error) -> bool {
    error.is::<TrainError>() || matches!(error.downcast_ref(), Some(CheckpointError::NonFinite { .. }))
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

/// Refuses to touch a run unasked, or to write into a folder that is something else.
fn refuse_foreign(path: &Path, args: &TrainArgs) -> anyhow::Result<()> {
    let name = path.display();
    if path.join("run.json").exists() {
        if args.resume || args.force {
            return Ok(());
        }
        let message = format!(
            "there is a run in {name}: --resume continues it, --force deletes it and starts again, --out writes elsewhere"
        );
        return Err(failure(Exit::CannotWrite, message));
    }
    let entries = match std::fs::read_dir(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failure(Exit::CannotWrite, format!("cannot use {name} as a run folder: {error}"))),
        Ok(entries) => entries,
    };
    // All that a run leaves that was killed before its first record.
    if entries.flatten().any(|entry| entry.file_name() != "lock" && entry.file_name() != "run.json.tmp") {
        let message = format!("{name} holds other files and is not a run folder: choose another --out");
        return Err(failure(Exit::CannotWrite, message));
    }
    Ok(())
}

/// A continuation must be of the same run, unless it is asked for; of a run that is done there is none.
fn refuse_mismatch(earlier: &Record, now: &Record, path: &Path, args: &TrainArgs) -> anyhow::Result<()> {
    let differs = [
        ("configuration", earlier.config != now.config),
        ("seed", earlier.seed != now.seed),
        ("training data", earlier.data.fingerprint != now.data.fingerprint),
        ("device", earlier.device != now.device),
    ];
    let what: Vec<&str> = differs.into_iter().filter_map(|(what, differs)| differs.then_some(what)).collect();
    let done = earlier.status == Status::Done;
    if what.is_empty() || args.allow_mismatch && !done {
        return Ok(());
    }
    let (path, what) = (path.display(), what.join(", "));
    let message = if done {
        format!(
            "the run in {path} is trained already, with another {what}: --force starts again, --out writes elsewhere"
        )
    } else {
        format!(
            "the run in {path} has another {what}: give the options it was started with, --allow-mismatch to go on all \
             the same, or another --out"
        )
    };
    Err(failure(Exit::Config, message))
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
