//! Builds predictions from the [`Densities`] of a model at some inputs.

use std::sync::Arc;

use burn::tensor::{Tensor, TensorData};
use rayon::prelude::*;

use crate::data::space::{Target, TargetSpace};
use crate::density::GaussianMixture;
use crate::math::host::to_host;
use crate::math::noise::{Noise, Purpose};
use crate::network::energy::EnergyNet;
use crate::predict::config::PredictionConfig;
use crate::predict::draws::Draws;
use crate::predict::knots::{Asked, Role, Scalar, mixture_marginal};
use crate::predict::member::Densities;
use crate::predict::mixture::Mixture;
use crate::predict::prediction::Prediction;
use crate::predict::scalars::scalars;
use crate::predict::score::Score;
use crate::predict::tiles::{Budget, score_candidates, score_shared};

/// An energy of a vector without a proposal is integrated with `BOX_POINTS · m` points.
pub(crate) const BOX_POINTS: usize = 16;

/// For one target of every row: the score (for a mixture, the log-density) and `log q` (NaN without a proposal).
pub(crate) struct Labels {
    pub scores: Vec<f64>,
    pub log_q: Vec<f64>,
}

impl Labels {
    /// Evaluates targets in the user's units, row-major `[batch, D]`.
    pub fn of(densities: &Densities<'_>, space: &TargetSpace, targets: &[f64]) -> Self {
        let dimensions = space.dimensions();
        let batch = targets.len() / dimensions;
        let standardised = targets.chunks(dimensions).map(|y| space.to_model(y));
        match densities {
            Densities::Mixtures(mixtures) => {
                let scores = mixtures.iter().zip(standardised).map(|(mixture, z)| mixture.log_prob(&z)).collect();
                Self { scores, log_q: vec![f64::NAN; batch] }
            }
            Densities::Energy { energy, features, proposal } => {
                let z: Vec<f32> = standardised.flatten().map(|z| z as f32).collect();
                let y = Tensor::<3>::from_data(TensorData::new(z, [batch, 1, dimensions]), &features.device());
                let scores = to_host(energy.score(features.clone(), y.clone()));
                let log_q = proposal.as_ref().map_or_else(|| vec![f64::NAN; batch], |q| to_host(q.log_prob(y)));
                Self { scores, log_q }
            }
        }
    }
}

/// Builds the predictions of consecutive rows.
pub(crate) struct Build<'a> {
    pub space: &'a TargetSpace,
    pub config: PredictionConfig,
    /// Index of the first row in the whole data set. For vectors, each row has its own stream of noise.
    pub first_row: usize,
    /// Whether the predictions are pooled with others.
    pub role: Role,
    pub budget: Budget,
}

impl<'a> Build<'a> {
    /// One prediction for each input.
    pub fn predictions(&self, densities: Densities<'a>) -> Vec<Prediction<'a>> {
        match densities {
            Densities::Mixtures(mixtures) => {
                mixtures.into_par_iter().enumerate().map(|(row, mixture)| self.of_mixture(row, mixture)).collect()
            }
            Densities::Energy { energy, features, proposal } if self.space.dimensions() == 1 => {
                self.scalars(energy, &features, proposal.as_ref())
            }
            Densities::Energy { energy, features, proposal: Some(proposal) } => {
                self.by_sampling(energy, &features, &proposal)
            }
            Densities::Energy { energy, features, proposal: None } => self.by_quadrature(energy, &features),
        }
    }

    fn scalars(
        &self,
        energy: &'a EnergyNet,
        features: &Tensor<2>,
        proposal: Option<&GaussianMixture>,
    ) -> Vec<Prediction<'a>> {
        let m = self.config.m;
        let asked = Asked { m, role: self.role, budget: self.budget };
        let found = scalars(&self.space.0[0], energy, features, proposal, asked);
        let with_scores = scores(energy, features, proposal).zip(found);
        with_scores.map(|(score, found)| Prediction::scalar(self.space, score, m, found)).collect()
    }

    fn of_mixture(&self, row: usize, mixture: Mixture) -> Prediction<'a> {
        let m = self.config.m;
        if self.space.dimensions() == 1 {
            let (marginal, log_partition) = mixture_marginal(&self.space.0[0], &mixture, m);
            let asked = [f64::NEG_INFINITY, f64::INFINITY];
            let found = Scalar { marginal, log_partition, asked, ess_share: None };
            return Prediction::scalar(self.space, Score::Mixture(mixture), m, found);
        }
        let z = mixture.sample(m, &mut self.noise_of(row));
        let log_density: Vec<f64> = z.chunks(self.space.dimensions()).map(|z| mixture.log_prob(z)).collect();
        let weights = self.within(&z, vec![0.0; m]);
        let points = self.in_units(&z);
        let draws = Draws::sampled(z, weights);
        self.vector(Score::Mixture(mixture), &draws, points, &log_density)
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
            let mut noise = self.noise_of(row);
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
        let z = to_host(y);
        let rows = z.chunks(m * dimensions).zip(score.chunks(m)).zip(log_q.chunks(m));
        rows.zip(scores(energy, features, Some(proposal)))
            .map(|(((z, score), log_q), own)| {
                let weights = score.iter().zip(log_q).map(|(score, log_q)| score - log_q).collect();
                let draws = Draws::sampled(z, self.within(z, weights));
                self.vector(own, &draws, self.in_units(z), score)
            })
            .collect()
    }

    /// Quadrature points that fill the box of the labels evenly, for all inputs: the R sequence of Roberts (2018).
    fn by_quadrature(&self, energy: &'a EnergyNet, features: &Tensor<2>) -> Vec<Prediction<'a>> {
        let dimensions = self.space.dimensions();
        let n = BOX_POINTS * self.config.m;
        // The root of x^{D+1} = x + 1, by fixed-point iteration.
        let root = (0..64).fold(1.5f64, |x, _| (1.0 + x).powf(1.0 / (dimensions as f64 + 1.0)));
        let ranges: Vec<[f64; 2]> = self.space.targets().iter().map(Target::model_range).collect();
        let at = |i: usize, d: usize| {
            let unit = (0.5 + (i as f64 + 1.0) * root.powi(-(d as i32 + 1))).fract();
            f64::from((ranges[d][0] + unit * (ranges[d][1] - ranges[d][0])) as f32)
        };
        let z: Arc<[f64]> = (0..n).flat_map(|i| (0..dimensions).map(move |d| (i, d))).map(|(i, d)| at(i, d)).collect();
        let points = self.in_units(&z);
        let log_volume: f64 = ranges.iter().map(|[low, high]| (high - low).ln()).sum();
        let table = score_shared(energy, features, &z, self.budget);
        table
            .chunks(n)
            .zip(scores(energy, features, None))
            .map(|(score, own)| {
                let log_weights = score.iter().map(|score| score + log_volume).collect();
                let draws = Draws::quadrature(Arc::clone(&z), log_weights);
                self.vector(own, &draws, Arc::clone(&points), score)
            })
            .collect()
    }

    /// The prediction for a vector. `draws` are standardised, `points` are the same points in the user's units, and
    /// `scores` are the scores at the draws (for a mixture, log-densities).
    fn vector(&self, own: Score<'a>, draws: &Draws, points: Arc<[f64]>, scores: &[f64]) -> Prediction<'a> {
        let log_z = draws.log_partition().value;
        let log_density: Vec<f64> = scores.iter().map(|score| score - log_z).collect();
        Prediction::vector(self.space, own, self.config.m, draws, points, &log_density)
    }

    /// Converts standardised points, row-major `[m, D]`, to the user's units.
    fn in_units(&self, z: &[f64]) -> Arc<[f64]> {
        z.chunks(self.space.dimensions()).flat_map(|z| self.space.from_model(z)).collect()
    }

    /// Sets the log-weights `[m]` of draws `z`, row-major `[m, D]`, to `−∞` outside the support. Leaves them unchanged
    /// if no draw is inside.
    fn within(&self, z: &[f64], log_weights: Vec<f64>) -> Vec<f64> {
        let holds: Vec<bool> = z.chunks(self.space.dimensions()).map(|z| self.space.holds(z)).collect();
        if !holds.contains(&true) {
            return log_weights;
        }
        log_weights.into_iter().zip(holds).map(|(log, holds)| if holds { log } else { f64::NEG_INFINITY }).collect()
    }

    fn noise_of(&self, row: usize) -> Noise {
        Noise::new(self.config.seed, Purpose::Prediction, 2, self.first_row + row)
    }
}

/// One [`Score`] for each input, with which further targets can be scored. `features`: `[batch, features]`.
fn scores<'a>(
    energy: &'a EnergyNet,
    features: &Tensor<2>,
    proposal: Option<&GaussianMixture>,
) -> impl Iterator<Item = Score<'a>> {
    let mut proposals = proposal.map(Mixture::from_batch).into_iter().flatten();
    let features = Arc::new(features.clone());
    (0..features.dims()[0]).map(move |row| Score::Energy {
        energy,
        features: Arc::clone(&features),
        row,
        proposal: proposals.next(),
    })
}
