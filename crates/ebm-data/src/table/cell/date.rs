//! Dates and instants as numbers.

use chrono::{DateTime, NaiveDate, NaiveDateTime};

/// A day without leap seconds.
pub(in crate::table) const SECONDS_A_DAY: f64 = 86_400.0;

/// Days since 1970-01-01 of `2024-02-29`, of `2024-02-29T12:30:00` (or a space for the T), taken as UTC, or of such
/// an instant with an offset (RFC 3339).
pub(super) fn days(text: &str) -> Option<f64> {
    let bytes = text.as_bytes();
    // A cheap check first: most cells are not dates.
    if bytes.len() < 10 || bytes[4] != b'-' || bytes[7] != b'-' || !bytes[0].is_ascii_digit() {
        return None;
    }
    if bytes.len() == 10 {
        let digits = |range: std::ops::Range<usize>| bytes[range].iter().all(u8::is_ascii_digit);
        return (digits(0..4) && digits(5..7) && digits(8..10))
            .then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok())?
            .map(|date| f64::from(date.to_epoch_days()));
    }
    let instant = DateTime::parse_from_rfc3339(text).map(|instant| instant.naive_utc()).or_else(|_| {
        let format = if bytes[10] == b'T' { "%Y-%m-%dT%H:%M:%S%.f" } else { "%Y-%m-%d %H:%M:%S%.f" };
        NaiveDateTime::parse_from_str(text, format)
    });
    let instant = instant.ok()?.and_utc();
    Some((instant.timestamp() as f64 + f64::from(instant.timestamp_subsec_nanos()) * 1e-9) / SECONDS_A_DAY)
}

/// The date, or the instant to a second, as [`days`] reads it; the number itself where it is beyond the calendar.
pub(super) fn text(days: f64) -> String {
    let Some(instant) = DateTime::from_timestamp((days * SECONDS_A_DAY).round() as i64, 0) else {
        return days.to_string();
    };
    let format = if days.fract() == 0.0 { "%Y-%m-%d" } else { "%Y-%m-%dT%H:%M:%SZ" };
    instant.format(format).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_whole_days_and_instants_are_parts_of_them() {
        for (text, expected) in [
            ("1970-01-01", 0.0),
            ("1969-12-31", -1.0),
            ("2024-02-29", 19_782.0),
            ("0001-01-01", -719_162.0),
            ("1970-01-01T12:00:00Z", 0.5),
            ("1970-01-01T12:00:00+12:00", 0.0),
            ("1970-01-01 06:00:00", 0.25),
            ("1970-01-01T06:00:00.000", 0.25),
        ] {
            assert_eq!(days(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_not_written_as_iso_has_it_is_no_date() {
        for text in [
            "2023-02-29",
            "2024-13-01",
            "24-01-01",
            "2024-1-1",
            "01-02-2024",
            "20240101",
            "2024-01-01x",
            "2024-01- 1",
            "2024-01-01T25:00:00Z",
        ] {
            assert_eq!(days(text), None, "{text}");
        }
    }

    #[test]
    fn a_written_date_reads_as_the_same_days() {
        for value in [0.0, -1.0, 19_782.0, 0.25, -719_162.0] {
            assert_eq!(days(&text(value)), Some(value));
        }
        assert_eq!(text(1e300), 1e300.to_string());
    }
}
