//! Scores of points that all examples share, such as a grid.

use burn::tensor::{Device, Tensor, TensorData};
use pulp::Arch;
use rayon::prelude::*;

use super::head::Head;
use super::log_sum::log_sum_exp;
use super::one_layer::OneLayer;
use super::scores::scores_of_narrow;
use crate::math::host::host;
use crate::math::host::on_cpu;
use crate::network::energy::EnergyNet;

/// Points `[points, D]` as a network's kernel needs them. What they cost is paid once.
pub(crate) struct Shared {
    head: Points,
    count: usize,
}

enum Points {
    /// Scalars, for narrow layers of any number.
    Narrow { head: Box<Head>, y: Vec<f32> },
    /// Of any dimension, for one hidden layer of any width.
    OneLayer(OneLayer),
}

impl Shared {
    /// The points, or nothing where there is no kernel for the network or the device. Row-major `[points, D]`.
    pub(crate) fn new(energy: &EnergyNet, y: Vec<f32>, dimensions: usize, device: &Device) -> Option<Self> {
        let count = y.len() / dimensions;
        if !on_cpu(&energy.score.weight.val()) || !energy.axes.is_empty() {
            return None;
        }
        let head = if energy.residual.is_none() {
            let points = Tensor::<3>::from_data(TensorData::new(y, [1, count, dimensions]), device);
            let embedded = host(&energy.embed(points));
            let bias = energy.score.bias.as_ref().map_or(0.0, |bias| host(&bias.val())[0]);
            Points::OneLayer(OneLayer::new(&embedded, host(&energy.score.weight.val()), bias))
        } else {
            let head = Head::of(energy).filter(|_| dimensions == 1)?;
            Points::Narrow { head: Box::new(head), y }
        };
        Some(Self { head, count })
    }

    /// Scores `[rows, points]` of examples whose projected features are `from_features`, `[rows, hidden]`, on the host.
    pub(crate) fn scores(&self, from_features: &[f32], rows: usize) -> Vec<f32> {
        let mut scores = vec![0.0; rows * self.count];
        match &self.head {
            Points::Narrow { head, y } => scores_of_narrow(head, from_features, y, &mut scores),
            Points::OneLayer(points) => points.scores(from_features, &mut scores),
        }
        scores
    }
}

/// `log Σ e^f` of each row of scores, nats.
pub(crate) fn log_sums(scores: &[f32], points: usize) -> Vec<f64> {
    let arch = Arch::new();
    scores.par_chunks(points).map(|row| log_sum_exp(arch, row)).collect()
}
