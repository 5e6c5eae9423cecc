//! The branches of a mixture density network on a batch on the host: forward and backward pass.

use burn::nn::Linear;
use pulp::Arch;

use super::gradients::Gradients;
use super::layer::{Layer, rectify};
use super::matrix::Matrix;

/// The two layers of each branch: means, log-variances, logits.
pub(crate) struct Branches<'a>([[Layer<'a>; 2]; 3]);

/// The outputs of both layers of each branch.
pub(crate) struct BranchOutputs([[Matrix; 2]; 3]);

impl BranchOutputs {
    /// Means, log-variances and logits.
    pub(super) fn last(&self) -> [&Matrix; 3] {
        self.0.each_ref().map(|[_, last]| last)
    }
}

impl<'a> Branches<'a> {
    pub(crate) fn of(branches: [[&'a Linear; 2]; 3]) -> Self {
        Self(branches.map(|branch| branch.map(Layer::of)))
    }

    pub(crate) fn forward(&self, arch: Arch, features: &Matrix) -> BranchOutputs {
        BranchOutputs(self.0.each_ref().map(|[hidden, last]| {
            let units = hidden.forward_rectified(arch, features);
            let output = last.forward(arch, &units);
            [units, output]
        }))
    }

    /// Adds the gradients of the layers to `gradients`, from those of the outputs, and the gradient of the features to
    /// `by_features` if there is one.
    pub(crate) fn backward(
        &self,
        arch: Arch,
        features: &Matrix,
        outputs: &BranchOutputs,
        deltas: [Matrix; 3],
        mut by_features: Option<&mut Matrix>,
        gradients: &mut Gradients,
    ) {
        for (([hidden, last], [units, _]), delta) in self.0.iter().zip(&outputs.0).zip(deltas) {
            last.gradient(arch, units, &delta, gradients);
            let mut by_units = units.zeros_like();
            last.backward(arch, &delta, &mut by_units);
            rectify(arch, &mut by_units, units);
            hidden.gradient(arch, features, &by_units, gradients);
            if let Some(by_features) = &mut by_features {
                hidden.backward(arch, &by_units, by_features);
            }
        }
    }
}
