//! The topology of one dimension of a target: a line or a circle.

use std::f64::consts::{PI, TAU};

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

/// The topology of one dimension of a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Axis {
    /// All real numbers.
    #[default]
    Line,
    /// Radians in `(−π, π]`, with both ends the same point. Energies take `(cos y, sin y)`; Gaussians are wrapped.
    Circle,
}

impl Axis {
    /// Whether any axis is a circle.
    pub(crate) fn any_circle(axes: &[Axis]) -> bool {
        axes.contains(&Axis::Circle)
    }
}

/// The equivalent angle in `(−π, π]`.
pub(crate) fn wrap(radians: f64) -> f64 {
    let turned = radians - TAU * (radians / TAU).round();
    if turned <= -PI { turned + TAU } else { turned.min(PI) }
}

/// [`wrap`] of every element, up to rounding: both `−π` and `π` may occur. The shape is unchanged, such as `[batch,
/// m]`.
///
/// # Gradient
/// 1: the number of turns is a constant.
pub(crate) fn wrap_tensor<const D: usize>(radians: Tensor<D>) -> Tensor<D> {
    let turns = (radians.clone().without_autodiff() / TAU).round();
    radians - turns * TAU
}

/// The coordinates of targets that an energy takes: each angle on a circle is replaced by its cosine and sine.
///
/// # Shapes
/// - `y`: `[batch, m, target]`
/// - returns: `[batch, m, target + circles]`
///
/// # Gradient
/// Flows to `y`.
pub(crate) fn coordinates(axes: &[Axis], y: Tensor<3>) -> Tensor<3> {
    if !Axis::any_circle(axes) {
        return y;
    }
    let [batch, m, target] = y.dims();
    assert_eq!(axes.len(), target, "an axis for every dimension of the target");
    let columns = axes.iter().enumerate().flat_map(|(d, axis)| {
        let column = y.clone().slice([0..batch, 0..m, d..d + 1]);
        match axis {
            Axis::Line => vec![column],
            Axis::Circle => vec![column.clone().cos(), column.sin()],
        }
    });
    Tensor::cat(columns.collect(), 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn wrapping_keeps_the_direction_and_stays_on_the_circle(radians in -100f64..100.0) {
            let wrapped = wrap(radians);
            prop_assert!(wrapped > -PI && wrapped <= PI);
            prop_assert!(((radians - wrapped) / TAU - ((radians - wrapped) / TAU).round()).abs() < 1e-12);
            prop_assert_eq!(wrap(wrapped), wrapped);
        }
    }

    #[test]
    fn the_two_ends_of_a_circle_are_one_point() {
        assert_eq!((wrap(PI), wrap(-PI), wrap(3.0 * PI)), (PI, PI, PI));
        let y = Tensor::<3>::from_floats([[[1.0, 0.3], [1.0, 0.3 + TAU as f32]]], &Device::flex());
        let seen: Vec<f32> = coordinates(&[Axis::Line, Axis::Circle], y).into_data().try_to_vec().unwrap();
        let [first, second] = [&seen[..3], &seen[3..]];
        assert!(first.iter().zip(second).all(|(a, b)| (a - b).abs() < 1e-6), "{seen:?}");
    }
}
