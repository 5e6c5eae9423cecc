//! Predictions, a row for each input, as CSV, JSON lines or Parquet, to standard output or to a file.

pub mod cell;
mod compressed;
pub mod format;
mod parquet;
mod text;

use std::fs::File;
use std::path::Path;

use anyhow::Context;
use ebm_core::write_atomic_with;

use self::cell::{Cell, Row};
use self::compressed::Compression;
use self::format::Format;
use crate::destination::Destination;
use crate::exit::{Exit, failure};
use crate::output::Stdout;

/// Takes rows and writes them.
pub struct RowWriter<'a> {
    format: Writer<'a>,
    /// Significant digits of numbers; all of them unless given.
    digits: Option<u8>,
}

enum Writer<'a> {
    Text(text::Lines<'a>),
    Parquet(parquet::Columns<&'a mut File>),
}

impl RowWriter<'_> {
    /// Adds a row.
    pub fn row(&mut self, row: &[(String, Cell)]) -> anyhow::Result<()> {
        let rounded: Row;
        let row = match self.digits {
            Some(digits) => {
                rounded = row.iter().map(|(name, cell)| (name.clone(), cell.rounded(digits))).collect();
                &rounded
            }
            None => row,
        };
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
    compression: Compression,
    digits: Option<u8>,
}

impl Output {
    /// To a file, or to standard output, in the format given, or that of the file's name, whose ending also says how it is
    /// compressed. Numbers are rounded to `digits` significant digits.
    ///
    /// # Errors
    /// When the format needs a file and there is none, or is compressed in its own way.
    pub fn new(file: Option<Destination>, asked: Option<Format>, digits: Option<u8>) -> anyhow::Result<Self> {
        let (name, compression) = match &file {
            Some(file) => Compression::of(file.path()),
            None => (Path::new(""), Compression::None),
        };
        let extension = name.extension().and_then(|extension| extension.to_str());
        let by_name = match extension.map(str::to_ascii_lowercase).as_deref() {
            Some("parquet") => Some(Format::Parquet),
            Some("jsonl" | "ndjson" | "json") => Some(Format::Jsonl),
            _ => None,
        };
        let format = asked.or(by_name).unwrap_or(Format::Csv);
        if format == Format::Parquet && file.is_none() {
            return Err(failure(Exit::Usage, "Parquet cannot be streamed: give --out FILE"));
        }
        if format == Format::Parquet && compression != Compression::None {
            return Err(failure(
                Exit::Usage,
                "Parquet is not compressed as a whole: leave .gz or .zst out of its name",
            ));
        }
        Ok(Self { file, format, compression, digits })
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
            let lines = text::Lines::new(&mut stdout, self.format, schema);
            let mut rows = RowWriter { format: Writer::Text(lines), digits: self.digits };
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
        if self.format == Format::Parquet {
            return self.rows(Writer::Parquet(parquet::Columns::new(file, schema)), predict);
        }
        let mut stream = self.compression.stream(std::io::BufWriter::new(file));
        let result = self.rows(Writer::Text(text::Lines::new(&mut stream, self.format, schema)), predict)?;
        stream.finish().context("writing predictions")?;
        Ok(result)
    }

    fn rows<T>(
        &self,
        format: Writer<'_>,
        predict: impl FnOnce(&mut RowWriter<'_>) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let mut rows = RowWriter { format, digits: self.digits };
        let result = predict(&mut rows)?;
        rows.finish()?;
        Ok(result)
    }
}
