//! Regular files alone: a pipe or a device may have no end, and opening it may wait for ever.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::Path;

/// Opens a regular file to read it. Links are followed.
///
/// # Errors
/// [`ErrorKind::IsADirectory`] for a folder, [`ErrorKind::InvalidInput`] for a pipe, a socket or a device, and what the
/// system reports.
pub fn open_regular(path: &Path) -> io::Result<File> {
    let found = fs::metadata(path)?;
    if found.is_dir() {
        return Err(ErrorKind::IsADirectory.into());
    }
    if !found.is_file() {
        let why = "it is a pipe or a device, not a regular file: copy its content to a file";
        return Err(io::Error::new(ErrorKind::InvalidInput, why));
    }
    File::open(path)
}

/// The bytes of a regular file of at most `limit` bytes.
///
/// # Errors
/// As [`open_regular`]; [`ErrorKind::FileTooLarge`] for a larger one, before it is read.
pub fn read_bounded(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let file = open_regular(path)?;
    let too_large = |bytes: u64| {
        let why = format!("it has {bytes} bytes or more, over the limit of {limit}");
        io::Error::new(ErrorKind::FileTooLarge, why)
    };
    let length = file.metadata()?.len();
    if length > limit {
        return Err(too_large(length));
    }
    // Of its own length, so that it never takes twice as much.
    let mut bytes = Vec::with_capacity(length as usize + 1);
    // A file may grow while it is read, and some have no length.
    file.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit { Err(too_large(limit + 1)) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_to_its_limit_and_not_beyond() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, [7; 10]).unwrap();
        assert_eq!(read_bounded(&path, 10).unwrap(), [7; 10]);
        assert_eq!(read_bounded(&path, 9).unwrap_err().kind(), ErrorKind::FileTooLarge);
        assert_eq!(read_bounded(folder.path(), 9).unwrap_err().kind(), ErrorKind::IsADirectory);
    }

    #[cfg(unix)]
    #[test]
    fn a_device_is_refused_before_it_is_opened() {
        for device in ["/dev/zero", "/dev/null"] {
            assert_eq!(open_regular(Path::new(device)).unwrap_err().kind(), ErrorKind::InvalidInput, "{device}");
        }
    }
}
