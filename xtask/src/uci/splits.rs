//! A set, and the tables of its splits.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};

use super::whole_file::write_whole;

/// The column to predict.
pub(super) const TARGET: &str = "y";

/// A set as its folder has it.
pub(super) struct Set {
    pub name: String,
    header: String,
    rows: Vec<String>,
    /// Test rows of each split, from 0; the others are to train on.
    tests: Vec<BTreeSet<usize>>,
}

/// The files of a split.
pub(super) struct Tables {
    pub train: PathBuf,
    pub test: PathBuf,
    pub test_rows: usize,
    /// SHA-256 of both files, one after the other.
    pub digest: String,
}

/// Names of the sets in a folder: a table with a list of test rows each.
///
/// # Errors
/// When the folder cannot be read or holds none.
pub(super) fn names(data: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(data).with_context(|| format!("reading {}", data.display()))? {
        let file = entry?.file_name();
        let name = file.to_str().and_then(|file| file.strip_suffix(".test-rows.txt"));
        names.extend(name.filter(|name| data.join(format!("{name}.csv")).exists()).map(str::to_owned));
    }
    names.sort();
    ensure!(!names.is_empty(), "{} has no NAME.csv with a NAME.test-rows.txt beside it", data.display());
    Ok(names)
}

impl Set {
    /// Reads a set and its splits.
    ///
    /// # Errors
    /// When a file cannot be read, there is no target, or a line of test rows does not part the table in two.
    pub fn read(data: &Path, name: &str) -> Result<Self> {
        let [table, list] = [data.join(format!("{name}.csv")), data.join(format!("{name}.test-rows.txt"))];
        let text = |path: &Path| fs::read_to_string(path).with_context(|| format!("reading {}", path.display()));
        let table_text = text(&table)?;
        let mut lines = table_text.lines().map(str::to_owned);
        let header = lines.next().unwrap_or_default();
        ensure!(header.split(',').any(|column| column == TARGET), "{} has no column {TARGET}", table.display());
        let rows: Vec<String> = lines.filter(|line| !line.is_empty()).collect();
        let mut tests = Vec::new();
        for (line, numbers) in text(&list)?.lines().enumerate() {
            let place = || format!("{}, line {}", list.display(), line + 1);
            let numbers: Vec<usize> = numbers
                .split_whitespace()
                .map(|number| number.parse().with_context(|| format!("{}: {number:?} is not a row", place())))
                .collect::<Result<_>>()?;
            let test: BTreeSet<usize> = numbers.iter().copied().collect();
            ensure!(test.len() == numbers.len(), "{}: a row is there twice", place());
            ensure!(!test.is_empty() && test.len() < rows.len(), "{}: all rows are in one part", place());
            let last = *test.last().expect("it is not empty");
            ensure!(last < rows.len(), "{}: row {last} of a table of {} rows, counted from 0", place(), rows.len());
            tests.push(test);
        }
        Ok(Self { name: name.to_owned(), header, rows, tests })
    }

    /// How many splits it has.
    pub fn splits(&self) -> usize {
        self.tests.len()
    }

    /// Writes the tables of a split to `tables/NAME/seed-SPLIT/`, the layout of `bench/peers/tabular.py`; what is there
    /// already stays.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn write(&self, split: usize, tables: &Path) -> Result<Tables> {
        let test = &self.tests[split];
        let part = |is_test: bool| {
            let own = self.rows.iter().enumerate().filter(|(row, _)| test.contains(row) == is_test);
            let lines = std::iter::once(&self.header).chain(own.map(|(_, line)| line));
            lines.flat_map(|line| [line.as_str(), "\n"]).collect::<String>()
        };
        let [train_text, test_text] = [part(false), part(true)];
        let folder = tables.join(&self.name).join(format!("seed-{split}"));
        let written = Tables {
            train: folder.join("train.csv"),
            test: folder.join("test.csv"),
            test_rows: test.len(),
            digest: hex(Sha256::new().chain_update(&train_text).chain_update(&test_text)),
        };
        fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
        let target = tables.join(&self.name).join("target.txt");
        for (path, text) in [(&written.train, &train_text), (&written.test, &test_text), (&target, &TARGET.to_owned())]
        {
            if fs::read(path).ok().as_deref() != Some(text.as_bytes()) {
                write_whole(path, text.as_bytes())?;
            }
        }
        Ok(written)
    }
}

/// A digest as text.
pub(super) fn hex(digest: Sha256) -> String {
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planted(rows: &str) -> (tempfile::TempDir, Result<Set>) {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("few.csv"), "x1,y\n0,a\n1,b\n2,c\n3,d\n").unwrap();
        fs::write(folder.path().join("few.test-rows.txt"), rows).unwrap();
        let set = Set::read(folder.path(), "few");
        (folder, set)
    }

    #[test]
    fn the_parts_of_a_split_are_disjoint_and_hold_every_row() {
        let (folder, set) = planted("3 1\n0\n");
        let set = set.unwrap();
        let tables = folder.path().join("tables");
        for (split, [train, test]) in [["0,a\n2,c\n", "1,b\n3,d\n"], ["1,b\n2,c\n3,d\n", "0,a\n"]].iter().enumerate() {
            let written = set.write(split, &tables).unwrap();
            assert_eq!(fs::read_to_string(&written.train).unwrap(), format!("x1,y\n{train}"));
            assert_eq!(fs::read_to_string(&written.test).unwrap(), format!("x1,y\n{test}"));
            assert_eq!(written.test_rows, test.lines().count());
        }
        assert_ne!(set.write(0, &tables).unwrap().digest, set.write(1, &tables).unwrap().digest);
        assert_eq!(names(folder.path()).unwrap(), ["few"]);
    }

    #[test]
    fn a_line_that_is_no_split_is_refused_with_its_place() {
        for (rows, expected) in [
            ("0\n1 1\n", "few.test-rows.txt, line 2: a row is there twice"),
            ("4\n", "few.test-rows.txt, line 1: row 4 of a table of 4 rows, counted from 0"),
            ("0\n\n", "few.test-rows.txt, line 2: all rows are in one part"),
            ("0 x\n", "few.test-rows.txt, line 1: \"x\" is not a row"),
        ] {
            let error = planted(rows).1.err().unwrap().to_string();
            assert!(error.ends_with(expected), "{error}");
        }
    }
}
