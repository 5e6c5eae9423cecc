//! `manifest.json`: a digest of every file of a finished run.
//!
//! A run is sealed when its training has ended: from then on it has a manifest, and every file is compared with it
//! when it is read. A command that changes a file first writes the digest that the file will have as pending, then the
//! file, then the digest as the file's own. Killed at any point, the file is the old one or the new one, and the
//! manifest knows both. A run that is still training has no manifest: its checkpoint has digests of its own, and all
//! else is written again when it goes on. See ADR 0034.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::Path;

use anyhow::Context;
use ebm_core::io::weights::digest;
use ebm_core::{read_bounded, write_atomic};
use serde::{Deserialize, Serialize};

use super::files::{self, MANIFEST};
use super::json::{Named, from_json, to_json};
use crate::exit::{Exit, failure, of_reading};

/// `manifest.json`.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Every file of the run, by its path in the folder, `/` between its parts.
    pub files: BTreeMap<String, FileDigest>,
    /// What a file becomes that is being written, or that a killed process was about to write.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pending: BTreeMap<String, FileDigest>,
}

/// What a file holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileDigest {
    /// Its size.
    pub bytes: u64,
    /// SHA-256, 64 hexadecimal digits.
    pub sha256: String,
}

impl FileDigest {
    fn of(bytes: &[u8]) -> Self {
        Self { bytes: bytes.len() as u64, sha256: digest(bytes) }
    }
}

/// How a file compares with its manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Found {
    /// As it was written.
    Same,
    /// Other bytes.
    Changed,
    /// In the manifest, but not in the folder.
    Missing,
    /// In the folder, but not in the manifest.
    Unknown,
}

const SCHEMA: &str = "ebm.manifest/1";

/// The largest file of a run that is read at once, in bytes: `split.json` of five million files.
const LIMIT: u64 = 256 << 20;

impl Manifest {
    /// Whether a run is sealed.
    pub fn exists(run: &Path) -> bool {
        run.join(MANIFEST).exists()
    }

    /// That of a run; nothing while it is trained, and for runs of releases that had none.
    ///
    /// # Errors
    /// When it is damaged.
    pub fn of(run: &Path) -> anyhow::Result<Option<Self>> {
        let path = run.join(MANIFEST);
        match read_bounded(&path, LIMIT) {
            Ok(bytes) => from_json(&path, SCHEMA, &bytes).map(Some),
            // Where the name is too long there is no run either: the file that is asked for says so.
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::InvalidFilename) => Ok(None),
            Err(error) => Err(error).with_context(|| format!("reading {}", path.display())),
        }
    }

    /// How a file with these bytes compares; without bytes it is not there.
    pub fn find(&self, name: &str, bytes: Option<&[u8]>) -> Found {
        let known = [self.files.get(name), self.pending.get(name)];
        match bytes.map(FileDigest::of) {
            None if self.files.contains_key(name) => Found::Missing,
            None => Found::Same,
            Some(found) if known.contains(&Some(&found)) => Found::Same,
            Some(_) if known == [None, None] => Found::Unknown,
            Some(_) => Found::Changed,
        }
    }

    fn put(&self, run: &Path) -> anyhow::Result<()> {
        let path = run.join(MANIFEST);
        write_atomic(&path, &to_json(&Named { schema: SCHEMA, content: self })?)
            .with_context(|| format!("writing {}", path.display()))
    }
}

/// The bytes of a file of a run, which are those that were written.
///
/// # Errors
/// When it is not there (66), cannot be read (74), or is not as its manifest says (65).
pub fn read(run: &Path, name: &str) -> anyhow::Result<Vec<u8>> {
    let path = run.join(name);
    let bytes = read_bounded(&path, LIMIT);
    let is_there = bytes.as_ref().map_or_else(|error| error.kind() != ErrorKind::NotFound, |_| true);
    let cannot = |error| failure(of_reading(&error), format!("cannot read {}: {error}", path.display()));
    if bytes.is_ok() || !is_there {
        check(run, name, bytes.as_deref().ok())?;
    }
    bytes.map_err(cannot)
}

/// Compares a file of a run with its manifest, if it is there.
///
/// # Errors
/// When it is not as the manifest says, or cannot be read.
pub fn check_file(run: &Path, name: &str) -> anyhow::Result<()> {
    if Manifest::exists(run) && has(run, name)? { read(run, name).map(drop) } else { Ok(()) }
}

/// Whether a run has a file, which its manifest must know of.
///
/// # Errors
/// When the manifest lists it and it is not there.
pub fn has(run: &Path, name: &str) -> anyhow::Result<bool> {
    if run.join(name).exists() {
        return Ok(true);
    }
    check(run, name, None)?;
    Ok(false)
}

fn check(run: &Path, name: &str, bytes: Option<&[u8]>) -> anyhow::Result<()> {
    let Some(manifest) = Manifest::of(run)? else { return Ok(()) };
    let why = match manifest.find(name, bytes) {
        Found::Same => return Ok(()),
        Found::Changed => "has changed since it was written",
        Found::Missing => "is missing",
        Found::Unknown => "is not among the files in manifest.json",
    };
    let (file, run) = (run.join(name), run.display());
    let message =
        format!("{} {why}: restore it, or `ebm inspect {run} --reseal` if the change is meant", file.display());
    Err(failure(Exit::Data, message))
}

/// Writes a file of a run, whole or not at all, and its digest if the run is sealed.
///
/// # Errors
/// When it cannot be written.
pub fn write(run: &Path, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
    let path = run.join(name);
    let put = || write_atomic(&path, bytes).with_context(|| format!("writing {}", path.display()));
    // Two commands may write to one run at a time. Where a folder cannot be locked, they must not.
    let folder = File::open(run).ok();
    let _ = folder.as_ref().map(File::lock);
    let Some(mut manifest) = Manifest::of(run)? else { return put() };
    for (name, digest) in std::mem::take(&mut manifest.pending) {
        if fs::read(run.join(&name)).is_ok_and(|bytes| FileDigest::of(&bytes) == digest) {
            manifest.files.insert(name, digest);
        }
    }
    let new = FileDigest::of(bytes);
    manifest.pending.insert(name.to_owned(), new.clone());
    manifest.put(run)?;
    put()?;
    manifest.pending.clear();
    manifest.files.insert(name.to_owned(), new);
    manifest.put(run)
}

/// Seals a run: writes the digests of all its files.
///
/// # Errors
/// When one cannot be read, or the manifest cannot be written.
pub fn seal(run: &Path) -> anyhow::Result<Manifest> {
    let mut manifest = Manifest::default();
    for name in files::files(run)? {
        let path = run.join(&name);
        let bytes = fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
        manifest.files.insert(name, FileDigest::of(&bytes));
    }
    manifest.put(run)?;
    Ok(manifest)
}

/// Removes the seal of a run that is to be trained on.
///
/// # Errors
/// When it cannot be removed.
pub fn unseal(run: &Path) -> anyhow::Result<()> {
    let path = run.join(MANIFEST);
    match fs::remove_file(&path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("removing {}", path.display()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed() -> tempfile::TempDir {
        let run = tempfile::tempdir().unwrap();
        write(run.path(), "evaluation.json", b"old").unwrap();
        seal(run.path()).unwrap();
        run
    }

    fn code(result: anyhow::Result<Vec<u8>>) -> Option<Exit> {
        result.err().map(|error| crate::exit::exit_code(&error))
    }

    #[test]
    fn a_file_is_read_as_it_was_written_or_not_at_all() {
        let run = sealed();
        let run = run.path();
        assert_eq!(read(run, "evaluation.json").unwrap(), b"old");
        write(run, "evaluation.json", b"new").unwrap();
        assert_eq!(read(run, "evaluation.json").unwrap(), b"new");
        fs::write(run.join("evaluation.json"), "nex").unwrap();
        assert_eq!(code(read(run, "evaluation.json")), Some(Exit::Data));
        fs::remove_file(run.join("evaluation.json")).unwrap();
        assert_eq!(code(read(run, "evaluation.json")), Some(Exit::Data));
        assert!(has(run, "evaluation.json").is_err() && !has(run, "calibration.json").unwrap());
        fs::write(run.join("calibration.json"), "slipped in").unwrap();
        assert_eq!(code(read(run, "calibration.json")), Some(Exit::Data));
        seal(run).unwrap();
        assert_eq!(read(run, "calibration.json").unwrap(), b"slipped in");
    }

    #[test]
    fn a_kill_between_a_file_and_its_digest_loses_neither_the_old_file_nor_the_new_one() {
        for (name, before) in [("evaluation.json", true), ("calibration.json", false)] {
            let run = sealed();
            let run = run.path();
            // Killed after the manifest was told.
            let mut manifest = Manifest::of(run).unwrap().unwrap();
            manifest.pending.insert(name.to_owned(), FileDigest::of(b"new"));
            manifest.put(run).unwrap();
            assert_eq!(read(run, name).is_ok(), before, "{name}");
            assert_eq!(has(run, name).unwrap(), before, "{name}");
            // Killed after the file was written.
            fs::write(run.join(name), "new").unwrap();
            assert_eq!(read(run, name).unwrap(), b"new");
            // The next write keeps what was pending.
            write(run, "report.html", b"page").unwrap();
            let manifest = Manifest::of(run).unwrap().unwrap();
            assert!(manifest.pending.is_empty() && manifest.files[name] == FileDigest::of(b"new"));
        }
    }
}
