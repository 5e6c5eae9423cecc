//! What a model is evaluated on.

use ebm_core::{Dataset, Grid};

/// What a model is evaluated on.
pub struct Evaluation {
    /// Examples held out from training.
    pub test: Box<dyn Dataset + Send + Sync>,
    /// The paper's grid over the target, on which densities are normalised.
    pub grid: Grid,
    /// A finer one on the same range, where quadrature converges, if that can be afforded.
    pub fine: Option<Grid>,
    /// What is known of the density that the data were drawn from.
    pub truth: Option<Truth>,
}

/// A known density of the target given the input.
pub struct Truth {
    /// `−log p(y_i|x_i)` of every test example, nats.
    pub test_nll: Vec<f64>,
    /// Where the divergence of the model from it is averaged, if it is.
    pub kl: Option<KlInputs>,
}

/// Inputs with the known density of a scalar target at each.
pub struct KlInputs {
    /// The inputs; their targets are ignored.
    pub inputs: Box<dyn Dataset + Send + Sync>,
    /// `log p(y|x_i)` of `(i, y)`, in nats.
    pub log_density: Box<dyn Fn(usize, f64) -> f64>,
}
