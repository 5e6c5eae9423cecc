//! The runs folder: all that the processes of a sweep share.

use std::fs;
use std::path::{Path, PathBuf};

use crate::exit::{Exit, failure};

/// Names that a plan may not use: what a sweep writes beside the runs.
pub const OWN: [&str; 3] = ["claims", "logs", "submitted"];

/// The folder of a run.
pub fn run(runs: &Path, name: &str) -> PathBuf {
    below(runs, name)
}

/// The folder of a job's claims.
pub fn claims(runs: &Path, name: &str) -> PathBuf {
    below(&runs.join("claims"), name)
}

/// The log of one job. Not in its folder: `ebm` starts no run in a folder it did not make.
pub fn log(runs: &Path, name: &str) -> PathBuf {
    runs.join("logs").join(format!("{}.txt", name.replace('/', "-")))
}

/// Makes a folder below the runs.
///
/// # Errors
/// When it cannot be made.
pub fn make(runs: &Path, name: &str) -> anyhow::Result<PathBuf> {
    let folder = runs.join(name);
    fs::create_dir_all(&folder)
        .map_err(|error| failure(Exit::CannotWrite, format!("cannot make {}: {error}", folder.display())))?;
    Ok(folder)
}

fn below(folder: &Path, name: &str) -> PathBuf {
    name.split('/').fold(folder.to_owned(), |path, part| path.join(part))
}
