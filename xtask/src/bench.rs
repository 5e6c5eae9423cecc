//! `cargo xtask bench`: our programs and the same work in PyTorch, timed in turns.

mod benchmark;
mod build;
mod cpu;
mod gpu;
mod program;
mod programs;
mod report;
mod results;

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::machine::machine;
use benchmark::Benchmark;
use program::Turn;
use results::{Bench, Done, Row};

/// Compare the speed and memory with PyTorch
///
/// The programs of a benchmark take turns, so that other load on the machine affects all of them equally. Prints a
/// table, and writes it as Markdown and JSON to the output folder.
#[derive(clap::Args)]
#[command(after_help = "\
Install PyTorch first:
  python3 -m venv bench/peers/.venv
  bench/peers/.venv/bin/pip install -r bench/peers/requirements.txt

The benchmark page-1d needs Node, and installs Chromium where there is none.

Examples:
  cargo xtask bench                                  all benchmarks, on an otherwise idle machine
  cargo xtask bench --only step-1d --rounds 7        one benchmark, more turns
  cargo xtask bench --only predict-table --before FILE   beside an earlier program
  cargo xtask bench --device cuda                    1D steps on a GPU, one network and stacks of many
  cargo xtask bench --only nll-steering --only help  some of them")]
pub struct Args {
    /// Python with PyTorch installed
    #[arg(long, value_name = "FILE", default_value = "bench/peers/.venv/bin/python")]
    python: PathBuf,

    /// Run only this benchmark; may be repeated [default: all]
    #[arg(long = "only", value_name = "NAME", value_parser = cpu::names())]
    only: Vec<String>,

    /// Device to measure: cpu, wgpu or cuda. On a GPU only 1D steps, of one network and of stacks
    #[arg(long, default_value = "cpu", value_parser = ["cpu", "wgpu", "cuda"])]
    device: String,

    /// An earlier `ebm` to compare with, in predict-table and predict-mdn
    #[arg(long, value_name = "FILE")]
    before: Option<PathBuf>,

    /// Turns of each program
    #[arg(long, value_name = "N", default_value_t = 3)]
    rounds: usize,

    /// Folder for bench.md and bench.json; their names also have a GPU, and the benchmarks of --only
    #[arg(long, value_name = "DIR", default_value = "docs/results")]
    out: PathBuf,
}

/// Runs the programs in turns and writes the results.
///
/// # Errors
/// When a program cannot be built or run, or prints no result.
pub fn bench(args: &Args) -> Result<()> {
    if args.rounds == 0 {
        bail!("--rounds must be at least 1");
    }
    let built = build::build(&args.device)?;
    let scratch = std::env::temp_dir().join(format!("ebm-bench-{}", std::process::id()));
    fs::create_dir_all(&scratch).with_context(|| format!("cannot make {}", scratch.display()))?;
    let mut benchmarks = match args.device.as_str() {
        "cpu" => cpu::benchmarks(&built, &args.python, args.before.as_deref(), &scratch),
        device => gpu::benchmarks(&built, &args.python, device),
    };
    benchmarks.retain(|of| args.only.is_empty() || args.only.iter().any(|name| name == of.name));
    if benchmarks.iter().flat_map(|of| &of.programs).any(|program| program.is(&args.python)) && !args.python.exists() {
        bail!("{} does not exist; `cargo xtask bench --help` says how to install it", args.python.display());
    }
    let done = benchmarks.into_iter().map(|of| take(of, args.rounds)).collect::<Result<Vec<_>>>()?;
    // These runs are not needed any more.
    let _ = fs::remove_dir_all(&scratch);
    let mut versions: Vec<String> = done.iter().flat_map(|done| &done.rows).map(|row| row.version.clone()).collect();
    versions.sort();
    versions.dedup();
    let bench = Bench {
        schema: "ebm.bench/2",
        machine: machine(),
        device: args.device.clone(),
        rustc: line_of(Command::new("rustc").arg("--version"))?,
        revision: line_of(Command::new("git").args(["describe", "--always", "--dirty", "--abbrev=12"]))?,
        rounds: args.rounds,
        versions,
        binary_bytes: built.ebm.as_ref().map(|ebm| fs::metadata(ebm).map(|about| about.len())).transpose()?,
        works: done,
    };
    let markdown = report::markdown(&bench);
    print!("{markdown}");
    fs::create_dir_all(&args.out).with_context(|| format!("cannot make {}", args.out.display()))?;
    let write = |name: &str, text: String| {
        let path = args.out.join(name);
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
    };
    // A part of the benchmarks does not replace the table of all.
    let device = Some(&args.device).filter(|device| *device != "cpu");
    let name = std::iter::once("bench").chain(device.into_iter().chain(&args.only).map(String::as_str));
    let name = name.collect::<Vec<_>>().join("-");
    write(&format!("{name}.md"), markdown)?;
    write(&format!("{name}.json"), serde_json::to_string_pretty(&bench)? + "\n")
}

/// All turns of the programs of a benchmark.
fn take(benchmark: Benchmark, rounds: usize) -> Result<Done> {
    for program in &benchmark.before {
        program.turn().with_context(|| format!("preparing {}", benchmark.name))?;
    }
    let mut turns: Vec<Vec<Turn>> = benchmark.programs.iter().map(|_| Vec::new()).collect();
    for round in 1..=rounds {
        for (program, turns) in benchmark.programs.iter().zip(&mut turns) {
            let turn = program.turn().with_context(|| benchmark.name)?;
            let value = benchmark.unit.of(turn.milliseconds);
            eprintln!("{} {round}/{rounds}: {value:>9.3} {}, {}", benchmark.name, benchmark.unit.name(), program.name);
            turns.push(turn);
        }
    }
    let rows =
        benchmark.programs.iter().zip(&turns).map(|(program, own)| Row::of(program, own, &turns[0], benchmark.unit));
    Ok(Done {
        name: benchmark.name,
        title: benchmark.title,
        unit: benchmark.unit,
        note: benchmark.note,
        rows: rows.collect(),
    })
}

/// The only line that a command prints.
fn line_of(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("cannot run {command:?}"))?;
    if !output.status.success() {
        bail!("{command:?} failed:\n{}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}
