//! The score or log-density of a target, given one input.

use burn::tensor::{Tensor, TensorData};

use crate::loss::Form;
use crate::math::host::to_host;
use crate::network::energy::EnergyNet;
use crate::predict::mixture::Mixture;

/// The log-density of the standardised target for one input; for an energy, unnormalised.
#[derive(Debug)]
pub(super) enum Score<'a> {
    Mixture(Mixture),
    Energy {
        energy: &'a EnergyNet,
        form: Form,
        /// `[1, features]`
        features: Box<Tensor<2>>,
        proposal: Option<Mixture>,
    },
}

impl Score<'_> {
    /// `[score, log q]` at `z`: for a mixture, the score is its log-density. `log q` is NaN without a proposal.
    pub fn at(&self, z: &[f64]) -> [f64; 2] {
        match self {
            Self::Mixture(mixture) => [mixture.log_prob(z), f64::NAN],
            Self::Energy { energy, form, features, proposal } => {
                let values: Vec<f32> = z.iter().map(|&z| z as f32).collect();
                let y = Tensor::from_data(TensorData::new(values, [1, 1, z.len()]), &features.device());
                let output = to_host(energy.score((**features).clone(), y))[0];
                let log_q = proposal.as_ref().map_or(f64::NAN, |q| q.log_prob(z));
                [form.score(output, || log_q), log_q]
            }
        }
    }
}
