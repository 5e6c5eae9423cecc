//! The command line of `known-densities`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

/// Train on tables drawn from known densities, calibrate, and compare with the truth
///
/// Each table has an informative number, an uninformative number and a category. Each seed draws its own training,
/// calibration and test rows and trains its own network. Prints a table: test NLL minus that of the true density,
/// coverage of 90 % intervals and sets before and after calibration, and training time.
///
/// It can be stopped and run again: finished networks are kept.
#[derive(clap::Args)]
pub struct Args {
    /// Training rows; a tenth of them is for validation
    #[arg(long, value_name = "N", default_value_t = 4000)]
    pub rows: usize,

    /// Calibration rows
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub calibration: usize,

    /// Test rows
    #[arg(long, value_name = "N", default_value_t = 2000)]
    pub test: usize,

    /// Networks per density
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub seeds: u64,

    /// Only this density; may be repeated
    #[arg(long, value_name = "NAME")]
    pub only: Vec<String>,

    /// Method, as in `ebm train --method`
    #[arg(long, value_name = "NAME", default_value = "ebm")]
    pub method: String,

    /// Networks trained in parallel, each on one thread [default: one per core]
    #[arg(long, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,

    /// Folder for tables, networks and results
    #[arg(long, value_name = "DIR", default_value = "runs/known-densities")]
    pub runs: PathBuf,

    /// Also write the table as Markdown
    #[arg(long, value_name = "FILE")]
    pub markdown: Option<PathBuf>,
}
