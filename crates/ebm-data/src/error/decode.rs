//! What a decoder of images, tables or containers reports.

use std::io;

/// Why bytes could not be decoded.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the message shows what a field is")]
#[non_exhaustive]
pub enum DecodeError {
    /// The HDF5 structure is damaged, cut short or of a kind that is not read.
    #[cfg(feature = "hdf5")]
    #[error(transparent)]
    Hdf5(#[from] hdf5_reader::error::Error),
    /// The zip container is damaged, cut short or of a kind that is not read.
    #[cfg(feature = "npz")]
    #[error(transparent)]
    Zip(#[from] zip::result::ZipError),
    /// The image is damaged, cut short or needs too much memory.
    #[error(transparent)]
    Png(#[from] png::DecodingError),
    /// The JPEG is damaged, cut short or of a kind that is not read.
    #[cfg(feature = "jpeg")]
    #[error(transparent)]
    Jpeg(#[from] zune_jpeg::errors::DecodeErrors),
    /// The Parquet structure is damaged, cut short or of a kind that is not read.
    #[cfg(feature = "parquet")]
    #[error(transparent)]
    Parquet(#[from] parquet::errors::ParquetError),
    /// Reading bytes failed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The header of an array in an `.npz` file is not valid.
    #[error("the array's header {problem}")]
    ArrayHeader { problem: &'static str },
    /// There are fewer or more bytes than the header says.
    #[error("{found} bytes where the header says {expected}")]
    Length {
        /// Bytes by the header.
        expected: u64,
        /// Bytes by the container.
        found: u64,
    },
    /// Part of an array was never written.
    #[error("{found} of {expected} numbers are there")]
    Incomplete {
        /// Numbers by the shape.
        expected: u64,
        /// Numbers stored.
        found: u64,
    },
    /// A chunk has other dimensions than its array, or lies outside it.
    #[error("a chunk does not fit its array")]
    Chunk,
    /// The decoder failed in a way it should not have.
    #[error("the decoder failed: {message}")]
    Panic { message: String },
}
