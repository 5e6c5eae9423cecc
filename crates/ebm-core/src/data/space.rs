//! Targets in the user's units, and as the networks see them.

mod error;
mod kind;
mod scale;

use serde::{Deserialize, Serialize};

pub use error::TargetError;
pub use kind::TargetKind;
pub use scale::Target;

use crate::math::axis::Axis;
use crate::math::grid::Grid;

/// The dimensions of a target, in order: between the user's units and what the networks see.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TargetSpace(pub Vec<Target>);

impl TargetSpace {
    /// Real targets that networks see as they are, expected in the grid's box: the paper's tasks.
    pub fn identity(grid: &Grid) -> Self {
        Self(vec![Target::identity(grid.support()); grid.dimensions()])
    }

    /// Fits every dimension to its column of labels, row-major `[n, D]`.
    ///
    /// # Errors
    /// [`TargetError`]; the index of a label out of its support counts rows.
    pub fn fit(kinds: &[TargetKind], values: &[f64]) -> Result<Self, TargetError> {
        let dimensions = kinds.len();
        if dimensions == 0 || !values.len().is_multiple_of(dimensions) {
            return Err(TargetError::Rows { values: values.len(), dimensions });
        }
        let column = |d: usize| values.iter().skip(d).step_by(dimensions).copied().collect::<Vec<_>>();
        kinds.iter().enumerate().map(|(d, &kind)| Target::fit(kind, &column(d))).collect::<Result<_, _>>().map(Self)
    }

    /// Dimensions, D.
    pub fn dimensions(&self) -> usize {
        self.0.len()
    }

    /// The dimensions.
    pub fn targets(&self) -> &[Target] {
        &self.0
    }

    /// What [`crate::method::config::ModelConfig::axes`] must be: none when all are lines.
    pub fn axes(&self) -> Vec<Axis> {
        let axes: Vec<Axis> = self.0.iter().map(Target::axis).collect();
        if Axis::any_circle(&axes) { axes } else { Vec::new() }
    }

    /// Refuses labels, row-major `[n, D]`, that no target of these kinds has.
    ///
    /// # Errors
    /// [`TargetError::OutOfSupport`] with the row of the first, [`TargetError::Rows`].
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

    /// Whether every dimension may have its value.
    pub fn contains(&self, y: &[f64]) -> bool {
        self.0.iter().zip(y).all(|(target, &y)| target.kind.contains(y))
    }

    /// [`Target::to_model`] of every dimension.
    pub fn to_model(&self, y: &[f64]) -> Vec<f64> {
        assert_eq!(y.len(), self.dimensions(), "dimensions of the target");
        self.0.iter().zip(y).map(|(target, &y)| target.to_model(y)).collect()
    }

    /// [`Target::from_model`] of every dimension.
    pub fn from_model(&self, z: &[f64]) -> Vec<f64> {
        assert_eq!(z.len(), self.dimensions(), "dimensions of the target");
        self.0.iter().zip(z).map(|(target, &z)| target.from_model(z)).collect()
    }

    /// `Σ_d log |dz_d/dy_d|`, nats.
    pub fn log_jacobian(&self, y: &[f64]) -> f64 {
        assert_eq!(y.len(), self.dimensions(), "dimensions of the target");
        self.0.iter().zip(y).map(|(target, &y)| target.log_jacobian(y)).sum()
    }

    /// Whether `z` is the image of a target: the density there is none of `y` otherwise.
    pub(crate) fn holds(&self, z: &[f64]) -> bool {
        self.0.iter().zip(z).all(|(target, &z)| {
            let [low, high] = target.model_support();
            // The ends of a circle are rounded.
            target.axis() == Axis::Circle || (low <= z && z <= high)
        })
    }
}

#[cfg(test)]
mod laws;
