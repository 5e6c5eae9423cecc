//! The trait of models that can be trained.

use burn::module::Module;

use crate::data::dataset::Batch;
use crate::math::noise::Noise;
use crate::method::losses::Losses;
use crate::method::phase::Phase;

/// A model that knows its own training loss.
pub trait Regressor: Module {
    /// The losses of one batch; one `backward` of the total trains everything that the phase trains.
    fn losses(&self, batch: &Batch, phase: Phase, noise: &mut Noise) -> Losses;
}
