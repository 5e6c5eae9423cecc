//! `ensemble.json`: the members of an ensemble, their weights, and what is needed to use them.

use std::path::{Path, PathBuf};

use anyhow::Context;
use burn::tensor::Device;
use ebm_core::io::weights::digest;
use ebm_core::{TargetSpace, Trees, checkpoint};
use ebm_data::table::Schema;
use serde::{Deserialize, Serialize};

use super::document::Document;
use super::files::{ENSEMBLE, MANIFEST, MEMBERS, TREES};
use super::manifest;
use super::model::{self, Encoding, Loaded};
use crate::exit::{Exit, failure};

/// `ensemble.json`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnsembleRecord {
    /// The members. The density is the mixture of theirs.
    pub members: Vec<Member>,
    /// Where the targets of the training data lie.
    pub target_range: [f64; 2],
    /// How the user's data are encoded.
    pub encoding: Encoding,
    /// What the weights were chosen by.
    pub held_out: HeldOut,
}

/// A member of an ensemble.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// Its run folder, within [`MEMBERS`].
    pub name: String,
    /// Name of its method; `trees` for boosted trees.
    pub method: String,
    /// The fold that it was not trained on, counted from 0.
    pub fold: usize,
    /// Its weight; the sum of all is 1.
    pub weight: f64,
    /// Mean negative log-likelihood of the rows of that fold, nats; nothing if it failed.
    pub nll: Option<f64>,
    /// Whether it was trained again with another seed, because the first network diverged or had not learned.
    #[serde(default)]
    pub restarted: bool,
    /// Why its weight is 0, if it diverged or is worse than the marginal density of the labels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
    /// Digest of its weights or trees; nothing if it has none.
    pub sha256: Option<String>,
}

/// The training rows, each predicted by the members that were not trained on it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeldOut {
    /// How many.
    pub rows: usize,
    /// Mean negative log-likelihood of the members of each method, nats, in the order of the methods.
    pub nll_of_methods: Vec<Option<f64>>,
    /// That of the weighted mixture, nats.
    pub nll: f64,
    /// That of a Gaussian with the mean and the standard deviation of the other folds' labels, nats.
    pub nll_of_marginal: f64,
}

impl Document for EnsembleRecord {
    const FILE: &'static str = ENSEMBLE;
    const SCHEMA: &'static str = "ebm.ensemble/1";
}

impl EnsembleRecord {
    /// Digest of the weights of all members and of their weights in the mixture.
    pub fn digest(&self) -> String {
        let of = |Member { weight, sha256, .. }: &Member| format!("{weight} {}\n", sha256.as_deref().unwrap_or("-"));
        digest(self.members.iter().map(of).collect::<String>().as_bytes())
    }

    /// The models of the members that have a weight, each with its member.
    ///
    /// # Errors
    /// When one is missing, damaged, not the one that the record names, or of other data.
    pub fn load(&self, run: &Path, device: &Device) -> anyhow::Result<Vec<(&Member, ebm_core::Member)>> {
        let used = self.members.iter().filter(|member| member.weight > 0.0);
        used.map(|member| {
            let folder = folder_of(run, &member.name);
            manifest::check_file(run, &format!("{MEMBERS}/{}/{MANIFEST}", member.name))?;
            let loaded = load_member(&folder, device)?;
            if loaded.sha256 != member.sha256 || !self.fits(&loaded) {
                let message = format!(
                    "{} is not the model that {} names: train the run again with --force",
                    folder.display(),
                    run.join(Self::FILE).display()
                );
                return Err(failure(Exit::Data, message));
            }
            Ok((member, loaded.model))
        })
        .collect()
    }

    /// Numbers in an encoded row of the table.
    pub fn input_width(&self) -> Option<usize> {
        self.encoding.schema.as_ref().map(Schema::input_width)
    }

    fn fits(&self, loaded: &LoadedMember) -> bool {
        let space = &self.encoding.space;
        self.input_width() == Some(loaded.input_width)
            && match &loaded.space {
                Some(of_network) => of_network == space,
                None => space.dimensions() == 1 && space.axes().is_empty(),
            }
    }
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
    model::ModelRecord::exists(run) || EnsembleRecord::exists(run) || run.join(TREES).exists()
}
