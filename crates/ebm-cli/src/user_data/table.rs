//! A table: for training, and as rows.

use std::path::Path;
use std::sync::Arc;

use ebm_core::predict::CHUNK;
use ebm_core::{Dataset, Labelled, Reach, TargetError, TargetSpace};
use ebm_data::Origin;
use ebm_data::run_file::Encoding;
use ebm_data::table::{self, Flags, OnMissing, Part, Parts, Schema, Split, Table, Targets};

use super::describe::{tell, unfit};
use super::kinds::resolved;
use super::outliers;
use crate::console::Console;
use crate::experiment::folds::Folds;
use crate::experiment::user_data::UserData;
use crate::rows::{Chunks, Place, Rows};
use crate::run::split::SplitRecord;
use crate::training_data::{Folded, TrainingData};

/// Reads, splits and encodes a table, and tells what was found.
pub(super) fn training_data(
    user: &UserData,
    file: &Path,
    folds: Option<Folds>,
    console: Console,
) -> anyhow::Result<TrainingData> {
    let parts = table::read(user.origin(), &user.table_options(), &user.shares, user.split_seed)?;
    let validation = match &user.validation {
        Some(file) => Some(table::read_as(user.weighted(file), &parts.schema, user.on_missing)?),
        None => None,
    };
    let held_out = validation.as_ref().or(parts.validation.as_ref()).map_or(&[][..], Table::targets);
    let kinds = resolved(user, parts.train.targets(), held_out, console);
    tell(user, &kinds, &parts, console);
    let Parts { schema, train, validation: part, split, .. } = parts;
    let validation = validation.or(part);
    let space = TargetSpace::fit(&kinds, train.targets()).map_err(|error| unfit_line(user, &train, &error))?;
    let targets = train.targets().to_vec();
    let (of_validation, lines) = validation.as_ref().map_or((&[][..], &[][..]), |of| (of.targets(), of.lines()));
    outliers::refuse(user, &space, &[&targets, of_validation].concat(), |row| match row.checked_sub(train.len()) {
        None => format!("{}, line {}", file.display(), train.lines()[row]),
        Some(row) => format!("{}, line {}", user.validation.as_deref().unwrap_or(file).display(), lines[row]),
    })?;
    let fold = folds.map(|folds| (train.folds(folds.of(train.len())), train.lines().to_vec()));
    let examples = labelled(user, train, &space)?;
    let folded = fold.map(|(fold, lines)| Folded { all: Arc::new(examples.clone()), fold, lines });
    let validation = validation.map(|table| labelled(user, table, &space)).transpose()?;
    Ok(TrainingData {
        validation: validation.map(|validation| Box::new(validation) as Box<dyn Dataset + Send + Sync>),
        split: Some(SplitRecord::Table(split)),
        encoding: Some(Encoding { schema: Some(schema), targets: user.targets.clone(), space }),
        reach: Reach::fit(examples.inputs(), examples.input_width()),
        folded,
        ..TrainingData::new(examples, user.source.name(), &targets)
    })
}

fn labelled(user: &UserData, table: Table, space: &TargetSpace) -> anyhow::Result<Labelled> {
    let (inputs, width, targets) = (table.inputs().to_vec(), table.input_width(), table.targets().to_vec());
    Labelled::new(inputs, width, targets, space.clone()).map_err(|error| unfit_line(user, &table, &error))
}

/// The error of a label that no target of its kind can have, with its line.
fn unfit_line(user: &UserData, table: &Table, error: &TargetError) -> anyhow::Error {
    let place = match error {
        TargetError::OutOfSupport { index, .. } => format!(", line {}", table.lines()[*index]),
        _ => String::new(),
    };
    unfit(user, &place, error)
}

/// The rows of a table that has the columns the model was trained on.
pub(super) fn rows<'a>(
    file: Origin,
    schema: &'a Schema,
    targets: Targets,
    on_missing: OnMissing,
) -> anyhow::Result<Chunks<'a>> {
    let chunks = table::stream(file, schema, CHUNK, on_missing, targets)?;
    Ok(Box::new(chunks.map(move |chunk| Ok(of_chunk(schema, chunk?)))))
}

/// The rows of a part of the table that the model was trained on, if it has not changed.
pub(super) fn part_rows<'a>(
    user: &UserData,
    schema: &'a Schema,
    split: &Split,
    part: Part,
) -> anyhow::Result<Chunks<'a>> {
    let table = table::read_part(user.origin(), schema, split, part, user.on_missing)?;
    let starts = (0..table.len()).step_by(CHUNK);
    Ok(Box::new(starts.map(move |start| Ok(of_table(schema, &table, start)))))
}

/// The training rows of a model's own table, if it has not changed, in folds.
pub fn folded(user: &UserData, encoding: &Encoding, split: &Split, folds: usize) -> anyhow::Result<Folded> {
    let schema = encoding.schema.as_ref().expect("a table has a schema");
    let table = table::read_part(user.origin(), schema, split, Part::Train, user.on_missing)?;
    let (fold, lines) = (table.folds(folds), table.lines().to_vec());
    Ok(Folded { all: Arc::new(labelled(user, table, &encoding.space)?), fold, lines })
}

fn of_chunk(schema: &Schema, chunk: table::Chunk) -> Rows {
    Rows {
        beyond: chunk.flags.iter().map(|flags| beyond(schema, flags)).collect(),
        places: chunk.lines.iter().map(|&line| Place::Line(line)).collect(),
        inputs: chunk.inputs,
        targets: chunk.targets,
    }
}

/// The columns whose values the training rows do not have.
fn beyond(schema: &Schema, flags: &Flags) -> Vec<String> {
    let columns = flags.out_of_range.iter().chain(&flags.unknown);
    columns.map(|&column| schema.features[column].name.clone()).collect()
}

fn of_table(schema: &Schema, table: &Table, start: usize) -> Rows {
    let end = (start + CHUNK).min(table.len());
    let (inputs, targets) = (table.input_width(), table.target_width());
    Rows {
        inputs: table.inputs()[start * inputs..end * inputs].to_vec(),
        targets: Some(table.targets()[start * targets..end * targets].to_vec()),
        places: table.lines()[start..end].iter().map(|&line| Place::Line(line)).collect(),
        beyond: (start..end)
            .map(|row| table.flags(row).map(|flags| beyond(schema, flags)).unwrap_or_default())
            .collect(),
    }
}
