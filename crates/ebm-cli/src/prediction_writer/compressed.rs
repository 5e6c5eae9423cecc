//! Text compressed by gzip or zstd while it is written.

use std::io::{self, Write};
use std::path::Path;

use flate2::write::GzEncoder;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

/// Bytes of text in a frame of zstd.
const FRAME: usize = 1 << 20;

/// How a file is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compression {
    None,
    Gzip,
    Zstd,
}

impl Compression {
    /// By the ending of a file's name; and the name without it.
    pub fn of(path: &Path) -> (&Path, Self) {
        let extension = path.extension().and_then(|extension| extension.to_str()).map(str::to_ascii_lowercase);
        let compression = match extension.as_deref() {
            Some("gz") => Self::Gzip,
            Some("zst") => Self::Zstd,
            _ => return (path, Self::None),
        };
        (path.file_stem().map_or(path, Path::new), compression)
    }

    /// What writes compressed text into a file. The bytes are a function of the text.
    pub fn stream<W: Write>(self, into: W) -> Stream<W> {
        match self {
            Self::None => Stream::Plain(into),
            Self::Gzip => Stream::Gzip(GzEncoder::new(into, flate2::Compression::default())),
            Self::Zstd => Stream::Zstd { into, text: Vec::new() },
        }
    }
}

/// A file that takes text.
#[allow(clippy::large_enum_variant)] // One lives at a time.
pub(super) enum Stream<W: Write> {
    Plain(W),
    Gzip(GzEncoder<W>),
    /// Frames of about [`FRAME`] bytes of text each; a file may have any number of frames.
    Zstd {
        into: W,
        text: Vec<u8>,
    },
}

impl<W: Write> Stream<W> {
    /// Writes what is left.
    pub fn finish(self) -> io::Result<()> {
        match self {
            Self::Plain(mut into) => into.flush(),
            Self::Gzip(encoder) => encoder.finish()?.flush(),
            Self::Zstd { mut into, text } => {
                into.write_all(&compress_to_vec(&text[..], CompressionLevel::Fastest))?;
                into.flush()
            }
        }
    }
}

impl<W: Write> Write for Stream<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(into) => into.write(bytes),
            Self::Gzip(encoder) => encoder.write(bytes),
            Self::Zstd { into, text } => {
                text.extend_from_slice(bytes);
                if text.len() >= FRAME {
                    into.write_all(&compress_to_vec(&text[..], CompressionLevel::Fastest))?;
                    text.clear();
                }
                Ok(bytes.len())
            }
        }
    }

    /// Nothing: a flush in the middle would only make the file longer.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
