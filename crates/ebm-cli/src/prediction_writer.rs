//! Predictions, a row for each input, as CSV, JSON lines or Parquet, to standard output or to a file.

pub mod cell;
pub mod format;
mod parquet;
mod text;

use std::fs::File;

use ebm_core::write_atomic_with;

use self::cell::Cell;
use self::format::Format;
use crate::destination::Destination;
use crate::exit::{Exit, failure};
use crate::output::Stdout;

/// Takes rows and writes them.
pub struct RowWriter<'a> {
    format: Writer<'a>,
}

enum Writer<'a> {
    Text(text::Lines<'a>),
    Parquet(parquet::Columns<&'a mut File>),
}

impl RowWriter<'_> {
    /// Adds a row.
    pub fn row(&mut self, row: &[(String, Cell)]) -> anyhow::Result<()> {
        match &mut self.format {
            Writer::Text(lines) => lines.row(row),
            Writer::Parquet(columns) => columns.row(row),
        }
    }

    fn finish(self) -> anyhow::Result<()> {
        match self.format {
            Writer::Text(lines) => lines.finish(),
            Writer::Parquet(columns) => columns.finish(),
        }
    }
}

/// Where predictions go, and how they are written.
#[derive(Debug)]
pub struct Output {
    file: Option<Destination>,
    format: Format,
}

impl Output {
    /// To a file, or to standard output, in the format given, or that of the file's name.
    ///
    /// # Errors
    /// When the format needs a file and there is none.
    pub fn new(file: Option<Destination>, asked: Option<Format>) -> anyhow::Result<Self> {
        let extension = file.as_ref().and_then(|file| file.path().extension()).and_then(|extension| extension.to_str());
        let by_name = match extension.map(str::to_ascii_lowercase).as_deref() {
            Some("parquet") => Some(Format::Parquet),
            Some("jsonl" | "ndjson" | "json") => Some(Format::Jsonl),
            _ => None,
        };
        let format = asked.or(by_name).unwrap_or(Format::Csv);
        if format == Format::Parquet && file.is_none() {
            return Err(failure(Exit::Usage, "Parquet cannot be streamed: give --out FILE"));
        }
        Ok(Self { file, format })
    }

    /// Lets `predict` write rows. A file is written whole or not at all.
    ///
    /// # Errors
    /// Those of `predict`, and when the file cannot be written.
    pub fn write<T>(
        &self,
        schema: &'static str,
        predict: impl FnOnce(&mut RowWriter<'_>) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let Some(path) = self.file.as_ref().map(Destination::path) else {
            let mut stdout = Stdout;
            let mut rows = RowWriter { format: Writer::Text(text::Lines::new(&mut stdout, self.format, schema)) };
            let result = predict(&mut rows);
            // The rows before an error are still predictions.
            rows.finish()?;
            return result;
        };
        let mut outcome = None;
        let written = write_atomic_with(path, |file| {
            outcome = Some(self.to_file(file, schema, predict));
            match &outcome {
                Some(Ok(_)) => Ok(()),
                _ => Err(std::io::Error::other("given up")),
            }
        });
        match (outcome, written) {
            (Some(Err(error)), _) => Err(error),
            (Some(Ok(result)), Ok(())) => Ok(result),
            (_, Err(error)) => Err(failure(Exit::CannotWrite, format!("cannot write {}: {error}", path.display()))),
            (None, Ok(())) => unreachable!("a file is written by writing"),
        }
    }

    fn to_file<T>(
        &self,
        file: &mut File,
        schema: &'static str,
        predict: impl FnOnce(&mut RowWriter<'_>) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let mut buffered;
        let format = if self.format == Format::Parquet {
            Writer::Parquet(parquet::Columns::new(file, schema))
        } else {
            buffered = std::io::BufWriter::new(file);
            Writer::Text(text::Lines::new(&mut buffered, self.format, schema))
        };
        let mut rows = RowWriter { format };
        let result = predict(&mut rows)?;
        rows.finish()?;
        Ok(result)
    }
}
