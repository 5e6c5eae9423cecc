//! Energy-based probabilistic regression with learned proposals, on [Burn](burn).
//!
//! The model is `p(y|x) = e^{f(x,y)} / Z(x)`, paper eq. (1): [`EnergyNet`] is the score `f`, an [`Mdn`] is the
//! learned proposal `q(y|x)`, and everything that needs `Z` is estimated with candidates drawn from `q`.
//!
//! | paper | here |
//! |---|---|
//! | `f_θ(x, y)` | [`EnergyNet::score`] |
//! | `q_φ(y\|x)` | [`Mdn::forward`] → [`GaussianMixture`] |
//! | `log Z(x)` | [`loss::log_partition`] |
//! | eq. (2), (4)/(5), (6), (8) | [`loss`] |
//! | Sec. 3.2.2 | [`predict`] |
//!
//! Source: Gustafsson, Danelljan, Schön, "Learning Proposals for Practical Energy-Based Regression", AISTATS 2022.
//!
//! Densities are natural logarithms (nats) per unit of the target. The backend is a value, the
//! [`Device`](burn::tensor::Device): no type here has a backend parameter, and nothing here picks a device, prints,
//! or reads the clock.
//!
//! ```
//! use burn::tensor::Device;
//! use ebm_core::{Examples, Method, ModelConfig, TrainState, TrainingConfig, fit};
//!
//! let examples = Examples::from_pairs(&[0.0, 0.5, 1.0, 1.5], &[0.1, 0.4, 1.1, 1.4]);
//! let config = ModelConfig::scalar(Method::ebm(4));
//! let training = TrainingConfig { epochs: 1, m: 16, ..TrainingConfig::default() };
//! let state = TrainState::new(config.init(7, &Device::flex().autodiff()), 7);
//! let trained = fit(state, &examples, &training, &mut ()).unwrap();
//! assert!(trained.is_finished(&training));
//! ```

#[macro_use]
mod shape;

mod adam;
mod atomic;
mod axis;
pub mod checkpoint;
mod conformal;
mod curve;
pub mod density;
mod energy;
pub mod eval;
mod examples;
pub mod feature;
mod grid;
mod import;
pub mod kernel;
mod linear;
pub mod loss;
mod mdn;
mod model;
mod noise;
mod num;
pub mod predict;
mod prediction;
mod predictor;
pub mod regressor;
pub mod scoring;
mod stack;
pub mod state_dict;
mod target;
mod tensors;
mod tiles;
mod train;

pub use adam::Adam;
pub use atomic::{write_atomic, write_atomic_with};
pub use axis::Axis;
pub use conformal::{Calibration, CalibrationError};
pub use curve::Curve;
pub use density::{Density, GaussianMixture, Uniform};
pub use energy::{EnergyConfig, EnergyNet};
pub use examples::{Batch, Dataset, Examples};
pub use grid::{Grid, linspace};
pub use import::{ImportAs, Imported, import};
pub use kernel::Kernels;
pub use mdn::{Mdn, MdnConfig};
pub use model::{Conditional, Method, Model, ModelConfig, NetworkConfig, Objective, OutOfRange};
pub use noise::{Noise, Purpose};
pub use num::log_sum_exp;
pub use prediction::{Marginal, Prediction, PredictionConfig, Reliability};
pub use predictor::Predictor;
pub use regressor::{BackboneTraining, Losses, MixtureLoss, Phase, Regressor};
pub use state_dict::{LoadReport, StateDict, StateDictError};
pub use target::{Labelled, Target, TargetError, TargetKind, TargetSpace};
pub use train::{
    EpochReport, Flow, MAX_CANDIDATES, Observer, Position, Selection, TrainError, TrainState, TrainingConfig,
};
pub use train::{Validation, ValidationReport, fit, fit_validated};
