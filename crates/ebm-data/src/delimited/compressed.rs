//! Delimited text as it is, or compressed by gzip.

use crate::error::DataError;
use crate::origin::{Input, Origin};
use flate2::read::MultiGzDecoder;
use std::io::{self, BufRead, BufReader, Read, Take};

/// The most text that is read from a compressed file, in bytes. It is not held in memory.
const DECODED_LIMIT: u64 = 64 << 30;
/// Bytes that are read at once.
const BUFFER: usize = 1 << 16;
/// Files that are not text, and what they are.
const OTHERS: [(&[u8], &str); 4] = [
    (b"\x28\xb5\x2f\xfd", "compressed by zstd"),
    (b"\xfd7zXZ\0", "compressed by xz"),
    (b"BZh", "compressed by bzip2"),
    (b"PK\x03\x04", "a zip archive or a spreadsheet"),
];

/// A stream of text.
pub(super) enum Text {
    Plain(BufReader<Input>),
    /// The checksum of each member is verified when it ends.
    Gzip(Take<Box<MultiGzDecoder<BufReader<Input>>>>),
}

impl Text {
    /// Opens a file; recognises its compression by the first bytes.
    pub(super) fn open(path: &Origin) -> Result<Self, DataError> {
        let mut input =
            BufReader::with_capacity(BUFFER, path.open().map_err(|source| DataError::opening(path, source))?);
        let start = input.fill_buf().map_err(|source| DataError::Read { path: path.to_path_buf(), line: 1, source })?;
        if let Some((_, kind)) = OTHERS.into_iter().find(|(signature, _)| start.starts_with(signature)) {
            return Err(DataError::NotText { path: path.to_path_buf(), kind });
        }
        let is_gzip = start.starts_with(b"\x1f\x8b");
        let gzip = |input| Self::Gzip(Box::new(MultiGzDecoder::new(input)).take(DECODED_LIMIT));
        Ok(if is_gzip { gzip(input) } else { Self::Plain(input) })
    }

    /// Whether an error while reading tells of a damaged file.
    pub(super) fn is_compressed(&self) -> bool {
        matches!(self, Self::Gzip(_))
    }
}

impl Read for Text {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let text = match self {
            Self::Plain(input) => return input.read(into),
            Self::Gzip(text) => text,
        };
        let count = text.read(into)?;
        if text.limit() > 0 {
            return Ok(count);
        }
        let why = format!("it holds {DECODED_LIMIT} bytes of text or more, the limit for a compressed table");
        Err(io::Error::new(io::ErrorKind::FileTooLarge, why))
    }
}
