//! The tables below a folder, or those that a pattern names.

use crate::error::{DataError, TableError};
use glob::{MatchOptions, Pattern};
use std::path::{Path, PathBuf};

/// Tables in a folder end like this.
const ENDINGS: [&str; 3] = ["csv", "parquet", "tsv"];

/// `*` stays in one folder, `**` does not.
const MATCH: MatchOptions =
    MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: true };

/// The folder of several tables: the path itself if it is one; of a pattern such as `sales/year=202?/*.parquet`, with
/// `*`, `**`, `?` or `[..]`, the folder before the first of these. Nothing for the name of a file, also of one with such
/// characters.
pub fn folder_of(path: &Path) -> Option<PathBuf> {
    if path.is_dir() {
        return Some(path.to_owned());
    }
    let is_pattern = |part: &std::ffi::OsStr| part.to_string_lossy().contains(['*', '?', '[']);
    if path.exists() || !path.iter().any(is_pattern) {
        return None;
    }
    let folder: PathBuf = path.iter().take_while(|part| !is_pattern(part)).collect();
    Some(if folder.as_os_str().is_empty() { ".".into() } else { folder })
}

/// The tables below a folder, or those of them that a pattern names, in the order of their names, from below
/// [`folder_of`] it: `.csv`, `.tsv` and `.parquet`. Names that begin with a dot or an underscore are passed over, as
/// readers of such folders do.
///
/// # Errors
/// Where a folder cannot be read, or there is no table.
pub fn tables(folder_or_pattern: &Path) -> Result<Vec<PathBuf>, DataError> {
    let none = || TableError::NoTables { path: folder_or_pattern.to_owned() };
    let folder = folder_of(folder_or_pattern).ok_or_else(none)?;
    let mut tables = below(&folder)?;
    if folder_or_pattern != folder {
        let text = folder_or_pattern.to_string_lossy();
        let pattern =
            Pattern::new(&text).map_err(|source| TableError::Pattern { path: folder_or_pattern.to_owned(), source })?;
        let of = |table: &PathBuf| match folder.as_os_str() == "." && !folder_or_pattern.starts_with(".") {
            true => table.clone(),
            false => folder.join(table),
        };
        tables.retain(|table| pattern.matches_path_with(&of(table), MATCH));
    }
    if tables.is_empty() {
        return Err(none().into());
    }
    tables.sort_unstable();
    Ok(tables)
}

/// All tables below a folder, in any order.
fn below(folder: &Path) -> Result<Vec<PathBuf>, DataError> {
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
    Ok(tables)
}

fn ending(path: &Path) -> Option<String> {
    Some(path.extension()?.to_str()?.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_pattern_names_some_of_the_tables_below_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("year=2023/deep")).unwrap();
        fs::create_dir_all(at("year=2024")).unwrap();
        for name in
            ["a.csv", "year=2023/a.csv", "year=2023/b.parquet", "year=2023/deep/a.csv", "year=2024/a.csv", "[1].csv"]
        {
            fs::write(at(name), "").unwrap();
        }
        let found = |pattern: &str| {
            tables(&at(pattern)).map(|tables| tables.iter().map(|name| name.display().to_string()).collect())
        };
        for (pattern, folder, names) in [
            ("year=*/*.csv", "", &["year=2023/a.csv", "year=2024/a.csv"][..]),
            ("**/a.csv", "", &["a.csv", "year=2023/a.csv", "year=2023/deep/a.csv", "year=2024/a.csv"]),
            ("year=2023/?.*", "year=2023", &["a.csv", "b.parquet"]),
            ("year=202[4-9]/*", "", &["year=2024/a.csv"]),
            ("year=2023", "year=2023", &["a.csv", "b.parquet", "deep/a.csv"]),
        ] {
            assert_eq!(folder_of(&at(pattern)), Some(at(folder).components().collect()), "{pattern}");
            let found: Vec<String> = found(pattern).unwrap();
            assert_eq!(found, names, "{pattern}");
        }
        assert_eq!(folder_of(&at("[1].csv")), None, "a file is one table, whatever its name");
        assert_eq!(folder_of(&at("a.csv")), None);
        for wrong in ["none/*.csv", "*.json", "year=2023/[.csv"] {
            tables(&at(wrong)).unwrap_err();
        }
        assert_eq!(folder_of(Path::new("*.csv")), Some(".".into()));
    }
}
