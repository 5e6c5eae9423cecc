//! Adam whose state is keyed by parameter path, so that it can be saved and resumed exactly.

use std::collections::BTreeMap;

use burn::module::{Module, ModuleMapper, Param};
use burn::optim::{AdamConfig, AdamState, AdaptiveMomentumState, GradientsParams, Optimizer};
use burn::tensor::{Device, Tensor, TensorData};

/// Adam with β = (0.9, 0.999) and PyTorch's ε = 1e-8 (Burn's default is 1e-5).
///
/// The update is Burn's own. Burn's module optimiser keys its state by parameter ids, random in every process, and
/// restores it on the default device; this one keys it by path, as the weights are.
#[derive(Clone, Default)]
pub struct Adam {
    states: BTreeMap<String, AdamState<1>>,
}

/// The state of one parameter, on the host.
#[derive(Debug, Clone)]
pub(crate) struct Moments {
    pub time: usize,
    pub first: TensorData,
    pub second: TensorData,
}

impl Adam {
    /// One update of every parameter that has a gradient.
    pub fn step<M: Module>(&mut self, learning_rate: f64, model: M, gradients: GradientsParams) -> M {
        let rule = AdamConfig::new().with_epsilon(1e-8).build();
        model.map(&mut Step { rule, learning_rate, gradients, path: Vec::new(), states: &mut self.states })
    }

    pub(crate) fn to_host(&self) -> BTreeMap<String, Moments> {
        let host = |state: &AdamState<1>| Moments {
            time: state.momentum.time,
            first: state.momentum.moment_1.to_data(),
            second: state.momentum.moment_2.to_data(),
        };
        self.states.iter().map(|(path, state)| (path.clone(), host(state))).collect()
    }

    pub(crate) fn from_host(moments: BTreeMap<String, Moments>, device: &Device) -> Self {
        let load = |moments: Moments| {
            let first = Tensor::from_data(moments.first, device);
            let second = Tensor::from_data(moments.second, device);
            AdamState::new(AdaptiveMomentumState::new(moments.time, first, second))
        };
        Self { states: moments.into_iter().map(|(path, moments)| (path, load(moments))).collect() }
    }
}

struct Step<'a> {
    rule: burn::optim::Adam,
    learning_rate: f64,
    gradients: GradientsParams,
    path: Vec<String>,
    states: &'a mut BTreeMap<String, AdamState<1>>,
}

impl ModuleMapper for Step<'_> {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let Some(gradient) = self.gradients.remove::<D>(param.id) else { return param };
        let path = self.path.join(".");
        param.map(|value| {
            let shape = value.shape();
            let state = self.states.remove(&path);
            let flat = value.without_autodiff().flatten::<1>(0, D - 1);
            let gradient = gradient.without_autodiff().flatten::<1>(0, D - 1);
            let (updated, state) = self.rule.step(self.learning_rate, flat, gradient, state);
            self.states.extend(state.map(|state| (path, state)));
            updated.reshape(shape).autodiff().require_grad()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Noise, Purpose, linear::linear};

    #[test]
    fn the_first_step_moves_every_parameter_by_the_learning_rate_against_its_gradient() {
        let device = Device::flex().autodiff();
        let layer = linear(3, 2, &mut Noise::new(0, Purpose::Weights, 0, 0), &device);
        let before: Vec<f32> = layer.weight.val().into_data().try_to_vec().unwrap();
        let input = Tensor::<2>::from_floats([[1.0, -2.0, 1e-3]], &device);
        let loss = layer.forward(input).sum();
        let gradients = GradientsParams::from_grads(loss.backward(), &layer);
        let after = Adam::default().step(0.01, layer, gradients).weight.val();
        let after: Vec<f32> = after.into_data().try_to_vec().unwrap();
        for (row, sign) in [1.0, -1.0, 1.0].into_iter().enumerate() {
            for column in 0..2 {
                let moved = after[row * 2 + column] - before[row * 2 + column];
                // m̂/(√v̂ + ε) is 1 up to ε/|g| = 1e-5; Burn's own ε would be 1e-2 off in the last row.
                assert!((moved + 0.01 * sign).abs() < 1e-6, "{moved}");
            }
        }
    }
}
