//! The rows that a model is asked about, in chunks.

use std::path::Path;

use ebm_core::TargetError;
use ebm_core::predict::CHUNK;
use ebm_data::table::{self, OnMissing, Part, Schema, Split, Table, Targets};

use super::{OwnModel, Source, pictures};
use crate::exit::{Exit, failure};
use crate::run_folder::read_json;

/// Some consecutive rows.
pub(crate) struct Rows {
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
pub(crate) fn unfit_row(rows: &Rows, error: TargetError) -> anyhow::Error {
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
pub(crate) enum Place {
    /// On this line of a text, or in this row of a Parquet file, counted from 1.
    Line(u64),
    /// In this file.
    File(String),
}

/// Which rows.
#[derive(Debug, Clone, Copy)]
pub(crate) enum RowsOf<'a> {
    /// A table, or a folder of images and the table of their labels if there is one.
    File {
        /// The table or folder.
        file: &'a Path,
        /// The labels of a folder.
        labels: Option<&'a Path>,
    },
    /// A part of what the model was trained on, from the split that its run keeps.
    Part(&'a Path, Part),
}

type Chunks<'a> = Box<dyn Iterator<Item = anyhow::Result<Rows>> + 'a>;

/// The rows asked for, in chunks of [`CHUNK`].
///
/// # Errors
/// When there are none, or they cannot be read.
pub(crate) fn rows_of<'a>(
    model: &'a OwnModel,
    of: RowsOf<'a>,
    targets: Targets,
    on_missing: OnMissing,
) -> anyhow::Result<Chunks<'a>> {
    match (&model.own.schema, of) {
        (Some(_), RowsOf::File { labels: Some(_), .. }) => {
            Err(failure(Exit::Usage, "--labels is for images, and this model was trained on a table"))
        }
        (Some(schema), RowsOf::File { file, labels: None }) => {
            let chunks = table::stream(file, schema, CHUNK, on_missing, targets)?;
            Ok(Box::new(chunks.map(move |chunk| Ok(of_chunk(schema, chunk?)))))
        }
        (Some(schema), RowsOf::Part(run, part)) => {
            let table = part_of(model, schema, run, part)?;
            let starts = (0..table.len()).step_by(CHUNK);
            Ok(Box::new(starts.map(move |start| Ok(of_table(&table, start)))))
        }
        (None, RowsOf::File { labels: None, .. }) if targets == Targets::Required => {
            Err(failure(Exit::Usage, "this model takes images: give the table of their labels with --labels"))
        }
        (None, RowsOf::File { file, labels }) => {
            let labels = labels.filter(|_| targets != Targets::Ignored);
            pictures::rows(&model.data, file, labels, None)
        }
        (None, RowsOf::Part(run, part)) => {
            let Source::Images { folder, labels, .. } = &model.data.source else {
                return Err(failure(Exit::Data, format!("run.json and model.json in {} do not agree", run.display())));
            };
            let split: serde_json::Value = read_json(&run.join("split.json"), pictures::SPLIT_SCHEMA)?;
            let files = pictures::files_of(split, part)?;
            refuse_empty(model, part, files.len())?;
            pictures::rows(&model.data, folder, Some(labels), Some(files))
        }
    }
}

/// A part of the table that the model was trained on, as long as that is where it was and what it was.
fn part_of(model: &OwnModel, schema: &Schema, run: &Path, part: Part) -> anyhow::Result<Table> {
    let split: SplitRecord = read_json(&run.join("split.json"), SPLIT_SCHEMA)?;
    refuse_empty(model, part, split.split.rows.of(part))?;
    Ok(table::read_part(model.data.source.table(), schema, &split.split, part, model.data.on_missing)?)
}

fn refuse_empty(model: &OwnModel, part: Part, rows: usize) -> anyhow::Result<()> {
    if rows > 0 {
        return Ok(());
    }
    let message = format!(
        "no rows of {} were kept for {}: give rows that were not trained on, or train with another --split",
        model.data.source.name(),
        part.name()
    );
    Err(failure(Exit::Usage, message))
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

fn of_chunk(schema: &Schema, chunk: table::Chunk) -> Rows {
    let features = &schema.features;
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
