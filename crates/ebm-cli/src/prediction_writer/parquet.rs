//! Rows as Parquet: numbers as doubles, everything else as text.

use std::io::Write;
use std::sync::Arc;

use ::parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use ::parquet::data_type::{ByteArray, ByteArrayType, DoubleType};
use ::parquet::file::metadata::KeyValue;
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::SerializedFileWriter;
use ::parquet::schema::types::{Type, TypePtr};
use anyhow::Context;

use super::cell::Cell;

/// Rows of a group: what is held in memory at a time.
const GROUP: usize = 1 << 16;

/// Gathers rows and writes them in groups of columns.
pub(super) struct Columns<W: Write + Send> {
    into: Option<W>,
    writer: Option<SerializedFileWriter<W>>,
    schema: &'static str,
    columns: Vec<Column>,
    rows: usize,
}

/// The cells of a group in one column.
enum Column {
    Numbers(Vec<Option<f64>>),
    Texts(Vec<ByteArray>),
}

impl<W: Write + Send> Columns<W> {
    pub(super) fn new(into: W, schema: &'static str) -> Self {
        Self { into: Some(into), writer: None, schema, columns: Vec::new(), rows: 0 }
    }

    pub(super) fn row(&mut self, row: &[(String, Cell)]) -> anyhow::Result<()> {
        if let Some(into) = self.into.take() {
            let about = KeyValue::new("schema".to_owned(), self.schema.to_owned());
            let properties = WriterProperties::builder()
                .set_compression(Compression::UNCOMPRESSED)
                .set_key_value_metadata(Some(vec![about]))
                .build();
            self.writer = Some(SerializedFileWriter::new(into, schema_of(row)?, Arc::new(properties))?);
            self.columns = row
                .iter()
                .map(|(_, cell)| match cell {
                    Cell::Number(_) => Column::Numbers(Vec::new()),
                    _ => Column::Texts(Vec::new()),
                })
                .collect();
        }
        for (column, (_, cell)) in self.columns.iter_mut().zip(row) {
            match (column, cell) {
                (Column::Numbers(numbers), Cell::Number(number)) => numbers.push(*number),
                (Column::Texts(texts), cell) => texts.push(cell.to_text().into_bytes().into()),
                (Column::Numbers(_), _) => unreachable!("a column holds one kind of cell"),
            }
        }
        self.rows += 1;
        if self.rows.is_multiple_of(GROUP) { self.pass_on() } else { Ok(()) }
    }

    /// Writes what was gathered.
    fn pass_on(&mut self) -> anyhow::Result<()> {
        let Some(writer) = &mut self.writer else { return Ok(()) };
        let mut group = writer.next_row_group()?;
        for column in &mut self.columns {
            let mut into = group.next_column()?.context("as many columns as the schema says")?;
            match column {
                Column::Numbers(numbers) => {
                    let there: Vec<f64> = numbers.iter().flatten().copied().collect();
                    let levels: Vec<i16> = numbers.iter().map(|number| i16::from(number.is_some())).collect();
                    into.typed::<DoubleType>().write_batch(&there, Some(&levels), None)?;
                    numbers.clear();
                }
                Column::Texts(texts) => {
                    into.typed::<ByteArrayType>().write_batch(texts, None, None)?;
                    texts.clear();
                }
            }
            into.close()?;
        }
        group.close()?;
        Ok(())
    }

    pub(super) fn finish(mut self) -> anyhow::Result<()> {
        self.pass_on()?;
        if let Some(writer) = self.writer {
            writer.close()?;
        }
        Ok(())
    }
}

fn schema_of(row: &[(String, Cell)]) -> anyhow::Result<TypePtr> {
    let field = |(name, cell): &(String, Cell)| {
        let field = match cell {
            Cell::Number(_) => {
                Type::primitive_type_builder(name, Physical::DOUBLE).with_repetition(Repetition::OPTIONAL)
            }
            _ => Type::primitive_type_builder(name, Physical::BYTE_ARRAY)
                .with_repetition(Repetition::REQUIRED)
                .with_logical_type(Some(LogicalType::String)),
        };
        Ok(Arc::new(field.build()?))
    };
    let fields = row.iter().map(field).collect::<anyhow::Result<Vec<_>>>()?;
    Ok(Arc::new(Type::group_type_builder("answers").with_fields(fields).build()?))
}
