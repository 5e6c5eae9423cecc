//! The trait of trainable models.

use burn::module::Module;

use crate::data::dataset::Batch;
use crate::math::noise::Noise;
use crate::method::losses::Losses;
use crate::method::phase::Phase;
use crate::network::input::Input;

/// A model with its own training losses.
pub trait Regressor: Module {
    /// The input of the feature network.
    type Input: Input;

    /// The losses of one batch. One `backward` of the total gives the gradient of all parameters trained in this phase.
    fn losses(&self, batch: &Batch<Self::Input>, phase: Phase, noise: &mut Noise) -> Losses;
}
