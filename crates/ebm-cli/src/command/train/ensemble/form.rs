//! What members of an ensemble have in common.

use ebm_core::network::backbone::BackboneConfig;
use ebm_core::network::piecewise::Piecewise;
use ebm_core::{TrainingConfig, TreesConfig};

use crate::experiment::Experiment;
use crate::experiment::ensemble::{Ensemble, Settings, Variant};

/// Members that are made alike, one for each fold.
#[derive(Debug, Clone)]
pub(super) enum Form<'a> {
    /// Networks of this experiment, and the name of their method and settings.
    Networks(String, Box<Experiment>),
    /// Boosted trees.
    Trees(&'a TreesConfig),
}

impl Form<'_> {
    /// What the members of an ensemble are; the first are networks of the experiment.
    pub fn all<'a>(ensemble: &'a Ensemble, experiment: &Experiment) -> Vec<Form<'a>> {
        let own = Form::Networks(experiment.method.name().to_owned(), Box::new(experiment.clone()));
        let networks = |of: &Variant| Form::Networks(of.name(), Box::new(with(of, experiment)));
        let others = ensemble.also.iter().map(networks).chain(ensemble.trees.as_ref().map(Form::Trees));
        std::iter::once(own).chain(others).collect()
    }

    /// The name of the method and of the settings that differ, or `trees`.
    pub fn name(&self) -> &str {
        match self {
            Self::Networks(name, _) => name,
            Self::Trees(_) => "trees",
        }
    }
}

/// The experiment with these networks instead of its own.
fn with(variant: &Variant, experiment: &Experiment) -> Experiment {
    let mut own = experiment.clone();
    own.method = variant.method().clone();
    // A rate that was not asked for is that of the method.
    if own.training.learning_rate == TrainingConfig::tabular_rate(&experiment.method) {
        own.training.learning_rate = TrainingConfig::tabular_rate(&own.method);
    }
    if let Variant::With(Settings { weight_decay, pieces, .. }) = variant {
        own.training.weight_decay = weight_decay.unwrap_or(own.training.weight_decay);
        if let (BackboneConfig::Tabular { encoding, .. }, &Some(pieces)) = (&mut own.network.backbone, pieces) {
            *encoding = Piecewise::Pieces(pieces);
        }
    }
    own
}
