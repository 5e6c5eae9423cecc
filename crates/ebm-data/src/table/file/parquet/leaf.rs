//! Values of one column of a Parquet file.

use crate::error::DecodeError;
use crate::table::cell::{Cell, SECONDS_A_DAY};
use ::parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type};
use ::parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use ::parquet::data_type::{ByteArray, DataType};
use ::parquet::schema::types::ColumnDescriptor;

/// The meaning of the numbers or bytes of a column.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Meaning {
    /// No special meaning.
    Plain,
    /// Unsigned numbers.
    Unsigned,
    /// Whole numbers to be divided by this.
    Decimal(f64),
    /// Days since 1970-01-01.
    Date,
    /// Time since 1970-01-01, with this many units a day.
    Instant(f64),
    /// Not supported.
    Other,
}

/// How a column is read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Leaf {
    meaning: Meaning,
    /// The definition level of a present value; 0 where no value can be missing.
    present: i16,
}

/// One decoded value.
#[derive(Debug, Clone)]
pub(super) enum ParquetValue {
    Missing,
    Number(f64),
    Boolean(bool),
    Days(f64),
    /// UTF-8.
    Text(ByteArray),
    Binary,
}

impl ParquetValue {
    pub(super) fn cell(&self) -> Cell<'_> {
        match self {
            Self::Missing => Cell::Missing,
            Self::Number(value) => Cell::Number(*value),
            Self::Boolean(value) => Cell::Boolean(*value),
            Self::Days(days) => Cell::Days(*days),
            Self::Text(text) => text.as_utf8().map_or(Cell::Binary, |text| Cell::Text(text.trim())),
            Self::Binary => Cell::Binary,
        }
    }
}

impl Leaf {
    /// How a column is read, by its types.
    pub(super) fn of(column: &ColumnDescriptor) -> Self {
        let meaning = if column.max_rep_level() > 0 { Meaning::Other } else { meaning(column) };
        Self { meaning, present: column.max_def_level() }
    }

    /// Whether it has one value a row, of a type that is read.
    pub(super) fn is_read(self) -> bool {
        self.meaning != Meaning::Other
    }

    /// Reads the next `rows` values.
    pub(super) fn read(
        self,
        reader: &mut ColumnReader,
        rows: usize,
        into: &mut Vec<ParquetValue>,
    ) -> Result<(), DecodeError> {
        match reader {
            ColumnReader::BoolColumnReader(reader) => {
                self.values(reader, rows, into, |&value| ParquetValue::Boolean(value))
            }
            ColumnReader::Int32ColumnReader(reader) => self.values(reader, rows, into, |&value| match self.meaning {
                Meaning::Unsigned => ParquetValue::Number(f64::from(value.cast_unsigned())),
                _ => self.number(f64::from(value)),
            }),
            ColumnReader::Int64ColumnReader(reader) => self.values(reader, rows, into, |&value| match self.meaning {
                Meaning::Unsigned => ParquetValue::Number(value.cast_unsigned() as f64),
                _ => self.number(value as f64),
            }),
            ColumnReader::Int96ColumnReader(reader) => self.values(reader, rows, into, |value| {
                ParquetValue::Days(value.to_micros() as f64 / (1e6 * SECONDS_A_DAY))
            }),
            ColumnReader::FloatColumnReader(reader) => {
                self.values(reader, rows, into, |&value| ParquetValue::Number(f64::from(value)))
            }
            ColumnReader::DoubleColumnReader(reader) => {
                self.values(reader, rows, into, |&value| ParquetValue::Number(value))
            }
            ColumnReader::ByteArrayColumnReader(reader) => self.values(reader, rows, into, |value| self.bytes(value)),
            ColumnReader::FixedLenByteArrayColumnReader(reader) => {
                self.values(reader, rows, into, |value| self.bytes(value))
            }
        }
    }

    fn number(self, value: f64) -> ParquetValue {
        match self.meaning {
            Meaning::Decimal(to_one) => ParquetValue::Number(value / to_one),
            Meaning::Date => ParquetValue::Days(value),
            Meaning::Instant(a_day) => ParquetValue::Days(value / a_day),
            Meaning::Plain | Meaning::Unsigned | Meaning::Other => ParquetValue::Number(value),
        }
    }

    fn bytes(self, bytes: &ByteArray) -> ParquetValue {
        match self.meaning {
            Meaning::Decimal(to_one) => {
                whole(bytes.data()).map_or(ParquetValue::Binary, |value| ParquetValue::Number(value / to_one))
            }
            _ if bytes.as_utf8().is_ok() => ParquetValue::Text(bytes.clone()),
            _ => ParquetValue::Binary,
        }
    }

    fn values<T: DataType>(
        self,
        reader: &mut ColumnReaderImpl<T>,
        rows: usize,
        into: &mut Vec<ParquetValue>,
        value: impl Fn(&T::T) -> ParquetValue,
    ) -> Result<(), DecodeError> {
        let (mut levels, mut found) = (Vec::new(), Vec::new());
        let levels_of = (self.present > 0).then_some(&mut levels);
        let (records, _, _) = reader.read_records(rows, levels_of, None, &mut found)?;
        if self.present == 0 {
            into.extend(found.iter().map(value));
        } else {
            let mut found = found.iter();
            let cell = |&level: &i16| {
                let there = if level == self.present { found.next() } else { None };
                there.map_or(ParquetValue::Missing, &value)
            };
            into.extend(levels.iter().map(cell));
        }
        if records == rows && into.len() == rows {
            return Ok(());
        }
        Err(DecodeError::Incomplete { expected: rows as u64, found: into.len() as u64 })
    }
}

/// The whole number in these bytes, big-endian two's complement.
fn whole(bytes: &[u8]) -> Option<f64> {
    let mut word = [if *bytes.first()? & 0x80 == 0 { 0 } else { 0xff }; 16];
    let start = word.len().checked_sub(bytes.len())?;
    word[start..].copy_from_slice(bytes);
    Some(i128::from_be_bytes(word) as f64)
}

fn meaning(column: &ColumnDescriptor) -> Meaning {
    let decimal = |scale: i32| Meaning::Decimal(10_f64.powi(scale));
    let a_day = |unit: &TimeUnit| match unit {
        TimeUnit::MILLIS => 1e3 * SECONDS_A_DAY,
        TimeUnit::MICROS => 1e6 * SECONDS_A_DAY,
        TimeUnit::NANOS => 1e9 * SECONDS_A_DAY,
    };
    match column.logical_type_ref() {
        Some(LogicalType::Date) => return Meaning::Date,
        Some(LogicalType::Timestamp(timestamp)) => return Meaning::Instant(a_day(&timestamp.unit)),
        Some(LogicalType::Decimal(found)) => return decimal(found.scale),
        Some(LogicalType::Integer(integer)) if !integer.is_signed => return Meaning::Unsigned,
        Some(LogicalType::Integer(_) | LogicalType::String | LogicalType::Enum | LogicalType::Time(_)) => {
            return Meaning::Plain;
        }
        // JSON, BSON, UUID, half floats, geometry: neither numbers nor short texts.
        Some(_) => return Meaning::Other,
        None => {}
    }
    match (column.converted_type(), column.physical_type()) {
        (ConvertedType::DATE, _) => Meaning::Date,
        (ConvertedType::TIMESTAMP_MILLIS, _) => Meaning::Instant(a_day(&TimeUnit::MILLIS)),
        (ConvertedType::TIMESTAMP_MICROS, _) => Meaning::Instant(a_day(&TimeUnit::MICROS)),
        (ConvertedType::DECIMAL, _) => decimal(column.type_scale()),
        (ConvertedType::UINT_8 | ConvertedType::UINT_16 | ConvertedType::UINT_32 | ConvertedType::UINT_64, _) => {
            Meaning::Unsigned
        }
        (ConvertedType::JSON | ConvertedType::BSON | ConvertedType::INTERVAL, _) => Meaning::Other,
        (_, Type::FIXED_LEN_BYTE_ARRAY) => Meaning::Other,
        _ => Meaning::Plain,
    }
}
