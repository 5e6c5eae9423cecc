//! The files of a folder as one table, and samples of rows.

use ebm_data::table::{self, OnMissing, Parts, Shares, TableOptions, Targets, Warning};
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

#[test]
fn a_weight_is_as_many_equal_rows() {
    let folder = tempdir().unwrap();
    let weight = |i: usize| [1, 0, 3, 2][i % 4];
    let row = |i: usize| format!("{i},{},word{},{},{}\n", weight(i), i % 3, (i * 37) % 101, 2 * i + (i * i) % 7);
    let table = |name: &str, times: fn(usize) -> usize| {
        let rows: String = (0..80).map(|i| row(i).repeat(times(i))).collect();
        let path = folder.path().join(name);
        fs::write(&path, format!("id,n,word,a,y\n{rows}")).unwrap();
        path
    };
    let once = table("once.csv", |_| 1);
    let expanded = table("expanded.csv", |i| [1, 0, 3, 2][i % 4]);
    let excluded = TableOptions { exclude: vec!["n".into(), "id".into()], ..TableOptions::new(["y"]) };
    let weighted = table::read(Origin::from(&once).weighted("n"), &excluded, &SHARES, 7).unwrap();
    let expected = table::read(&expanded, &excluded, &SHARES, 7).unwrap();
    let numbers = |parts: &Parts| {
        let tables = [Some(&parts.train), parts.validation.as_ref(), parts.test.as_ref()].map(|table| table.unwrap());
        tables.map(|table| (table.inputs().to_vec(), table.targets().to_vec()))
    };
    assert_eq!(numbers(&weighted), numbers(&expected));
    assert_eq!(weighted.schema, expected.schema);
    assert_eq!(weighted.split.rows.train + weighted.split.rows.validation + weighted.split.rows.test, 120);
    // Row numbers are known as such, although rows come again; the weight is no input.
    let all = table::read(Origin::from(&once).weighted("n"), &TableOptions::new(["y"]), &SHARES, 7).unwrap();
    let names: Vec<&str> = all.schema.features.iter().map(|feature| feature.name.as_str()).collect();
    assert_eq!(names, ["id", "word", "a"]);
    assert!(all.warnings.contains(&Warning::RowNumbers { column: "id".into() }), "{:?}", all.warnings);

    for wrong in ["0.5", "-1", "", "2e6", "many"] {
        let path = folder.path().join("wrong.csv");
        fs::write(&path, format!("n,a,y\n1,2,3\n{wrong},5,6\n1,7,8\n")).unwrap();
        let error = table::read(Origin::from(&path).weighted("n"), &TableOptions::new(["y"]), &Shares::NONE, 0);
        let error = error.unwrap_err().to_string();
        assert!(error.contains("line 3, column \"n\"") && error.contains("is not a weight"), "{error}");
    }
    let error = table::read(Origin::from(&once).weighted("m"), &excluded, &SHARES, 7).unwrap_err().to_string();
    assert!(error.contains("no column \"m\""), "{error}");
}
