//! The names of methods, losses and kernels.

use clap::ValueEnum;

/// Which method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum MethodName {
    /// Energy-based model with its learned proposal
    Ebm,
    /// Energy-based model against fixed noise
    EbmFixed,
    /// Mixture density network by its likelihood
    Mdn,
    /// Mixture density network with an energy-based teacher
    MdnTeacher,
    /// Energy relative to a mixture density network trained by its likelihood
    Residual,
}

/// How the energy is trained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ObjectiveName {
    /// Noise-contrastive estimation, the paper's eq. (6)
    Nce,
    /// Importance-sampled likelihood, the paper's eq. (2)
    Importance,
}

/// What computes a training step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum KernelsName {
    /// Our own, where there are any: energy-based methods and ResNet18 on the CPU, 1D on a GPU
    Fused,
    /// Tensor operations alone
    Plain,
}
