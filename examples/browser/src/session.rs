//! One training: advanced some steps at a time, and looked at in between.

use burn::tensor::Device;
use ebm_core::evaluate::kl_on_grid;
use ebm_core::{
    EpochReport, Examples, Flow, Grid, Model, ModelConfig, Observer, TrainError, TrainState, TrainingConfig,
    Validation, fit, linspace,
};
use serde::Serialize;

use crate::data::Data;
use crate::fault::Fault;
use crate::plan::Plan;
use crate::task::Task;

/// Candidates of each held-out example.
const VALIDATION_M: usize = 512;
/// Points of the grid on which an energy without a proposal is normalised: four cells in a standard deviation of the
/// narrowest branch of the first task.
const VALIDATION_GRID: usize = 256;
/// Inputs at which the divergence from the truth is averaged.
const KL_INPUTS: usize = 2048;

/// The means of the losses of an epoch, and the likelihood of held-out examples after it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Epoch {
    /// Counted from 1.
    pub epoch: usize,
    /// The mean of each loss, nats.
    pub losses: Vec<(&'static str, f64)>,
    /// Steps that were skipped because their loss was not finite.
    pub skipped: usize,
    /// Mean of `−log p(y|x)` of the held-out examples, nats, in their own units.
    pub held_out: Option<f64>,
}

/// How far a training has come.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Progress {
    /// Epochs done.
    pub epoch: usize,
    /// Steps done of the next one.
    pub step: usize,
    /// Steps of an epoch.
    pub steps_per_epoch: usize,
    /// Epochs in all.
    pub epochs: usize,
    /// Whether all are done.
    pub finished: bool,
}

/// One training.
pub struct Session {
    data: Data,
    plan: Plan,
    config: ModelConfig,
    training: TrainingConfig,
    state: TrainState<Model>,
    epochs: Vec<Epoch>,
}

impl Session {
    /// A model that is not trained yet.
    ///
    /// # Errors
    /// When a setting is out of range.
    pub fn new(data: Data, plan: Plan) -> Result<Self, Fault> {
        let (config, training) = plan.settings()?;
        let state = TrainState::new(config.init(plan.seed, &Device::flex().autodiff()), plan.seed);
        Ok(Self { data, plan, config, training, state, epochs: Vec::new() })
    }

    /// Takes up to `steps` training steps, by the loop that trains everything else.
    ///
    /// # Errors
    /// When training diverged; the weights are the last good ones.
    pub fn advance(&mut self, steps: usize) -> Result<(), Fault> {
        if steps == 0 || self.progress().finished {
            return Ok(());
        }
        let mut observer = Pace { left: steps, held_out: self.held_out(), new: Vec::new(), last: None };
        let fitted = fit(self.state.clone(), self.data.examples.as_ref(), &self.training, &mut observer);
        let Pace { new, last, .. } = observer;
        self.epochs.extend(new);
        match fitted {
            Ok(state) => {
                self.state = state;
                Ok(())
            }
            Err(error) => {
                self.state = last.unwrap_or_else(|| self.state.clone());
                Err(error.into())
            }
        }
    }

    fn held_out(&self) -> Option<HeldOut<'_>> {
        let examples = self.data.held_out.as_deref()?;
        let [low, high] = self.data.target_range().map(|y| self.data.space.targets()[0].to_model(y));
        let margin = if high > low { 0.5 * (high - low) } else { 1.0 };
        let grid = Grid::fine(low - margin, high + margin, VALIDATION_GRID, 1);
        // The Jacobian of a linear scale is the same everywhere.
        let log_scale = -self.data.space.log_jacobian(&[self.data.shown[0].y[0]]);
        Some(HeldOut { validation: Validation { examples, grid }, seed: self.plan.seed, log_scale })
    }

    /// How far it has come.
    pub fn progress(&self) -> Progress {
        let position = self.state.position();
        Progress {
            epoch: position.epoch,
            step: position.step,
            steps_per_epoch: self.data.examples.len().div_ceil(self.training.batch_size),
            epochs: self.training.epochs,
            finished: self.state.is_finished(&self.training),
        }
    }

    /// `KL(truth ‖ model)` in nats where the truth is known, as `ebm evaluate` computes it.
    pub fn kl(&self) -> Option<f64> {
        let task = self.data.task()?;
        let [[low, high], _] = task.ranges();
        let inputs = linspace(low, high, KL_INPUTS);
        let at = Examples::from_pairs(&inputs, &vec![0.0; inputs.len()]);
        let ([low, high], points) = task.grid();
        let truth = |row: usize, y: f64| task.log_density(inputs[row], y);
        Some(kl_on_grid(&self.state.model, &at, &Grid::line(low, high, points), truth))
    }

    /// The entropy of the truth, nats: no model has a lower expected loss.
    pub fn entropy(&self) -> Option<f64> {
        self.data.task().map(Task::entropy)
    }

    /// What is learned from.
    pub fn data(&self) -> &Data {
        &self.data
    }

    /// How it is trained.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Shape and method of the model.
    pub fn config(&self) -> &ModelConfig {
        &self.config
    }

    /// The settings of training.
    pub fn training(&self) -> &TrainingConfig {
        &self.training
    }

    /// The model as it is now.
    pub fn model(&self) -> &Model {
        &self.state.model
    }

    /// The epochs that are done.
    pub fn epochs(&self) -> &[Epoch] {
        &self.epochs
    }
}

/// The held-out examples.
struct HeldOut<'a> {
    validation: Validation<'a>,
    seed: u64,
    /// `log |dy/dz|`
    log_scale: f64,
}

/// Stops after some steps, and keeps what is told.
struct Pace<'a> {
    left: usize,
    held_out: Option<HeldOut<'a>>,
    new: Vec<Epoch>,
    /// The state with the last good weights, if training failed.
    last: Option<TrainState<Model>>,
}

impl Observer<Model> for Pace<'_> {
    fn step(&mut self, _: &TrainState<Model>) -> Flow {
        self.left -= 1;
        if self.left == 0 { Flow::Stop } else { Flow::Continue }
    }

    fn epoch(&mut self, state: &TrainState<Model>, report: &EpochReport) {
        let held_out = self.held_out.as_ref().map(|HeldOut { validation, seed, log_scale }| {
            validation.nll(&state.model, VALIDATION_M, *seed) + log_scale
        });
        let (losses, skipped) = (report.losses.clone(), report.skipped);
        self.new.push(Epoch { epoch: report.epoch + 1, losses, skipped, held_out });
    }

    fn failed(&mut self, state: &TrainState<Model>, _: &TrainError) {
        self.last = Some(state.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::MethodName;
    use ebm_core::checkpoint::weights_to_bytes;

    fn session(method: MethodName) -> Session {
        let plan = Plan { method, components: 2, m: 16, sigma: 0.1, seed: 3, epochs: 2 };
        Session::new(Data::of_task(Task::Toy1), plan).unwrap()
    }

    fn bytes(session: &Session) -> Vec<u8> {
        weights_to_bytes(session.model()).unwrap()
    }

    #[test]
    fn a_training_in_pieces_ends_in_the_bytes_of_one_that_never_stopped() {
        let methods = [MethodName::Ebm, MethodName::EbmFixed, MethodName::Mdn, MethodName::MdnTeacher];
        for method in methods {
            let [mut whole, mut pieces] = [session(method), session(method)];
            whole.advance(usize::MAX).unwrap();
            let mut size = 1;
            while !pieces.progress().finished {
                pieces.advance(size).unwrap();
                size = size % 7 + 1;
            }
            assert_eq!(bytes(&whole), bytes(&pieces), "{method:?}");
            assert_eq!(whole.epochs(), pieces.epochs(), "{method:?}");
            assert_eq!(whole.epochs().len(), 2);
        }
    }

    #[test]
    fn training_lowers_the_held_out_loss_and_the_divergence_from_the_truth() {
        let mut session = session(MethodName::Ebm);
        let before = session.kl().unwrap();
        session.advance(usize::MAX).unwrap();
        let losses: Vec<f64> = session.epochs().iter().map(|epoch| epoch.held_out.unwrap()).collect();
        assert!(losses[1] < losses[0], "{losses:?}");
        assert!(session.kl().unwrap() < before);
        // The truth is the best model of all.
        assert!(losses[1] > session.entropy().unwrap());
    }

    #[test]
    fn an_advance_takes_exactly_its_steps() {
        let mut session = session(MethodName::Mdn);
        session.advance(5).unwrap();
        let progress = session.progress();
        assert_eq!((progress.epoch, progress.step, progress.steps_per_epoch), (0, 5, 63));
        session.advance(0).unwrap();
        assert_eq!(session.progress(), progress);
    }
}
