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
    assert_eq!((first.pit_counts[4], first.pit_counts[19], summary.overall.pit_counts[10]), (1.0, 1.0, 2.0));
    let trust = summary.reliability.unwrap();
    assert_eq!((trust.ess_share, trust.pareto_k_high, trust.label_missed), (0.5, Some(0.5), 0.5));
    assert_eq!(summary.sets.iter().map(|set| set.coverage.value).collect::<Vec<_>>(), [0.5, 1.0, 1.0, 1.0]);
    assert_eq!(Mean::of(&[7.0]), Mean { value: 7.0, standard_error: 0.0 });
}

#[test]
fn without_a_pareto_k_there_is_no_share_of_high_ones() {
    let estimate = Estimate { value: 0.0, standard_error: 0.0 };
    let of = |pareto_k: f64| (LogProb { estimate, label_weight: None }, Reliability { ess_share: 1.0, pareto_k });
    assert_eq!(ReliabilitySummary::of(&[of(f64::NAN), of(f64::NAN)]).pareto_k_high, None);
    assert_eq!(ReliabilitySummary::of(&[of(f64::NAN), of(0.9), of(0.2)]).pareto_k_high, Some(0.5));
}

#[test]
fn the_histogram_of_calibrated_counts_is_flat() {
    // Y is Poisson of mean 0.7: four fifths of its mass are at 0 and 1, and mid-PIT values pile up at two places.
    let mass = |y: i32| (1..=y).fold((-0.7_f64).exp(), |mass, i| mass * 0.7 / f64::from(i));
    let mut counts = vec![0.0; PIT_BINS];
    let mut below = 0.0;
    for y in 0..12 {
        let of = MarginalAssessment {
            mean_error: 0.0,
            median_error: 0.0,
            crps: 0.0,
            pit: below + 0.5 * mass(y),
            atom: mass(y),
        };
        let mut own = vec![0.0; PIT_BINS];
        of.add_to(&mut own);
        assert!((own.iter().sum::<f64>() - 1.0).abs() < 1e-12, "one example is one count");
        counts.iter_mut().zip(own).for_each(|(count, own)| *count += mass(y) * own);
        below += mass(y);
    }
    // The true distribution: a twentieth in each bin, but for 1e-12 beyond the last y.
    assert!(counts.iter().all(|count| (count - 0.05).abs() < 1e-9), "{counts:?}");
}
