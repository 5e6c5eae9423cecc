//! Times our programs and the same work in PyTorch, by turns.

mod build;
mod gpu;
mod program;
mod programs;
mod report;
mod results;
mod work;
mod works;

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use program::Turn;
use results::{Bench, Done, Row};
use work::Work;

/// Time what matters against PyTorch
///
/// A work is done by several programs, which take turns, so that what else the machine does hits all alike. Prints a
/// table and keeps it with its numbers in the output folder.
#[derive(clap::Args)]
#[command(after_help = "\
PyTorch must be there first:
  python3 -m venv bench/peers/.venv
  bench/peers/.venv/bin/pip install -r bench/peers/requirements.txt

Examples:
  cargo xtask bench                                  everything; nothing else should run on the machine
  cargo xtask bench --only step-1d --rounds 7        one work, more turns
  cargo xtask bench --device cuda                    1D steps on a GPU, one network and stacks of many
  cargo xtask bench --only nll-steering --only help  some of them")]
pub struct Args {
    /// Python that has PyTorch
    #[arg(long, value_name = "FILE", default_value = "bench/peers/.venv/bin/python")]
    python: PathBuf,

    /// Do only this work; may be repeated [default: all of them]
    #[arg(long = "only", value_name = "WORK", value_parser = works::names())]
    only: Vec<String>,

    /// Where to work: cpu, wgpu or cuda. On a GPU: 1D steps, of one network and of stacks
    #[arg(long, default_value = "cpu", value_parser = ["cpu", "wgpu", "cuda"])]
    device: String,

    /// Turns of every program
    #[arg(long, value_name = "N", default_value_t = 3)]
    rounds: usize,

    /// Where bench.md and bench.json go; with bench-DEVICE for a GPU
    #[arg(long, value_name = "DIR", default_value = "docs/results")]
    out: PathBuf,
}

/// Runs the programs by turns and writes what they say.
///
/// # Errors
/// When a program cannot be built or run, or does not say what it should.
pub fn bench(args: &Args) -> Result<()> {
    if !args.python.exists() && args.device != "wgpu" {
        bail!("there is no {}: `cargo xtask bench --help` says how to make it", args.python.display());
    }
    if args.rounds == 0 {
        bail!("--rounds 0 measures nothing");
    }
    let built = build::build(&args.device)?;
    let scratch = std::env::temp_dir().join(format!("ebm-bench-{}", std::process::id()));
    fs::create_dir_all(&scratch).with_context(|| format!("cannot make {}", scratch.display()))?;
    let mut done = Vec::new();
    let works = match args.device.as_str() {
        "cpu" => works::works(&built, &args.python, &scratch),
        device => gpu::works(&built, &args.python, device),
    };
    for work in works {
        if args.only.is_empty() || args.only.iter().any(|name| name == work.name) {
            done.push(take(work, args.rounds)?);
        }
    }
    // Only runs that nobody needs any more.
    let _ = fs::remove_dir_all(&scratch);
    let mut versions: Vec<String> = done.iter().flat_map(|done| &done.rows).map(|row| row.version.clone()).collect();
    versions.sort();
    versions.dedup();
    let bench = Bench {
        schema: "ebm.bench/2",
        machine: report::machine(),
        device: args.device.clone(),
        rustc: say(Command::new("rustc").arg("--version"))?,
        revision: say(Command::new("git").args(["describe", "--always", "--dirty", "--abbrev=12"]))?,
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
    let name = if args.device == "cpu" { "bench".to_owned() } else { format!("bench-{}", args.device) };
    write(&format!("{name}.md"), markdown)?;
    write(&format!("{name}.json"), serde_json::to_string_pretty(&bench)? + "\n")
}

/// All turns of the programs of a work.
fn take(work: Work, rounds: usize) -> Result<Done> {
    for program in &work.before {
        program.turn().with_context(|| format!("preparing {}", work.name))?;
    }
    let mut turns: Vec<Vec<Turn>> = work.programs.iter().map(|_| Vec::new()).collect();
    for round in 1..=rounds {
        for (program, turns) in work.programs.iter().zip(&mut turns) {
            let turn = program.turn().with_context(|| work.name)?;
            let value = work.unit.of(turn.milliseconds);
            eprintln!("{} {round}/{rounds}: {value:>9.3} {}, {}", work.name, work.unit.name(), program.name);
            turns.push(turn);
        }
    }
    let rows = work.programs.iter().zip(&turns).map(|(program, own)| Row::of(program, own, &turns[0], work.unit));
    Ok(Done { name: work.name, title: work.title, unit: work.unit, note: work.note, rows: rows.collect() })
}

/// The one line that a command prints.
fn say(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("cannot run {command:?}"))?;
    if !output.status.success() {
        bail!("{command:?} failed:\n{}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}
