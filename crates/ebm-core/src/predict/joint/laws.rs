//! Laws of vectors.

use crate::data::space::TargetKind;
use crate::method::config::Method;
use crate::predict::prediction::laws::{INPUTS, LABELS, fixed, noise, predictor};

fn vector_kinds() -> [TargetKind; 3] {
    [TargetKind::Real, TargetKind::Positive, TargetKind::Angle { period: 24.0 }]
}

#[test]
fn a_vectors_sets_hold_as_many_of_its_draws_as_they_say() {
    for method in [Method::Mdn { components: 2 }, Method::ebm(2), fixed()] {
        let predictor = predictor(&vector_kinds(), method.clone(), 4);
        let prediction = &predictor.predict(0, &INPUTS)[0];
        let draws = prediction.sample(2000, &mut noise(2));
        for level in [0.5, 0.9] {
            let inside = draws.chunks(3).filter(|y| prediction.contains(y, level)).count() as f64 / 2000.0;
            // Draws are resampled candidates, so the fraction equals the weight up to resampling error and ties.
            assert!((inside - level).abs() < 0.06, "{method:?} {level}: {inside}");
            for y in draws.chunks(3).take(50) {
                let dense = prediction.log_prob(y).estimate.value - prediction.hpd_threshold(level);
                assert!(dense.abs() < 1e-3 || prediction.contains(y, level) == (dense > 0.0));
            }
        }
        assert!(prediction.contains(&[1e5, 1e5, 3.0], 1.0) && !prediction.contains(&[3.0, -1.0, 3.0], 1.0));
        assert!(prediction.energy_score(&LABELS[..3], &mut noise(3)) > 0.0);
    }
}

#[test]
fn a_vectors_marginals_have_the_moments_of_its_draws() {
    for method in [Method::Mdn { components: 2 }, Method::ebm(2)] {
        let predictor = predictor(&[TargetKind::Real, TargetKind::Real], method, 4);
        let prediction = &predictor.predict(0, &INPUTS)[0];
        let draws = prediction.sample(50_000, &mut noise(2));
        for d in 0..2 {
            let own: Vec<f64> = draws.iter().skip(d).step_by(2).copied().collect();
            let mean = own.iter().sum::<f64>() / own.len() as f64;
            let sd = (own.iter().map(|y| (y - mean).powi(2)).sum::<f64>() / own.len() as f64).sqrt();
            let marginal = prediction.marginal(d);
            // For a mixture, the candidates are 512 draws; for an energy, they are those of the marginal.
            assert!((marginal.mean() - mean).abs() < 4.0 * sd / 512f64.sqrt(), "{} {mean} {sd}", marginal.mean());
            assert!((marginal.sd() / sd - 1.0).abs() < 0.15);
            let covered = own.iter().filter(|&&y| marginal.interval_contains(0.8, y)).count() as f64 / own.len() as f64;
            // With the small effective sample size of an energy, an interval can be wider than its level.
            let wider = if prediction.reliability().is_some() { 0.2 } else { 0.07 };
            assert!(covered > 0.73 && covered < 0.8 + wider, "{covered}");
            let dense = own.iter().filter(|&&y| marginal.hpd_level(y) <= 0.8).count() as f64 / own.len() as f64;
            assert!(dense > 0.71 && dense < 0.8 + wider, "{dense}");
        }
    }
}
