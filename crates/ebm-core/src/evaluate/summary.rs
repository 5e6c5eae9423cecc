//! A test set in a few numbers, each with its standard error.

use serde::Serialize;

use super::assess::{CalibratedSet, MarginalAssessment, SetAssessment};
use crate::evaluate::assess::Assessment;
use crate::predict::{PARETO_K_LIMIT, Trust};

/// Probabilities of the central intervals whose coverage is counted.
pub const LEVELS: [f64; 4] = [0.5, 0.8, 0.9, 0.95];

/// Bins of the histogram of PIT values.
pub const PIT_BINS: usize = 20;

/// A label's share of all weights above which the proposal has missed it.
pub const LABEL_WEIGHT_LIMIT: f64 = 0.5;

/// A mean over the examples and its standard error, `sd/√n`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Mean {
    /// The mean.
    pub value: f64,
    /// One standard error over the examples, as a sample of all there might be; 0 of a single one.
    pub standard_error: f64,
}

impl Mean {
    /// # Panics
    /// When there is no value.
    pub fn of(values: &[f64]) -> Self {
        assert!(!values.is_empty(), "a mean of nothing");
        let n = values.len() as f64;
        let value = values.iter().sum::<f64>() / n;
        let variance = values.iter().map(|v| (v - value).powi(2)).sum::<f64>() / (n - 1.0).max(1.0);
        Self { value, standard_error: (variance / n).sqrt() }
    }

    /// The square root of a mean, its error by the delta method.
    fn root(self) -> Self {
        let value = self.value.sqrt();
        Self { value, standard_error: if value > 0.0 { self.standard_error / (2.0 * value) } else { 0.0 } }
    }
}

/// How a model fared on a test set.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// Number of examples.
    pub examples: usize,
    /// `−log p(y|x)`, nats, on the support of the predictive density.
    pub nll: Mean,
    /// Monte-Carlo standard error of that mean, nats; 0 where densities are exact or by quadrature.
    pub nll_mc_error: f64,
    /// Energy score, units of the target.
    pub energy_score: Mean,
    /// The dimensions of the target together: an example counts by its mean over them, in the histogram by each.
    pub overall: MarginalSummary,
    /// Each dimension of the target by itself.
    pub dimensions: Vec<MarginalSummary>,
    /// Whether the proposal fits; `None` without sampling from one.
    pub trust: Option<TrustSummary>,
    /// Sets of highest density, one a level of [`LEVELS`]; none where they were not looked for.
    pub sets: Vec<SetSummary>,
}

/// How the sets of highest density of one level fared.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SetSummary {
    /// Their probability.
    pub level: f64,
    /// How often they held the label.
    pub coverage: Mean,
    /// Their size in units of the target, of a count how many; `None` of a vector.
    pub size: Option<Mean>,
    /// How often calibrated sets of this coverage held the label; `None` without a calibration.
    pub calibrated_coverage: Option<Mean>,
    /// The size of those that are finite; `None` if none is.
    pub calibrated_size: Option<Mean>,
    /// Share of calibrated sets that are all of an infinite support: the calibration had too few examples for this level.
    pub calibrated_unbounded: Option<f64>,
}

impl SetSummary {
    fn of(level: usize, sets: &[&SetAssessment]) -> Self {
        let some = |values: Vec<f64>| (!values.is_empty()).then(|| Mean::of(&values));
        let calibrated: Vec<CalibratedSet> =
            sets.iter().filter_map(|set| Some(set.calibrated.as_ref()?[level])).collect();
        let finite = calibrated.iter().map(|set| set.size).filter(|size| size.is_finite());
        let unbounded = calibrated.iter().filter(|set| set.size == f64::INFINITY).count();
        let covers = |set: &&SetAssessment| share(set.outside >= 1.0 - LEVELS[level]);
        Self {
            level: LEVELS[level],
            coverage: Mean::of(&sets.iter().map(covers).collect::<Vec<_>>()),
            size: some(sets.iter().filter_map(|set| set.sizes.get(level).copied()).collect()),
            calibrated_coverage: some(calibrated.iter().map(|set| share(set.covers)).collect()),
            calibrated_size: some(finite.collect()),
            calibrated_unbounded: (!calibrated.is_empty()).then(|| unbounded as f64 / calibrated.len() as f64),
        }
    }
}

/// How a model fared on one dimension of the target, or on all of them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MarginalSummary {
    /// Absolute error of the predictive mean, units of the target.
    pub mae: Mean,
    /// Root of the mean squared error of the predictive mean, units of the target.
    pub rmse: Mean,
    /// Absolute error of the predictive median, units of the target.
    pub median_mae: Mean,
    /// CRPS, units of the target.
    pub crps: Mean,
    /// How often central intervals covered the label, one a level of [`LEVELS`].
    pub coverage: Vec<Coverage>,
    /// How many PIT values fell into each of [`PIT_BINS`] equal bins of `[0, 1]`; one that is not a number into none.
    pub pit_counts: Vec<usize>,
}

/// How often central intervals covered the label.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Coverage {
    /// Their probability.
    pub level: f64,
    /// How often they did.
    pub share: Mean,
}

/// Whether a proposal fits a model over a test set.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TrustSummary {
    /// Mean effective sample size, as a share of the candidates.
    pub ess_share: f64,
    /// Share of examples whose Pareto k̂ is above [`PARETO_K_LIMIT`].
    pub pareto_k_high: f64,
    /// Share of labels that alone hold more than [`LABEL_WEIGHT_LIMIT`] of all weight: the proposal missed them.
    pub label_missed: f64,
}

impl Summary {
    /// Of the assessments made with `m` candidates an input.
    ///
    /// # Panics
    /// When there is none.
    pub fn of(assessments: &[Assessment], m: usize) -> Self {
        let each = |of: &dyn Fn(&Assessment) -> f64| assessments.iter().map(of).collect::<Vec<f64>>();
        let n = assessments.len();
        let variances = each(&|a| a.log_prob.estimate.standard_error.powi(2));
        let trusts: Vec<Trust> = assessments.iter().filter_map(|a| a.log_prob.trust).collect();
        let sets: Vec<&SetAssessment> = assessments.iter().filter_map(|a| a.sets.as_ref()).collect();
        let dimension = |d: usize| assessments.iter().map(|a| &a.marginals[d..=d]).collect::<Vec<_>>();
        Self {
            examples: n,
            nll: Mean::of(&each(&|a| -a.log_prob.estimate.value)),
            nll_mc_error: variances.iter().sum::<f64>().sqrt() / n as f64,
            energy_score: Mean::of(&each(&|a| a.energy_score)),
            overall: MarginalSummary::of(&assessments.iter().map(|a| &a.marginals[..]).collect::<Vec<_>>()),
            dimensions: (0..assessments[0].marginals.len()).map(|d| MarginalSummary::of(&dimension(d))).collect(),
            sets: if sets.is_empty() {
                Vec::new()
            } else {
                (0..LEVELS.len()).map(|level| SetSummary::of(level, &sets)).collect()
            },
            trust: (trusts.len() == n).then(|| TrustSummary::of(&trusts, m)),
        }
    }
}

impl MarginalSummary {
    /// Of some dimensions of every example.
    fn of(examples: &[&[MarginalAssessment]]) -> Self {
        let mean = |of: &dyn Fn(&MarginalAssessment) -> f64| {
            let over =
                |dimensions: &[MarginalAssessment]| dimensions.iter().map(of).sum::<f64>() / dimensions.len() as f64;
            Mean::of(&examples.iter().map(|dimensions| over(dimensions)).collect::<Vec<_>>())
        };
        let mut pit_counts = vec![0; PIT_BINS];
        for pit in examples.iter().copied().flatten().map(|a| a.pit).filter(|pit| !pit.is_nan()) {
            pit_counts[((pit * PIT_BINS as f64) as usize).min(PIT_BINS - 1)] += 1;
        }
        Self {
            mae: mean(&|a| a.mean_error.abs()),
            rmse: mean(&|a| a.mean_error.powi(2)).root(),
            median_mae: mean(&|a| a.median_error.abs()),
            crps: mean(&|a| a.crps),
            coverage: LEVELS.map(|level| Coverage { level, share: mean(&|a| share(a.covered(level))) }).to_vec(),
            pit_counts,
        }
    }
}

impl TrustSummary {
    fn of(trusts: &[Trust], m: usize) -> Self {
        let mean = |of: &dyn Fn(&Trust) -> f64| trusts.iter().map(of).sum::<f64>() / trusts.len() as f64;
        Self {
            ess_share: mean(&|t| t.effective_sample_size) / m as f64,
            pareto_k_high: mean(&|t| share(t.pareto_k > PARETO_K_LIMIT)),
            label_missed: mean(&|t| share(t.label_weight > LABEL_WEIGHT_LIMIT)),
        }
    }
}

fn share(condition: bool) -> f64 {
    f64::from(u8::from(condition))
}
