//! From a model and inputs to predictions.

use std::sync::OnceLock;

use burn::tensor::{Tensor, TensorData};
use rayon::prelude::*;

use super::cloud::Cloud;
use super::knots::{Scalar, mixture_marginal, scalars};
use super::score::Score;
use super::{Marginal, Prediction, PredictionConfig, Reliability, noise_of};
use crate::data::space::TargetSpace;
use crate::density::{Density, GaussianMixture};
use crate::math::host::to_host;
use crate::method::conditional::Conditional;
use crate::method::model::Model;
use crate::network::energy::EnergyNet;
use crate::predict::tiles::{Budget, features, ranges, score_candidates, score_shared};
use crate::predict::{Draws, Estimate, Mixture};

/// How many times `m` points a vector's energy is integrated with, where it has no proposal.
const BOX_POINTS: usize = 16;

/// Where a mixture's density and that of draws are known.
const EVERYWHERE: [f64; 2] = [f64::NEG_INFINITY, f64::INFINITY];

/// What networks say of one target a row: the score, or a mixture's log-density, and the log-density of the proposal.
pub(crate) struct Labels {
    pub scores: Vec<f64>,
    pub log_q: Vec<f64>,
}

/// One an input, rows `first_row..` of all, and what the networks say of targets `[batch, D]` in the user's units.
pub(crate) fn predictions<'a>(
    model: &'a Model,
    space: &'a TargetSpace,
    config: PredictionConfig,
    input: Tensor<2>,
    first_row: usize,
    targets: Option<&[f64]>,
) -> (Vec<Prediction<'a>>, Option<Labels>) {
    let budget = Budget::default();
    let features = features(model, &input, budget);
    let conditional = model.conditional_on(features);
    let labels = targets.map(|targets| labels(&conditional, space, targets));
    let build = Build { space, config, first_row, budget };
    let predictions = match conditional {
        Conditional::Mixture(mixture) => {
            let mixtures = Mixture::from_batch(&mixture);
            mixtures.into_par_iter().enumerate().map(|(row, mixture)| build.of_mixture(row, mixture)).collect()
        }
        Conditional::Energy { energy, features, proposal } if space.dimensions() == 1 => {
            build.scalars(energy, &features, proposal.as_ref())
        }
        Conditional::Energy { energy, features, proposal: Some(proposal) } => {
            build.by_sampling(energy, &features, &proposal)
        }
        Conditional::Energy { energy, features, proposal: None } => build.by_quadrature(energy, &features),
    };
    (predictions, labels)
}

fn labels(conditional: &Conditional<'_>, space: &TargetSpace, targets: &[f64]) -> Labels {
    let dimensions = space.dimensions();
    let seen: Vec<f32> = targets.chunks(dimensions).flat_map(|y| space.to_model(y)).map(|z| z as f32).collect();
    let shape = [targets.len() / dimensions, 1, dimensions];
    let none = vec![f64::NAN; shape[0]];
    match conditional {
        Conditional::Mixture(mixture) => {
            let mixtures = Mixture::from_batch(mixture);
            let seen = targets.chunks(dimensions).map(|y| space.to_model(y));
            Labels { scores: mixtures.iter().zip(seen).map(|(mixture, z)| mixture.log_prob(&z)).collect(), log_q: none }
        }
        Conditional::Energy { energy, features, proposal } => {
            let y = Tensor::<3>::from_data(TensorData::new(seen, shape), &features.device());
            let scores = to_host(energy.score(features.clone(), y.clone()));
            Labels { scores, log_q: proposal.as_ref().map_or(none, |q| to_host(q.log_prob(y))) }
        }
    }
}

struct Build<'a> {
    space: &'a TargetSpace,
    config: PredictionConfig,
    first_row: usize,
    budget: Budget,
}

impl<'a> Build<'a> {
    fn scalar(
        &self,
        score: Score<'a>,
        marginal: Marginal,
        log_partition: f64,
        ess_share: Option<f64>,
        asked: [f64; 2],
    ) -> Prediction<'a> {
        Prediction {
            space: self.space,
            score,
            log_partition: Estimate::exact(log_partition),
            reliability: ess_share.map(|ess_share| Reliability { ess_share, pareto_k: f64::NAN }),
            m: self.config.m,
            asked,
            cloud: None,
            marginals: vec![OnceLock::from(marginal)],
        }
    }

    fn vector(&self, score: Score<'a>, draws: &Draws, log_density: &[f64]) -> Prediction<'a> {
        let sampled = draws.is_sampled() && matches!(score, Score::Energy { .. });
        let reliability = sampled.then(|| Reliability {
            ess_share: draws.effective_sample_size() / draws.len() as f64,
            pareto_k: draws.pareto_k(),
        });
        Prediction {
            space: self.space,
            score,
            log_partition: draws.log_partition(),
            reliability,
            m: self.config.m,
            asked: EVERYWHERE,
            cloud: Some(Cloud::new(draws, log_density, self.space)),
            marginals: vec![OnceLock::new(); self.space.dimensions()],
        }
    }

    fn scalars(
        &self,
        energy: &'a EnergyNet,
        features: &Tensor<2>,
        proposal: Option<&GaussianMixture>,
    ) -> Vec<Prediction<'a>> {
        let found = scalars(&self.space.0[0], energy, features, proposal, self.config.m, self.budget);
        let with_scores = found.into_iter().zip(scores(energy, features, proposal));
        with_scores
            .map(|(Scalar { marginal, log_partition, asked, ess_share }, score)| {
                self.scalar(score, marginal, log_partition, ess_share, asked)
            })
            .collect()
    }

    fn of_mixture(&self, row: usize, mixture: Mixture) -> Prediction<'a> {
        if self.space.dimensions() == 1 {
            let (marginal, log_mass) = mixture_marginal(&self.space.0[0], &mixture, self.config.m);
            return self.scalar(Score::Mixture(mixture), marginal, log_mass, None, EVERYWHERE);
        }
        let seen = mixture.sample(self.config.m, &mut noise_of(self.config.seed, self.first_row + row));
        let log_density: Vec<f64> = seen.chunks(self.space.dimensions()).map(|z| mixture.log_prob(z)).collect();
        let weights = self.within(&seen, vec![0.0; self.config.m]);
        let draws = Draws::sampled(seen, weights);
        let log_mass = draws.log_partition().value;
        let log_density: Vec<f64> = log_density.iter().map(|log| log - log_mass).collect();
        self.vector(Score::Mixture(mixture), &draws, &log_density)
    }

    /// Log-weights of draws, row-major `[m, D]`: none beyond where targets can be, unless all are there.
    fn within(&self, seen: &[f64], log_weights: Vec<f64>) -> Vec<f64> {
        let holds: Vec<bool> = seen.chunks(self.space.dimensions()).map(|z| self.space.holds(z)).collect();
        if !holds.contains(&true) {
            return log_weights;
        }
        log_weights.into_iter().zip(holds).map(|(log, holds)| if holds { log } else { f64::NEG_INFINITY }).collect()
    }

    fn by_sampling(
        &self,
        energy: &'a EnergyNet,
        features: &Tensor<2>,
        proposal: &GaussianMixture,
    ) -> Vec<Prediction<'a>> {
        let [batch, dimensions, m] = [features.dims()[0], self.space.dimensions(), self.config.m];
        let device = features.device();
        let several = proposal.log_weights().dims()[1] > 1;
        let (mut normals, mut uniforms) = (Vec::with_capacity(batch * m * dimensions), Vec::new());
        for row in 0..batch {
            let mut noise = noise_of(self.config.seed, self.first_row + row);
            normals.extend(noise.normals(m * dimensions));
            if several {
                uniforms.extend(noise.uniforms(m));
            }
        }
        let normal = Tensor::from_data(TensorData::new(normals, [batch, m, dimensions]), &device);
        let unit = several.then(|| Tensor::from_data(TensorData::new(uniforms, [batch, m]), &device));
        let y = proposal.place(normal, unit);
        let score = to_host(score_candidates(energy, features, &y, self.budget));
        let log_q = to_host(proposal.log_prob(y.clone()));
        let seen = to_host(y);
        let rows = seen.chunks(m * dimensions).zip(score.chunks(m)).zip(log_q.chunks(m));
        rows.zip(scores(energy, features, Some(proposal)))
            .map(|(((seen, score), log_q), own)| {
                let weights = score.iter().zip(log_q).map(|(score, log_q)| score - log_q).collect();
                let draws = Draws::sampled(seen, self.within(seen, weights));
                let log_z = draws.log_partition().value;
                self.vector(own, &draws, &score.iter().map(|score| score - log_z).collect::<Vec<_>>())
            })
            .collect()
    }

    /// Points that fill the box of the labels evenly, shared by all inputs: the R sequence of Roberts (2018).
    fn by_quadrature(&self, energy: &'a EnergyNet, features: &Tensor<2>) -> Vec<Prediction<'a>> {
        let dimensions = self.space.dimensions();
        let n = BOX_POINTS * self.config.m;
        // The root of x^{D+1} = x + 1, by its fixed point.
        let root = (0..64).fold(1.5f64, |x, _| (1.0 + x).powf(1.0 / (dimensions as f64 + 1.0)));
        let ranges: Vec<[f64; 2]> = self.space.targets().iter().map(crate::data::space::Target::model_range).collect();
        let at = |i: usize, d: usize| {
            let unit = (0.5 + (i as f64 + 1.0) * root.powi(-(d as i32 + 1))).fract();
            f64::from((ranges[d][0] + unit * (ranges[d][1] - ranges[d][0])) as f32)
        };
        let seen: Vec<f64> = (0..n).flat_map(|i| (0..dimensions).map(move |d| (i, d))).map(|(i, d)| at(i, d)).collect();
        let log_volume: f64 = ranges.iter().map(|[low, high]| (high - low).ln()).sum();
        let table = score_shared(energy, features, &seen, self.budget);
        table
            .chunks(n)
            .zip(scores(energy, features, None))
            .map(|(score, own)| {
                let draws = Draws::quadrature(seen.clone(), score.iter().map(|score| score + log_volume).collect());
                let log_z = draws.log_partition().value;
                self.vector(own, &draws, &score.iter().map(|score| score - log_z).collect::<Vec<_>>())
            })
            .collect()
    }
}

/// What is needed to score other targets, one an input.
fn scores<'a>(energy: &'a EnergyNet, features: &Tensor<2>, proposal: Option<&GaussianMixture>) -> Vec<Score<'a>> {
    let mut proposals = proposal.map(Mixture::from_batch).into_iter().flatten();
    ranges(features.dims()[0], 1)
        .map(|row| Score::Energy {
            energy,
            features: Box::new(features.clone().slice([row])),
            proposal: proposals.next(),
        })
        .collect()
}
