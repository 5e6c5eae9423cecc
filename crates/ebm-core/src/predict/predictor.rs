//! A trained model with what turns its answers into the user's units: predictions by one call.

use burn::module::Module;
use burn::tensor::{Tensor, TensorData};

use crate::data::labelled::Labelled;
use crate::data::space::{TargetError, TargetSpace};
use crate::evaluate::assess::Assessment;
use crate::math::noise::{Noise, Purpose};
use crate::method::model::Model;
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
pub struct Predictor {
    model: Model,
    input_width: usize,
    space: TargetSpace,
    config: PredictionConfig,
    calibration: Option<Calibration>,
}

impl Predictor {
    /// Of a model trained on what `space` makes of targets, given rows of `input_width` numbers.
    ///
    /// # Panics
    /// Unless there are at least 64 candidates.
    pub fn new(model: &Model, input_width: usize, space: TargetSpace, config: PredictionConfig) -> Self {
        assert!(config.m >= 64, "a density needs at least 64 candidates, not {}", config.m);
        Self { model: model.valid(), input_width, space, config, calibration: None }
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

    /// Predictive densities for rows of inputs, row-major `[n, input]`, of which the first is row `first_row` of all.
    ///
    /// # Panics
    /// When the inputs are not whole rows.
    pub fn predict(&self, first_row: usize, inputs: &[f32]) -> Vec<Prediction<'_>> {
        let rows = self.rows(inputs);
        let chunks = ranges(rows, CHUNK);
        chunks
            .flat_map(|rows| {
                predictions(
                    &self.model,
                    &self.space,
                    self.config,
                    self.input(inputs, rows.clone()),
                    first_row + rows.start,
                    None,
                )
                .0
            })
            .collect()
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
        let (rows, dimensions) = (self.rows(inputs), self.space.dimensions());
        assert_eq!(rows * dimensions, targets.len(), "a target for every input");
        let mut answers = Vec::with_capacity(rows);
        for rows in ranges(rows, CHUNK) {
            let targets = &targets[rows.start * dimensions..rows.end * dimensions];
            answers.extend(self.scored(inputs, rows, first_row, targets));
        }
        Ok(answers)
    }

    /// Some of the rows with the log-densities of their targets.
    fn scored<'a>(
        &'a self,
        inputs: &[f32],
        rows: std::ops::Range<usize>,
        first_row: usize,
        targets: &[f64],
    ) -> impl Iterator<Item = (Prediction<'a>, LogProb)> {
        let input = self.input(inputs, rows.clone());
        let dimensions = self.space.dimensions();
        let (predictions, labels) =
            predictions(&self.model, &self.space, self.config, input, first_row + rows.start, Some(targets));
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
    pub fn calibrate(&self, held_out: &Labelled) -> Result<Calibration, CalibrationError> {
        Calibration::of(self.outsides(0, held_out))
    }

    /// [`Prediction::outside`] of the labels of examples, of which the first is row `first_row` of all: what
    /// [`Calibration::of`] is made of.
    pub fn outsides(&self, first_row: usize, examples: &Labelled) -> Vec<f64> {
        self.each(first_row, examples, |_, y, prediction, log_prob| {
            prediction.outside_scored(y, log_prob.estimate.value)
        })
    }

    /// Every example of a test set, of which the first is row `first_row` of all, held against its predictive density in
    /// the user's units: see [`crate::evaluate::summary::Summary`].
    ///
    /// What is resampled for row `i` has `Noise(seed, Prediction, 1, i)`.
    pub fn assess(&self, first_row: usize, examples: &Labelled) -> Vec<Assessment> {
        self.each(first_row, examples, |row, y, prediction, log_prob| {
            let noise = &mut Noise::new(self.config.seed, Purpose::Prediction, 1, row);
            Assessment::of(&prediction, y, log_prob, self.calibration.as_ref(), noise)
        })
    }

    /// What `with` makes of every example, its row, its prediction, and the log-density of its label.
    fn each<T>(
        &self,
        first_row: usize,
        examples: &Labelled,
        with: impl Fn(usize, &[f64], Prediction<'_>, LogProb) -> T,
    ) -> Vec<T> {
        let dimensions = self.space.dimensions();
        let labels = |rows: &std::ops::Range<usize>| &examples.labels()[rows.start * dimensions..rows.end * dimensions];
        let mut found = Vec::with_capacity(examples.labels().len() / dimensions);
        for rows in ranges(self.rows(examples.inputs()), CHUNK) {
            let scored = self.scored(examples.inputs(), rows.clone(), first_row, labels(&rows));
            for ((row, y), (prediction, log_prob)) in rows.clone().zip(labels(&rows).chunks(dimensions)).zip(scored) {
                found.push(with(first_row + row, y, prediction, log_prob));
            }
        }
        found
    }

    fn rows(&self, inputs: &[f32]) -> usize {
        assert!(inputs.len().is_multiple_of(self.input_width), "inputs are whole rows of {}", self.input_width);
        inputs.len() / self.input_width
    }

    fn input(&self, inputs: &[f32], rows: std::ops::Range<usize>) -> Tensor<2> {
        let width = self.input_width;
        let values = inputs[rows.start * width..rows.end * width].to_vec();
        Tensor::from_data(TensorData::new(values, [rows.len(), width]), &device(&self.model))
    }
}

#[cfg(test)]
mod laws;
