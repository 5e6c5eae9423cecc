//! Ensembles: a member for each method and each fold of the training rows.

use ebm_core::network::backbone::BackboneConfig;
use ebm_core::network::piecewise::Piecewise;
use ebm_core::{Method, NetworkConfig, TrainingConfig, TreesConfig};
use serde::{Deserialize, Serialize};

use super::folds::Folds;

/// The members of an ensemble. Each is trained on all folds but one, on which it is chosen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ensemble {
    /// Folds of the training rows, K.
    pub folds: Folds,
    /// Networks beside those of the experiment; K members of each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<Variant>,
    /// Boosted trees beside networks, K of them, for one number as target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trees: Option<TreesConfig>,
}

/// Networks that differ from those of the experiment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Variant {
    /// By their method, and the learning rate that belongs to it.
    Method(Method),
    /// By their settings, too.
    With(Settings),
}

/// The settings of a [`Variant`]; those that are not given are the experiment's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The method.
    pub method: Method,
    /// Decoupled weight decay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight_decay: Option<f64>,
    /// Pieces of the encoding of the columns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pieces: Option<usize>,
}

impl Variant {
    /// Its method.
    pub fn method(&self) -> &Method {
        match self {
            Self::Method(method) | Self::With(Settings { method, .. }) => method,
        }
    }

    /// # Errors
    /// Names the first setting that is out of range.
    fn check(&self) -> Result<(), String> {
        let Self::With(Settings { method, weight_decay, pieces }) = self else {
            return self.method().check().map_err(|error| error.to_string());
        };
        let training = TrainingConfig { weight_decay: weight_decay.unwrap_or(0.0), ..TrainingConfig::default() };
        let mut network = NetworkConfig::tabular();
        if let (BackboneConfig::Tabular { encoding, .. }, &Some(pieces)) = (&mut network.backbone, pieces) {
            *encoding = Piecewise::Pieces(pieces);
        }
        let checked = method.check().and_then(|()| training.check()).and_then(|()| network.check());
        checked.map_err(|error| error.to_string())
    }

    /// The name of its method, and what it sets: `mdn`, `mdn-decay-0-pieces-0`.
    pub fn name(&self) -> String {
        match self {
            Self::Method(method) => method.name().to_owned(),
            Self::With(Settings { method, weight_decay, pieces }) => {
                let decay = weight_decay.map_or_else(String::new, |decay| format!("-decay-{decay}"));
                let pieces = pieces.map_or_else(String::new, |pieces| format!("-pieces-{pieces}"));
                format!("{}{decay}{pieces}", method.name())
            }
        }
    }
}

impl Ensemble {
    /// More folds than this are not trained.
    pub const MOST: usize = 100;

    /// Training rows up to which an ensemble is trained unless one network is asked for. Beyond, networks are limited by
    /// their size and not by the number of rows, and an ensemble gains little for its time.
    pub const ROWS: usize = 50_000;

    /// # Errors
    /// Why there cannot be an ensemble whose first members have this method, for `targets` targets.
    pub(super) fn check(&self, method: &Method, targets: usize) -> Result<(), String> {
        if let Folds::Given(folds) = self.folds
            && !(2..=Self::MOST).contains(&folds)
        {
            return Err(format!("there are {folds} folds; there must be 2 to {}", Self::MOST));
        }
        for variant in &self.also {
            variant.check().map_err(|why| format!("{}: {why}", variant.name()))?;
        }
        if let Some(Err(error)) = self.trees.as_ref().map(TreesConfig::check) {
            return Err(error.to_string());
        }
        if self.trees.is_some() && targets != 1 {
            return Err("boosted trees predict one number: leave out `trees` for several targets".to_owned());
        }
        let mut names: Vec<_> =
            std::iter::once(method.name().to_owned()).chain(self.also.iter().map(Variant::name)).collect();
        names.sort_unstable();
        if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(format!("the networks {} are there twice", twice[0]));
        }
        Ok(())
    }

    /// The networks beside those of this method unless others are asked for: mixtures of the same decay and encoding and,
    /// where neither was asked for, of others. No decay is the best for all tables, and smooth ones are learned better
    /// without pieces.
    pub fn usual(method: &Method, are_settings_given: bool) -> Vec<Variant> {
        let &Method::Ebm { components, .. } = method else { return Vec::new() };
        let method = Method::Mdn { components };
        let with = |weight_decay: f64, pieces| {
            Variant::With(Settings { method: method.clone(), weight_decay: Some(weight_decay), pieces })
        };
        let others = [with(0.0, None), with(1.0, None), with(0.0, Some(0))];
        let others = others.into_iter().filter(|_| !are_settings_given);
        std::iter::once(Variant::Method(method.clone())).chain(others).collect()
    }
}
