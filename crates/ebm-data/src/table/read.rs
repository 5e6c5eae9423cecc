//! Tables from files.

use super::assign::Assignment;
use super::bound::{InputValue, Targets};
use super::encode::{Flags, encode};
use super::encoded::Table;
use super::files::TableFile;
use super::infer::scan;
use super::kept_rows::{KeptRows, Step};
use super::measure::Measure;
use super::options::{OnMissing, TableOptions};
use super::schema::{Kind, Schema, TargetType};
use super::split::{Part, PartRows, Shares, Split, SplitBy};
use super::tally::Tally;
use super::warning::Warning;
use crate::delimited::cut;
use crate::error::{DataError, TableError};
use crate::origin::Origin;

/// The most memory that encoded rows may take.
const ENCODED_LIMIT: u64 = 64 << 30;

/// A file, split and encoded.
#[derive(Debug, Clone, PartialEq)]
pub struct Parts {
    /// The columns; statistics are those of the training rows.
    pub schema: Schema,
    /// The training rows.
    pub train: Table,
    /// Rows for choosing between fits, if a fraction was asked for.
    pub validation: Option<Table>,
    /// Rows for calibrating intervals; likewise.
    pub calibration: Option<Table>,
    /// Test rows; likewise.
    pub test: Option<Table>,
    /// How it was split.
    pub split: Split,
    /// What the user may not have intended.
    pub warnings: Vec<Warning>,
}

/// Reads a table to train on: CSV, TSV, text with semicolons, or Parquet.
///
/// The file is read four times, each row by row: once to split it, once to infer the types of its columns and once for
/// their statistics, both from the training rows alone, and once to encode it. Memory is that of the encoded rows.
///
/// [`TableOptions::split_by`] and the seed decide the part of a row. Equal rows are in one part.
///
/// # Errors
/// [`DataError`] with file, row and column for what cannot be read or used; [`TableError`] says what else there is.
pub fn read(path: impl Into<Origin>, options: &TableOptions, shares: &Shares, seed: u64) -> Result<Parts, DataError> {
    let path = &path.into();
    shares.check()?;
    let mut split = Split { by: options.split_by.clone(), seed, shares: *shares, rows: PartRows::default() };
    let (scanned, assignment) = match split.by {
        SplitBy::UsedColumns => (scan(path, options, |_| true)?, None),
        _ => {
            let assignment = Assignment::by_rows(path, &options.targets, &split, options.on_missing)?;
            // Where nothing is left to train on, what is wrong with the rows is told first.
            let all = !assignment.trains();
            (scan(path, options, |row| all || assignment.trains_on(row))?, Some(assignment))
        }
    };
    let (mut schema, mut warnings) = scanned.schema(options)?;
    let assignment = match assignment {
        Some(assignment) => assignment,
        None => Assignment::by_used_columns(path, &schema, &split, options.on_missing)?,
    };
    let rows = scanned.rows;
    drop(scanned);
    let tally = measure(path, &mut schema, &mut split, &assignment, options.on_missing, &mut warnings)?;
    if tally.rows != rows || assignment.rows() != rows {
        return Err(TableError::Changed { path: path.to_path_buf() }.into());
    }
    check_parts(path, &split, &tally)?;
    let tables = encode_parts(path, &schema, &split, &assignment, options.on_missing, &Part::ALL)?;
    let same = Part::ALL.iter().zip(&tables).all(|(part, table)| table.len() == split.rows.of(*part));
    let [train, validation, calibration, test]: [Table; 4] = match tables.try_into() {
        Ok(tables) if same => tables,
        _ => return Err(TableError::Changed { path: path.to_path_buf() }.into()),
    };
    let asked_for = |part, table: Table| (shares.of(part) > 0.0 && !table.is_empty()).then_some(table);
    Ok(Parts {
        train,
        validation: asked_for(Part::Validation, validation),
        calibration: asked_for(Part::Calibration, calibration),
        test: asked_for(Part::Test, test),
        schema,
        split,
        warnings,
    })
}

/// Reads a whole file, with targets, as a schema says: another file for validation or test.
///
/// # Errors
/// As [`read`].
pub fn read_as(path: impl Into<Origin>, schema: &Schema, on_missing: OnMissing) -> Result<Table, DataError> {
    read_part(path, schema, &Split::none(), Part::Train, on_missing)
}

/// Reads one part of the file that was split when a model was trained.
///
/// # Errors
/// As [`read`]; [`TableError::Changed`] where the number of rows of the part has changed.
pub fn read_part(
    path: impl Into<Origin>,
    schema: &Schema,
    split: &Split,
    part: Part,
    on_missing: OnMissing,
) -> Result<Table, DataError> {
    let path = &path.into();
    let assignment = match split.by {
        SplitBy::UsedColumns => Assignment::by_used_columns(path, schema, split, on_missing)?,
        _ => {
            let targets: Vec<String> = schema.targets.iter().map(|target| target.name.clone()).collect();
            Assignment::by_rows(path, &targets, split, on_missing)?
        }
    };
    let table = encode_parts(path, schema, split, &assignment, on_missing, &[part])?.swap_remove(0);
    let expected = split.rows.of(part);
    if split.rows != PartRows::default() && table.len() != expected {
        return Err(TableError::Changed { path: path.to_path_buf() }.into());
    }
    if table.is_empty() {
        return Err(TableError::nothing_kept(path, table.tally.rows).into());
    }
    Ok(table)
}

/// The names of the columns of a table, in the order of the file.
///
/// # Errors
/// [`DataError`] where the file or its header cannot be read.
pub fn names(path: impl Into<Origin>) -> Result<Vec<String>, DataError> {
    Ok(TableFile::open(&path.into())?.names().to_vec())
}

/// Fills in the statistics of the training rows, and the number of rows of each part.
fn measure(
    path: &Origin,
    schema: &mut Schema,
    split: &mut Split,
    assignment: &Assignment,
    on_missing: OnMissing,
    warnings: &mut Vec<Warning>,
) -> Result<Tally, DataError> {
    let mut rows = KeptRows::open(path, schema, on_missing, Targets::Required)?;
    let columns = schema.features.len() + schema.targets.len();
    let mut of_features: Vec<Measure> = schema.features.iter().map(|_| Measure::new(columns)).collect();
    let mut of_targets: Vec<Measure> = schema.targets.iter().map(|_| Measure::new(columns)).collect();
    loop {
        let step = rows.step(|raw, _, _, tally| {
            let (Some(part), _) = assignment.of(tally.rows - 1) else { return };
            *split.rows.of_mut(part) += 1;
            if part != Part::Train {
                return;
            }
            for (measure, value) in of_features.iter_mut().zip(&raw.values) {
                if let InputValue::Number(value) = *value {
                    measure.add(value);
                }
            }
            of_targets.iter_mut().zip(&raw.targets).for_each(|(measure, &value)| measure.add(value));
        })?;
        if step == Step::End {
            break;
        }
    }
    for (feature, measure) in schema.features.iter_mut().zip(&of_features) {
        match &mut feature.kind {
            Kind::Numeric(statistics) | Kind::Boolean(statistics) | Kind::Date(statistics) => {
                *statistics = measure.statistics();
                warnings.extend(measure.far_input(&feature.name));
                if measure.is_constant() {
                    warnings.push(Warning::ConstantInTraining { column: feature.name.clone() });
                }
            }
            Kind::Categorical(_) => {}
        }
    }
    let trained_on = split.rows.train > 0;
    for (target, measure) in schema.targets.iter_mut().zip(&of_targets) {
        target.statistics = measure.statistics();
        target.whole = measure.is_whole();
        if trained_on && measure.is_constant() {
            let (path, column, value) = (path.to_path_buf(), cut(&target.name), target.statistics.mean);
            return Err(TableError::ConstantTarget { path, column, value }.into());
        }
        if target.whole && target.kind == TargetType::Numeric {
            warnings.push(Warning::WholeTargets { column: target.name.clone() });
        }
    }
    Ok(rows.tally)
}

/// Refuses parts without rows.
fn check_parts(path: &Origin, split: &Split, tally: &Tally) -> Result<(), TableError> {
    let kept = tally.kept();
    if kept == 0 {
        return Err(TableError::AllDropped { path: path.to_path_buf(), rows: tally.rows });
    }
    // A column that names parts need not name all of them.
    let named = matches!(split.by, SplitBy::Column(_));
    let needed = |part| if named { part == Part::Train } else { split.shares.of(part) > 0.0 };
    match Part::ALL.into_iter().find(|&part| needed(part) && split.rows.of(part) == 0) {
        Some(part) => Err(TableError::EmptyPart { path: path.to_path_buf(), rows: kept, part: part.name() }),
        None => Ok(()),
    }
}

/// Encodes some parts of a file, each with room for its rows where their number is known.
fn encode_parts(
    path: &Origin,
    schema: &Schema,
    split: &Split,
    assignment: &Assignment,
    on_missing: OnMissing,
    parts: &[Part],
) -> Result<Vec<Table>, DataError> {
    let mut rows = KeptRows::open(path, schema, on_missing, Targets::Required)?;
    let (input_width, target_width) = (schema.input_width(), schema.target_width());
    check_size(path, split, parts, input_width)?;
    let empty = |part: &Part| {
        let count = split.rows.of(*part);
        Table {
            inputs: Vec::with_capacity(count * input_width),
            input_width,
            targets: Vec::with_capacity(count * target_width),
            target_width,
            lines: Vec::with_capacity(count),
            keys: Vec::with_capacity(count),
            flags: Vec::new(),
            tally: Tally::default(),
        }
    };
    let mut tables: Vec<Table> = parts.iter().map(empty).collect();
    loop {
        let step = rows.step(|raw, _, _, tally| {
            let (part, key) = assignment.of(tally.rows - 1);
            if let Some(table) = parts.iter().position(|&wanted| Some(wanted) == part).map(|index| &mut tables[index]) {
                let flags = encode(schema, &raw.values, &mut table.inputs, tally);
                if flags != Flags::default() {
                    table.flags.push((table.lines.len(), flags));
                }
                table.targets.extend(&raw.targets);
                table.lines.push(raw.place.number());
                table.keys.push(key);
            }
        })?;
        if step == Step::End {
            break;
        }
    }
    tables.iter_mut().for_each(|table| table.tally = rows.tally.clone());
    Ok(tables)
}

fn check_size(path: &Origin, split: &Split, parts: &[Part], width: usize) -> Result<(), TableError> {
    let rows: usize = parts.iter().map(|&part| split.rows.of(part)).sum();
    let bytes = rows as u128 * width as u128 * size_of::<f32>() as u128;
    let limit = ENCODED_LIMIT;
    if bytes <= u128::from(limit) {
        return Ok(());
    }
    Err(TableError::TooLarge { path: path.to_path_buf(), rows, width, bytes, limit })
}
