//! SHA-256 as text.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::error::DataError;

/// The digest of what was hashed, 64 hexadecimal digits.
pub(crate) fn hex(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The digest of a file of any size.
///
/// # Errors
/// When it cannot be read.
pub fn file_digest(path: &Path) -> Result<String, DataError> {
    let unreadable = |source| DataError::opening(path, source);
    let mut file = File::open(path).map_err(unreadable)?;
    let (mut hash, mut buffer) = (Sha256::new(), vec![0; 1 << 16]);
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(hex(hash)),
            Ok(count) => hash.update(&buffer[..count]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(unreadable(error)),
        }
    }
}
