//! Self-normalised importance sampling from the learned proposal. Paper: eq. (7).

use crate::math::host::to_host;
use crate::math::noise::Noise;
use crate::method::conditional::{Conditional, Unnormalised};
use crate::predict::draws::Draws;
use crate::predict::tiles::{Budget, score_candidates};

/// `m` weighted candidates for each input, drawn from the proposal; `None` for a model without a proposal.
pub fn importance(conditional: &Conditional<'_>, m: usize, noise: &mut Noise) -> Option<Vec<Draws>> {
    match conditional {
        Conditional::Energy(f) => sampled(f, m, noise, Budget::default()),
        Conditional::Mixture(_) => None,
    }
}

/// [`importance`] with bounded memory.
pub(crate) fn sampled(f: &Unnormalised<'_>, m: usize, noise: &mut Noise, budget: Budget) -> Option<Vec<Draws>> {
    let q = f.proposal()?;
    let Some([y, log_weights]) = f.network.candidates_by_kernel(f.features(), q, (m, f.form()), noise) else {
        let y = q.sample(m, noise);
        let log_weights = score_candidates(f, &y, budget).log_weights();
        return Some(of_rows(&to_host(y), to_host(log_weights), m));
    };
    let [y, log_weights] = [y, log_weights].map(|of| of.into_iter().map(f64::from).collect::<Vec<_>>());
    Some(of_rows(&y, log_weights, m))
}

/// The draws of each row, from candidates row-major `[rows, m, D]` and their log-weights `[rows, m]`.
fn of_rows(y: &[f64], log_weights: Vec<f64>, m: usize) -> Vec<Draws> {
    let row = y.len() / log_weights.len() * m;
    y.chunks(row).zip(log_weights.chunks(m)).map(|(y, w)| Draws::sampled(y, w.to_vec())).collect()
}
