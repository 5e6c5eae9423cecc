//! `ebm import`

use std::path::Path;

use anyhow::Context;
use ebm_core::network::backbone::BackboneConfig;
use ebm_core::{ImportAs, Imported, ModelConfig, StateDict, TrainingConfig, checkpoint, import};
use ebm_data::image::BadImages;
use serde::Serialize;

use super::How;
use crate::cli::{ImportArgs, MethodName};
use crate::exit::{Exit, failure};
use crate::experiment::{Dataset, Experiment, ImageSource};
use crate::output::print_json;
use crate::run_folder::{DataRecord, RUN_SCHEMA, Record, RunFolder, Status, write_json};
use crate::task::{images, training_data};

/// `import.json`: where a model came from.
#[derive(Serialize)]
struct Provenance {
    schema: &'static str,
    file: String,
    sha256: String,
    model: ModelConfig,
    tensors_used: usize,
    tensors_unused: Vec<String>,
}

pub fn run(args: &ImportArgs, how: How) -> anyhow::Result<()> {
    let into = into(args)?;
    refuse_taken(&args.out)?;
    let device = args.device.open()?;
    let name = args.file.display();
    let cannot = || format!("{name} cannot be imported");
    let weights = StateDict::read(&args.file).with_context(cannot)?;
    let Imported { config, model, report } = import(&weights, into, &device).with_context(cannot)?;
    let bad = |why: String| failure(Exit::Data, format!("{name} cannot be imported: {why}"));
    Experiment::check_networks(&config.method, &config.network).map_err(bad)?;
    fits(&config, args.dataset).map_err(bad)?;

    let provenance = Provenance {
        schema: "ebm.import/1",
        file: std::path::absolute(&args.file)?.display().to_string(),
        sha256: checkpoint::sha256(&args.file)?,
        model: config.clone(),
        tensors_used: report.used,
        tensors_unused: report.unused,
    };
    let record = record(args, &config, &provenance, how)?;
    let folder = RunFolder::lock(&args.out)?;
    folder.write_model(&model, config, record.data.target_range, None)?;
    write_json(&folder.path().join("import.json"), &provenance)?;
    folder.write_record(&record)?;

    if !provenance.tensors_unused.is_empty() {
        let unused = &provenance.tensors_unused;
        how.warn(format_args!("{} tensors of {name} are not used, the first is {:?}", unused.len(), unused[0]));
    }
    how.say(format_args!("imported {} tensors into {}", provenance.tensors_used, args.out.display()));
    if how.json { print_json(&provenance) } else { Ok(()) }
}

/// What the flags say that the file is.
fn into(args: &ImportArgs) -> anyhow::Result<ImportAs> {
    let refuse = |message: &str| Err(failure(Exit::Usage, message));
    if args.sigmas.is_some() && args.method != Some(MethodName::EbmFixed) {
        return refuse("--sigmas is for --method ebm-fixed");
    }
    if args.teacher.is_some() && args.method != Some(MethodName::MdnTeacher) {
        return refuse("--teacher is for --method mdn-teacher");
    }
    Ok(match args.method {
        None => ImportAs::Found,
        Some(MethodName::Ebm) => ImportAs::Ebm,
        Some(MethodName::Mdn) => ImportAs::Mdn,
        Some(MethodName::EbmFixed) => match &args.sigmas {
            Some(sigmas) => ImportAs::EbmFixed { sigmas: sigmas.clone() },
            None => return refuse("--method ebm-fixed needs the scales of its noise: --sigmas 0.1,0.8"),
        },
        Some(MethodName::MdnTeacher) => match &args.teacher {
            Some(file) => {
                let teacher =
                    StateDict::read(file).with_context(|| format!("{} cannot be imported", file.display()))?;
                ImportAs::MdnTeacher { teacher }
            }
            None => {
                return refuse(
                    "--method mdn-teacher needs the teacher's file: --teacher FILE; without it, --method mdn imports the \
                     same density",
                );
            }
        },
    })
}

/// A run is never overwritten by an import.
fn refuse_taken(out: &Path) -> anyhow::Result<()> {
    let name = out.display();
    match std::fs::read_dir(out) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(failure(Exit::CannotWrite, format!("cannot use {name} as a run folder: {error}"))),
        Ok(mut entries) => match entries.any(|entry| entry.is_ok_and(|entry| entry.file_name() != "lock")) {
            true => Err(failure(Exit::CannotWrite, format!("{name} is not empty: choose another --out"))),
            false => Ok(()),
        },
    }
}

/// Whether a network takes and gives what a data set holds.
fn fits(config: &ModelConfig, dataset: Dataset) -> Result<(), String> {
    let images = matches!(config.network.backbone, BackboneConfig::Resnet18 { .. });
    if images && !dataset.is_of_images() {
        return Err("its inputs are images: say which with --dataset, such as --dataset steering".to_owned());
    }
    if !images && dataset.is_of_images() {
        return Err("its inputs are numbers, and those of --dataset are images".to_owned());
    }
    if !images && config.input != 1 {
        return Err(format!("its inputs have {} numbers; this version knows scalars and images", config.input));
    }
    let dimensions = if images { images::label_names(dataset).len() } else { 1 };
    if config.target != dimensions {
        return Err(format!("its targets have {} dimensions, and those of --dataset {dimensions}", config.target));
    }
    Ok(())
}

/// The record of a run that somebody else trained.
fn record(args: &ImportArgs, config: &ModelConfig, from: &Provenance, how: How) -> anyhow::Result<Record> {
    let images = match &args.data {
        Some(_) if !args.dataset.is_of_images() => {
            return Err(failure(Exit::Usage, "--data is for image tasks, and this is none"));
        }
        Some(folder) => Some(ImageSource::Paper {
            folder: std::path::absolute(folder)?,
            split_seed: 0,
            bad_images: BadImages::Refuse,
        }),
        None => args.dataset.is_of_images().then(|| {
            let [train, test] = args.dataset.paper_size();
            ImageSource::StandIn { train, test, seed: 0 }
        }),
    };
    let mut experiment = Experiment {
        dataset: args.dataset,
        method: config.method.clone(),
        network: config.network.clone(),
        training: TrainingConfig::default(),
        images: None,
        own: None,
        backbone_weights: None,
    };
    let imported = |target_range| DataRecord {
        source: format!("imported from {}", from.file),
        fingerprint: from.sha256.clone(),
        examples: 0,
        target_range,
    };
    let data = match (args.target_range, images::label_range(args.dataset), args.dataset) {
        (_, _, Dataset::Toy1 | Dataset::Toy2) => {
            let mut data = training_data(&experiment, None, how)?.record;
            data.target_range = args.target_range.unwrap_or(data.target_range);
            data
        }
        (Some(range), ..) | (None, Some(range), _) => imported(range),
        (None, None, _) => {
            let message = "nothing says where the targets lie: --target-range LOW,HIGH, or the task with --dataset";
            return Err(failure(Exit::Usage, message));
        }
    };
    experiment.images = images;
    Ok(Record {
        schema: RUN_SCHEMA.to_owned(),
        status: Status::Done,
        config: experiment,
        seed: 0,
        device: args.device.to_string(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        revision: env!("EBM_REVISION").to_owned(),
        data,
        train_seconds: 0.0,
        error: None,
    })
}
