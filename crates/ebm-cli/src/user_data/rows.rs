//! Rows that a model is asked about, a chunk at a time.

use std::path::Path;

use ebm_core::TargetError;
use ebm_data::table::Part;

use crate::exit::{Exit, failure};

/// Some consecutive rows.
pub struct Rows {
    /// Encoded inputs, row by row.
    pub inputs: Vec<f32>,
    /// Targets in their own units, row by row; NaN where one is missing. Nothing where they are not read.
    pub targets: Option<Vec<f64>>,
    /// Where each row is.
    pub places: Vec<Place>,
    /// For each row the columns outside the range of training, or of an unknown category.
    pub beyond: Vec<Vec<String>>,
}

/// Rows in chunks.
pub type Chunks<'a> = Box<dyn Iterator<Item = anyhow::Result<Rows>> + 'a>;

impl Rows {
    /// The label of a row, where labels were read.
    pub fn label(&self, row: usize) -> Option<&[f64]> {
        let targets = self.targets.as_ref()?;
        let dimensions = targets.len() / self.places.len();
        Some(&targets[row * dimensions..(row + 1) * dimensions])
    }

    /// The error of a label that no target of its kind can have, with its place.
    pub fn unfit(&self, error: TargetError) -> anyhow::Error {
        let place = match &error {
            TargetError::OutOfSupport { index, .. } => format!("{}: ", self.places[*index]),
            _ => String::new(),
        };
        failure(Exit::Data, format!("{place}{error}"))
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

impl std::fmt::Display for Place {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Line(line) => write!(out, "line {line}"),
            Self::File(file) => out.write_str(file),
        }
    }
}

/// Which rows.
#[derive(Debug, Clone, Copy)]
pub enum RowsOf<'a> {
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
