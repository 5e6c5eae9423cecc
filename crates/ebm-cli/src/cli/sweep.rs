//! Arguments of `ebm sweep`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{ArgGroup, Args};

use crate::device::DeviceName;
use crate::paper_table::{Overrides, ScaleName};
use crate::sweep::engine::Engine;

#[derive(Debug, Args)]
#[command(after_help = SWEEP_EXAMPLES, override_usage = "ebm sweep <PLAN|--table N> <WHAT TO DO> [OPTIONS]")]
#[command(group = ArgGroup::new("what").args(["plan", "tables"]).required(true))]
#[command(group = ArgGroup::new("act").args(["list", "job", "local", "engine", "status", "collect"]).required(true))]
pub(crate) struct SweepArgs {
    /// The plan: a TOML file
    pub plan: Option<PathBuf>,
    /// Instead of a plan, the runs of this table of the paper; may be repeated
    #[arg(long = "table", value_name = "N")]
    pub tables: Vec<u32>,
    /// Only the runs in this folder below --runs, such as toy_1/ours_k4; may be repeated
    #[arg(long, value_name = "FOLDER")]
    pub only: Vec<String>,
    /// Folder of the runs, and all that workers share [default: runs/<plan>, or runs/tables/<scale>]
    #[arg(long, value_name = "DIR")]
    pub runs: Option<PathBuf>,
    /// Where to compute, instead of what the plan says: cpu, ndarray, wgpu[:N] or cuda[:N]; with --local several, such as
    /// cuda:0,cuda:1, among which the jobs are divided
    #[arg(long, value_name = "DEVICE,..", value_delimiter = ',')]
    pub device: Vec<DeviceName>,

    /// Print the jobs, a JSON line each: id, command, run folder, state, expected cost
    #[arg(long, help_heading = ACT)]
    pub list: bool,
    /// Do this job, a number or a run of --list, or several; skip what is done, continue what was begun
    #[arg(long, value_name = "ID", value_delimiter = ',', help_heading = ACT)]
    pub job: Vec<String>,
    /// Do all jobs on this machine, N at a time
    #[arg(long, value_name = "N", help_heading = ACT)]
    pub local: Option<NonZeroUsize>,
    /// Submit the open jobs to a scheduler, as an array
    #[arg(long, value_enum, help_heading = ACT)]
    pub engine: Option<Engine>,
    /// Count the jobs by their states; with the queue of a scheduler, and the time left
    #[arg(long, help_heading = ACT)]
    pub status: bool,
    /// Print all metrics of all runs as CSV, with --json as JSON lines; exit code 1 if runs have none
    #[arg(long, help_heading = ACT)]
    pub collect: bool,
    /// Also train what has failed, from the start
    #[arg(long)]
    pub retry_failed: bool,

    /// Size of the runs of tables
    #[arg(long, value_enum, default_value = "quick", help_heading = TABLES)]
    pub scale: ScaleName,
    #[command(flatten, next_help_heading = TABLES)]
    pub overrides: Overrides,
    /// Folder with the paper's files of the image tasks; stand-ins are used for those not found there
    #[arg(long, value_name = "DIR", requires = "tables", help_heading = TABLES)]
    pub data: Option<PathBuf>,

    /// Partition of the cluster (Slurm)
    #[arg(long, value_name = "NAME", requires = "engine", help_heading = TASK)]
    pub partition: Option<String>,
    /// Time limit of a task, as the scheduler writes it
    #[arg(long, value_name = "TIME", requires = "engine", help_heading = TASK)]
    pub time: Option<String>,
    /// Memory of a task, as the scheduler writes it
    #[arg(long, value_name = "SIZE", requires = "engine", help_heading = TASK)]
    pub memory: Option<String>,
    /// GPUs of a task, as the scheduler writes it
    #[arg(long, value_name = "GPUS", requires = "engine", help_heading = TASK)]
    pub gpus: Option<String>,
    /// Tasks at a time (Slurm)
    #[arg(long, value_name = "N", requires = "engine", help_heading = TASK)]
    pub throttle: Option<NonZeroUsize>,
    /// Print the script, and submit nothing
    #[arg(long, requires = "engine", help_heading = TASK)]
    pub dry_run: bool,

    /// The digest of the plan that an array was submitted for; another plan is refused
    #[arg(long, value_name = "HEX", requires = "job", hide = true)]
    pub digest: Option<String>,
}

const ACT: &str = "What to do";
const TABLES: &str = "Runs of tables";
const TASK: &str = "Tasks of a scheduler; --threads is their number of cores [default: 1]";

const SWEEP_EXAMPLES: &str = "\
Examples:
  ebm sweep plan.toml --list
  ebm sweep plan.toml --local 4                  on this machine, four at a time
  ebm sweep plan.toml --local 2 --device cuda:0,cuda:1
  ebm sweep plan.toml --engine slurm --time 1:00:00 --throttle 50
  ebm sweep plan.toml --job 17                   one job, as a task of an array does it
  ebm sweep plan.toml --status
  ebm sweep plan.toml --collect > metrics.csv
  ebm sweep --table 1 --runs runs/one --local 2  then: ebm table 1 --runs runs/one

A plan:
  [[runs]]
  preset = \"toy_1/ours_k4\"                       # or table = \"houses.csv\"
  seeds = \"0..5\"
  args = [\"--epochs\", \"30\"]                      # options of `ebm train`
  vary = { \"--components\" = [\"1\", \"4\"], \"--m\" = [\"64\", \"256\"] }

Any number of processes may work on one folder: each job is done once.";
