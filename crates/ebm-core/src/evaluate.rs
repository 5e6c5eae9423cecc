//! Evaluation of trained models: densities on grids, divergence from a known truth, scores and coverage.

pub mod assess;
pub mod densities;
pub mod on_grid;
pub mod summary;

pub use assess::{Assessment, CalibratedSet, MarginalAssessment, SetAssessment, assess};
pub use densities::{kl_on_grid, log_prob_on_grid, log_proposal_on_grid};
pub use on_grid::{nll_on_grid, nll_on_support};
pub use summary::{
    Coverage, LABEL_WEIGHT_LIMIT, LEVELS, MarginalSummary, Mean, PIT_BINS, SetSummary, Summary, TrustSummary,
};
