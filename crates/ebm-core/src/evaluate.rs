//! Evaluation of trained models: predictions against labels, densities on grids, KL divergence from a known truth.

pub mod assess;
pub mod densities;
pub mod importance;
pub mod marginal;
pub mod on_grid;
pub mod summary;
pub mod truth_kl;

pub use assess::{Assessment, CalibratedSet, LEVELS, MarginalAssessment, SetAssessment, assess};
pub use densities::{log_prob_on_grid, log_proposal_on_grid};
pub use importance::log_prob_by_importance;
pub use marginal::marginal_log_probs;
pub use on_grid::{nll_on_grid, nll_on_support};
pub use summary::{
    Coverage, LABEL_WEIGHT_LIMIT, MarginalSummary, Mean, PIT_BINS, ReliabilitySummary, SetSummary, Summary, nll,
};
pub use truth_kl::kl_on_grid;
