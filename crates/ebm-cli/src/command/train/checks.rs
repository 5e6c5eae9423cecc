//! A look at a model that has just been trained: whether it is one.
//!
//! The reference is the marginal density of the labels, which knows nothing of the inputs: for each dimension a Gaussian
//! fitted to the standardised training labels.

use burn::tensor::Device;
use ebm_core::evaluate::marginal_log_probs;
use ebm_core::predict::ESS_SHARE_LIMIT;
use ebm_core::{Dataset, Model, ModelConfig, PredictionConfig, Predictor, TargetSpace};

use super::components::Components;
use crate::run::checks::Checks;
use crate::task::pairs::range_of;
use crate::training_data::TrainingData;

/// Rows that are looked at, evenly spaced.
const ROWS: usize = 256;
/// Rows that are held at a time.
const CHUNK: usize = 64;
/// Training labels that the reference is fitted to, evenly spaced.
const LABELS: usize = 4096;
/// Candidates for each row.
const M: usize = 256;
/// A model of standardised targets whose log-density is this far below the reference at half of the rows has diverged,
/// nats. In units as they are, the networks may only have had too little time to reach the labels.
const DIVERGED: f64 = 10.0;

/// What was found, and whether it is a model at all.
pub struct Look {
    pub checks: Checks,
    /// Why not, if it is none.
    pub failure: Option<String>,
}

/// Looks at a model on its held-out rows, or on those it was trained on where none are.
pub fn look(model: &Model, config: &ModelConfig, data: &TrainingData) -> Look {
    let space = match &data.encoding {
        Some(encoding) => encoding.space.clone(),
        None => TargetSpace::identity(range_of(data.record.target_range), config.target),
    };
    let (part, held_out) = match data.validation.as_deref() {
        Some(validation) => ("validation", validation),
        None => ("training", data.examples.as_ref()),
    };
    let fit = all_labels(data.examples.as_ref(), &space);
    let predictor = Predictor::new(model, config.input, space, PredictionConfig { m: M, seed: 0 });
    let mut found = Found::default();
    for rows in spaced(held_out.len(), ROWS).chunks(CHUNK) {
        let input = held_out.batch(rows, &Device::flex()).input;
        found.components.add(&model.conditional(input.clone()));
        let labels = labels(held_out, rows, predictor.space());
        let predictions = predictor.predict_batch(found.nll.len(), &input);
        found
            .marginal
            .extend(marginal_log_probs(predictor.space(), &fit, &labels).into_iter().map(|log_prob| -log_prob));
        for (prediction, label) in predictions.iter().zip(labels.chunks(config.target)) {
            let log_prob = prediction.log_prob(label);
            let is_finite = (0..config.target).all(|d| prediction.marginal(d).mean().is_finite());
            found.nll.push(if is_finite { -log_prob.estimate.value } else { f64::NAN });
            found.label_weights.extend(log_prob.label_weight);
            found.ess_shares.extend(prediction.reliability().map(|reliability| reliability.ess_share));
        }
    }
    found.judge(part, data.encoding.is_some())
}

/// What was found, row by row.
#[derive(Default)]
struct Found {
    /// `−log p(y|x)`, nats; NaN where the density is not finite.
    nll: Vec<f64>,
    /// The same of the reference.
    marginal: Vec<f64>,
    label_weights: Vec<f64>,
    ess_shares: Vec<f64>,
    components: Components,
}

impl Found {
    fn judge(self, part: &str, is_standardised: bool) -> Look {
        let rows = self.nll.len();
        let not_finite = self.nll.iter().filter(|nll| !nll.is_finite()).count();
        let finite = |value: f64| Some(value).filter(|value| value.is_finite());
        let nce = self.label_weights.iter().map(|weight| -weight.ln()).collect::<Vec<_>>();
        let mut checks = Checks {
            part: part.to_owned(),
            rows,
            not_finite,
            nll: finite(mean(&self.nll)),
            marginal_nll: finite(mean(&self.marginal)),
            nce: finite(mean(&nce)),
            nce_of_proposal: self.label_weights.first().map(|_| ((M + 1) as f64).ln()),
            ess_share: finite(median(self.ess_shares)),
            unused_components: self.components.unused(),
            poor: Vec::new(),
        };
        let gain: Vec<f64> = self.nll.iter().zip(&self.marginal).map(|(nll, marginal)| marginal - nll).collect();
        let gain = median(gain.into_iter().map(|gain| if gain.is_nan() { f64::NEG_INFINITY } else { gain }).collect());
        let failure = if 2 * not_finite > rows {
            Some(format!("the model's density is not finite at {not_finite} of {rows} {part} rows"))
        } else if is_standardised && gain < -DIVERGED {
            Some(format!(
                "at half of {rows} {part} rows the model's log-density is {:.0} nats or more below that of a Gaussian of \
                 the training labels",
                -gain
            ))
        } else {
            None
        };
        checks.poor = poor(&checks);
        checks.poor.extend(self.components.poor());
        Look { checks, failure }
    }
}

/// What is wrong with a model that is one.
fn poor(checks: &Checks) -> Vec<String> {
    let Checks { part, rows, not_finite, nll, marginal_nll, nce, nce_of_proposal, ess_share, .. } = checks;
    let mut poor = Vec::new();
    if *not_finite > 0 {
        poor.push(format!("its density is not finite at {not_finite} of {rows} {part} rows"));
    }
    if let (Some(nll), Some(marginal)) = (nll, marginal_nll)
        && nll > marginal
    {
        poor.push(format!(
            "its NLL on {rows} {part} rows is {nll:.3} nats; a Gaussian of the training labels, which ignores the inputs, \
             has {marginal:.3}"
        ));
    }
    if let (Some(nce), Some(proposal)) = (nce, nce_of_proposal)
        && *nce > proposal + 0.1
    {
        poor.push(format!(
            "its energy tells labels from candidates worse than its proposal: NCE {nce:.2}, {proposal:.2}"
        ));
    }
    if let Some(share) = ess_share.filter(|share| *share < ESS_SHARE_LIMIT) {
        poor.push(format!("its proposal does not fit: an effective share of {share:.4} of the candidates"));
    }
    poor
}

/// The labels that the reference is fitted to.
fn all_labels(examples: &dyn Dataset, space: &TargetSpace) -> Vec<f64> {
    spaced(examples.len(), LABELS).chunks(CHUNK).flat_map(|rows| labels(examples, rows, space)).collect()
}

/// The labels at some rows, in the user's units.
fn labels(examples: &dyn Dataset, rows: &[usize], space: &TargetSpace) -> Vec<f64> {
    examples.labels_at(rows).unwrap_or_else(|| {
        let z: Vec<f64> =
            examples.batch(rows, &Device::flex()).target.into_data().iter::<f32>().map(f64::from).collect();
        z.chunks(space.dimensions()).flat_map(|z| space.from_model(z)).collect()
    })
}

/// At most `most` of `count` rows, evenly spaced.
fn spaced(count: usize, most: usize) -> Vec<usize> {
    let some = count.min(most);
    (0..some).map(|row| row * count / some).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// NaN without values.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(nll: f64, ess_share: f64, label_weight: f64) -> Found {
        Found {
            nll: vec![nll; 9],
            marginal: vec![2.0; 9],
            label_weights: vec![label_weight; 9],
            ess_shares: vec![ess_share; 9],
            components: Components::default(),
        }
    }

    #[test]
    fn a_model_is_good_poor_or_none() {
        let fits = 1.0 / (M + 1) as f64;
        let good = found(1.0, 0.5, fits).judge("validation", true);
        assert!(good.failure.is_none() && good.checks.poor.is_empty(), "{:?}", good.checks);
        for (nll, share, weight, says) in [
            (2.5, 0.5, fits, "Gaussian of the training labels"),
            (1.0, 0.05, fits, "effective share of 0.0500"),
            (1.0, 0.5, 0.5 * fits, "worse than its proposal"),
        ] {
            let poor = found(nll, share, weight).judge("validation", true);
            assert!(poor.failure.is_none(), "{says}");
            let [only] = &poor.checks.poor[..] else { panic!("{says}: {:?}", poor.checks.poor) };
            assert!(only.contains(says), "{only}");
        }
        for nll in [f64::NAN, f64::INFINITY, 12.5] {
            assert!(found(nll, 0.5, fits).judge("validation", true).failure.is_some(), "{nll}");
        }
        assert!(found(12.5, 0.5, fits).judge("training", false).failure.is_none());
        let mut some = found(1.0, 0.5, fits);
        some.nll[..4].fill(f64::NAN);
        let some = some.judge("validation", true);
        assert!(some.failure.is_none() && some.checks.poor[0].contains("not finite at 4 of 9"));
    }
}
