//! Checks a table before training: its columns, scales, repeated rows, leakage.

mod correlation;
mod labels;
mod repeats;
mod report;
mod target;
mod text;

pub use report::{CheckReport, ColumnReport, HeldOut, Leakage, Repeats, Role};
pub use target::{Suggestion, TargetReport};

use super::assign::Assignment;
use super::bound::{Bound, InputValue, RawRow, Targets};
use super::file::Row;
use super::files::TableFile;
use super::infer::scan;
use super::measure::Measure;
use super::options::{OnMissing, TableOptions};
use super::row_hash::RowHash;
use super::schema::{Schema, Why};
use super::split::{PartRows, Shares, Split};
use super::warning::Warning;
use crate::error::{DataError, TableError};
use crate::origin::Origin;
use correlation::Correlation;
use labels::Labels;
use repeats::{Seen, Side};
use std::collections::HashMap;
use std::path::PathBuf;

/// Messages about unreadable rows that are kept.
const PROBLEMS_LISTED: usize = 5;
/// A feature with a correlation beyond this may be the target under another name.
const SUSPICIOUS: f64 = 0.999;

/// The held-out rows that the training rows are compared with, to find leakage.
#[derive(Debug, Clone, PartialEq)]
pub enum Against {
    /// None.
    Nothing,
    /// The rows held out of the same file, as [`read`](super::read()) would split it.
    Split {
        /// The held-out fractions.
        shares: Shares,
        /// Seeds the split.
        seed: u64,
    },
    /// Another file.
    File(PathBuf),
}

/// Checks a table that a model is to be trained on.
///
/// What [`read`](super::read()) would refuse in single rows is listed in [`CheckReport::problems`]; the file is read to
/// its end. Memory does not grow with the number of rows beyond two million: from there on, repeated rows are counted
/// in a sample, chosen by a hash of their content.
///
/// # Errors
/// As [`read`](super::read()) for files that are not tables, and for missing columns.
pub fn check(path: impl Into<Origin>, options: &TableOptions, against: &Against) -> Result<CheckReport, DataError> {
    let path = &path.into();
    if let Against::Split { shares, .. } = against {
        shares.check()?;
    }
    let scanned = scan(path, options, |_| true)?;
    let (schema, warnings) = scanned.schema(options)?;
    let mut pass = Pass::new(&schema);
    match against {
        Against::Split { shares, seed } => {
            let split = Split { by: options.split_by.clone(), seed: *seed, shares: *shares, rows: PartRows::default() };
            let assignment = Assignment::by_rows(path, &options.targets, &split, OnMissing::Drop)?;
            let side = |row| if assignment.trains_on(row) { Side::Train } else { Side::HeldOut };
            pass.read(path, &schema, side)?;
        }
        Against::Nothing | Against::File(_) => pass.read(path, &schema, |_| Side::Train)?,
    }
    pass.measuring = false;
    for (measure, target) in pass.targets.iter_mut().zip(&schema.targets) {
        measure.finish();
        pass.problems.extend(measure.problem(&target.name));
    }
    let held_out = match against {
        Against::Nothing => None,
        Against::Split { .. } => Some(HeldOut::Split),
        Against::File(other) => {
            pass.read(&other.into(), &schema, |_| Side::HeldOut)?;
            Some(HeldOut::File(other.clone()))
        }
    };
    let features = schema.features.iter().map(|feature| (&*feature.name, (Role::Feature, feature.kind.name())));
    let left_out = schema.left_out.iter().map(|column| (&*column.name, (Role::LeftOut, kind_left_out(&column.why))));
    let roles: HashMap<&str, (Role, &'static str)> = left_out.chain(features).collect();
    let columns = scanned.columns().enumerate().map(|(index, (name, column))| {
        let usual = roles.get(name).copied().unwrap_or((Role::LeftOut, "unknown"));
        let (role, kind) = if index < schema.targets.len() { (Role::Target, "target") } else { usual };
        ColumnReport { name: name.to_owned(), role, kind, missing: column.missing, different: column.different() }
    });
    let mut report = CheckReport {
        schema: "ebm.table_check/1",
        path: path.to_path_buf(),
        rows: scanned.rows,
        unreadable: pass.unreadable,
        columns: columns.collect(),
        targets: pass.targets.iter().zip(&schema.targets).map(|(measure, target)| measure.report(target)).collect(),
        repeats: pass.seen.repeats(),
        leakage: held_out.map(|held_out| pass.seen.leakage(held_out)),
        problems: pass.problems,
        warnings: warnings.iter().map(Warning::to_string).collect(),
    };
    let far = pass.numeric.iter().filter_map(|(feature, of)| of.far_input(&schema.features[*feature].name));
    report.warnings.extend(far.map(|warning| warning.to_string()));
    report.warnings.extend(pass.correlations.iter().flat_map(|(feature, target, correlation)| {
        let found = correlation.value().filter(|value| value.abs() > SUSPICIOUS)?;
        let (feature, target) = (&schema.features[*feature].name, &schema.targets[*target].name);
        Some(format!(
            "column {feature:?} has a correlation of {found:.5} with the target {target:?}: leave it out if it is not \
             known when predicting"
        ))
    }));
    report.warnings.extend(schema.features.iter().filter(|feature| is_id(&feature.name)).map(|feature| {
        let name = &feature.name;
        format!("column {name:?} looks like an identifier by its name: leave it out unless its numbers mean something")
    }));
    Ok(report)
}

/// Everything that is counted row by row.
struct Pass {
    targets: Vec<Labels>,
    /// Index of the feature, index of the target, and their correlation.
    correlations: Vec<(usize, usize, Correlation)>,
    /// Index of each numeric feature, and its numbers.
    numeric: Vec<(usize, Measure)>,
    seen: Seen,
    unreadable: usize,
    problems: Vec<String>,
    /// Whether this is the training file.
    measuring: bool,
}

impl Pass {
    fn new(schema: &Schema) -> Self {
        let features = schema.features.iter().enumerate();
        let numeric: Vec<usize> =
            features.filter(|(_, feature)| feature.kind.statistics().is_some()).map(|(index, _)| index).collect();
        let of =
            |&feature: &usize| (0..schema.targets.len()).map(move |target| (feature, target, Correlation::default()));
        Self {
            targets: schema.targets.iter().map(|_| Labels::default()).collect(),
            correlations: numeric.iter().flat_map(of).collect(),
            numeric: numeric.iter().map(|&feature| (feature, Measure::new(numeric.len()))).collect(),
            seen: Seen::default(),
            unreadable: 0,
            problems: Vec::new(),
            measuring: true,
        }
    }

    fn read(&mut self, path: &Origin, schema: &Schema, side: impl Fn(usize) -> Side) -> Result<(), DataError> {
        let mut file = TableFile::open(path)?;
        let bound = Bound::new(&mut file, schema, Targets::Required)?;
        let mut raw = RawRow::new();
        let mut rows = 0;
        while let Some(row) = file.next()? {
            rows += 1;
            match bound.read(&row, &mut raw) {
                Ok(()) => self.add(&bound, &row, &raw, side(rows - 1)),
                Err(error) => {
                    self.unreadable += 1;
                    if self.problems.len() < PROBLEMS_LISTED {
                        self.problems.push(error.in_file(row.file).to_string());
                    }
                }
            }
        }
        if rows == 0 { Err(TableError::NoRows { path: path.to_path_buf() }.into()) } else { Ok(()) }
    }

    fn add(&mut self, bound: &Bound, row: &Row<'_>, raw: &RawRow, side: Side) {
        // A row without a target is not trained on.
        if raw.targets.iter().any(|target| target.is_nan()) {
            return;
        }
        self.seen.add(&RowHash::of_features(bound, row), &RowHash::of(bound, row), side);
        if !self.measuring {
            self.targets.iter_mut().zip(&raw.targets).for_each(|(measure, &target)| measure.hold_out(target));
            return;
        }
        let place = raw.place.number();
        self.targets.iter_mut().zip(&raw.targets).for_each(|(measure, &target)| measure.add(target, place));
        for (feature, measure) in &mut self.numeric {
            if let InputValue::Number(value) = raw.values[*feature] {
                measure.add(value);
            }
        }
        for (feature, target, correlation) in &mut self.correlations {
            if let InputValue::Number(value) = raw.values[*feature] {
                correlation.add(value, raw.targets[*target]);
            }
        }
    }
}

fn kind_left_out(why: &Why) -> &'static str {
    match why {
        Why::NotAsked => "not asked for",
        Why::Constant { .. } => "constant",
        Why::Empty => "empty",
        Why::Text { .. } => "text",
        Why::RowNumbers => "row numbers",
        Why::Unsupported => "unsupported",
    }
}

fn is_id(name: &str) -> bool {
    let lower = name.to_lowercase();
    matches!(&lower[..], "id" | "index" | "uuid") || lower.ends_with("_id") || name.ends_with("Id")
}
