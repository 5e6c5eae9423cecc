//! Sums for the report of an epoch, kept on the model's device until they are read.

use burn::tensor::{Device, Tensor};

use super::health::Health;
use crate::method::losses::Losses;

/// Sums over the steps of an epoch, on the device, one network after another.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally {
    /// Sum of each loss over the steps taken, `[networks · losses]`.
    sums: Option<Tensor<1>>,
    /// Skipped steps: in this epoch, and consecutive ones up to now, each `[networks]`. `None` until a step is skipped.
    skips: Option<[Tensor<1>; 2]>,
}

/// The sums of one network, on the host.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Counts {
    /// Sum of each loss; empty before the first step.
    pub sums: Vec<f32>,
    /// Skipped steps: in this epoch, and consecutive ones up to now.
    pub skipped: [usize; 2],
}

impl Tally {
    /// Adds a step.
    pub fn add(&mut self, losses: &Losses, health: &Health) {
        let [networks] = losses.total.dims();
        let parts = losses.parts.iter().map(|(_, part)| part.clone()).collect();
        let step = Tensor::stack::<2>(parts, 1).flatten::<1>(0, 1);
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
        let [epoch, row] = self.skips.take().unwrap_or_else(|| [(); 2].map(|()| Tensor::zeros([networks], &device)));
        let epoch = health.choose(epoch.clone(), epoch + 1.0);
        let row = health.choose(row.zeros_like(), row + 1.0);
        self.skips = Some([epoch, row]);
    }

    /// Starts the next epoch. The count of consecutive skipped steps continues.
    pub fn next_epoch(&mut self) {
        self.sums = None;
        self.skips = self.skips.take().map(|[epoch, row]| [epoch.zeros_like(), row]);
    }

    /// Reads the sums of each of `networks` networks.
    pub fn counts(&self, networks: usize) -> Vec<Counts> {
        let sums = self.sums.as_ref().map_or_else(Vec::new, read);
        let losses = sums.len() / networks;
        let [epoch, row] = match &self.skips {
            Some(skips) => skips.each_ref().map(read),
            None => [(); 2].map(|()| vec![0.0; networks]),
        };
        let counts = |network: usize| Counts {
            sums: sums[network * losses..(network + 1) * losses].to_vec(),
            skipped: [epoch[network] as usize, row[network] as usize],
        };
        (0..networks).map(counts).collect()
    }

    /// Restores a tally from [`Tally::counts`].
    pub fn restore(counts: &[Counts], device: &Device) -> Self {
        let sums: Vec<f32> = counts.iter().flat_map(|counts| counts.sums.iter().copied()).collect();
        let any = counts.iter().any(|counts| counts.skipped != [0, 0]);
        let skips = |which: usize| {
            let skips: Vec<f32> = counts.iter().map(|counts| counts.skipped[which] as f32).collect();
            Tensor::from_floats(&skips[..], device)
        };
        Self {
            sums: (!sums.is_empty()).then(|| Tensor::from_floats(&sums[..], device)),
            skips: any.then(|| [skips(0), skips(1)]),
        }
    }
}

fn read(tensor: &Tensor<1>) -> Vec<f32> {
    tensor.to_data().iter::<f32>().collect()
}
