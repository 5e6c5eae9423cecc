//! Model selection and early stopping by the loss on held-out examples.

use serde::{Deserialize, Serialize};

/// Keeps the weights with the least validation loss. Lowers the learning rate when that loss stalls, and finally stops.
///
/// The loss is evaluated after every `epochs` epochs and, if `every` is not 0, after every `every` steps within an epoch.
/// It is not evaluated in the first epochs with a frozen backbone or with the likelihood alone.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Selection {
    /// Consecutive evaluations without improvement before the learning rate is lowered or, if it was lowered `decays`
    /// times already, training stops. At least 1.
    pub patience: usize,
    /// Steps between evaluations within an epoch; 0 evaluates at the end of epochs only.
    pub every: usize,
    /// Epochs between evaluations at the end of an epoch. At least 1.
    #[serde(skip_serializing_if = "is_one")]
    pub epochs: usize,
    /// Candidates for each example in an evaluation, for an energy with a proposal. At least 1.
    pub m: usize,
    /// Factor by which the learning rate is multiplied when the loss stalls.
    pub decay: f64,
    /// How often the learning rate is lowered before training stops.
    pub decays: usize,
    /// Decay of the running mean of the weights, which is evaluated and kept instead of the weights. It covers about
    /// `1/(1 − average)` steps; 0 turns averaging off.
    pub average: f64,
}

impl Default for Selection {
    fn default() -> Self {
        Self { patience: 10, every: 0, epochs: 1, m: 256, decay: 0.3, decays: 2, average: 0.99 }
    }
}

/// The default is not serialised, so that records of earlier releases do not change.
fn is_one(epochs: &usize) -> bool {
    *epochs == 1
}

impl Selection {
    /// Whether to evaluate after a step, counted from 0, that does not end its epoch.
    pub(super) fn is_due(&self, step: usize) -> bool {
        self.every > 0 && (step + 1).is_multiple_of(self.every)
    }

    /// Whether to evaluate at the end of an epoch, counted from 0, of `all`: at the last one in any case.
    pub(super) fn ends(&self, epoch: usize, all: usize) -> bool {
        (epoch + 1).is_multiple_of(self.epochs) || epoch + 1 >= all
    }
}

/// The result of a validation loss for the selection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The lowest loss so far.
    Best,
    /// Not lower than the lowest so far.
    Worse,
}

/// The state of a [`Selection`] during a run.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Standing {
    /// The least validation loss, nats; `None` before the first finite one.
    pub best: Option<f64>,
    /// Evaluations since the least loss, or since the learning rate was last lowered.
    pub stalled: usize,
    /// How often the learning rate was lowered.
    pub decays: usize,
    /// Whether the rule has ended the run.
    pub stopped: bool,
}

impl Standing {
    /// Records a validation loss. A loss that is not finite is never an improvement.
    pub fn hear(&mut self, rule: &Selection, nll: f64) -> Verdict {
        if nll.is_finite() && self.best.is_none_or(|best| nll < best) {
            self.best = Some(nll);
            self.stalled = 0;
            return Verdict::Best;
        }
        self.stalled += 1;
        if self.stalled >= rule.patience {
            self.stopped = self.decays >= rule.decays;
            self.decays += usize::from(!self.stopped);
            self.stalled = 0;
        }
        Verdict::Worse
    }

    /// The current factor of the learning rate.
    pub fn factor(&self, rule: &Selection) -> f64 {
        rule.decay.powi(self.decays as i32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: Selection = Selection { patience: 2, every: 0, epochs: 1, m: 1, decay: 0.5, decays: 1, average: 0.0 };

    fn hear_all(losses: &[f64]) -> (Standing, Vec<Verdict>) {
        let mut standing = Standing::default();
        let verdicts = losses.iter().map(|&nll| standing.hear(&RULE, nll)).collect();
        (standing, verdicts)
    }

    #[test]
    fn the_rate_falls_once_per_stall_and_then_the_run_stops() {
        let (standing, verdicts) = hear_all(&[1.0, 1.1, 0.9, 0.9]);
        assert_eq!(verdicts, [Verdict::Best, Verdict::Worse, Verdict::Best, Verdict::Worse]);
        assert_eq!(standing, Standing { best: Some(0.9), stalled: 1, decays: 0, stopped: false });
        let (standing, _) = hear_all(&[1.0, 1.0, 1.0]);
        assert_eq!(standing, Standing { best: Some(1.0), stalled: 0, decays: 1, stopped: false });
        assert_eq!(standing.factor(&RULE), 0.5);
        let (standing, _) = hear_all(&[1.0, 1.0, 1.0, 1.0, 1.0]);
        assert!(standing.stopped && standing.decays == 1);
        // An improvement after the rate was lowered resets the count.
        let (standing, _) = hear_all(&[1.0, 1.0, 1.0, 1.0, 0.5, 1.0]);
        assert!(!standing.stopped && standing.stalled == 1);
    }

    #[test]
    fn a_loss_that_is_not_finite_is_never_the_best() {
        let (standing, verdicts) = hear_all(&[f64::NAN, f64::NEG_INFINITY, 3.0]);
        assert_eq!(verdicts, [Verdict::Worse, Verdict::Worse, Verdict::Best]);
        assert_eq!(standing.best, Some(3.0));
    }
}
