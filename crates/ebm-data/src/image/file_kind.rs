//! What kind of file holds images.

use crate::delimited::open;
use crate::error::DataError;
use serde::Serialize;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// What kind of file a path leads to, by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// A folder.
    Folder,
    /// An HDF5 file.
    Hdf5,
    /// A zip file, as `.npz` files are.
    Zip,
    /// Anything else.
    Other,
}

impl FileKind {
    /// Its name in messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Folder => "a folder",
            Self::Hdf5 => "an HDF5 file",
            Self::Zip => "a zip file",
            Self::Other => "neither an HDF5 nor an npz file",
        }
    }

    /// Looks at the first bytes; the name of a file does not matter.
    pub(super) fn of(path: &Path) -> Result<Self, DataError> {
        let no_input = |source| DataError::NoInput { path: path.to_owned(), source };
        let mut file = match open(path) {
            Err(DataError::IsDirectory { .. }) => return Ok(Self::Folder),
            file => file?,
        };
        if starts_with(&mut file, 0, b"PK\x03\x04").map_err(no_input)? {
            return Ok(Self::Zip);
        }
        // A user block of 512 bytes or a larger power of two may stand before the HDF5 signature.
        let length = file.metadata().map_err(no_input)?.len();
        let mut at = 0;
        while at < length {
            if starts_with(&mut file, at, b"\x89HDF\r\n\x1a\n").map_err(no_input)? {
                return Ok(Self::Hdf5);
            }
            at = (at * 2).max(512);
        }
        Ok(Self::Other)
    }

    /// Refuses a file whose reader was not compiled in.
    pub(super) fn check_reader(self, path: &Path) -> Result<(), DataError> {
        let (kind, feature, compiled_in) = match self {
            Self::Hdf5 => ("HDF5", "hdf5", cfg!(feature = "hdf5")),
            Self::Zip => ("npz", "npz", cfg!(feature = "npz")),
            Self::Folder | Self::Other => return Ok(()),
        };
        if compiled_in { Ok(()) } else { Err(DataError::NotCompiledIn { path: path.to_owned(), kind, feature }) }
    }
}

fn starts_with(file: &mut File, at: u64, signature: &[u8]) -> io::Result<bool> {
    let mut found = Vec::new();
    file.seek(SeekFrom::Start(at))?;
    file.take(signature.len() as u64).read_to_end(&mut found)?;
    Ok(found == signature)
}
