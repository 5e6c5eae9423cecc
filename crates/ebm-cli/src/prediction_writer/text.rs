//! Rows as CSV or JSON lines.

use std::io::Write;

use anyhow::Context;
use serde_json::{Map, Value};

use super::cell::Cell;
use super::format::Format;

/// Bytes that are gathered before they are written.
const BUFFER: usize = 1 << 16;

/// A line a row.
pub(super) struct Lines<'a> {
    into: &'a mut dyn Write,
    format: Format,
    schema: &'static str,
    buffer: Vec<u8>,
    has_names: bool,
}

impl<'a> Lines<'a> {
    pub(super) fn new(into: &'a mut dyn Write, format: Format, schema: &'static str) -> Self {
        Self { into, format, schema, buffer: Vec::new(), has_names: false }
    }

    pub(super) fn row(&mut self, row: &[(String, Cell)]) -> anyhow::Result<()> {
        match self.format {
            Format::Jsonl => {
                let mut object = Map::from_iter([("schema".to_owned(), Value::from(self.schema))]);
                object.extend(row.iter().map(|(name, cell)| (name.clone(), cell.to_json())));
                serde_json::to_writer(&mut self.buffer, &object)?;
                self.buffer.push(b'\n');
            }
            Format::Csv | Format::Parquet => {
                let mut line = csv::Writer::from_writer(&mut self.buffer);
                if !self.has_names {
                    line.write_record(row.iter().map(|(name, _)| name))?;
                }
                line.write_record(row.iter().map(|(_, cell)| cell.to_text()))?;
                line.flush()?;
            }
        }
        self.has_names = true;
        if self.buffer.len() >= BUFFER { self.pass_on() } else { Ok(()) }
    }

    /// Writes what was gathered.
    fn pass_on(&mut self) -> anyhow::Result<()> {
        self.into.write_all(&self.buffer).context("writing predictions")?;
        self.buffer.clear();
        Ok(())
    }

    pub(super) fn finish(mut self) -> anyhow::Result<()> {
        self.pass_on()?;
        self.into.flush().context("writing predictions")
    }
}
