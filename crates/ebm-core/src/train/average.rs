//! Running mean of the weights.

use std::collections::BTreeMap;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::Tensor;

/// `average ← keep · average + (1 − keep) · model` for every parameter, on its device.
///
/// At a constant learning rate, Adam's weights fluctuate around a minimum; their mean is closer to it.
///
/// Source: Polyak, Juditsky, "Acceleration of stochastic approximation by averaging", 1992.
pub(crate) fn follow<M: Module>(average: M, model: &M, keep: f64) -> M {
    let mut weights = Weights::default();
    model.visit(&mut weights);
    average.map(&mut Follow { weights: weights.found, path: Vec::new(), keep })
}

/// The decay `keep` after `steps` steps, at most `most`. Smaller in the first steps, to forget early weights.
pub(crate) fn keep(most: f64, steps: usize) -> f64 {
    most.min((1 + steps) as f64 / (10 + steps) as f64)
}

#[derive(Default)]
struct Weights {
    path: Vec<String>,
    found: BTreeMap<String, Tensor<1>>,
}

impl ModuleVisitor for Weights {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.found.insert(self.path.join("."), param.val().without_autodiff().flatten(0, D - 1));
    }
}

struct Follow {
    weights: BTreeMap<String, Tensor<1>>,
    path: Vec<String>,
    keep: f64,
}

impl ModuleMapper for Follow {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let weight = self.weights.remove(&self.path.join(".")).expect("an average has its model's parameters");
        param.map(|average| {
            let shape = average.shape();
            let average = average.without_autodiff().flatten::<1>(0, D - 1);
            let moved = average * self.keep + weight * (1.0 - self.keep);
            moved.reshape(shape).autodiff().require_grad()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::examples::Examples;
    use crate::io::tensors;
    use crate::math::noise::{Noise, Purpose};
    use crate::method::config::{Method, ModelConfig};
    use crate::method::model::Model;
    use crate::network::linear::linear;
    use crate::train::{Flow, Observer, TrainState, TrainingConfig, fit};
    use burn::tensor::Device;

    #[test]
    fn an_average_lies_between_its_past_and_the_model() {
        let device = Device::flex().autodiff();
        let [average, model] = [1, 2].map(|seed| linear(3, 2, &mut Noise::new(seed, Purpose::Weights, 0, 0), &device));
        let read = |layer: &burn::nn::Linear| layer.weight.val().into_data().try_to_vec::<f32>().unwrap();
        let (before, target) = (read(&average), read(&model));
        let after = follow(average, &model, 0.75);
        for ((before, target), after) in before.iter().zip(&target).zip(read(&after)) {
            assert!((after - (0.75 * before + 0.25 * target)).abs() < 1e-6);
        }
        assert!(after.weight.is_require_grad(), "a selected model can be trained on");
    }

    #[test]
    fn without_a_selection_the_mean_of_the_weights_is_kept() {
        /// Follows the weights from outside.
        struct Mean(Option<Model>, usize);
        impl Observer<Model> for Mean {
            fn step(&mut self, state: &TrainState<Model>) -> Flow {
                let before = self.0.take().unwrap_or_else(|| tensors::copy(&state.model));
                self.0 = Some(follow(before, &state.model, keep(0.9, self.1)));
                self.1 += 1;
                Flow::Continue
            }
        }
        let x: Vec<f64> = (0..12).map(|i| f64::from(i) * 0.4 - 2.0).collect();
        let examples = Examples::from_pairs(&x, &x.iter().map(|x| x.sin()).collect::<Vec<_>>());
        let device = Device::flex().autodiff();
        let start = || TrainState::new(ModelConfig::scalar(Method::ebm(2)).init(1, &device), 5);
        let last = TrainingConfig { epochs: 3, batch_size: 5, m: 16, ..TrainingConfig::default() };
        let averaged = TrainingConfig { average: 0.9, ..last.clone() };
        let mut mean = Mean(None, 0);
        let kept = tensors::collect(&fit(start(), &examples, &averaged, &mut mean).unwrap().model);
        assert!(kept == tensors::collect(&mean.0.unwrap()));
        assert!(kept != tensors::collect(&fit(start(), &examples, &last, &mut ()).unwrap().model));
    }

    #[test]
    fn early_weights_are_soon_forgotten() {
        assert_eq!(keep(0.99, 0), 0.1);
        assert_eq!(keep(0.99, 10_000), 0.99);
    }
}
