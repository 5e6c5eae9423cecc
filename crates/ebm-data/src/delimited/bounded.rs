//! A reader that counts lines and refuses an endless row.

use std::io::{self, BufRead, Read};

/// Returns at most one line a call, so that the caller has seen no line after the current one.
///
/// A row is held in memory whole, so an unclosed quote or a device without end must stop somewhere.
pub(super) struct BoundedRows<R> {
    inner: R,
    /// The longest row that is read, in bytes.
    limit: usize,
    lines_ended: u64,
    inside_line: bool,
    row_bytes: usize,
    row_line: u64,
}

impl<R: BufRead> BoundedRows<R> {
    pub(super) fn new(inner: R, limit: usize) -> Self {
        Self { inner, limit, lines_ended: 0, inside_line: false, row_bytes: 0, row_line: 1 }
    }

    /// Line of the last byte handed out, from 1; 1 before the first.
    pub(super) fn line(&self) -> u64 {
        (self.lines_ended + u64::from(self.inside_line)).max(1)
    }

    /// Tells that the bytes from here on belong to another row.
    pub(super) fn start_row(&mut self) {
        self.row_bytes = 0;
        self.row_line = self.lines_ended + 1;
    }

    /// Line of the first byte since [`BoundedRows::start_row`].
    pub(super) fn row_line(&self) -> u64 {
        self.row_line
    }

    /// Whether the row in progress was cut off.
    pub(super) fn over_limit(&self) -> bool {
        self.row_bytes > self.limit
    }
}

impl<R: BufRead> Read for BoundedRows<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let ahead = self.inner.fill_buf()?;
        let ahead = &ahead[..ahead.len().min(into.len())];
        let end = ahead.iter().position(|&byte| byte == b'\n');
        let count = end.map_or(ahead.len(), |end| end + 1);
        into[..count].copy_from_slice(&ahead[..count]);
        self.inner.consume(count);

        self.lines_ended += u64::from(end.is_some());
        self.inside_line = end.is_none() && (count > 0 || self.inside_line);
        self.row_bytes += count;
        if self.over_limit() {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: usize = 1 << 16;

    #[test]
    fn every_call_ends_with_its_line() {
        let mut rows = BoundedRows::new(&b"ab\n\nc"[..], LIMIT);
        let mut buffer = [0; 10];
        for (count, line) in [(3, 1), (1, 2), (1, 3), (0, 3)] {
            assert_eq!(rows.read(&mut buffer).expect("in memory"), count);
            assert_eq!(rows.line(), line);
        }
    }

    #[test]
    fn an_endless_row_stops_at_the_limit() {
        let mut rows = BoundedRows::new(io::BufReader::new(io::repeat(b'1')), LIMIT);
        let read = io::copy(&mut rows, &mut io::sink());
        assert!(read.is_err() && rows.over_limit());
        rows.start_row();
        assert!(!rows.over_limit());
    }

    #[test]
    fn many_short_rows_are_not_a_long_one() {
        let text = "0.25,1.5\n".repeat(LIMIT / 4);
        let mut rows = BoundedRows::new(text.as_bytes(), LIMIT);
        let mut buffer = [0; 64];
        while rows.read(&mut buffer).expect("short rows") > 0 {
            rows.start_row();
        }
        assert_eq!(rows.line(), LIMIT as u64 / 4);
    }
}
