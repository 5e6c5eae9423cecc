//! Which files of a folder are pictures.

use crate::error::DataError;
use std::fs;
use std::path::{Path, PathBuf};

/// Depth of nested folders that are searched.
const DEPTH: usize = 16;
/// Extensions of pictures.
const EXTENSIONS: [&str; 3] = ["png", "jpg", "jpeg"];

/// The files in `folder`, and in the folders within, whose names end in `.png`, `.jpg` or `.jpeg`, in the order of
/// their paths. Links to folders are not followed.
///
/// # Errors
/// [`DataError::NoInput`] where a folder cannot be read.
pub fn list_pictures(folder: impl AsRef<Path>) -> Result<Vec<PathBuf>, DataError> {
    let mut pictures = Vec::new();
    list(folder.as_ref(), DEPTH, &mut pictures)?;
    pictures.sort();
    Ok(pictures)
}

fn list(folder: &Path, depth: usize, pictures: &mut Vec<PathBuf>) -> Result<(), DataError> {
    let no_input = |source| DataError::NoInput { path: folder.to_owned(), source };
    for entry in fs::read_dir(folder).map_err(no_input)? {
        let entry = entry.map_err(no_input)?;
        let path = entry.path();
        let extension = path.extension().and_then(|extension| extension.to_str());
        if entry.file_type().map_err(no_input)?.is_dir() {
            if depth > 0 {
                list(&path, depth - 1, pictures)?;
            }
        } else if extension.is_some_and(|found| EXTENSIONS.iter().any(|known| found.eq_ignore_ascii_case(known))) {
            pictures.push(path);
        }
    }
    Ok(())
}
