//! Laws of predictors: streams of noise, and equal results from all ways to predict.

use super::*;
use crate::data::space::TargetKind;
use crate::math::noise::{Noise, Purpose};
use crate::method::config::Method;
use crate::predict::prediction::laws::predictor;

pub(crate) fn inputs(n: usize) -> Vec<f32> {
    let mut noise = Noise::new(9, Purpose::Split, 0, 0);
    (0..2 * n).map(|_| noise.gauss() as f32).collect()
}

pub(crate) fn kinds() -> [Vec<TargetKind>; 3] {
    [
        vec![TargetKind::Count],
        vec![TargetKind::Real, TargetKind::Positive],
        vec![TargetKind::Angle { period: 360.0 }, TargetKind::Bounded { low: 0.0, high: 60.0 }, TargetKind::Count],
    ]
}

/// Labels drawn from the model's own predictions at these inputs.
pub(crate) fn drawn(predictor: &Predictor, inputs: &[f32], seed: usize) -> Vec<f64> {
    let mut noise = Noise::new(5, Purpose::Split, 1, seed);
    predictor.predict(0, inputs).iter().flat_map(|prediction| prediction.sample(1, &mut noise)).collect()
}

#[test]
fn a_prediction_does_not_depend_on_how_many_rows_are_predicted_at_a_time() {
    for kinds in kinds() {
        for method in [Method::ebm(2), Method::Mdn { components: 2 }] {
            let predictor = predictor(&kinds, method, 3);
            let inputs = inputs(20);
            let whole = predictor.predict(100, &inputs);
            let parts = [predictor.predict(100, &inputs[..14]), predictor.predict(107, &inputs[14..])];
            for (whole, part) in whole.iter().zip(parts.iter().flatten()) {
                let answers = |prediction: &Prediction<'_>| {
                    (0..kinds.len())
                        .map(|d| prediction.marginal(d).quantile(0.3))
                        .chain(prediction.mode())
                        .collect::<Vec<_>>()
                };
                // f32 sums may be in another order in a batch of another size.
                let same =
                    answers(whole).iter().zip(answers(part)).all(|(a, b)| (a - b).abs() <= 1e-4 * (1.0 + a.abs()));
                assert!(same, "{kinds:?}: {:?} {:?}", answers(whole), answers(part));
            }
        }
    }
}

#[test]
fn a_batch_of_log_densities_is_what_each_prediction_says() {
    for kinds in kinds() {
        for method in [Method::ebm(2), Method::Mdn { components: 2 }] {
            let predictor = predictor(&kinds, method, 3);
            let inputs = inputs(12);
            let labels = drawn(&predictor, &inputs, 0);
            let answers = predictor.log_prob(0, &inputs, &labels).unwrap();
            for ((prediction, log_prob), y) in answers.iter().zip(labels.chunks(kinds.len())) {
                let own = prediction.log_prob(y);
                assert!((own.estimate.value - log_prob.estimate.value).abs() < 1e-4, "{kinds:?} {own:?} {log_prob:?}");
                assert_eq!(own.label_weight.is_some(), log_prob.label_weight.is_some());
            }
        }
    }
    let predictor = predictor(&[TargetKind::Count], Method::ebm(2), 3);
    let wrong = predictor.log_prob(0, &inputs(2), &[3.0, 2.5]);
    assert!(matches!(wrong, Err(TargetError::OutOfSupport { index: 1, .. })));
}
