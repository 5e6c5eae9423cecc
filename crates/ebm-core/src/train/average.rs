//! Running mean of the weights.

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{Tensor, TensorData};

use crate::math::host::{on_cpu, with_values};

/// `average ← keep · average + (1 − keep) · model` for every parameter, as constants on its device.
///
/// At a constant learning rate, Adam's weights fluctuate around a minimum; their mean is closer to it.
///
/// Source: Polyak, Juditsky, "Acceleration of stochastic approximation by averaging", 1992.
pub(crate) fn follow<M: Module>(average: M, model: &M, keep: f64) -> M {
    let mut weights = Weights::default();
    model.visit(&mut weights);
    average.map(&mut Follow { weights: weights.0.into_iter(), keep })
}

/// The decay `keep` after `steps` steps, at most `most`. Smaller in the first steps, to forget early weights.
pub(crate) fn keep(most: f64, steps: usize) -> f64 {
    most.min((1 + steps) as f64 / (10 + steps) as f64)
}

/// The weights of a model in the order in which it is visited.
#[derive(Default)]
struct Weights(Vec<Tensor<1>>);

impl ModuleVisitor for Weights {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.0.push(param.val().without_autodiff().flatten(0, D - 1));
    }
}

struct Follow {
    weights: std::vec::IntoIter<Tensor<1>>,
    keep: f64,
}

impl ModuleMapper for Follow {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let weight = self.weights.next().expect("an average has its model's parameters");
        param.map(|average| {
            let average = average.without_autodiff();
            if on_cpu(&average) {
                return self.on_host(average, &weight);
            }
            let shape = average.shape();
            (average.flatten::<1>(0, D - 1) * self.keep + weight * (1.0 - self.keep)).reshape(shape)
        })
    }
}

impl Follow {
    /// The same in one loop on the CPU, bit by bit.
    fn on_host<const D: usize>(&self, average: Tensor<D>, weight: &Tensor<1>) -> Tensor<D> {
        let [keep, rest] = [self.keep, 1.0 - self.keep].map(|factor| factor as f32);
        let (shape, device) = (average.dims(), average.device());
        let mut values = average.into_data().try_into_vec::<f32>().expect("numbers on the CPU are f32");
        with_values(weight, |weight| {
            values.iter_mut().zip(weight).for_each(|(average, weight)| *average = *average * keep + weight * rest);
        });
        Tensor::from_data(TensorData::new(values, shape), &device)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::tensors;
    use crate::math::noise::{Noise, Purpose};
    use crate::network::linear::linear;
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
        assert!(tensors::copy(&after).weight.val().is_require_grad(), "a selected model can be trained on");
    }

    #[test]
    fn early_weights_are_soon_forgotten() {
        assert_eq!(keep(0.99, 0), 0.1);
        assert_eq!(keep(0.99, 10_000), 0.99);
    }
}
