//! Boosted trees: a density of a scalar target whose mean and scale are sums of regression trees.
//!
//! `p(z|x) = Σ_k w_k N(z; μ(x), (s_k σ(x))²)`, with `μ` and `log σ` boosted along the natural gradient of a Gaussian's
//! likelihood, and `w`, `s` fitted to the standardised residuals of held-out rows.
//!
//! Trees see steps and thresholds, networks see smooth functions: an ensemble of both is better than either. Everything
//! is computed on the host, and no tree is differentiable.
//!
//! Sources: Duan et al., "NGBoost: natural gradient boosting for probabilistic prediction", ICML 2020; Ke et al.,
//! "LightGBM: a highly efficient gradient boosting decision tree", NeurIPS 2017, for splits from histograms.

mod bins;
mod boost;
pub(crate) mod config;
mod file;
mod grow;
mod residual;
mod tree;

use std::ops::ControlFlow;

use burn::tensor::Device;

use crate::data::dataset::{Batch, Dataset};
use crate::math::host::{host, to_host};
use crate::math::noise::{Noise, Purpose};
use crate::method::limits::OutOfRange;
use boost::{Boosted, Rows, add_log_scale, boost};
use config::TreesConfig;
use residual::{COMPONENTS, Residual};
use tree::Tree;

/// Boosted trees for one scalar target on a line. Vectors and angles are not supported.
///
/// ```
/// use std::ops::ControlFlow;
/// use burn::tensor::Device;
/// use ebm_core::{Examples, Trees, TreesConfig};
///
/// let x: Vec<f64> = (0..200).map(|i| f64::from(i) / 200.0).collect();
/// let y: Vec<f64> = x.iter().map(|&x| if x < 0.5 { -1.0 } else { 1.0 }).collect();
/// let examples = Examples::from_pairs(&x, &y);
/// let config = TreesConfig::default();
/// let on_round = |_, _| ControlFlow::Continue(());
/// let trees = Trees::fit(&examples, &examples, &[0], &config, 7, &Device::flex(), on_round)?;
/// let [(_, mean, _), ..] = trees.components(&[0.9]);
/// assert!((mean - 1.0).abs() < 0.01);
/// # Ok::<(), ebm_core::TreesError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Trees {
    input_width: usize,
    /// Mean and log-scale before the first round.
    start: [f32; 2],
    means: Vec<Tree>,
    /// As many as `means`.
    log_scales: Vec<Tree>,
    residual: Residual,
}

/// Why trees were not fitted.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TreesError {
    /// A setting is out of range.
    #[error(transparent)]
    Config(#[from] OutOfRange),
    /// The target is a vector.
    #[error("the target has {dimensions} dimensions; boosted trees predict one number")]
    NotScalar {
        /// Dimensions of the target.
        dimensions: usize,
    },
    /// An input or a target is NaN or infinite.
    #[error("an input or the target of {of} example {row} is not finite")]
    NonFinite {
        /// `training` or `validation`.
        of: &'static str,
        /// Index of the example, counted from 0.
        row: usize,
    },
    /// The observer of the rounds asked to stop.
    #[error("stopped before the trees were fitted")]
    Stopped,
}

impl Trees {
    /// Fits trees to `examples` until the likelihood of `validation` no longer rises, and keeps the rounds up to the
    /// best. Targets are standardised scalars. Trees read only the given `columns` of the inputs.
    ///
    /// `progress` is called after each round, with the number of rounds and the last validation loss, nats, which is
    /// computed every fifth round; if it breaks, nothing is kept. The result is a function of the data, the settings and the seed. The device only holds the batches that the data sets give.
    ///
    /// # Errors
    /// [`TreesError`]: a setting is out of range, the target is a vector, a number is not finite, or `progress` broke.
    ///
    /// # Panics
    /// If the two data sets differ in their widths, there is no column, or a column is out of range.
    pub fn fit(
        examples: &dyn Dataset,
        validation: &dyn Dataset,
        columns: &[usize],
        config: &TreesConfig,
        seed: u64,
        device: &Device,
        progress: impl FnMut(usize, f64) -> ControlFlow<()>,
    ) -> Result<Self, TreesError> {
        config.check()?;
        let input_width = examples.input_width();
        assert_eq!(input_width, validation.input_width(), "validation inputs have another width");
        assert!(!columns.is_empty() && columns.iter().all(|&c| c < input_width), "columns must be of the input");
        let [examples, validation] =
            [(examples, "training", Purpose::Augmentation), (validation, "validation", Purpose::Validation)]
                .map(|(from, of, purpose)| read(from, columns, of, Noise::new(seed, purpose, 0, 0), device));
        let (examples, validation) = (examples?, validation?);
        let boosted = boost(&examples, &validation, config, seed, progress).ok_or(TreesError::Stopped)?;
        let Boosted { start, means, log_scales, validation: predicted } = boosted;
        let residuals: Vec<f64> = predicted.standardised(&validation.targets).collect();
        let [means, log_scales] =
            [means, log_scales].map(|trees| trees.into_iter().map(|tree| tree.reading(columns)).collect());
        Ok(Self { input_width, start, means, log_scales, residual: Residual::fit(&residuals) })
    }

    /// How many numbers an input has.
    pub fn input_width(&self) -> usize {
        self.input_width
    }

    /// How many rounds were kept.
    pub fn rounds(&self) -> usize {
        self.means.len()
    }

    /// Weight, mean and standard deviation of the Gaussians whose mixture is the density of the standardised target at
    /// an input. The sum of the weights is 1.
    ///
    /// # Panics
    /// If the input does not have [`Trees::input_width`] numbers.
    pub fn components(&self, input: &[f32]) -> [(f64, f64, f64); COMPONENTS] {
        assert_eq!(input.len(), self.input_width, "an input needs {} numbers", self.input_width);
        let [mean, log_scale] = self.start.map(f64::from);
        let mean = self.means.iter().fold(mean, |sum, tree| sum + tree.value(input));
        let add = |log_scale: f64, tree: &Tree| add_log_scale(log_scale, tree.value(input));
        let scale = self.log_scales.iter().fold(log_scale, add).exp();
        let Residual { weights, scales } = self.residual;
        let sum: f64 = weights.iter().copied().map(f64::from).sum();
        std::array::from_fn(|k| (f64::from(weights[k]) / sum, mean, f64::from(scales[k]) * scale))
    }
}

/// The given columns of all examples, and their targets. Counts are dequantised with `noise`.
fn read(
    from: &dyn Dataset,
    columns: &[usize],
    of: &'static str,
    mut noise: Noise,
    device: &Device,
) -> Result<Rows, TreesError> {
    let dimensions = from.target_width();
    if dimensions != 1 {
        return Err(TreesError::NotScalar { dimensions });
    }
    let rows: Vec<usize> = (0..from.len()).collect();
    let Batch { input, target } = from.training_batch(&rows, &mut noise, device);
    let (inputs, targets) = (host(&input), to_host(target));
    let mut kept = Vec::with_capacity(rows.len() * columns.len());
    for (row, (input, target)) in inputs.chunks_exact(from.input_width()).zip(&targets).enumerate() {
        let start = kept.len();
        kept.extend(columns.iter().map(|&column| input[column]));
        if !(target.is_finite() && kept[start..].iter().all(|number| number.is_finite())) {
            return Err(TreesError::NonFinite { of, row });
        }
    }
    Ok(Rows { inputs: kept, width: columns.len(), targets })
}

#[cfg(test)]
mod laws;
