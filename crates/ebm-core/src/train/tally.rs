//! What an epoch's report is made of, kept where the model is until it is read.

use burn::tensor::{Device, Tensor};

use super::health::Health;
use crate::Losses;

/// Sums over the steps of an epoch, on the device.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally {
    /// Of each loss over the steps taken.
    sums: Option<Tensor<1>>,
    /// Steps not taken: in this epoch, and in a row up to now; none while there was no such step.
    skips: Option<Tensor<1>>,
}

impl Tally {
    /// Adds a step.
    pub fn add(&mut self, losses: &Losses, health: &Health) {
        let step = Tensor::cat(losses.parts.iter().map(|(_, part)| part.clone()).collect(), 0);
        let nothing = || step.zeros_like();
        let step = health.choose(step.clone(), nothing());
        let device = step.device();
        self.sums = Some(match self.sums.take() {
            Some(sums) => sums + step,
            None => step,
        });
        if self.skips.is_none() && matches!(health, Health::Known(true)) {
            return;
        }
        let skips = self.skips.take().unwrap_or_else(|| Tensor::zeros([2], &device));
        let good = skips.clone() * Tensor::from_floats([1.0, 0.0], &device);
        self.skips = Some(health.choose(good, skips + 1.0));
    }

    /// The next epoch: what counts steps in a row goes on.
    pub fn next_epoch(&mut self) {
        self.sums = None;
        self.skips = self.skips.take().map(|skips| skips.clone() * Tensor::from_floats([0.0, 1.0], &skips.device()));
    }

    /// The sums of the losses; none before the first step.
    pub fn sums(&self) -> Vec<f32> {
        read(&self.sums)
    }

    /// Steps not taken: in this epoch, and in a row up to now.
    pub fn skipped(&self) -> [usize; 2] {
        match read(&self.skips)[..] {
            [epoch, row] => [epoch as usize, row as usize],
            _ => [0, 0],
        }
    }

    /// What [`Tally::sums`] and [`Tally::skipped`] gave.
    pub fn restore(sums: &[f32], skipped: [usize; 2], device: &Device) -> Self {
        let skips = (skipped != [0, 0]).then(|| Tensor::from_floats(skipped.map(|count| count as f32), device));
        Self { sums: (!sums.is_empty()).then(|| Tensor::from_floats(sums, device)), skips }
    }
}

fn read(tensor: &Option<Tensor<1>>) -> Vec<f32> {
    tensor.as_ref().map_or_else(Vec::new, |tensor| tensor.to_data().iter::<f32>().collect())
}
