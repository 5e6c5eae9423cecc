//! A trained model with its target space: predictions in the user's units.

mod ensemble;

use std::ops::Range;

use burn::tensor::{Device, Tensor, TensorData};

use crate::data::dataset::Dataset;
use crate::data::space::{TargetError, TargetSpace};
use crate::math::host::to_host;
use crate::method::model::Model;
use crate::network::backbone::Backbone;
use crate::network::features::Features;
use crate::network::input::Input;
use crate::predict::build::{BOX_POINTS, Build, Labels};
use crate::predict::config::PredictionConfig;
use crate::predict::conformal::{Calibration, CalibrationError};
use crate::predict::knots::Role;
use crate::predict::member::Member;
use crate::predict::prediction::Prediction;
use crate::predict::reliability::LogProb;
use crate::predict::tiles::{Budget, CHUNK, device, ranges};

/// A trained model, or an ensemble of models, whose predictions are in the user's units.
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
/// let calibration = predictor.calibrate(&homes)?; // In practice, use examples that were not trained on.
/// let prediction = &predictor.predict(0, &[0.2])[0];
/// let [low, high] = prediction.interval(0.9);
/// assert!(0.0 < low && low < prediction.median() && prediction.median() < high);
/// assert_eq!(prediction.calibrated(&calibration, 0.9), [[0.0, f64::INFINITY]]); // Four examples are too few for 90 %.
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// For a scalar, the prediction is a function of the input alone. For a vector, row `i` uses its own stream,
/// `Noise(seed, Prediction, 2, i)`. Neither depends on how many rows are predicted at a time.
#[derive(Debug)]
pub struct Predictor<F: Features = Backbone> {
    /// Weights, whose sum is 1, and members; one network unless this is an ensemble.
    members: Vec<(f64, Member<F>)>,
    /// Of the mean of their densities; 1 is the mixture.
    power: f64,
    /// Where inputs are put.
    device: Device,
    /// Numbers in a row, if inputs are rows of numbers.
    input_width: Option<usize>,
    space: TargetSpace,
    config: PredictionConfig,
    calibration: Option<Calibration>,
    budget: Budget,
}

/// For models that read rows of numbers; inputs are plain slices.
impl<F: Features<Input = Tensor<2>>> Predictor<F> {
    /// For a model trained on targets standardised by `space`, with inputs that are rows of `input_width` numbers.
    ///
    /// # Panics
    /// If `config.m` is less than 64.
    pub fn new(model: &Model<F>, input_width: usize, space: TargetSpace, config: PredictionConfig) -> Self {
        Self { input_width: Some(input_width), ..Self::of(model, space, config) }
    }

    /// Predictive densities for inputs, row-major `[n, input]`. The first is row `first_row` of the data set.
    ///
    /// # Panics
    /// If the inputs are not whole rows.
    pub fn predict(&self, first_row: usize, inputs: &[f32]) -> Vec<Prediction<'_>> {
        let predict = |rows: Range<usize>| self.predict_batch(first_row + rows.start, &self.input(inputs, rows));
        ranges(self.rows(inputs), CHUNK).flat_map(predict).collect()
    }

    /// Predictive densities as from [`Predictor::predict`], each with `log p(y|x)` at one target. `targets` are
    /// row-major `[n, D]` in the user's units.
    ///
    /// # Errors
    /// [`TargetError::OutOfSupport`] with the row of a target outside its support.
    ///
    /// # Panics
    /// If the inputs are not whole rows, or there is not one target for each input.
    pub fn log_prob(
        &self,
        first_row: usize,
        inputs: &[f32],
        targets: &[f64],
    ) -> Result<Vec<(Prediction<'_>, LogProb)>, TargetError> {
        self.space.check(targets)?;
        let (rows, dimensions) = (self.rows(inputs), self.space.dimensions());
        assert_eq!(rows * dimensions, targets.len(), "every input needs a target");
        let mut answers = Vec::with_capacity(rows);
        for rows in ranges(rows, CHUNK) {
            let targets = &targets[rows.start * dimensions..rows.end * dimensions];
            answers.extend(self.scored(first_row + rows.start, &self.input(inputs, rows), targets));
        }
        Ok(answers)
    }

    fn rows(&self, inputs: &[f32]) -> usize {
        let width = self.width();
        assert!(inputs.len().is_multiple_of(width), "inputs must be whole rows of {width} numbers");
        inputs.len() / width
    }

    fn width(&self) -> usize {
        self.input_width.expect("predictions from slices need a predictor made by `Predictor::new`")
    }

    fn input(&self, inputs: &[f32], rows: Range<usize>) -> Tensor<2> {
        let width = self.width();
        let values = inputs[rows.start * width..rows.end * width].to_vec();
        Tensor::from_data(TensorData::new(values, [rows.len(), width]), &self.device)
    }
}

impl<F: Features> Predictor<F> {
    /// For a model trained on targets standardised by `space`, with inputs of the type that its feature network reads.
    ///
    /// # Panics
    /// If `config.m` is less than 64.
    pub fn of(model: &Model<F>, space: TargetSpace, config: PredictionConfig) -> Self {
        Self::made(vec![(1.0, model.into())], space, config, device(model))
    }

    fn made(members: Vec<(f64, Member<F>)>, space: TargetSpace, config: PredictionConfig, device: Device) -> Self {
        assert!(config.m >= 64, "a density needs at least 64 candidates, not {}", config.m);
        let budget = Budget::default();
        Self { members, power: 1.0, device, input_width: None, space, config, calibration: None, budget }
    }

    /// Sets the calibration of sets of highest density.
    #[must_use]
    pub fn with_calibration(self, calibration: Option<Calibration>) -> Self {
        Self { calibration, ..self }
    }

    /// How targets are standardised.
    pub fn space(&self) -> &TargetSpace {
        &self.space
    }

    /// The device that inputs are put on.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// How predictions are computed.
    pub fn config(&self) -> PredictionConfig {
        self.config
    }

    /// The calibration of sets of highest density, if there is one.
    pub fn calibration(&self) -> Option<&Calibration> {
        self.calibration.as_ref()
    }

    /// The model, without gradients; `None` for an ensemble.
    pub fn model(&self) -> Option<&Model<F>> {
        match &self.members[..] {
            [(_, Member::Network(model))] => Some(model),
            _ => None,
        }
    }

    /// The members with their weights; a single model has the weight 1.
    pub fn members(&self) -> &[(f64, Member<F>)] {
        &self.members
    }

    /// Predictive densities for inputs on any device. The first has index `first_row` in the data set.
    pub fn predict_batch(&self, first_row: usize, input: &F::Input) -> Vec<Prediction<'_>> {
        let chunk = |rows: Range<usize>| {
            let input = input.slice(rows.clone());
            self.pooled(
                |member| self.build(first_row + rows.start).predictions(member.densities(&input, self.budget)),
                |members| Prediction::pool(&self.space, members, self.power),
            )
        };
        ranges(input.rows(), CHUNK).flat_map(chunk).collect()
    }

    /// Predictions for a batch, each with the log-density at its target; `targets` are row-major `[batch, D]`.
    fn scored(&self, first_row: usize, input: &F::Input, targets: &[f64]) -> Vec<(Prediction<'_>, LogProb)> {
        self.pooled(
            |member| self.scored_by(member, first_row, input, targets),
            |members| {
                let (members, log_probs): (Vec<_>, Vec<_>) = members
                    .into_iter()
                    .map(|(weight, (prediction, log_prob))| ((weight, prediction), log_prob))
                    .unzip();
                let prediction = Prediction::pool(&self.space, members, self.power);
                let log_prob = prediction.log_prob_of(log_probs.into_iter());
                (prediction, log_prob)
            },
        )
    }

    /// [`Predictor::scored`] of one member.
    fn scored_by<'a>(
        &'a self,
        member: &'a Member<F>,
        first_row: usize,
        input: &F::Input,
        targets: &[f64],
    ) -> Vec<(Prediction<'a>, LogProb)> {
        let densities = member.densities(input, self.budget);
        let Labels { scores, log_q } = Labels::of(&densities, &self.space, targets);
        let labels = targets.chunks(self.space.dimensions()).zip(scores).zip(log_q);
        let predictions = self.build(first_row).predictions(densities);
        let log_probs: Vec<LogProb> = (predictions.iter().zip(labels))
            .map(|(prediction, ((y, score), log_q))| prediction.log_prob_scored(y, score, log_q))
            .collect();
        predictions.into_iter().zip(log_probs).collect()
    }

    fn build(&self, first_row: usize) -> Build<'_> {
        let role = if self.members.len() == 1 { Role::Answer } else { Role::Member };
        Build { space: &self.space, config: self.config_of_member(), first_row, role, budget: self.budget }
    }

    /// Calibrates sets of highest density on held-out examples, which must not have been trained on: see
    /// [`Calibration`].
    ///
    /// # Errors
    /// [`CalibrationError::Score`] if a density is NaN; [`CalibrationError::Empty`] without examples.
    pub fn calibrate(&self, held_out: &dyn Dataset<F::Input>) -> Result<Calibration, CalibrationError> {
        Calibration::of(self.tail_masses(0, held_out))
    }

    /// [`Prediction::tail_mass`] of the label of every example, the input of [`Calibration::of`]. The first example has
    /// index `first_row` in the data set.
    pub fn tail_masses(&self, first_row: usize, examples: &dyn Dataset<F::Input>) -> Vec<f64> {
        let mut found = Vec::with_capacity(examples.len());
        self.each(first_row, examples, |_, y, prediction, log_prob| {
            found.push(prediction.tail_mass_scored(y, log_prob.estimate.value));
        });
        found
    }

    /// Calls `with` for every example with its row, its label in the user's units, its prediction, and the log-density
    /// of the label. The first example has index `first_row` in the data set.
    pub(crate) fn each(
        &self,
        first_row: usize,
        examples: &dyn Dataset<F::Input>,
        mut with: impl FnMut(usize, &[f64], &Prediction<'_>, LogProb),
    ) {
        let dimensions = self.space.dimensions();
        for rows in ranges(examples.len(), self.rows_at_once()) {
            let first_row = first_row + rows.start;
            let rows: Vec<usize> = rows.collect();
            let batch = examples.batch(&rows, &self.device);
            let labels = examples.labels_at(&rows).unwrap_or_else(|| {
                to_host(batch.target).chunks(dimensions).flat_map(|z| self.space.from_model(z)).collect()
            });
            let scored = self.scored(first_row, &batch.input, &labels);
            for ((row, y), (prediction, log_prob)) in (first_row..).zip(labels.chunks(dimensions)).zip(&scored) {
                with(row, y, prediction, *log_prob);
            }
        }
    }

    /// Rows whose predictions are held at a time. Quadrature for vectors needs many points for each row.
    fn rows_at_once(&self) -> usize {
        let is_fixed = |(_, member): &(f64, Member<F>)| matches!(member, Member::Network(Model::EbmFixed(_)));
        if self.space.dimensions() > 1 && self.members.iter().any(is_fixed) {
            self.budget.fit(8 * BOX_POINTS * self.config.m).min(CHUNK)
        } else {
            CHUNK
        }
    }

    #[cfg(test)]
    pub(crate) fn within(self, budget: Budget) -> Self {
        Self { budget, ..self }
    }
}

#[cfg(test)]
pub(crate) mod laws;
