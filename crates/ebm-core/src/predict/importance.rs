//! Self-normalised importance sampling from the learned proposal. Paper: eq. (7).

use burn::tensor::Tensor;

use crate::density::GaussianMixture;
use crate::loss::Candidates;
use crate::math::host::to_host;
use crate::math::noise::Noise;
use crate::method::conditional::Conditional;
use crate::network::energy::EnergyNet;
use crate::predict::draws::Draws;
use crate::predict::tiles::{Budget, score_candidates};

/// `m` weighted candidates for each input, drawn from the proposal; `None` for a model without a proposal.
pub fn importance(conditional: &Conditional<'_>, m: usize, noise: &mut Noise) -> Option<Vec<Draws>> {
    match conditional {
        Conditional::Energy { energy, features, proposal: Some(proposal) } => {
            Some(sampled(energy, features, proposal, m, noise, Budget::default()))
        }
        Conditional::Mixture(_) | Conditional::Energy { proposal: None, .. } => None,
    }
}

/// [`importance`] with bounded memory. `features`: `[batch, features]`.
pub(crate) fn sampled(
    energy: &EnergyNet,
    features: &Tensor<2>,
    proposal: &GaussianMixture,
    m: usize,
    noise: &mut Noise,
    budget: Budget,
) -> Vec<Draws> {
    let Some([y, log_weights]) = energy.candidates_by_kernel(features, proposal, m, noise) else {
        let y = proposal.sample(m, noise);
        let score = score_candidates(energy, features, &y, budget);
        let candidates = Candidates { score, log_q: proposal.log_prob(y.clone()) };
        return of_rows(&to_host(y), to_host(candidates.log_weights()), m);
    };
    of_rows(&y.into_iter().map(f64::from).collect::<Vec<_>>(), log_weights.into_iter().map(f64::from).collect(), m)
}

/// The draws of each row, from candidates row-major `[rows, m, D]` and their log-weights `[rows, m]`.
fn of_rows(y: &[f64], log_weights: Vec<f64>, m: usize) -> Vec<Draws> {
    let row = y.len() / log_weights.len() * m;
    y.chunks(row).zip(log_weights.chunks(m)).map(|(y, w)| Draws::sampled(y, w.to_vec())).collect()
}
