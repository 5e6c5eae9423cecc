//! Which weights are kept, and when training stops: a rule on the loss of held-out examples.

use serde::{Deserialize, Serialize};

/// Keeps the weights with the least validation loss; lowers the learning rate when that loss stalls, and then stops.
///
/// Evaluated after every epoch and, where `every` is not 0, after every `every` steps of a longer one; not in the first
/// epochs that freeze the backbone or leave the energy untrained.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Selection {
    /// Evaluations in a row that do not improve before the learning rate falls or, when it has fallen `decays` times,
    /// training stops. At least 1.
    pub patience: usize,
    /// Steps of one epoch between evaluations; 0 evaluates at its end only.
    pub every: usize,
    /// Candidates of an evaluation, for an energy with a proposal. At least 1.
    pub m: usize,
    /// What the learning rate is multiplied by when the loss stalls.
    pub decay: f64,
    /// How often it is before training stops.
    pub decays: usize,
    /// Weights are evaluated and kept as their running mean over some `1/(1 − average)` steps; 0 takes them as they are.
    pub average: f64,
}

impl Default for Selection {
    fn default() -> Self {
        Self { patience: 10, every: 0, m: 256, decay: 0.3, decays: 2, average: 0.99 }
    }
}

impl Selection {
    /// Whether to evaluate after a step, counted from 0, that does not end its epoch.
    pub(super) fn is_due(&self, step: usize) -> bool {
        self.every > 0 && (step + 1).is_multiple_of(self.every)
    }
}

/// What a validation loss says about the run so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The best weights so far.
    Best,
    /// Not better than the best.
    Worse,
}

/// Where a run stands by its [`Selection`].
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Standing {
    /// The least validation loss, nats; none before the first evaluation that was finite.
    pub best: Option<f64>,
    /// Evaluations since it, or since the learning rate fell last.
    pub stalled: usize,
    /// How often the learning rate fell.
    pub decays: usize,
    /// Whether the rule has ended the run.
    pub stopped: bool,
}

impl Standing {
    /// Hears the next validation loss. One that is not finite is no improvement.
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

    /// What the learning rate is multiplied by now.
    pub fn factor(&self, rule: &Selection) -> f64 {
        rule.decay.powi(self.decays as i32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: Selection = Selection { patience: 2, every: 0, m: 1, decay: 0.5, decays: 1, average: 0.0 };

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
        // An improvement after the fall starts the count again.
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
