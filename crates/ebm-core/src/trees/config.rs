//! Settings of boosted trees.

use serde::{Deserialize, Serialize};

use crate::method::limits::OutOfRange;

/// Maximum number of rounds.
pub(super) const MAX_ROUNDS: usize = 1 << 16;
/// Maximum number of splits from a root to a leaf.
pub(super) const MAX_DEPTH: usize = 16;

/// Settings of boosted trees. The defaults were chosen on inner splits of training rows: see docs/decisions/0038.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TreesConfig {
    /// Maximum number of rounds; each adds a tree for the mean and one for the log-scale.
    pub rounds: usize,
    /// Rounds without a lower validation loss after which training ends.
    pub patience: usize,
    /// Fraction of the rows that the trees of a round are fitted to.
    pub fraction: f64,
    /// The trees of the mean.
    pub mean: TreeConfig,
    /// The trees of the log-scale.
    pub log_scale: TreeConfig,
}

/// Settings of the trees of one parameter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TreeConfig {
    /// What the values of a tree are multiplied by.
    pub rate: f64,
    /// Maximum number of splits from the root to a leaf.
    pub depth: usize,
    /// Minimum number of rows of a leaf.
    pub least_rows: usize,
}

impl Default for TreesConfig {
    fn default() -> Self {
        Self {
            rounds: 1500,
            patience: 100,
            fraction: 0.7,
            mean: TreeConfig { rate: 0.05, depth: 8, least_rows: 2 },
            log_scale: TreeConfig { rate: 0.03, depth: 3, least_rows: 15 },
        }
    }
}

impl TreesConfig {
    /// Checks the settings.
    ///
    /// # Errors
    /// Names the first setting that is out of range.
    pub fn check(&self) -> Result<(), OutOfRange> {
        let Self { mean, log_scale, .. } = self;
        OutOfRange::count("trees.rounds", self.rounds, MAX_ROUNDS)?;
        OutOfRange::count("trees.patience", self.patience, MAX_ROUNDS)?;
        OutOfRange::count("trees.mean.depth", mean.depth, MAX_DEPTH)?;
        OutOfRange::count("trees.log_scale.depth", log_scale.depth, MAX_DEPTH)?;
        OutOfRange::count("trees.mean.least_rows", mean.least_rows, usize::MAX)?;
        OutOfRange::count("trees.log_scale.least_rows", log_scale.least_rows, usize::MAX)?;
        let positive = [
            ("trees.fraction", self.fraction),
            ("trees.mean.rate", mean.rate),
            ("trees.log_scale.rate", log_scale.rate),
        ];
        match positive.into_iter().find(|(_, value)| !(value.is_finite() && *value > 0.0)) {
            Some((key, value)) => Err(OutOfRange::NotPositive { key, value }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_out_of_range_are_refused() {
        assert_eq!(TreesConfig::default().check(), Ok(()));
        let depth = |depth| TreeConfig { depth, ..TreesConfig::default().mean };
        for config in [
            TreesConfig { rounds: 0, ..TreesConfig::default() },
            TreesConfig { rounds: MAX_ROUNDS + 1, ..TreesConfig::default() },
            TreesConfig { fraction: f64::NAN, ..TreesConfig::default() },
            TreesConfig { mean: depth(0), ..TreesConfig::default() },
            TreesConfig { mean: depth(MAX_DEPTH + 1), ..TreesConfig::default() },
            TreesConfig { log_scale: TreeConfig { rate: 0.0, ..depth(3) }, ..TreesConfig::default() },
            TreesConfig { log_scale: TreeConfig { least_rows: 0, ..depth(3) }, ..TreesConfig::default() },
        ] {
            assert!(config.check().is_err(), "{config:?}");
        }
    }
}
