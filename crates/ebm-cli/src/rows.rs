//! Rows that a model is asked about, a chunk at a time.

pub mod images;

use std::path::Path;

use ebm_core::TargetError;
use ebm_core::predict::CHUNK;
use ebm_data::table::Part;
use ebm_data::{Origin, Share};

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

    /// The encoded input of a row.
    pub fn input(&self, row: usize) -> &[f32] {
        let width = self.inputs.len() / self.places.len();
        &self.inputs[row * width..(row + 1) * width]
    }

    /// The error of a model whose density is not finite at any of the rows.
    pub fn not_finite(&self) -> anyhow::Error {
        not_finite(self.places.len(), &self.places[0])
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

/// The error of a model whose density is not finite at some rows, the first of which is named.
pub fn not_finite(rows: usize, first: &dyn std::fmt::Display) -> anyhow::Error {
    let message = format!(
        "the model's density is not finite at {first} and {} more rows: its weights or scales are damaged, or its training \
         diverged; restore the run folder, or train again",
        rows - 1
    );
    failure(Exit::Data, message)
}

/// Numbers as rows, with their labels where they are known.
pub fn of_numbers(x: Vec<f64>, y: Option<Vec<f64>>) -> Chunks<'static> {
    let starts = (0..x.len()).step_by(CHUNK);
    Box::new(starts.map(move |start| {
        let rows = start..(start + CHUNK).min(x.len());
        let x = &x[rows.clone()];
        Ok(Rows {
            inputs: x.iter().map(|&x| x as f32).collect(),
            targets: y.as_ref().map(|y| y[rows].to_vec()),
            places: x.iter().map(|&x| Place::Input(x)).collect(),
            beyond: vec![Vec::new(); x.len()],
        })
    }))
}

/// Where a row is.
#[derive(Debug, Clone, PartialEq)]
pub enum Place {
    /// On this line of a text, or in this row of a Parquet file, counted from 1.
    Line(u64),
    /// In this file.
    File(String),
    /// This image of an array, counted from 0.
    Image(usize),
    /// At this number.
    Input(f64),
}

impl std::fmt::Display for Place {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Line(line) => write!(out, "line {line}"),
            Self::File(file) => out.write_str(file),
            Self::Image(image) => write!(out, "image {image}"),
            Self::Input(x) => write!(out, "x = {x}"),
        }
    }
}

/// Which rows.
#[derive(Debug, Clone, Copy)]
pub enum RowsOf<'a> {
    /// A table, a file of pairs, or images in a file or a folder, with the table of their labels if there is one.
    File {
        /// The file or folder.
        file: &'a Path,
        /// The labels of a folder.
        labels: Option<&'a Path>,
        /// A part of the row groups of a Parquet file; all rows otherwise.
        share: Option<Share>,
    },
    /// Numbers on the command line.
    Numbers(&'a [f64]),
    /// A part of the model's own data.
    Part(Part),
}

impl<'a> RowsOf<'a> {
    /// A file if there is one, otherwise a part of the model's own data.
    pub fn file_or(file: Option<&'a Path>, labels: Option<&'a Path>, part: Part) -> Self {
        file.map_or(Self::Part(part), |file| Self::File { file, labels, share: None })
    }

    /// The files that are named.
    pub fn files(self) -> impl Iterator<Item = &'a Path> {
        let named = match self {
            Self::File { file, labels, .. } => [Some(file).filter(|file| !is_standard(file)), labels],
            Self::Numbers(_) | Self::Part(_) => [None; 2],
        };
        named.into_iter().flatten()
    }
}

/// Whether a name stands for standard input or output.
pub fn is_standard(file: &Path) -> bool {
    file.as_os_str() == "-"
}

/// A file, or standard input.
pub fn origin(file: &Path) -> Origin {
    if is_standard(file) { Origin::stdin() } else { file.into() }
}
