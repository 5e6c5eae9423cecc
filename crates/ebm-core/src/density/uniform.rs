//! The uniform density over a box: a proposal without prior knowledge, and the base of quadrature.

use burn::tensor::{Device, Tensor};

use crate::density::Density;
use crate::math::noise::Noise;

/// Uniform density over the box `low..high`, the same for each of `batch` examples.
#[derive(Debug, Clone)]
pub struct Uniform {
    low: Vec<f64>,
    high: Vec<f64>,
    batch: usize,
    device: Device,
}

impl Uniform {
    /// # Panics
    /// Unless both ends have the same length, and `low[d] < high[d]` and both are finite in every dimension.
    pub fn new(low: &[f64], high: &[f64], batch: usize, device: &Device) -> Self {
        assert_eq!(low.len(), high.len(), "low and high must have the same length");
        for (low, high) in low.iter().zip(high) {
            assert!(low < high && (high - low).is_finite(), "empty or infinite box: [{low}, {high}]");
        }
        Self { low: low.to_vec(), high: high.to_vec(), batch, device: device.clone() }
    }

    /// `Σ_d log(high_d − low_d)`, nats.
    pub fn log_volume(&self) -> f64 {
        self.low.iter().zip(&self.high).map(|(low, high)| (high - low).ln()).sum()
    }

    fn row(&self, values: &[f64]) -> Tensor<3> {
        let values: Vec<f32> = values.iter().map(|&v| v as f32).collect();
        Tensor::<1>::from_floats(values.as_slice(), &self.device).unsqueeze()
    }
}

impl Density for Uniform {
    /// `−log volume` inside the box, `−∞` outside it.
    fn log_prob(&self, y: Tensor<3>) -> Tensor<2> {
        let [batch, m, _] = y.dims();
        assert_shape!(y, [self.batch, m, self.low.len()]);
        let outside = y.clone().lower(self.row(&self.low)).bool_or(y.clone().greater(self.row(&self.high)));
        let outside = outside.any_dim(2).squeeze_dim::<2>(2);
        Tensor::full([batch, m], -self.log_volume(), &y.device()).mask_fill(outside, f32::NEG_INFINITY)
    }

    fn sample(&self, m: usize, noise: &mut Noise) -> Tensor<3> {
        let unit = noise.uniform([self.batch, m, self.low.len()], &self.device);
        unit * (self.row(&self.high) - self.row(&self.low)) + self.row(&self.low)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::noise::Purpose;

    #[test]
    fn draws_lie_inside_and_the_density_is_one_over_the_volume() {
        let device = Device::flex();
        let uniform = Uniform::new(&[-2.0, 1.0], &[2.0, 3.0], 3, &device);
        let y = uniform.sample(100, &mut Noise::new(0, Purpose::Prediction, 0, 0));
        let log_prob: Vec<f32> = uniform.log_prob(y.clone()).into_data().try_to_vec().unwrap();
        assert!(log_prob.iter().all(|&l| l == -(8f32.ln())));
        let far: Vec<f32> = uniform.log_prob(y + 10.0).into_data().try_to_vec().unwrap();
        assert!(far.iter().all(|&l| l == f32::NEG_INFINITY));
    }
}
