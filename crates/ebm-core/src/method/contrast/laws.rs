//! Laws of a contrast: which parameters each loss trains, tested with tensor operations.

use burn::tensor::Device;

use super::*;
use crate::data::dataset::Dataset;
use crate::data::examples::Examples;
use crate::loss::Objective;
use crate::math::noise::Purpose;
use crate::method::config::{Method, ModelConfig};
use crate::method::ebm_learned::EbmLearned;
use crate::method::laws::{norm, of};
use crate::method::model::Model;

fn scored(model: &EbmLearned, objective: Objective) -> Scored {
    let batch = Examples::from_pairs(&[-1.0, 0.5, 2.0], &[0.3, -0.1, 0.7]).batch(&[0, 1, 2], &Device::flex());
    let EbmLearned { feature, energy, proposal, .. } = model;
    let contrast = Contrast { backbone: feature, energy, proposal: Proposal::OnFeatures(proposal), objective };
    let phase = Phase::method(32);
    let features = phase.features(feature, &batch);
    let q = contrast.proposal(&batch, &features, phase);
    let head = Head { contrast: &contrast, features: &features, target: &batch.target, q: &q, m: phase.m };
    head.score(&mut Noise::new(0, Purpose::Candidates, 0, 0))
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
        let loss = scored(&model, objective).energy_loss(objective);
        let gradients = of(loss.mean().backward(), &model);
        assert!(norm(&model.energy, &gradients) > 0.0);
        assert!(norm(&model.feature, &gradients) > 0.0);
        assert_eq!(norm(&model.proposal, &gradients), 0.0);
    }
}

#[test]
fn the_proposals_loss_trains_its_head_and_nothing_else() {
    let model = model();
    let loss = proposal_kl(scored(&model, Objective::Nce).candidates);
    let gradients = of(loss.mean().backward(), &model);
    assert!(norm(&model.proposal, &gradients) > 0.0);
    assert_eq!(norm(&model.energy, &gradients), 0.0);
    assert_eq!(norm(&model.feature, &gradients), 0.0);
}
