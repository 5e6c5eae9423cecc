//! The four methods: what is trained by which loss.

mod ebm_fixed;
mod ebm_learned;
mod mdn;
mod mdn_teacher;
#[cfg(test)]
mod phases;

use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor};

pub use ebm_fixed::EbmFixed;
pub use ebm_learned::EbmLearned;
pub use mdn::MdnRegressor;
pub use mdn_teacher::MdnTeacher;

use crate::feature::Backbone;
use crate::kernel::{FusedLosses, FusedStep, MixtureLosses, Sums, WholeOutcome, WholeStep};
use crate::loss::{Candidates, importance_nll, nce};
use crate::{Batch, Density, EnergyNet, GaussianMixture, Kernels, Noise, Objective};

/// A model that knows its own training loss.
pub trait Regressor: Module {
    /// The losses of one batch; one `backward` of the total trains everything that the phase trains.
    fn losses(&self, batch: &Batch, phase: Phase, noise: &mut Noise) -> Losses;
}

/// What a step trains, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Phase {
    /// Candidates drawn for each example, M.
    pub m: usize,
    /// Whether the backbone learns.
    pub backbone: BackboneTraining,
    /// What the mixture learns from.
    pub mixture: MixtureLoss,
    /// What computes the step.
    pub kernels: Kernels,
}

impl Phase {
    /// Everything learns by the method's own losses, with `m` candidates an example.
    pub fn method(m: usize) -> Self {
        Self { m, backbone: BackboneTraining::Trained, mixture: MixtureLoss::Method, kernels: Kernels::default() }
    }

    /// The features of a batch: constants where the backbone is frozen, whose statistics are updated all the same.
    fn features(self, backbone: &Backbone, batch: &Batch) -> Tensor<2> {
        match self.backbone {
            BackboneTraining::Trained => backbone.forward_by(batch.input.clone().autodiff(), self.kernels),
            BackboneTraining::Frozen => backbone.frozen_by(batch.input.clone(), self.kernels),
        }
    }
}

/// Whether the backbone learns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BackboneTraining {
    /// By every loss that reaches it.
    Trained,
    /// It gets no gradient; its batch statistics are updated.
    Frozen,
}

/// What a mixture learns from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MixtureLoss {
    /// The method's own loss.
    Method,
    /// The likelihood alone. An energy that needs the mixture as its proposal waits.
    Likelihood,
}

/// What one step minimises, and its named parts; means over the batch in nats, shape `[networks]`: one, but for a stack.
pub struct Losses {
    /// The sum that is minimised; a constant where a kernel computed its gradient as well.
    pub total: Tensor<1>,
    /// Its parts, constants for the gradient, always the same names in the same order.
    pub parts: Vec<(&'static str, Tensor<1>)>,
    /// Of the total, where a kernel computed it.
    gradients: Option<GradientsParams>,
    /// What has the total's gradient, where the total is a constant.
    surrogate: Option<Tensor<1>>,
}

impl Losses {
    /// The gradient of the total by every parameter of a module that it trains; to be asked for once.
    pub fn gradients<M: Module>(&mut self, module: &M) -> GradientsParams {
        self.gradients.take().unwrap_or_else(|| {
            let root = self.surrogate.as_ref().unwrap_or(&self.total);
            GradientsParams::from_grads(root.backward(), module)
        })
    }

    /// Per-example losses `[batch]`, each with its name and weight in the total. A part of weight 0 is reported only:
    /// were it infinite, its product with 0 would spoil the total. The batch is as many equal parts as there are
    /// networks.
    fn sum(networks: usize, parts: Vec<(&'static str, f64, Tensor<1>)>) -> Self {
        let mean = |loss: Tensor<1>| {
            let [batch] = loss.dims();
            loss.reshape([networks, batch / networks]).mean_dim(1).squeeze_dim::<1>(1)
        };
        let means = parts.into_iter().map(|(name, weight, loss)| (name, weight, mean(loss))).collect::<Vec<_>>();
        let weighted = means.iter().filter(|(_, weight, _)| *weight != 0.0);
        let total = weighted.map(|(_, weight, mean)| mean.clone() * *weight).reduce(|sum, part| sum + part);
        Self {
            total: total.expect("a method has at least one loss"),
            parts: means.into_iter().map(|(name, _, mean)| (name, mean.without_autodiff())).collect(),
            gradients: None,
            surrogate: None,
        }
    }

    /// A sum that a kernel computed, and its parts.
    fn computed(step: FusedStep, parts: impl FnOnce(&FusedStep) -> Vec<(&'static str, Tensor<1>)>) -> Self {
        let parts = parts(&step);
        Self { total: step.total, parts, gradients: None, surrogate: step.surrogate }
    }

    /// What a kernel computed, gradients included.
    fn whole(outcome: WholeOutcome, device: &Device, parts: impl FnOnce(&Sums) -> Vec<(&'static str, f64)>) -> Self {
        let constant = |value: f64| Tensor::from_floats([value as f32], device);
        let WholeOutcome { total, losses, gradients } = outcome;
        let parts = parts(&losses).into_iter().map(|(name, value)| (name, constant(value))).collect();
        Self { total: constant(total), parts, gradients: Some(gradients), surrogate: None }
    }
}

/// What a kernel computes a step from; nothing where the phase wants tensor operations.
fn fused<'a>(
    phase: Phase,
    objective: Objective,
    energy: &'a EnergyNet,
    features: &'a Tensor<2>,
    batch: &'a Batch,
    mixture: &'a GaussianMixture,
    learned: Option<MixtureLosses>,
) -> Option<FusedLosses<'a>> {
    let losses = FusedLosses { energy, features, target: &batch.target, mixture, learned, objective, m: phase.m };
    // The kernel's Gaussians are not wrapped.
    (phase.kernels == Kernels::Fused && mixture.axes().is_empty()).then_some(losses)
}

/// The losses of a step that a kernel computes whole; nothing where there is none, or the phase wants tensor operations.
fn whole(
    phase: Phase,
    step: WholeStep<'_>,
    batch: &Batch,
    noise: &mut Noise,
    parts: impl FnOnce(&Sums) -> Vec<(&'static str, f64)>,
) -> Option<Losses> {
    let outcome = (phase.kernels == Kernels::Fused).then(|| step.run(batch, noise))??;
    Some(Losses::whole(outcome, &batch.input.device().inner(), parts))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loss::proposal_kl;
    use crate::{Dataset, Examples, Method, Model, ModelConfig, Purpose};
    use burn::module::{ModuleVisitor, Param};
    use burn::tensor::{Device, Gradients};

    /// What a loss trains.
    pub(super) fn of<M: Module>(gradients: Gradients, module: &M) -> GradientsParams {
        GradientsParams::from_grads(gradients, module)
    }

    /// Sum of the absolute gradients of all parameters of a module.
    pub(super) fn norm<M: Module>(module: &M, gradients: &GradientsParams) -> f32 {
        struct Sum<'a>(&'a GradientsParams, f32);
        impl ModuleVisitor for Sum<'_> {
            fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
                self.1 += self.0.get::<D>(param.id).map_or(0.0, |gradient| gradient.abs().sum().into_scalar::<f32>());
            }
        }
        let mut sum = Sum(gradients, 0.0);
        module.visit(&mut sum);
        sum.1
    }

    fn contrast(model: &EbmLearned) -> Contrast {
        let batch = Examples::from_pairs(&[-1.0, 0.5, 2.0], &[0.3, -0.1, 0.7]).batch(&[0, 1, 2], &Device::flex());
        let features = model.feature.forward(batch.input);
        let q = model.proposal.forward(features.clone().without_autodiff());
        let noise = &mut Noise::new(0, Purpose::Candidates, 0, 0);
        Contrast::new(&model.energy, features, batch.target, &q, 32, noise)
    }

    fn model() -> EbmLearned {
        let model = ModelConfig::scalar(Method::ebm(3)).init(1, &Device::flex().autodiff());
        let Model::Ebm(model) = model else { unreachable!("the method asked for") };
        model
    }

    #[test]
    fn the_energys_loss_trains_energy_and_backbone_but_not_the_proposal() {
        let model = model();
        for objective in [Objective::Nce, Objective::Importance] {
            let gradients = of(contrast(&model).energy_loss(objective).mean().backward(), &model);
            assert!(norm(&model.energy, &gradients) > 0.0);
            assert!(norm(&model.feature, &gradients) > 0.0);
            assert_eq!(norm(&model.proposal, &gradients), 0.0);
        }
    }

    #[test]
    fn the_proposals_loss_trains_its_head_and_nothing_else() {
        let model = model();
        let gradients = of(proposal_kl(contrast(&model).noise).mean().backward(), &model);
        assert!(norm(&model.proposal, &gradients) > 0.0);
        assert_eq!(norm(&model.energy, &gradients), 0.0);
        assert_eq!(norm(&model.feature, &gradients), 0.0);
    }

    #[test]
    fn a_taught_mdn_trains_its_own_backbone_and_the_teacher_its_own() {
        let method = Method::MdnTeacher { components: 3, objective: Objective::Nce };
        let model = ModelConfig::scalar(method).init(1, &Device::flex().autodiff());
        let batch = Examples::from_pairs(&[-1.0, 0.5], &[0.3, -0.1]).batch(&[0, 1], &Device::flex());
        let mut losses = model.losses(&batch, Phase::method(32), &mut Noise::new(0, Purpose::Candidates, 0, 0));
        let gradients = losses.gradients(&model);
        let Model::MdnTeacher(model) = &model else { unreachable!("the method asked for") };
        for norm in [norm(&model.feature, &gradients), norm(&model.teacher_feature, &gradients)] {
            assert!(norm > 0.0);
        }
        // ½ KL + ½ NLL + the teacher's NCE, eq. (8) and (6).
        let value = |name| losses.parts.iter().find(|(part, _)| *part == name).unwrap().1.clone().into_scalar::<f32>();
        let total = value("nce") + 0.5 * value("nll") + 0.5 * value("proposal_kl");
        assert!((losses.total.into_scalar::<f32>() - total).abs() < 1e-5);
    }
}
