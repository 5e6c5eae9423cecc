//! The published draw of toy problem 2, made again from its seed.

use super::law::{BETA_LEN, INTERVAL_LEN, INTERVALS, LEN, NORMAL_LEN, UNIFORM_LEN, normal_mean};
use crate::pairs::{Pairs, Splits};
use crate::toy::random_state::RandomState;
use ebm_core::linspace;

/// Seed of the published draw.
const SEED: u32 = 41;
const TEST_LEN: usize = 1900;
const VALIDATION_LEN: usize = 190;

/// The published examples: 1710 to train, 190 to validate, 1900 to test.
///
/// The draw of NumPy's legacy `RandomState(41)`, every call in its order, equal to the published
/// files bit for bit.
#[must_use]
pub fn published() -> Splits {
    let mut random = RandomState::new(SEED);
    let y = targets_in_order(&mut random);
    let mut order: Vec<usize> = (0..LEN).collect();
    random.shuffle(&mut order);

    let (test, rest) = order.split_at(TEST_LEN);
    let (validation, train) = rest.split_at(VALIDATION_LEN);
    let pick = |indices: &[usize]| Pairs {
        x: indices.iter().map(|&i| i as f64 / (LEN - 1) as f64).collect(),
        y: indices.iter().map(|&i| y[i]).collect(),
    };
    Splits { train: pick(train), validation: pick(validation), test: pick(test) }
}

/// The target of every input, in the order of the inputs.
fn targets_in_order(random: &mut RandomState) -> Vec<f64> {
    let mut y: Vec<f64> = (0..BETA_LEN).map(|_| 5.0 * random.beta(0.5, 1.0) + 0.5).collect();
    random.shuffle(&mut y);

    for t in linspace(0.0, 5.0, NORMAL_LEN) {
        let mean = normal_mean(t);
        y.push(mean + mean.abs() / 4.0 * random.standard_normal());
    }

    let lows = linspace(-2.0, -4.5, UNIFORM_LEN);
    let highs = linspace(-0.5, 9.0, UNIFORM_LEN);
    y.extend(lows.iter().zip(&highs).map(|(&lo, &hi)| random.uniform(lo, hi)));

    let mut last = Vec::with_capacity(INTERVALS.len() * INTERVAL_LEN);
    for (lo, hi) in INTERVALS {
        last.extend((0..INTERVAL_LEN).map(|_| random.uniform(lo, hi)));
    }
    random.shuffle(&mut last);
    y.extend(last);
    y
}
