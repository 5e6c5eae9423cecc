//! `ebm train`

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use ebm_core::checkpoint::{self, Identity};
use ebm_core::{Method, ModelConfig, Objective, TrainState, fit};

use super::{How, evaluate};
use crate::cli::{MethodName, ObjectiveName, TrainArgs};
use crate::exit::{Exit, failure};
use crate::experiment::Experiment;
use crate::interrupt::Interrupt;
use crate::progress::Progress;
use crate::run_folder::{MODEL_SCHEMA, ModelRecord, RUN_SCHEMA, Record, RunFolder, Status, write_json};
use crate::task::{TrainingData, training_data};

pub fn run(args: &TrainArgs, how: How) -> anyhow::Result<()> {
    let experiment = resolve(args)?;
    if !(args.checkpoint_seconds >= 0.0 && args.checkpoint_seconds.is_finite()) {
        return Err(failure(Exit::Usage, "--checkpoint-seconds must be 0 or a positive number"));
    }
    let device = args.device.open()?;
    let data = training_data(experiment.dataset, args.train_file.as_deref())?;
    warn_of_scale(&data, how);

    let seed = args.seed.unwrap_or_else(drawn_seed);
    let path = args.out.clone().unwrap_or_else(|| default_folder(args, seed));
    let earlier = refuse_foreign(&path, args)?;
    let folder = RunFolder::lock(&path)?;
    if args.force {
        folder.clear()?;
    }
    let earlier = if args.force { None } else { earlier.then(|| folder.record()).transpose()?.flatten() };
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
        if !args.allow_mismatch {
            refuse_mismatch(earlier, &record, &path)?;
        }
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
    train(args, &folder, &mut record, &data, &device, how)?;
    finish(args, &path, how)
}

/// Trains from the last checkpoint, or from the start, to the end.
fn train(
    args: &TrainArgs,
    folder: &RunFolder,
    record: &mut Record,
    data: &TrainingData,
    device: &burn::tensor::Device,
    how: How,
) -> anyhow::Result<()> {
    let interrupt = Interrupt::listen()?;
    let training = record.config.training.clone();
    let config = ModelConfig {
        input: data.examples.input_width(),
        target: data.examples.target_width(),
        method: record.config.method.clone(),
        network: record.config.network.clone(),
    };
    let identity = Identity {
        config: serde_json::to_string(&record.config)?,
        data: record.data.fingerprint.clone(),
        device: record.device.clone(),
    };
    let fresh = config.init(record.seed, &device.clone().autodiff());
    let path = folder.path().display().to_string();
    let state = if checkpoint::exists(folder.path()) {
        let (state, _) = checkpoint::load(folder.path(), fresh)?;
        how.say(format_args!("continuing {path} at epoch {}, seed {}", state.position().epoch + 1, record.seed));
        state
    } else {
        how.say(format_args!("training {path} on {}, seed {}", record.device, record.seed));
        TrainState::new(fresh, record.seed)
    };
    folder.truncate_metrics(state.position().epoch)?;
    folder.write_record(record)?;

    let steps_per_epoch = data.examples.len().div_ceil(training.batch_size);
    let mut progress = Progress::new(folder, identity.clone(), interrupt, &training, steps_per_epoch, how.quiet)
        .snapshots(&args.snapshot_epochs)
        .checkpoint_every(Duration::from_secs_f64(args.checkpoint_seconds))
        .start_at(state.position().epoch * steps_per_epoch + state.position().step);
    let started = Instant::now();
    let result = fit(state, &data.examples, &training, &mut progress);
    record.train_seconds += started.elapsed().as_secs_f64();

    let state = match result {
        Ok(state) => state,
        Err(error) => {
            record.status = Status::Failed;
            record.error = Some(error.to_string());
            folder.write_record(record)?;
            return Err(anyhow::Error::from(error)
                .context(format!("training diverged in {path}; try a smaller --learning-rate")));
        }
    };
    progress.finish()?;
    if !state.is_finished(&training) {
        checkpoint::save(folder.path(), &state, &identity)?;
        record.status = Status::Interrupted;
        folder.write_record(record)?;
        let message = format!("interrupted; {path} is saved, `--resume` with the same options goes on");
        return Err(failure(Exit::Interrupted, message));
    }
    checkpoint::save_weights(&folder.path().join("model.safetensors"), &state.model)?;
    let about = ModelRecord { schema: MODEL_SCHEMA.to_owned(), model: config, target_range: record.data.target_range };
    write_json(&folder.path().join("model.json"), &about)?;
    record.status = Status::Done;
    folder.write_record(record)?;
    checkpoint::remove(folder.path())?;
    how.say(format_args!("trained {path} in {:.1} s", record.train_seconds));
    Ok(())
}

/// What comes after a trained model.
fn finish(args: &TrainArgs, path: &Path, how: How) -> anyhow::Result<()> {
    if args.evaluate && !path.join("evaluation.json").exists() {
        evaluate::trained(path, args.device, how)
    } else {
        Ok(())
    }
}

/// The experiment that preset or file and flags ask for.
fn resolve(args: &TrainArgs) -> anyhow::Result<Experiment> {
    let mut experiment = match (&args.preset, &args.config, &args.train_file) {
        (Some(name), ..) => Experiment::preset(name)?,
        (None, Some(file), _) => Experiment::read(file)?,
        (None, None, Some(_)) => Experiment::own_data(),
        (None, None, None) => {
            return Err(failure(
                Exit::Usage,
                "nothing to train: give --preset NAME (such as toy_1/ours_k4), --config FILE or --train-file FILE",
            ));
        }
    };
    experiment.method = method(args, &experiment.method)?;
    let training = &mut experiment.training;
    training.epochs = args.epochs.unwrap_or(training.epochs);
    training.batch_size = args.batch_size.unwrap_or(training.batch_size);
    training.learning_rate = args.learning_rate.unwrap_or(training.learning_rate);
    training.m = args.m.unwrap_or(training.m);
    experiment.check("the command line")?;
    Ok(experiment)
}

/// The method with the flags on top.
///
/// # Errors
/// When a flag does not belong to the method.
fn method(args: &TrainArgs, base: &Method) -> anyhow::Result<Method> {
    let (name, mut components, mut sigmas, mut objective) = match base {
        Method::Mdn { components } => (MethodName::Mdn, Some(*components), None, None),
        Method::EbmFixed { sigmas, objective } => (MethodName::EbmFixed, None, Some(sigmas.clone()), Some(*objective)),
        Method::Ebm { components, objective } => (MethodName::Ebm, Some(*components), None, Some(*objective)),
        Method::MdnTeacher { components, objective } => {
            (MethodName::MdnTeacher, Some(*components), None, Some(*objective))
        }
    };
    let name = args.method.unwrap_or(name);
    let refuse = |flag: &str| Err(failure(Exit::Usage, format!("{flag} has no meaning for this method")));
    match name {
        MethodName::EbmFixed if args.components.is_some() => return refuse("--components"),
        MethodName::Ebm | MethodName::Mdn | MethodName::MdnTeacher if args.sigmas.is_some() => {
            return refuse("--sigmas");
        }
        MethodName::Mdn if args.objective.is_some() => return refuse("--objective"),
        _ => {}
    }
    components = args.components.or(components);
    sigmas = args.sigmas.clone().or(sigmas);
    objective = args
        .objective
        .map(|name| match name {
            ObjectiveName::Nce => Objective::Nce,
            ObjectiveName::Importance => Objective::Importance,
        })
        .or(objective);
    let components = components.unwrap_or(4);
    let objective = objective.unwrap_or_default();
    Ok(match name {
        MethodName::Mdn => Method::Mdn { components },
        MethodName::Ebm => Method::Ebm { components, objective },
        MethodName::MdnTeacher => Method::MdnTeacher { components, objective },
        MethodName::EbmFixed => {
            let Some(sigmas) = sigmas else {
                return Err(failure(Exit::Usage, "--method ebm-fixed needs the scales of its noise: --sigmas 0.1,0.8"));
            };
            Method::EbmFixed { sigmas, objective }
        }
    })
}

/// `runs/<what>/seed-<n>`
fn default_folder(args: &TrainArgs, seed: u64) -> PathBuf {
    let stem =
        |path: &Path| path.file_stem().map_or_else(|| "run".to_owned(), |stem| stem.to_string_lossy().into_owned());
    let what = match (&args.preset, &args.config, &args.train_file) {
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

/// Whether a run is there already; refuses to touch it unasked, or to write into a folder that is something else.
fn refuse_foreign(path: &Path, args: &TrainArgs) -> anyhow::Result<bool> {
    let name = path.display();
    if path.join("run.json").exists() {
        if args.resume || args.force {
            return Ok(true);
        }
        let message = format!(
            "there is a run in {name}: --resume continues it, --force deletes it and starts again, --out writes elsewhere"
        );
        return Err(failure(Exit::CannotWrite, message));
    }
    let entries = match std::fs::read_dir(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(failure(Exit::CannotWrite, format!("cannot use {name} as a run folder: {error}"))),
        Ok(entries) => entries,
    };
    // A run killed before its first record leaves an empty folder with a lock.
    if entries.flatten().any(|entry| entry.file_name() != "lock") {
        let message = format!("{name} holds other files and is not a run folder: choose another --out");
        return Err(failure(Exit::CannotWrite, message));
    }
    Ok(false)
}

/// A continuation must be of the same run.
fn refuse_mismatch(earlier: &Record, now: &Record, path: &Path) -> anyhow::Result<()> {
    let differs = [
        ("configuration", earlier.config != now.config),
        ("seed", earlier.seed != now.seed),
        ("training data", earlier.data.fingerprint != now.data.fingerprint),
        ("device", earlier.device != now.device),
    ];
    let what: Vec<&str> = differs.into_iter().filter_map(|(what, differs)| differs.then_some(what)).collect();
    if what.is_empty() {
        return Ok(());
    }
    let message = format!(
        "the run in {} has another {}: give the options it was started with, --allow-mismatch to go on all the same, \
         or another --out",
        path.display(),
        what.join(", ")
    );
    Err(failure(Exit::Config, message))
}

/// The networks take values as they are; say so when they are far from what they learn well.
fn warn_of_scale(data: &TrainingData, how: How) {
    let [low, high] = data.record.target_range;
    let largest = low.abs().max(high.abs());
    if largest > 100.0 || high - low < 0.01 {
        how.say(format_args!(
            "warning: y runs from {low} to {high} and is used as it is; training is slow or fails far from a spread \
             of about 1: rescale the column"
        ));
    }
}
