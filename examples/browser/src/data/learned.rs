//! Examples to learn from.

use ebm_core::{Dataset, Examples, Reach, TargetSpace};
use ebm_data::Pairs;
use ebm_data::table::{Schema, Split};

use crate::axis::Axis;
use crate::task::Task;

/// Held-out examples whose likelihood is followed during training.
const HELD_OUT: usize = 500;

/// Examples to learn from, with what is needed to show them and to record them.
pub struct Data {
    /// The examples that are trained on.
    pub examples: Box<dyn Dataset>,
    /// Others, whose likelihood is followed.
    pub held_out: Option<Box<dyn Dataset>>,
    /// The training examples and the held-out ones as they are shown.
    pub shown: [Pairs; 2],
    /// The axes of the plane.
    pub axes: [Axis; 2],
    /// How inputs become what the network reads.
    pub input: Standard,
    /// How targets are standardised.
    pub space: TargetSpace,
    /// How far the inputs reach.
    pub reach: Option<Reach>,
    /// Where they come from.
    pub source: Source,
}

/// Where data come from, for the record of a run.
pub enum Source {
    /// A task of the paper.
    Task(Task),
    /// Drawn points.
    Points,
    /// A table, with its columns and how it was split.
    Table {
        /// The name of the file.
        file: String,
        /// The columns.
        schema: Box<Schema>,
        /// The parts.
        split: Split,
    },
}

/// `(x − mean) / sd`; the identity for numbers that are read as they are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Standard {
    /// Subtracted.
    pub mean: f64,
    /// Divides; not 0.
    pub sd: f64,
}

impl Standard {
    /// Numbers as they are.
    pub const IDENTITY: Self = Self { mean: 0.0, sd: 1.0 };

    /// What the network reads.
    pub fn to_model(self, x: f64) -> f32 {
        ((x - self.mean) / self.sd) as f32
    }
}

impl Data {
    /// A task of the paper.
    pub fn of_task(task: Task) -> Self {
        let (train, mut test) = (task.train(), task.test());
        let step = (test.len() / HELD_OUT).max(1);
        test = Pairs { x: every(&test.x, step), y: every(&test.y, step) };
        let [x, y] = task.ranges();
        Self::of_pairs(train, test, [Axis::new("x", x), Axis::new("y", y)], Source::Task(task))
    }

    /// Pairs of numbers that the network reads as they are.
    pub(super) fn of_pairs(train: Pairs, held_out: Pairs, axes: [Axis; 2], source: Source) -> Self {
        let inputs: Vec<f32> = train.x.iter().map(|&x| x as f32).collect();
        let held: Option<Box<dyn Dataset>> =
            (!held_out.is_empty()).then(|| Box::new(Examples::from(&held_out)) as Box<dyn Dataset>);
        Self {
            examples: Box::new(Examples::from(&train)),
            held_out: held,
            space: TargetSpace::identity(range(&train.y), 1),
            reach: Reach::fit(&inputs, 1),
            input: Standard::IDENTITY,
            shown: [train, held_out],
            axes,
            source,
        }
    }

    /// The task whose true density is known, if it is.
    pub fn task(&self) -> Option<Task> {
        match self.source {
            Source::Task(task) => Some(task),
            Source::Points | Source::Table { .. } => None,
        }
    }

    /// Smallest and largest target of the training examples.
    pub fn target_range(&self) -> [f64; 2] {
        range(&self.shown[0].y)
    }
}

/// Every `step`-th value.
fn every(values: &[f64], step: usize) -> Vec<f64> {
    values.iter().step_by(step).copied().collect()
}

/// The smallest and the largest value.
pub(super) fn range(values: &[f64]) -> [f64; 2] {
    values.iter().fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], &value| [low.min(value), high.max(value)])
}
