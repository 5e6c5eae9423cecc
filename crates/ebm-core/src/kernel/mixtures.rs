//! The mixtures of a batch on the host, from a network's outputs, and the gradients of these outputs.

use super::branches::BranchOutputs;
use super::matrix::Matrix;
use super::step::Outcome;
use crate::density::LOG_SCALE_LIMIT;

/// One mixture per example.
pub(crate) struct Mixtures {
    /// `[batch, components]`, nats.
    pub log_weights: Vec<f32>,
    /// `[batch, target, components]`
    pub means: Vec<f32>,
    /// `[batch, target, components]`
    pub log_scales: Vec<f32>,
    pub components: usize,
    /// Whether a log-scale is within its limits and so has a gradient.
    free: Vec<bool>,
}

impl Mixtures {
    /// The same as `Mdn::forward` and [`crate::density::GaussianMixture::new`].
    pub(crate) fn of(outputs: &BranchOutputs) -> Self {
        let [means, log_variances, logits] = outputs.last();
        let limit = LOG_SCALE_LIMIT as f32;
        let mut log_scales = log_variances.to_numbers();
        log_scales.iter_mut().for_each(|log_scale| *log_scale *= 0.5);
        let free = log_scales.iter().map(|log_scale| (-limit..=limit).contains(log_scale)).collect();
        log_scales.iter_mut().for_each(|log_scale| *log_scale = log_scale.clamp(-limit, limit));
        let (mut log_weights, components) = (logits.to_numbers(), logits.width());
        for row in log_weights.chunks_exact_mut(components) {
            let largest = row.iter().copied().fold(f32::MIN, f32::max);
            let sum: f32 = row.iter().map(|logit| (logit - largest).exp()).sum();
            row.iter_mut().for_each(|logit| *logit = *logit - largest - sum.ln());
        }
        Self { log_weights, means: means.to_numbers(), log_scales, components, free }
    }

    /// The same as [`crate::density::GaussianMixture::centred`]; `targets` is `[batch, target]`.
    pub(crate) fn centred(targets: &[f32], target: usize, sigmas: &[f64]) -> Self {
        let components = sigmas.len();
        let log_sigmas: Vec<f32> = sigmas.iter().map(|sigma| sigma.ln() as f32).collect();
        Self {
            log_weights: vec![-(components as f64).ln() as f32; targets.len() / target * components],
            means: targets.iter().flat_map(|&target| std::iter::repeat_n(target, components)).collect(),
            log_scales: log_sigmas.repeat(targets.len()),
            components,
            free: Vec::new(),
        }
    }

    /// The gradient with respect to means, log-variances and logits.
    pub(crate) fn deltas(&self, outcome: &Outcome) -> [Matrix; 3] {
        let slopes = outcome.log_scales.iter().zip(&self.free);
        let by_log_variances: Vec<f32> = slopes.map(|(slope, &free)| if free { 0.5 * slope } else { 0.0 }).collect();
        let mut by_logits = outcome.log_weights.clone();
        let rows = by_logits.chunks_exact_mut(self.components).zip(self.log_weights.chunks_exact(self.components));
        for (row, log_weights) in rows {
            let sum: f32 = row.iter().sum();
            row.iter_mut().zip(log_weights).for_each(|(slope, log_weight)| *slope -= log_weight.exp() * sum);
        }
        let width = self.means.len() / self.log_weights.len() * self.components;
        [(&outcome.means, width), (&by_log_variances, width), (&by_logits, self.components)]
            .map(|(numbers, width)| Matrix::of(numbers, width))
    }
}
