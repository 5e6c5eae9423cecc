//! The paper's 1D tasks.

use ebm_core::{Examples, Grid, linspace};
use ebm_data::Pairs;
use ebm_data::toy::{toy_1, toy_2};

use super::evaluation::{Evaluation, KlInputs, Truth};
use super::pairs;
use crate::experiment::task::Toy;
use crate::training_data::TrainingData;

impl Toy {
    pub(super) const ALL: [Self; 2] = [Self::Toy1, Self::Toy2];

    /// Its name in records.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Toy1 => "toy_1",
            Self::Toy2 => "toy_2",
        }
    }

    /// Its training examples.
    pub(super) fn train(self) -> Pairs {
        match self {
            Self::Toy1 => toy_1::train(toy_1::SEED),
            Self::Toy2 => toy_2::published().train,
        }
    }

    /// The true `log p(y|x)` of `(x, y)` in nats.
    pub fn log_density(self) -> fn(f64, f64) -> f64 {
        match self {
            Self::Toy1 => toy_1::log_density,
            Self::Toy2 => toy_2::log_density,
        }
    }
}

/// The training data of a task.
pub fn training_data(toy: Toy) -> TrainingData {
    pairs::of_pairs(&toy.train(), toy.name().to_owned())
}

/// The test examples of a 1D task. Toy 1 has no published test set: ours is a draw with the seed after the training set's.
pub fn test(toy: Toy) -> Pairs {
    match toy {
        Toy::Toy1 => toy_1::train(toy_1::SEED + 1),
        Toy::Toy2 => toy_2::published().test,
    }
}

/// The paper's evaluation of a 1D task.
pub fn evaluation(toy: Toy) -> Evaluation {
    match toy {
        Toy::Toy1 => {
            let inputs = linspace(-3.0, 3.0, 2048);
            let kl = KlInputs {
                inputs: Box::new(Examples::from_pairs(&inputs, &vec![0.0; inputs.len()])),
                log_density: Box::new(move |row, y| toy_1::log_density(inputs[row], y)),
            };
            let grids = (Grid::line(-3.0, 3.0, 2048), Grid::fine(-3.0, 3.0, 8192, 1));
            scalar(&test(toy), grids, toy_1::log_density, Some(kl))
        }
        Toy::Toy2 => {
            let grids = (Grid::line(-12.5, 12.5, 8192), Grid::fine(-12.5, 12.5, 32_768, 1));
            scalar(&test(toy), grids, toy_2::log_density, None)
        }
    }
}

fn scalar(
    test: &Pairs,
    (grid, fine): (Grid, Grid),
    log_density: fn(f64, f64) -> f64,
    kl: Option<KlInputs>,
) -> Evaluation {
    let test_nll = test.x.iter().zip(&test.y).map(|(&x, &y)| -log_density(x, y)).collect();
    Evaluation { test: Box::new(Examples::from(test)), grid, fine: Some(fine), truth: Some(Truth { test_nll, kl }) }
}
