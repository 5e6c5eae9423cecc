//! The members of an ensemble, read from their folders.

use std::path::{Path, PathBuf};

use anyhow::Context;
use burn::tensor::Device;
use ebm_core::{TargetSpace, Trees, checkpoint};
use ebm_data::run_file::{EnsembleMember, EnsembleRecord, ModelRecord, RunFile};

use super::document::Document;
use super::files::{MANIFEST, MEMBERS, TREES};
use super::manifest;
use super::model::{self, Loaded};
use crate::exit::{Exit, failure};

/// The models of the members that have a weight, each with its member.
///
/// # Errors
/// When one is missing, damaged, not the one that the record names, or of other data.
pub fn load<'a>(
    record: &'a EnsembleRecord,
    run: &Path,
    device: &Device,
) -> anyhow::Result<Vec<(&'a EnsembleMember, ebm_core::Member)>> {
    let used = record.members.iter().filter(|member| member.weight > 0.0);
    used.map(|member| {
        let folder = folder_of(run, &member.name);
        manifest::check_file(run, &format!("{MEMBERS}/{}/{MANIFEST}", member.name))?;
        let loaded = load_member(&folder, device)?;
        if loaded.sha256 != member.sha256 || !loaded.fits(record) {
            let message = format!(
                "{} is not the model that {} names: train the run again with --force",
                folder.display(),
                run.join(EnsembleRecord::FILE).display()
            );
            return Err(failure(Exit::Data, message));
        }
        Ok((member, loaded.model))
    })
    .collect()
}

/// A member that was read from its folder.
pub struct LoadedMember {
    /// The network, or the trees.
    pub model: ebm_core::Member,
    /// Digest of its weights or trees.
    pub sha256: Option<String>,
    input_width: usize,
    /// How its targets are standardised; nothing for trees.
    space: Option<TargetSpace>,
}

impl LoadedMember {
    fn fits(&self, record: &EnsembleRecord) -> bool {
        let space = &record.encoding.space;
        record.input_width() == Some(self.input_width)
            && match &self.space {
                Some(of_network) => of_network == space,
                None => space.dimensions() == 1 && space.axes().is_empty(),
            }
    }
}

/// The network or the trees in the folder of a member.
///
/// # Errors
/// When they cannot be read, or are damaged.
pub fn load_member(folder: &Path, device: &Device) -> anyhow::Result<LoadedMember> {
    let path = folder.join(TREES);
    if path.exists() {
        manifest::check_file(folder, TREES)?;
        let unusable = || failure(Exit::Data, format!("{} cannot be used", path.display()));
        let trees = Trees::load(&path).with_context(unusable)?;
        let sha256 = Some(checkpoint::sha256(&path).with_context(unusable)?);
        return Ok(LoadedMember { sha256, input_width: trees.input_width(), space: None, model: trees.into() });
    }
    let Loaded { model, about } = model::load(folder, device)?;
    let space = about.encoding.map(|encoding| encoding.space);
    Ok(LoadedMember { model: (&model).into(), sha256: about.sha256, input_width: about.model.input, space })
}

/// The run folder of a member.
pub fn folder_of(run: &Path, name: &str) -> PathBuf {
    run.join(MEMBERS).join(name)
}

/// Whether a run has been trained to the end: it has a model, or an ensemble of them.
pub fn is_trained(run: &Path) -> bool {
    ModelRecord::exists(run) || EnsembleRecord::exists(run) || run.join(TREES).exists()
}
