//! Laws of summaries.

use super::*;
use crate::predict::reliability::Estimate;

#[test]
fn a_summary_counts_what_its_assessments_say() {
    let assessment = |error: f64, pit: f64, log_prob: f64| Assessment {
        log_prob: LogProb { estimate: Estimate { value: log_prob, standard_error: 0.3 }, label_weight: Some(pit) },
        reliability: Some(Reliability { ess_share: 0.5, pareto_k: 2.0 * pit }),
        energy_score: error.abs(),
        marginals: vec![
            MarginalAssessment { mean_error: error, median_error: 2.0 * error, crps: 0.5, pit, atom: 0.0 },
            MarginalAssessment { mean_error: 3.0 * error, median_error: 0.0, crps: 1.5, pit: 0.5, atom: 0.0 },
        ],
        sets: SetAssessment { tail_mass: pit, sizes: Vec::new(), calibrated: None },
    };
    let summary = Summary::of(&[assessment(1.0, 0.2, -1.0), assessment(-3.0, 1.0, -2.0)]);
    assert_eq!(summary.nll, Mean { value: 1.5, standard_error: 0.5 });
    assert!((summary.nll_mc_error - 0.3 * 2f64.sqrt() / 2.0).abs() < 1e-12);
    let [first, second] = [&summary.dimensions[0], &summary.dimensions[1]];
    assert_eq!((first.mae.value, second.mae.value, summary.overall.mae.value), (2.0, 6.0, 4.0));
    assert!((first.rmse.value - 5f64.sqrt()).abs() < 1e-12);
    // The squares 1 and 9 have mean 5 ± 4, and the derivative of the root is 1/(2√5).
    assert!((first.rmse.standard_error - 4.0 / (2.0 * 5f64.sqrt())).abs() < 1e-12);
    assert_eq!((first.median_mae.value, summary.overall.crps.value), (4.0, 1.0));
    assert_eq!(first.coverage.iter().map(|c| c.share.value).collect::<Vec<_>>(), [0.0, 0.5, 0.5, 0.5]);
    assert_eq!((first.pit_counts[4], first.pit_counts[19], summary.overall.pit_counts[10]), (1, 1, 2));
    let trust = summary.reliability.unwrap();
    assert_eq!((trust.ess_share, trust.pareto_k_high, trust.label_missed), (0.5, 0.5, 0.5));
    assert_eq!(summary.sets.iter().map(|set| set.coverage.value).collect::<Vec<_>>(), [0.5, 1.0, 1.0, 1.0]);
    assert_eq!(Mean::of(&[7.0]), Mean { value: 7.0, standard_error: 0.0 });
}
