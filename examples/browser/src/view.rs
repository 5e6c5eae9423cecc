//! What a model says: over the plane, and at one input.

use ebm_core::evaluate::{log_prob_on_grid, log_proposal_on_grid};
use ebm_core::{Examples, Grid, Model, PredictionConfig, Predictor, Reach, TargetKind, TargetSpace};
use serde::Serialize;

use crate::axis::Axis;
use crate::data::Standard;
use crate::task::Task;

/// Below this share of effective samples a prediction is marked, as by `ebm predict`.
const ESS_SHARE_LIMIT: f64 = 0.02;
/// The levels of the quantiles that are shown.
const QUANTILES: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];

/// A model with what is needed to ask it in the user's units.
pub struct View<'a> {
    /// The model.
    pub predictor: &'a Predictor,
    /// The axes of the plane.
    pub axes: &'a [Axis; 2],
    /// How inputs become what the network reads.
    pub input: Standard,
    /// How far the training inputs reach, if that is known.
    pub reach: Option<&'a Reach>,
    /// The task whose true density is known.
    pub task: Option<Task>,
}

/// What a model says at one input.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Slice {
    /// The input.
    pub x: f64,
    /// Targets, evenly spaced.
    pub y: Vec<f64>,
    /// `p(y|x)` at each.
    pub density: Vec<f64>,
    /// The proposal's density at each.
    pub proposal: Option<Vec<f64>>,
    /// The true density at each.
    pub truth: Option<Vec<f64>>,
    /// Mean.
    pub mean: f64,
    /// Standard deviation.
    pub sd: f64,
    /// Where the density is highest.
    pub mode: f64,
    /// Levels and quantiles.
    pub quantiles: Vec<[f64; 2]>,
    /// The probability that the set has.
    pub level: f64,
    /// The smallest set with that probability, as intervals.
    pub set: Vec<[f64; 2]>,
    /// Whether the set is calibrated.
    pub calibrated: bool,
    /// Effective sample size divided by the number of candidates, if there is a proposal.
    pub ess_share: Option<f64>,
    /// Distance to the training inputs; above 1 farther than any of those from the others.
    pub distance: Option<f64>,
    /// Why it cannot be trusted, if it cannot.
    pub doubts: Vec<&'static str>,
}

impl View<'_> {
    /// `log p(y|x)` in the centres of cells of the plane, row-major `[x][y]`, nats.
    pub fn density(&self, cells: [usize; 2]) -> Vec<f32> {
        let (xs, ys) = (self.axes[0].centres(cells[0]), self.axes[1].centres(cells[1]));
        if let (Some(model), true) = (self.predictor.model(), self.is_linear()) {
            return self.on_grid(&xs, cells[1], |at, grid| Some(log_prob_on_grid(model, at, grid))).expect("a density");
        }
        let inputs: Vec<f32> = xs.iter().map(|&x| self.input.to_model(x)).collect();
        let predictions = self.predictor.predict(0, &inputs);
        let of = |prediction: &ebm_core::Prediction<'_>, y: f64| log_density(prediction, y) as f32;
        predictions.iter().flat_map(|prediction| ys.iter().map(move |&y| of(prediction, y))).collect()
    }

    /// The proposal, as [`View::density`]; `None` where the density is no energy, or there is no proposal.
    pub fn proposal(&self, cells: [usize; 2]) -> Option<Vec<f32>> {
        let xs = self.axes[0].centres(cells[0]);
        let model = self.predictor.model().filter(|model| is_energy(model) && self.is_linear())?;
        self.on_grid(&xs, cells[1], |at, grid| log_proposal_on_grid(model, at, grid))
    }

    /// The true density, as [`View::density`], where it is known.
    pub fn truth(&self, cells: [usize; 2]) -> Option<Vec<f32>> {
        let task = self.task?;
        let (xs, ys) = (self.axes[0].centres(cells[0]), self.axes[1].centres(cells[1]));
        Some(xs.iter().flat_map(|&x| ys.iter().map(move |&y| task.log_density(x, y) as f32)).collect())
    }

    /// Whether equal steps of the target are equal steps of the standardised target.
    fn is_linear(&self) -> bool {
        matches!(self.space().targets()[0].kind, TargetKind::Real)
    }

    fn space(&self) -> &TargetSpace {
        self.predictor.space()
    }

    /// A log-density on a grid of the standardised target, converted to the user's units.
    fn on_grid(
        &self,
        xs: &[f64],
        cells: usize,
        of: impl FnOnce(&Examples, &Grid) -> Option<Vec<f32>>,
    ) -> Option<Vec<f32>> {
        let inputs: Vec<f32> = xs.iter().map(|&x| self.input.to_model(x)).collect();
        let count = inputs.len();
        let [low, high] = self.axes[1].range.map(|y| self.space().targets()[0].to_model(y));
        let log_jacobian = self.space().log_jacobian(&[self.axes[1].range[0]]) as f32;
        let values = of(&Examples::new(inputs, 1, vec![0.0; count], 1), &Grid::fine(low, high, cells, 1))?;
        Some(values.into_iter().map(|log_density| log_density + log_jacobian).collect())
    }

    /// What the model says at one input. The set has the probability `level`.
    pub fn slice(&self, x: f64, level: f64, cells: usize) -> Slice {
        let input = self.input.to_model(x);
        let prediction = &self.predictor.predict(0, &[input])[0];
        let ys = self.axes[1].centres(cells);
        let marginal = prediction.marginal(0);
        let proposal = self.predictor.model().filter(|model| is_energy(model) && self.is_linear());
        let proposal =
            proposal.and_then(|model| self.on_grid(&[x], cells, |at, grid| log_proposal_on_grid(model, at, grid)));
        let ess_share = prediction.reliability().map(|found| found.ess_share);
        let distance = self.reach.map(|reach| reach.distance(&[input]));
        let [low, high] = marginal.target().seen;
        let mut doubts = Vec::new();
        if distance.is_some_and(|distance| distance > 1.0) {
            doubts.push("x is farther from the training data than any of them from the others");
        }
        if ess_share.is_some_and(|share| share < ESS_SHARE_LIMIT) {
            doubts.push("the proposal does not fit the density: few effective samples");
        }
        if !(2.0 * low - high..=2.0 * high - low).contains(&marginal.median()) {
            doubts.push("the median lies far beyond the training targets");
        }
        Slice {
            density: ys.iter().map(|&y| log_density(prediction, y).exp()).collect(),
            proposal: proposal.map(|values| values.into_iter().map(|log_q| f64::from(log_q).exp()).collect()),
            truth: self.task.map(|task| ys.iter().map(|&y| task.log_density(x, y).exp()).collect()),
            mean: marginal.mean(),
            sd: marginal.sd(),
            mode: prediction.mode()[0],
            quantiles: QUANTILES.iter().map(|&p| [p, marginal.quantile(p)]).collect(),
            level,
            set: match self.predictor.calibration() {
                Some(calibration) => prediction.calibrated(calibration, level),
                None => marginal.hpd(level),
            },
            calibrated: self.predictor.calibration().is_some(),
            ess_share,
            distance,
            doubts,
            x,
            y: ys,
        }
    }
}

/// A predictor of one network in training.
pub fn predictor(model: &Model, space: &TargetSpace, seed: u64) -> Predictor {
    Predictor::new(model, 1, space.clone(), PredictionConfig { seed, ..PredictionConfig::default() })
}

fn is_energy(model: &Model) -> bool {
    matches!(model, Model::Ebm(_) | Model::EbmFixed(_))
}

/// The log-density of a scalar from its curve, nats. The curve of an angle is one turn from anywhere.
fn log_density(prediction: &ebm_core::Prediction<'_>, y: f64) -> f64 {
    let marginal = prediction.marginal(0);
    let [offset, step] = marginal.unit();
    let turns = match marginal.target().kind {
        TargetKind::Angle { period } => vec![y - period, y, y + period],
        _ => vec![(y - offset) / step],
    };
    turns.into_iter().map(|y| marginal.curve().log_density(y)).fold(f64::NEG_INFINITY, f64::max) - step.ln()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Data, Wanted, read};
    use crate::plan::{MethodName, Plan};
    use crate::session::Session;

    fn trained(data: Data, method: MethodName) -> Session {
        let plan = Plan { method, components: 4, m: 64, sigma: 0.2, seed: 1, epochs: 3 };
        let mut session = Session::new(data, plan).unwrap();
        session.advance(usize::MAX).unwrap();
        session
    }

    fn with_view<T>(session: &Session, with: impl FnOnce(&View<'_>) -> T) -> T {
        let data = session.data();
        let predictor = predictor(session.model(), &data.space, 0);
        let (reach, task) = (data.reach.as_ref(), data.task());
        with(&View { predictor: &predictor, axes: &data.axes, input: data.input, reach, task })
    }

    fn engel() -> Data {
        let text = include_str!("../../engel.csv").to_owned();
        let [file, input, target] = ["engel.csv", "income", "foodexp"].map(str::to_owned);
        read(Wanted::Table { file, text, input, target }).unwrap()
    }

    #[test]
    fn every_column_of_the_plane_is_a_density_in_the_users_units() {
        for (data, method) in [(Data::of_task(Task::Toy1), MethodName::Ebm), (engel(), MethodName::EbmFixed)] {
            let session = trained(data, method);
            let cells = [8, 200];
            let width = session.data().axes[1].range[1] - session.data().axes[1].range[0];
            with_view(&session, |view| {
                for column in view.density(cells).chunks(cells[1]) {
                    let mass: f64 = column.iter().map(|&l| f64::from(l).exp() * width / cells[1] as f64).sum();
                    // Normalised on these very cells, in f32.
                    assert!((mass - 1.0).abs() < 1e-4, "{mass}");
                }
            });
        }
    }

    #[test]
    fn the_slice_is_the_column_of_the_plane() {
        let session = trained(Data::of_task(Task::Toy1), MethodName::Ebm);
        with_view(&session, |view| {
            let [cells, column] = [[60, 300], [20, 0]].map(|pair: [usize; 2]| pair);
            let x = view.axes[0].centres(cells[0])[column[0]];
            let slice = view.slice(x, 0.9, cells[1]);
            let plane = view.density(cells);
            let plane = &plane[column[0] * cells[1]..][..cells[1]];
            let highest = slice.density.iter().copied().fold(0.0, f64::max);
            for (slice, plane) in slice.density.iter().zip(plane) {
                // The plane is normalised on its cells, the slice on the line between kinks.
                assert!((slice - f64::from(*plane).exp()).abs() < 0.02 * highest, "{slice} {plane}");
            }
            assert_eq!(slice.proposal.as_ref().map(Vec::len), Some(300));
            assert!(slice.truth.is_some() && slice.ess_share.is_some());
        });
    }

    #[test]
    fn far_from_the_data_a_prediction_is_not_trusted() {
        let session = trained(Data::of_task(Task::Toy1), MethodName::Mdn);
        with_view(&session, |view| {
            assert!(view.slice(0.5, 0.9, 50).doubts.is_empty());
            assert!(!view.slice(40.0, 0.9, 50).doubts.is_empty());
            assert!(view.proposal([4, 4]).is_none());
        });
    }
}
