//! Laws of importance sampling: streams of noise, and agreement with the exact curve.

use super::*;
use crate::data::examples::Examples;
use crate::data::labelled::Labelled;
use crate::data::space::{TargetKind, TargetSpace};
use crate::method::config::Method;
use crate::predict::config::PredictionConfig;
use crate::predict::importance::importance;
use crate::predict::laws::{model, vector_examples, vector_model};
use crate::predict::predictor::Predictor;

#[test]
fn every_chunk_of_examples_has_a_stream_of_noise_of_its_own() {
    let (model, examples) = (model(Method::ebm(3)), Examples::from_pairs(&[0.1; 300], &[0.4; 300]));
    let all = log_prob_by_importance(&model, &examples, 8, 3, &mut |_| ()).unwrap();
    let batch = examples.batch(&[0; 44], &device(&model));
    let noise = &mut Noise::new(3, Purpose::Prediction, 0, 1);
    let last = importance(&model.conditional(batch.input), 8, noise).unwrap();
    for ((log_prob, reliability), draws) in all[CHUNK..].iter().zip(last) {
        assert_eq!(draws.log_partition().standard_error, log_prob.estimate.standard_error);
        assert_eq!(draws.reliability().unwrap().ess_share, reliability.ess_share);
    }
}

#[test]
fn importance_sampling_does_not_depend_on_the_memory_there_is() {
    let (scalar, vector) = (Examples::from_pairs(&[0.1; 300], &[0.4; 300]), vector_examples(300));
    let cases: [(Model, &dyn Dataset); 2] = [(model(Method::ebm(3)), &scalar), (vector_model(Method::ebm(3)), &vector)];
    for (model, examples) in cases {
        let mut heard = Vec::new();
        let within = log_prob_within(&model, examples, 64, 3, Budget(20_000), &mut |done| heard.push(done)).unwrap();
        assert!(heard.is_sorted() && heard.last() == Some(&300), "{heard:?}");
        let all = log_prob_by_importance(&model, examples, 64, 3, &mut |_| ()).unwrap();
        for ((within, fits), (all, fit)) in within.iter().zip(&all) {
            let numbers = |of: &LogProb| [of.estimate.value, of.estimate.standard_error, of.label_weight.unwrap()];
            assert!(numbers(within).iter().zip(numbers(all)).all(|(a, b)| (a - b).abs() < 1e-4), "{within:?}, {all:?}");
            assert!((fits.ess_share - fit.ess_share).abs() < 1e-4 && (fits.pareto_k - fit.pareto_k).abs() < 1e-4);
        }
    }
}

/// Labels in thousands on two branches, and a predictor that was trained on them briefly.
pub(crate) fn trained(method: Method, n: usize) -> (Predictor, Labelled) {
    let mut noise = Noise::new(2, Purpose::Split, 3, 0);
    let pairs: Vec<(f32, f64)> = (0..n)
        .map(|_| {
            let x = 4.0 * noise.unit() - 2.0;
            let branch = if noise.unit() < 0.4 { 1.0 } else { -1.0 };
            (x as f32, 5000.0 + 1000.0 * (branch * (1.0 + 0.5 * x) + 0.2 * noise.gauss()))
        })
        .collect();
    let (inputs, labels): (Vec<f32>, Vec<f64>) = pairs.into_iter().unzip();
    let space = TargetSpace::fit(&[TargetKind::Real], &labels).unwrap();
    let set = Labelled::new(inputs, 1, labels, space.clone()).unwrap();
    let config = crate::method::config::ModelConfig::scalar(method);
    let training = crate::train::TrainingConfig { epochs: 60, m: 64, ..crate::train::TrainingConfig::default() };
    let state = crate::train::TrainState::new(config.init(1, &burn::tensor::Device::flex().autodiff()), 1);
    let model = crate::train::fit(state, &set, &training, &mut ()).unwrap().model;
    (Predictor::new(&model, 1, space, PredictionConfig::default()), set)
}

#[test]
fn a_trained_energys_curve_and_importance_sampling_agree_within_four_standard_errors() {
    let (predictor, set) = trained(Method::ebm(4), 600);
    let first =
        Labelled::new(set.inputs()[..40].to_vec(), 1, set.labels()[..40].to_vec(), set.space().clone()).unwrap();
    let sampled = log_prob_by_importance(predictor.model().unwrap(), &first, 20_000, 1, &mut |_| ()).unwrap();
    let answers = predictor.log_prob(0, &set.inputs()[..40], &set.labels()[..40]).unwrap();
    let mut disagree = 0;
    let mut lost = Vec::new();
    for ((prediction, own), (sampled, reliability)) in answers.iter().zip(&sampled) {
        let target = &predictor.space().targets()[0];
        let difference = own.estimate.value - target.log_jacobian(0.0) - sampled.estimate.value;
        // At least the error of f32 scores. The standard error does not include tails without draws.
        if difference.abs() > 4.0 * sampled.estimate.standard_error.max(2e-4) {
            disagree += 1;
        }
        let [one, other] = [prediction.reliability().unwrap().ess_share, reliability.ess_share];
        lost.push(one / other - 1.0);
    }
    assert!(disagree <= 1, "{disagree} of 40");
    // If the ratio has a long tail, draws miss part of `Z`, and a rare draw overestimates it; the curve is exact.
    lost.sort_unstable_by(f64::total_cmp);
    assert!(lost[20].abs() < 0.01 && lost[38] < 0.01, "{lost:?}");
}
