//! Tables drawn from known densities: what `ebm` learns of them, against the truth.

mod density;
mod report;

use std::collections::VecDeque;
use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::binary;
use density::{Drawn, KnownDensity};

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
    rows: usize,

    /// Rows to calibrate with
    #[arg(long, value_name = "N", default_value_t = 1000)]
    calibration: usize,

    /// Rows to test on
    #[arg(long, value_name = "N", default_value_t = 2000)]
    test: usize,

    /// Networks a density
    #[arg(long, value_name = "N", default_value_t = 20)]
    seeds: u64,

    /// Only this density; may be repeated
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,

    /// The method, as `ebm train --method` has it
    #[arg(long, value_name = "NAME", default_value = "ebm")]
    method: String,

    /// Networks side by side, each on one thread [default: one a core]
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,

    /// Where tables, networks and results are kept
    #[arg(long, value_name = "DIR", default_value = "runs/known-densities")]
    runs: PathBuf,

    /// Also write the table as Markdown
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
}

/// What one network came to.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Outcome {
    /// Test NLL of the true density, nats.
    truth_nll: f64,
    /// What `ebm evaluate` measured.
    metrics: serde_json::Map<String, Value>,
    /// Of training, on one thread.
    seconds: f64,
}

impl Outcome {
    fn metric(&self, key: &str) -> f64 {
        self.metrics.get(key).and_then(Value::as_f64).unwrap_or(f64::NAN)
    }
}

/// Trains what is not there, and prints the table.
///
/// # Errors
/// When `ebm` cannot be built, or fails.
pub fn known_densities(args: &Args) -> Result<()> {
    let unknown = args.only.iter().find(|name| !KnownDensity::ALL.iter().any(|density| density.name() == *name));
    if let Some(name) = unknown {
        let names = KnownDensity::ALL.map(KnownDensity::name).join(", ");
        bail!("there is no density {name:?}; there are {names}");
    }
    let asked = |density: &KnownDensity| args.only.is_empty() || args.only.iter().any(|name| name == density.name());
    let densities: Vec<KnownDensity> = KnownDensity::ALL.into_iter().filter(asked).collect();
    let program = binary::build(&binary::root(), "release", "cpu")?;
    let seeds = 0..args.seeds;
    let queue = seeds.flat_map(|seed| densities.iter().map(move |&density| (density, seed))).collect();
    let queue: Mutex<VecDeque<(KnownDensity, u64)>> = Mutex::new(queue);
    let outcomes: Mutex<Vec<(KnownDensity, Outcome)>> = Mutex::default();
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let jobs = args.jobs.map_or(cores, NonZeroUsize::get);
    let next = || queue.lock().expect("no thread panics").pop_front();
    let work = || -> Result<()> {
        while let Some((density, seed)) = next() {
            let outcome =
                outcome(args, &program, density, seed).with_context(|| format!("{} {seed}", density.name()))?;
            let above = outcome.metric("nll") - outcome.truth_nll;
            let covered = outcome.metric("calibrated_coverage_90");
            eprintln!(
                "{} {seed}: NLL {above:+.3} above the truth, calibrated sets hold {covered:.3}, {:.1} s",
                density.name(),
                outcome.seconds
            );
            outcomes.lock().expect("no thread panics").push((density, outcome));
        }
        Ok(())
    };
    let ended: Vec<Result<()>> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..jobs).map(|_| scope.spawn(work)).collect();
        workers.into_iter().map(|worker| worker.join().expect("a worker does not panic")).collect()
    });
    ended.into_iter().collect::<Result<()>>()?;
    let outcomes = outcomes.into_inner().expect("no thread panics");
    let text = report::markdown(args, &densities, &outcomes);
    print!("{text}");
    match &args.markdown {
        Some(path) => fs::write(path, text).with_context(|| format!("cannot write {}", path.display())),
        None => Ok(()),
    }
}

/// One network, from its own rows to its measurements; what is finished is read.
fn outcome(args: &Args, program: &Path, density: KnownDensity, seed: u64) -> Result<Outcome> {
    let sizes = format!("{}-{}-{}-{}", args.method, args.rows, args.calibration, args.test);
    let folder = args.runs.join(sizes).join(density.name()).join(format!("seed-{seed}"));
    let kept = folder.join("outcome.json");
    if let Ok(text) = fs::read(&kept) {
        return serde_json::from_slice(&text).with_context(|| format!("{} is damaged", kept.display()));
    }
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let mut files = Vec::new();
    let mut truth_nll = f64::NAN;
    for (part, (name, rows)) in
        [("train.csv", args.rows), ("calibration.csv", args.calibration), ("test.csv", args.test)]
            .into_iter()
            .enumerate()
    {
        let Drawn { csv, nll } = density.draw(rows, seed, part as u64);
        truth_nll = nll;
        let path = folder.join(name);
        fs::write(&path, csv).with_context(|| format!("cannot write {}", path.display()))?;
        files.push(path);
    }
    let model = folder.join("model");
    let ebm = || {
        let mut command = Command::new(program);
        command.args(["--quiet", "--threads", "1"]).stdin(Stdio::null()).stderr(Stdio::inherit());
        command
    };
    let mut train = ebm();
    train.arg("train").arg(&files[0]).args(density.flags()).args(["--split", "0.9,0.1,0,0", "--method", &args.method]);
    train.args(["--seed", &seed.to_string(), "--out"]).arg(&model).arg("--force");
    let started = Instant::now();
    run(&mut train)?;
    let seconds = started.elapsed().as_secs_f64();
    run(ebm().arg("calibrate").arg(&model).arg(&files[1]))?;
    let report = run(ebm().arg("evaluate").arg(&model).arg(&files[2]).arg("--json"))?;
    let report: Value = serde_json::from_str(&report).context("reading the evaluation")?;
    let metrics = report["metrics"].as_object().context("an evaluation has metrics")?.clone();
    let outcome = Outcome { truth_nll, metrics, seconds };
    fs::write(&kept, serde_json::to_vec_pretty(&outcome)?)?;
    Ok(outcome)
}

/// What a program prints.
fn run(command: &mut Command) -> Result<String> {
    let output = command.stdout(Stdio::piped()).output().with_context(|| format!("cannot run {command:?}"))?;
    if !output.status.success() {
        bail!("{command:?} ended with {}", output.status);
    }
    Ok(String::from_utf8(output.stdout)?)
}
