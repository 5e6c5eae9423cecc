//! Answers a row an input, as CSV, JSON lines or Parquet, to standard output or to a file.

mod parquet;
mod text;

use std::fs::File;
use std::path::Path;

use clap::ValueEnum;
use ebm_core::write_atomic_with;
use serde_json::{Value, json};

use crate::cli::OutputArgs;
use crate::command::How;
use crate::exit::{Exit, failure};

/// How answers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A line of names and a line a row
    Csv,
    /// A JSON object a line
    Jsonl,
    /// Columns for other programs; needs --out
    Parquet,
}

/// What stands in one column of an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// A number; nothing where there is none to give.
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
    /// A number, unless it is none.
    pub fn finite(value: f64) -> Self {
        Self::Number(value.is_finite().then_some(value))
    }

    /// In one field of text: `[1, 2] [5, 7]`, and names with semicolons between them.
    fn to_text(&self) -> String {
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

    fn to_json(&self) -> Value {
        // JSON has no infinities: an end that is none is null.
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

/// Takes rows and writes them.
pub struct Answers<'a> {
    format: Writer<'a>,
}

enum Writer<'a> {
    Text(text::Lines<'a>),
    Parquet(parquet::Columns<&'a mut File>),
}

impl Answers<'_> {
    /// Adds a row.
    pub fn row(&mut self, row: &[(String, Cell)]) -> anyhow::Result<()> {
        match &mut self.format {
            Writer::Text(lines) => lines.row(row),
            Writer::Parquet(columns) => columns.row(row),
        }
    }
}

/// Lets `answer` write rows to where the arguments say. A file is there whole or not at all.
///
/// # Errors
/// Those of `answer`, and when the file cannot be written.
pub fn write<T>(
    args: &OutputArgs,
    schema: &'static str,
    how: How,
    answer: impl FnOnce(&mut Answers<'_>) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let format = format_of(args, how)?;
    let Some(path) = &args.out else {
        let mut stdout = crate::output::Stdout;
        let mut answers = Answers { format: Writer::Text(text::Lines::new(&mut stdout, format, schema)) };
        let answered = answer(&mut answers);
        if let Writer::Text(lines) = answers.format {
            // What was answered before something went wrong is still an answer.
            lines.finish()?;
        }
        return answered;
    };
    let mut outcome = None;
    let written = write_atomic_with(path, |file| {
        outcome = Some(to_file(file, format, schema, answer));
        match &outcome {
            Some(Ok(_)) => Ok(()),
            _ => Err(std::io::Error::other("given up")),
        }
    });
    match (outcome, written) {
        (Some(Err(error)), _) => Err(error),
        (Some(Ok(answered)), Ok(())) => Ok(answered),
        (_, Err(error)) => Err(failure(Exit::CannotWrite, format!("cannot write {}: {error}", path.display()))),
        (None, Ok(())) => unreachable!("a file is written by writing"),
    }
}

fn to_file<T>(
    file: &mut File,
    format: Format,
    schema: &'static str,
    answer: impl FnOnce(&mut Answers<'_>) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    if format == Format::Parquet {
        let mut answers = Answers { format: Writer::Parquet(parquet::Columns::new(file, schema)) };
        let answered = answer(&mut answers)?;
        if let Writer::Parquet(columns) = answers.format {
            columns.finish()?;
        }
        return Ok(answered);
    }
    let mut buffered = std::io::BufWriter::new(file);
    let mut answers = Answers { format: Writer::Text(text::Lines::new(&mut buffered, format, schema)) };
    let answered = answer(&mut answers)?;
    if let Writer::Text(lines) = answers.format {
        lines.finish()?;
    }
    Ok(answered)
}

/// The format asked for, or that of the file's name.
fn format_of(args: &OutputArgs, how: How) -> anyhow::Result<Format> {
    let extension = args.out.as_deref().and_then(Path::extension).and_then(|extension| extension.to_str());
    let by_name = match extension.map(str::to_ascii_lowercase).as_deref() {
        Some("parquet") => Some(Format::Parquet),
        Some("jsonl" | "ndjson" | "json") => Some(Format::Jsonl),
        _ => None,
    };
    let format = args.format.or(how.json.then_some(Format::Jsonl)).or(by_name).unwrap_or(Format::Csv);
    if format == Format::Parquet && args.out.is_none() {
        return Err(failure(Exit::Usage, "Parquet cannot be streamed: give --out FILE"));
    }
    Ok(format)
}
