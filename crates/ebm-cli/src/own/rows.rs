//! The rows that a model is asked about, in chunks.

use std::path::Path;

use ebm_core::TargetError;
use ebm_core::predict::CHUNK;
use ebm_data::table::{self, OnMissing, Part, Split, Table, Targets};

use super::{OwnModel, OwnRecord};
use crate::exit::{Exit, failure};
use crate::run_folder::read_json;

/// Some consecutive rows.
pub struct Rows {
    /// Encoded inputs, row by row.
    pub inputs: Vec<f32>,
    /// Targets in their own units, row by row; NaN where one is missing. Nothing where they are not read.
    pub targets: Option<Vec<f64>>,
    /// Where each row is.
    pub places: Vec<Place>,
    /// For each row the columns that are beyond what was trained on: outside its range, or of an unknown category.
    pub beyond: Vec<Vec<String>>,
}

impl Rows {
    /// The label of a row, where labels were read.
    pub fn label(&self, row: usize, model: &OwnModel) -> Option<&[f64]> {
        let dimensions = model.own.targets.len();
        self.targets.as_ref().map(|targets| &targets[row * dimensions..(row + 1) * dimensions])
    }
}

/// A label that no target of its kind has, by its place.
pub fn unfit_row(rows: &Rows, error: TargetError) -> anyhow::Error {
    let place = match &error {
        TargetError::OutOfSupport { index, .. } => format!("{}: ", rows.places[*index]),
        _ => String::new(),
    };
    failure(Exit::Data, format!("{place}{error}"))
}

impl std::fmt::Display for Place {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Line(line) => write!(out, "line {line}"),
            Self::File(file) => out.write_str(file),
        }
    }
}

/// Where a row is.
#[derive(Debug, Clone, PartialEq)]
pub enum Place {
    /// On this line of a text, or in this row of a Parquet file, counted from 1.
    Line(u64),
    /// In this file.
    File(String),
}

/// Which rows.
#[derive(Debug, Clone, Copy)]
pub enum RowsOf<'a> {
    /// A table.
    File(&'a Path),
    /// A part of the table that the model was trained on.
    Part(&'a Path, Part),
}

type Chunks<'a> = Box<dyn Iterator<Item = anyhow::Result<Rows>> + 'a>;

/// The rows asked for, in chunks of [`CHUNK`].
///
/// # Errors
/// When there are none, or they cannot be read.
pub fn rows_of<'a>(
    model: &'a OwnModel,
    of: RowsOf<'a>,
    targets: Targets,
    on_missing: OnMissing,
) -> anyhow::Result<Chunks<'a>> {
    let schema = model.own.schema.as_ref().expect("a model of a table");
    match of {
        RowsOf::File(file) => {
            let chunks = table::stream(file, schema, CHUNK, on_missing, targets)?;
            Ok(Box::new(chunks.map(move |chunk| Ok(of_chunk(&model.own, chunk?)))))
        }
        RowsOf::Part(run, part) => {
            let table = part_of(model, run, part)?;
            let starts = (0..table.len()).step_by(CHUNK);
            Ok(Box::new(starts.map(move |start| Ok(of_table(&table, start)))))
        }
    }
}

/// A part of the table that the model was trained on, as long as that is where it was and what it was.
fn part_of(model: &OwnModel, run: &Path, part: Part) -> anyhow::Result<Table> {
    let schema = model.own.schema.as_ref().expect("a model of a table");
    let split: SplitRecord = read_json(&run.join("split.json"), SPLIT_SCHEMA)?;
    if split.split.rows.of(part) == 0 {
        let message = format!(
            "no rows of {} were kept for {}: give a table of rows that were not trained on, or train with --split",
            model.data.source.name(),
            part.name()
        );
        return Err(failure(Exit::Usage, message));
    }
    Ok(table::read_part(model.data.source.table(), schema, &split.split, part, model.data.on_missing)?)
}

/// Schema of `split.json` of a table.
pub(super) const SPLIT_SCHEMA: &str = "ebm.table_split/1";

/// `split.json`
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub(super) struct SplitRecord {
    pub schema: String,
    #[serde(flatten)]
    pub split: Split,
}

fn of_chunk(own: &OwnRecord, chunk: table::Chunk) -> Rows {
    let features = &own.schema.as_ref().expect("a model of a table").features;
    let beyond = chunk.flags.iter().map(|flags| {
        let columns = flags.out_of_range.iter().chain(&flags.unknown);
        columns.map(|&column| features[column].name.clone()).collect()
    });
    Rows {
        beyond: beyond.collect(),
        places: chunk.lines.iter().map(|&line| Place::Line(line)).collect(),
        inputs: chunk.inputs,
        targets: chunk.targets,
    }
}

fn of_table(table: &Table, start: usize) -> Rows {
    let end = (start + CHUNK).min(table.len());
    let (inputs, targets) = (table.input_width(), table.target_width());
    Rows {
        inputs: table.inputs()[start * inputs..end * inputs].to_vec(),
        targets: Some(table.targets()[start * targets..end * targets].to_vec()),
        places: table.lines()[start..end].iter().map(|&line| Place::Line(line)).collect(),
        beyond: vec![Vec::new(); end - start],
    }
}
