//! Burn's Adam as a loop over numbers on the host: a dozen tensor operations a parameter cost more than the update.

use super::{BETAS, EPSILON};

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

    /// One step. Operation by operation what Burn's rule does, so that the bits are the same.
    pub(super) fn update(&mut self, learning_rate: f64, values: &mut [f32], gradient: &[f32]) {
        self.time += 1;
        let time = self.time as i32;
        let learning_rate = learning_rate as f32;
        let [beta_1, beta_2] = BETAS;
        let correction_2 = (1.0 - beta_2.powi(time)).sqrt();
        let factor = correction_2 / (1.0 - beta_1.powi(time));
        let epsilon = EPSILON * correction_2;
        let moments = self.first.iter_mut().zip(&mut self.second);
        for ((value, &gradient), (first, second)) in values.iter_mut().zip(gradient).zip(moments) {
            *first = *first * beta_1 + gradient * (1.0 - beta_1);
            *second = *second * beta_2 + gradient * gradient * (1.0 - beta_2);
            *value -= *first * factor / (second.sqrt() + epsilon) * learning_rate;
        }
    }
}
