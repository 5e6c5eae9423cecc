//! The target space: targets in the user's units `y` and standardised `z`.

mod box_cox;
mod error;
mod kind;
mod lattice;
mod outlier;
mod power;
mod scale;
mod suited;

use serde::{Deserialize, Serialize};

pub use error::TargetError;
pub use kind::TargetKind;
pub(crate) use lattice::Lattice;
pub use scale::Target;
pub use suited::Suits;

use crate::math::axis::Axis;

/// The dimensions of a target, in order. Converts between the user's units `y` and the standardised target `z`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TargetSpace(pub Vec<Target>);

impl TargetSpace {
    /// Real targets without standardisation, as in the paper's tasks; `seen` is the range of labels in every dimension.
    pub fn identity(seen: [f64; 2], dimensions: usize) -> Self {
        Self(vec![Target::identity(seen); dimensions])
    }

    /// Fits the standardisation of every dimension to its column of labels, row-major `[n, D]`.
    ///
    /// # Errors
    /// [`TargetError`]. The index of a label outside its support is its row.
    pub fn fit(kinds: &[TargetKind], values: &[f64]) -> Result<Self, TargetError> {
        let dimensions = kinds.len();
        if dimensions == 0 || !values.len().is_multiple_of(dimensions) {
            return Err(TargetError::Rows { values: values.len(), dimensions });
        }
        let column = |d: usize| values.iter().skip(d).step_by(dimensions).copied().collect::<Vec<_>>();
        kinds.iter().enumerate().map(|(d, &kind)| Target::fit(kind, &column(d))).collect::<Result<_, _>>().map(Self)
    }

    /// Number of dimensions, D.
    pub fn dimensions(&self) -> usize {
        self.0.len()
    }

    /// The targets of the dimensions, in order.
    pub fn targets(&self) -> &[Target] {
        &self.0
    }

    /// The value for [`crate::method::config::ModelConfig::axes`]; empty if all dimensions are lines.
    pub fn axes(&self) -> Vec<Axis> {
        let axes: Vec<Axis> = self.0.iter().map(Target::axis).collect();
        if Axis::any_circle(&axes) { axes } else { Vec::new() }
    }

    /// Checks that all labels, row-major `[n, D]`, lie in the support of their kinds.
    ///
    /// # Errors
    /// [`TargetError::OutOfSupport`] with the row of the first that does not; [`TargetError::Rows`] for labels that are
    /// not whole rows.
    pub fn check(&self, values: &[f64]) -> Result<(), TargetError> {
        let dimensions = self.dimensions();
        if !values.len().is_multiple_of(dimensions) {
            return Err(TargetError::Rows { values: values.len(), dimensions });
        }
        let mut labels =
            values.iter().enumerate().map(|(at, &value)| (at / dimensions, value, self.0[at % dimensions]));
        match labels.find(|(_, value, target)| !target.kind.contains(*value)) {
            Some((index, value, target)) => Err(TargetError::OutOfSupport { index, value, kind: target.kind }),
            None => Ok(()),
        }
    }

    /// Whether every dimension of `y` lies in the support of its kind.
    pub fn contains(&self, y: &[f64]) -> bool {
        self.0.iter().zip(y).all(|(target, &y)| target.kind.contains(y))
    }

    /// [`Target::to_model`] of every dimension.
    pub fn to_model(&self, y: &[f64]) -> Vec<f64> {
        assert_eq!(y.len(), self.dimensions(), "y needs one value for each dimension");
        self.0.iter().zip(y).map(|(target, &y)| target.to_model(y)).collect()
    }

    /// [`Target::from_model`] of every dimension.
    pub fn from_model(&self, z: &[f64]) -> Vec<f64> {
        assert_eq!(z.len(), self.dimensions(), "z needs one value for each dimension");
        self.0.iter().zip(z).map(|(target, &z)| target.from_model(z)).collect()
    }

    /// `Σ_d log |dz_d/dy_d|`, nats.
    pub fn log_jacobian(&self, y: &[f64]) -> f64 {
        assert_eq!(y.len(), self.dimensions(), "y needs one value for each dimension");
        self.0.iter().zip(y).map(|(target, &y)| target.log_jacobian(y)).sum()
    }

    /// Whether `z` lies in the image of the support. Mass outside it does not belong to any target.
    pub(crate) fn holds(&self, z: &[f64]) -> bool {
        self.0.iter().zip(z).all(|(target, &z)| {
            let [low, high] = target.model_support();
            // Rounding may move an angle past the ends of the circle.
            target.axis() == Axis::Circle || (low <= z && z <= high)
        })
    }
}

#[cfg(test)]
mod laws;
