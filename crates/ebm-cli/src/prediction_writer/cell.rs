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

    /// With this many significant digits.
    pub(super) fn rounded(&self, digits: u8) -> Self {
        match self {
            Self::Number(value) => Self::Number(value.map(|value| rounded(value, digits))),
            Self::Set(set) => Self::Set(set.iter().map(|ends| ends.map(|end| rounded(end, digits))).collect()),
            Self::Text(_) | Self::Names(_) => self.clone(),
        }
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

/// The number that is nearest among those of so many significant digits.
fn rounded(value: f64, digits: u8) -> f64 {
    let text = format!("{value:.*e}", usize::from(digits.max(1)) - 1);
    text.parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_rounded_to_its_significant_digits_and_its_end_is_no_more_than_half_a_step_away() {
        for (value, digits, expected) in [
            (123.456, 2, 120.0),
            (-0.000_123_456, 3, -0.000_123),
            (0.0, 4, 0.0),
            (9.99, 2, 10.0),
            (1e300, 1, 1e300),
            (0.1 + 0.2, 17, 0.1 + 0.2),
            (f64::INFINITY, 3, f64::INFINITY),
        ] {
            assert_eq!(rounded(value, digits), expected, "{value}");
        }
        let set = Cell::Set(vec![[1.2345, f64::INFINITY]]);
        assert_eq!(set.rounded(2).to_text(), "[1.2, inf]");
        assert_eq!(Cell::Number(Some(2.0 / 3.0)).rounded(4).to_text(), "0.6667");
    }
}
