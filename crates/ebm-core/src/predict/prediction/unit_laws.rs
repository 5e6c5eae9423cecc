//! Laws of units: predictions are equivariant under a change of the unit of the target.

use burn::tensor::Device;
use proptest::prelude::*;

use super::laws::{INPUTS, LABELS};
use super::*;
use crate::data::space::TargetKind;
use crate::method::config::{Method, ModelConfig};
use crate::predict::config::PredictionConfig;
use crate::predict::predictor::Predictor;

/// Evaluates `with` on the prediction for the first input, by a network with seed 3 and a space fitted to these labels.
fn of_labels<T>(kind: TargetKind, labels: &[f64], method: &Method, with: impl Fn(&Prediction<'_>) -> T) -> T {
    let space = TargetSpace::fit(&[kind], labels).unwrap();
    let config = ModelConfig { input: 2, ..ModelConfig::scalar(method.clone()) };
    let predictor = Predictor::new(&config.init(3, &Device::flex()), 2, space, PredictionConfig { m: 128, seed: 0 });
    with(&predictor.predict(0, &INPUTS[..2])[0])
}

fn close(found: f64, expected: f64, unit: f64) -> Result<(), TestCaseError> {
    // Standardised targets are rounded to f32.
    prop_assert!((found - expected).abs() < 2e-4 * unit, "{} {} in units of {}", found, expected, unit);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn another_unit_moves_every_answer_with_it_and_the_density_by_its_logarithm(
        exponent in -12f64..12.0, shift in -5f64..5.0, energy in any::<bool>(),
    ) {
        let method = if energy { Method::ebm(2) } else { Method::Mdn { components: 2 } };
        let unit = 10f64.powf(exponent);
        let moved = |y: f64| unit * (y + shift);
        let answers = |prediction: &Prediction<'_>, moved: &dyn Fn(f64) -> f64| {
            let log_prob = [4.0, 30.0].map(|y| prediction.log_prob(&[moved(y)]).estimate.value);
            let places = [vec![prediction.mean()], [0.05, 0.5, 0.9].map(|p| prediction.quantile(p)).to_vec(),
                prediction.interval(0.8).to_vec(), prediction.hpd(0.7).concat()].concat();
            let mode = prediction.mode()[0];
            let lengths = [prediction.sd(), prediction.crps(moved(20.0))];
            let shares = [prediction.cdf(moved(10.0)), prediction.hpd_level(&[moved(25.0)])];
            (log_prob, places, lengths, shares, mode)
        };
        let base = of_labels(TargetKind::Real, &LABELS, &method, |p| answers(p, &|y| y));
        let other = of_labels(TargetKind::Real, &LABELS.map(moved), &method, |p| answers(p, &moved));
        let sd = base.2[0];
        // If knots have equal density up to rounding, either may be the mode.
        prop_assert!((other.4 - moved(base.4)).abs() < 0.1 * unit * sd);
        for (base, other) in base.0.iter().zip(other.0) {
            close(other, base - unit.ln(), 10.0)?;
        }
        prop_assert_eq!(base.1.len(), other.1.len());
        for (base, other) in base.1.iter().zip(other.1) {
            close(other, moved(*base), unit * sd * 10.0)?;
        }
        for (base, other) in base.2.iter().zip(other.2) {
            close(other, unit * base, unit * sd)?;
        }
        for (base, other) in base.3.iter().zip(other.3) {
            close(other, *base, 1.0)?;
        }
    }

    #[test]
    fn another_unit_of_a_positive_target_scales_every_answer(exponent in -12f64..12.0) {
        let unit = 10f64.powf(exponent);
        let answers = |prediction: &Prediction<'_>| {
            vec![prediction.median(), prediction.quantile(0.1), prediction.interval(0.5)[1], prediction.hpd(0.5)[0][0]]
        };
        let base = of_labels(TargetKind::Positive, &LABELS, &Method::ebm(2), answers);
        let other = of_labels(TargetKind::Positive, &LABELS.map(|y| unit * y), &Method::ebm(2), answers);
        for (base, other) in base.iter().zip(other) {
            close(other, unit * base, unit * base * 5.0)?;
        }
    }

    #[test]
    fn another_unit_of_a_target_on_a_power_scale_scales_every_answer(exponent in -12f64..12.0) {
        let unit = 10f64.powf(exponent);
        let answers = |prediction: &Prediction<'_>| {
            vec![prediction.median(), prediction.quantile(0.1), prediction.interval(0.5)[1], prediction.hpd(0.5)[0][1],
                prediction.mean(), prediction.sd()]
        };
        let of = |labels: &[f64]| of_labels(TargetKind::fit_power(labels), labels, &Method::ebm(2), answers);
        for (base, other) in of(&LABELS).iter().zip(of(&LABELS.map(|y| unit * y))) {
            close(other, unit * base, unit * base * 5.0)?;
        }
    }

    #[test]
    fn another_unit_of_a_lattice_scales_every_answer_and_keeps_probabilities(
        exponent in -12f64..12.0, shift in -100f64..100.0,
    ) {
        let unit = 10f64.powf(exponent);
        let moved = |y: f64| unit * (y + shift);
        let answers = |prediction: &Prediction<'_>, moved: &dyn Fn(f64) -> f64| {
            let places = [vec![prediction.mean(), prediction.median(), prediction.mode()[0]],
                prediction.interval(0.8).to_vec(), prediction.hpd(0.7).concat()].concat();
            let lengths = [prediction.sd(), prediction.crps(moved(20.0))];
            let log_prob = [3.0, 27.0].map(|y| prediction.log_prob(&[moved(y)]).estimate.value);
            (places, lengths, log_prob)
        };
        let step = |step, offset| TargetKind::Step { step, offset };
        let base = of_labels(step(1.0, 0.0), &LABELS, &Method::ebm(2), |p| answers(p, &|y| y));
        let kind = step(unit, moved(0.0));
        let other = of_labels(kind, &LABELS.map(moved), &Method::ebm(2), |p| answers(p, &moved));
        for (base, other) in base.0.iter().zip(other.0) {
            // Values of the lattice, so they are the same, up to rounding.
            close(other, moved(*base), unit)?;
        }
        for (base, other) in base.1.iter().zip(other.1) {
            close(other, unit * base, unit)?;
        }
        for (base, other) in base.2.iter().zip(other.2) {
            close(other, *base, 1.0)?;
        }
    }
}
