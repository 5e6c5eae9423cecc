//! A trained model, from its run folder.

use std::path::Path;

use anyhow::Context;
use burn::tensor::Device;
use ebm_core::network::backbone::BackboneConfig;
use ebm_core::{Model, ModelConfig, checkpoint};

use ebm_data::image::SIDE;

use crate::exit::{Exit, failure};
use crate::experiment::Experiment;
use crate::progress::snapshot;
use crate::run_folder::{MODEL_SCHEMA, ModelRecord, RUN_SCHEMA, Record, Status, read_json};

/// No model has more dimensions in its target.
const MAX_TARGET: usize = 16;

/// No model has more numbers in its input.
const MAX_INPUT: usize = 1 << 20;

/// A trained model and what is known of it.
pub(crate) struct Loaded {
    pub model: Model,
    pub about: ModelRecord,
}

impl Loaded {
    /// # Errors
    /// When the model takes images: they have no place among numbers on the command line.
    pub fn must_be_scalar(&self, command: &str) -> anyhow::Result<()> {
        if self.about.model.input == 1 {
            return Ok(());
        }
        let message = format!(
            "this run takes images, and `ebm {command}` numbers: `ebm plot examples` shows p(y|x) beside images"
        );
        Err(failure(Exit::Usage, message))
    }
}

/// Reads `model.json` and `model.safetensors` of a run.
pub(crate) fn model(run: &Path, device: &Device) -> anyhow::Result<Loaded> {
    let about = about(run)?;
    let path = run.join("model.safetensors");
    let load = || {
        if let Some(sha256) = &about.sha256 {
            checkpoint::check_sha256(&path, sha256)?;
        }
        checkpoint::load_weights(&path, about.model.init(0, device))
    };
    let model = load().with_context(|| unusable(&path))?;
    Ok(Loaded { model, about })
}

/// The model of a run as it was after an epoch.
pub(crate) fn model_after(run: &Path, epoch: usize, device: &Device) -> anyhow::Result<Model> {
    let path = snapshot(run, epoch);
    if !path.exists() {
        let message =
            format!("{} keeps no model of epoch {epoch}: train it with `--snapshot-epochs {epoch}`", run.display());
        return Err(failure(Exit::NoInput, message));
    }
    checkpoint::load_weights(&path, about(run)?.model.init(0, device)).with_context(|| unusable(&path))
}

fn unusable(path: &Path) -> String {
    format!("{} cannot be used: train the run again with --force, or restore the file", path.display())
}

pub(crate) fn about(run: &Path) -> anyhow::Result<ModelRecord> {
    let path = run.join("model.json");
    if !path.exists() {
        return Err(failure(Exit::NoInput, no_model(run)));
    }
    let about: ModelRecord = read_json(&path, MODEL_SCHEMA)?;
    let damaged = |why: String| failure(Exit::Data, format!("{} is damaged: {why}", path.display()));
    Experiment::check_networks(&about.model.method, &about.model.network).map_err(damaged)?;
    let ModelConfig { input, target, .. } = about.model;
    let image = matches!(about.model.network.backbone, BackboneConfig::Resnet18 { .. });
    let known = match &about.own {
        _ if !(1..=MAX_TARGET).contains(&target) => false,
        _ if image && input != 3 * SIDE * SIDE => false,
        Some(own) => (1..=MAX_INPUT).contains(&input) && own.fits(input, target),
        None => image || (input, target) == (1, 1),
    };
    if !known {
        return Err(damaged(format!(
            "it maps {input} inputs to {target} targets; this version knows scalars, tables of the columns it names, and \
             images of 3 × {SIDE} × {SIDE}"
        )));
    }
    let [low, high] = about.target_range;
    if low > high {
        return Err(damaged(format!("target_range runs from {low} down to {high}")));
    }
    Ok(about)
}

fn no_model(run: &Path) -> String {
    let name = run.display();
    match record(run).map(|record| record.status) {
        _ if !run.exists() => format!("there is no run folder {name}: train one with `ebm train --out {name}`"),
        Ok(Status::Running | Status::Interrupted) => {
            format!(
                "{name} is not trained to the end: continue it with `ebm train --resume --out {name}` and its options"
            )
        }
        Ok(Status::Failed) => format!("training in {name} diverged: there is no model"),
        _ => format!("{name} is not a run folder: it has no model.json"),
    }
}

/// Reads `run.json`.
pub(crate) fn record(run: &Path) -> anyhow::Result<Record> {
    read_json(&run.join("run.json"), RUN_SCHEMA)
}
