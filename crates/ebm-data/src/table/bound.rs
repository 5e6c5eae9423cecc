//! The columns of a schema in a file, and the values in its rows.

use super::cell::Decimal;
use super::columns::Lookup;
use super::file::Row;
use super::files::TableFile;
use super::options::OnMissing;
use super::schema::{Kind, Schema, TargetType};
use super::strict::Strict;
use crate::error::{DataError, Place, TableError};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Whether the target columns are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Targets {
    /// They are required: a row without a target is refused or dropped.
    Required,
    /// They are read if the file has all of them; a missing value is NaN.
    IfPresent,
    /// They are not read.
    Ignored,
}

/// The value of an input before it is encoded.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum InputValue {
    /// A number, not yet standardised.
    Number(f64),
    /// The index of an encoded category.
    Level(usize),
    /// A category that is not encoded.
    Unknown,
    /// No value.
    Missing,
}

/// A row before it is encoded.
pub(super) struct RawRow {
    pub(super) place: Place,
    /// A value for each feature.
    pub(super) values: Vec<InputValue>,
    /// A number for each target; NaN where it is missing. Empty where targets are not read.
    pub(super) targets: Vec<f64>,
}

impl RawRow {
    /// An empty row to read values into.
    pub(super) fn new() -> Self {
        Self { place: Place::Row(0), values: Vec::new(), targets: Vec::new() }
    }
}

/// Whether a row is kept, or why it is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Kept,
    /// An input is missing.
    WithoutInput,
    /// A target is missing.
    WithoutTarget,
}

/// Where the columns of a schema are in a file.
pub(super) struct Bound {
    cells: Strict,
    features: Vec<BoundFeature>,
    /// Empty where targets are not read.
    targets: Vec<(usize, TargetType, String)>,
    by_name: Vec<Compared>,
}

struct BoundFeature {
    column: usize,
    name: String,
    cells: ReadAs,
}

/// A column by which rows are compared.
pub(super) struct Compared {
    pub(super) column: usize,
    /// Compared as text, so that the codes 1 and 01 differ.
    pub(super) as_text: bool,
    pub(super) is_target: bool,
}

/// How the cells of a feature are read.
enum ReadAs {
    Numeric,
    Boolean,
    Date,
    Categorical(HashMap<Box<str>, usize>),
}

impl Bound {
    /// Finds every column by its name, and tells the file that no other one is needed.
    pub(super) fn new(file: &mut TableFile, schema: &Schema, targets: Targets) -> Result<Self, DataError> {
        let path = file.path().to_owned();
        let lookup = Lookup::new(&path, file.names());
        let features = schema.features.iter().map(|feature| {
            Ok(BoundFeature {
                column: lookup.find(&feature.name)?,
                name: feature.name.clone(),
                cells: ReadAs::of(&feature.kind),
            })
        });
        let features: Vec<BoundFeature> = features.collect::<Result<_, TableError>>()?;
        let here = schema.targets.iter().all(|target| lookup.position(&target.name).is_some());
        let read = targets == Targets::Required || targets == Targets::IfPresent && here;
        let targets = schema.targets.iter().filter(|_| read);
        let targets = targets.map(|target| Ok((lookup.find(&target.name)?, target.kind, target.name.clone())));
        let targets: Vec<_> = targets.collect::<Result<_, TableError>>()?;
        let of_features = features.iter().map(|feature| Compared {
            column: feature.column,
            as_text: matches!(feature.cells, ReadAs::Categorical(_)),
            is_target: false,
        });
        let of_targets = targets.iter().map(|target| Compared { column: target.0, as_text: false, is_target: true });
        let mut by_name: Vec<Compared> = of_features.chain(of_targets).collect();
        by_name.sort_unstable_by_key(|compared| &file.names()[compared.column]);
        let columns: Vec<usize> = by_name.iter().map(|compared| compared.column).collect();
        file.only(&columns)?;
        Ok(Self { cells: Strict::new(path, file.decimal()), features, targets, by_name })
    }

    /// Whether targets are read.
    pub(super) fn has_targets(&self) -> bool {
        !self.targets.is_empty()
    }

    /// The columns that are read, sorted by name: the identity of a row does not depend on their order in a file.
    pub(super) fn by_name(&self) -> &[Compared] {
        &self.by_name
    }

    pub(super) fn decimal(&self) -> Decimal {
        self.cells.decimal()
    }

    /// Reads the values of a row.
    pub(super) fn read(&self, row: &Row<'_>, raw: &mut RawRow) -> Result<(), TableError> {
        raw.place = row.place;
        raw.values.clear();
        raw.targets.clear();
        for feature in &self.features {
            raw.values.push(self.value(feature, row)?);
        }
        for (column, kind, name) in &self.targets {
            let cell = row.cell(*column);
            let value = match (cell.is_missing(), kind) {
                (true, _) => f64::NAN,
                (false, TargetType::Numeric) => self.cells.number(&cell, row.place, name)?,
                (false, TargetType::Boolean) => self.cells.boolean(&cell, row.place, name)?,
                (false, TargetType::Date) => self.cells.days(&cell, row.place, name)?,
            };
            raw.targets.push(value);
        }
        Ok(())
    }

    fn value(&self, feature: &BoundFeature, row: &Row<'_>) -> Result<InputValue, TableError> {
        let cell = row.cell(feature.column);
        if cell.is_missing() {
            return Ok(InputValue::Missing);
        }
        let (place, name) = (row.place, &feature.name);
        Ok(match &feature.cells {
            ReadAs::Numeric => InputValue::Number(self.cells.number(&cell, place, name)?),
            ReadAs::Boolean => InputValue::Number(self.cells.boolean(&cell, place, name)?),
            ReadAs::Date => InputValue::Number(self.cells.days(&cell, place, name)?),
            ReadAs::Categorical(levels) => {
                cell.with_text(|text| levels.get(text).map_or(InputValue::Unknown, |&level| InputValue::Level(level)))
            }
        })
    }

    /// Whether a row is kept, or why it is dropped.
    pub(super) fn fate(&self, raw: &RawRow, on_missing: OnMissing, targets: Targets) -> Result<Fate, TableError> {
        let target = raw.targets.iter().position(|target| target.is_nan()).filter(|_| targets == Targets::Required);
        if let Some(target) = target {
            return match on_missing {
                OnMissing::Refuse => Err(self.cells.missing(raw.place, &self.targets[target].2)),
                OnMissing::Drop | OnMissing::Median => Ok(Fate::WithoutTarget),
            };
        }
        let feature = raw.values.iter().position(|value| *value == InputValue::Missing);
        match (feature, on_missing) {
            (None, _) | (Some(_), OnMissing::Median) => Ok(Fate::Kept),
            (Some(_), OnMissing::Drop) => Ok(Fate::WithoutInput),
            (Some(feature), OnMissing::Refuse) => Err(self.cells.missing(raw.place, &self.features[feature].name)),
        }
    }
}

impl ReadAs {
    fn of(kind: &Kind) -> Self {
        match kind {
            Kind::Numeric(_) => Self::Numeric,
            Kind::Boolean(_) => Self::Boolean,
            Kind::Date(_) => Self::Date,
            Kind::Categorical(levels) => {
                let levels = levels.names.iter().enumerate();
                Self::Categorical(levels.map(|(index, name)| (name.as_str().into(), index)).collect())
            }
        }
    }
}
