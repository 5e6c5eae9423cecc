//! A folder as one file to download, and back.

use std::io::{Cursor, Read, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::Files;
use crate::fault::Fault;

/// The most that is unpacked, in bytes: a run of one column is a thousandth of this.
const LIMIT: u64 = 256 << 20;

/// Packs files. They are small: nothing is compressed. Equal files give equal bytes.
///
/// # Errors
/// When a name cannot be written.
pub fn pack(files: &Files) -> Result<Vec<u8>, Fault> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, bytes) in files {
        archive.start_file(name, options)?;
        archive.write_all(bytes).map_err(zip::result::ZipError::from)?;
    }
    Ok(archive.finish()?.into_inner())
}

/// Unpacks what [`pack`] made, or any other archive of plain files.
///
/// # Errors
/// When it is damaged, or larger than any run.
pub fn unpack(bytes: Vec<u8>) -> Result<Files, Fault> {
    let mut archive = ZipArchive::new(Cursor::new(bytes))?;
    let (mut files, mut left) = (Files::new(), LIMIT);
    for index in 0..archive.len() {
        let mut file = archive.by_index(index)?;
        if file.is_dir() {
            continue;
        }
        let mut content = Vec::new();
        let name = file.name()?.into_owned();
        (&mut file).take(left + 1).read_to_end(&mut content).map_err(zip::result::ZipError::from)?;
        left = left.checked_sub(content.len() as u64).ok_or_else(|| Fault::Folder {
            file: name.clone(),
            why: format!("the archive holds more than {LIMIT} bytes"),
        })?;
        files.insert(name, content);
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_come_back_and_equal_files_give_equal_bytes() {
        let files = Files::from([("run/a.json".to_owned(), b"{}".to_vec()), ("b".to_owned(), vec![0; 1000])]);
        let bytes = pack(&files).unwrap();
        assert_eq!(bytes, pack(&files).unwrap());
        assert_eq!(unpack(bytes.clone()).unwrap(), files);
        assert!(unpack(bytes[..bytes.len() / 2].to_vec()).is_err());
    }
}
