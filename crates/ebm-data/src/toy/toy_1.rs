//! Toy problem 1: two sine branches on the left, a skewed hill on the right.
//!
//! - x uniform on [−3, 3]
//! - x < 0: y ~ 0.8·N(sin x, 0.075²) + 0.2·N(−sin x, 0.075²)
//! - x ≥ 0: y + 1 ~ LogNormal(0, 0.25²)
//!
//! The authors' own draw has no published seed, so this one is ours.
//!
//! Source: Gustafsson et al. (2020b), the paper's first 1D problem.

use crate::normal::{log_add_exp, log_normal};
use crate::pairs::Pairs;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

/// Seed of the training set every experiment uses unless told otherwise.
pub const SEED: u64 = 2022;
/// Number of training examples.
pub const TRAIN_LEN: usize = 2000;
/// Smallest input.
pub const X_MIN: f64 = -3.0;
/// Largest input.
pub const X_MAX: f64 = 3.0;

/// Probability of the branch that follows `sin x`, for x < 0.
const UPRIGHT_WEIGHT: f64 = 0.8;
/// Standard deviation about either branch, for x < 0.
const BRANCH_SD: f64 = 0.075;
/// Standard deviation of `log(y + 1)`, for x ≥ 0.
const LOG_SD: f64 = 0.25;

/// The training set drawn with `seed`: [`TRAIN_LEN`] independent examples.
///
/// ChaCha8 makes the numbers, so that a seed means the same set everywhere; pass [`SEED`] for the
/// default one.
#[must_use]
pub fn train(seed: u64) -> Pairs {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut pairs = Pairs::default();
    for _ in 0..TRAIN_LEN {
        let x = X_MIN + (X_MAX - X_MIN) * rng.random::<f64>();
        pairs.x.push(x);
        pairs.y.push(draw(x, &mut rng));
    }
    pairs
}

/// One target given `x`.
fn draw(x: f64, rng: &mut ChaCha8Rng) -> f64 {
    if x < 0.0 {
        let upright = rng.random::<f64>() < UPRIGHT_WEIGHT;
        let mean = if upright { libm::sin(x) } else { -libm::sin(x) };
        mean + BRANCH_SD * rng.sample::<f64, _>(StandardNormal)
    } else {
        libm::expm1(LOG_SD * rng.sample::<f64, _>(StandardNormal))
    }
}

/// Exact `log p(y | x)` in nats.
///
/// `−∞` at and below y = −1 for x ≥ 0, outside the log-normal's support. The formulas hold for
/// every x; the data have x in [−3, 3]. NaN in gives NaN out.
#[must_use]
pub fn log_density(x: f64, y: f64) -> f64 {
    if x.is_nan() || y.is_nan() {
        f64::NAN
    } else if x < 0.0 {
        let centre = libm::sin(x);
        log_add_exp(
            libm::log(UPRIGHT_WEIGHT) + log_normal(y, centre, BRANCH_SD),
            libm::log1p(-UPRIGHT_WEIGHT) + log_normal(y, -centre, BRANCH_SD),
        )
    } else if y <= -1.0 {
        f64::NEG_INFINITY
    } else {
        // The density of y is that of log(y + 1) times the Jacobian 1/(y + 1).
        let log_shifted = libm::log1p(y);
        log_normal(log_shifted, 0.0, LOG_SD) - log_shifted
    }
}

/// Mean conditional differential entropy in nats, `E_x[−∫ p log p dy]` for x uniform on [−3, 3].
///
/// No model has a lower expected negative log-likelihood. By the midpoint rule in x, which never
/// touches the jump at x = 0, and the trapezium rule in y, on which both densities and all their
/// derivatives vanish at the ends; good to 1e-6.
#[must_use]
pub fn entropy() -> f64 {
    const X_CELLS: usize = 1200;
    const Y_MIN: f64 = -2.0;
    const Y_STEP: f64 = 0.01;
    const Y_POINTS: usize = 701;
    let x_step = (X_MAX - X_MIN) / X_CELLS as f64;
    let mut total = 0.0;
    for cell in 0..X_CELLS {
        let x = X_MIN + (cell as f64 + 0.5) * x_step;
        for point in 0..Y_POINTS {
            let log_p = log_density(x, Y_MIN + point as f64 * Y_STEP);
            if log_p > f64::NEG_INFINITY {
                total -= libm::exp(log_p) * log_p;
            }
        }
    }
    total * Y_STEP / X_CELLS as f64
}
