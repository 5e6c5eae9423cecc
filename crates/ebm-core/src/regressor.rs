//! The four methods: what is trained by which loss.

mod ebm_fixed;
mod ebm_learned;
mod mdn;
mod mdn_teacher;

use burn::module::Module;
use burn::tensor::Tensor;

pub use ebm_fixed::EbmFixed;
pub use ebm_learned::EbmLearned;
pub use mdn::MdnRegressor;
pub use mdn_teacher::MdnTeacher;

use crate::loss::{Candidates, importance_nll, nce};
use crate::{Batch, Density, EnergyNet, GaussianMixture, Noise, Objective};

/// A model that knows its own training loss.
pub trait Regressor: Module {
    /// The losses of one batch with `m` candidates an example; one `backward` of the total trains everything.
    fn losses(&self, batch: &Batch, m: usize, noise: &mut Noise) -> Losses;
}

/// What one step minimises, and its named parts; means over the batch in nats, shape `[1]`.
#[derive(Debug)]
pub struct Losses {
    /// The sum that is minimised.
    pub total: Tensor<1>,
    /// Its parts, constants for the gradient, always the same names in the same order.
    pub parts: Vec<(&'static str, Tensor<1>)>,
}

impl Losses {
    /// Per-example losses `[batch]`, each with its name and weight in the total.
    fn sum(parts: Vec<(&'static str, f64, Tensor<1>)>) -> Self {
        let means = parts.into_iter().map(|(name, weight, loss)| (name, weight, loss.mean())).collect::<Vec<_>>();
        let total = means.iter().map(|(_, weight, mean)| mean.clone() * *weight).reduce(|sum, part| sum + part);
        Self {
            total: total.expect("a method has at least one loss"),
            parts: means.into_iter().map(|(name, _, mean)| (name, mean.without_autodiff())).collect(),
        }
    }
}

/// What the energy's losses need of a batch: the observed target and `m` draws from `q`, scored.
struct Contrast {
    observed: Candidates,
    noise: Candidates,
}

impl Contrast {
    fn new(
        energy: &EnergyNet,
        features: Tensor<2>,
        y: Tensor<2>,
        q: &GaussianMixture,
        m: usize,
        noise: &mut Noise,
    ) -> Self {
        let scored =
            |y: Tensor<3>| Candidates { score: energy.score(features.clone(), y.clone()), log_q: q.log_prob(y) };
        Self { observed: scored(y.unsqueeze_dim(1)), noise: scored(q.sample(m, noise)) }
    }

    /// The energy's loss, `[batch]`.
    fn energy_loss(&self, objective: Objective) -> Tensor<1> {
        match objective {
            Objective::Nce => nce(self.observed.clone(), self.noise.clone()),
            Objective::Importance => importance_nll(self.observed.score.clone(), self.noise.clone()),
        }
    }
}
