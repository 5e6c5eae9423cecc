//! The validation loss: the negative log-likelihood of held-out examples under the predictive density.

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use crate::data::dataset::Dataset;
use crate::evaluate::nll_on_grid;
use crate::loss::nce;
use crate::math::grid::Grid;
use crate::math::host::to_host;
use crate::math::noise::{Noise, Purpose};
use crate::method::conditional::Conditional;
use crate::method::model::Model;
use crate::network::features::Features;
use crate::network::input::Input;
use crate::predict::tiles::{Budget, CHUNK, conditional, device, ranges, score_candidates};

/// Total number of grid points in [`Validation::new`], over all dimensions.
const GRID_POINTS: usize = 4096;

/// Held-out examples for model selection, and the grid on which their density is computed.
pub struct Validation<'a, I = Tensor<2>> {
    /// The examples; not used for training or testing.
    pub examples: &'a dyn Dataset<I>,
    /// The grid on which an energy without a proposal is normalised.
    pub grid: Grid,
}

impl<'a, I: Input> Validation<'a, I> {
    /// Held-out examples, with a grid over the range of their targets, widened by half that range on either side. Reads
    /// every target once; batches are made on `device`.
    pub fn new(examples: &'a dyn Dataset<I>, device: &Device) -> Self {
        let dimensions = examples.target_width();
        let mut range = [f64::INFINITY, f64::NEG_INFINITY];
        for rows in ranges(examples.len(), CHUNK) {
            for y in to_host(examples.batch(&rows.collect::<Vec<_>>(), device).target) {
                range = [range[0].min(y), range[1].max(y)];
            }
        }
        let [low, high] = range;
        let margin = if high > low { 0.5 * (high - low) } else { 1.0 };
        let per_axis = (GRID_POINTS as f64).powf(1.0 / dimensions as f64).round() as usize;
        Self { examples, grid: Grid::fine(low - margin, high + margin, per_axis.max(2), dimensions) }
    }

    /// Mean of `−log p(y|x)` over the examples, nats.
    ///
    /// Exact for a mixture, by quadrature for an energy without a proposal. With a proposal `q`, by importance sampling
    /// in which the label `y_0` is added to the `m` candidates:
    ///
    /// `log 1/(m+1) Σ_{j=0..m} e^{f(y_j)}/q(y_j) − f(y_0)`, which is the NCE loss − log(m+1) − log q(y_0).
    ///
    /// Without the label, a proposal that misses a mode makes the estimate of `Z` too small and the loss too low, and
    /// selection would favour such models. With the label, the loss of a missed label is at least
    /// `−log q(y_0) − log(m+1)`. If the proposal fits, the two estimates differ by O(1/m). Every evaluation uses the
    /// same random numbers, so evaluations differ by the weights alone.
    pub fn nll<F: Features<Input = I>>(&self, model: &Model<F>, m: usize, seed: u64) -> f64 {
        let losses = match model {
            Model::Ebm(_) | Model::Residual(_) => self.sampled(model, m, seed),
            Model::Mdn(_) | Model::EbmFixed(_) | Model::MdnTeacher(_) => {
                nll_on_grid(model, self.examples, &self.grid, &mut |_| ())
            }
        };
        losses.iter().sum::<f64>() / losses.len() as f64
    }

    /// The loss of every example, by importance sampling.
    fn sampled<F: Features<Input = I>>(&self, model: &Model<F>, m: usize, seed: u64) -> Vec<f64> {
        let model = model.valid();
        let (device, budget) = (device(&model), Budget::default());
        let mut losses = Vec::with_capacity(self.examples.len());
        for rows in ranges(self.examples.len(), CHUNK) {
            let batch = self.examples.batch(&rows.clone().collect::<Vec<_>>(), &device);
            let Conditional::Energy(f) = conditional(&model, &batch.input, budget) else {
                unreachable!("an energy with its proposal")
            };
            let q = f.proposal().expect("an energy with its proposal");
            let scored = |y: Tensor<3>| score_candidates(&f, &y, budget);
            let noise = &mut Noise::new(seed, Purpose::Validation, 0, rows.start / CHUNK);
            let observed = scored(batch.target.unsqueeze_dim(1));
            let log_q = to_host(observed.log_q.clone());
            let contrast = to_host(nce(observed, scored(q.sample(m, noise))));
            losses.extend(contrast.iter().zip(log_q).map(|(nce, log_q)| nce - ((m + 1) as f64).ln() - log_q));
        }
        losses
    }
}
