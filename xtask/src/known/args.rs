//! The command line of `known-densities`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

/// Train on tables drawn from known densities, calibrate, and compare with the truth
///
/// Every table has a number that matters, one that does not, and a category. Each seed draws its own rows to train on,
/// to calibrate with and to test on, and trains its own network. Prints a table: test NLL above that of the true density,
/// coverage of 90 % intervals and sets before and after calibration, and the time to train.
///
/// It can be stopped and run again: what is finished is kept.
#[derive(clap::Args)]
pub struct Args {
    /// Rows to train on; a tenth of them chooses the model
    #[arg(long, value_name = "N", default_value_t = 4000)]
    pub rows: usize,

    /// Rows to calibrate with
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub calibration: usize,

    /// Rows to test on
    #[arg(long, value_name = "N", default_value_t = 2000)]
    pub test: usize,

    /// Networks a density
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub seeds: u64,

    /// Only this density; may be repeated
    #[arg(long, value_name = "NAME")]
    pub only: Vec<String>,

    /// The method, as `ebm train --method` has it
    #[arg(long, value_name = "NAME", default_value = "ebm")]
    pub method: String,

    /// Networks side by side, each on one thread [default: one a core]
    #[arg(long, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,

    /// Where tables, networks and results are kept
    #[arg(long, value_name = "DIR", default_value = "runs/known-densities")]
    pub runs: PathBuf,

    /// Also write the table as Markdown
    #[arg(long, value_name = "FILE")]
    pub markdown: Option<PathBuf>,
}
