//! Scalar input–target examples.

use crate::digest::hex;
use crate::error::DataError;
use ebm_core::Examples;
use sha2::{Digest, Sha256};

/// Examples `(x[i], y[i])` of a scalar target given a scalar input, in raw units.
///
/// A well-formed set has as many inputs as targets and only finite values; [`Pairs::new`] and
/// [`read_pairs`](crate::read_pairs) give nothing else.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Pairs {
    /// Inputs.
    pub x: Vec<f64>,
    /// Targets, one for each input.
    pub y: Vec<f64>,
}

/// Disjoint examples for fitting, for choosing and for reporting.
#[derive(Debug, Clone, PartialEq)]
pub struct Splits {
    /// For fitting the parameters.
    pub train: Pairs,
    /// For choosing between fits.
    pub validation: Pairs,
    /// For reporting.
    pub test: Pairs,
}

impl Pairs {
    /// Examples from inputs and their targets.
    ///
    /// # Errors
    /// As [`Pairs::check`].
    pub fn new(x: Vec<f64>, y: Vec<f64>) -> Result<Self, DataError> {
        let pairs = Self { x, y };
        pairs.check()?;
        Ok(pairs)
    }

    /// Checks that the set is well formed.
    ///
    /// # Errors
    /// [`DataError::LengthMismatch`] for a different number of inputs and targets,
    /// [`DataError::NonFiniteExample`] for the first NaN or infinity (inputs before targets).
    pub fn check(&self) -> Result<(), DataError> {
        if self.x.len() != self.y.len() {
            return Err(DataError::LengthMismatch { inputs: self.x.len(), targets: self.y.len() });
        }
        for (column, values) in [("x", &self.x), ("y", &self.y)] {
            if let Some(index) = values.iter().position(|value| !value.is_finite()) {
                return Err(DataError::NonFiniteExample { column, index, value: values[index] });
            }
        }
        Ok(())
    }

    /// Number of examples.
    #[must_use]
    pub fn len(&self) -> usize {
        self.x.len()
    }

    /// Whether there are no examples.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.x.is_empty()
    }

    /// SHA-256 of all inputs and then all targets as little-endian `f64`, 64 hexadecimal digits.
    ///
    /// Equal fingerprints mean equal bits in equal order.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        for value in self.x.iter().chain(&self.y) {
            hash.update(value.to_le_bytes());
        }
        hex(hash)
    }
}

impl From<&Pairs> for Examples {
    /// The same examples rounded to `f32`, as a model trains on them.
    ///
    /// # Panics
    /// When the set is empty.
    fn from(pairs: &Pairs) -> Self {
        Self::from_pairs(&pairs.x, &pairs.y)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(x: &[f64], y: &[f64]) -> Pairs {
        Pairs::new(x.to_vec(), y.to_vec()).expect("well formed")
    }

    #[test]
    fn fingerprint_of_nothing_is_the_empty_sha256() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(Pairs::default().fingerprint(), empty);
    }

    #[test]
    fn fingerprint_is_of_inputs_then_targets_little_endian() {
        // Python: sha256(struct.pack("<4d", 1, 2, 3, 4.5)).
        let expected = "e805f41e61d9b38f4517831d769485b1371e9c09b760d53bf04ad592e1bdf814";
        assert_eq!(pairs(&[1.0, 2.0], &[3.0, 4.5]).fingerprint(), expected);
    }

    #[test]
    fn fingerprint_sees_order_and_the_sign_of_zero() {
        let base = pairs(&[1.0, 0.0], &[3.0, 4.0]).fingerprint();
        assert_ne!(base, pairs(&[0.0, 1.0], &[4.0, 3.0]).fingerprint());
        assert_ne!(base, pairs(&[1.0, -0.0], &[3.0, 4.0]).fingerprint());
    }

    #[test]
    fn an_input_without_target_is_refused() {
        let error = Pairs::new(vec![1.0, 2.0], vec![1.0]).unwrap_err();
        assert!(matches!(error, DataError::LengthMismatch { inputs: 2, targets: 1 }));
    }

    #[test]
    fn non_finite_values_are_refused_where_they_are() {
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let error = Pairs::new(vec![1.0, 2.0], vec![1.0, bad]).unwrap_err();
            assert!(matches!(error, DataError::NonFiniteExample { column: "y", index: 1, .. }));
        }
    }
}
