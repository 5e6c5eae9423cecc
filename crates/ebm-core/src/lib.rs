//! Energy-based probabilistic regression with learned proposals, on [Burn](burn).
//!
//! The model is `p(y|x) = e^{f(x,y)} / Z(x)`, paper eq. (1): [`EnergyNet`] is the score `f`, an [`Mdn`] is the
//! learned proposal `q(y|x)`, and quantities that need `Z` are estimated with candidates drawn from `q`.
//!
//! | paper | here |
//! |---|---|
//! | `f_θ(x, y)` | [`EnergyNet::score`] |
//! | `q_φ(y\|x)` | [`Mdn::forward`] → [`GaussianMixture`] |
//! | `log Z(x)` | [`loss::partition`] |
//! | eq. (2), (4)/(5), (6), (8) | [`loss`] |
//! | Sec. 3.2.2 | [`predict`]: [`Predictor`] → [`Prediction`] |
//!
//! Source: Gustafsson, Danelljan, Schön, "Learning Proposals for Practical Energy-Based Regression", AISTATS 2022.
//!
//! Log-densities are natural logarithms (nats) per unit of the target. The backend is a value, the
//! [`Device`](burn::tensor::Device): no type has a backend parameter. The library does not choose a device, print, or
//! read the clock.
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

pub mod checkpoint {
    //! Weights and training state on disk: safetensors plus JSON, written atomically, checked by hash when read.
    pub use crate::io::error::CheckpointError;
    pub use crate::io::weights::{check_sha256, load_weights, save_weights, sha256};
    pub use crate::io::weights::{weights_from_bytes, weights_to_bytes};
    pub use crate::train::checkpoint::{exists, load, remove, save};
}
pub mod data;
pub mod density;
pub mod evaluate;
pub mod io;
pub mod kernel;
pub mod loss;
pub mod math;
pub mod method;
pub mod network;
pub mod predict;
pub mod train;
pub mod trees;

pub use data::dataset::{Batch, Dataset};
pub use data::examples::Examples;
pub use data::labelled::Labelled;
pub use data::space::{Suits, Target, TargetError, TargetKind, TargetSpace};
pub use data::subset::Subset;
pub use density::GaussianMixture;
pub use io::atomic::{write_atomic, write_atomic_with};
pub use io::decoding::{decoding, is_decoding};
#[cfg(feature = "pytorch")]
pub use io::pytorch::{LoadReport, StateDict, StateDictError};
pub use io::regular::{open_regular, read_bounded};
pub use io::saved::{load_model, save_model};
pub use kernel::{Kernels, Stage};
pub use loss::Objective;
pub use math::axis::Axis;
pub use math::grid::{Grid, linspace};
pub use math::noise::{Noise, Purpose};
pub use math::num::log_sum_exp;
pub use method::conditional::Conditional;
pub use method::config::{Method, ModelConfig, NetworkConfig};
pub use method::heads::HeadConfig;
#[cfg(feature = "pytorch")]
pub use method::import::{ImportAs, Imported, import};
pub use method::limits::OutOfRange;
pub use method::losses::Losses;
pub use method::model::Model;
pub use method::phase::{BackboneTraining, MixtureLoss, Phase};
pub use method::regressor::Regressor;
pub use network::energy::{EnergyConfig, EnergyNet};
pub use network::features::Features;
pub use network::input::Input;
pub use network::mdn::{Mdn, MdnConfig};
pub use predict::Reliability;
pub use predict::config::PredictionConfig;
pub use predict::conformal::{Calibration, CalibrationError};
pub use predict::curve::Curve;
pub use predict::marginal::Marginal;
pub use predict::member::Member;
pub use predict::prediction::Prediction;
pub use predict::predictor::Predictor;
pub use predict::reach::Reach;
pub use predict::weights::stacking_weights;
pub use train::adam::Adam;
pub use train::{
    EpochReport, Flow, MAX_CANDIDATES, Observer, Position, Selection, TrainError, TrainState, TrainingConfig,
};
pub use train::{Validation, ValidationReport, fit, fit_validated};
pub use trees::config::{TreeConfig, TreesConfig};
pub use trees::{Trees, TreesError};
