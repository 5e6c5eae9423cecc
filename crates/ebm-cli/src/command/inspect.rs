//! `ebm inspect`: what a run is, how it was made, and whether its files are as they were written.

use std::fs;
use std::path::Path;

use ebm_data::run_file::RunFile;
use serde::Serialize;
use serde_json::json;

use crate::cli::inspect::InspectArgs;
use crate::console::Console;
use crate::exit::{Exit, failure};
use crate::output::{print, print_json};
use crate::run::document::{Document, parse};
use crate::run::files::{MEMBERS, files, members};
use crate::run::manifest::{self, Found, Manifest};
use crate::run::record::{Record, Status};

/// A file of a run.
#[derive(Serialize)]
struct Entry {
    name: String,
    bytes: u64,
    sha256: Option<String>,
    found: Found,
}

pub fn run(args: &InspectArgs, console: Console) -> anyhow::Result<()> {
    let run = &args.run;
    if !Record::exists(run) {
        let message = format!("{} is not a run folder: it has no {}", run.display(), Record::FILE);
        return Err(failure(Exit::NoInput, message));
    }
    if args.reseal {
        reseal(run, console)?;
    }
    let manifest = Manifest::of(run)?;
    let entries = entries(run, manifest.as_ref())?;
    // It is shown even if it has changed.
    let path = run.join(Record::FILE);
    let record: Record = parse(&path, &fs::read(&path)?)?;
    if console.json {
        let sealed = manifest.is_some();
        let value = json!({
            "schema": "ebm.run_inspection/1", "run": run, "sealed": sealed, "record": record.named(), "files": entries,
        });
        print_json(&value)?;
    } else {
        print(text(&record, manifest.is_some(), &entries)?)?;
    }
    let changed: Vec<&str> =
        entries.iter().filter(|entry| entry.found != Found::Same).map(|entry| entry.name.as_str()).collect();
    if manifest.is_none() || changed.is_empty() {
        return Ok(());
    }
    let message = format!(
        "not as they were written: {}; restore them, or `ebm inspect {} --reseal` if the change is meant",
        changed.join(", "),
        run.display()
    );
    Err(failure(Exit::Data, message))
}

fn reseal(run: &Path, console: Console) -> anyhow::Result<()> {
    let path = run.join(Record::FILE);
    let record: Record = parse(&path, &fs::read(&path)?)?;
    if matches!(record.status, Status::Running | Status::Interrupted) {
        let message = format!("{} is not trained to the end: it is sealed when it is", run.display());
        return Err(failure(Exit::Usage, message));
    }
    for member in members(run) {
        manifest::seal(&member)?;
    }
    let files = manifest::seal(run)?.files.len();
    console.say(format_args!("sealed {files} files in {}", run.display()));
    Ok(())
}

/// The files of a run, and those of its members, each compared with the manifest of its own folder.
fn entries(run: &Path, manifest: Option<&Manifest>) -> anyhow::Result<Vec<Entry>> {
    let mut entries = entries_of(run, manifest, "")?;
    for member in members(run) {
        let name = member.file_name().unwrap_or_default().to_string_lossy();
        let below = format!("{MEMBERS}/{name}/");
        entries.extend(entries_of(&member, Manifest::of(&member)?.as_ref(), &below)?);
    }
    Ok(entries)
}

fn entries_of(run: &Path, manifest: Option<&Manifest>, below: &str) -> anyhow::Result<Vec<Entry>> {
    let mut names = files(run)?;
    names.extend(manifest.iter().flat_map(|manifest| manifest.files.keys().cloned()));
    names.sort_unstable();
    names.dedup();
    let entry = |name: String| {
        let bytes = fs::read(run.join(&name)).ok();
        let found = manifest.map_or(Found::Unknown, |manifest| manifest.find(&name, bytes.as_deref()));
        let sha256 = bytes.as_deref().map(ebm_core::io::weights::digest);
        Entry { name: format!("{below}{name}"), bytes: bytes.map_or(0, |bytes| bytes.len() as u64), sha256, found }
    };
    Ok(names.into_iter().map(entry).collect())
}

fn text(record: &Record, sealed: bool, entries: &[Entry]) -> anyhow::Result<String> {
    let mut text = String::new();
    let mut line = |name: &str, value: &dyn std::fmt::Display| text += &format!("{name:<12} {value}\n");
    let status = serde_json::to_value(record.status)?;
    line("status", &status.as_str().unwrap_or_default());
    if let Some(error) = &record.error {
        line("error", error);
    }
    line("data", &record.data.source);
    line("examples", &record.data.examples);
    line("fingerprint", &record.data.fingerprint);
    line("seed", &record.seed);
    line("device", &record.device);
    line("trained in", &format_args!("{:.1} s", record.train_seconds));
    line("made by", &format_args!("ebm {} ({})", record.version, record.revision));
    if let Some(checks) = &record.checks {
        let number = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.4}"));
        line("checked on", &format_args!("{} {} rows", checks.rows, checks.part));
        line("  NLL", &format_args!("{} nats", number(checks.nll)));
        line("  marginal", &format_args!("{} nats, the same of a Gaussian of the labels", number(checks.marginal_nll)));
        line("  ESS share", &number(checks.ess_share));
        if let Some([unused, all]) = checks.unused_components {
            line("  components", &format_args!("{all}, of which {unused} have no weight"));
        }
        checks.poor.iter().for_each(|poor| line("  poor", poor));
    }
    text += &format!("\n{}\n", toml::to_string(&record.config)?);
    for Entry { name, bytes, sha256, found } in entries {
        let digest = sha256.as_deref().map_or("", |sha256| &sha256[..16]);
        let found = match found {
            _ if !sealed => "not sealed",
            Found::Same => "as written",
            Found::Changed => "CHANGED",
            Found::Missing => "MISSING",
            Found::Unknown => "UNKNOWN",
        };
        text += &format!("{bytes:>10}  {digest:<16}  {found:<10}  {name}\n");
    }
    Ok(text)
}
