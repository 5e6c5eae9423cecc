//! What to train on what.

pub mod data;
pub mod ensemble;
pub mod folds;
mod place;
pub mod preset;
pub mod seeds;
pub mod task;
pub mod user_data;

use std::path::PathBuf;

use ebm_core::network::backbone::BackboneConfig;
use ebm_core::{Method, NetworkConfig, TrainingConfig};
use serde::{Deserialize, Serialize};

use self::data::{Data, DataName, ImageSource, WrongData};
use self::ensemble::Ensemble;
use self::user_data::{Source, UserData};
use crate::exit::{Exit, failure};

/// No stand-in is larger: it is held in memory.
const MAX_IMAGES: usize = 1 << 18;

/// One experiment: what a preset file says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "File", into = "File")]
pub struct Experiment {
    /// The data.
    pub data: Data,
    /// The method; in an ensemble, that of the first members.
    pub method: Method,
    /// The other members, for an ensemble.
    pub ensemble: Option<Ensemble>,
    /// The networks; the paper's 1D networks unless given.
    pub network: NetworkConfig,
    /// The training; the paper's unless given.
    pub training: TrainingConfig,
    /// A state dict with the backbone's weights to start from.
    pub backbone_weights: Option<PathBuf>,
}

impl Experiment {
    /// The paper's method and networks on the user's pairs of numbers.
    pub fn pairs() -> Self {
        Self {
            data: Data::Pairs,
            method: Method::ebm(4),
            ensemble: None,
            network: NetworkConfig::default(),
            training: TrainingConfig::default(),
            backbone_weights: None,
        }
    }

    /// The defaults for the user's table or images.
    pub fn user(user: UserData) -> Self {
        let network = match user.source {
            Source::Table { .. } => NetworkConfig::tabular(),
            Source::Images { .. } => NetworkConfig::image(),
        };
        Self { data: Data::User(user), network, ..Self::pairs() }
    }

    fn check_ensemble(&self, ensemble: &Ensemble) -> Result<(), String> {
        match &self.data {
            Data::User(user) if matches!(user.source, Source::Table { .. }) => {
                if user.validation.is_some() || user.shares.validation > 0.0 {
                    return Err("its members are validated on folds: no validation part".to_owned());
                }
                ensemble.check(&self.method, user.targets.len())
            }
            _ => Err("it is for tables".to_owned()),
        }
    }

    /// # Errors
    /// When a value is out of range, or does not fit the data: names its key.
    pub fn check(&self, name: &str) -> anyhow::Result<()> {
        self.fault().map_err(|why| failure(Exit::Config, format!("{name}: {why}")))
    }

    /// What is wrong, if anything: begins with its key.
    fn fault(&self) -> Result<(), String> {
        let wrong = Err::<(), String>;
        let in_range = self.training.check().and_then(|()| self.method.check()).and_then(|()| self.network.check());
        if let Err(error) = in_range {
            return wrong(error.to_string());
        }
        if let Some(ensemble) = &self.ensemble {
            self.check_ensemble(ensemble).or_else(|why| wrong(format!("ensemble: {why}")))?;
        }
        if self.training.selection.is_some() && self.data.user().is_none() {
            return wrong("training.selection needs held-out examples, and this data set has none".to_owned());
        }
        let images = self.data.takes_images();
        if images != matches!(self.network.backbone, BackboneConfig::Resnet18 { .. }) {
            let kind = if images { "\"resnet18\" for images" } else { "\"mlp\" or \"tabular\" for numbers" };
            return wrong(format!("network.backbone.kind must be {kind}"));
        }
        if let Data::Images { source: ImageSource::StandIn { train, test, .. }, .. } = self.data
            && ![train, test].iter().all(|count| (1..=MAX_IMAGES).contains(count))
        {
            return wrong(format!("images asks for {train} and {test}; each must be from 1 to {MAX_IMAGES}"));
        }
        if self.backbone_weights.is_some() && !images {
            return wrong("backbone_weights has no meaning for this backbone".to_owned());
        }
        Ok(())
    }
}

/// The form of an experiment on disk: its keys, before they are known to belong together.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    dataset: DataName,
    method: Method,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ensemble: Option<Ensemble>,
    #[serde(default)]
    network: NetworkConfig,
    #[serde(default)]
    training: TrainingConfig,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    images: Option<ImageSource>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    own: Option<UserData>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    backbone_weights: Option<PathBuf>,
}

impl TryFrom<File> for Experiment {
    type Error = WrongData;

    fn try_from(file: File) -> Result<Self, WrongData> {
        let File { dataset, method, ensemble, network, training, images, own, backbone_weights } = file;
        let data = Data::new(dataset, images, own)?;
        Ok(Self { data, method, ensemble, network, training, backbone_weights })
    }
}

impl From<Experiment> for File {
    fn from(experiment: Experiment) -> Self {
        let Experiment { data, method, ensemble, network, training, backbone_weights } = experiment;
        let dataset = data.name();
        let (images, own) = match data {
            Data::Toy(_) | Data::Pairs => (None, None),
            Data::User(own) => (None, Some(own)),
            Data::Images { source, .. } => (Some(source), None),
        };
        Self { dataset, method, ensemble, network, training, images, own, backbone_weights }
    }
}
