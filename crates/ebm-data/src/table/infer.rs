//! What the columns of a file hold, from all of its rows.

use super::cell::{Cell, Decimal};
use super::columns::Roles;
use super::levels::Census;
use super::options::TableOptions;
use super::schema::{Feature, Kind, LeftOut, Levels, Schema, Statistics, Target, TargetKind, Why};
use super::source::{Source, is_unnamed};
use super::warning::Warning;
use crate::delimited::cut;
use crate::{DataError, TableError};
use std::path::Path;

/// Different texts of one column that are counted, and of all columns together.
const TEXTS_COUNTED: usize = 4096;
const TEXTS_COUNTED_IN_ALL: usize = 2_000_000;
/// A column of more different texts than this, most of them in one row only, is one of identifiers.
const FEW_TEXTS: usize = 20;
/// Shortest run of whole numbers, each one more than the last, that counts the rows.
const SHORTEST_COUNT: usize = 3;

/// A schema whose statistics are still to be measured.
pub(super) struct Inferred {
    pub(super) schema: Schema,
    pub(super) warnings: Vec<Warning>,
    /// Rows of the file.
    pub(super) rows: usize,
}

/// What was seen in one column.
pub(super) struct Column {
    pub(super) rows: usize,
    pub(super) missing: usize,
    numbers: usize,
    booleans: usize,
    days: usize,
    whole: bool,
    /// The text of the first value, while all others are the same.
    only: Option<String>,
    several: bool,
    /// The next number of a column that counts the rows.
    next: Option<f64>,
    census: Census,
}

impl Column {
    pub(super) fn new(texts_counted: usize) -> Self {
        Self {
            rows: 0,
            missing: 0,
            numbers: 0,
            booleans: 0,
            days: 0,
            whole: true,
            only: None,
            several: false,
            next: None,
            census: Census::new(texts_counted),
        }
    }

    pub(super) fn add(&mut self, cell: &Cell<'_>, decimal: Decimal) {
        self.rows += 1;
        if cell.is_missing() {
            self.missing += 1;
            return;
        }
        if let Ok(value) = cell.number(decimal) {
            self.numbers += 1;
            self.whole &= value.fract() == 0.0;
            let counts = self.rows == 1 || self.next == Some(value);
            self.next = (counts && self.whole).then_some(value + 1.0);
        } else if cell.boolean().is_some() {
            self.booleans += 1;
        } else if cell.days().is_some() {
            self.days += 1;
        }
        if !self.several || !self.census.overflowed() {
            cell.with_text(|text| {
                match &self.only {
                    None => self.only = Some(text.to_owned()),
                    Some(only) => self.several |= only != text,
                }
                self.census.add(text);
            });
        }
    }

    fn present(&self) -> usize {
        self.rows - self.missing
    }

    /// Whether nearly all values are of a kind, so that the others are mistakes.
    fn mostly(&self, values: usize) -> bool {
        values * 10 >= self.present() * 9
    }

    /// Whether it holds 0, 1, 2 and so on, from any whole number.
    pub(super) fn counts_rows(&self) -> bool {
        self.missing == 0 && self.next.is_some() && self.numbers == self.rows && self.rows >= SHORTEST_COUNT
    }

    /// What the column is as an input. Its statistics are still to be measured.
    pub(super) fn kind(&self, as_categories: bool, level_limit: usize) -> Result<Kind, Why> {
        let present = self.present();
        if present == 0 {
            return Err(Why::Empty);
        }
        if let (Some(only), false) = (&self.only, self.several) {
            return Err(Why::Constant { value: cut(only) });
        }
        if as_categories {
            let all = !self.census.overflowed();
            return all.then(|| self.levels(level_limit).0).ok_or(Why::Text { levels: self.census.distinct() });
        }
        if self.mostly(self.numbers) {
            Ok(Kind::Numeric(Statistics::NONE))
        } else if self.booleans == present {
            Ok(Kind::Boolean(Statistics::NONE))
        } else if self.mostly(self.days) {
            Ok(Kind::Date(Statistics::NONE))
        } else {
            let (kind, rows) = self.levels(level_limit);
            let told_apart = rows * 2 >= present && !self.are_identifiers();
            told_apart.then_some(kind).ok_or(Why::Text { levels: self.census.distinct() })
        }
    }

    fn are_identifiers(&self) -> bool {
        let distinct = self.census.distinct();
        distinct > FEW_TEXTS && distinct * 2 > self.present()
    }

    /// The most frequent levels, and how many rows have one of them: none where they could not be counted.
    fn levels(&self, limit: usize) -> (Kind, usize) {
        let levels = self.census.by_frequency();
        let rows = levels.iter().take(limit).map(|(_, count)| count).sum();
        let names: Vec<String> = levels.iter().take(limit).map(|(name, _)| (*name).to_owned()).collect();
        let others = levels.len() - names.len();
        (Kind::Categorical(Levels { names, others }), rows)
    }

    /// What the column is as a target; a column that is no such thing is read as numbers, to name the first that is not.
    pub(super) fn target_kind(&self) -> TargetKind {
        if self.booleans > 0 && self.booleans == self.present() {
            TargetKind::Boolean
        } else if self.days > 0 && self.mostly(self.days) {
            TargetKind::Date
        } else {
            TargetKind::Numeric
        }
    }

    /// Rows whose level is not among the encoded ones.
    fn rows_of_others(&self, limit: usize) -> usize {
        self.census.by_frequency().iter().skip(limit).map(|(_, count)| count).sum()
    }
}

/// How many texts to count in each of some columns.
pub(super) fn texts_counted(columns: usize, level_limit: usize) -> usize {
    (TEXTS_COUNTED_IN_ALL / columns.max(1)).clamp((level_limit + 1).min(TEXTS_COUNTED), TEXTS_COUNTED)
}

/// Reads a whole file to tell what its columns hold.
pub(super) fn infer(path: &Path, options: &TableOptions) -> Result<Inferred, DataError> {
    let mut source = Source::open(path)?;
    let roles = Roles::new(path, source.names(), options)?;
    let names = source.names().to_vec();
    let used: Vec<usize> = roles.targets.iter().chain(&roles.features).copied().collect();
    source.only(&used);
    let decimal = source.decimal();
    let counted = texts_counted(used.len(), options.level_limit);
    let mut columns: Vec<Column> = used.iter().map(|_| Column::new(counted)).collect();
    let mut rows = 0;
    while let Some(row) = source.next()? {
        for (column, &index) in columns.iter_mut().zip(&used) {
            column.add(&row.cell(index), decimal);
        }
        rows += 1;
    }
    if rows == 0 {
        return Err(TableError::NoRows { path: path.to_owned() }.into());
    }
    let of_features = columns.split_off(roles.targets.len());
    let targets = roles.targets.iter().zip(&columns).map(|(&index, column)| Target {
        name: names[index].clone(),
        kind: column.target_kind(),
        statistics: Statistics::NONE,
        whole: false,
    });
    let mut schema = Schema { features: Vec::new(), targets: targets.collect(), left_out: Vec::new() };
    let mut warnings = Vec::new();
    for (&index, column) in roles.features.iter().zip(&of_features) {
        let name = names[index].clone();
        let kind = match column.kind(roles.categorical.contains(&index), options.level_limit) {
            Ok(Kind::Numeric(_)) if column.counts_rows() && options.features.is_none() && is_unnamed(&name, index) => {
                Err(Why::RowNumbers)
            }
            kind => kind,
        };
        match kind {
            Ok(kind) => {
                if matches!(kind, Kind::Numeric(_)) && column.counts_rows() {
                    warnings.push(Warning::RowNumbers { column: name.clone() });
                }
                if let Kind::Categorical(Levels { others: others @ 1.., .. }) = kind {
                    let rows = column.rows_of_others(options.level_limit);
                    warnings.push(Warning::RareLevels { column: name.clone(), levels: others, rows });
                }
                schema.features.push(Feature { name, kind });
            }
            Err(why) => {
                let left_out = LeftOut { name: name.clone(), why };
                if options.features.is_some() && !matches!(left_out.why, Why::Constant { .. } | Why::Empty) {
                    let reason = left_out.why.to_string();
                    return Err(TableError::NoFeature { path: path.to_owned(), column: cut(&name), reason }.into());
                }
                warnings.push(Warning::LeftOut(left_out.clone()));
                schema.left_out.push(left_out);
            }
        }
    }
    if schema.features.is_empty() {
        let left_out = schema.left_out.iter().take(5).map(ToString::to_string).collect();
        return Err(TableError::NoFeatures { path: path.to_owned(), left_out }.into());
    }
    let others = roles.others.iter().map(|&index| LeftOut { name: names[index].clone(), why: Why::NotAsked });
    schema.left_out.extend(others);
    Ok(Inferred { schema, warnings, rows })
}
