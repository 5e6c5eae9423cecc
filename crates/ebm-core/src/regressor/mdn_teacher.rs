//! MDN with a jointly trained energy-based teacher.

use burn::module::Module;
use burn::tensor::Tensor;

use super::{Contrast, Losses, Regressor};
use crate::feature::Mlp;
use crate::loss::{mixture_nll, proposal_kl};
use crate::{Batch, EnergyNet, GaussianMixture, Mdn, Noise, Objective};

/// A mixture density network guided by an energy-based teacher; two whole networks. Paper: Sec. 3.3.
///
/// The MDN is the product: `½ KL + ½ NLL`, eq. (8), with the gradient into its own backbone.
#[derive(Module, Debug)]
pub struct MdnTeacher {
    pub(crate) feature: Mlp,
    pub(crate) mdn: Mdn,
    pub(crate) teacher_feature: Mlp,
    pub(crate) teacher: EnergyNet,
    #[module(skip)]
    pub(crate) objective: Objective,
}

impl MdnTeacher {
    /// `q(y|x)` for inputs `[batch, input]`.
    pub fn mixture(&self, input: Tensor<2>) -> GaussianMixture {
        self.mdn.forward(self.feature.forward(input))
    }
}

impl Regressor for MdnTeacher {
    fn losses(&self, batch: &Batch, m: usize, noise: &mut Noise) -> Losses {
        let q = self.mixture(batch.input.clone());
        let features = self.teacher_feature.forward(batch.input.clone());
        let contrast = Contrast::new(&self.teacher, features, batch.target.clone(), &q, m, noise);
        Losses::sum(vec![
            (self.objective.name(), 1.0, contrast.energy_loss(self.objective)),
            ("nll", 0.5, mixture_nll(contrast.observed.log_q)),
            ("proposal_kl", 0.5, proposal_kl(contrast.noise)),
        ])
    }
}
