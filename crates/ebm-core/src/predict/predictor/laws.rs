//! Laws of predictors: streams, calibration and assessment.

use super::*;
use crate::data::dataset::Dataset;
use crate::data::space::TargetKind;
use crate::evaluate::summary::{LEVELS, Summary};
use crate::method::config::Method;
use crate::predict::prediction::laws::predictor;

fn inputs(n: usize) -> Vec<f32> {
    let mut noise = Noise::new(9, Purpose::Split, 0, 0);
    (0..2 * n).map(|_| noise.gauss() as f32).collect()
}

fn kinds() -> [Vec<TargetKind>; 3] {
    [
        vec![TargetKind::Count],
        vec![TargetKind::Real, TargetKind::Positive],
        vec![TargetKind::Angle { period: 360.0 }, TargetKind::Bounded { low: 0.0, high: 60.0 }, TargetKind::Count],
    ]
}

/// Labels that the model itself draws, for these inputs.
fn drawn(predictor: &Predictor, inputs: &[f32], seed: usize) -> Vec<f64> {
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
                // Sums of f32 may be in another order in a batch of another size.
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
                assert_eq!(own.trust.is_some(), log_prob.trust.is_some());
            }
        }
    }
    let predictor = predictor(&[TargetKind::Count], Method::ebm(2), 3);
    let wrong = predictor.log_prob(0, &inputs(2), &[3.0, 2.5]);
    assert!(matches!(wrong, Err(TargetError::OutOfSupport { index: 1, .. })));
}

#[test]
fn calibrated_sets_cover_as_often_as_promised_whatever_the_model() {
    const N: usize = 400;
    for kinds in kinds() {
        // Labels of one model, predictions of another.
        let truth = predictor(&kinds, Method::ebm(2), 11);
        let wrong = predictor(&kinds, Method::ebm(2), 12);
        let inputs = inputs(2 * N);
        let labels = drawn(&truth, &inputs, 1);
        let space = wrong.space().clone();
        let set = |rows: std::ops::Range<usize>| {
            let labels = labels[rows.start * kinds.len()..rows.end * kinds.len()].to_vec();
            Labelled::new(inputs[2 * rows.start..2 * rows.end].to_vec(), 2, labels, space.clone()).unwrap()
        };
        let calibration = wrong.calibrate(&set(0..N)).unwrap();
        assert_eq!(calibration.len(), N);
        let wrong = wrong.with_calibration(Some(calibration.clone()));
        let test = set(N..2 * N);
        let assessments = wrong.assess(0, &test);
        let summary = Summary::of(&assessments, 512);
        assert_eq!((assessments.len(), summary.sets.len()), (N, LEVELS.len()));
        for set in &summary.sets {
            let share = set.calibrated_coverage.unwrap().value;
            // Both the calibration and the count vary by a binomial: four errors of their sum.
            let error = 4.0 * (2.0 * set.level * (1.0 - set.level) / N as f64).sqrt();
            assert!(share > set.level - error, "{kinds:?} {}: {share}", set.level);
            assert_eq!(set.size.is_some(), kinds.len() == 1);
        }
        // The assessment and the prediction draw the same sets.
        for (row, assessment) in assessments.iter().take(5).enumerate() {
            let prediction = &wrong.predict(row, &test.inputs()[2 * row..2 * row + 2])[0];
            let y = &test.labels()[row * kinds.len()..][..kinds.len()];
            let sets = assessment.sets.as_ref().unwrap();
            let covers = sets.calibrated.as_ref().unwrap()[1].covers;
            assert_eq!(covers, prediction.calibrated_contains(&calibration, LEVELS[1], y));
            assert!((assessment.log_prob.estimate.value - prediction.log_prob(y).estimate.value).abs() < 1e-4);
            if kinds.len() == 1 {
                let inside =
                    prediction.calibrated(&calibration, LEVELS[1]).iter().any(|[a, b]| *a <= y[0] && y[0] <= *b);
                assert_eq!(covers, inside);
            }
        }
    }
}

#[test]
fn a_models_own_draws_are_covered_as_its_sets_say() {
    const N: usize = 600;
    for kind in [TargetKind::Real, TargetKind::Angle { period: 360.0 }, TargetKind::Bounded { low: 0.0, high: 60.0 }] {
        let predictor = predictor(&[kind], Method::ebm(2), 11);
        let inputs = inputs(N);
        let labels = drawn(&predictor, &inputs, 2);
        let set = Labelled::new(inputs, 2, labels, predictor.space().clone()).unwrap();
        let summary = Summary::of(&predictor.assess(0, &set), 512);
        for (central, dense) in summary.overall.coverage.iter().zip(&summary.sets) {
            let error = 4.0 * (dense.level * (1.0 - dense.level) / N as f64).sqrt();
            assert!((central.share.value - dense.level).abs() < error, "{kind:?} {central:?}");
            assert!((dense.coverage.value - dense.level).abs() < error, "{kind:?} {dense:?}");
        }
        assert_eq!(set.len(), summary.examples);
    }
}

/// Two branches of labels, in thousands, and a network trained on them for a moment.
fn trained(method: Method, n: usize) -> (Predictor, Labelled) {
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
    use crate::predict::{PredictConfig, log_prob};
    let (predictor, set) = trained(Method::ebm(4), 600);
    let rows: Vec<usize> = (0..40).collect();
    let batch = set.batch(&rows, &device(&predictor.model));
    let config = PredictConfig { m: 20_000, grid: crate::math::grid::Grid::line(-4.0, 4.0, 16) };
    let noise = &mut Noise::new(1, Purpose::Prediction, 0, 0);
    let sampled = log_prob(&predictor.model, batch.input, batch.target, &config, noise);
    let answers = predictor.log_prob(0, &set.inputs()[..40], &set.labels()[..40]).unwrap();
    let mut outside = 0;
    let mut lost = Vec::new();
    for ((prediction, own), (_, sampled)) in answers.iter().zip(&sampled) {
        let target = &predictor.space().targets()[0];
        let difference = own.estimate.value - target.log_jacobian(0.0) - sampled.estimate.value;
        // One standard error is at least that of f32 scores; it does not know the tails that it never drew.
        if difference.abs() > 4.0 * sampled.estimate.standard_error.max(2e-4) {
            outside += 1;
        }
        let [one, other] =
            [prediction.reliability().unwrap().ess_share, sampled.trust.unwrap().effective_sample_size / 2e4];
        lost.push(one / other - 1.0);
    }
    assert!(outside <= 1, "{outside} of 40");
    // Where the ratio has a long tail the curve knows more of it than draws find, and a lucky draw may find too much.
    lost.sort_unstable_by(f64::total_cmp);
    assert!(lost[20].abs() < 0.01 && lost[38] < 0.01, "{lost:?}");
}

#[test]
fn a_trained_model_is_calibrated_in_the_users_units() {
    let (predictor, set) = trained(Method::ebm(4), 600);
    let summary = Summary::of(&predictor.assess(0, &set), 1024);
    let overall = &summary.overall;
    // Two branches 1000 apart on average and more: their set of highest density is far smaller than the interval.
    assert!(summary.sets[2].size.unwrap().value < 0.8 * 1645.0 * 2.0, "{:?}", summary.sets[2]);
    for coverage in [overall.coverage[1].share, summary.sets[1].coverage] {
        assert!((coverage.value - 0.8).abs() < 0.1, "{coverage:?}");
    }
    // Nats for units of one, of labels with a standard deviation of 1200.
    assert!(summary.nll.value > 6.0 && summary.nll.value < 8.6, "{:?}", summary.nll);
    assert!(overall.crps.value < overall.mae.value);
}
