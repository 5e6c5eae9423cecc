//! Predictors of several members.

use burn::tensor::{Device, Tensor};

use super::Predictor;
use crate::data::space::TargetSpace;
use crate::network::features::Features;
use crate::predict::config::PredictionConfig;
use crate::predict::member::Member;

/// The fewest candidates of a member of an ensemble.
const LEAST_OF_MEMBER: usize = 256;

impl<F: Features<Input = Tensor<2>>> Predictor<F> {
    /// For an ensemble: `p(y|x) ∝ (Σ_i w_i p_i(y|x)^α)^{1/α}`, a mean of the densities of its members with the power
    /// `0 < α ≤ 1`. A power of 1 is their mixture; a lower one is narrower where members differ. For a vector, the power
    /// is 1.
    ///
    /// The weights are divided by their sum; members of weight 0 are left out. All members were trained on targets
    /// standardised by `space`, with the same inputs, which are put on `device`.
    ///
    /// # Panics
    /// If `config.m` is less than 64, a weight is negative or not finite, none is positive, or the power is not between
    /// 0 and 1.
    pub fn ensemble(
        members: Vec<(f64, Member<F>)>,
        power: f64,
        input_width: usize,
        space: TargetSpace,
        config: PredictionConfig,
        device: &Device,
    ) -> Self {
        let sum: f64 = members.iter().map(|(weight, _)| *weight).sum();
        let valid = members.iter().all(|(weight, _)| *weight >= 0.0) && sum > 0.0 && sum.is_finite();
        assert!(valid, "the weights of an ensemble must be at least 0, and one of them positive");
        assert!(0.0 < power && power <= 1.0, "the power of an ensemble must be between 0 and 1, not {power}");
        let with_weight = members.into_iter().filter(|(weight, _)| *weight > 0.0);
        let members = with_weight.map(|(weight, member)| (weight / sum, member)).collect();
        Self { power, input_width: Some(input_width), ..Self::made(members, space, config, device.clone()) }
    }
}

impl<F: Features> Predictor<F> {
    /// How each member is computed. The members of an ensemble share its candidates, but none has fewer than 256.
    pub(super) fn config_of_member(&self) -> PredictionConfig {
        let members = self.members.len();
        let m = if members == 1 { self.config.m } else { (self.config.m / members).max(LEAST_OF_MEMBER) };
        PredictionConfig { m, ..self.config }
    }

    /// From what each member computes for a batch: itself if there is one, otherwise their pool, input by input.
    pub(super) fn pooled<'a, T>(
        &'a self,
        each: impl Fn(&'a Member<F>) -> Vec<T>,
        pool: impl Fn(Vec<(f64, T)>) -> T,
    ) -> Vec<T> {
        let mut of_members = self.members.iter().map(|(weight, member)| (*weight, each(member).into_iter()));
        if self.members.len() == 1 {
            return of_members.next().expect("one member").1.collect();
        }
        let mut of_members: Vec<_> = of_members.collect();
        let mut next = || of_members.iter_mut().map(|(weight, of)| Some((*weight, of.next()?))).collect::<Option<_>>();
        std::iter::from_fn(&mut next).map(pool).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;
    use std::ops::ControlFlow;

    use super::*;
    use crate::data::examples::Examples;
    use crate::method::config::ModelConfig;
    use crate::method::kind::Method;
    use crate::trees::Trees;
    use crate::trees::config::TreesConfig;

    /// Trees of a step, fitted to a few rows in noise.
    fn trees() -> Trees {
        let x: Vec<f64> = (0..80).map(|i| f64::from(i) / 40.0 - 1.0).collect();
        let y: Vec<f64> = x.iter().map(|x| x.signum() + 0.3 * (40.0 * x).sin()).collect();
        let examples = Examples::from_pairs(&x, &y);
        let config = TreesConfig { rounds: 60, ..TreesConfig::default() };
        let on_round = |_, _| ControlFlow::Continue(());
        Trees::fit(&examples, &examples, &[0], &config, 1, &Device::flex(), on_round).unwrap()
    }

    const INPUTS: [f32; 3] = [-0.7, 0.1, 0.9];
    const TARGETS: [f64; 3] = [-0.9, 0.4, 1.6];

    fn densities(members: Vec<(f64, Member)>) -> Vec<f64> {
        let space = TargetSpace::identity([-8.0, 8.0], 1);
        let predictor = Predictor::ensemble(members, 1.0, 1, space, PredictionConfig::default(), &Device::flex());
        let found = predictor.log_prob(0, &INPUTS, &TARGETS).unwrap();
        found.into_iter().map(|(_, log_prob)| log_prob.estimate.value.exp()).collect()
    }

    #[test]
    fn trees_alone_are_predicted_with_the_density_of_their_components() {
        let trees = trees();
        let found = densities(vec![(1.0, trees.clone().into())]);
        for ((input, y), found) in INPUTS.iter().zip(TARGETS).zip(found) {
            let density = |(weight, mean, scale): (f64, f64, f64)| {
                weight * (-0.5 * ((y - mean) / scale).powi(2)).exp() / (scale * TAU.sqrt())
            };
            let expected: f64 = trees.components(&[*input]).map(density).iter().sum();
            // No mass lies outside the range.
            assert!((found / expected - 1.0).abs() < 1e-6, "{found} is not {expected}");
        }
    }

    #[test]
    fn the_density_of_a_network_and_trees_is_their_mixture() {
        let network = ModelConfig::scalar(Method::Mdn { components: 2 }).init(3, &Device::flex());
        let (trees, network): (Member, Member) = (trees().into(), (&network).into());
        let [of_trees, of_network] = [&trees, &network].map(|member| densities(vec![(1.0, member.clone())]));
        let mixed = densities(vec![(3.0, trees), (1.0, network)]);
        for ((trees, network), mixed) in of_trees.iter().zip(of_network).zip(mixed) {
            let expected = 0.75 * trees + 0.25 * network;
            assert!((mixed / expected - 1.0).abs() < 1e-9, "{mixed} is not {expected}");
        }
    }

    #[test]
    fn the_square_root_of_a_density_of_power_one_half_is_the_mean_of_its_members_roots() {
        let network = |seed| (&ModelConfig::scalar(Method::Mdn { components: 2 }).init(seed, &Device::flex())).into();
        let members: [(f64, Member); 3] = [(0.5, network(3)), (0.2, network(4)), (0.3, trees().into())];
        let predictor = |members: &[(f64, Member)], power| {
            let space = TargetSpace::identity([-8.0, 8.0], 1);
            Predictor::ensemble(members.to_vec(), power, 1, space, PredictionConfig::default(), &Device::flex())
        };
        let log_prob = |of: &Predictor, y: f64| of.log_prob(0, &[0.1], &[y]).unwrap()[0].1.estimate.value;
        let (pool, alone) =
            (predictor(&members, 0.5), members.each_ref().map(|of| predictor(std::slice::from_ref(of), 0.5)));
        let root = |y: f64| -> f64 {
            alone.iter().zip(&members).map(|(of, (weight, _))| weight * (0.5 * log_prob(of, y)).exp()).sum()
        };
        // The midpoint rule on 4000 points of a smooth density: its error is far below that of the curve.
        let step = 16.0 / 4000.0;
        let mass: f64 = (0..4000).map(|i| root(-8.0 + (f64::from(i) + 0.5) * step).powi(2) * step).sum();
        let prediction = &pool.predict(0, &[0.1])[0];
        let disagreement = prediction.disagreement().unwrap();
        assert!(disagreement > 0.01 && (disagreement + mass.ln()).abs() < 5e-3, "{disagreement} {}", mass.ln());
        for y in [-1.3, 0.2, 1.7] {
            let expected = 2.0 * root(y).ln() - mass.ln();
            for found in [log_prob(&pool, y), prediction.log_prob(&[y]).estimate.value] {
                assert!((found - expected).abs() < 5e-3, "{found} is not {expected}");
            }
        }
    }
}
