//! `cargo xtask uci`: `ebm` on the standard UCI regression sets and splits, beside published numbers and peers.

mod args;
mod attempt;
mod kept;
mod options;
mod peers;
mod published;
mod report;
mod splits;
mod summary;
mod whole_file;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result, bail, ensure};
use sha2::{Digest, Sha256};

use crate::binary;
use crate::machine::machine;
use crate::workers::in_parallel;
use args::Variant;
use attempt::attempt;
use kept::{Binary, Kept, Key, Outcome};
use published::Known;
use report::Report;
use splits::{Set, Tables, hex};
use summary::{Split, Summary};
use whole_file::write_whole;

pub use args::Args;

/// A set with the tables of the splits that are asked for.
struct Asked {
    set: Set,
    tables: BTreeMap<usize, Tables>,
}

/// A split of a set for a row, and what its result must belong to.
struct Task<'a> {
    row: &'a Variant,
    set: &'a str,
    split: usize,
    tables: &'a Tables,
    /// Arguments of `ebm train`.
    arguments: Vec<String>,
    kept: Option<Kept>,
}

/// Trains and measures what is missing, lets the peers do the same, and prints the tables.
///
/// # Errors
/// When the data cannot be read, a kept result is stale, or a program cannot be run.
pub fn uci(args: &Args) -> Result<()> {
    let known = Known::read()?;
    if let Some(peer) = args.peers.iter().find(|peer| !known.peers.contains_key(*peer)) {
        let names: Vec<&str> = known.peers.keys().map(String::as_str).collect();
        bail!("there is no peer {peer:?}; choose from {}", names.join(", "));
    }
    let asked = asked(args, &known)?;
    let rows = options::rows(args);
    if let Some(twice) =
        rows.iter().enumerate().find(|(at, row)| rows[..*at].iter().any(|other| other.name == row.name))
    {
        bail!("there are two rows named {:?}; give each --variant its own name", twice.1.name);
    }
    let mut tasks = tasks(args, &known, &rows, &asked)?;
    let earlier =
        args.out.as_ref().map(|out| Report::read_if_there(&out.with_extension("json"))).transpose()?.flatten();
    if !args.report {
        train(args, &mut tasks)?;
        let names: Vec<String> = asked.iter().map(|asked| asked.set.name.clone()).collect();
        args.peers.iter().try_for_each(|peer| peers::run(args, peer, &names, &args.work.join("tables")))?;
    }
    let mut report = Report::new(args, machine(), summaries(args, &known, &asked, &rows, &tasks)?);
    let failed: usize = report.rows().map(|row| row.splits_failed).sum();
    if let Some(earlier) = earlier {
        report = report.beside(earlier);
    }
    let markdown = report.markdown(&known);
    print!("{markdown}");
    if let Some(out) = &args.out {
        write_whole(out, markdown.as_bytes())?;
        write_whole(&out.with_extension("json"), (serde_json::to_string_pretty(&report)? + "\n").as_bytes())?;
    }
    if failed > 0 {
        eprintln!("failed splits: {failed}; the tables count them");
    }
    Ok(())
}

/// Reads the sets and writes the tables of the splits.
fn asked(args: &Args, known: &Known) -> Result<Vec<Asked>> {
    let there = splits::names(&args.data)?;
    if let Some(name) = args.sets.iter().find(|name| !there.contains(name)) {
        bail!("{} has no set {name:?}; it has {}", args.data.display(), there.join(", "));
    }
    let mut names = if args.sets.is_empty() { there } else { args.sets.clone() };
    if args.sets.is_empty() {
        // The small ones first, as the list of what is known has them.
        names.sort_by_key(|name| known.sets.iter().position(|set| set.name == *name).unwrap_or(usize::MAX));
    }
    let mut all = Vec::new();
    for name in names {
        let set = Set::read(&args.data, &name)?;
        let numbers = args.splits.numbers.iter().copied().filter(|split| *split < set.splits());
        let tables = numbers.map(|split| Ok((split, set.write(split, &args.work.join("tables"))?)));
        let tables = tables.collect::<Result<BTreeMap<usize, Tables>>>()?;
        ensure!(!tables.is_empty(), "{name} has {} splits, none of {}", set.splits(), args.splits.text);
        all.push(Asked { set, tables });
    }
    Ok(all)
}

/// Every split of every set for every row, with what is kept of it.
fn tasks<'a>(args: &Args, known: &Known, rows: &'a [Variant], asked: &'a [Asked]) -> Result<Vec<Task<'a>>> {
    let mut tasks = Vec::new();
    for Asked { set, tables } in asked {
        let of_set = known.set(&set.name).map_or("", |set| &set.train);
        for row in rows {
            let arguments = options::for_set(row, of_set);
            for (&split, tables) in tables {
                let kept = Kept::read(&Kept::path(&args.work, &row.name, &set.name, split))?;
                tasks.push(Task { row, set: &set.name, split, tables, arguments: arguments.clone(), kept });
            }
        }
    }
    if args.report {
        // Without a program of today, each row is of the one that made its first result.
        for row in rows {
            let own = || tasks.iter().filter(|task| task.row == row);
            let Some(program) = own().find_map(|task| Some(task.kept.as_ref()?.key.program.clone())) else { continue };
            refuse_stale(args, own(), &program)?;
        }
    }
    Ok(tasks)
}

impl Task<'_> {
    /// What a result must belong to.
    fn key(&self, program: &Binary) -> Key {
        let rows = self.tables.digest.clone();
        Key { program: program.clone(), arguments: self.arguments.join(" "), rows }
    }

    fn name(&self) -> String {
        format!("{}/{}/split-{}", self.row.name, self.set, self.split)
    }
}

/// # Errors
/// When a kept result belongs to something else, with what and where.
fn refuse_stale<'a>(args: &Args, tasks: impl Iterator<Item = &'a Task<'a>>, program: &Binary) -> Result<()> {
    let stale: Vec<String> = tasks
        .filter_map(|task| {
            let differs = task.kept.as_ref()?.key.differences(&task.key(program));
            (!differs.is_empty()).then(|| format!("{}: {}", task.name(), differs.join(", ")))
        })
        .collect();
    let Some(first) = stale.first() else { return Ok(()) };
    bail!(
        "{} kept results in {} are stale, the first {first}. --redo-stale trains them again; --work DIR starts elsewhere; \
         --report prints the results of one other program",
        stale.len(),
        args.work.join("results").display()
    )
}

/// Trains and measures what is not kept.
fn train(args: &Args, tasks: &mut [Task]) -> Result<()> {
    let ebm = match &args.ebm {
        Some(file) => file.canonicalize().with_context(|| format!("{} cannot be found", file.display()))?,
        None => binary::build(&binary::root(), "release", "cpu")?,
    };
    let program = describe(&ebm)?;
    if !args.redo_stale {
        refuse_stale(args, tasks.iter(), &program)?;
    }
    let holds = |task: &Task| task.kept.as_ref().is_some_and(|kept| kept.key == task.key(&program));
    let all = tasks.len();
    let open: Vec<&mut Task> = tasks.iter_mut().filter(|task| !holds(task)).collect();
    let finished = AtomicUsize::new(all - open.len());
    eprintln!("splits: {all}, finished: {}, in {}", all - open.len(), args.work.display());
    in_parallel(open, args.jobs, |task| {
        let folder = args.work.join("runs").join(&task.row.name).join(task.set).join(format!("split-{}", task.split));
        let (outcome, revision) =
            attempt(&ebm, &task.arguments, task.tables, task.split, &folder).with_context(|| task.name())?;
        let said = match &outcome {
            Outcome::Done(found) => {
                let [nll, crps] = ["nll", "crps"].map(|key| found.metrics[key]);
                format!("NLL {nll:.3}, CRPS {crps:.4}, {:.1} s", found.seconds)
            }
            Outcome::Failed(reason) => format!("FAILED: {reason}"),
        };
        let kept = Kept::new(task.split, task.key(&program), revision, task.tables.test_rows, outcome);
        kept.write(&Kept::path(&args.work, &task.row.name, task.set, task.split))?;
        eprintln!("[{} of {all}] {}: {said}", finished.fetch_add(1, Ordering::Relaxed) + 1, task.name());
        task.kept = Some(kept);
        Ok(())
    })?;
    Ok(())
}

/// The version and the digest of a program.
fn describe(ebm: &Path) -> Result<Binary> {
    let output = Command::new(ebm).arg("-V").output().with_context(|| format!("starting {}", ebm.display()))?;
    ensure!(output.status.success(), "`ebm -V` ended with {}", output.status);
    let bytes = fs::read(ebm).with_context(|| format!("reading {}", ebm.display()))?;
    let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    Ok(Binary { version, sha256: hex(Sha256::new().chain_update(bytes)) })
}

/// The rows of the table, set by set: ours, then the peers.
fn summaries(args: &Args, known: &Known, asked: &[Asked], rows: &[Variant], tasks: &[Task]) -> Result<Vec<Summary>> {
    let mut all = Vec::new();
    let of_peers = args.peers.iter().map(|peer| Ok((peer, peers::read(args, peer)?))).collect::<Result<Vec<_>>>()?;
    for Asked { set, tables } in asked {
        for row in rows {
            let own = tasks.iter().filter(|task| task.row == row && task.set == set.name);
            let kept: Vec<&Kept> = own.filter_map(|task| task.kept.as_ref()).collect();
            let splits = kept.iter().map(|kept| Split { split: kept.split, outcome: kept.outcome.clone() }).collect();
            let versions = kept.iter().map(|kept| match kept.revision.as_str() {
                "" => kept.key.program.version.clone(),
                revision => format!("{}, revision {revision}", kept.key.program.version),
            });
            let summary = Summary::of(&set.name, &row.name, &format!("`{}`", row.name), set.splits(), splits);
            let of_set = known.set(&set.name).map_or("", |set| &set.train);
            let arguments = options::for_set(row, of_set).join(" ");
            all.push(Summary { arguments, versions: once_each(versions), ..summary });
        }
        for (peer, records) in &of_peers {
            let own = records.iter().filter(|record| record.set == set.name);
            let own: Vec<_> = own.filter_map(|record| Some((record, tables.get(&record.split)?))).collect();
            if let Some((record, _)) = own.iter().find(|(record, tables)| record.rows != tables.digest) {
                bail!("the result of {peer} on {}, split {} is of other rows; delete its line", set.name, record.split);
            }
            let splits =
                own.iter().map(|(record, _)| Split { split: record.split, outcome: record.outcome() }).collect();
            let versions = once_each(own.iter().map(|(record, _)| record.versions.clone()));
            let summary = Summary::of(&set.name, peer, &known.peers[*peer], set.splits(), splits);
            all.push(Summary { is_peer: true, versions, ..summary });
        }
    }
    Ok(all)
}

fn once_each(texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut texts: Vec<String> = texts.collect();
    texts.sort();
    texts.dedup();
    texts
}
