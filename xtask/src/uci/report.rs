//! The tables as Markdown, and everything as JSON.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use super::args::Args;
use super::published::{Known, KnownSet, Scores};
use super::summary::{Mean, Summary};

const SCHEMA: &str = "ebm.uci/2";

/// All results, with what they were measured on.
#[derive(Serialize, Deserialize)]
pub(super) struct Report {
    schema: String,
    measurements: Vec<Measurement>,
}

/// What one command has measured.
#[derive(Serialize, Deserialize)]
struct Measurement {
    /// The command, without the folders of this machine.
    command: String,
    machine: String,
    rows: Vec<Summary>,
}

impl Report {
    pub fn new(args: &Args, machine: String, rows: Vec<Summary>) -> Self {
        let measurement = Measurement { command: command(args), machine, rows };
        Self { schema: SCHEMA.to_owned(), measurements: vec![measurement] }
    }

    /// The report that this file has, if it is there.
    ///
    /// # Errors
    /// When it is something else.
    pub fn read_if_there(json: &Path) -> Result<Option<Self>> {
        if !json.exists() {
            return Ok(None);
        }
        let text = fs::read_to_string(json).with_context(|| format!("reading {}", json.display()))?;
        let advice = || format!("{} is no report of this command; write elsewhere with --out", json.display());
        let report: Self = serde_json::from_str(&text).with_context(advice)?;
        ensure!(report.schema == SCHEMA, "{}: it has {}, not {SCHEMA}", advice(), report.schema);
        Ok(Some(report))
    }

    /// With the sets of an earlier report that are not in this one.
    pub fn beside(mut self, earlier: Self) -> Self {
        let measured: Vec<&String> = self.rows().map(|row| &row.set).collect();
        let mut kept = earlier.measurements;
        for measurement in &mut kept {
            measurement.rows.retain(|row| !measured.contains(&&row.set));
        }
        kept.retain(|measurement| !measurement.rows.is_empty());
        self.measurements.splice(0..0, kept);
        self
    }

    /// The rows of all measurements.
    pub fn rows(&self) -> impl Iterator<Item = &Summary> {
        self.measurements.iter().flat_map(|measurement| &measurement.rows)
    }

    pub fn markdown(&self, known: &Known) -> String {
        let made = |of: &Measurement| format!("- `{}`, on {}.\n", of.command, of.machine);
        let made: String = self.measurements.iter().map(made).collect();
        let mut text = format!(
            "# The standard UCI regression sets\n\n\
             {made}\n\
             Each split trains on nine tenths of the rows and measures on the others. Means over the splits ± standard \
             error; the splits\nshare rows. NLL in nats per unit of the target, CRPS and widths in its units. `splits`: \
             how many are in the means, of all the set has.\n\n\
             ## Goals and published numbers\nPublished numbers are as others report them, on the same splits; the list \
             of sources is below.\n\n\
             | set | `ebm train` | splits | NLL | goal | published | CRPS | goal | published |\n\
             |---|---|---:|---:|---:|---|---:|---:|---|\n"
        );
        let put = |text: &mut String, line: &str| writeln!(text, "{line}").expect("a string takes everything");
        for row in self.rows().filter(|row| !row.is_peer) {
            let known = known.set(&row.set);
            let [nll_goal, nll_others] = others(known, |scores| scores.nll, |scores| &scores.nll);
            let [crps_goal, crps_others] = others(known, |scores| scores.crps, |scores| &scores.crps);
            let line = format!(
                "| {} | {} | {} | {} | {nll_goal} | {nll_others} | {} | {crps_goal} | {crps_others} |",
                row.set,
                row.label,
                splits(row),
                nll(row),
                crps(row)
            );
            put(&mut text, &line);
        }
        text += "\n## All methods on the same splits\nCoverage: test labels in the central 90 % interval, in the 90 % \
                 highest-density set, and in that set after `ebm` calibrated it;\nwidths are of the sets. Seconds are of \
                 the processor, to train, one thread. `worst`: the highest NLL of a split.\n\n\
                 | set | method | splits | NLL | CRPS | interval | set | width | calibrated | width | s, CPU | worst |\n\
                 |---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n";
        for row in self.rows() {
            let metric = |key: &str, write: &dyn Fn(f64) -> String| {
                row.means.get(key).map_or_else(|| "–".to_owned(), |mean| write(mean.mean))
            };
            let share = |value: f64| format!("{value:.3}");
            let worst = row.worst.map_or_else(|| "–".to_owned(), |worst| format!("{:.3}", worst.nll));
            let cells = [
                metric("coverage_90", &share),
                metric("hpd_coverage_90", &share),
                metric("hpd_width_90", &significant),
                metric("calibrated_coverage_90", &share),
                metric("calibrated_width_90", &significant),
                metric("seconds", &|seconds| format!("{seconds:.1}")),
                worst,
            ];
            let [set, label] = [&row.set, &row.label];
            let line =
                format!("| {set} | {label} | {} | {} | {} | {} |", splits(row), nll(row), crps(row), cells.join(" | "));
            put(&mut text, &line);
        }
        text + "\n" + &self.notes(known)
    }

    /// What failed, what is missing, what made the rows, and the sources.
    fn notes(&self, known: &Known) -> String {
        let mut notes = Vec::new();
        for row in self.rows() {
            let what = format!("{}, {}", row.set, row.label);
            notes.extend(row.failures().map(|(split, reason)| {
                format!("{what}: split {split} **failed** and is in no mean: {}", reason.replace('\n', " "))
            }));
            if !row.splits_missing.is_empty() {
                notes.push(format!("{what}: not measured: splits {}", ranges(&row.splits_missing)));
            }
        }
        let mut made: Vec<String> = Vec::new();
        for row in self.rows() {
            let arguments = if row.is_peer { String::new() } else { format!(", `{}`", row.arguments) };
            made.push(format!("{}: {}{arguments}", row.label, row.versions.join(" and ")));
        }
        made.sort();
        made.dedup();
        notes.extend(made);
        let names: Vec<String> = self.rows().map(|row| row.set.clone()).collect();
        notes.extend(
            known.sources_of(&names).into_iter().map(|(method, source)| format!("Source of {method}: {source}")),
        );
        notes.iter().map(|note| format!("- {note}.\n")).collect()
    }
}

/// The command, with the folders of this machine left out.
fn command(args: &Args) -> String {
    let mut text = "cargo xtask uci --data DIR".to_owned();
    if !args.sets.is_empty() {
        text += &format!(" --sets {}", args.sets.join(","));
    }
    text += &format!(" --splits {}", args.splits.text);
    for variant in &args.variants {
        text += &format!(" --variant '{}={}'", variant.name, variant.args.join(" "));
    }
    if args.without_default {
        text += " --without-default";
    }
    if !args.peers.is_empty() {
        text += &format!(" --peers {}", args.peers.join(","));
    }
    if !args.train.is_empty() {
        text += &format!(" -- {}", args.train.join(" "));
    }
    text
}

/// The goal of a score, and its published numbers, the best first.
fn others(
    set: Option<&KnownSet>,
    goal: impl Fn(&Scores<Option<f64>>) -> Option<f64>,
    published: impl Fn(&Scores<BTreeMap<String, f64>>) -> &BTreeMap<String, f64>,
) -> [String; 2] {
    let Some(set) = set else { return ["–".to_owned(), "–".to_owned()] };
    let goal = goal(&set.goal).map_or_else(|| "–".to_owned(), |goal| goal.to_string());
    let mut numbers: Vec<(&String, &f64)> = published(&set.published).iter().collect();
    numbers.sort_by(|a, b| a.1.total_cmp(b.1));
    let text: Vec<String> = numbers.iter().map(|(method, value)| format!("{value} {method}")).collect();
    [goal, if text.is_empty() { "–".to_owned() } else { text.join(", ") }]
}

/// `20`, or of how many, and how many failed.
fn splits(row: &Summary) -> String {
    let Summary { splits_done: done, splits_of_set: all, splits_failed: failed, .. } = row;
    let failed = if *failed > 0 { format!(", {failed} failed") } else { String::new() };
    format!("{done} of {all}{failed}")
}

fn nll(row: &Summary) -> String {
    cell(row.means.get("nll"), |_| 3)
}

/// With two digits of the standard error.
fn crps(row: &Summary) -> String {
    cell(row.means.get("crps"), |mean| match mean.error {
        Some(error) if error > 0.0 => (1.0 - error.log10().floor()).clamp(2.0, 8.0) as usize,
        _ => 4,
    })
}

fn cell(mean: Option<&Mean>, decimals: impl Fn(&Mean) -> usize) -> String {
    let Some(mean) = mean else { return "–".to_owned() };
    let decimals = decimals(mean);
    let error = mean.error.map_or_else(String::new, |error| format!(" ± {error:.decimals$}"));
    format!("{:.decimals$}{error}", mean.mean)
}

/// Three significant digits.
fn significant(value: f64) -> String {
    let decimals = (2.0 - value.abs().max(f64::MIN_POSITIVE).log10().floor()).clamp(0.0, 8.0) as usize;
    format!("{value:.decimals$}")
}

/// `0–2, 5` of sorted numbers.
fn ranges(numbers: &[usize]) -> String {
    let runs = numbers.chunk_by(|a, b| a + 1 == *b);
    let text = runs.map(|run| match run {
        [one] => one.to_string(),
        more => format!("{}–{}", more[0], more[more.len() - 1]),
    });
    text.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_as_many_digits_as_their_errors_allow() {
        let crps = |mean, error| {
            let mut row = Summary::of("a", "b", "c", 1, Vec::new());
            row.means.insert("crps".to_owned(), Mean { mean, error, splits: 2 });
            super::crps(&row)
        };
        assert_eq!(crps(2.34567, Some(0.0512)), "2.346 ± 0.051");
        assert_eq!(crps(0.000_234_2, Some(0.000_012)), "0.000234 ± 0.000012");
        assert_eq!(crps(2.5, None), "2.5000");
        assert_eq!([significant(1234.5), significant(0.012_345)], ["1234", "0.0123"]);
    }

    #[test]
    fn numbers_in_a_row_are_a_range() {
        assert_eq!(ranges(&[0, 1, 2, 5, 7, 8]), "0–2, 5, 7–8");
    }
}
