//! `model.json`, the weights beside it, and the weights after some epochs.

use std::path::{Path, PathBuf};

use anyhow::Context;
use burn::tensor::Device;
use ebm_core::network::backbone::BackboneConfig;
use ebm_core::{Model, ModelConfig, checkpoint};
use ebm_data::image::PICTURE_SIDES;
use ebm_data::run_file::{Encoding, ModelRecord, RunFile};

use super::document::Document;
use super::files::{SNAPSHOTS, WEIGHTS};
use super::record::{Record, Status};
use super::{manifest, replacement};
use crate::exit::{Exit, failure};

/// No model has more dimensions in its target.
const MAX_TARGET: usize = 16;
/// No model has more numbers in its input.
const MAX_INPUT: usize = 1 << 20;

/// A trained model and its record.
pub struct Loaded {
    /// The model.
    pub model: Model,
    /// Its record.
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

/// Writes the weights of a model, and then what is needed to use them.
pub fn write(
    run: &Path,
    model: &Model,
    config: ModelConfig,
    target_range: [f64; 2],
    encoding: Option<Encoding>,
) -> anyhow::Result<()> {
    let weights = run.join(WEIGHTS);
    checkpoint::save_weights(&weights, model)?;
    let sha256 = Some(checkpoint::sha256(&weights)?);
    ModelRecord { model: config, target_range, sha256, encoding }.write(run)
}

/// Reads `model.json` and `model.safetensors` of a run.
pub fn load(run: &Path, device: &Device) -> anyhow::Result<Loaded> {
    let about = read(run)?;
    Ok(Loaded { model: load_weights(run, &about, device)?, about })
}

/// Reads `model.safetensors` of a run whose `model.json` is read.
///
/// # Errors
/// When it is not the file that belongs to the record, or is damaged.
pub fn load_weights(run: &Path, about: &ModelRecord, device: &Device) -> anyhow::Result<Model> {
    let path = run.join(WEIGHTS);
    manifest::check_file(run, WEIGHTS)?;
    let load = || {
        if let Some(sha256) = &about.sha256 {
            checkpoint::check_sha256(&path, sha256)?;
        }
        checkpoint::load_weights(&path, about.model.init(0, device))
    };
    load().with_context(|| unusable(&path))
}

/// Keeps the weights of a model after an epoch.
pub fn write_snapshot(run: &Path, epoch: usize, model: &Model) -> anyhow::Result<()> {
    let snapshots = run.join(SNAPSHOTS);
    std::fs::create_dir_all(&snapshots).with_context(|| format!("making the folder {}", snapshots.display()))?;
    Ok(checkpoint::save_weights(&snapshot(run, epoch), model)?)
}

/// The model of a run as it was after an epoch.
pub fn load_snapshot(run: &Path, epoch: usize, device: &Device) -> anyhow::Result<Model> {
    let path = snapshot(run, epoch);
    if !path.exists() {
        let message =
            format!("{} keeps no model of epoch {epoch}: train it with `--snapshot-epochs {epoch}`", run.display());
        return Err(failure(Exit::NoInput, message));
    }
    manifest::check_file(run, &format!("{SNAPSHOTS}/{}", snapshot_name(epoch)))?;
    checkpoint::load_weights(&path, read(run)?.model.init(0, device)).with_context(|| unusable(&path))
}

fn snapshot(run: &Path, epoch: usize) -> PathBuf {
    run.join(SNAPSHOTS).join(snapshot_name(epoch))
}

fn snapshot_name(epoch: usize) -> String {
    format!("epoch-{epoch}.safetensors")
}

fn unusable(path: &Path) -> String {
    format!("{} cannot be used: train the run again with --force, or restore the file", path.display())
}

/// Reads `model.json` of a run.
///
/// # Errors
/// When there is none, or it describes no model that can be made.
pub fn read(run: &Path) -> anyhow::Result<ModelRecord> {
    let Some(about) = ModelRecord::read_if_there(run)? else {
        return Err(failure(Exit::NoInput, no_model(run)));
    };
    let path = run.join(ModelRecord::FILE);
    let damaged = |why: String| failure(Exit::Data, format!("{} is damaged: {why}", path.display()));
    about.model.check().map_err(|error| damaged(error.to_string()))?;
    let ModelConfig { input, target, .. } = about.model;
    let image = matches!(about.model.network.backbone, BackboneConfig::Resnet18 { .. });
    let known = match &about.encoding {
        _ if !(1..=MAX_TARGET).contains(&target) => false,
        _ if image && !PICTURE_SIDES.contains(&(input / 3).isqrt()) => false,
        _ if image && input != 3 * (input / 3).isqrt().pow(2) => false,
        Some(encoding) => (1..=MAX_INPUT).contains(&input) && encoding.fits(input, target),
        None => image || (input, target) == (1, 1),
    };
    if !known {
        return Err(damaged(format!(
            "it maps {input} inputs to {target} targets; this version knows scalars, tables of the columns it names, and \
             square images of 3 channels"
        )));
    }
    if about.encoding.iter().flat_map(|encoding| encoding.space.targets()).any(|target| !target.is_usable()) {
        return Err(damaged("own.space has a kind, shift, scale or range that no target can have".to_owned()));
    }
    let [low, high] = about.target_range;
    if low > high {
        return Err(damaged(format!("target_range runs from {low} down to {high}")));
    }
    Ok(about)
}

fn no_model(run: &Path) -> String {
    let name = run.display();
    match Record::read(run).map(|record| record.status) {
        _ if replacement::is_half_done(run) => {
            format!("{name} was being replaced: `ebm train --resume --out {name}` and its options complete that")
        }
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
