//! A model of any method.

use burn::module::Module;
use burn::tensor::Tensor;

use crate::data::dataset::Batch;
use crate::math::noise::Noise;
use crate::method::conditional::{Conditional, Unnormalised};
use crate::method::ebm_fixed::EbmFixed;
use crate::method::ebm_learned::EbmLearned;
use crate::method::losses::Losses;
use crate::method::mdn::MdnRegressor;
use crate::method::mdn_teacher::MdnTeacher;
use crate::method::phase::Phase;
use crate::method::regressor::Regressor;
use crate::method::residual::EbmResidual;
use crate::network::backbone::Backbone;
use crate::network::features::Features;

/// A model of any method, on a feature network of any kind.
#[derive(Module, Debug)]
#[allow(clippy::large_enum_variant)] // One lives at a time.
pub enum Model<F: Features = Backbone> {
    /// MDN trained by maximum likelihood.
    Mdn(MdnRegressor<F>),
    /// Energy-based model trained with fixed noise.
    EbmFixed(EbmFixed<F>),
    /// Energy-based model with a learned proposal.
    Ebm(EbmLearned<F>),
    /// MDN with an energy-based teacher.
    MdnTeacher(MdnTeacher<F>),
    /// Energy relative to a mixture that is trained by its likelihood.
    Residual(EbmResidual<F>),
}

impl<F: Features> Regressor for Model<F> {
    type Input = F::Input;

    fn losses(&self, batch: &Batch<F::Input>, phase: Phase, noise: &mut Noise) -> Losses {
        match self {
            Self::Mdn(model) => model.losses(batch, phase, noise),
            Self::EbmFixed(model) => model.losses(batch, phase, noise),
            Self::Ebm(model) => model.losses(batch, phase, noise),
            Self::MdnTeacher(model) => model.losses(batch, phase, noise),
            Self::Residual(model) => model.losses(batch, phase, noise),
        }
    }
}

impl<F: Features> Model<F> {
    /// The feature network of the predictive density; for an MDN with a teacher, that of the MDN.
    pub fn feature(&self) -> &F {
        match self {
            Self::Mdn(model) => &model.feature,
            Self::MdnTeacher(model) => &model.feature,
            Self::EbmFixed(model) => &model.feature,
            Self::Ebm(model) => &model.feature,
            Self::Residual(model) => &model.feature,
        }
    }

    /// Features `[batch, features]` of the inputs of a batch.
    pub fn features(&self, input: F::Input) -> Tensor<2> {
        self.feature().forward(input)
    }

    /// `p(y|x)` at the inputs of a batch.
    pub fn conditional(&self, input: F::Input) -> Conditional<'_> {
        self.conditional_on(self.features(input))
    }

    /// `p(y|x)` at inputs whose [`Model::features`] are given, `[batch, features]`.
    pub fn conditional_on(&self, features: Tensor<2>) -> Conditional<'_> {
        match self {
            Self::Mdn(model) => Conditional::Mixture(model.mdn.forward(features)),
            Self::MdnTeacher(model) => Conditional::Mixture(model.mdn.forward(features)),
            Self::EbmFixed(model) => Conditional::Energy(Unnormalised::free(&model.energy, features, None)),
            Self::Ebm(model) => {
                let proposal = model.proposal.forward(features.clone());
                Conditional::Energy(Unnormalised::free(&model.energy, features, Some(proposal)))
            }
            Self::Residual(model) => {
                let proposal = model.proposal.forward(features.clone());
                Conditional::Energy(Unnormalised::residual(&model.energy, features, proposal))
            }
        }
    }
}
