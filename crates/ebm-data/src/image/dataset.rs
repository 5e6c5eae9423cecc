//! Images as normalised inputs of a network.

use super::augmentation::{Augmentation, Change};
use super::set::ImageSet;
use super::task::SIDE;
use burn::tensor::{Device, Tensor, TensorData};
use ebm_core::{Batch, Dataset, Noise};
use rayon::prelude::*;

/// Mean of each channel over ImageNet, of 1.
///
/// It is used in the order of the channels as stored, even where that is BGR, as the published networks were trained.
const MEAN: [f64; CHANNELS] = [0.485, 0.456, 0.406];
/// Standard deviation of each channel over ImageNet, of 1.
const SD: [f64; CHANNELS] = [0.229, 0.224, 0.225];
/// Channels of an input: a grey image is repeated in all of them.
const CHANNELS: usize = 3;

impl Dataset for ImageSet {
    fn len(&self) -> usize {
        self.count()
    }

    fn input_width(&self) -> usize {
        CHANNELS * self.side() * self.side()
    }

    fn target_width(&self) -> usize {
        self.label_width()
    }

    fn batch(&self, rows: &[usize], device: &Device) -> Batch {
        self.changed(rows, &vec![Change::NONE; rows.len()], device)
    }

    /// All random numbers are drawn before any image is changed, so that the result does not depend on threads.
    fn training_batch(&self, rows: &[usize], noise: &mut Noise, device: &Device) -> Batch {
        let changes: Vec<Change> = match self.augmentation() {
            Augmentation::None => return self.batch(rows, device),
            Augmentation::HeadPose => rows.iter().map(|_| Change::draw(noise)).collect(),
        };
        self.changed(rows, &changes, device)
    }

    fn fingerprint(&self) -> String {
        self.digest()
    }
}

impl ImageSet {
    /// The images at `rows`, each with its change: `(byte/255 − mean) / sd`, channel by channel.
    fn changed(&self, rows: &[usize], changes: &[Change], device: &Device) -> Batch {
        let (scale, plane, width) = (normalised(), self.side() * self.side(), self.input_width());
        let mut inputs = vec![0.0; rows.len() * width];
        inputs.par_chunks_mut(width).zip(rows.par_iter().zip(changes)).for_each(|(input, (&row, change))| {
            let mut buffer = [0; SIDE * SIDE];
            let stored = self.pixels(row).chunks(plane).cycle();
            for ((into, stored), scale) in input.chunks_mut(plane).zip(stored).zip(&scale) {
                for (number, &byte) in into.iter_mut().zip(change.apply(stored, &mut buffer)) {
                    *number = scale[usize::from(byte)];
                }
            }
        });
        let targets: Vec<f32> = rows
            .iter()
            .zip(changes)
            .flat_map(|(&row, change)| change.label(self.label(row)))
            .map(|y| y as f32)
            .collect();
        Batch {
            input: Tensor::from_data(TensorData::new(inputs, [rows.len(), width]), device),
            target: Tensor::from_data(TensorData::new(targets, [rows.len(), self.label_width()]), device),
        }
    }
}

/// The normalised value of each byte in each channel.
fn normalised() -> [[f32; 256]; CHANNELS] {
    std::array::from_fn(|channel| {
        std::array::from_fn(|byte| ((byte as f64 / 255.0 - MEAN[channel]) / SD[channel]) as f32)
    })
}
