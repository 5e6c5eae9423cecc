//! Laws of assessments: memory, coverage and calibration.

use super::*;
use crate::data::examples::Examples;
use crate::data::labelled::Labelled;
use crate::data::space::{TargetKind, TargetSpace};
use crate::evaluate::importance::laws::trained;
use crate::evaluate::summary::Summary;
use crate::loss::Objective;
use crate::method::config::Method;
use crate::method::model::Model;
use crate::predict::config::PredictionConfig;
use crate::predict::laws::{model, vector_examples, vector_model};
use crate::predict::prediction::laws::predictor;
use crate::predict::predictor::laws::{drawn, inputs, kinds};
use crate::predict::tiles::Budget;

fn numbers(assessment: &Assessment) -> Vec<f64> {
    let LogProb { estimate, label_weight } = assessment.log_prob;
    let reliability = assessment.reliability.map(|r| [r.ess_share, r.pareto_k]).into_iter().flatten();
    let marginals = assessment.marginals.iter().flat_map(|a| [a.mean_error, a.crps, a.pit]);
    // Pareto k̂ is NaN for scalars.
    let reliability = reliability.filter(|value| !value.is_nan());
    [estimate.value, estimate.standard_error]
        .into_iter()
        .chain(label_weight)
        .chain(reliability)
        .chain(marginals)
        .collect()
}

#[test]
fn an_assessment_does_not_depend_on_the_memory_there_is() {
    let (scalar, vector) = (Examples::from_pairs(&[0.1; 300], &[0.4; 300]), vector_examples(300));
    let sigmas = vec![0.1, 0.8];
    let fixed = Method::EbmFixed { sigmas, objective: Objective::Nce };
    let cases: [(Model, &dyn Dataset); 5] = [
        (model(Method::ebm(3)), &scalar),
        (model(fixed.clone()), &scalar),
        (vector_model(Method::ebm(3)), &vector),
        (vector_model(fixed), &vector),
        (vector_model(Method::Mdn { components: 2 }), &vector),
    ];
    for (model, examples) in cases {
        let config = PredictionConfig { m: 64, seed: 3 };
        let space = || TargetSpace::identity([-3.0, 3.0], examples.target_width());
        let predictor = Predictor::new(&model, examples.input_width(), space(), config);
        let all = assess(&predictor, 0, examples, &mut |_| ());
        let mut heard = Vec::new();
        let little = predictor.within(Budget(20_000));
        let within = assess(&little, 0, examples, &mut |done| heard.push(done));
        assert!(heard.is_sorted() && heard.last() == Some(&300), "{heard:?}");
        for (within, all) in within.iter().zip(&all) {
            // f32 rounding in another order, which may change one of 1024 resampled candidates in a box of side 10.
            assert!(numbers(within).iter().zip(numbers(all)).all(|(a, b)| (a - b).abs() < 1e-4), "{within:?}, {all:?}");
            assert!((within.energy_score - all.energy_score).abs() < 0.01);
        }
        assert_eq!(all[299].marginals.len(), examples.target_width());
        assert!(all.iter().all(|a| a.energy_score.is_finite() && a.energy_score > 0.0));
        let by_grid = matches!(model, Model::EbmFixed(_));
        assert!(all.iter().all(|a| a.log_prob.label_weight.is_some() != (by_grid || matches!(model, Model::Mdn(_)))));
        assert!(!by_grid || all.iter().all(|a| a.log_prob.estimate.standard_error == 0.0));
    }
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
        let assessments = assess(&wrong, 0, &test, &mut |_| ());
        let summary = Summary::of(&assessments);
        assert_eq!((assessments.len(), summary.sets.len()), (N, LEVELS.len()));
        for set in &summary.sets {
            let share = set.calibrated_coverage.unwrap().value;
            // The calibration and the count both have binomial errors: four standard errors of their sum.
            let error = 4.0 * (2.0 * set.level * (1.0 - set.level) / N as f64).sqrt();
            assert!(share > set.level - error, "{kinds:?} {}: {share}", set.level);
            assert_eq!(set.size.is_some(), kinds.len() == 1);
        }
        // The assessment and the prediction give the same sets.
        for (row, assessment) in assessments.iter().take(5).enumerate() {
            let prediction = &wrong.predict(row, &test.inputs()[2 * row..2 * row + 2])[0];
            let y = &test.labels()[row * kinds.len()..][..kinds.len()];
            let covers = assessment.sets.calibrated.as_ref().unwrap()[1].covers;
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
        let summary = Summary::of(&assess(&predictor, 0, &set, &mut |_| ()));
        for (central, dense) in summary.overall.coverage.iter().zip(&summary.sets) {
            let error = 4.0 * (dense.level * (1.0 - dense.level) / N as f64).sqrt();
            assert!((central.share.value - dense.level).abs() < error, "{kind:?} {central:?}");
            assert!((dense.coverage.value - dense.level).abs() < error, "{kind:?} {dense:?}");
        }
        assert_eq!(set.len(), summary.examples);
    }
}

#[test]
fn a_trained_model_is_calibrated_in_the_users_units() {
    let (predictor, set) = trained(Method::ebm(4), 600);
    let summary = Summary::of(&assess(&predictor, 0, &set, &mut |_| ()));
    let overall = &summary.overall;
    // The branches are 1000 or more apart, so the set of highest density is far smaller than the interval.
    assert!(summary.sets[2].size.unwrap().value < 0.8 * 1645.0 * 2.0, "{:?}", summary.sets[2]);
    for coverage in [overall.coverage[1].share, summary.sets[1].coverage] {
        assert!((coverage.value - 0.8).abs() < 0.1, "{coverage:?}");
    }
    // Nats per unit, for labels with a standard deviation of 1200.
    assert!(summary.nll.value > 6.0 && summary.nll.value < 8.6, "{:?}", summary.nll);
    assert!(overall.crps.value < overall.mae.value);
}
