//! Images with labels in the user's units, as a data set that networks train on.

use burn::tensor::{Device, Tensor, TensorData};
use ebm_core::{Batch, Dataset, Noise, TargetKind, TargetSpace};
use ebm_data::image::ImageSet;

/// Images, and the space in which their labels are standardised.
pub(super) struct LabelledImages {
    pub images: ImageSet,
    pub space: TargetSpace,
}

impl LabelledImages {
    fn gather(&self, rows: &[usize], device: &Device, mut standardised: impl FnMut(usize, f64) -> f64) -> Batch {
        let Batch { input, .. } = self.images.batch(rows, device);
        let labels = rows.iter().flat_map(|&row| self.images.label(row).iter().enumerate());
        let target: Vec<f32> = labels.map(|(d, &y)| standardised(d, y) as f32).collect();
        let target = Tensor::from_data(TensorData::new(target, [rows.len(), self.space.dimensions()]), device);
        Batch { input, target }
    }
}

impl Dataset for LabelledImages {
    fn len(&self) -> usize {
        self.images.len()
    }

    fn input_width(&self) -> usize {
        self.images.input_width()
    }

    fn target_width(&self) -> usize {
        self.images.target_width()
    }

    fn batch(&self, rows: &[usize], device: &Device) -> Batch {
        self.gather(rows, device, |d, y| self.space.targets()[d].to_model(y))
    }

    /// Counts are dequantised, as those of tables are.
    fn training_batch(&self, rows: &[usize], noise: &mut Noise, device: &Device) -> Batch {
        self.gather(rows, device, |d, y| match self.space.targets()[d].kind {
            TargetKind::Count => self.space.targets()[d].continuous_to_model(y + noise.unit()),
            _ => self.space.targets()[d].to_model(y),
        })
    }

    fn fingerprint(&self) -> String {
        self.images.fingerprint()
    }
}
