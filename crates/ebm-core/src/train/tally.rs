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
    skips: Option<[Tensor<1>; 2]>,
}

impl Tally {
    /// Adds a step.
    pub fn add(&mut self, losses: &Losses, health: &Health) {
        let step = Tensor::cat(losses.parts.iter().map(|(_, part)| part.clone()).collect(), 0);
        let nothing = step.zeros_like();
        let step = health.choose(step, nothing);
        let device = step.device();
        self.sums = Some(match self.sums.take() {
            Some(sums) => sums + step,
            None => step,
        });
        if self.skips.is_none() && matches!(health, Health::Known(true)) {
            return;
        }
        let [epoch, row] = self.skips.take().unwrap_or_else(|| [(); 2].map(|()| Tensor::zeros([1], &device)));
        let epoch = health.choose(epoch.clone(), epoch + 1.0);
        let row = health.choose(row.zeros_like(), row + 1.0);
        self.skips = Some([epoch, row]);
    }

    /// The next epoch: what counts steps in a row goes on.
    pub fn next_epoch(&mut self) {
        self.sums = None;
        self.skips = self.skips.take().map(|[epoch, row]| [epoch.zeros_like(), row]);
    }

    /// The sums of the losses; none before the first step.
    pub fn sums(&self) -> Vec<f32> {
        self.sums.as_ref().map_or_else(Vec::new, read)
    }

    /// Steps not taken: in this epoch, and in a row up to now.
    pub fn skipped(&self) -> [usize; 2] {
        self.skips.as_ref().map_or([0, 0], |skips| skips.each_ref().map(|count| read(count)[0] as usize))
    }

    /// What [`Tally::sums`] and [`Tally::skipped`] gave.
    pub fn restore(sums: &[f32], skipped: [usize; 2], device: &Device) -> Self {
        let count = |count: usize| Tensor::from_floats([count as f32], device);
        let skips = (skipped != [0, 0]).then(|| skipped.map(count));
        Self { sums: (!sums.is_empty()).then(|| Tensor::from_floats(sums, device)), skips }
    }
}

fn read(tensor: &Tensor<1>) -> Vec<f32> {
    tensor.to_data().iter::<f32>().collect()
}
