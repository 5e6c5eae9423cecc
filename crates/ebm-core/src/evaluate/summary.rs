//! Summary of a test set: means of scores and errors, each with its standard error.

use serde::Serialize;

use super::assess::{Assessment, CalibratedSet, LEVELS, MarginalAssessment, SetAssessment};
use crate::predict::reliability::{LogProb, PARETO_K_LIMIT, Reliability};

/// Bins of the histogram of PIT values.
pub const PIT_BINS: usize = 20;

/// A label whose share of all importance weights exceeds this counts as missed by the proposal.
pub const LABEL_WEIGHT_LIMIT: f64 = 0.5;

/// A mean over the examples and its standard error, `sd/√n`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Mean {
    /// The mean.
    pub value: f64,
    /// One standard error over the examples, taken as a random sample; 0 for a single example.
    pub standard_error: f64,
}

impl Mean {
    /// The mean and standard error of some values.
    ///
    /// # Panics
    /// If there are no values.
    pub fn of(values: &[f64]) -> Self {
        assert!(!values.is_empty(), "a mean needs at least one value");
        let n = values.len() as f64;
        let value = values.iter().sum::<f64>() / n;
        let variance = values.iter().map(|v| (v - value).powi(2)).sum::<f64>() / (n - 1.0).max(1.0);
        Self { value, standard_error: (variance / n).sqrt() }
    }

    /// The square root of a mean, with its error by the delta method.
    fn root(self) -> Self {
        let value = self.value.sqrt();
        Self { value, standard_error: if value > 0.0 { self.standard_error / (2.0 * value) } else { 0.0 } }
    }
}

/// Results of a model on a test set.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// Number of examples.
    pub examples: usize,
    /// `−log p(y|x)`, nats, on the support of the predictive density.
    pub nll: Mean,
    /// Monte-Carlo standard error of [`Summary::nll`], nats; 0 if densities are exact or by quadrature.
    pub nll_mc_error: f64,
    /// Energy score, units of the target.
    pub energy_score: Mean,
    /// All dimensions of the target together: for each example the mean over the dimensions; in the PIT histogram,
    /// every dimension is one count.
    pub overall: MarginalSummary,
    /// One for each dimension of the target.
    pub dimensions: Vec<MarginalSummary>,
    /// How well the proposal fits; `None` without one.
    pub reliability: Option<ReliabilitySummary>,
    /// Sets of highest density, one entry for each level of [`LEVELS`].
    pub sets: Vec<SetSummary>,
}

/// Coverage and size of the sets of highest density of one level.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SetSummary {
    /// The level: the predicted probability of the sets.
    pub level: f64,
    /// Fraction of the sets that contain the label.
    pub coverage: Mean,
    /// Size in units of the target; for counts, the number of counts. `None` for a vector.
    pub size: Option<Mean>,
    /// Fraction of the calibrated sets with this coverage that contain the label; `None` without a calibration.
    pub calibrated_coverage: Option<Mean>,
    /// Size of the calibrated sets, over those that are finite; `None` if none is.
    pub calibrated_size: Option<Mean>,
    /// Fraction of the calibrated sets that are the whole of an infinite support, because the calibration had too few
    /// examples for this level.
    pub calibrated_unbounded: Option<f64>,
}

impl SetSummary {
    fn of(level: usize, sets: &[&SetAssessment]) -> Self {
        let some = |values: Vec<f64>| (!values.is_empty()).then(|| Mean::of(&values));
        let calibrated: Vec<CalibratedSet> =
            sets.iter().filter_map(|set| Some(set.calibrated.as_ref()?[level])).collect();
        let finite = calibrated.iter().map(|set| set.size).filter(|size| size.is_finite());
        let unbounded = calibrated.iter().filter(|set| set.size == f64::INFINITY).count();
        let covers = |set: &&SetAssessment| share(set.tail_mass >= 1.0 - LEVELS[level]);
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

/// Results of a model on one dimension of the target, or on all of them.
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
    /// Coverage of central intervals, one entry for each level of [`LEVELS`].
    pub coverage: Vec<Coverage>,
    /// Histogram of the PIT values over [`PIT_BINS`] equal bins of `[0, 1]`; NaN values are not counted.
    ///
    /// Where the predictive distribution has mass at the label, as for counts, one example is spread evenly over
    /// `[P(Y < y), P(Y ≤ y)]`: the nonrandomised PIT of Czado, Gneiting and Held (2009), flat if calibrated.
    pub pit_counts: Vec<f64>,
}

/// Coverage of the central intervals of one level.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Coverage {
    /// The level: the predicted probability of the intervals.
    pub level: f64,
    /// Fraction of the intervals that contain the label.
    pub share: Mean,
}

/// How well the proposal fits the model over a test set.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ReliabilitySummary {
    /// Mean effective sample size divided by the number of candidates.
    pub ess_share: f64,
    /// Fraction of examples whose Pareto k̂ is above [`PARETO_K_LIMIT`], of those that have one; `None` where none has.
    pub pareto_k_high: Option<f64>,
    /// Fraction of labels whose share of all weights exceeds [`LABEL_WEIGHT_LIMIT`]: the proposal missed them.
    pub label_missed: f64,
}

impl Summary {
    /// Summarises the assessments of a test set.
    ///
    /// # Panics
    /// If there are no assessments.
    pub fn of(assessments: &[Assessment]) -> Self {
        let each = |of: &dyn Fn(&Assessment) -> f64| assessments.iter().map(of).collect::<Vec<f64>>();
        let n = assessments.len();
        let (nll, nll_mc_error) = nll(assessments.iter().map(|a| &a.log_prob));
        let proposals: Vec<(LogProb, Reliability)> =
            assessments.iter().filter_map(|a| Some((a.log_prob, a.reliability?))).collect();
        let sets: Vec<&SetAssessment> = assessments.iter().map(|a| &a.sets).collect();
        let dimension = |d: usize| assessments.iter().map(|a| &a.marginals[d..=d]).collect::<Vec<_>>();
        Self {
            examples: n,
            nll,
            nll_mc_error,
            energy_score: Mean::of(&each(&|a| a.energy_score)),
            overall: MarginalSummary::of(&assessments.iter().map(|a| &a.marginals[..]).collect::<Vec<_>>()),
            dimensions: (0..assessments[0].marginals.len()).map(|d| MarginalSummary::of(&dimension(d))).collect(),
            sets: (0..LEVELS.len()).map(|level| SetSummary::of(level, &sets)).collect(),
            reliability: (proposals.len() == n).then(|| ReliabilitySummary::of(&proposals)),
        }
    }
}

/// The mean of `−log p(y|x)` and its Monte-Carlo standard error, nats.
pub fn nll<'a>(log_probs: impl Iterator<Item = &'a LogProb>) -> (Mean, f64) {
    let (nll, variances): (Vec<f64>, Vec<f64>) =
        log_probs.map(|log_prob| log_prob.estimate).map(|e| (-e.value, e.standard_error.powi(2))).unzip();
    (Mean::of(&nll), variances.iter().sum::<f64>().sqrt() / nll.len() as f64)
}

impl MarginalSummary {
    /// Summarises the given dimensions of every example.
    fn of(examples: &[&[MarginalAssessment]]) -> Self {
        let mean = |of: &dyn Fn(&MarginalAssessment) -> f64| {
            let over =
                |dimensions: &[MarginalAssessment]| dimensions.iter().map(of).sum::<f64>() / dimensions.len() as f64;
            Mean::of(&examples.iter().map(|dimensions| over(dimensions)).collect::<Vec<_>>())
        };
        let mut pit_counts = vec![0.0; PIT_BINS];
        examples.iter().copied().flatten().filter(|a| !a.pit.is_nan()).for_each(|a| a.add_to(&mut pit_counts));
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

impl ReliabilitySummary {
    /// Summarises the labels and candidates of all examples.
    ///
    /// # Panics
    /// If there are no examples.
    pub fn of(examples: &[(LogProb, Reliability)]) -> Self {
        let mean =
            |of: &dyn Fn(&(LogProb, Reliability)) -> f64| Mean::of(&examples.iter().map(of).collect::<Vec<_>>()).value;
        let missed = |log_prob: &LogProb| log_prob.label_weight.is_some_and(|weight| weight > LABEL_WEIGHT_LIMIT);
        let known = examples.iter().map(|(_, reliability)| reliability.pareto_k).filter(|k| !k.is_nan());
        let high: Vec<f64> = known.map(|k| share(k > PARETO_K_LIMIT)).collect();
        Self {
            ess_share: mean(&|(_, reliability)| reliability.ess_share),
            pareto_k_high: (!high.is_empty()).then(|| Mean::of(&high).value),
            label_missed: mean(&|(log_prob, _)| share(missed(log_prob))),
        }
    }
}

fn share(condition: bool) -> f64 {
    f64::from(u8::from(condition))
}

#[cfg(test)]
mod laws;
