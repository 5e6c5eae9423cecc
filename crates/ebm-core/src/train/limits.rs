//! Limits on the settings of training.

use super::config::TrainingConfig;
use super::selection::Selection;
use crate::method::limits::OutOfRange;

/// Maximum number of candidates for each example.
pub const MAX_CANDIDATES: usize = 1 << 24;

impl TrainingConfig {
    /// Checks the settings.
    ///
    /// # Errors
    /// Names the first setting that is out of range.
    pub fn check(&self) -> Result<(), OutOfRange> {
        for (key, value) in [("training.epochs", self.epochs), ("training.batch_size", self.batch_size)] {
            if value == 0 {
                return Err(OutOfRange::Zero { key });
            }
        }
        OutOfRange::count("training.m", self.m, MAX_CANDIDATES)?;
        if let Some(Selection { patience, epochs, m, .. }) = self.selection {
            OutOfRange::count("training.selection.m", m, MAX_CANDIDATES)?;
            for (key, value) in [("training.selection.patience", patience), ("training.selection.epochs", epochs)] {
                if value == 0 {
                    return Err(OutOfRange::Zero { key });
                }
            }
        }
        let &Self { learning_rate, weight_decay, .. } = self;
        if !(learning_rate.is_finite() && learning_rate > 0.0) {
            return Err(OutOfRange::NotPositive { key: "training.learning_rate", value: learning_rate });
        }
        if !(weight_decay.is_finite() && weight_decay >= 0.0) {
            return Err(OutOfRange::Negative { key: "training.weight_decay", value: weight_decay });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_that_is_not_a_positive_number_is_refused() {
        for learning_rate in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            let training = TrainingConfig { learning_rate, ..TrainingConfig::default() };
            assert!(matches!(training.check(), Err(OutOfRange::NotPositive { key: "training.learning_rate", .. })));
        }
        assert_eq!(TrainingConfig::default().check(), Ok(()));
    }

    #[test]
    fn a_selection_that_never_evaluates_or_never_waits_is_refused() {
        let usual = Selection::default();
        for rule in [Selection { patience: 0, ..usual }, Selection { epochs: 0, ..usual }, Selection { m: 0, ..usual }]
        {
            assert!(TrainingConfig { selection: Some(rule), ..TrainingConfig::default() }.check().is_err());
        }
        let usual = TrainingConfig { selection: Some(usual), ..TrainingConfig::default() };
        assert_eq!(usual.check(), Ok(()));
    }
}
