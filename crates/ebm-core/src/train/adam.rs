//! Adam with its state keyed by parameter path, so that it can be saved and resumed exactly.

mod host;

use std::collections::BTreeMap;

use burn::module::{Module, ModuleMapper, Param};
use burn::optim::{AdamConfig, AdamState, AdaptiveMomentumState, GradientsParams, Optimizer};
use burn::tensor::{Device, Tensor, TensorData};

use crate::math::host::on_cpu;
use crate::train::Health;
use host::{BETAS, EPSILON, HostState};

/// Adam with β = (0.9, 0.999) and PyTorch's ε = 1e-8 (Burn's default is 1e-5).
///
/// The update is Burn's; on the CPU the same arithmetic runs in one loop. Burn's module optimiser keys its state by
/// parameter ids, which are random in every process, and restores it on the default device. This one uses the parameter
/// path, like the weights.
#[derive(Clone, Default)]
pub struct Adam {
    states: BTreeMap<String, State>,
}

/// The state of one parameter: numbers for a single network on the CPU, otherwise tensors.
#[derive(Clone)]
#[allow(clippy::large_enum_variant)] // All parameters of a model are of one kind.
enum State {
    Host(HostState),
    Device(AdamState<1>),
}

/// Step count and moments of one parameter, on the host.
#[derive(Debug, Clone)]
pub(crate) struct Moments {
    pub time: usize,
    pub first: TensorData,
    pub second: TensorData,
}

impl Adam {
    /// Updates every parameter that has a gradient.
    pub fn step<M: Module>(&mut self, learning_rate: f64, model: M, gradients: GradientsParams) -> M {
        self.step_if(&Health::Known(true), Rates { learning_rate, weight_decay: 0.0 }, model, gradients)
    }

    /// [`Adam::step`] if the loss and gradient are finite; otherwise nothing changes. Exception: if [`Health`] is
    /// deferred, the update count increases anyway. It only affects the bias correction of the first few hundred steps.
    pub(crate) fn step_if<M: Module>(
        &mut self,
        health: &Health,
        rates: Rates,
        model: M,
        gradients: GradientsParams,
    ) -> M {
        if matches!(health, Health::Known(false)) {
            return model;
        }
        model.map(&mut Step { rates, health, gradients, path: Vec::new(), states: &mut self.states })
    }

    pub(crate) fn to_host(&self) -> BTreeMap<String, Moments> {
        let host = |state: &State| match state {
            State::Host(state) => {
                let data = |values: &[f32]| TensorData::new(values.to_vec(), [values.len()]);
                Moments { time: state.time, first: data(&state.first), second: data(&state.second) }
            }
            State::Device(AdamState { momentum }) => {
                Moments { time: momentum.time, first: momentum.moment_1.to_data(), second: momentum.moment_2.to_data() }
            }
        };
        self.states.iter().map(|(path, state)| (path.clone(), host(state))).collect()
    }

    pub(crate) fn from_host(moments: BTreeMap<String, Moments>, device: &Device) -> Self {
        let load = |Moments { time, first, second }: Moments| {
            let (first, second) = (Tensor::from_data(first, device), Tensor::from_data(second, device));
            if on_cpu(&first) {
                State::Host(HostState { time, first: values(first), second: values(second) })
            } else {
                State::Device(AdamState::new(AdaptiveMomentumState::new(time, first, second)))
            }
        };
        Self { states: moments.into_iter().map(|(path, moments)| (path, load(moments))).collect() }
    }
}

/// Learning rate and weight decay of a step.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rates {
    pub learning_rate: f64,
    /// Decoupled weight decay: a step subtracts `learning_rate · weight_decay · weight`. Not applied to vectors.
    pub weight_decay: f64,
}

struct Step<'a> {
    rates: Rates,
    health: &'a Health,
    gradients: GradientsParams,
    path: Vec<String>,
    states: &'a mut BTreeMap<String, State>,
}

impl Step<'_> {
    /// The updated parameter by Burn's implementation. All tensors are `[n]`.
    fn on_device(&mut self, path: String, value: Tensor<1>, gradient: Tensor<1>, decay: f64) -> Tensor<1> {
        let state = self.states.remove(&path).map(|state| match state {
            State::Device(state) => state,
            State::Host(state) => state.into_tensors(&value.device()),
        });
        let rule = AdamConfig::new().with_beta_1(BETAS[0]).with_beta_2(BETAS[1]).with_epsilon(EPSILON).build();
        let old = match &state {
            Some(AdamState { momentum }) => [momentum.moment_1.clone(), momentum.moment_2.clone()],
            None => [value.zeros_like(), value.zeros_like()],
        };
        let decayed = if decay > 0.0 { value.clone() * (1.0 - decay) } else { value.clone() };
        let (updated, state) = rule.step(self.rates.learning_rate, decayed, gradient, state);
        let AdamState { momentum } = state.expect("Adam has a state");
        let [first, second] = old;
        let momentum = AdaptiveMomentumState::new(
            momentum.time,
            self.health.choose(momentum.moment_1, first),
            self.health.choose(momentum.moment_2, second),
        );
        self.states.insert(path, State::Device(AdamState::new(momentum)));
        self.health.choose(updated, value)
    }

    /// The updated parameter by the same rule in one loop on the CPU. All tensors are `[n]`.
    fn on_host(&mut self, path: String, value: Tensor<1>, gradient: Tensor<1>, decay: f64) -> Tensor<1> {
        let device = value.device();
        let (mut value, gradient) = (values(value), values(gradient));
        if decay > 0.0 {
            value.iter_mut().for_each(|value| *value *= (1.0 - decay) as f32);
        }
        let state = self.states.entry(path).or_insert_with(|| State::Host(HostState::new(value.len())));
        let State::Host(state) = state else { unreachable!("the state of a stack is on the device") };
        state.update(self.rates.learning_rate, &mut value, &gradient);
        let count = value.len();
        Tensor::from_data(TensorData::new(value, [count]), &device)
    }
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
            let value = value.without_autodiff().flatten::<1>(0, D - 1);
            let gradient = gradient.without_autodiff().flatten::<1>(0, D - 1);
            let decay = if D > 1 { self.rates.learning_rate * self.rates.weight_decay } else { 0.0 };
            let updated = if on_cpu(&value) && matches!(self.health, Health::Known(_)) {
                self.on_host(path, value, gradient, decay)
            } else {
                self.on_device(path, value, gradient, decay)
            };
            updated.reshape(shape).autodiff().require_grad()
        })
    }
}

/// The numbers of a tensor `[n]` on the CPU.
fn values(tensor: Tensor<1>) -> Vec<f32> {
    tensor.into_data().try_into_vec().expect("numbers on the CPU are f32")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::noise::{Noise, Purpose};
    use crate::network::linear::linear;

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

    #[test]
    fn the_loop_on_the_host_is_burns_rule_bit_by_bit() {
        for length in [37, (1 << 16) + 5] {
            agrees(length);
        }
    }

    fn agrees(length: usize) {
        let device = Device::flex();
        let noise = &mut Noise::new(0, Purpose::Weights, 0, 0);
        let mut states = [BTreeMap::new(), BTreeMap::new()];
        let start = noise.normal([length], &device);
        let mut parameters = [start.clone(), start];
        for step in 0..if length < 100 { 200 } else { 8 } {
            // Gradients much smaller than ε, much larger than ε, and zero.
            let scale = [1.0, 1e-9, 1e4, 0.0][step % 4];
            let decay = if step < 100 { 0.0 } else { 1e-4 };
            let gradient = noise.normal([length], &device) * scale;
            let [on_host, on_device] = states.each_mut().map(|states| Step {
                rates: Rates { learning_rate: 1e-3, weight_decay: 0.0 },
                health: &Health::Known(true),
                gradients: GradientsParams::new(),
                path: Vec::new(),
                states,
            });
            let [host, burn] = parameters;
            parameters = [
                { on_host }.on_host(String::new(), host, gradient.clone(), decay),
                { on_device }.on_device(String::new(), burn, gradient, decay),
            ];
            let [host, burn] = parameters.clone().map(|parameter| values(parameter).into_iter().map(f32::to_bits));
            assert!(host.eq(burn), "step {step}");
        }
    }
}
