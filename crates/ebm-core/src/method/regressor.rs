//! The trait of models that can be trained.

use burn::module::Module;

use crate::data::dataset::Batch;
use crate::math::noise::Noise;
use crate::method::losses::Losses;
use crate::method::phase::Phase;
use crate::network::input::Input;

/// A model that knows its own training loss.
pub trait Regressor: Module {
    /// What its feature network reads.
    type Input: Input;

    /// The losses of one batch; one `backward` of the total trains everything that the phase trains.
    fn losses(&self, batch: &Batch<Self::Input>, phase: Phase, noise: &mut Noise) -> Losses;
}
