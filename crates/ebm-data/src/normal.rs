//! The normal density in log space.

/// `½ log 2π`.
const HALF_LOG_TWO_PI: f64 = 0.918_938_533_204_672_8;

/// Log-density of `N(mean, sd²)` at `y`, nats.
///
/// `−½ log 2π − log sd − ½ ((y − mean)/sd)²`
///
/// `sd = 0` is the limit, a point mass: `+∞` at the mean and `−∞` elsewhere.
pub(crate) fn log_normal(y: f64, mean: f64, sd: f64) -> f64 {
    if sd == 0.0 {
        return if y == mean { f64::INFINITY } else { f64::NEG_INFINITY };
    }
    let z = (y - mean) / sd;
    -HALF_LOG_TWO_PI - libm::log(sd) - 0.5 * z * z
}

/// Differential entropy of `N(·, sd²)`, nats: `½ log 2π + ½ + log sd`.
pub(crate) fn normal_entropy(sd: f64) -> f64 {
    HALF_LOG_TWO_PI + 0.5 + libm::log(sd)
}

/// `log(e^a + e^b)` without overflow.
pub(crate) fn log_add_exp(a: f64, b: f64) -> f64 {
    let (small, large) = if a < b { (a, b) } else { (b, a) };
    if large == f64::NEG_INFINITY {
        return large;
    }
    large + libm::log1p(libm::exp(small - large))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thousand_sigma_is_finite() {
        assert!((log_normal(1000.0, 0.0, 1.0) + 500_000.0 + HALF_LOG_TWO_PI).abs() < 1e-9);
    }

    #[test]
    fn zero_spread_is_a_point_mass() {
        assert_eq!(log_normal(2.0, 2.0, 0.0), f64::INFINITY);
        assert_eq!(log_normal(2.5, 2.0, 0.0), f64::NEG_INFINITY);
    }

    #[test]
    fn log_add_exp_is_exact_where_exp_underflows() {
        assert!((log_add_exp(-2000.0, -2000.0) - (-2000.0 + 2f64.ln())).abs() < 1e-12);
        assert_eq!(log_add_exp(f64::NEG_INFINITY, -3.0), -3.0);
        assert_eq!(log_add_exp(f64::NEG_INFINITY, f64::NEG_INFINITY), f64::NEG_INFINITY);
    }
}
