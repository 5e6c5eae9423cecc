//! The tables below a folder.

use crate::error::{DataError, TableError};
use std::path::{Path, PathBuf};

/// Tables in a folder end like this.
const ENDINGS: [&str; 3] = ["csv", "parquet", "tsv"];

/// The tables below a folder in the order of their names, from below it: `.csv`, `.tsv` and `.parquet`. Names that begin
/// with a dot or an underscore are passed over, as readers of such folders do.
///
/// # Errors
/// Where a folder cannot be read, or there is no table.
pub fn tables(folder: &Path) -> Result<Vec<PathBuf>, DataError> {
    let mut tables = Vec::new();
    let mut open = vec![PathBuf::new()];
    while let Some(below) = open.pop() {
        let here = folder.join(&below);
        let unreadable = |source| DataError::opening(&here, source);
        for entry in std::fs::read_dir(&here).map_err(unreadable)? {
            let name = entry.map_err(unreadable)?.file_name();
            let path = below.join(&name);
            if name.to_string_lossy().starts_with(['.', '_']) {
                continue;
            }
            if folder.join(&path).is_dir() {
                open.push(path);
            } else if ending(&path).is_some_and(|ending| ENDINGS.contains(&ending.as_str())) {
                tables.push(path);
            }
        }
    }
    if tables.is_empty() {
        return Err(TableError::NoTables { path: folder.to_owned() }.into());
    }
    tables.sort_unstable();
    Ok(tables)
}

fn ending(path: &Path) -> Option<String> {
    Some(path.extension()?.to_str()?.to_ascii_lowercase())
}
