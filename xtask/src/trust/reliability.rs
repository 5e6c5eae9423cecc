//! `cargo xtask reliability`: the document of faults, promises and tests.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use serde::de::DeserializeOwned;

use super::fault::{Counts, Fault, Kept, faults};
use super::full_length::{self, Trial};
use super::{fuzz, results};
use crate::binary;

const DOCUMENT: &str = "docs/results/reliability.md";

/// Write docs/results/reliability.md: every fault with its promise and its tests, which must exist
///
/// Its rows are `xtask/src/trust/faults.toml`, its counts the records of `cargo xtask fuzz`, `crash` and `flips`.
#[derive(clap::Args)]
pub struct Args {
    /// Only compare; exit code 1 if the document is not what it would be
    #[arg(long)]
    check: bool,
}

/// Writes or compares the document.
///
/// # Errors
/// When a test that it names does not exist, or the document differs.
pub fn reliability(args: &Args) -> Result<()> {
    let root = binary::root();
    let text = document(&root)?;
    let file = root.join(DOCUMENT);
    if args.check {
        let found = fs::read_to_string(&file).with_context(|| format!("reading {DOCUMENT}"))?;
        ensure!(found == text, "{DOCUMENT} is out of date: run `cargo xtask reliability`");
        return Ok(());
    }
    fs::write(&file, text).with_context(|| format!("writing {DOCUMENT}"))
}

/// The names of all functions in source files that have tests, of the crates and of this one.
fn test_names(root: &Path) -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    let mut folders: Vec<_> = ["crates", "tests", "xtask"].map(|folder| root.join(folder)).into();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).with_context(|| format!("listing {}", folder.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
                names.extend(tests_in(&text));
            }
        }
    }
    Ok(names)
}

/// Functions below `#[test]`, with or without other attributes and comments between.
fn tests_in(text: &str) -> impl Iterator<Item = String> + '_ {
    let mut follows = false;
    text.lines().map(str::trim).filter_map(move |line| {
        follows |= line == "#[test]";
        let name = line.strip_prefix("fn ").filter(|_| follows)?;
        follows = false;
        Some(name.split(['(', '<']).next().unwrap_or_default().to_owned())
    })
}

fn document(root: &Path) -> Result<String> {
    let (faults, names) = (faults()?, test_names(root)?);
    let missing: Vec<&str> = faults
        .iter()
        .flat_map(|fault| &fault.tests)
        .filter(|test| !names.contains(*test))
        .map(String::as_str)
        .collect();
    if !missing.is_empty() {
        bail!("faults.toml names tests that do not exist: {}", missing.join(", "));
    }
    let mut text = String::from(
        "# Reliability\n\nFaults that users meet, what is promised, and the tests of it. `cargo xtask reliability` writes this \
         page from\n`xtask/src/trust/faults.toml` and the records of long runs, and checks that each test exists. `cargo test` \
         runs the tests.\n\n",
    );
    let count = |kept: Kept| faults.iter().filter(|fault| fault.kept == kept).count();
    let [yes, in_part, no] = [Kept::Yes, Kept::InPart, Kept::No].map(count);
    writeln!(text, "{} promises: {yes} kept, {in_part} in part, {no} not.\n", faults.len())?;
    writeln!(text, "| | fault | promise | kept | tests |\n|---|---|---|---|---|")?;
    for (row, fault) in faults.iter().enumerate() {
        writeln!(text, "| {} | {} | {} | {} | {} |", row + 1, fault.fault, fault.promise, kept(fault), tests(fault))?;
    }
    text += &long_runs(root)?;
    Ok(text)
}

fn kept(fault: &Fault) -> String {
    match (fault.kept, &fault.gap) {
        (Kept::Yes, _) => "kept".to_owned(),
        (Kept::InPart, gap) => format!("in part: {}", gap.as_deref().unwrap_or_default()),
        (Kept::No, gap) => format!("**not kept**: {}", gap.as_deref().unwrap_or_default()),
    }
}

fn tests(fault: &Fault) -> String {
    let mut parts: Vec<String> = fault.tests.iter().map(|test| format!("`{test}`")).collect();
    parts.extend(fault.counts.map(|counts| match counts {
        Counts::Crash => "[kills](#killed-trainings)".to_owned(),
        Counts::Flips => "[flips](#flipped-bits)".to_owned(),
        Counts::Fuzz => "[fuzzing](#fuzzing)".to_owned(),
    }));
    parts.join(", ")
}

fn read<T: DeserializeOwned>(root: &Path, name: &str) -> Result<Option<T>> {
    let file = results(root).join(name);
    match fs::read(&file) {
        Ok(bytes) => serde_json::from_slice(&bytes).map(Some).with_context(|| format!("reading {}", file.display())),
        Err(_) => Ok(None),
    }
}

/// A table for each record that is there.
fn long_runs(root: &Path) -> Result<String> {
    let mut text = String::new();
    if let Some(record) = read::<fuzz::Record>(root, "fuzz.json")? {
        writeln!(text, "\n## Fuzzing\n`cargo xtask fuzz --record`, revision {}.\n", record.revision)?;
        writeln!(
            text,
            "| reader | files | a second | read | kinds of answers | findings |\n|---|---|---|---|---|---|"
        )?;
        for counts in &record.readers {
            let fuzz::Counts { reader, files, read, answers, seconds, findings } = counts;
            let rate = *files as f64 / seconds.max(1e-9);
            writeln!(text, "| {reader} | {files} | {rate:.0} | {read} | {answers} | {findings} |")?;
        }
        let files: u64 = record.readers.iter().map(|counts| counts.files).sum();
        let findings: u64 = record.readers.iter().map(|counts| counts.findings).sum();
        let seconds: f64 = record.readers.iter().map(|counts| counts.seconds).sum();
        writeln!(text, "\n{files} files in {:.0} minutes, {findings} findings.", seconds / 60.0)?;
    }
    for (trial, title, command) in
        [(Trial::Crash, "Killed trainings", "crash"), (Trial::Flips, "Flipped bits", "flips")]
    {
        let Some(record) = read::<full_length::Record>(root, trial.file())? else { continue };
        writeln!(text, "\n## {title}\n`cargo xtask {command} --record`, revision {}.\n", record.revision)?;
        let Some(first) = record.subjects.first() else { continue };
        let mut names: Vec<&str> = first.keys().map(String::as_str).collect();
        names.sort_by_key(|name| *name != "subject");
        let spoken: Vec<String> = names.iter().map(|name| name.replace('_', " ")).collect();
        writeln!(text, "| {} |\n|{}", spoken.join(" | "), "---|".repeat(names.len()))?;
        for subject in &record.subjects {
            let value = |name: &&str| subject.get(*name).map_or_else(String::new, |value| value.to_string());
            let values: Vec<String> = names.iter().map(value).map(|value| value.trim_matches('"').to_owned()).collect();
            writeln!(text, "| {} |", values.join(" | "))?;
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_names_tests_that_exist_and_is_up_to_date() {
        reliability(&Args { check: true }).unwrap();
    }

    #[test]
    fn a_test_is_a_function_below_its_mark() {
        let text = "#[test]\nfn one() {}\nfn none() {}\n  #[test]\n  // Said.\n  fn two<T>(x: T) {}\n";
        assert_eq!(tests_in(text).collect::<Vec<_>>(), ["one", "two"]);
    }
}
