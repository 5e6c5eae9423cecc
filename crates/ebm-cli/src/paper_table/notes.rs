//! The sentences around a table, the same in every form. Not yet Markdown.

use std::collections::BTreeSet;

use super::report::Report;
use super::run::{Run, RunState};
use super::{Deviation, ScaleName, Size};

/// Runs named one by one, of each kind, before the rest is only counted.
const NAMED: usize = 8;

impl Report {
    /// What the numbers are of: the scale, and whether the paper's compare.
    pub(super) fn scale_notes(&self) -> Vec<String> {
        let changed = if self.scale.changed { ", changed" } else { "" };
        let name = match self.scale.name {
            ScaleName::Quick => "quick",
            ScaleName::Full => "full",
        };
        let mut notes = vec![format!("Scale {name}{changed}: {}.", words(self.scale.size))];
        if !self.comparable {
            notes.push(format!(
                "The paper's column is not comparable at this scale: it is of {}.",
                words(self.paper_size)
            ));
        }
        notes
    }

    /// How to read the columns, what is not in them, and where the runs came from.
    pub(super) fn notes(&self) -> Vec<String> {
        let mut notes = vec![self.best_note()];
        notes.push(
            "All runs: mean ± sample sd (divisor n − 1) and median of every finite run. \
             Runs: finite / failed / missing; a failed run is counted, not dropped."
                .to_owned(),
        );
        notes.extend(self.missing_notes());
        notes.extend(self.named("Failed", |state| match state {
            RunState::Failed { reason } => Some(reason.clone()),
            _ => None,
        }));
        notes.extend(self.provenance_note());
        notes
    }

    fn best_note(&self) -> String {
        let best = self.reduction.best_on_test;
        let networks = self.scale.size.networks;
        let divisor = match self.reduction.sd {
            Deviation::Population => "n",
            Deviation::Sample => "n − 1",
        };
        let consequence = if networks <= best {
            format!("With {networks} that is every finite run: nothing is chosen.")
        } else {
            "The choice has seen the test data, which flatters.".to_owned()
        };
        format!(
            "Best on test, as the paper counts: mean ± sd (divisor {divisor}) of the {best} best \
             networks by the test metric; Diff. is this minus the paper. {consequence}"
        )
    }

    fn missing_notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        let mut count = |what: &str, of: fn(&RunState) -> bool| {
            let found = self.runs().filter(|run| of(&run.state)).count();
            if found > 0 {
                let all = self.runs().count();
                notes.push(format!("Missing: {found} of {all} runs {what}."));
            }
        };
        count("not started", |state| *state == RunState::NotStarted);
        count("not finished", |state| *state == RunState::Unfinished);
        count("not evaluated", |state| *state == RunState::NotEvaluated);
        notes.extend(self.named("Of another scale", |state| match state {
            RunState::OtherScale { epochs, m } => Some(format!("{epochs} epochs, M = {m}")),
            _ => None,
        }));
        notes.extend(self.named("Of other settings than the preset", |state| match state {
            RunState::OtherSettings { parts } => Some(parts.join(", ")),
            _ => None,
        }));
        notes.extend(self.named("Cannot be read", |state| match state {
            RunState::Unreadable { reason } => Some(reason.clone()),
            _ => None,
        }));
        notes
    }

    /// One line for each run that `say` describes, up to a limit.
    fn named(&self, kind: &str, say: impl Fn(&RunState) -> Option<String>) -> Vec<String> {
        let mut lines: Vec<String> =
            self.runs().filter_map(|run| Some(format!("{kind}: {}: {}.", run.run, say(&run.state)?))).collect();
        let more = lines.len().saturating_sub(NAMED);
        if more > 0 {
            lines.truncate(NAMED);
            lines.push(format!("{kind}: {more} more, all named in the JSON form."));
        }
        lines
    }

    fn provenance_note(&self) -> Option<String> {
        let list = |set: &BTreeSet<String>| set.iter().cloned().collect::<Vec<_>>().join(", ");
        let made = &self.provenance;
        let parts: Vec<String> = [("ebm", &made.versions), ("revision", &made.revisions), ("device", &made.devices)]
            .into_iter()
            .filter(|(_, set)| !set.is_empty())
            .map(|(name, set)| format!("{name} {}", list(set)))
            .collect();
        (!parts.is_empty()).then(|| format!("Runs made by: {}.", parts.join("; ")))
    }

    fn runs(&self) -> impl Iterator<Item = &Run> {
        let cells = self.rows.iter().flat_map(|row| &row.cells);
        cells.flat_map(|cell| &cell.runs)
    }
}

fn words(size: Size) -> String {
    let s = if size.networks.get() == 1 { "" } else { "s" };
    let mut words = format!("{} network{s} a cell, {} epochs, M = {}", size.networks, size.epochs, size.m);
    if let Some(examples) = size.examples {
        words += &format!(", {examples} training images of a stand-in");
    }
    if let Some(width) = size.width {
        words += &format!(", backbone {width} wide instead of 64");
    }
    words
}
