//! The files of a folder as one table, and samples of rows.

use ebm_data::table::{self, OnMissing, Parts, Shares, TableOptions, Targets};
use ebm_data::{DataError, Origin, TableError};
use std::fs;
use std::path::Path;
use tempfile::{TempDir, tempdir};

const SHARES: Shares = Shares { validation: 0.1, calibration: 0.0, test: 0.2 };

/// `rows` rows of two inputs and a target.
fn rows(rows: std::ops::Range<usize>) -> String {
    rows.map(|i| format!("{},word{},{}\n", (i * 37) % 101, i % 3, 2 * i + (i * i) % 7)).collect()
}

fn write(path: &Path, rows: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, format!("a,b,y\n{rows}")).unwrap();
}

/// Parts of a table in folders `month=…`, beside what is no table.
fn folder() -> TempDir {
    let folder = tempdir().unwrap();
    write(&folder.path().join("month=1/part-0.csv"), &rows(0..40));
    write(&folder.path().join("month=1/part-1.csv"), &rows(40..41));
    write(&folder.path().join("month=2/part-0.CSV"), &rows(41..90));
    write(&folder.path().join("month=2/part-1.csv"), "");
    write(&folder.path().join("_hidden/part.csv"), &rows(90..95));
    fs::write(folder.path().join("notes.txt"), "not a table").unwrap();
    folder
}

fn read(origin: impl Into<Origin>) -> Result<Parts, DataError> {
    table::read(origin, &TableOptions::new(["y"]), &SHARES, 7)
}

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values
}

#[test]
fn a_folder_is_the_concatenation_of_its_files() {
    let folder = folder();
    let whole = folder.path().join("_whole.csv");
    write(&whole, &rows(0..90));
    let [parts, expected] = [read(folder.path()).unwrap(), read(&whole).unwrap()];
    assert_eq!(parts.schema, expected.schema);
    assert_eq!(parts.split, expected.split);
    for (part, expected) in [(&parts.train, &expected.train)]
        .into_iter()
        .chain(parts.validation.iter().zip(&expected.validation))
        .chain(parts.test.iter().zip(&expected.test))
    {
        assert_eq!((part.inputs(), part.targets()), (expected.inputs(), expected.targets()));
    }
    let streamed = table::stream(folder.path(), &parts.schema, 16, OnMissing::Refuse, Targets::Required).unwrap();
    let lines: Vec<u64> = streamed.flat_map(|chunk| chunk.unwrap().lines).collect();
    assert_eq!((lines.len(), lines[39], lines[40], lines[41]), (90, 41, 2, 2));
}

#[test]
fn a_sample_does_not_depend_on_files_and_their_order() {
    let folder = folder();
    let other = tempdir().unwrap();
    write(&other.path().join("a.csv"), &rows(50..90));
    write(&other.path().join("z.csv"), &rows(0..50));
    let of = |path: &Path, rows, seed| sorted(read(Origin::from(path).sampled(rows, seed)).unwrap().train.targets());
    let sample = of(folder.path(), 30, 1);
    assert_eq!(sample, of(other.path(), 30, 1));
    assert_ne!(sample, of(folder.path(), 30, 2));
    // Of each part of 30 rows, as of all rows.
    let parts = read(Origin::from(folder.path()).sampled(30, 1)).unwrap();
    let sizes = parts.split.rows;
    assert_eq!(sizes.train + sizes.validation + sizes.calibration + sizes.test, 30);
    // A larger sample holds a smaller one; with room for all rows it is all.
    let all = |rows| {
        let whole =
            table::read(Origin::from(folder.path()).sampled(rows, 1), &TableOptions::new(["y"]), &Shares::NONE, 7);
        sorted(whole.unwrap().train.targets())
    };
    assert!(all(20).iter().all(|y| all(40).contains(y)) && all(20).len() == 20);
    assert_eq!(all(90), all(1000));
    assert_eq!(all(1000).len(), 90);
}

#[test]
fn of_equal_rows_all_are_in_a_sample_or_none() {
    let folder = tempdir().unwrap();
    let twice = rows(0..20);
    write(&folder.path().join("a.csv"), &twice);
    write(&folder.path().join("b.csv"), &twice);
    let sample = Origin::from(folder.path()).sampled(11, 0);
    let found = sorted(table::read(sample, &TableOptions::new(["y"]), &Shares::NONE, 0).unwrap().train.targets());
    assert_eq!(found.len(), 10);
    assert!(found.chunks(2).all(|pair| pair[0] == pair[1]), "{found:?}");
}

#[test]
fn files_with_other_headers_are_refused_and_both_are_named() {
    let folder = folder();
    fs::write(folder.path().join("month=2/part-2.csv"), "a,c,y\n1,2,3\n").unwrap();
    let error = read(folder.path()).unwrap_err();
    let DataError::Table(inner) = &error else { panic!("{error}") };
    assert!(matches!(**inner, TableError::OtherColumns { .. }), "{error}");
    let text = error.to_string();
    assert!(["part-0.csv", "month=2/part-2.csv", "\"c\""].iter().all(|name| text.contains(name)), "{text}");
}

#[test]
fn a_wrong_cell_and_a_damaged_file_are_named_with_their_file() {
    let folder = folder();
    let part = folder.path().join("month=2/part-2.csv");
    write(&part, &(rows(90..95) + "1,word1,none at all\n"));
    let text = read(folder.path()).unwrap_err().to_string();
    assert!(text.contains("part-2.csv, line 7") && text.contains("none at all"), "{text}");
    write(&part, "1,word1\n");
    let text = read(folder.path()).unwrap_err().to_string();
    assert!(text.contains("part-2.csv"), "{text}");
    fs::write(folder.path().join("month=3.parquet"), b"PAR1 but no more").unwrap();
    fs::remove_file(&part).unwrap();
    let text = read(folder.path()).unwrap_err().to_string();
    assert!(text.contains("month=3.parquet"), "{text}");
}

#[test]
fn a_folder_without_tables_says_what_tables_are() {
    let folder = tempdir().unwrap();
    let text = read(folder.path()).unwrap_err().to_string();
    assert!(text.contains(".csv, .tsv or .parquet"), "{text}");
}
