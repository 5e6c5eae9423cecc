//! Infers the type of every column from all rows of a file.

use super::cell::{Cell, Decimal};
use super::columns::Roles;
use super::files::TableFile;
use super::levels::Census;
use super::options::TableOptions;
use super::schema::{Feature, Kind, LeftOut, Levels, Schema, Statistics, TargetColumn, TargetType, Why};
use super::unnamed::is_unnamed;
use super::warning::Warning;
use crate::delimited::cut;
use crate::error::{DataError, TableError};
use crate::origin::Origin;
use std::path::PathBuf;

/// Distinct texts that are counted in one column, and in all columns together.
const TEXTS_COUNTED: usize = 4096;
const TEXTS_COUNTED_IN_ALL: usize = 2_000_000;
/// A column with more distinct texts than this, most of them in one row only, holds identifiers.
const FEW_TEXTS: usize = 20;
/// The shortest run of consecutive whole numbers that is taken for row numbers.
const SHORTEST_COUNT: usize = 3;

/// What was seen in one column.
#[derive(Default)]
pub(super) struct ColumnScan {
    pub(super) rows: usize,
    pub(super) missing: usize,
    numbers: usize,
    booleans: usize,
    days: usize,
    binary: bool,
    fractional: bool,
    /// The text of the first value, while all others are the same.
    only: Option<String>,
    several: bool,
    /// What a column of row numbers starts with: its number less the row's.
    start: Option<f64>,
    census: Census,
}

impl ColumnScan {
    pub(super) fn new(texts_counted: usize) -> Self {
        Self { census: Census::new(texts_counted), ..Self::default() }
    }

    /// Adds the cell of a row of the file, with its number.
    pub(super) fn add(&mut self, cell: &Cell<'_>, decimal: Decimal, row: usize) {
        self.rows += 1;
        if cell.is_missing() {
            self.missing += 1;
            return;
        }
        if *cell == Cell::Binary {
            self.binary = true;
        } else if let Ok(value) = cell.number(decimal) {
            self.numbers += 1;
            self.fractional |= value.fract() != 0.0;
            let start = value - row as f64;
            let counts = self.rows == 1 || self.start == Some(start);
            self.start = (counts && !self.fractional).then_some(start);
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

    /// Distinct values; `None` where there are too many to count.
    pub(super) fn different(&self) -> Option<usize> {
        (!self.census.overflowed()).then(|| self.census.distinct())
    }

    fn present(&self) -> usize {
        self.rows - self.missing
    }

    /// Whether nearly all values are of one kind, so that the others are mistakes.
    fn mostly(&self, values: usize) -> bool {
        values * 10 >= self.present() * 9
    }

    /// Whether it holds consecutive whole numbers, from any start.
    pub(super) fn counts_rows(&self) -> bool {
        self.missing == 0 && self.start.is_some() && self.numbers == self.rows && self.rows >= SHORTEST_COUNT
    }

    /// The kind of the column as an input. Its statistics are measured later.
    pub(super) fn kind(&self, as_categories: bool, level_limit: usize) -> Result<Kind, Why> {
        let present = self.present();
        if present == 0 {
            return Err(Why::Empty);
        }
        if self.binary {
            return Err(Why::Unsupported);
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

    /// The most frequent categories, and how many rows have one of them: none where they could not be counted.
    fn levels(&self, limit: usize) -> (Kind, usize) {
        let levels = self.census.by_frequency();
        let rows = levels.iter().take(limit).map(|(_, count)| count).sum();
        let names: Vec<String> = levels.iter().take(limit).map(|(name, _)| (*name).to_owned()).collect();
        let others = levels.len() - names.len();
        (Kind::Categorical(Levels { names, others }), rows)
    }

    /// The kind of the column as a target. Any other column is read as numbers, so that an error names its first text.
    pub(super) fn target_type(&self) -> TargetType {
        if self.booleans > 0 && self.booleans == self.present() {
            TargetType::Boolean
        } else if self.days > 0 && self.mostly(self.days) {
            TargetType::Date
        } else {
            TargetType::Numeric
        }
    }

    /// Whether most of its values are neither numbers nor booleans nor dates.
    fn holds_text(&self) -> bool {
        2 * (self.numbers + self.booleans + self.days) < self.present()
    }

    /// What the user may not have intended.
    fn warning(&self, name: &str, kind: &Kind, limit: usize) -> Option<Warning> {
        let column = name.to_owned();
        match *kind {
            Kind::Numeric(_) if self.counts_rows() => Some(Warning::RowNumbers { column }),
            Kind::Categorical(Levels { others: levels @ 1.., .. }) => {
                let rows = self.census.by_frequency().iter().skip(limit).map(|(_, count)| count).sum();
                Some(Warning::RareLevels { column, levels, rows })
            }
            _ => None,
        }
    }
}

/// How many distinct texts to count in each of `columns` columns.
pub(super) fn texts_counted(columns: usize, level_limit: usize) -> usize {
    (TEXTS_COUNTED_IN_ALL / columns.max(1)).clamp((level_limit + 1).min(TEXTS_COUNTED), TEXTS_COUNTED)
}

/// The columns of a file that are used, and what was seen in each.
pub(super) struct Scanned {
    path: PathBuf,
    pub(super) names: Vec<String>,
    roles: Roles,
    /// Scans of the targets and then of the features.
    columns: Vec<ColumnScan>,
    /// Rows of the whole file.
    pub(super) rows: usize,
}

/// Reads a whole file to find the type of its columns, from the rows that are `seen`, counted from 0.
pub(super) fn scan(path: &Origin, options: &TableOptions, seen: impl Fn(usize) -> bool) -> Result<Scanned, DataError> {
    let mut file = TableFile::open(path)?;
    let names = file.names().to_vec();
    let roles = Roles::new(path, &names, options, path.weight())?;
    let used: Vec<usize> = roles.targets.iter().chain(&roles.features).copied().collect();
    file.only(&used)?;
    let decimal = file.decimal();
    let counted = texts_counted(used.len(), options.level_limit);
    let mut columns: Vec<ColumnScan> = used.iter().map(|_| ColumnScan::new(counted)).collect();
    let mut rows = 0;
    while let Some(row) = file.next()? {
        if seen(rows) {
            let number = row.number;
            columns.iter_mut().zip(&used).for_each(|(column, &index)| column.add(&row.cell(index), decimal, number));
        }
        rows += 1;
    }
    if rows == 0 {
        return Err(TableError::NoRows { path: path.to_path_buf() }.into());
    }
    Ok(Scanned { path: path.to_path_buf(), names, roles, columns, rows })
}

impl Scanned {
    /// The name of each used column, targets first, and what was seen in it.
    pub(super) fn columns(&self) -> impl Iterator<Item = (&str, &ColumnScan)> {
        let used = self.roles.targets.iter().chain(&self.roles.features);
        used.map(|&index| self.names[index].as_str()).zip(&self.columns)
    }

    /// The schema of these columns, with warnings. Its statistics are measured later.
    pub(super) fn schema(&self, options: &TableOptions) -> Result<(Schema, Vec<Warning>), TableError> {
        let (names, roles) = (&self.names, &self.roles);
        let (of_targets, of_features) = self.columns.split_at(roles.targets.len());
        let of_text = of_targets.iter().position(ColumnScan::holds_text);
        if let Some(&index) = of_text.and_then(|target| roles.targets.get(target)) {
            return Err(TableError::TextTarget { path: self.path.clone(), column: cut(&names[index]) });
        }
        let targets = roles.targets.iter().zip(of_targets).map(|(&index, column)| TargetColumn {
            name: names[index].clone(),
            kind: column.target_type(),
            statistics: Statistics::NONE,
            whole: false,
        });
        let mut schema = Schema { features: Vec::new(), targets: targets.collect(), left_out: Vec::new() };
        let mut warnings = Vec::new();
        for (&index, column) in roles.features.iter().zip(of_features) {
            let name = names[index].clone();
            match self.kind(index, column, options) {
                Ok(kind) => {
                    warnings.extend(column.warning(&name, &kind, options.level_limit));
                    schema.features.push(Feature { name, kind });
                }
                Err(why) if options.features.is_some() && !matches!(why, Why::Constant { .. } | Why::Empty) => {
                    let (path, column, reason) = (self.path.clone(), cut(&name), why.to_string());
                    return Err(TableError::NoFeature { path, column, reason });
                }
                Err(why) => {
                    let left_out = LeftOut { name, why };
                    warnings.push(Warning::LeftOut(left_out.clone()));
                    schema.left_out.push(left_out);
                }
            }
        }
        if schema.features.is_empty() {
            let left_out = schema.left_out.iter().take(5).map(ToString::to_string).collect();
            return Err(TableError::NoFeatures { path: self.path.clone(), left_out });
        }
        let others = roles.others.iter().map(|&index| LeftOut { name: names[index].clone(), why: Why::NotAsked });
        schema.left_out.extend(others);
        Ok((schema, warnings))
    }

    /// The kind of a column as an input, or why it is left out.
    fn kind(&self, index: usize, column: &ColumnScan, options: &TableOptions) -> Result<Kind, Why> {
        let kind = column.kind(self.roles.categorical.contains(&index), options.level_limit)?;
        let counts = matches!(kind, Kind::Numeric(_)) && column.counts_rows() && options.features.is_none();
        if counts && is_unnamed(&self.names[index], index) { Err(Why::RowNumbers) } else { Ok(kind) }
    }
}
