//! A model of any of the four methods, as it is trained, saved and used.

use burn::module::Module;
use burn::tensor::Tensor;

use crate::data::dataset::Batch;
use crate::math::noise::Noise;
use crate::method::conditional::Conditional;
use crate::method::ebm_fixed::EbmFixed;
use crate::method::ebm_learned::EbmLearned;
use crate::method::losses::Losses;
use crate::method::mdn::MdnRegressor;
use crate::method::mdn_teacher::MdnTeacher;
use crate::method::phase::Phase;
use crate::method::regressor::Regressor;

/// A model of any method.
#[derive(Module, Debug)]
#[allow(clippy::large_enum_variant)] // One lives at a time.
pub enum Model {
    /// MDN by its likelihood.
    Mdn(MdnRegressor),
    /// Energy-based model against fixed noise.
    EbmFixed(EbmFixed),
    /// Energy-based model with its learned proposal.
    Ebm(EbmLearned),
    /// MDN with an energy-based teacher.
    MdnTeacher(MdnTeacher),
}

impl Regressor for Model {
    fn losses(&self, batch: &Batch, phase: Phase, noise: &mut Noise) -> Losses {
        match self {
            Self::Mdn(model) => model.losses(batch, phase, noise),
            Self::EbmFixed(model) => model.losses(batch, phase, noise),
            Self::Ebm(model) => model.losses(batch, phase, noise),
            Self::MdnTeacher(model) => model.losses(batch, phase, noise),
        }
    }
}

impl Model {
    /// Width of the features that the predictive density is made from.
    pub(crate) fn feature_width(&self) -> usize {
        match self {
            Self::Mdn(model) => model.mdn.features(),
            Self::MdnTeacher(model) => model.mdn.features(),
            Self::EbmFixed(model) => model.energy.widths()[0],
            Self::Ebm(model) => model.energy.widths()[0],
        }
    }

    /// Features `[batch, features]` of inputs `[batch, input]`.
    pub fn features(&self, input: Tensor<2>) -> Tensor<2> {
        match self {
            Self::Mdn(model) => model.feature.forward(input),
            Self::MdnTeacher(model) => model.feature.forward(input),
            Self::EbmFixed(model) => model.feature.forward(input),
            Self::Ebm(model) => model.feature.forward(input),
        }
    }

    /// `p(y|x)` at inputs `[batch, input]`.
    pub fn conditional(&self, input: Tensor<2>) -> Conditional<'_> {
        self.conditional_on(self.features(input))
    }

    /// `p(y|x)` at inputs whose [`Model::features`] are given, `[batch, features]`.
    pub fn conditional_on(&self, features: Tensor<2>) -> Conditional<'_> {
        match self {
            Self::Mdn(model) => Conditional::Mixture(model.mdn.forward(features)),
            Self::MdnTeacher(model) => Conditional::Mixture(model.mdn.forward(features)),
            Self::EbmFixed(model) => Conditional::Energy { energy: &model.energy, features, proposal: None },
            Self::Ebm(model) => {
                let proposal = Some(model.proposal.forward(features.clone()));
                Conditional::Energy { energy: &model.energy, features, proposal }
            }
        }
    }
}
