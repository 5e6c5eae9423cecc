//! Burn's Adam as a loop over numbers on the host: a dozen tensor operations a parameter cost more than the update.

use burn::optim::{AdamState, AdaptiveMomentumState};
use burn::tensor::{Device, Tensor};
use pulp::Arch;
use rayon::prelude::*;

pub(super) const BETAS: [f32; 2] = [0.9, 0.999];
pub(super) const EPSILON: f32 = 1e-8;

/// Numbers that a thread updates at a time; fewer are not worth another thread.
const PIECE: usize = 1 << 16;

/// Steps taken and running means of the gradient and of its square.
#[derive(Debug, Clone)]
pub(super) struct HostState {
    pub time: usize,
    pub first: Vec<f32>,
    pub second: Vec<f32>,
}

impl HostState {
    /// Before the first step.
    pub(super) fn new(count: usize) -> Self {
        Self { time: 0, first: vec![0.0; count], second: vec![0.0; count] }
    }

    /// The same as tensors.
    pub(super) fn into_tensors(self, device: &Device) -> AdamState<1> {
        let [first, second] = [self.first, self.second].map(|values| Tensor::from_floats(&values[..], device));
        AdamState::new(AdaptiveMomentumState::new(self.time, first, second))
    }

    /// One step. Operation by operation what Burn's rule does, so that the bits are the same.
    pub(super) fn update(&mut self, learning_rate: f64, values: &mut [f32], gradient: &[f32]) {
        self.time += 1;
        let time = self.time as i32;
        let [beta_1, beta_2] = BETAS;
        let correction_2 = (1.0 - beta_2.powi(time)).sqrt();
        let factor = correction_2 / (1.0 - beta_1.powi(time));
        let rule = Rule { learning_rate: learning_rate as f32, factor, epsilon: EPSILON * correction_2 };
        if values.len() <= PIECE {
            return rule.update(values, gradient, &mut self.first, &mut self.second);
        }
        // Every number is updated alone, so that neither threads nor instruction sets change a bit.
        let arch = Arch::new();
        let moments = self.first.par_chunks_mut(PIECE).zip(self.second.par_chunks_mut(PIECE));
        let pieces = values.par_chunks_mut(PIECE).zip(gradient.par_chunks(PIECE)).zip(moments);
        pieces.for_each(|((values, gradient), (first, second))| {
            arch.dispatch(
                #[inline(always)]
                || rule.update(values, gradient, first, second),
            );
        });
    }
}

/// What is the same for all numbers of a step.
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
