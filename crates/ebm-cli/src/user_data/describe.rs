//! What was found in the user's data, for people.

use std::fmt;

use ebm_core::{TargetError, TargetKind};
use ebm_data::table::{Kind, Parts, Schema, Tally, Warning, Why};

use crate::console::Console;
use crate::exit::{Exit, failure};
use crate::experiment::user_data::{Source, UserData};

/// Columns beyond these are not listed one by one.
const LISTED: usize = 40;

/// How many examples there are, and how many in each part.
pub(super) struct Sizes<'a> {
    pub source: &'a Source,
    pub all: usize,
    /// `rows` or `images`.
    pub what: &'static str,
    /// Training, validation, calibration, test.
    pub parts: [usize; 4],
}

impl fmt::Display for Sizes<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { source, all, what, parts: [train, validation, calibration, test] } = self;
        write!(out, "{}: {all} {what}; training {train}, validation {validation}, ", source.name())?;
        write!(out, "calibration {calibration}, test {test}")
    }
}

/// The error of a label that no target of its kind can have; `place` follows the name of the data.
pub(super) fn unfit(user: &UserData, place: &str, error: &TargetError) -> anyhow::Error {
    let what = format!("{}{place}: {error}", user.source.name());
    failure(Exit::Data, format!("{what}; --target-kind says what {} is", user.target_names()))
}

/// Lists the parts and columns of a table, and warns of what may not be intended.
pub(super) fn tell(user: &UserData, kinds: &[TargetKind], parts: &Parts, console: Console) {
    let Parts { schema, train, split, .. } = parts;
    let rows = split.rows;
    let sizes = [rows.train, rows.validation, rows.calibration, rows.test];
    console.say(Sizes { source: &user.source, all: train.tally().rows, what: "rows", parts: sizes });
    if ebm_data::folder_of(user.source.table()).is_some() {
        console.say("a folder: its files are one table; what names like `column=value` say is not an input");
    }
    if let Some(column) = &user.weight {
        console.say(format_args!("--weight {column}: a row counts as often as it says, in every number told of"));
    }
    if let Some(most) = user.sample_rows {
        console.say(format_args!(
            "--sample-rows {most}: rows by a hash of seed {} and of what they hold",
            user.split_seed
        ));
    }
    columns(kinds, schema, console);
    dropped(train.tally(), console);
    for warning in &parts.warnings {
        match warning {
            // Its kind has them.
            Warning::WholeTargets { column } if kind_of(user, kinds, column) != Some(TargetKind::Real) => {}
            // It is in the list of columns.
            Warning::LeftOut(_) => {}
            warning => console.warn(warning),
        }
    }
}

fn kind_of(user: &UserData, kinds: &[TargetKind], target: &str) -> Option<TargetKind> {
    user.targets.iter().position(|name| name == target).map(|index| kinds[index])
}

/// A line for each column.
fn columns(kinds: &[TargetKind], schema: &Schema, console: Console) {
    let width = |name: &str| name.chars().count();
    let names = schema.targets.iter().map(|target| width(&target.name));
    let names = names.chain(schema.features.iter().map(|feature| width(&feature.name)));
    let widest = names.max().unwrap_or(0).min(32);
    for (target, kind) in schema.targets.iter().zip(kinds) {
        let statistics = &target.statistics;
        let what = format!("target, {}", kind_name(kind));
        console.say(format_args!("  {:widest$}  {what:18} {} to {}", target.name, statistics.min, statistics.max));
    }
    for feature in schema.features.iter().take(LISTED) {
        let what = match &feature.kind {
            Kind::Categorical(levels) => format!("{} levels, one-hot", levels.names.len()),
            Kind::Numeric(s) => format!("{} to {}", s.min, s.max),
            Kind::Date(s) => format!("days {} to {} since 1970-01-01", s.min, s.max),
            Kind::Boolean(s) => format!("true in {:.0} %", 100.0 * s.mean),
        };
        console.say(format_args!("  {:widest$}  {:18} {what}", feature.name, feature.kind.name()));
    }
    if let Some(more) = schema.features.len().checked_sub(LISTED + 1) {
        console.say(format_args!("  and {} more", more + 1));
    }
    let asked = schema.left_out.iter().filter(|left_out| left_out.why != Why::NotAsked);
    for left_out in asked.take(LISTED) {
        console.say(format_args!("  {:widest$}  {:18} {}", left_out.name, "left out", left_out.why));
    }
}

/// A kind of target in a few words.
pub fn kind_name(kind: &TargetKind) -> String {
    match kind {
        TargetKind::Real => "real".to_owned(),
        TargetKind::Positive => "positive".to_owned(),
        TargetKind::Power { lambda, .. } => format!("power {lambda}"),
        TargetKind::Bounded { low, high } => format!("in [{low}, {high}]"),
        TargetKind::Count | TargetKind::Step { step: 1.0, offset: 0.0 } => kind.name(),
        TargetKind::Step { step, .. } => format!("steps of {step}"),
        TargetKind::Angle { period } => format!("angle of {period}"),
    }
}

/// Warns of rows with missing values.
fn dropped(tally: &Tally, console: Console) {
    for (count, what) in [(tally.without_target, "target"), (tally.without_input, "input")] {
        if count > 0 {
            console.warn(format_args!("{count} of {} rows are left out: the {what} is missing", tally.rows));
        }
    }
    for (column, count) in &tally.imputed {
        console.warn(format_args!("{count} missing values of {column:?} are taken as its median or as no category"));
    }
}
