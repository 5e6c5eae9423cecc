//! Sequences of fully-connected layers on a batch on the host: forward and backward pass.

use burn::nn::Linear;

use super::layer::{Layer, LayerGradient, rectify};

/// The layers of a backbone, each followed by a ReLU.
pub(crate) struct Layers<'a>(Vec<Layer<'a>>);

impl<'a> Layers<'a> {
    pub(crate) fn of(layers: &'a [Linear]) -> Self {
        Self(layers.iter().map(Layer::of).collect())
    }

    /// The input, then the output of every layer.
    #[inline(always)]
    pub(crate) fn forward(&self, input: Vec<f32>, length: usize) -> Vec<Vec<f32>> {
        let mut activations = vec![input];
        for layer in &self.0 {
            let next = layer.forward(activations.last().expect("the input at least"), length, true);
            activations.push(next);
        }
        activations
    }

    /// Appends the gradients of the layers to `gradients`; `delta` is the gradient of the last output.
    #[inline(always)]
    pub(crate) fn backward(
        &self,
        activations: &[Vec<f32>],
        mut delta: Vec<f32>,
        length: usize,
        gradients: &mut Vec<LayerGradient<'a>>,
    ) {
        for (index, layer) in self.0.iter().enumerate().rev() {
            let input = &activations[index];
            rectify(&mut delta, &activations[index + 1]);
            gradients.push(layer.gradient(input, &delta, length));
            if index > 0 {
                let mut by_input = vec![0.0; input.len()];
                layer.backward(&delta, length, &mut by_input);
                delta = by_input;
            }
        }
    }
}

/// The branches of a mixture density network: means, log-variances, logits.
pub(crate) struct Branches<'a>([[Layer<'a>; 2]; 3]);

impl<'a> Branches<'a> {
    pub(crate) fn of(branches: [[&'a Linear; 2]; 3]) -> Self {
        Self(branches.map(|branch| branch.map(Layer::of)))
    }

    /// The outputs of both layers of each branch.
    #[inline(always)]
    pub(crate) fn forward(&self, features: &[f32], length: usize) -> [[Vec<f32>; 2]; 3] {
        self.0.each_ref().map(
            #[inline(always)]
            |[hidden, last]| {
                let units = hidden.forward(features, length, true);
                let output = last.forward(&units, length, false);
                [units, output]
            },
        )
    }

    /// Appends the gradients of the layers to `gradients`, from those of the outputs. Returns the gradient of the
    /// features.
    #[inline(always)]
    pub(crate) fn backward(
        &self,
        features: &[f32],
        outputs: &[[Vec<f32>; 2]; 3],
        deltas: [Vec<f32>; 3],
        length: usize,
        gradients: &mut Vec<LayerGradient<'a>>,
    ) -> Vec<f32> {
        let mut by_features = vec![0.0; features.len()];
        for (([hidden, last], [units, _]), delta) in self.0.iter().zip(outputs).zip(deltas) {
            gradients.push(last.gradient(units, &delta, length));
            let mut by_units = vec![0.0; units.len()];
            last.backward(&delta, length, &mut by_units);
            rectify(&mut by_units, units);
            gradients.push(hidden.gradient(features, &by_units, length));
            hidden.backward(&by_units, length, &mut by_features);
        }
        by_features
    }
}
