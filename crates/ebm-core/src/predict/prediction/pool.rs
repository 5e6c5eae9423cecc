//! The prediction of an ensemble: the mixture of its members' densities.

use std::sync::{Arc, OnceLock};

use super::{Density, Prediction};
use crate::data::space::TargetSpace;
use crate::math::num::log_sum_exp_of;
use crate::predict::draws::Draws;
use crate::predict::joint::Joint;
use crate::predict::marginal::Marginal;
use crate::predict::reliability::Reliability;

impl<'a> Prediction<'a> {
    /// `p(y|x) = Σ_i w_i p_i(y|x)`, from predictions at one input, of weights whose sum is 1.
    ///
    /// For a scalar, the mixture of the members' curves. For a vector, the members' draws together.
    pub(crate) fn pool(space: &'a TargetSpace, members: Vec<(f64, Self)>) -> Self {
        let reliability = Reliability::pool(members.iter().map(|(weight, member)| (*weight, member.reliability)));
        let (joint, marginals) = if space.dimensions() == 1 {
            let marginals: Vec<(f64, &Marginal)> =
                members.iter().map(|(weight, member)| (*weight, member.marginal(0))).collect();
            (None, vec![OnceLock::from(Marginal::pool(&marginals))])
        } else {
            (Some(joint(space, &members)), vec![OnceLock::new(); space.dimensions()])
        };
        // The draws of the members are in the joint density of all.
        let only_density = |(weight, member): (f64, Self)| (weight, Self { joint: None, ..member });
        let members = members.into_iter().map(only_density).collect();
        Self { space, density: Density::Pool(members), reliability, joint, marginals }
    }

    /// What the members of an ensemble disagree about, in nats: the mutual information `H[p] − Σ_i w_i H[p_i]` of the
    /// target and the choice of a member. 0 if all members agree, at most the entropy of the weights. It is the part of
    /// the uncertainty that more data would settle (epistemic).
    ///
    /// `None` for a single model, and for a vector.
    ///
    /// Source: Depeweg, Hernández-Lobato, Doshi-Velez, Udluft, "Decomposition of uncertainty in Bayesian deep learning",
    /// ICML 2018, eq. (6).
    pub fn disagreement(&self) -> Option<f64> {
        let Density::Pool(members) = &self.density else { return None };
        if self.dimensions() > 1 {
            return None;
        }
        let within: f64 = members.iter().map(|(weight, member)| weight * member.marginal(0).curve().entropy()).sum();
        Some((self.marginal(0).curve().entropy() - within).max(0.0))
    }

    /// The density of one member of an ensemble at standardised points of a vector, row-major `[m, D]`, nats.
    fn log_densities(&self, points: &[f64]) -> Vec<f64> {
        let Density::Model { score, log_partition, .. } = &self.density else { unreachable!("a member is one model") };
        score.at_all(points, self.dimensions()).into_iter().map(|score| score - log_partition.value).collect()
    }
}

/// All draws of the members, and their log-densities under the mixture.
fn joint(space: &TargetSpace, members: &[(f64, Prediction<'_>)]) -> Joint {
    let (mut points, mut log_weights) = (Vec::new(), Vec::new());
    for (weight, member) in members.iter().filter(|(weight, _)| *weight > 0.0) {
        let (draws, weights) = member.joint.as_ref().expect("a vector has draws").weighted();
        points.extend_from_slice(draws);
        log_weights.extend(weights.iter().map(|of| (weight * of).ln()));
    }
    let of_members: Vec<(f64, Vec<f64>)> = members
        .iter()
        .filter(|(weight, _)| *weight > 0.0)
        .map(|(weight, member)| (weight.ln(), member.log_densities(&points)))
        .collect();
    let log_density: Vec<f64> = (0..log_weights.len())
        .map(|i| log_sum_exp_of(&of_members.iter().map(|(log_weight, of)| log_weight + of[i]).collect::<Vec<_>>()))
        .collect();
    let in_units: Arc<[f64]> = points.chunks(space.dimensions()).flat_map(|z| space.from_model(z)).collect();
    Joint::new(&Draws::sampled(points, log_weights), in_units, &log_density, space)
}
