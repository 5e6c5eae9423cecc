//! Which parameters each phase of training trains, tested with gradients and with whole runs.

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::laws::{norm, of};
use super::losses::Losses;
use super::phase::{BackboneTraining, MixtureLoss, Phase};
use super::regressor::Regressor;
use crate::data::dataset::Dataset;
use crate::data::examples::Examples;
use crate::io::tensors::{self, Named};
use crate::loss::Objective;
use crate::loss::mixture_nll;
use crate::math::noise::Noise;
use crate::math::noise::Purpose;
use crate::method::config::{Method, ModelConfig, NetworkConfig};
use crate::method::model::Model;
use crate::network::backbone::BackboneConfig;
use crate::train::{EpochReport, Observer, TrainState, TrainingConfig, fit};

/// Four random images of 64 × 64 and their targets.
fn images() -> Examples {
    let device = Device::flex();
    let mut noise = Noise::new(5, Purpose::Prediction, 0, 0);
    let mut draw = |width| noise.normal([4, width], &device).into_data().try_to_vec::<f32>().unwrap();
    Examples::new(draw(3 * 64 * 64), 3 * 64 * 64, draw(1), 1)
}

/// A narrow image network.
fn image_model(method: Method) -> Model {
    let backbone = BackboneConfig::Resnet18 { width: 2 };
    let network = NetworkConfig { backbone, target_widths: vec![4], hidden: 8, residual: false };
    ModelConfig { input: 3 * 64 * 64, target: 1, method, network, axes: Vec::new() }.init(1, &Device::flex().autodiff())
}

fn scalar_model(method: Method) -> Model {
    ModelConfig::scalar(method).init(1, &Device::flex().autodiff())
}

fn teacher() -> Method {
    Method::MdnTeacher { components: 2, objective: Objective::Nce }
}

/// Whether a tensor of a backbone is a running statistic.
fn is_statistic(name: &str) -> bool {
    name.contains("running_")
}

/// The tensors and the parameters known to Adam after every epoch, the initial ones first.
struct Diary(Vec<(Named, Vec<String>)>);

impl Diary {
    fn of(model: Model, examples: &Examples, training: &TrainingConfig) -> Self {
        let mut diary = Self(vec![(tensors::collect(&model), Vec::new())]);
        fit(TrainState::new(model, 3), examples, training, &mut diary).unwrap();
        diary
    }

    /// Names of the tensors that changed in epoch `epoch`, counted from 0.
    fn changed(&self, epoch: usize) -> Vec<&String> {
        let (before, after) = (&self.0[epoch].0, &self.0[epoch + 1].0);
        after.iter().filter(|(name, data)| before[*name] != **data).map(|(name, _)| name).collect()
    }

    /// Names of the parameters that Adam has updated up to the end of epoch `epoch`, counted from 0.
    fn updated(&self, epoch: usize) -> &[String] {
        &self.0[epoch + 1].1
    }
}

impl Observer<Model> for Diary {
    fn epoch(&mut self, state: &TrainState<Model>, _: &EpochReport) {
        self.0.push((tensors::collect(&state.model), state.adam.to_host().into_keys().collect()));
    }
}

#[test]
fn the_freeze_stops_the_gradient_and_not_the_statistics() {
    let batch = images().batch(&[0, 1, 2, 3], &Device::flex());
    let frozen = Phase { backbone: BackboneTraining::Frozen, ..Phase::method(8) };
    for method in [Method::ebm(2), teacher()] {
        let model = image_model(method);
        let before = tensors::collect(&model);
        let mut losses = model.losses(&batch, frozen, &mut Noise::new(0, Purpose::Candidates, 0, 0));
        let gradients = losses.gradients(&model);
        let backbones = match &model {
            Model::Ebm(model) => {
                assert!(norm(&model.energy, &gradients) > 0.0 && norm(&model.proposal, &gradients) > 0.0);
                vec![&model.feature]
            }
            Model::MdnTeacher(model) => {
                assert!(norm(&model.teacher, &gradients) > 0.0 && norm(&model.mdn, &gradients) > 0.0);
                vec![&model.feature, &model.teacher_feature]
            }
            _ => unreachable!("the methods asked for"),
        };
        assert!(backbones.iter().all(|backbone| norm(*backbone, &gradients) == 0.0));
        for (name, data) in tensors::collect(&model) {
            assert_eq!(before[&name] != data, is_statistic(&name), "{name}");
        }
    }
}

#[test]
fn a_backbone_trains_when_its_freeze_is_over() {
    let training = TrainingConfig { epochs: 2, batch_size: 2, m: 4, frozen_epochs: 1, ..TrainingConfig::default() };
    for method in [Method::ebm(2), teacher()] {
        let diary = Diary::of(image_model(method), &images(), &training);
        let backbone = |name: &&&String| name.contains("feature.");
        assert!(diary.changed(0).iter().filter(backbone).all(|name| is_statistic(name)));
        assert!(diary.updated(0).iter().all(|name| !name.contains("feature.")));
        let all = diary.0[0].0.keys().filter(|name| name.contains("feature.")).count();
        assert_eq!(diary.changed(1).iter().filter(backbone).count(), all);
    }
}

#[test]
fn in_the_warm_up_of_an_ebm_only_the_proposal_learns() {
    let warm_up = Phase { mixture: MixtureLoss::Likelihood, ..Phase::method(8) };
    let model = scalar_model(Method::ebm(2));
    let batch = Examples::from_pairs(&[-1.0, 0.5], &[0.3, -0.1]).batch(&[0, 1], &Device::flex());
    let gradients = model.losses(&batch, warm_up, &mut Noise::new(0, Purpose::Candidates, 0, 0)).gradients(&model);
    let Model::Ebm(model) = &model else { unreachable!("the method asked for") };
    assert!(norm(&model.proposal, &gradients) > 0.0);
    assert_eq!(norm(&model.energy, &gradients), 0.0);
    assert_eq!(norm(&model.feature, &gradients), 0.0);
}

#[test]
fn adam_meets_the_energy_when_the_warm_up_is_over() {
    let examples = Examples::from_pairs(&[-1.0, 0.5, 2.0], &[0.3, -0.1, 0.7]);
    let training = TrainingConfig { epochs: 2, batch_size: 2, m: 8, likelihood_epochs: 1, ..TrainingConfig::default() };
    let diary = Diary::of(scalar_model(Method::ebm(2)), &examples, &training);
    assert!(diary.changed(0).iter().all(|name| name.contains("proposal")));
    assert!(diary.updated(0).iter().all(|name| name.contains("proposal")));
    let every: Vec<_> = diary.0[0].0.keys().cloned().collect();
    assert_eq!(diary.updated(1), every);
    let energy = diary.changed(1).iter().filter(|name| name.contains("energy")).count();
    assert!(energy > 0);
}

#[test]
fn in_the_warm_up_of_a_taught_mdn_the_teacher_learns_as_ever_and_the_mdn_by_its_likelihood() {
    let model = scalar_model(teacher());
    let batch = Examples::from_pairs(&[-1.0, 0.5], &[0.3, -0.1]).batch(&[0, 1], &Device::flex());
    let losses = |mixture| {
        let phase = Phase { mixture, ..Phase::method(32) };
        model.losses(&batch, phase, &mut Noise::new(0, Purpose::Candidates, 0, 0))
    };
    let Model::MdnTeacher(taught) = &model else { unreachable!("the method asked for") };
    let warm_up = losses(MixtureLoss::Likelihood).gradients(&model);
    let method = losses(MixtureLoss::Method).gradients(&model);
    let q = taught.mixture(batch.input.clone());
    let likelihood = of(mixture_nll(q.log_prob(batch.target.clone().unsqueeze_dim(1))).mean().backward(), &model);

    // Sums of tens of gradients, equal up to f32 rounding.
    let close = |a: f32, b: f32| assert!((a - b).abs() < 1e-5 * a.max(1.0), "{a} {b}");
    close(norm(&taught.mdn, &warm_up), norm(&taught.mdn, &likelihood));
    close(norm(&taught.feature, &warm_up), norm(&taught.feature, &likelihood));
    close(norm(&taught.teacher, &warm_up), norm(&taught.teacher, &method));
    close(norm(&taught.teacher_feature, &warm_up), norm(&taught.teacher_feature, &method));
    assert!((norm(&taught.mdn, &method) - norm(&taught.mdn, &likelihood)).abs() > 1e-3);
}

#[test]
fn a_part_without_weight_cannot_spoil_the_total() {
    let leaf = || Tensor::<1>::from_floats([1.0, 2.0], &Device::flex()).autodiff().require_grad();
    let (good, bad) = (leaf(), leaf());
    let losses = Losses::sum(1, vec![("nll", 1.0, good.clone() * 2.0), ("proposal_kl", 0.0, bad.clone() / 0.0)]);
    assert_eq!(losses.parts.len(), 2);
    let gradients = losses.total.backward();
    assert!(good.grad(&gradients).is_some() && bad.grad(&gradients).is_none());
    assert_eq!(losses.total.into_scalar::<f32>(), 3.0);
}

#[test]
fn models_may_be_cloned_without_sharing_statistics() {
    let batch = images().batch(&[0, 1], &Device::flex());
    let model = image_model(Method::ebm(2));
    let copy = model.clone();
    let before = tensors::collect(&copy);
    drop(model.losses(&batch, Phase::method(4), &mut Noise::new(0, Purpose::Candidates, 0, 0)));
    assert!(tensors::collect(&copy) == before && tensors::collect(&model) != before);
    assert!(tensors::collect(&model.valid()) == tensors::collect(&model));
}
