//! Laws of targets: round trips, Jacobians, units, and refusals.

use burn::tensor::Device;
use proptest::prelude::*;

use super::*;
use crate::data::dataset::Dataset;
use crate::data::labelled::Labelled;
use crate::math::noise::{Noise, Purpose};

const KINDS: [TargetKind; 9] = [
    TargetKind::Real,
    TargetKind::Positive,
    TargetKind::Bounded { low: -20.0, high: 100.0 },
    TargetKind::Count,
    TargetKind::Angle { period: 360.0 },
    TargetKind::Power { lambda: 0.0, start: 0.5, unit: 8.0 },
    TargetKind::Power { lambda: 0.4, start: 0.5, unit: 8.0 },
    TargetKind::Power { lambda: 2.0, start: 0.1, unit: 3.0 },
    TargetKind::Step { step: 0.25, offset: 0.0 },
];

/// Labels that are valid for all kinds.
const LABELS: [f64; 6] = [3.0, 14.0, 1.0, 59.0, 2.0, 27.0];

fn fitted(kind: TargetKind) -> Target {
    Target::fit(kind, &LABELS).unwrap()
}

proptest! {
    #[test]
    fn a_target_comes_back_from_what_the_networks_see(label in 0.001f64..99.9) {
        for kind in KINDS {
            let target = fitted(kind);
            let y = kind.lattice().map_or(label, |lattice| lattice.value(lattice.index(label)));
            prop_assert!((target.from_model(target.to_model(y)) - y).abs() < 1e-9, "{:?} {}", kind, y);
        }
    }

    #[test]
    fn the_jacobian_is_the_slope_of_what_the_networks_see(label in 0.5f64..99.0) {
        const STEP: f64 = 1e-6;
        for kind in KINDS {
            let target = fitted(kind);
            // On a lattice, the slope at the middle of a step.
            let middle = kind.lattice().map_or(label, |lattice| lattice.index(label) + 0.5);
            let [below, above] = [-STEP, STEP].map(|step| target.continuous_to_model(middle + step));
            let slope = (above - below) / (2.0 * STEP);
            prop_assert!((target.log_jacobian(label) - slope.ln()).abs() < 1e-6, "{:?} {}", kind, label);
            let seen = target.log_jacobian_at_model(target.to_model(label));
            prop_assert!((target.log_jacobian(label) - seen).abs() < 1e-9);
        }
    }

    #[test]
    fn the_networks_see_the_same_whatever_the_unit(scale in -12f64..12.0, shift in -1e3f64..1e3) {
        let unit = 10f64.powf(scale);
        let other = LABELS.map(|y| unit * (y + shift));
        let target = Target::fit(TargetKind::Real, &other).unwrap();
        for (y, other) in LABELS.iter().zip(other) {
            prop_assert!((fitted(TargetKind::Real).to_model(*y) - target.to_model(other)).abs() < 1e-9);
        }
        let ratios = Target::fit(TargetKind::Positive, &LABELS.map(|y| unit * y)).unwrap();
        prop_assert!((fitted(TargetKind::Positive).to_model(7.0) - ratios.to_model(unit * 7.0)).abs() < 1e-9);
    }
}

#[test]
fn labels_are_seen_with_mean_0_and_standard_deviation_1() {
    for kind in KINDS.iter().filter(|kind| !kind.is_discrete() && kind.support()[1] != 360.0) {
        let target = fitted(*kind);
        let seen = LABELS.map(|y| target.to_model(y));
        let mean = seen.iter().sum::<f64>() / 6.0;
        let variance = seen.iter().map(|z| (z - mean).powi(2)).sum::<f64>() / 6.0;
        assert!(mean.abs() < 1e-12 && (variance - 1.0).abs() < 1e-12, "{kind:?}: {mean} {variance}");
    }
}

#[test]
fn bounds_are_ordinary_labels() {
    let target = Target::fit(TargetKind::Bounded { low: 0.0, high: 100.0 }, &[0.0, 0.0, 50.0, 100.0]).unwrap();
    let ends = [0.0, 100.0].map(|y| target.to_model(y));
    assert!(ends.iter().all(|z| z.is_finite()) && target.model_support() == ends);
    assert_eq!((target.from_model(ends[0] - 5.0), target.from_model(ends[1] + 5.0)), (0.0, 100.0));
}

#[test]
fn an_angle_is_the_same_after_a_turn() {
    let target = fitted(TargetKind::Angle { period: 360.0 });
    for y in [0.0, 10.0, 190.0, 350.0] {
        assert!((target.to_model(y) - target.to_model(y - 720.0)).abs() < 1e-12);
        assert!(target.difference(target.from_model(target.to_model(y + 360.0)) - y).abs() < 1e-9);
    }
    assert_eq!(target.from_model(std::f64::consts::PI), 180.0);
}

#[test]
fn labels_of_another_kind_are_named_by_place() {
    let out = |kind, values: &[f64], at: usize| match Target::fit(kind, values) {
        Err(TargetError::OutOfSupport { index, value, .. }) => {
            assert!(index == at && value.to_bits() == values[at].to_bits())
        }
        other => panic!("{other:?}"),
    };
    out(TargetKind::Real, &[1.0, f64::NAN], 1);
    out(TargetKind::Positive, &[1.0, 2.0, 0.0], 2);
    out(TargetKind::Bounded { low: 0.0, high: 1.0 }, &[1.1, 0.5], 0);
    out(TargetKind::Count, &[1.0, 2.5], 1);
    out(TargetKind::Count, &[-1.0, 2.0], 0);
    out(TargetKind::Angle { period: 24.0 }, &[3.0, f64::INFINITY], 1);
    out(TargetKind::Power { lambda: 0.5, start: 1.0, unit: 1.0 }, &[3.0, 0.0, -1e-9], 2);
    out(TargetKind::Step { step: 0.2, offset: 0.1 }, &[0.3, -0.1, 0.2], 2);
    let message =
        TargetSpace::fit(&[TargetKind::Real, TargetKind::Count], &[0.5, 1.0, 0.1, 1.5]).unwrap_err().to_string();
    assert_eq!(message, "the target is 1.5, but a count is one of 0, 1, 2, …");
}

#[test]
fn constant_labels_and_senseless_kinds_are_refused() {
    for kind in KINDS {
        assert!(matches!(Target::fit(kind, &[7.0; 5]), Err(TargetError::Constant { count: 5, .. })), "{kind:?}");
        assert_eq!(Target::fit(kind, &[]), Err(TargetError::Empty));
    }
    assert!(matches!(Target::fit(TargetKind::Real, &[1e12, 1e12 + 1e-4]), Err(TargetError::Constant { .. })));
    for kind in [
        TargetKind::Bounded { low: 1.0, high: 1.0 },
        TargetKind::Angle { period: -1.0 },
        TargetKind::Power { lambda: 2.5, start: 1.0, unit: 1.0 },
        TargetKind::Power { lambda: 1.0, start: 0.0, unit: 1.0 },
        TargetKind::Step { step: 0.0, offset: 0.0 },
    ] {
        assert_eq!(Target::fit(kind, &LABELS), Err(TargetError::Kind { kind }));
    }
}

#[test]
fn a_power_scale_ends_at_zero_where_the_density_is_finite() {
    for kind in KINDS.into_iter().filter(|kind| matches!(kind, TargetKind::Power { .. })) {
        let target = Target::fit(kind, &[0.0, 0.0, 3.0, 50.0]).unwrap();
        let [least, _] = target.model_support();
        assert_eq!(target.to_model(0.0), least);
        // 50 is the largest label.
        assert!(target.from_model(least).abs() < 1e-12 * 50.0);
        assert_eq!(target.from_model(least - 1.0), 0.0);
        assert!(target.log_jacobian(0.0).is_finite());
    }
}

#[test]
fn a_space_is_plain_data_and_unknown_keys_fail() {
    let space = TargetSpace(KINDS.map(fitted).to_vec());
    let json = serde_json::to_string(&space).unwrap();
    assert_eq!(serde_json::from_str::<TargetSpace>(&json).unwrap(), space);
    assert!(serde_json::from_str::<TargetSpace>(&json.replace("\"low\"", "\"lowest\"")).is_err());
    assert!(serde_json::from_str::<TargetSpace>(&json.replace("\"shift\"", "\"offset\"")).is_err());
    assert_eq!(space.axes()[4], Axis::Circle);
    assert!(TargetSpace(space.0[..4].to_vec()).axes().is_empty());
}

#[test]
fn counts_are_dequantised_where_they_are_trained_on_and_halved_elsewhere() {
    let space = TargetSpace::fit(&[TargetKind::Count], &LABELS).unwrap();
    let set = Labelled::new(vec![0.0; 6], 1, LABELS.to_vec(), space.clone()).unwrap();
    let rows = [0, 1, 2, 3, 4, 5];
    let seen =
        |batch: crate::data::dataset::Batch| batch.target.into_data().iter::<f32>().map(f64::from).collect::<Vec<_>>();
    let middle = seen(set.batch(&rows, &Device::flex()));
    let drawn =
        |step| seen(set.training_batch(&rows, &mut Noise::new(1, Purpose::Augmentation, 0, step), &Device::flex()));
    for ((&n, middle), (first, second)) in LABELS.iter().zip(middle).zip(drawn(0).into_iter().zip(drawn(1))) {
        let v = |z| space.0[0].continuous_from_model(z);
        // Rounding of f32.
        assert!((v(middle) - n - 0.5).abs() < 1e-4);
        assert!((n - 1e-4..n + 1.0 + 1e-4).contains(&v(first)) && first != second);
    }
    assert_eq!(drawn(3), drawn(3));
    assert!(matches!(
        Labelled::new(vec![0.0; 2], 1, vec![1.0, 1.5], space),
        Err(TargetError::OutOfSupport { index: 1, .. })
    ));
}
