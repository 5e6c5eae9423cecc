//! Toy problem 2: four regions of x, each with its own kind of noise.
//!
//! 3800 inputs in order i have x = i/3799, and with i continued to reals as 3799·x
//!
//! - i < 800: y ~ 0.5 + 5·Beta(½, 1)
//! - i < 1800: y ~ N(m, (|m|/4)²), m = 3 cos t − 2, t = 5(i − 800)/999
//! - i < 2300: y ~ U(−2 − 2.5k, −0.5 + 9.5k), k = (i − 1800)/499
//! - the rest: y ~ ⅓ each of U(8, 8.5), U(1, 4), U(−4.5, −3)
//!
//! Source: Brando et al. (2019), the paper's second 1D problem.

mod law;
mod published;

pub use law::{LEN, X_MAX, X_MIN, entropy, log_density};
pub use published::published;
