//! A trained model with what turns its answers into the user's units: predictions by one call.

use std::ops::Range;

use burn::module::Module;
use burn::tensor::{Tensor, TensorData};

use crate::data::dataset::Dataset;
use crate::data::labelled::Labelled;
use crate::data::space::{TargetError, TargetSpace};
use crate::evaluate::assess::Assessment;
use crate::math::noise::{Noise, Purpose};
use crate::method::model::Model;
use crate::network::backbone::Backbone;
use crate::network::features::Features;
use crate::network::input::Input;
use crate::predict::LogProb;
use crate::predict::conformal::{Calibration, CalibrationError};
use crate::predict::prediction::{Labels, Prediction, PredictionConfig, predictions};
use crate::predict::tiles::{CHUNK, device, ranges};

/// A trained model that answers in the user's units.
///
/// ```
/// use burn::tensor::Device;
/// use ebm_core::*;
///
/// let prices = [120.0, 95.0, 310.0, 150.0];
/// let space = TargetSpace::fit(&[TargetKind::Positive], &prices)?;
/// let homes = Labelled::new(vec![0.1, -0.4, 2.0, 0.3], 1, prices.to_vec(), space.clone())?;
/// let config = ModelConfig { axes: space.axes(), ..ModelConfig::scalar(Method::ebm(2)) };
/// let training = TrainingConfig { epochs: 2, m: 64, ..TrainingConfig::default() };
/// let state = TrainState::new(config.init(7, &Device::flex().autodiff()), 7);
/// let model = fit(state, &homes, &training, &mut ())?.model;
///
/// let predictor = Predictor::new(&model, 1, space, PredictionConfig::default());
/// let calibration = predictor.calibrate(&homes)?; // Of examples that were not trained on, really.
/// let prediction = &predictor.predict(0, &[0.2])[0];
/// let [low, high] = prediction.interval(0.9);
/// assert!(0.0 < low && low < prediction.median() && prediction.median() < high);
/// assert_eq!(prediction.calibrated(&calibration, 0.9), [[0.0, f64::INFINITY]]); // Four are too few for nine in ten.
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A scalar's answers are a function of the input alone; of a vector, row `i` has noise of its own,
/// `Noise(seed, Prediction, 2, i)`. So neither depends on how many rows are predicted at a time.
#[derive(Debug)]
pub struct Predictor<F: Features = Backbone> {
    model: Model<F>,
    /// Numbers in a row, where inputs are rows.
    input_width: Option<usize>,
    space: TargetSpace,
    config: PredictionConfig,
    calibration: Option<Calibration>,
}

/// Of models that read rows of numbers, which may be given as plain slices.
impl<F: Features<Input = Tensor<2>>> Predictor<F> {
    /// Of a model trained on what `space` makes of targets, given rows of `input_width` numbers.
    ///
    /// # Panics
    /// Unless there are at least 64 candidates.
    pub fn new(model: &Model<F>, input_width: usize, space: TargetSpace, config: PredictionConfig) -> Self {
        Self { input_width: Some(input_width), ..Self::of(model, space, config) }
    }

    /// Predictive densities for rows of inputs, row-major `[n, input]`, of which the first is row `first_row` of all.
    ///
    /// # Panics
    /// When the inputs are not whole rows.
    pub fn predict(&self, first_row: usize, inputs: &[f32]) -> Vec<Prediction<'_>> {
        self.chunks(inputs).flat_map(|(start, input)| self.predict_batch(first_row + start, &input)).collect()
    }

    /// Predictive densities, as [`Predictor::predict`] gives them, and with them `log p(y|x)` at one target a row,
    /// row-major `[n, D]` in the user's units.
    ///
    /// # Errors
    /// [`TargetError::OutOfSupport`] with the row of a target of another kind.
    pub fn log_prob(
        &self,
        first_row: usize,
        inputs: &[f32],
        targets: &[f64],
    ) -> Result<Vec<(Prediction<'_>, LogProb)>, TargetError> {
        self.space.check(targets)?;
        let dimensions = self.space.dimensions();
        assert_eq!(self.rows(inputs) * dimensions, targets.len(), "a target for every input");
        let scored = |(start, input): (usize, Tensor<2>)| {
            let rows = start..start + input.rows();
            self.scored(first_row + start, &input, &targets[rows.start * dimensions..rows.end * dimensions])
        };
        Ok(self.chunks(inputs).flat_map(scored).collect())
    }

    fn rows(&self, inputs: &[f32]) -> usize {
        let width = self.input_width.expect("slices are for a predictor that was told the width of a row");
        assert!(inputs.len().is_multiple_of(width), "inputs are whole rows of {width}");
        inputs.len() / width
    }

    /// The rows in chunks, each after the number of those before it.
    fn chunks(&self, inputs: &[f32]) -> impl Iterator<Item = (usize, Tensor<2>)> {
        let (count, device) = (self.rows(inputs), device(&self.model));
        let width = inputs.len() / count.max(1);
        ranges(count, CHUNK).map(move |rows| {
            let values = inputs[rows.start * width..rows.end * width].to_vec();
            (rows.start, Tensor::from_data(TensorData::new(values, [rows.len(), width]), &device))
        })
    }
}

impl<F: Features> Predictor<F> {
    /// Of a model trained on what `space` makes of targets, given inputs as its feature network reads them.
    ///
    /// # Panics
    /// Unless there are at least 64 candidates.
    pub fn of(model: &Model<F>, space: TargetSpace, config: PredictionConfig) -> Self {
        assert!(config.m >= 64, "a density needs at least 64 candidates, not {}", config.m);
        Self { model: model.valid(), input_width: None, space, config, calibration: None }
    }

    /// The same with sets of highest density calibrated.
    #[must_use]
    pub fn with_calibration(self, calibration: Option<Calibration>) -> Self {
        Self { calibration, ..self }
    }

    /// How targets become what networks see.
    pub fn space(&self) -> &TargetSpace {
        &self.space
    }

    /// How predictions are computed.
    pub fn config(&self) -> PredictionConfig {
        self.config
    }

    /// What held-out examples said, if they were asked.
    pub fn calibration(&self) -> Option<&Calibration> {
        self.calibration.as_ref()
    }

    /// Predictive densities for inputs on whatever device, of which the first is row `first_row` of all.
    pub fn predict_batch(&self, first_row: usize, input: &F::Input) -> Vec<Prediction<'_>> {
        let chunk = |rows: Range<usize>| {
            let start = first_row + rows.start;
            predictions(&self.model, &self.space, self.config, &input.slice(rows), start, None).0
        };
        ranges(input.rows(), CHUNK).flat_map(chunk).collect()
    }

    /// A chunk with the log-densities of its targets.
    fn scored<'a>(
        &'a self,
        first_row: usize,
        input: &F::Input,
        targets: &[f64],
    ) -> impl Iterator<Item = (Prediction<'a>, LogProb)> + use<'a, F> {
        let dimensions = self.space.dimensions();
        let (predictions, labels) = predictions(&self.model, &self.space, self.config, input, first_row, Some(targets));
        let Labels { scores, log_q } = labels.expect("targets were given");
        let targets: Vec<Vec<f64>> = targets.chunks(dimensions).map(<[f64]>::to_vec).collect();
        predictions.into_iter().zip(targets).enumerate().map(move |(i, (prediction, y))| {
            let log_prob = prediction.log_prob_scored(&y, scores[i], log_q[i]);
            (prediction, log_prob)
        })
    }

    /// How often sets of highest density must be larger than they say to cover as often as they say, by examples that
    /// were not trained on.
    ///
    /// # Errors
    /// [`CalibrationError::Score`] where a density is not a number.
    pub fn calibrate<D: Dataset<F::Input>>(&self, held_out: &Labelled<D>) -> Result<Calibration, CalibrationError> {
        Calibration::of(self.outsides(0, held_out))
    }

    /// [`Prediction::outside`] of the labels of examples, of which the first is row `first_row` of all: what
    /// [`Calibration::of`] is made of.
    pub fn outsides<D: Dataset<F::Input>>(&self, first_row: usize, examples: &Labelled<D>) -> Vec<f64> {
        self.each(first_row, examples, |_, y, prediction, log_prob| {
            prediction.outside_scored(y, log_prob.estimate.value)
        })
    }

    /// Every example of a test set, of which the first is row `first_row` of all, held against its predictive density in
    /// the user's units: see [`crate::evaluate::summary::Summary`].
    ///
    /// What is resampled for row `i` has `Noise(seed, Prediction, 1, i)`.
    pub fn assess<D: Dataset<F::Input>>(&self, first_row: usize, examples: &Labelled<D>) -> Vec<Assessment> {
        self.each(first_row, examples, |row, y, prediction, log_prob| {
            let noise = &mut Noise::new(self.config.seed, Purpose::Prediction, 1, row);
            Assessment::of(&prediction, y, log_prob, self.calibration.as_ref(), noise)
        })
    }

    /// What `with` makes of every example, its row, its prediction, and the log-density of its label.
    fn each<D: Dataset<F::Input>, T>(
        &self,
        first_row: usize,
        examples: &Labelled<D>,
        with: impl Fn(usize, &[f64], Prediction<'_>, LogProb) -> T,
    ) -> Vec<T> {
        let (dimensions, device) = (self.space.dimensions(), device(&self.model));
        let mut found = Vec::with_capacity(examples.len());
        for rows in ranges(examples.len(), CHUNK) {
            let input = examples.input(&rows.clone().collect::<Vec<_>>(), &device);
            let labels = &examples.labels()[rows.start * dimensions..rows.end * dimensions];
            let scored = self.scored(first_row + rows.start, &input, labels);
            for ((row, y), (prediction, log_prob)) in rows.zip(labels.chunks(dimensions)).zip(scored) {
                found.push(with(first_row + row, y, prediction, log_prob));
            }
        }
        found
    }
}

#[cfg(test)]
mod laws;
