//! `log p(y|x)` of a test set by importance sampling from the learned proposal, without truncation to a grid.

use burn::module::Module;

use crate::data::dataset::Dataset;
use crate::loss::Candidates;
use crate::math::host::to_host;
use crate::math::noise::{Noise, Purpose};
use crate::method::conditional::Conditional;
use crate::method::model::Model;
use crate::network::features::Features;
use crate::predict::importance::sampled;
use crate::predict::reliability::{LogProb, Reliability};
use crate::predict::tiles::{Budget, CHUNK, conditional, device, ranges, score_candidates};

/// `log p(y|x)` at the target of every example, with `m` candidates drawn from the proposal, and the reliability of the
/// candidates. `None` for a model without a proposal. Paper: eq. (7).
///
/// Candidates for the examples `256 c .. 256 (c + 1)` are drawn with `Noise(seed, Prediction, 0, c)`, so results do not
/// depend on how many examples fit in memory. `progress` receives the number of examples done.
pub fn log_prob_by_importance<F: Features>(
    model: &Model<F>,
    examples: &dyn Dataset<F::Input>,
    m: usize,
    seed: u64,
    progress: &mut dyn FnMut(usize),
) -> Option<Vec<(LogProb, Reliability)>> {
    log_prob_within(model, examples, m, seed, Budget::default(), progress)
}

fn log_prob_within<F: Features>(
    model: &Model<F>,
    examples: &dyn Dataset<F::Input>,
    m: usize,
    seed: u64,
    budget: Budget,
    progress: &mut dyn FnMut(usize),
) -> Option<Vec<(LogProb, Reliability)>> {
    let model = model.valid();
    let device = device(&model);
    let mut found = Vec::with_capacity(examples.len());
    for rows in ranges(examples.len(), CHUNK) {
        let batch = examples.batch(&rows.clone().collect::<Vec<_>>(), &device);
        let Conditional::Energy(f) = conditional(&model, &batch.input, budget) else { return None };
        let noise = &mut Noise::new(seed, Purpose::Prediction, 0, rows.start / CHUNK);
        let draws = sampled(&f, m, noise, budget)?;
        let Candidates { score, log_q } = score_candidates(&f, &batch.target.unsqueeze_dim(1), budget);
        found.extend(draws.iter().zip(to_host(score)).zip(to_host(log_q)).map(|((draws, score), log_q)| {
            (draws.log_prob(score, log_q), draws.reliability().expect("candidates were drawn"))
        }));
        progress(rows.end);
    }
    Some(found)
}

#[cfg(test)]
pub(crate) mod laws;
