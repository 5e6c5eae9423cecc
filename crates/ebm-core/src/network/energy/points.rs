//! Scores of points shared by all examples, such as a grid, by a kernel on the host.

use burn::tensor::{Device, Tensor, TensorData};

use super::EnergyNet;
use crate::kernel::{Head, OneLayer, scores_of_narrow};
use crate::math::host::{host, on_cpu};

/// Points `[points, D]`, prepared once for a network's kernel.
pub(crate) struct Points {
    head: PointsHead,
    count: usize,
}

enum PointsHead {
    /// Scalar points, for any number of narrow layers.
    Narrow { head: Box<Head>, y: Vec<f32> },
    /// Points of any dimension, for one hidden layer of any width.
    OneLayer(OneLayer),
}

impl Points {
    /// Prepares row-major points `[points, D]`; `None` if there is no kernel for the network or the device.
    pub(crate) fn new(energy: &EnergyNet, y: Vec<f32>, dimensions: usize, device: &Device) -> Option<Self> {
        let count = y.len() / dimensions;
        if !on_cpu(&energy.score.weight.val()) || !energy.axes.is_empty() {
            return None;
        }
        let head = if energy.residual.is_none() {
            let points = Tensor::<3>::from_data(TensorData::new(y, [1, count, dimensions]), device);
            let embedded = host(&energy.embed(points));
            let bias = energy.score.bias.as_ref().map_or(0.0, |bias| host(&bias.val())[0]);
            PointsHead::OneLayer(OneLayer::new(&embedded, host(&energy.score.weight.val()), bias))
        } else {
            let head = energy.narrow_head().filter(|_| dimensions == 1)?;
            PointsHead::Narrow { head: Box::new(head), y }
        };
        Some(Self { head, count })
    }

    /// Scores `[rows, points]` of examples whose projected features are `from_features`, `[rows, hidden]`, on the host.
    pub(crate) fn scores(&self, from_features: &[f32], rows: usize) -> Vec<f32> {
        let mut scores = vec![0.0; rows * self.count];
        match &self.head {
            PointsHead::Narrow { head, y } => scores_of_narrow(head, from_features, y, &mut scores),
            PointsHead::OneLayer(points) => points.scores(from_features, &mut scores),
        }
        scores
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::noise::{Noise, Purpose};
    use crate::method::config::{Method, ModelConfig, NetworkConfig};
    use crate::method::model::Model;

    #[test]
    fn scores_on_a_grid_are_those_of_the_network() {
        for (residual, points) in [(true, 1), (false, 129), (true, 300)] {
            let network = NetworkConfig { residual, ..NetworkConfig::default() };
            let config = ModelConfig { network, ..ModelConfig::scalar(Method::ebm(1)) };
            let Model::Ebm(model) = config.init(0, &Device::flex()) else { unreachable!("the method asked for") };
            let features = Noise::new(0, Purpose::Prediction, 0, 0).normal([70, 10], &Device::flex());
            let y: Vec<f32> = (0..points).map(|i| i as f32 * 0.05 - 3.0).collect();
            let found = Points::new(&model.energy, y.clone(), 1, &Device::flex())
                .expect("a kernel")
                .scores(&host(&model.energy.project(features.clone())), 70);
            let expected =
                model.energy.score(features, Tensor::<1>::from_floats(&y[..], &Device::flex()).reshape([1, -1, 1]));
            let expected: Vec<f32> = expected.into_data().try_to_vec().unwrap();
            assert_eq!(found.len(), expected.len());
            for (found, expected) in found.iter().zip(&expected) {
                assert!((found - expected).abs() < 1e-6, "{found} against {expected}");
            }
        }
    }
}
