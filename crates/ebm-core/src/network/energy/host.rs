//! The energy's head in the form that the kernels on the host take.

use burn::nn::Linear;

use super::EnergyNet;
use crate::kernel::{AnyHead, Head, WIDEST, Weights, WideHead};
use crate::math::host::host;

impl EnergyNet {
    /// The layers that candidates pass through, in order.
    pub(crate) fn candidate_layers(&self) -> impl Iterator<Item = &Linear> {
        self.target_layers.iter().chain([&self.from_target]).chain(&self.residual).chain([&self.score])
    }

    /// The head for a scalar target on a line; `None` for other targets or if a layer is too wide.
    pub(crate) fn narrow_head(&self) -> Option<Head> {
        let narrow = self.candidate_layers().all(|layer| layer.weight.dims()[1] <= WIDEST);
        (self.candidate_inputs() == 1 && narrow && self.axes.is_empty()).then(|| {
            let (layers, score) = self.weights();
            Head::new(layers, self.residual.is_some(), score)
        })
    }

    /// The head for targets of any dimension on lines and layers of any width.
    pub(crate) fn any_head(&self) -> AnyHead {
        if let Some(head) = self.narrow_head() {
            return AnyHead::Narrow(head);
        }
        let (layers, score) = self.weights();
        AnyHead::Wide(WideHead::new(self.candidate_inputs(), layers, self.residual.is_some(), score))
    }

    /// Inputs of the first layer, per candidate.
    pub(super) fn candidate_inputs(&self) -> usize {
        self.candidate_layers().next().expect("a head has layers").weight.dims()[0]
    }

    /// The weights of the layers that candidates pass through, and of the score.
    fn weights(&self) -> (Vec<Weights>, Weights) {
        let weights = |layer: &Linear| {
            (host(&layer.weight.val()), layer.bias.as_ref().map(|bias| host(&bias.val())).unwrap_or_default())
        };
        let mut layers: Vec<Weights> = self.candidate_layers().map(weights).collect();
        let score = layers.pop().expect("the last layer gives the score");
        (layers, score)
    }
}
