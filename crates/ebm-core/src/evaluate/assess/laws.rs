//! Laws of assessments and their summary.

use super::*;
use crate::data::examples::Examples;
use crate::evaluate::summary::{Mean, Summary};
use crate::loss::Objective;
use crate::math::grid::Grid;
use crate::method::config::Method;
use crate::predict::laws::{config, model, vector_examples, vector_model};
use crate::predict::{Estimate, Trust, log_prob};

fn numbers(assessment: &Assessment) -> Vec<f64> {
    let LogProb { estimate, trust } = assessment.log_prob;
    let trust = trust.map(|t| [t.label_weight, t.effective_sample_size, t.pareto_k]);
    let marginals = assessment.marginals.iter().flat_map(|a| [a.mean_error, a.crps, a.pit]);
    [estimate.value, estimate.standard_error].into_iter().chain(trust.into_iter().flatten()).chain(marginals).collect()
}

#[test]
fn an_assessment_does_not_depend_on_the_memory_there_is() {
    let (scalar, vector) = (Examples::from_pairs(&[0.1; 300], &[0.4; 300]), vector_examples(300));
    let cube = PredictConfig { m: 64, grid: Grid::cube(-3.0, 3.0, 12, 3) };
    let sigmas = vec![0.1, 0.8];
    let fixed = Method::EbmFixed { sigmas, objective: Objective::Nce };
    let cases: [(Model, &dyn Dataset, PredictConfig); 5] = [
        (model(Method::ebm(3)), &scalar, config(64)),
        (model(fixed.clone()), &scalar, config(64)),
        (vector_model(Method::ebm(3)), &vector, cube.clone()),
        (vector_model(fixed), &vector, cube.clone()),
        (vector_model(Method::Mdn { components: 2 }), &vector, cube),
    ];
    for (model, examples, config) in cases {
        let mut heard = Vec::new();
        let within = assess_within(&model, examples, &config, 3, Budget(20_000), &mut |done| heard.push(done));
        assert!(heard.is_sorted() && heard.last() == Some(&300), "{heard:?}");
        let all = assess(&model, examples, &config, 3, &mut |_| ());
        for (within, all) in within.iter().zip(&all) {
            // Rounding of `f32` scores in another order, and with it one of 1024 resampled candidates in a box 10 across.
            assert!(numbers(within).iter().zip(numbers(all)).all(|(a, b)| (a - b).abs() < 1e-4), "{within:?}, {all:?}");
            assert!((within.energy_score - all.energy_score).abs() < 0.01);
        }
        assert_eq!(all[299].marginals.len(), examples.target_width());
        assert!(all.iter().all(|a| a.energy_score.is_finite() && a.energy_score > 0.0));
        let by_grid = matches!(model, Model::EbmFixed(_));
        assert!(all.iter().all(|a| a.log_prob.trust.is_some() != (by_grid || matches!(model, Model::Mdn(_)))));
        assert!(!by_grid || all.iter().all(|a| a.log_prob.estimate.standard_error == 0.0));
    }
}

#[test]
fn a_summary_counts_what_its_assessments_say() {
    let assessment = |error: f64, pit: f64, log_prob: f64| Assessment {
        log_prob: LogProb {
            estimate: Estimate { value: log_prob, standard_error: 0.3 },
            trust: Some(Trust { label_weight: pit, effective_sample_size: 8.0, pareto_k: 2.0 * pit }),
        },
        energy_score: error.abs(),
        marginals: vec![
            MarginalAssessment { mean_error: error, median_error: 2.0 * error, crps: 0.5, pit, atom: 0.0 },
            MarginalAssessment { mean_error: 3.0 * error, median_error: 0.0, crps: 1.5, pit: 0.5, atom: 0.0 },
        ],
        sets: None,
    };
    let summary = Summary::of(&[assessment(1.0, 0.2, -1.0), assessment(-3.0, 1.0, -2.0)], 16);
    assert_eq!(summary.nll, Mean { value: 1.5, standard_error: 0.5 });
    assert!((summary.nll_mc_error - 0.3 * 2f64.sqrt() / 2.0).abs() < 1e-12);
    let [first, second] = [&summary.dimensions[0], &summary.dimensions[1]];
    assert_eq!((first.mae.value, second.mae.value, summary.overall.mae.value), (2.0, 6.0, 4.0));
    assert!((first.rmse.value - 5f64.sqrt()).abs() < 1e-12);
    // The squares 1 and 9 have the mean 5 ± 4, and the root's slope is 1/(2√5).
    assert!((first.rmse.standard_error - 4.0 / (2.0 * 5f64.sqrt())).abs() < 1e-12);
    assert_eq!((first.median_mae.value, summary.overall.crps.value), (4.0, 1.0));
    assert_eq!(first.coverage.iter().map(|c| c.share.value).collect::<Vec<_>>(), [0.0, 0.5, 0.5, 0.5]);
    assert_eq!((first.pit_counts[4], first.pit_counts[19], summary.overall.pit_counts[10]), (1, 1, 2));
    let trust = summary.trust.unwrap();
    assert_eq!((trust.ess_share, trust.pareto_k_high, trust.label_missed), (0.5, 0.5, 0.5));
    assert_eq!(Mean::of(&[7.0]), Mean { value: 7.0, standard_error: 0.0 });
}

#[test]
fn every_chunk_of_examples_has_a_stream_of_noise_of_its_own() {
    let (model, examples, config) = (model(Method::ebm(3)), Examples::from_pairs(&[0.1; 300], &[0.4; 300]), config(8));
    let all = assess(&model, &examples, &config, 3, &mut |_| ());
    let batch = examples.batch(&[0; 44], &device(&model));
    let noise = &mut Noise::new(3, Purpose::Prediction, 0, 1);
    let last = log_prob(&model, batch.input, batch.target, &config, noise);
    for (assessment, (_, log_prob)) in all[CHUNK..].iter().zip(last) {
        assert_eq!(assessment.log_prob.estimate, log_prob.estimate);
    }
}
