//! The header of a safetensors file, bounded before anything of it is read.

use std::io::Read;
use std::path::Path;

use safetensors::SafeTensorError;

use crate::io::error::{CheckpointError, io_error};
use crate::io::regular::open_regular;

/// The longest header, in bytes: that of some six thousand tensors. ResNet18 has 122 of them.
const LIMIT: u64 = 1 << 20;

/// Refuses a header that is longer than that of any model: the library's own limit is a hundred times higher, and what
/// it makes of such a header is ten times as large.
///
/// `start` is the file, or at least its first eight bytes; a shorter one is left to the reader.
pub(crate) fn check(start: &[u8]) -> Result<(), SafeTensorError> {
    let length = start.first_chunk().map(|word| u64::from_le_bytes(*word));
    if length.is_some_and(|length| length > LIMIT) { Err(SafeTensorError::HeaderTooLarge) } else { Ok(()) }
}

/// [`check`] of a file.
///
/// # Errors
/// As [`check`], and where the file cannot be read.
pub(crate) fn check_file(path: &Path) -> Result<(), CheckpointError> {
    let mut start = Vec::new();
    open_regular(path).and_then(|file| file.take(8).read_to_end(&mut start)).map_err(io_error(path))?;
    Ok(check(&start)?)
}

#[cfg(test)]
#[cfg(feature = "pytorch")]
mod tests {
    use std::time::{Duration, Instant};

    use crate::io::pytorch::StateDict;
    use crate::io::weights::{check_sha256, digest};

    /// A file that names a million tensors of no bytes.
    fn of_a_million_tensors() -> Vec<u8> {
        let tensor = |index| format!("\"t{index}\":{{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}}");
        let header = format!("{{{}}}", (0..1_000_000).map(tensor).collect::<Vec<_>>().join(","));
        [&(header.len() as u64).to_le_bytes(), header.as_bytes()].concat()
    }

    #[test]
    fn a_header_of_a_million_tensors_is_refused_before_it_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.safetensors");
        let bytes = of_a_million_tensors();
        std::fs::write(&path, &bytes).unwrap();
        let sha256 = digest(&bytes);
        let start = Instant::now();
        assert!(crate::io::tensors::from_bytes(&bytes).is_err());
        assert!(check_sha256(&path, &sha256).is_err());
        assert!(StateDict::read(&path).is_err());
        // The promise is 100 ms for each; parsing this header takes seconds.
        assert!(start.elapsed() < Duration::from_millis(300), "{:?}", start.elapsed());
    }
}
