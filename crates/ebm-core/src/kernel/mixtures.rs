//! The mixtures of a batch on the host, from a network's outputs, and the gradients of these outputs.

use super::step::Outcome;
use crate::density::LOG_SCALE_LIMIT;

/// One mixture per example, row-major `[batch, components]`.
pub(crate) struct Mixtures {
    pub log_weights: Vec<f32>,
    pub means: Vec<f32>,
    pub log_scales: Vec<f32>,
    /// Whether a log-scale is within its limits and so has a gradient.
    free: Vec<bool>,
}

impl Mixtures {
    /// From means, log-variances and logits, each `[units, length]`: the same as `Mdn::forward` and
    /// [`crate::density::GaussianMixture::new`].
    pub(crate) fn of([means, log_variances, logits]: [&[f32]; 3], count: usize, length: usize) -> Self {
        let limit = LOG_SCALE_LIMIT as f32;
        let mut log_scales = to_rows(log_variances, count, length);
        log_scales.iter_mut().for_each(|log_scale| *log_scale *= 0.5);
        let free = log_scales.iter().map(|log_scale| (-limit..=limit).contains(log_scale)).collect();
        log_scales.iter_mut().for_each(|log_scale| *log_scale = log_scale.clamp(-limit, limit));
        let mut log_weights = to_rows(logits, count, length);
        for row in log_weights.chunks_exact_mut(logits.len() / length) {
            let largest = row.iter().copied().fold(f32::MIN, f32::max);
            let sum: f32 = row.iter().map(|logit| (logit - largest).exp()).sum();
            row.iter_mut().for_each(|logit| *logit = *logit - largest - sum.ln());
        }
        Self { log_weights, means: to_rows(means, count, length), log_scales, free }
    }

    /// The same as [`crate::density::GaussianMixture::centred`].
    pub(crate) fn centred(targets: &[f32], sigmas: &[f64]) -> Self {
        let components = sigmas.len();
        let log_sigmas: Vec<f32> = sigmas.iter().map(|sigma| sigma.ln() as f32).collect();
        Self {
            log_weights: vec![-(components as f64).ln() as f32; targets.len() * components],
            means: targets.iter().flat_map(|&target| std::iter::repeat_n(target, components)).collect(),
            log_scales: log_sigmas.repeat(targets.len()),
            free: Vec::new(),
        }
    }

    /// The gradient with respect to means, log-variances and logits, each `[units, length]`.
    pub(crate) fn deltas(&self, outcome: &Outcome, count: usize, length: usize) -> [Vec<f32>; 3] {
        let components = self.means.len() / count;
        let slopes = outcome.log_scales.iter().zip(&self.free);
        let by_log_variances: Vec<f32> = slopes.map(|(slope, &free)| if free { 0.5 * slope } else { 0.0 }).collect();
        let mut by_logits = outcome.log_weights.clone();
        for (row, log_weights) in by_logits.chunks_exact_mut(components).zip(self.log_weights.chunks_exact(components))
        {
            let sum: f32 = row.iter().sum();
            row.iter_mut().zip(log_weights).for_each(|(slope, log_weight)| *slope -= log_weight.exp() * sum);
        }
        [&outcome.means, &by_log_variances, &by_logits].map(|rows| to_units(rows, count, length))
    }
}

/// Row-major `[count, units]` → `[units, length]`, 0 beyond the examples.
pub(crate) fn to_units(rows: &[f32], count: usize, length: usize) -> Vec<f32> {
    let width = rows.len() / count;
    let mut units = vec![0.0; width * length];
    for (example, row) in rows.chunks_exact(width).enumerate() {
        row.iter().enumerate().for_each(|(unit, &value)| units[unit * length + example] = value);
    }
    units
}

/// The inverse of [`to_units`].
pub(crate) fn to_rows(units: &[f32], count: usize, length: usize) -> Vec<f32> {
    (0..count).flat_map(|example| units.chunks_exact(length).map(move |unit| unit[example])).collect()
}
