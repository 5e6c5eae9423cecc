//! Laws of the methods: which parameters each loss trains.

use std::collections::BTreeMap;

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::{Device, Gradients, Tensor};

use super::phase::Phase;
use super::regressor::Regressor;
use crate::data::dataset::Dataset;
use crate::data::examples::Examples;
use crate::loss::Objective;
use crate::math::noise::Noise;
use crate::math::noise::Purpose;
use crate::method::config::{Method, ModelConfig};
use crate::method::model::Model;

/// The gradients with respect to the parameters of a module.
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

/// Every gradient, by the path of its parameter.
pub(super) fn named<M: Module>(module: &M, gradients: &GradientsParams) -> BTreeMap<String, Vec<f32>> {
    struct Named<'a> {
        gradients: &'a GradientsParams,
        path: Vec<String>,
        found: BTreeMap<String, Vec<f32>>,
    }
    impl ModuleVisitor for Named<'_> {
        fn enter_module(&mut self, name: &str, _container: &str) {
            self.path.push(name.to_owned());
        }

        fn exit_module(&mut self, _name: &str, _container: &str) {
            self.path.pop();
        }

        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if let Some(gradient) = self.gradients.get::<D>(param.id) {
                self.found.insert(self.path.join("."), gradient.into_data().try_to_vec().unwrap());
            }
        }
    }
    let mut named = Named { gradients, path: Vec::new(), found: BTreeMap::new() };
    module.visit(&mut named);
    named.found
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
