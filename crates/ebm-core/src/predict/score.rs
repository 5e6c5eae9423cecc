//! The score or log-density of a target, given one input.

use std::sync::Arc;

use burn::tensor::{Tensor, TensorData};

use crate::math::host::to_host;
use crate::network::energy::EnergyNet;
use crate::predict::mixture::Mixture;

/// The log-density of the standardised target for one input; for an energy, unnormalised.
#[derive(Debug)]
pub(super) enum Score<'a> {
    Mixture(Mixture),
    Energy {
        energy: &'a EnergyNet,
        /// `[batch, features]`, shared by the rows of a batch.
        features: Arc<Tensor<2>>,
        /// The row of this input.
        row: usize,
        proposal: Option<Mixture>,
    },
}

impl Score<'_> {
    /// Scores (for a mixture, log-densities) at points of `dimensions` numbers each, row-major `[m, D]`.
    pub fn at_all(&self, points: &[f64], dimensions: usize) -> Vec<f64> {
        match self {
            Self::Mixture(mixture) => points.chunks(dimensions).map(|z| mixture.log_prob(z)).collect(),
            Self::Energy { energy, features, row, .. } => {
                let values: Vec<f32> = points.iter().map(|&z| z as f32).collect();
                let shape = [1, points.len() / dimensions, dimensions];
                let y = Tensor::from_data(TensorData::new(values, shape), &features.device());
                to_host(energy.score(features_of(features, *row), y))
            }
        }
    }

    /// `[score, log q]` at `z`: for a mixture, the score is its log-density. `log q` is NaN without a proposal.
    pub fn at(&self, z: &[f64]) -> [f64; 2] {
        match self {
            Self::Mixture(mixture) => [mixture.log_prob(z), f64::NAN],
            Self::Energy { energy, features, row, proposal } => {
                let values: Vec<f32> = z.iter().map(|&z| z as f32).collect();
                let y = Tensor::from_data(TensorData::new(values, [1, 1, z.len()]), &features.device());
                let score = to_host(energy.score(features_of(features, *row), y))[0];
                [score, proposal.as_ref().map_or(f64::NAN, |q| q.log_prob(z))]
            }
        }
    }
}

/// The features of one row, `[1, features]`.
fn features_of(features: &Tensor<2>, row: usize) -> Tensor<2> {
    features.clone().narrow(0, row, 1)
}
