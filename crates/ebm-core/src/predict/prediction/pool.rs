//! The prediction of an ensemble: a power mean of its members' densities.

use std::sync::{Arc, OnceLock};

use super::{Density, Prediction};
use crate::data::space::TargetSpace;
use crate::math::num::log_sum_exp_of;
use crate::predict::draws::Draws;
use crate::predict::joint::Joint;
use crate::predict::marginal::Marginal;
use crate::predict::reliability::{LogProb, Reliability};

impl<'a> Prediction<'a> {
    /// `p(y|x) ∝ (Σ_i w_i p_i(y|x)^α)^{1/α}`, from predictions at one input, of weights whose sum is 1 and a power
    /// `0 < α ≤ 1`; of a vector the power is 1.
    ///
    /// For a scalar, the power mean of the members' curves. For a vector, the members' draws together.
    pub(crate) fn pool(space: &'a TargetSpace, members: Vec<(f64, Self)>, power: f64) -> Self {
        let reliability = Reliability::pool(members.iter().map(|(weight, member)| (*weight, member.reliability)));
        let (joint, marginals, log_partition) = if space.dimensions() == 1 {
            let marginals: Vec<(f64, &Marginal)> =
                members.iter().map(|(weight, member)| (*weight, member.marginal(0))).collect();
            let (marginal, log_partition) = Marginal::pool(&marginals, power);
            (None, vec![OnceLock::from(marginal)], log_partition)
        } else {
            (Some(joint(space, &members)), vec![OnceLock::new(); space.dimensions()], 0.0)
        };
        // The draws of the members are in the joint density of all.
        let only_density = |(weight, member): (f64, Self)| (weight, Self { joint: None, ..member });
        let members = members.into_iter().map(only_density).collect();
        // The mass of a mixture is 1; that of its curve differs from it by the error between knots.
        let (power, log_partition) =
            if space.dimensions() == 1 && power < 1.0 { (power, log_partition) } else { (1.0, 0.0) };
        let density = Density::Pool { members, power, log_partition };
        Self { space, density, reliability, joint, marginals }
    }

    /// [`Prediction::log_prob`] of an ensemble from that of its members.
    ///
    /// # Panics
    /// For a single model.
    pub(crate) fn log_prob_of(&self, members: impl Iterator<Item = LogProb>) -> LogProb {
        let Density::Pool { members: of, power, log_partition } = &self.density else {
            panic!("a single model has no members")
        };
        LogProb::pool(of.iter().map(|(weight, _)| *weight).zip(members), *power, *log_partition)
    }

    /// What the members of an ensemble disagree about, in nats: the mutual information of order `α` of the target and
    /// the choice of a member, `−α/(1 − α) log Z`; for a mixture, `α = 1`, that is `H[p] − Σ_i w_i H[p_i]`. 0 if all
    /// members agree. It is the part of the uncertainty that more data would settle (epistemic).
    ///
    /// `None` for a single model, and for a vector.
    ///
    /// Source: Depeweg, Hernández-Lobato, Doshi-Velez, Udluft, "Decomposition of uncertainty in Bayesian deep learning",
    /// ICML 2018, eq. (6); of order `α`: Verdú, "α-mutual information", ITA 2015, eq. (53).
    pub fn disagreement(&self) -> Option<f64> {
        let Density::Pool { members, power, log_partition } = &self.density else { return None };
        if self.dimensions() > 1 {
            return None;
        }
        let found = if *power < 1.0 {
            -power / (1.0 - power) * log_partition
        } else {
            let entropy = |of: &Self| of.marginal(0).curve().entropy();
            entropy(self) - members.iter().map(|(weight, member)| weight * entropy(member)).sum::<f64>()
        };
        Some(found.max(0.0))
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
