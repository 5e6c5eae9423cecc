//! Third-party decoders on files of unknown origin.

use crate::error::{DataError, DecodeError};
use ebm_core::decoding;
use std::path::Path;

/// The most that is decoded from one file: the largest real one, 200 000 images of cells, is 819 MB.
const DECODED_LIMIT: u64 = 4 << 30;
/// DEFLATE makes at most about this many bytes of one.
const DEFLATE_RATIO: u64 = 1032;

/// Runs a decoder; its errors and panics become an error that names the place.
pub(crate) fn decode<T>(
    path: &Path,
    place: &str,
    decoder: impl FnOnce() -> Result<T, DecodeError>,
) -> Result<T, DataError> {
    let result = decoding(decoder).unwrap_or_else(|message| Err(DecodeError::Panic { message }));
    result.map_err(|source| damaged(path, place, source))
}

/// The error for content that cannot be decoded.
pub(crate) fn damaged(path: &Path, place: &str, source: impl Into<DecodeError>) -> DataError {
    DataError::Damaged { path: path.to_owned(), place: place.to_owned(), source: Box::new(source.into()) }
}

/// The place of an array in a file, for a message.
#[cfg(any(feature = "hdf5", feature = "npz"))]
pub(crate) fn quoted(key: &str) -> String {
    format!("`{key}`")
}

/// The bytes of an array of this shape, if a file of this length can hold them and they are within the limit. Called
/// before anything is allocated.
pub(crate) fn decoded_size(
    path: &Path,
    place: &str,
    file_length: u64,
    shape: &[u64],
    number_size: u64,
) -> Result<usize, DataError> {
    let bytes = shape.iter().fold(u128::from(number_size), |size, &n| size.saturating_mul(u128::from(n)));
    let limit = file_length.saturating_mul(DEFLATE_RATIO).min(DECODED_LIMIT);
    match usize::try_from(bytes) {
        Ok(size) if bytes <= u128::from(limit) => Ok(size),
        _ => Err(DataError::TooLarge { path: path.to_owned(), place: place.to_owned(), bytes, limit }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_in_a_decoder_is_an_error_that_quotes_it() {
        let panics = || panic!("index {} out of range", 7);
        let error = decode::<()>(Path::new("a.h5"), "`images`", panics).expect_err("it panicked");
        assert!(error.to_string().starts_with("a.h5, `images`: damaged"));
        let source = std::error::Error::source(&error).expect("a cause").to_string();
        assert_eq!(source, "the decoder failed: index 7 out of range");
    }

    #[test]
    fn a_size_is_refused_where_no_file_could_hold_it() {
        let size = |length, shape: &[u64]| decoded_size(Path::new("a.h5"), "`images`", length, shape, 1);
        assert_eq!(size(1000, &[10, 100]).expect("it fits"), 1000);
        for shape in [&[u64::MAX, u64::MAX, u64::MAX][..], &[1 << 33], &[2_000_000]] {
            assert!(matches!(size(1000, shape), Err(DataError::TooLarge { .. })), "{shape:?}");
        }
        assert!(matches!(size(u64::MAX, &[1 << 33]), Err(DataError::TooLarge { limit: DECODED_LIMIT, .. })));
    }
}
