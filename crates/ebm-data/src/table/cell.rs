//! What one cell of a table can hold.

mod date;

#[cfg(feature = "parquet")]
pub(super) use date::SECONDS_A_DAY;

/// One cell with the type that the file gives it: delimited text has only text, Parquet has types.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(not(feature = "parquet"), allow(dead_code, reason = "only Parquet gives types to cells"))]
pub(super) enum Cell<'a> {
    /// No value.
    Missing,
    /// Text without spaces around it.
    Text(&'a str),
    /// A number of any type; NaN and infinities included.
    Number(f64),
    /// A boolean.
    Boolean(bool),
    /// A date, or an instant, in days since 1970-01-01.
    Days(f64),
    /// Bytes that are not text, or a list.
    Binary,
}

/// How numbers are written in text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decimal {
    /// 1.5
    Point,
    /// 1,5 or 1.5: spreadsheets write both where semicolons separate cells.
    CommaOrPoint,
}

/// Numbers beyond this cannot be squared and summed.
const LARGEST: f64 = 1e100;

/// Why a cell has no usable number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoNumber {
    /// The cell holds something else.
    Other,
    /// It is infinite or too large.
    NotFinite,
}

impl Cell<'_> {
    /// Whether the value is missing: an empty text, NA, N/A, #N/A, NaN or null in any case, a NaN, or a null.
    pub(super) fn is_missing(&self) -> bool {
        match self {
            Self::Missing => true,
            Self::Text(text) => is_missing(text),
            Self::Number(value) => value.is_nan(),
            Self::Boolean(_) | Self::Days(_) | Self::Binary => false,
        }
    }

    /// The number in a cell that is not missing.
    pub(super) fn number(&self, decimal: Decimal) -> Result<f64, NoNumber> {
        let value = match *self {
            Self::Number(value) => value,
            Self::Text(text) => parse_number(text, decimal).ok_or(NoNumber::Other)?,
            Self::Missing | Self::Boolean(_) | Self::Days(_) | Self::Binary => return Err(NoNumber::Other),
        };
        // `<` is false for NaN too. Zero has one sign, so that equal rows are equal bits.
        if value.abs() < LARGEST { Ok(value + 0.0) } else { Err(NoNumber::NotFinite) }
    }

    /// The boolean in a cell; `true` and `false` in any case.
    pub(super) fn boolean(&self) -> Option<bool> {
        match *self {
            Self::Boolean(value) => Some(value),
            Self::Text(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Self::Text(text) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }

    /// Days since 1970-01-01 of a date or an instant.
    pub(super) fn days(&self) -> Option<f64> {
        match *self {
            Self::Days(days) => Some(days),
            Self::Text(text) => date::days(text),
            _ => None,
        }
    }

    /// Calls `use_text` with the cell as text, as the levels of a categorical column are written.
    pub(super) fn with_text<T>(&self, use_text: impl FnOnce(&str) -> T) -> T {
        match *self {
            Self::Text(text) => use_text(text),
            Self::Missing => use_text(""),
            Self::Binary => use_text("(bytes)"),
            Self::Number(value) => use_text(&value.to_string()),
            Self::Boolean(value) => use_text(if value { "true" } else { "false" }),
            Self::Days(days) => use_text(&date::text(days)),
        }
    }
}

fn is_missing(text: &str) -> bool {
    // The longest of the words has four letters.
    text.len() <= 4 && ["", "na", "n/a", "#n/a", "nan", "null"].iter().any(|word| text.eq_ignore_ascii_case(word))
}

fn parse_number(text: &str, decimal: Decimal) -> Option<f64> {
    // Words such as `infinity` parse as numbers and are kept: they are refused as infinite.
    match text.parse() {
        Ok(value) => Some(value),
        Err(_) if decimal == Decimal::CommaOrPoint && !text.contains('.') && text.matches(',').count() == 1 => {
            text.replace(',', ".").parse().ok()
        }
        Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str, decimal: Decimal) -> Result<f64, NoNumber> {
        Cell::Text(text).number(decimal)
    }

    #[test]
    fn a_decimal_comma_is_a_number_only_beside_semicolons() {
        assert_eq!(number("1,5", Decimal::CommaOrPoint), Ok(1.5));
        assert_eq!(number("-1,5e3", Decimal::CommaOrPoint), Ok(-1500.0));
        assert_eq!(number("1.5", Decimal::CommaOrPoint), Ok(1.5));
        for text in ["1,5", "1.000,5"] {
            assert_eq!(number(text, Decimal::Point), Err(NoNumber::Other), "{text}");
        }
        for text in ["1.000,5", "1,000,5", "1,000.5", ","] {
            assert_eq!(number(text, Decimal::CommaOrPoint), Err(NoNumber::Other), "{text}");
        }
    }

    #[test]
    fn infinities_and_sentinels_are_told_from_text() {
        for text in ["inf", "-Infinity", "1e999", "1.7976931348623157e308", "-1e100"] {
            assert_eq!(number(text, Decimal::Point), Err(NoNumber::NotFinite), "{text}");
        }
        assert_eq!(number("one", Decimal::Point), Err(NoNumber::Other));
        assert_eq!(number("-0", Decimal::Point).map(f64::to_bits), Ok(0));
    }

    #[test]
    fn the_words_for_nothing_are_missing_and_no_others() {
        for text in ["", "NA", "na", "N/A", "#N/A", "NaN", "nan", "null", "NULL"] {
            assert!(Cell::Text(text).is_missing(), "{text}");
        }
        for text in ["0", "none", "-", "?", "inf", "NAN1", "n"] {
            assert!(!Cell::Text(text).is_missing(), "{text}");
        }
        assert!(Cell::Number(f64::NAN).is_missing() && Cell::Missing.is_missing());
    }

    #[test]
    fn typed_cells_are_written_as_text_cells_would_be() {
        for (cell, text) in [
            (Cell::Number(2.0), "2"),
            (Cell::Number(0.5), "0.5"),
            (Cell::Boolean(true), "true"),
            (Cell::Days(19_723.0), "2024-01-01"),
        ] {
            assert!(cell.with_text(|found| found == text), "{text}");
        }
    }
}
