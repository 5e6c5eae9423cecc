//! Delimited text as it is, or compressed by gzip or zstd.

#[cfg(feature = "zstd")]
mod frames;

use crate::error::DataError;
use crate::origin::{Input, Origin};
use flate2::read::MultiGzDecoder;
use std::io::{self, BufReader, Read, Take};

/// The most text that is read from a compressed file, in bytes. It is not held in memory.
const DECODED_LIMIT: u64 = 64 << 30;
/// Bytes that are read at once.
const BUFFER: usize = 1 << 16;
/// Files that are not text, and what they are.
const OTHERS: [(&[u8], &str); 3] = [
    (b"\xfd7zXZ\0", "compressed by xz"),
    (b"BZh", "compressed by bzip2"),
    (b"PK\x03\x04", "a zip archive or a spreadsheet"),
];
/// How a frame of zstd begins, and one that is to be skipped but for the first four bits.
const ZSTD: [&[u8]; 2] = [b"\x28\xb5\x2f\xfd", b"\x50\x2a\x4d\x18"];

/// A stream of text.
pub(super) enum Text {
    Plain(BufReader<Input>),
    /// Checksums are verified where they are.
    Compressed(Take<Box<dyn Read + Send>>),
}

impl Text {
    /// Recognises the compression of a file by its first bytes.
    pub(super) fn of(path: &Origin, input: Input) -> Result<Self, DataError> {
        if let Some((_, kind)) = OTHERS.into_iter().find(|(signature, _)| input.starts_with(signature)) {
            return Err(DataError::NotText { path: path.to_path_buf(), kind });
        }
        let is_gzip = input.starts_with(b"\x1f\x8b");
        let is_zstd = ZSTD.iter().any(|signature| input.starts_with(signature));
        let input = BufReader::with_capacity(BUFFER, input);
        let decoder: Box<dyn Read + Send> = match (is_gzip, is_zstd) {
            (true, _) => Box::new(MultiGzDecoder::new(input)),
            #[cfg(feature = "zstd")]
            (_, true) => Box::new(frames::Frames::new(input)),
            #[cfg(not(feature = "zstd"))]
            (_, true) => {
                return Err(DataError::NotCompiledIn { path: path.to_path_buf(), kind: "zstd", feature: "zstd" });
            }
            (false, false) => return Ok(Self::Plain(input)),
        };
        Ok(Self::Compressed(decoder.take(DECODED_LIMIT)))
    }

    /// Whether an error while reading tells of a damaged file.
    pub(super) fn is_compressed(&self) -> bool {
        matches!(self, Self::Compressed(_))
    }
}

impl Read for Text {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let text = match self {
            Self::Plain(input) => return input.read(into),
            Self::Compressed(text) => text,
        };
        let count = text.read(into)?;
        if text.limit() > 0 {
            return Ok(count);
        }
        let why = format!("it holds {DECODED_LIMIT} bytes of text or more, the limit for a compressed table");
        Err(io::Error::new(io::ErrorKind::FileTooLarge, why))
    }
}
