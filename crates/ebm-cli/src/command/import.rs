//! `ebm import`

use std::path::Path;

use anyhow::Context;
use ebm_core::network::backbone::BackboneConfig;
use ebm_core::{ImportAs, Imported, ModelConfig, StateDict, TrainingConfig, checkpoint, import};
use ebm_data::image::BadImages;

use crate::cli::import::ImportArgs;
use crate::cli::method::MethodName;
use crate::console::Console;
use crate::exit::{Exit, failure};
use crate::experiment::Experiment;
use crate::experiment::data::{Data, ImageSource};
use crate::output::print_json;
use crate::run::document::Document;
use crate::run::folder::RunFolder;
use crate::run::model;
use crate::run::provenance::Provenance;
use crate::run::record::{DataRecord, Record, Status};
use crate::task::{images, toy};

pub fn run(args: &ImportArgs, console: Console) -> anyhow::Result<()> {
    let into = into(args)?;
    refuse_taken(&args.out)?;
    let device = args.device.open()?;
    let name = args.file.display();
    let cannot = || format!("{name} cannot be imported");
    let weights = StateDict::read(&args.file).with_context(cannot)?;
    let Imported { config, model, report } = import(&weights, into, &device).with_context(cannot)?;
    let bad = |why: String| failure(Exit::Data, format!("{name} cannot be imported: {why}"));
    config.check().map_err(|error| bad(error.to_string()))?;
    let data = data(args)?;
    fits(&config, &data).map_err(bad)?;

    let (file, sha256) = (std::path::absolute(&args.file)?.display().to_string(), checkpoint::sha256(&args.file)?);
    let provenance =
        Provenance { file, sha256, model: config.clone(), tensors_used: report.used, tensors_unused: report.unused };
    let record = record(args, data, &config, &provenance)?;
    let folder = RunFolder::lock(&args.out)?;
    model::write(folder.path(), &model, config, record.data.target_range, None)?;
    provenance.write(folder.path())?;
    record.write(folder.path())?;

    if !provenance.tensors_unused.is_empty() {
        let unused = &provenance.tensors_unused;
        console.warn(format_args!("{} tensors of {name} are not used, the first is {:?}", unused.len(), unused[0]));
    }
    console.say(format_args!("imported {} tensors into {}", provenance.tensors_used, args.out.display()));
    if console.json { print_json(&provenance.named()) } else { Ok(()) }
}

/// The kind of model that the flags name.
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
        Some(MethodName::Residual) => return refuse("--method residual is not in the paper's code: nothing to import"),
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

/// The data that the flags name.
fn data(args: &ImportArgs) -> anyhow::Result<Data> {
    let folder = args.data.as_deref().map(std::path::absolute).transpose()?;
    let images = folder.map(|folder| ImageSource::paper(folder, BadImages::Refuse));
    Data::new(args.dataset, images, None)
        .map_err(|_| failure(Exit::Usage, "--data is for image tasks, and this is none"))
}

/// Whether a network takes and gives what a data set holds.
fn fits(config: &ModelConfig, data: &Data) -> Result<(), String> {
    let images = matches!(config.network.backbone, BackboneConfig::Resnet18 { .. });
    if images && !data.takes_images() {
        return Err("its inputs are images: say which with --dataset, such as --dataset steering".to_owned());
    }
    if !images && data.takes_images() {
        return Err("its inputs are numbers, and those of --dataset are images".to_owned());
    }
    if !images && config.input != 1 {
        return Err(format!("its inputs have {} numbers; this version knows scalars and images", config.input));
    }
    let dimensions = match data {
        Data::Images { task, .. } => images::label_names(*task).len(),
        Data::Toy(_) | Data::Pairs | Data::User(_) => 1,
    };
    if config.target != dimensions {
        return Err(format!("its targets have {} dimensions, and those of --dataset {dimensions}", config.target));
    }
    Ok(())
}

/// The record of a run that was trained elsewhere.
fn record(args: &ImportArgs, data: Data, config: &ModelConfig, from: &Provenance) -> anyhow::Result<Record> {
    let imported = |target_range| DataRecord {
        source: format!("imported from {}", from.file),
        fingerprint: from.sha256.clone(),
        examples: 0,
        target_range,
    };
    let trained_on = match (&data, args.target_range) {
        (Data::Toy(toy), range) => {
            let record = toy::training_data(*toy).record;
            DataRecord { target_range: range.unwrap_or(record.target_range), ..record }
        }
        (_, Some(range)) => imported(range),
        (Data::Images { task, .. }, None) => imported(images::label_range(*task)),
        (Data::Pairs | Data::User(_), None) => {
            let message =
                "the range of the targets is unknown: give --target-range LOW,HIGH, or the task with --dataset";
            return Err(failure(Exit::Usage, message));
        }
    };
    let experiment = Experiment {
        data,
        method: config.method.clone(),
        network: config.network.clone(),
        training: TrainingConfig::default(),
        backbone_weights: None,
    };
    Ok(Record::new(Status::Done, experiment, 0, args.device.to_string(), trained_on))
}
