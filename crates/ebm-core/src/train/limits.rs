//! Limits on the settings of training.

use super::config::TrainingConfig;
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
        let &Self { learning_rate, weight_decay, average, .. } = self;
        if !(0.0..1.0).contains(&average) {
            return Err(OutOfRange::Share { key: "training.average", value: average });
        }
        if average > 0.0 && self.selection.is_some() {
            return Err(OutOfRange::TwoAverages);
        }
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
    fn an_average_is_below_one_and_there_is_only_one() {
        for average in [-0.1, 1.0, f64::NAN] {
            let training = TrainingConfig { average, ..TrainingConfig::default() };
            assert!(matches!(training.check(), Err(OutOfRange::Share { key: "training.average", .. })));
        }
        let both = TrainingConfig { average: 0.9, ..TrainingConfig::tabular(100) };
        assert_eq!(both.check(), Err(OutOfRange::TwoAverages));
        assert_eq!(TrainingConfig { selection: None, ..both }.check(), Ok(()));
    }

    #[test]
    fn a_rate_that_is_not_a_positive_number_is_refused() {
        for learning_rate in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            let training = TrainingConfig { learning_rate, ..TrainingConfig::default() };
            assert!(matches!(training.check(), Err(OutOfRange::NotPositive { key: "training.learning_rate", .. })));
        }
        assert_eq!(TrainingConfig::default().check(), Ok(()));
    }
}
