//! Rows of named cells.

use serde_json::{Value, json};

use crate::rows::Place;

/// The content of one column of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// A number; nothing where there is none.
    Number(Option<f64>),
    /// Text.
    Text(String),
    /// Some names.
    Names(Vec<String>),
    /// A union of intervals.
    Set(Vec<[f64; 2]>),
}

/// Column names and cells of one row. All rows have the same names.
pub type Row = Vec<(String, Cell)>;

impl Cell {
    /// A number, if it is finite.
    pub fn finite(value: f64) -> Self {
        Self::Number(value.is_finite().then_some(value))
    }

    /// The first column of a row: where its input is.
    pub fn place(place: &Place) -> (String, Self) {
        match place {
            Place::Line(line) => ("line".to_owned(), Self::Number(Some(*line as f64))),
            Place::File(file) => ("file".to_owned(), Self::Text(file.clone())),
            Place::Image(image) => ("image".to_owned(), Self::Number(Some(*image as f64))),
            Place::Input(x) => ("x".to_owned(), Self::Number(Some(*x))),
        }
    }

    /// As one field of text: `[1, 2] [5, 7]`, and names with semicolons between them.
    pub(super) fn to_text(&self) -> String {
        match self {
            Self::Number(value) => value.map_or_else(String::new, written),
            Self::Text(text) => text.clone(),
            Self::Names(names) => names.join(";"),
            Self::Set(set) => set
                .iter()
                .map(|[low, high]| format!("[{}, {}]", written(*low), written(*high)))
                .collect::<Vec<_>>()
                .join(" "),
        }
    }

    pub(super) fn to_json(&self) -> Value {
        // JSON has no infinities: an infinite end is null.
        match self {
            Self::Number(value) => json!(value),
            Self::Text(text) => json!(text),
            Self::Names(names) => json!(names),
            Self::Set(set) => json!(set),
        }
    }
}

/// A number with all its digits, and with an exponent where it would have many zeros.
fn written(value: f64) -> String {
    let plain = value == 0.0 || !value.is_finite() || (1e-6..1e16).contains(&value.abs());
    if plain { value.to_string() } else { format!("{value:e}") }
}
