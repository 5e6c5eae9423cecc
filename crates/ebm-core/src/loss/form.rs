//! What an energy network computes: the score, or the score relative to its proposal.

use std::ops::{Add, Sub};

/// What an energy network computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// The score `f` itself.
    Free,
    /// `g = f − log q`, relative to the proposal `q`: `p = q e^g / E_q[e^g]`. With `g = 0`, `p` is the proposal.
    Residual,
}

impl Form {
    /// The score `f`, nats, from the network's output and `log q`.
    pub fn score<T: Add<Output = T>>(self, output: T, log_q: impl FnOnce() -> T) -> T {
        match self {
            Self::Free => output,
            Self::Residual => log_q() + output,
        }
    }

    /// `f − log q`, nats: the logarithm of the unnormalised importance weight.
    pub fn log_weight<T: Sub<Output = T>>(self, output: T, log_q: impl FnOnce() -> T) -> T {
        match self {
            Self::Free => output - log_q(),
            Self::Residual => output,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_is_its_log_weight_plus_log_q() {
        for form in [Form::Free, Form::Residual] {
            assert_eq!(form.score(3.0, || -0.5), form.log_weight(3.0, || -0.5) - 0.5);
        }
        assert_eq!(Form::Free.score(3.0, || -0.5), 3.0);
        assert_eq!(Form::Residual.log_weight(3.0, || -0.5), 3.0);
    }
}
