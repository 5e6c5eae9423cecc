//! The names of a run's own files. Other files may lie in its folder, too.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use ebm_core::checkpoint;
use ebm_data::run_file::{CalibrationRecord, EnsembleRecord, ModelRecord, ReachRecord, RunFile};
use ebm_data::table::Split;

/// The record.
pub(super) const RECORD: &str = "run.json";
/// Digests of the files.
pub(super) const MANIFEST: &str = "manifest.json";
/// What is needed to use the weights.
pub(super) const MODEL: &str = ModelRecord::FILE;
/// The weights.
pub(super) const WEIGHTS: &str = "model.safetensors";
/// Scores of the calibration rows.
pub(super) const CALIBRATION: &str = CalibrationRecord::FILE;
/// What was measured on test examples.
pub(super) const EVALUATION: &str = "evaluation.json";
/// A line for each epoch.
pub(super) const METRICS: &str = "metrics.jsonl";
/// Which examples belong to which part.
pub(super) const SPLIT: &str = Split::FILE;
/// Hashes of the rows that were trained on.
pub(super) const ROWS: &str = "rows.json";
/// Where an imported model comes from.
pub(super) const PROVENANCE: &str = "import.json";
/// Written by `ebm report`.
pub const REPORT: &str = "report.html";
/// Held by the process that trains here.
pub(super) const LOCK: &str = "lock";
/// The folder of the weights after some epochs.
pub(super) const SNAPSHOTS: &str = "snapshots";
/// The folder of the runs that a run is made of, each with a manifest of its own.
pub const MEMBERS: &str = "members";
/// The members of an ensemble and their weights.
pub(super) const ENSEMBLE: &str = EnsembleRecord::FILE;
/// The trees of a member that has no network.
pub const TREES: &str = "trees.safetensors";
/// Some training inputs, to tell how far from them a model is asked.
pub(super) const REACH: &str = ReachRecord::FILE;
/// A run that replaces this one: being written, replacing, and moving.
pub(super) const REPLACEMENT: [&str; 3] = ["next", "next-replaces", "next-moves"];

/// The files that a run makes beside its record, its checkpoint and its snapshots. Without the first three nobody takes the
/// rest for a model.
const FILES: [&str; 13] = [
    MANIFEST,
    MODEL,
    ENSEMBLE,
    WEIGHTS,
    TREES,
    CALIBRATION,
    EVALUATION,
    METRICS,
    SPLIT,
    REACH,
    ROWS,
    PROVENANCE,
    REPORT,
];

/// Deletes what a run has made in this folder, except `run.json`.
pub(super) fn clear(run: &Path) -> anyhow::Result<()> {
    let removed = |path: &Path| format!("removing {}", path.display());
    for path in FILES.map(|file| run.join(file)) {
        if path.exists() {
            fs::remove_file(&path).with_context(|| removed(&path))?;
        }
    }
    checkpoint::remove(run)?;
    for folder in [SNAPSHOTS, MEMBERS].map(|folder| run.join(folder)) {
        if folder.exists() {
            fs::remove_dir_all(&folder).with_context(|| removed(&folder))?;
        }
    }
    Ok(())
}

/// The files that a manifest lists: those of the run, and the manifests of its members.
pub fn files(run: &Path) -> anyhow::Result<Vec<String>> {
    let own = FILES.into_iter().filter(|file| *file != MANIFEST).chain([RECORD]);
    let mut files: Vec<String> = own.map(str::to_owned).collect();
    for (folder, below) in [(SNAPSHOTS, ""), (MEMBERS, "/manifest.json")] {
        let Ok(entries) = fs::read_dir(run.join(folder)) else { continue };
        for entry in entries {
            let name = entry.with_context(|| format!("listing {}", run.join(folder).display()))?.file_name();
            files.push(format!("{folder}/{}{below}", name.to_string_lossy()));
        }
    }
    files.retain(|file| run.join(file).is_file() && !file.ends_with(".tmp"));
    Ok(files)
}

/// The run folder that a file belongs to as one of the run's own; other files may lie there too.
pub fn owner(file: &Path) -> Option<&Path> {
    let is_run = |folder: &Path| [RECORD, MODEL, ENSEMBLE, MANIFEST].map(|file| folder.join(file));
    file.ancestors()
        .skip(1)
        .find(|folder| is_run(folder).iter().any(|file| file.exists()) && file.strip_prefix(folder).is_ok_and(is_own))
}

/// Whether a path in a run folder is that of one of the run's own files.
fn is_own(path: &Path) -> bool {
    let first = path.iter().next().unwrap_or_default().to_string_lossy();
    let name = first.strip_suffix(".tmp").unwrap_or(&first);
    FILES.contains(&name)
        || [RECORD, LOCK, SNAPSHOTS, MEMBERS].contains(&name)
        || REPLACEMENT.contains(&name)
        || name.starts_with("checkpoint")
}

/// The folders of the members of an ensemble, by name.
pub fn members(run: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(run.join(MEMBERS)).into_iter().flatten().flatten();
    let mut folders: Vec<_> = entries.map(|entry| entry.path()).filter(|path| path.join(RECORD).is_file()).collect();
    folders.sort_unstable();
    folders
}
