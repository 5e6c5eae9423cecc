//! Times the 1D training step: ours, and the same in PyTorch, by turns.

mod report;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};

/// The allocator's thresholds that `ebm` sets at its start; programs that are no `ebm` get them so.
const MALLOC: &str =
    "glibc.malloc.mmap_threshold=1073741824:glibc.malloc.trim_threshold=536870912:glibc.malloc.top_pad=16777216";

/// Time the 1D training step against PyTorch
///
/// Batch 32, 1024 candidates. The programs take turns, so that what else the machine does hits all alike.
/// Prints a table and keeps it with its numbers in the output folder.
#[derive(clap::Args)]
#[command(after_help = "\
PyTorch must be there first:
  python3 -m venv bench/peers/.venv
  bench/peers/.venv/bin/pip install -r bench/peers/requirements.txt")]
pub struct Args {
    /// Python that has PyTorch
    #[arg(long, value_name = "FILE", default_value = "bench/peers/.venv/bin/python")]
    python: PathBuf,

    /// Turns of every program
    #[arg(long, value_name = "N", default_value_t = 7)]
    rounds: usize,

    /// Steps a turn
    #[arg(long, value_name = "N", default_value_t = 200)]
    steps: usize,

    /// Gaussians in the proposal, K
    #[arg(long, value_name = "K", default_value_t = 4)]
    components: usize,

    /// Threads of every program
    #[arg(long, value_name = "N", default_value_t = 1)]
    threads: usize,

    /// Where bench.md and bench.json go
    #[arg(long, value_name = "DIR", default_value = "docs/results")]
    out: PathBuf,
}

/// A program that takes training steps.
struct Program {
    name: &'static str,
    command: Command,
}

/// What a program says of its turn.
#[derive(Debug, Clone, Deserialize)]
struct Turn {
    median_ms: f64,
    version: String,
}

/// What all turns of a program amount to.
#[derive(Debug, Serialize)]
struct Row {
    name: &'static str,
    version: String,
    /// Of each turn, milliseconds.
    medians_ms: Vec<f64>,
    /// Median of them.
    median_ms: f64,
    /// Median over the turns of the time against that of the first program in the same turn.
    ratio: f64,
}

/// Everything there is to tell.
#[derive(Debug, Serialize)]
struct Bench {
    schema: &'static str,
    machine: String,
    rustc: String,
    components: usize,
    threads: usize,
    rounds: usize,
    steps: usize,
    rows: Vec<Row>,
}

/// Runs the programs by turns and writes what they say.
///
/// # Errors
/// When a program cannot be built or run, or does not say what it should.
pub fn bench(args: &Args) -> anyhow::Result<()> {
    if !args.python.exists() {
        bail!("there is no {}: `cargo xtask bench --help` says how to make it", args.python.display());
    }
    let mut programs = programs(args)?;
    let mut turns: Vec<Vec<Turn>> = programs.iter().map(|_| Vec::new()).collect();
    for round in 1..=args.rounds {
        for (program, turns) in programs.iter_mut().zip(&mut turns) {
            let turn = take(program)?;
            eprintln!("round {round} of {}: {:>8.3} ms, {}", args.rounds, turn.median_ms, program.name);
            turns.push(turn);
        }
    }
    let first: Vec<f64> = turns[0].iter().map(|turn| turn.median_ms).collect();
    let row = |(program, turns): (&Program, &Vec<Turn>)| {
        let medians_ms: Vec<f64> = turns.iter().map(|turn| turn.median_ms).collect();
        Row {
            name: program.name,
            version: turns[0].version.clone(),
            median_ms: median(&medians_ms),
            ratio: median(&medians_ms.iter().zip(&first).map(|(own, first)| own / first).collect::<Vec<_>>()),
            medians_ms,
        }
    };
    let bench = Bench {
        schema: "ebm.bench/1",
        machine: report::machine(),
        rustc: output(Command::new("rustc").arg("--version"))?.trim().to_owned(),
        components: args.components,
        threads: args.threads,
        rounds: args.rounds,
        steps: args.steps,
        rows: programs.iter().zip(&turns).map(row).collect(),
    };
    let markdown = report::markdown(&bench);
    print!("{markdown}");
    fs::create_dir_all(&args.out).with_context(|| format!("cannot make {}", args.out.display()))?;
    let write = |name: &str, text: String| {
        let path = args.out.join(name);
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
    };
    write("bench.md", markdown)?;
    write("bench.json", serde_json::to_string_pretty(&bench)? + "\n")
}

fn programs(args: &Args) -> anyhow::Result<Vec<Program>> {
    let ours = build()?;
    let [components, steps, threads] = [args.components, args.steps, args.threads].map(|number| number.to_string());
    let own = |kernels: &str| {
        let mut command = Command::new(&ours);
        command.args([kernels, &components, &steps]).env("RAYON_NUM_THREADS", &threads).env("GLIBC_TUNABLES", MALLOC);
        command
    };
    let peer = |script: &str| {
        let mut command = Command::new(&args.python);
        command.arg(Path::new("bench/peers").join(script));
        command.args(["--components", &components, "--steps", &steps, "--threads", &threads]);
        command.env("OMP_NUM_THREADS", &threads);
        command
    };
    let mut best = peer("best.py");
    best.env("GLIBC_TUNABLES", MALLOC);
    Ok(vec![
        Program { name: "ours, fused kernel", command: own("fused") },
        Program { name: "ours, tensor operations", command: own("plain") },
        Program { name: "PyTorch, as released", command: peer("released.py") },
        Program { name: "PyTorch, best effort", command: best },
    ])
}

/// Builds the program that times our steps.
fn build() -> anyhow::Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--release", "--package", "ebm-core", "--example", "time_step"]);
    command.args(["--message-format", "json-render-diagnostics"]);
    command.stderr(std::process::Stdio::inherit());
    let messages = output(&mut command)?;
    let executable = |line: &str| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        Some(PathBuf::from(message.get("executable")?.as_str()?))
    };
    messages.lines().filter_map(executable).next_back().context("cargo names no executable")
}

/// One turn of a program.
fn take(program: &mut Program) -> anyhow::Result<Turn> {
    let said = output(&mut program.command)?;
    let line = said.lines().next_back().unwrap_or_default();
    serde_json::from_str(line).with_context(|| format!("{} says {line:?}", program.name))
}

/// What a command prints.
fn output(command: &mut Command) -> anyhow::Result<String> {
    let output = command.output().with_context(|| format!("cannot run {command:?}"))?;
    if !output.status.success() {
        bail!("{command:?} failed:\n{}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8(output.stdout)?)
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len().is_multiple_of(2) { f64::midpoint(sorted[middle - 1], sorted[middle]) } else { sorted[middle] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_has_as_many_numbers_below_as_above() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
    }
}
