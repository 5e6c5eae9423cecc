//! Laws of scales with ends, and of lattices: what the curve says is what the networks say.

use super::laws::{INPUTS, fixed, predictor};
use super::*;
use crate::data::space::TargetKind;
use crate::method::config::Method;

/// `log p` of a place on the curve, from the score of the network; in units of the place.
fn from_the_network(prediction: &Prediction<'_>, places: &[f64]) -> Vec<f64> {
    let Density::Model { score, log_partition, .. } = &prediction.density else { panic!("one model") };
    let target = &prediction.space.targets()[0];
    let z: Vec<f64> = places.iter().map(|&place| target.continuous_to_model(place)).collect();
    let scores = score.at_all(&z, 1);
    scores.iter().zip(&z).map(|(s, &z)| s - log_partition.value + target.log_jacobian_at_model(z)).collect()
}

#[test]
fn the_probability_of_a_value_is_the_integral_of_the_networks_density_over_its_step() {
    let mut checked = 0;
    for kind in [TargetKind::Count, TargetKind::Step { step: 0.25, offset: 0.0 }] {
        for method in [Method::Mdn { components: 3 }, Method::ebm(3), fixed()] {
            let predictor = predictor(&[kind], method.clone(), 5);
            for prediction in predictor.predict(0, &INPUTS) {
                // Where the bulk spans more values, neighbours share a probability.
                let ends = [1e-7, 1.0 - 1e-7].map(|p| prediction.marginal(0).curve().quantile(p));
                for p in [0.01, 0.2, 0.5, 0.8, 0.99].into_iter().filter(|_| ends[1] - ends[0] < 2000.0) {
                    checked += 1;
                    let y = prediction.quantile(p);
                    let first = kind.lattice().unwrap().index(y);
                    let places: Vec<f64> = (0..50).map(|i| first + (f64::from(i) + 0.5) / 50.0).collect();
                    let logs = from_the_network(&prediction, &places);
                    let mass = logs.iter().map(|log| log.exp()).sum::<f64>() / 50.0;
                    let log_prob = prediction.log_prob(&[y]).estimate.value;
                    // The curve and the network agree to 5e-3.
                    assert!((log_prob - mass.ln()).abs() < 0.01, "{kind:?} {method:?} {y}: {log_prob} {}", mass.ln());
                }
            }
        }
    }
    assert!(checked >= 20, "{checked} values were compared");
}

#[test]
fn power_scales_of_every_exponent_integrate_to_one() {
    for lambda in [0.0, 0.3, 0.5, 0.9, 0.97, 0.999, 1.0, 1.001, 1.03, 1.3, 1.7, 2.0] {
        let kind = TargetKind::Power { lambda, start: 0.1, unit: 8.0 };
        for method in [Method::Mdn { components: 3 }, Method::ebm(3), fixed()] {
            let predictor = predictor(&[kind], method.clone(), 3);
            for prediction in predictor.predict(0, &INPUTS) {
                // The midpoint rule, evenly in log(y + start), from 0 to the 0.9999-quantile.
                let ends = [0.1f64.ln(), (prediction.marginal(0).at_level(0.9999) + 0.1).ln()];
                let step = (ends[1] - ends[0]) / 4000.0;
                let logs: Vec<f64> = (0..4000).map(|i| ends[0] + (f64::from(i) + 0.5) * step).collect();
                let places: Vec<f64> = logs.iter().map(|log| log.exp() - 0.1).collect();
                let densities = from_the_network(&prediction, &places);
                let total: f64 = densities.iter().zip(&logs).map(|(density, log)| (density + log).exp() * step).sum();
                // The curve, from which the constant comes, and the network agree to 5e-3; 1e-4 lies beyond the quantile.
                // Without a proposal an energy is extrapolated from a tenth of the range beyond the labels on, and this
                // one is untrained: its score bends there.
                let tolerance = if matches!(method, Method::EbmFixed { .. }) { 0.03 } else { 5e-3 };
                assert!((total - 1.0).abs() < tolerance, "{lambda}, {method:?}: {total}");
            }
        }
    }
}

#[test]
fn what_is_left_of_a_mixture_far_below_the_end_of_a_power_scale_falls_off_exponentially() {
    use crate::data::space::Target;
    use crate::predict::knots::mixture_marginal;
    for lambda in [0.4, 1.0, 1.6] {
        let kind = TargetKind::Power { lambda, start: 0.5, unit: 8.0 };
        let target = Target::fit(kind, &[3.0, 14.0, 1.0, 59.0, 2.0]).unwrap();
        let end = target.continuous_to_model(0.0);
        // Below 1e4 it is not narrow; from 1e7 on, the log-density changes by less than its rounding.
        for distance in [1e4, 1e5, 1e6] {
            let mixture = Mixture::scalar(&[(1.0, end - distance, 1.0)]);
            let (marginal, log_mass) = mixture_marginal(&target, &mixture, 256);
            // e^{−distance · (z − end)} on z > end, with dz/dy as at the end, for it is narrow there.
            let mean = (-target.log_jacobian(0.0)).exp() / distance;
            assert!((marginal.mean() / mean - 1.0).abs() < 0.05, "{lambda} {distance}: {} {mean}", marginal.mean());
            let expected = -0.5 * distance * distance - 0.5 * std::f64::consts::TAU.ln() - distance.ln();
            assert!((log_mass / expected - 1.0).abs() < 1e-6, "{lambda} {distance}: {log_mass} {expected}");
        }
    }
}

#[test]
fn a_wide_component_of_little_weight_does_not_rule_the_mean_of_a_power_scale() {
    use crate::data::space::Target;
    use crate::predict::knots::mixture_marginal;
    let labels: Vec<f64> = (0..100).map(|i| 0.01 * 1.09f64.powi(i)).collect();
    for lambda in [0.0, 0.05, 0.3, 1.0] {
        let unit = 1.0;
        let target = Target::fit(TargetKind::Power { lambda, start: 0.001, unit }, &labels).unwrap();
        let z = target.to_model(10.0);
        let (marginal, _) = mixture_marginal(&target, &Mixture::scalar(&[(0.999, z, 0.01), (0.001, z, 10.0)]), 256);
        // At most a thousandth of the mass lies beyond 10, and none beyond ten times the largest label, 50.
        assert!((marginal.mean() - 10.0).abs() <= 0.5, "{lambda}: {}", marginal.mean());
        assert!(marginal.sd() < 500.0 * 0.001f64.sqrt() + 1.0, "{lambda}: {}", marginal.sd());
        // Labels beyond those of training have a density.
        assert!(marginal.cdf(250.0) < marginal.cdf(499.0), "{lambda}");
    }
}
