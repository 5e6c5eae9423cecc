//! Laws of splitting a table by rows, groups, time or a column of parts.

use ebm_data::table::{self, OnMissing, Part, Parts, Shares, SplitBy, Table, TableOptions};
use ebm_data::{DataError, TableError};
use std::collections::{HashMap, HashSet};
use std::fs;
use tempfile::tempdir;

const SHARES: Shares = Shares { validation: 0.2, calibration: 0.1, test: 0.1 };

fn read(text: &str, options: &TableOptions, seed: u64) -> Result<Parts, DataError> {
    let folder = tempdir().expect("temporary folder");
    let path = folder.path().join("table.csv");
    fs::write(&path, text).expect("writable");
    let parts = table::read(&path, options, &SHARES, seed)?;
    for part in Part::ALL.into_iter().filter(|&part| parts.split.rows.of(part) > 0) {
        let again = table::read_part(&path, &parts.schema, &parts.split, part, options.on_missing)?;
        let table = of(&parts, part).expect("a part with rows");
        assert_eq!((again.fingerprint(), again.lines()), (table.fingerprint(), table.lines()), "the same part again");
        assert_eq!(again.folds(3), table.folds(3));
    }
    Ok(parts)
}

fn of(parts: &Parts, part: Part) -> Option<&Table> {
    match part {
        Part::Train => Some(&parts.train),
        Part::Validation => parts.validation.as_ref(),
        Part::Calibration => parts.calibration.as_ref(),
        Part::Test => parts.test.as_ref(),
    }
}

/// The part of each line.
fn lines(parts: &Parts) -> HashMap<u64, Part> {
    let all = Part::ALL.into_iter().filter_map(|part| Some((part, of(parts, part)?)));
    all.flat_map(|(part, table)| table.lines().iter().map(move |&line| (line, part))).collect()
}

/// A table of two inputs, and of a target in a unit of its own.
fn table_of(rows: usize, unit: f64) -> String {
    let row = |i: usize| format!("{},{},{}\n", i * i % 97, i % 3, unit * ((i * 7 % 50) as f64));
    format!("a,b,y\n{}", (0..rows).map(row).collect::<String>())
}

fn by(split_by: SplitBy) -> TableOptions {
    TableOptions { split_by, ..TableOptions::new(["y"]) }
}

#[test]
fn neither_the_unit_of_a_target_nor_the_features_used_change_a_split() {
    let usual = lines(&read(&table_of(200, 1.0), &by(SplitBy::Rows), 5).expect("readable"));
    let in_grams = lines(&read(&table_of(200, 1000.0), &by(SplitBy::Rows), 5).expect("readable"));
    assert_eq!(usual, in_grams);
    let fewer = TableOptions { features: Some(vec!["a".into()]), ..by(SplitBy::Rows) };
    assert_eq!(usual, lines(&read(&table_of(200, 1.0), &fewer, 5).expect("readable")));
    assert_ne!(usual, lines(&read(&table_of(200, 1.0), &by(SplitBy::Rows), 6).expect("readable")));
}

#[test]
fn the_order_of_rows_does_not_change_a_split() {
    let text = table_of(120, 1.0);
    let targets = |parts: &Parts| {
        let mut targets: Vec<u64> = parts.train.targets().iter().map(|y| y.to_bits()).collect();
        targets.sort_unstable();
        targets
    };
    let (header, rows) = text.split_once('\n').expect("a header");
    let mut rows: Vec<&str> = rows.lines().collect();
    rows.reverse();
    let reversed = read(&format!("{header}\n{}", rows.join("\n")), &by(SplitBy::Rows), 1).expect("readable");
    let usual = read(&text, &by(SplitBy::Rows), 1).expect("readable");
    assert_eq!(targets(&usual), targets(&reversed));
}

#[test]
fn sixty_rows_have_parts_of_exactly_their_sizes() {
    // Inputs of three levels only: rows that differ in the target alone are told apart.
    let rows: String = (0..60).map(|i| format!("{},{i}.5\n", ["u", "v", "w"][i % 3])).collect();
    for seed in 0..20 {
        let rows = read(&format!("a,y\n{rows}"), &by(SplitBy::Rows), seed).expect("readable").split.rows;
        assert_eq!((rows.train, rows.validation, rows.calibration, rows.test), (36, 12, 6, 6));
    }
}

#[test]
fn rows_of_one_group_stay_in_one_part_and_in_one_fold() {
    let row = |i: usize| format!("{},site {},{}.5\n", i * i % 83, i % 40, i % 29);
    let text = format!("a,site,y\n{}", (0..400).map(row).collect::<String>());
    let parts = read(&text, &by(SplitBy::Group("site".into())), 3).expect("readable");
    assert_eq!((parts.split.rows.train, parts.split.rows.test), (240, 40), "forty groups of ten rows");
    let of_line = lines(&parts);
    let group = |line: u64| (line - 2) % 40;
    let apart: HashSet<(u64, Part)> = of_line.iter().map(|(&line, &part)| (group(line), part)).collect();
    assert_eq!(apart.len(), 40);
    let folds = parts.train.folds(5);
    let apart: HashSet<(u64, usize)> = parts.train.lines().iter().map(|&line| group(line)).zip(folds.clone()).collect();
    assert_eq!(apart.len(), 24);
    let size = |fold| folds.iter().filter(|&&of| of == fold).count();
    assert_eq!([0, 1, 2, 3, 4].map(size).iter().sum::<usize>(), 240);
    assert!([0, 1, 2, 3, 4].map(size).iter().all(|size| (40..=50).contains(size)), "four or five groups of ten");
    assert!(parts.schema.features.iter().all(|feature| feature.name != "site"), "a group is not an input");
}

#[test]
fn folds_are_exactly_balanced_and_a_function_of_the_rows() {
    let parts = read(&table_of(230, 1.0), &by(SplitBy::Rows), 9).expect("readable");
    let folds = parts.train.folds(4);
    let sizes = [0, 1, 2, 3].map(|fold| folds.iter().filter(|&&of| of == fold).count());
    let distinct = folds.len();
    assert!(sizes.iter().all(|&size| size == distinct / 4 || size == distinct.div_ceil(4)), "{sizes:?}");
    assert_eq!(folds, parts.train.folds(4));
    let other = read(&table_of(230, 1.0), &by(SplitBy::Rows), 10).expect("readable");
    assert_ne!(folds, other.train.folds(4), "the seed decides");
}

#[test]
fn the_latest_rows_are_tested_on() {
    let row = |i: usize| format!("{},2024-{:02}-{:02},{}.5\n", i * i % 83, 1 + i * 5 % 12, 1 + i % 28, i % 29);
    let text = format!("a,day,y\n{}", (0..100).map(row).collect::<String>());
    let parts = read(&text, &by(SplitBy::Time("day".into())), 3).expect("readable");
    let of_line = lines(&parts);
    let day = |line: u64| text.lines().nth(line as usize - 1).expect("a line").split(',').nth(1).expect("a day");
    let range = |part: Part| {
        let days = of_line.iter().filter(|(_, of)| **of == part).map(|(&line, _)| day(line));
        (days.clone().min().expect("rows"), days.max().expect("rows"))
    };
    let [train, validation, calibration, test] = Part::ALL.map(range);
    assert!(train.1 < validation.0 && validation.1 < calibration.0 && calibration.1 < test.0);
    assert!(parts.schema.features.iter().any(|feature| feature.name == "day"), "time is an input");
}

#[test]
fn a_column_of_parts_decides() {
    let row = |i: usize| format!("{i},{},{}.5\n", ["train", "Test", "train", "validation"][i % 4], i % 29);
    let text = format!("a,part,y\n{}", (0..40).map(row).collect::<String>());
    let parts = read(&text, &by(SplitBy::Column("part".into())), 3).expect("readable");
    assert!(lines(&parts).iter().all(|(line, &part)| match (line - 2) % 4 {
        1 => part == Part::Test,
        3 => part == Part::Validation,
        _ => part == Part::Train,
    }));
    assert!(parts.calibration.is_none());
    let message = read(&text.replacen("Test", "holdout", 1), &by(SplitBy::Column("part".into())), 3).unwrap_err();
    for part in ["line 3", "\"part\"", "\"holdout\"", "train, validation, calibration and test"] {
        assert!(message.to_string().contains(part), "no {part:?} in {message}");
    }
}

#[test]
fn what_a_row_is_split_by_must_be_there() {
    for (split_by, text, parts) in [
        (SplitBy::Group("g".into()), "a,g,y\n1,u,2\n2,,3\n", ["line 3", "the name of a group"]),
        (SplitBy::Time("g".into()), "a,g,y\n1,2024-01-01,2\n2,soon,3\n", ["line 3", "a number or a date"]),
        (SplitBy::Time("g".into()), "a,g,y\n1,2024-01-01,2\n2,7,3\n", ["line 3", "as the first row has"]),
        (SplitBy::Time("gg".into()), "a,g,y\n1,2024-01-01,2\n2,7,3\n", ["no column \"gg\"", "[\"g\"]"]),
    ] {
        let message = read(text, &by(split_by), 0).unwrap_err().to_string();
        parts.iter().for_each(|part| assert!(message.contains(part), "no {part:?} in {message}"));
    }
    let twice = read("a,y\n1,2\n2,3\n", &by(SplitBy::Group("y".into())), 0).unwrap_err();
    assert!(matches!(twice, DataError::Table(error) if matches!(*error, TableError::NamedTwice { .. })));
}

#[test]
fn levels_and_kinds_come_from_the_rows_trained_on() {
    let row = |i: usize| {
        let part = if i % 4 == 1 { "test" } else { "train" };
        format!("{},{},{part},{}.5\n", ["u", "v"][i % 2], if i % 4 == 1 { "rare" } else { ["w", "x"][i / 2 % 2] }, i)
    };
    let text = format!("b,c,part,y\n{}", (0..40).map(row).collect::<String>());
    let parts = read(&text, &by(SplitBy::Column("part".into())), 3).expect("readable");
    assert_eq!(parts.schema.input_names().iter().filter(|name| name.contains("rare")).count(), 0);
    let test = parts.test.expect("named");
    assert_eq!(test.tally().unknown.get("c"), Some(&10), "a level that was not trained on is told");
    let unknown = |row| test.flags(row).map(|flags| flags.unknown.len());
    assert!((0..test.len()).all(|row| unknown(row) == Some(1)), "of each row that has it");
}

#[test]
fn records_of_the_first_release_split_as_it_did() {
    let text = table_of(200, 1.0);
    let options = TableOptions { on_missing: OnMissing::Refuse, ..by(SplitBy::UsedColumns) };
    let parts = read(&text, &options, 0).expect("readable");
    let rows = parts.split.rows;
    // Counted with release 0.1.0.
    assert_eq!((rows.train, rows.validation, rows.calibration, rows.test), (119, 36, 22, 23));
    let record = serde_json::to_value(&parts.split).expect("numbers are finite");
    assert!(record.get("by").is_none(), "written as it was");
    assert_eq!(serde_json::from_value::<table::Split>(record).expect("an old record"), parts.split);
}
