//! The transform of Box and Cox, as a function of the logarithm.

/// `(v^λ − 1)/λ` as a function of `log v`.
pub(super) fn of_log(lambda: f64, log_v: f64) -> f64 {
    if lambda == 0.0 { log_v } else { (lambda * log_v).exp_m1() / lambda }
}

/// `log v` as a function of `(v^λ − 1)/λ`.
pub(super) fn log_of(lambda: f64, t: f64) -> f64 {
    if lambda == 0.0 { t } else { (lambda * t).ln_1p() / lambda }
}
