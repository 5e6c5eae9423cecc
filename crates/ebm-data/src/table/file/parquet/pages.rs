//! Pages of a Parquet file, decompressed within bounds.

use ::parquet::basic::{Compression, Encoding};
use ::parquet::column::page::{Page, PageMetadata, PageReader};
use ::parquet::errors::{ParquetError, Result};
use ::parquet::file::metadata::ColumnChunkMetaData;
use ::parquet::file::reader::{ChunkReader, Length};
use ::parquet::file::serialized_reader::SerializedPageReader;
use bytes::Bytes;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The largest page that is decoded; writers make pages of about a mebibyte.
const PAGE_LIMIT: u64 = 64 << 20;
/// The most bytes of the pages of all columns together.
const PAGES_LIMIT: u64 = 2 << 30;
/// The most values of a dictionary; writers stop at a mebibyte.
const DICTIONARY_LIMIT: u32 = 1 << 22;

/// Ranges of a file, none of them beyond its end: nothing is allocated for bytes that do not exist.
pub(super) struct Ranges {
    pub(super) file: File,
    pub(super) length: u64,
}

impl Ranges {
    /// The length of the footer, from the last eight bytes.
    pub(super) fn footer_length(&self) -> Result<u64> {
        let start = self.length.checked_sub(8).ok_or(ParquetError::EOF("shorter than a footer".to_owned()))?;
        let end = self.get_bytes(start, 8)?;
        let mut word = [0; 4];
        word.copy_from_slice(&end[..4]);
        Ok(u64::from(u32::from_le_bytes(word)))
    }
}

impl Length for Ranges {
    fn len(&self) -> u64 {
        self.length
    }
}

/// A stream that fails at the end of the file. The library skips bytes without looking whether there were any, for as many
/// elements as a damaged header says.
pub(super) struct ToTheEnd(BufReader<File>);

impl Read for ToTheEnd {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self.0.read(into)? {
            0 if !into.is_empty() => Err(io::ErrorKind::UnexpectedEof.into()),
            count => Ok(count),
        }
    }
}

impl ChunkReader for Ranges {
    type T = ToTheEnd;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        Ok(ToTheEnd(self.file.get_read(start)?))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        match start.checked_add(length as u64) {
            Some(end) if end <= self.length => self.file.get_bytes(start, length),
            _ => Err(ParquetError::EOF(format!("{length} bytes at {start} are beyond the end of the file"))),
        }
    }
}

/// The supported compressions of pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Codec {
    None,
    Snappy,
    Gzip,
    Zstd,
}

impl Codec {
    pub(super) fn of(compression: Compression) -> Option<Self> {
        match compression {
            Compression::UNCOMPRESSED => Some(Self::None),
            Compression::SNAPPY => Some(Self::Snappy),
            Compression::GZIP(_) => Some(Self::Gzip),
            Compression::ZSTD(_) => Some(Self::Zstd),
            _ => None,
        }
    }

    fn decompress(self, bytes: &Bytes) -> Result<Bytes> {
        let external = |error| ParquetError::External(error);
        match self {
            Self::None => Ok(bytes.clone()),
            Self::Snappy => {
                let length = snap::raw::decompress_len(bytes).map_err(|error| external(error.into()))?;
                within(length as u64)?;
                let page = snap::raw::Decoder::new().decompress_vec(bytes).map_err(|error| external(error.into()))?;
                Ok(page.into())
            }
            Self::Gzip => read(flate2::read::MultiGzDecoder::new(&bytes[..])),
            Self::Zstd => {
                let decoder = ruzstd::decoding::StreamingDecoder::new(&bytes[..]);
                read(decoder.map_err(|error| external(error.into()))?)
            }
        }
    }
}

/// All output of a decoder, if it is within the limit.
fn read(decoder: impl Read) -> Result<Bytes> {
    let mut page = Vec::new();
    decoder.take(PAGE_LIMIT + 1).read_to_end(&mut page)?;
    within(page.len() as u64)?;
    Ok(page.into())
}

fn within(bytes: u64) -> Result<()> {
    if bytes <= PAGE_LIMIT {
        return Ok(());
    }
    Err(ParquetError::General(format!("a page decodes to more than {PAGE_LIMIT} bytes")))
}

/// Whether an encoding is refused: these allocate by an unbounded count.
pub(super) fn is_refused(encoding: Encoding) -> bool {
    matches!(encoding, Encoding::DELTA_LENGTH_BYTE_ARRAY | Encoding::DELTA_BYTE_ARRAY)
}

/// Bytes of the pages of all columns.
#[derive(Clone, Default)]
pub(super) struct Held(Arc<AtomicU64>);

/// The pages of one column in one group of rows.
///
/// The library finds the pages as if they were not compressed, because its own decompressors allocate what a header
/// asks for; here they are decompressed within bounds.
pub(super) struct Pages {
    stored: SerializedPageReader<Ranges>,
    codec: Codec,
    held: Held,
    /// Bytes of the last page and of the dictionary.
    page: u64,
    dictionary: u64,
}

impl Pages {
    pub(super) fn open(ranges: &Arc<Ranges>, chunk: &ColumnChunkMetaData, rows: usize, held: &Held) -> Result<Self> {
        let refused = || ParquetError::NYI(format!("compression {:?}", chunk.compression()));
        let codec = Codec::of(chunk.compression()).ok_or_else(refused)?;
        let stored = chunk.clone().into_builder().set_compression(Compression::UNCOMPRESSED).build()?;
        let stored = SerializedPageReader::new(Arc::clone(ranges), &stored, rows, None)?;
        Ok(Self { stored, codec, held: held.clone(), page: 0, dictionary: 0 })
    }

    /// Keeps account of the pages in memory.
    fn hold(&mut self, page: &Page) -> Result<()> {
        let bytes = page.buffer().len() as u64;
        let slot = if page.is_dictionary_page() { &mut self.dictionary } else { &mut self.page };
        self.held.0.fetch_sub(*slot, Ordering::Relaxed);
        *slot = bytes;
        let all = self.held.0.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if all <= PAGES_LIMIT {
            return Ok(());
        }
        Err(ParquetError::General(format!(
            "the pages of all columns take more than {PAGES_LIMIT} bytes: write the file with smaller pages, or name \
             fewer columns"
        )))
    }

    fn decompressed(&self, page: Page) -> Result<Page> {
        Ok(match page {
            Page::DataPage { buf, num_values, encoding, def_level_encoding, rep_level_encoding, statistics } => {
                let buf = self.codec.decompress(&buf)?;
                Page::DataPage { buf, num_values, encoding, def_level_encoding, rep_level_encoding, statistics }
            }
            Page::DictionaryPage { num_values, .. } if num_values > DICTIONARY_LIMIT => {
                return Err(ParquetError::General(format!("a dictionary of {num_values} values")));
            }
            Page::DictionaryPage { buf, num_values, encoding, is_sorted } => {
                Page::DictionaryPage { buf: self.codec.decompress(&buf)?, num_values, encoding, is_sorted }
            }
            Page::DataPageV2 {
                buf,
                num_values,
                encoding,
                num_nulls,
                num_rows,
                def_levels_byte_len,
                rep_levels_byte_len,
                is_compressed,
                statistics,
            } => Page::DataPageV2 {
                // Levels stand before the values and are never compressed.
                buf: match is_compressed && self.codec != Codec::None {
                    true => {
                        self.decompressed_values(&buf, u64::from(def_levels_byte_len) + u64::from(rep_levels_byte_len))?
                    }
                    false => buf,
                },
                num_values,
                encoding,
                num_nulls,
                num_rows,
                def_levels_byte_len,
                rep_levels_byte_len,
                is_compressed: false,
                statistics,
            },
        })
    }

    fn decompressed_values(&self, page: &Bytes, levels: u64) -> Result<Bytes> {
        let levels = usize::try_from(levels).ok().filter(|&levels| levels <= page.len());
        let levels = levels.ok_or_else(|| ParquetError::EOF("levels beyond the end of a page".to_owned()))?;
        let stored = page.slice(levels..);
        // A page of nulls has no values to decompress.
        let values = if stored.is_empty() { stored } else { self.codec.decompress(&stored)? };
        Ok([&page[..levels], &values[..]].concat().into())
    }
}

impl Iterator for Pages {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}

impl PageReader for Pages {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        let Some(page) = self.stored.get_next_page()? else { return Ok(None) };
        if is_refused(page.encoding()) {
            return Err(ParquetError::NYI(format!("encoding {:?}", page.encoding())));
        }
        let page = self.decompressed(page)?;
        self.hold(&page)?;
        Ok(Some(page))
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        self.stored.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Result<()> {
        self.stored.skip_next_page()
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        self.held.0.fetch_sub(self.page + self.dictionary, Ordering::Relaxed);
    }
}
