//! Rules: a source file has at most 300 lines, a record of a decision at most 30.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::finding::Finding;
use super::rules::{RULES_FILE, Rules};

/// Lines of a source file.
pub(super) const LINES: usize = 300;

/// Lines of a record in `docs/decisions`.
const RECORD_LINES: usize = 30;

/// Folders with Rust files.
const FOLDERS: [&str; 4] = ["crates", "examples", "tests", "xtask"];

pub(super) fn check(root: &Path, rules: &Rules) -> Result<Vec<Finding>> {
    let mut found = Vec::new();
    let mut long = Vec::new();
    for folder in FOLDERS {
        for (file, text) in texts(root, Path::new(folder), "rs")? {
            let lines = text.lines().count();
            let name = slashed(&file);
            if lines > LINES {
                if !rules.long_files.contains_key(&name) {
                    let what = format!("{lines} lines; split it by its ideas, or name a reason in {RULES_FILE}");
                    found.push(Finding { file, line: LINES + 1, text: what });
                }
                long.push(name);
            }
        }
    }
    for name in rules.long_files.keys().filter(|name| !long.contains(name)) {
        let text = format!("{name} has not more than {LINES} lines; remove it from `long_files`");
        found.push(Finding { file: RULES_FILE.into(), line: 1, text });
    }
    for (file, text) in texts(root, Path::new("docs/decisions"), "md")? {
        let lines = text.lines().count();
        if lines > RECORD_LINES {
            let text = format!("{lines} lines; a record of a decision has at most {RECORD_LINES}");
            found.push(Finding { file, line: RECORD_LINES + 1, text });
        }
    }
    Ok(found)
}

/// The files of an extension below a folder of the workspace, if it is there, each with its text.
pub(super) fn texts(root: &Path, folder: &Path, extension: &str) -> Result<Vec<(PathBuf, String)>> {
    let mut texts = Vec::new();
    if !root.join(folder).exists() {
        return Ok(texts);
    }
    let reading = || format!("reading {}", folder.display());
    for entry in fs::read_dir(root.join(folder)).with_context(reading)? {
        let entry = entry.with_context(reading)?;
        let path = folder.join(entry.file_name());
        if entry.file_type().with_context(reading)?.is_dir() {
            texts.extend(self::texts(root, &path, extension)?);
        } else if path.extension().is_some_and(|found| found == extension) {
            let text = fs::read_to_string(root.join(&path)).with_context(|| format!("reading {}", path.display()))?;
            texts.push((path, text));
        }
    }
    Ok(texts)
}

/// A path as the rules write it.
pub(super) fn slashed(path: &Path) -> String {
    path.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/")
}
