//! Laws of what labels suggest: lattices, power scales, and neither.

use super::*;

/// The quantile of a standard normal, to 1e-3, at evenly spaced levels: labels without chance.
fn normals(n: usize) -> impl Iterator<Item = f64> + Clone {
    (0..n).map(move |i| {
        let p = (i as f64 + 0.5) / n as f64;
        // Tukey's lambda distribution.
        (p.powf(0.1349) - (1.0 - p).powf(0.1349)) / 0.1975
    })
}

#[test]
fn values_with_a_common_step_are_a_lattice_in_any_unit() {
    for (step, offset) in
        [(1.0, 0.0), (0.001, 0.0), (1.0 / 3.0, 0.0), (2.0, 1.0), (0.05, 0.02), (1000.0, 0.0), (1e-9, 0.0)]
    {
        for first in [0.0, 950.0, -3.0] {
            let values: Vec<f64> = [0.0, 2.0, 3.0, 7.0, 29.0].map(|k| offset + step * (first + k)).to_vec();
            let found = Lattice::of(&values).unwrap_or_else(|| panic!("{step} {offset} {first}"));
            assert!((found.step / step - 1.0).abs() < 1e-9, "{found:?}");
            let away = (found.offset - offset) / step;
            assert!((away - away.round()).abs() < 1e-6, "{found:?}");
            assert!(values.iter().all(|&y| (found.value(found.index(y)) - y).abs() < 1e-6 * step), "{found:?}");
        }
    }
    // As 32-bit numbers have them.
    let rounded: Vec<f64> = (950..1001).map(|k| f64::from((f64::from(k) / 1000.0) as f32)).collect();
    assert_eq!(Lattice::of(&rounded), Some(Lattice { step: 0.001, offset: 0.0 }));
    assert_eq!(Lattice::of(&[0.0, 1.0, 20_000.0]), None);
    assert_eq!(Lattice::of(&[5.0]), None);
    let irrational: Vec<f64> = (0..40).map(|i| (f64::from(i) * 0.618_034).sin()).collect::<Vec<_>>();
    let mut irrational = irrational;
    irrational.sort_by(f64::total_cmp);
    assert_eq!(Lattice::of(&irrational), None);
}

#[test]
fn whole_numbers_are_counts_if_skewed_and_integers_otherwise() {
    let integer = TargetKind::Step { step: 1.0, offset: 0.0 };
    let rounded = |scale: f64, shift: f64| normals(300).map(|z| (scale * z + shift).round()).collect::<Vec<_>>();
    assert_eq!(TargetKind::suited(&rounded(1.0, 6.0)).0, integer);
    assert_eq!(TargetKind::suited(&rounded(3.0, 0.0)).0, integer);
    // No label twice: a continuous density would be well, and so are probabilities.
    assert_eq!(TargetKind::suited(&(0..300).map(f64::from).collect::<Vec<_>>()).0, integer);
    let counts: Vec<f64> = normals(300).map(|z| (1.5 * z + 1.0).exp().floor()).collect();
    assert_eq!(TargetKind::suited(&counts).0, TargetKind::Count);
    let (_, why) = TargetKind::suited(&rounded(1.0, 6.0));
    assert_eq!(why, Suits::Lattice { step: 1.0, low: 3.0, high: 9.0, values: 7 });
}

#[test]
fn another_step_needs_values_that_repeat() {
    let of = |n: usize| {
        let labels: Vec<f64> = (0..n).map(|i| 0.95 + ((i * 7) % 51) as f64 / 1000.0).collect();
        TargetKind::suited(&labels).0
    };
    assert_eq!(of(51 * 5), TargetKind::Step { step: 0.001, offset: 0.0 });
    assert_eq!(of(51 * 4), TargetKind::Real);
}

#[test]
fn the_exponent_is_that_of_the_transform_that_made_the_labels() {
    for lambda in [0.0, 0.3, 0.6, 1.0, 1.5] {
        let made = |z: f64| {
            let t: f64 = 0.15 * z;
            7.0 * if lambda == 0.0 { t.exp() } else { (1.0 + lambda * t).powf(1.0 / lambda) }
        };
        let mut labels: Vec<f64> = normals(2000).map(made).collect();
        labels[3] = 4000.0;
        let TargetKind::Power { lambda: found, start, .. } = TargetKind::fit_power(&labels) else { panic!() };
        // `g''/g'` is `(λ − 1)/y`: adding `start` takes the exponent further from 1.
        let expected = (1.0 + (lambda - 1.0) * (7.0 + start) / 7.0).clamp(0.0, 2.0);
        assert!((found - expected).abs() < 0.15, "{lambda}: {found}, {expected}");
    }
}

#[test]
fn positive_and_skewed_labels_get_a_power_scale_and_all_others_are_real() {
    let of = |labels: Vec<f64>| TargetKind::suited(&labels);
    let (kind, why) = of(normals(300).map(f64::exp).collect());
    assert!(matches!((kind, why), (TargetKind::Power { .. }, Suits::Skewed { gain, .. }) if gain > 0.2), "{kind:?}");
    assert_eq!(of(normals(300).map(|z| z + 0.001).collect()), (TargetKind::Real, Suits::Continuous));
    assert_eq!(of(normals(300).map(|z| 0.1 * z + 20.0).collect()), (TargetKind::Real, Suits::Continuous));
    assert_eq!(of(normals(300).map(|z| z.exp() - 1.0).collect()), (TargetKind::Real, Suits::Continuous));
    assert_eq!(of(normals(29).map(f64::exp).collect()), (TargetKind::Real, Suits::TooFew));
    assert_eq!(of((0..29).map(f64::from).collect()), (TargetKind::Real, Suits::TooFew));
    assert_eq!(of(vec![7.0; 50]), (TargetKind::Real, Suits::Continuous));
    // Nothing is clear from 40 labels that are a little skewed.
    assert_eq!(of(normals(40).map(|z| (0.2 * z).exp()).collect()).0, TargetKind::Real);
}

#[test]
fn labels_that_no_power_scale_can_have_are_refused_when_it_is_fitted() {
    use crate::data::space::{Target, TargetError};
    for labels in [vec![0.0, 0.0, -1.0], vec![2.0, -3.0, 5.0], vec![-1.0, -2.0]] {
        let refused = Target::fit(TargetKind::fit_power(&labels), &labels);
        assert!(matches!(refused, Err(TargetError::OutOfSupport { .. })), "{refused:?}");
    }
    let zeros = [0.0, 0.0, 1.0, 2.0, 4.0];
    assert!(Target::fit(TargetKind::fit_power(&zeros), &zeros).is_ok());
}
