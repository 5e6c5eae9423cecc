//! `cargo xtask reproduce-tables`: have `ebm sweep` train what the tables need, then print them.

mod args;
mod runs;
mod signals;

use std::ffi::OsString;
use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;
use std::process::{Command, ExitStatus};
use std::thread::available_parallelism;

use anyhow::{Context, Result, bail, ensure};

use crate::binary;
use runs::Runs;
use signals::Told;

pub use args::Args;

/// How the task ended, unless with an error.
pub enum End {
    /// Every network is finished and every table printed.
    Complete,
    /// Stopped early; the same command continues.
    Interrupted,
}

/// Exit code of an interrupted sweep.
const INTERRUPTED: i32 = 75;
/// Exit code of a sweep after which networks have no result.
const INCOMPLETE: i32 = 1;

/// Runs the task.
///
/// # Errors
/// If `ebm` cannot be built or run, if the runs folder cannot be used, or if a
/// network left no result.
pub fn reproduce_tables(args: &Args) -> Result<End> {
    let root = binary::root();
    let tables = tables(args, &root)?;
    let runs = Runs::open(args.runs_folder(&root), args.fresh)?;
    let ebm = match &args.ebm {
        Some(ebm) => ebm.clone(),
        None => binary::build(&root, &args.profile, &args.device)?,
    };
    let swept = sweep(args, &ebm, &tables, &runs)?;
    match swept.code() {
        Some(INTERRUPTED) => return Ok(End::Interrupted),
        Some(0 | INCOMPLETE) => {}
        _ => bail!("`ebm sweep` ended with {swept}"),
    }
    for &table in &tables {
        print_table(args, &ebm, &runs, table)?;
    }
    ensure!(swept.success(), "networks are without a result; see above");
    Ok(End::Complete)
}

/// Trains what is not finished.
fn sweep(args: &Args, ebm: &Path, tables: &[u32], runs: &Runs) -> Result<ExitStatus> {
    let at_once = match args.jobs {
        Some(jobs) => jobs,
        None if binary::is_shared(&args.device) => NonZeroUsize::MIN,
        None => available_parallelism().context("the cores cannot be counted; give --jobs")?,
    };
    // A terminal signals this process and the sweep together. This one waits, and the sweep ends as it is told to.
    let told = Told::listen()?;
    let mut command = Command::new(ebm);
    command.args(sweep_args(args, tables, runs.folder(), at_once));
    let mut child = command.spawn().with_context(|| format!("starting {}", ebm.display()))?;
    told.pass_on_to(child.id());
    child.wait().context("waiting for `ebm sweep`")
}

/// The arguments of `ebm sweep`.
fn sweep_args(args: &Args, tables: &[u32], runs: &Path, at_once: NonZeroUsize) -> Vec<OsString> {
    let mut words: Vec<OsString> = vec!["sweep".into()];
    let mut add = |flag: &str, value: OsString| words.extend([flag.into(), value]);
    tables.iter().for_each(|table| add("--table", table.to_string().into()));
    args.only.iter().for_each(|preset| add("--only", preset.into()));
    add("--device", args.device.clone().into());
    add("--runs", runs.into());
    add("--local", at_once.to_string().into());
    words.extend(args.scale_args());
    words.extend(args.data_args());
    words
}

/// Prints one table and writes it as Markdown beside the runs.
fn print_table(args: &Args, ebm: &Path, runs: &Runs, table: u32) -> Result<()> {
    let written = runs.folder().join(format!("table-{table}.md"));
    let mut command = Command::new(ebm);
    command.args(["table", &table.to_string()]).args(args.scale_args());
    command.arg("--runs").arg(runs.folder()).arg("--markdown").arg(&written).arg("--force");
    let status = command.status().with_context(|| format!("starting {}", ebm.display()))?;
    ensure!(status.success(), "`ebm table {table}` ended with {status}");
    eprintln!("written: {}", written.display());
    Ok(())
}

/// The tables given, or all: each is a file `table-N.toml`.
fn tables(args: &Args, root: &Path) -> Result<Vec<u32>> {
    let folder = root.join("crates").join("ebm-cli").join("tables");
    let mut all: Vec<u32> = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("reading {}", folder.display()))? {
        let name = entry.with_context(|| format!("reading {}", folder.display()))?.file_name();
        let number: Option<u32> =
            name.to_str().and_then(|name| name.strip_prefix("table-")?.strip_suffix(".toml")?.parse().ok());
        all.extend(number);
    }
    all.sort_unstable();
    let mut asked = args.tables.clone();
    asked.sort_unstable();
    asked.dedup();
    if let Some(unknown) = asked.iter().find(|table| !all.contains(table)) {
        bail!("there is no table {unknown}; there are {all:?}");
    }
    Ok(if asked.is_empty() { all } else { asked })
}
