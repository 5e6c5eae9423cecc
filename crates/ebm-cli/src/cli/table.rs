//! Arguments of `ebm table`.

use std::path::PathBuf;

use clap::Args;

use crate::paper_table::{Overrides, ScaleName};

#[derive(Debug, Args)]
pub(crate) struct TableArgs {
    /// The paper's number of the table; lists the tables unless given
    pub number: Option<u32>,
    /// Where the runs are [default: runs/tables/<scale>]
    #[arg(long, value_name = "DIR")]
    pub runs: Option<PathBuf>,
    /// Size of the runs
    #[arg(long, value_enum, default_value = "quick")]
    pub scale: ScaleName,
    /// Print what has to be trained instead, as JSON
    #[arg(long)]
    pub plan: bool,
    #[command(flatten)]
    pub overrides: Overrides,
    /// With --plan: folder with the paper's files of the image tasks; stand-ins are used for those not found there
    #[arg(long, value_name = "DIR", requires = "plan")]
    pub data: Option<PathBuf>,
    /// Also write the table as Markdown
    #[arg(long, value_name = "FILE")]
    pub markdown: Option<PathBuf>,
    /// Replace a file that is there
    #[arg(long, requires = "markdown")]
    pub force: bool,
}
