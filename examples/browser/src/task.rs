//! The paper's two tasks: their examples, planes and true densities.

use ebm_data::Pairs;
use ebm_data::toy::{toy_1, toy_2};
use serde::{Deserialize, Serialize};

/// A task whose true density is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Task {
    /// The paper's first 1D task.
    #[serde(rename = "toy_1")]
    Toy1,
    /// The second.
    #[serde(rename = "toy_2")]
    Toy2,
}

impl Task {
    /// Its name in records.
    pub fn name(self) -> &'static str {
        match self {
            Self::Toy1 => "toy_1",
            Self::Toy2 => "toy_2",
        }
    }

    /// The task with this name.
    pub fn of_name(name: &str) -> Option<Self> {
        [Self::Toy1, Self::Toy2].into_iter().find(|task| task.name() == name)
    }

    /// Its training examples.
    pub fn train(self) -> Pairs {
        match self {
            Self::Toy1 => toy_1::train(toy_1::SEED),
            Self::Toy2 => toy_2::published().train,
        }
    }

    /// Its test examples, those of `ebm evaluate`.
    pub fn test(self) -> Pairs {
        match self {
            Self::Toy1 => toy_1::train(toy_1::SEED + 1),
            Self::Toy2 => toy_2::published().test,
        }
    }

    /// The true `log p(y|x)`, nats.
    pub fn log_density(self, x: f64, y: f64) -> f64 {
        match self {
            Self::Toy1 => toy_1::log_density(x, y),
            Self::Toy2 => toy_2::log_density(x, y),
        }
    }

    /// The entropy of the true density, nats: no model has a lower expected loss.
    pub fn entropy(self) -> f64 {
        match self {
            Self::Toy1 => toy_1::entropy(),
            Self::Toy2 => toy_2::entropy(),
        }
    }

    /// The ranges of x and y that figures show.
    pub fn ranges(self) -> [[f64; 2]; 2] {
        match self {
            Self::Toy1 => [[-3.0, 3.0], [-3.0, 3.0]],
            Self::Toy2 => [[0.0, 1.0], [-6.0, 10.0]],
        }
    }

    /// The grid over y on which `ebm evaluate` normalises densities: its ends and its points.
    pub fn grid(self) -> ([f64; 2], usize) {
        match self {
            Self::Toy1 => ([-3.0, 3.0], 2048),
            Self::Toy2 => ([-12.5, 12.5], 8192),
        }
    }
}
