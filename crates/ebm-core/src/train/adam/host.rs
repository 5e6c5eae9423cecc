//! Burn's Adam as one loop on the CPU. The overhead of a dozen tensor operations for each parameter exceeds the update.

use burn::optim::{AdamState, AdaptiveMomentumState};
use burn::tensor::{Device, Tensor};
use pulp::Arch;
use rayon::prelude::*;

pub(super) const BETAS: [f32; 2] = [0.9, 0.999];
pub(super) const EPSILON: f32 = 1e-8;

/// Numbers that one thread updates at a time; smaller pieces do not pay for another thread.
const PIECE: usize = 1 << 16;

/// Number of updates, and running means of the gradient and its square.
#[derive(Debug, Clone)]
pub(super) struct HostState {
    pub time: usize,
    pub first: Vec<f32>,
    pub second: Vec<f32>,
}

impl HostState {
    /// The state before the first step, for `count` numbers.
    pub(super) fn new(count: usize) -> Self {
        Self { time: 0, first: vec![0.0; count], second: vec![0.0; count] }
    }

    /// Converts the state to tensors.
    pub(super) fn into_tensors(self, device: &Device) -> AdamState<1> {
        let [first, second] = [self.first, self.second].map(|values| Tensor::from_floats(&values[..], device));
        AdamState::new(AdaptiveMomentumState::new(self.time, first, second))
    }

    /// One update. The operations are those of Burn's rule in the same order, so results are equal bit by bit.
    pub(super) fn update(&mut self, learning_rate: f64, values: &mut [f32], gradient: &[f32]) {
        self.time += 1;
        let time = self.time as i32;
        let [beta_1, beta_2] = BETAS;
        let correction_2 = (1.0 - beta_2.powi(time)).sqrt();
        let factor = correction_2 / (1.0 - beta_1.powi(time));
        let rule = Rule { learning_rate: learning_rate as f32, factor, epsilon: EPSILON * correction_2 };
        // Each number is updated independently, so results do not depend on threads or instruction sets.
        let arch = Arch::new();
        let update = |values: &mut [f32], gradient: &[f32], first: &mut [f32], second: &mut [f32]| {
            arch.dispatch(
                #[inline(always)]
                || rule.update(values, gradient, first, second),
            );
        };
        if values.len() <= PIECE {
            return update(values, gradient, &mut self.first, &mut self.second);
        }
        let moments = self.first.par_chunks_mut(PIECE).zip(self.second.par_chunks_mut(PIECE));
        let pieces = values.par_chunks_mut(PIECE).zip(gradient.par_chunks(PIECE)).zip(moments);
        pieces.for_each(|((values, gradient), (first, second))| update(values, gradient, first, second));
    }
}

/// The constants of one update.
struct Rule {
    learning_rate: f32,
    factor: f32,
    epsilon: f32,
}

impl Rule {
    #[inline(always)]
    fn update(&self, values: &mut [f32], gradient: &[f32], first: &mut [f32], second: &mut [f32]) {
        let [beta_1, beta_2] = BETAS;
        let moments = first.iter_mut().zip(second);
        for ((value, &gradient), (first, second)) in values.iter_mut().zip(gradient).zip(moments) {
            *first = *first * beta_1 + gradient * (1.0 - beta_1);
            *second = *second * beta_2 + gradient * gradient * (1.0 - beta_2);
            *value -= *first * self.factor / (second.sqrt() + self.epsilon) * self.learning_rate;
        }
    }
}
