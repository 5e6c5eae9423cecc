//! The user's own data as it is trained on.

use ebm_core::{Dataset, Labelled, TargetKind, TargetSpace};
use ebm_data::table::{self, Kind, Parts, Schema, Table, Tally, Warning};

use super::rows::{SPLIT_SCHEMA, SplitRecord};
use super::{OwnData, OwnRecord, Source, pictures};
use crate::command::How;
use crate::exit::{Exit, failure};
use crate::run_folder::DataRecord;
use crate::task::TrainingData;

/// Reads, splits and encodes the examples, and tells what was found.
///
/// # Errors
/// When they cannot be read, or no target of its kind has such a label.
pub(crate) fn training_data(own: &OwnData, how: How) -> anyhow::Result<TrainingData> {
    let file = match &own.source {
        Source::Table { file } => file,
        Source::Images { folder, labels, .. } => return pictures::training_data(own, folder, labels, how),
    };
    let parts = table::read(file, &own.table_options(), &own.shares, own.split_seed)?;
    tell(own, &parts, how);
    let Parts { schema, train, validation, split, .. } = parts;
    let validation = match &own.validation {
        Some(file) => Some(table::read_as(file, &schema, own.on_missing)?),
        None => validation,
    };
    let space = TargetSpace::fit(&own.kinds, train.targets()).map_err(|error| unfit(own, &train, error))?;
    let low_high = range(train.targets());
    let examples = labelled(own, train, &space)?;
    let validation = validation.map(|table| labelled(own, table, &space)).transpose()?;
    let record = DataRecord {
        source: own.source.name(),
        fingerprint: examples.fingerprint(),
        examples: examples.len(),
        target_range: low_high,
    };
    let split = SplitRecord { schema: SPLIT_SCHEMA.to_owned(), split };
    Ok(TrainingData {
        examples: Box::new(examples),
        validation: validation.map(|validation| Box::new(validation) as Box<dyn Dataset>),
        record,
        split: Some(serde_json::to_value(split)?),
        own: Some(OwnRecord { schema: Some(schema), targets: own.targets.clone(), space }),
    })
}

fn labelled(own: &OwnData, table: Table, space: &TargetSpace) -> anyhow::Result<Labelled> {
    let (inputs, width, targets) = (table.inputs().to_vec(), table.input_width(), table.targets().to_vec());
    Labelled::new(inputs, width, targets, space.clone()).map_err(|error| unfit(own, &table, error))
}

/// A label that no target of its kind has, by its line.
fn unfit(own: &OwnData, table: &Table, error: ebm_core::TargetError) -> anyhow::Error {
    let place = match &error {
        ebm_core::TargetError::OutOfSupport { index, .. } => format!(", line {}", table.lines()[*index]),
        _ => String::new(),
    };
    let what = format!("{}{place}: {error}", own.source.name());
    failure(Exit::Data, format!("{what}; --target-kind says what {} is", own.target_names()))
}

pub(super) fn range(values: &[f64]) -> [f64; 2] {
    values.iter().fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], &y| [low.min(y), high.max(y)])
}

/// What was found in the table, and what may not be meant so.
fn tell(own: &OwnData, parts: &Parts, how: How) {
    let Parts { schema, train, split, .. } = parts;
    let rows = split.rows;
    how.say(format_args!(
        "{}: {} rows; {} to train on, {} to choose the model by, {} to calibrate with, {} to test on",
        own.source.name(),
        train.tally().rows,
        rows.train,
        rows.validation,
        rows.calibration,
        rows.test
    ));
    columns(own, schema, how);
    dropped(train.tally(), how);
    for warning in &parts.warnings {
        match warning {
            // It is said that they are counts.
            Warning::WholeTargets { column } if kind_of(own, column) != Some(TargetKind::Real) => {}
            // It is in the list of columns.
            Warning::LeftOut(_) => {}
            warning => how.warn(warning),
        }
    }
}

fn kind_of(own: &OwnData, target: &str) -> Option<TargetKind> {
    own.targets.iter().position(|name| name == target).map(|index| own.kinds[index])
}

/// Columns beyond these are not listed one by one.
const LISTED: usize = 40;

/// A line a column.
fn columns(own: &OwnData, schema: &Schema, how: How) {
    let width = |name: &str| name.chars().count();
    let names = schema.targets.iter().map(|target| width(&target.name));
    let names = names.chain(schema.features.iter().map(|feature| width(&feature.name)));
    let widest = names.max().unwrap_or(0).min(32);
    for (target, kind) in schema.targets.iter().zip(&own.kinds) {
        let statistics = &target.statistics;
        let what = format!("target, {}", word(kind));
        how.say(format_args!("  {:widest$}  {what:18} {} to {}", target.name, statistics.min, statistics.max));
    }
    for feature in schema.features.iter().take(LISTED) {
        let what = match &feature.kind {
            Kind::Categorical(levels) => format!("{} levels, one-hot", levels.names.len()),
            Kind::Numeric(s) => format!("{} to {}", s.min, s.max),
            Kind::Date(s) => format!("days {} to {} since 1970-01-01", s.min, s.max),
            Kind::Boolean(s) => format!("true in {:.0} %", 100.0 * s.mean),
        };
        how.say(format_args!("  {:widest$}  {:18} {what}", feature.name, feature.kind.name()));
    }
    if let Some(more) = schema.features.len().checked_sub(LISTED + 1) {
        how.say(format_args!("  and {} more", more + 1));
    }
    let asked = schema.left_out.iter().filter(|left_out| left_out.why != table::Why::NotAsked);
    for left_out in asked.take(LISTED) {
        how.say(format_args!("  {:widest$}  {:18} {}", left_out.name, "left out", left_out.why));
    }
}

/// A kind in a few words.
pub(crate) fn word(kind: &TargetKind) -> String {
    match kind {
        TargetKind::Real => "real".to_owned(),
        TargetKind::Positive => "positive".to_owned(),
        TargetKind::Bounded { low, high } => format!("in [{low}, {high}]"),
        TargetKind::Count => "count".to_owned(),
        TargetKind::Angle { period } => format!("angle of {period}"),
    }
}

/// What became of missing values.
fn dropped(tally: &Tally, how: How) {
    for (count, what) in [(tally.without_target, "target"), (tally.without_input, "input")] {
        if count > 0 {
            how.warn(format_args!("{count} of {} rows are left out: the {what} is missing", tally.rows));
        }
    }
    for (column, count) in &tally.imputed {
        how.warn(format_args!("{count} missing values of {column:?} are taken as its median or as no category"));
    }
}
