//! Laws of splitting a table, and of encoding another one as the first.

use ebm_data::table::{self, OnMissing, Part, Parts, Schema, Shares, TableOptions, Targets};
use ebm_data::{DataError, TableError};
use proptest::prelude::*;
use std::collections::HashSet;
use std::fs;
use std::path::PathBuf;
use tempfile::{TempDir, tempdir};

fn file(text: &str) -> (TempDir, PathBuf) {
    let folder = tempdir().expect("temporary folder");
    let path = folder.path().join("table.csv");
    fs::write(&path, text).expect("writable");
    (folder, path)
}

/// Numbers, words and dates, none of them constant; every third row is there twice.
fn rows(count: usize) -> Vec<[String; 4]> {
    let row = |i: usize| {
        let i = i - usize::from(i % 3 == 2);
        let (word, day) = (["red", "green", "blue"][i % 3], 1 + i % 28);
        [
            format!("{}", (i * i % 101) as f64 / 7.0),
            word.to_owned(),
            format!("2024-05-{day:02}"),
            format!("{}.5", i % 50),
        ]
    };
    (0..count).map(row).collect()
}

fn text(names: [&str; 4], rows: &[[String; 4]], order: [usize; 4]) -> String {
    let line = |cells: [&str; 4]| order.map(|index| cells[index]).join(",");
    let mut lines = vec![line(names)];
    lines.extend(rows.iter().map(|row| line([&row[0], &row[1], &row[2], &row[3]])));
    lines.join("\n")
}

const NAMES: [&str; 4] = ["a", "word", "day", "y"];
const IN_ORDER: [usize; 4] = [0, 1, 2, 3];

fn read(text: &str, shares: Shares, seed: u64) -> Result<Parts, DataError> {
    let (_folder, path) = file(text);
    table::read(path, &TableOptions::new(["y"]), &shares, seed)
}

fn read_as(text: &str, schema: &Schema) -> Result<table::Table, DataError> {
    let (_folder, path) = file(text);
    table::read_as(path, schema, OnMissing::Refuse)
}

/// Chunks of a text, and what became of its rows.
fn stream(text: &str, schema: &Schema, size: usize, targets: Targets) -> Result<Vec<table::Chunk>, DataError> {
    let (_folder, path) = file(text);
    table::stream(path, schema, size, OnMissing::Refuse, targets)?.collect()
}

const SHARES: Shares = Shares { validation: 0.2, calibration: 0.1, test: 0.1 };

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_order_of_columns_changes_neither_encoding_nor_split(order in Just(IN_ORDER).prop_shuffle(), seed: u64) {
        let rows = rows(300);
        let parts = read(&text(NAMES, &rows, IN_ORDER), SHARES, seed).expect("readable");
        let shuffled = text(NAMES, &rows, order);
        let (_folder, path) = file(&shuffled);
        for (part, table) in [(Part::Train, &parts.train), (Part::Test, parts.test.as_ref().expect("asked for"))] {
            let found = table::read_part(&path, &parts.schema, &parts.split, part, OnMissing::Refuse).expect("the same");
            prop_assert_eq!(found.fingerprint(), table.fingerprint());
            prop_assert_eq!(found.lines(), table.lines());
        }
    }

    #[test]
    fn a_feature_in_another_unit_is_encoded_alike(exponent in -6..7_i32, shift in -1e3..1e3_f64) {
        let scale = 10_f64.powi(exponent);
        let of = |convert: &dyn Fn(f64) -> f64| {
            let lines: Vec<String> = (0..60).map(|i| format!("{:e},{}", convert(f64::from(i * i % 37)), i % 9)).collect();
            read(&format!("x,y\n{}", lines.join("\n")), Shares::NONE, 0).expect("readable").train
        };
        let (plain, other) = (of(&|x| x), of(&|x| scale * (x + shift)));
        for (a, b) in plain.inputs().iter().zip(other.inputs()) {
            // A shift of a thousand costs three of the sixteen digits; f32 has seven.
            prop_assert!((a - b).abs() < 1e-5, "{a} {b}");
        }
    }

    #[test]
    fn no_table_like_text_makes_a_panic(text in "[ay0-9.,;\t\"\r\n -]{0,120}", more in "[ay0-9.,;\t\"\r\n -]{0,60}") {
        if let Ok(parts) = read(&format!("a,y\n1,2\n2,3\n{text}"), SHARES, 1) {
            prop_assert!(parts.train.inputs().iter().all(|x| x.is_finite()));
            let _ = stream(&more, &parts.schema, 3, Targets::IfPresent);
        }
    }

    #[test]
    fn no_bytes_make_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let folder = tempdir().expect("temporary folder");
        let path = folder.path().join("table.csv");
        for start in [&b""[..], b"a,y\n1,2\n", b"PAR1"] {
            fs::write(&path, [start, &bytes].concat()).expect("writable");
            let _ = table::read(&path, &TableOptions::new(["y"]), &Shares::NONE, 0);
        }
    }
}

#[test]
fn equal_rows_are_never_apart_and_every_row_is_in_one_part() {
    let parts = read(&text(NAMES, &rows(600), IN_ORDER), SHARES, 3).expect("readable");
    let tables = [Some(&parts.train), parts.validation.as_ref(), parts.calibration.as_ref(), parts.test.as_ref()];
    let tables: Vec<&table::Table> = tables.into_iter().map(|table| table.expect("asked for")).collect();
    let mut lines: Vec<u64> = tables.iter().flat_map(|table| table.lines().to_vec()).collect();
    lines.sort_unstable();
    assert_eq!(lines, (2..602).collect::<Vec<u64>>());
    let width = parts.schema.input_width();
    let contents = |table: &table::Table| -> HashSet<Vec<u64>> {
        let rows = table.inputs().chunks(width).zip(table.targets());
        rows.map(|(x, y)| x.iter().map(|x| u64::from(x.to_bits())).chain([y.to_bits()]).collect()).collect()
    };
    let contents: Vec<HashSet<Vec<u64>>> = tables.iter().map(|table| contents(table)).collect();
    for (i, part) in contents.iter().enumerate() {
        assert!(contents[..i].iter().all(|other| part.is_disjoint(other)));
        // Sizes are exact up to the two equal rows that a border may lie between.
        let expected = 600.0 * parts.split.shares.of(Part::ALL[i]);
        let found = parts.split.rows.of(Part::ALL[i]);
        assert!((found as f64 - expected).abs() <= 2.0, "{found} of {expected}");
    }
    assert_eq!(parts.split.rows.train, parts.train.len());
}

#[test]
fn a_split_is_a_function_of_its_seed_and_survives_other_rows() {
    let base = rows(300);
    let lines = |rows: &[[String; 4]], seed| {
        let parts = read(&text(NAMES, rows, IN_ORDER), SHARES, seed).expect("readable");
        parts.test.expect("asked for").targets().to_vec()
    };
    assert_eq!(lines(&base, 7), lines(&base, 7));
    assert_ne!(lines(&base, 7), lines(&base, 8));
    let mut longer = base.clone();
    longer.push(["0.25".into(), "red".into(), "2024-05-03".into(), "99.5".into()]);
    let (found, before) = (lines(&longer, 7), lines(&base, 7));
    let kept = found.iter().filter(|&y| before.contains(y)).count();
    assert!(kept + 3 >= before.len(), "a row more moves only rows at the border: {kept} of {}", before.len());
}

#[test]
fn statistics_are_of_the_rows_trained_on() {
    let parts = read(&text(NAMES, &rows(300), IN_ORDER), SHARES, 5).expect("readable");
    let targets = parts.train.targets();
    let mean = targets.iter().sum::<f64>() / targets.len() as f64;
    assert!((parts.schema.targets[0].statistics.mean - mean).abs() < 1e-12);
    let sum: f64 = parts.train.inputs().chunks(parts.schema.input_width()).map(|row| f64::from(row[0])).sum();
    // Rounding of a hundred and eighty numbers of order one in f32.
    assert!(sum.abs() < 1e-4);
}

#[test]
fn shares_that_leave_nothing_and_parts_without_rows_are_refused() {
    let text = text(NAMES, &rows(9), IN_ORDER);
    for (validation, test) in [(0.6, 0.4), (-0.1, 0.0), (f64::NAN, 0.0), (1.5, 0.0)] {
        let shares = Shares { validation, test, ..Shares::NONE };
        assert!(
            matches!(read(&text, shares, 0).unwrap_err(), DataError::Table(error) if matches!(*error, TableError::Shares { .. }))
        );
    }
    let shares = Shares { test: 1e-9, ..Shares::NONE };
    assert!(matches!(
        read(&text, shares, 0).unwrap_err(),
        DataError::Table(error) if matches!(*error, TableError::EmptyPart { part: "test", .. })
    ));
}

#[test]
fn schema_and_split_come_back_from_json_and_hostile_ones_do_not() {
    let parts = read(&text(NAMES, &rows(300), IN_ORDER), SHARES, 5).expect("readable");
    let json = serde_json::to_string(&parts.schema).expect("numbers are finite");
    assert_eq!(serde_json::from_str::<Schema>(&json).expect("the same"), parts.schema);
    let split = serde_json::to_string(&parts.split).expect("numbers are finite");
    assert_eq!(serde_json::from_str::<table::Split>(&split).expect("the same"), parts.split);
    for (from, to) in [
        ("\"features\":[", "\"more\":1,\"features\":["),
        ("\"name\":\"word\"", "\"name\":\"a\""),
        ("\"name\":\"y\"", "\"name\":\"word\""),
        ("\"sd\":", "\"sd\":-"),
        ("\"green\"", "\"red\""),
        ("\"kind\":", "\"kinds\":"),
    ] {
        let changed = json.replacen(from, to, 1);
        assert_ne!(changed, json, "{from}");
        assert!(serde_json::from_str::<Schema>(&changed).is_err(), "{to}");
    }
}

#[test]
fn chunks_are_the_table_in_pieces() {
    let rows = rows(100);
    let parts = read(&text(NAMES, &rows, IN_ORDER), Shares::NONE, 0).expect("readable");
    for size in [1, 7, 100, 1000] {
        let chunks =
            stream(&text(NAMES, &rows, [3, 2, 1, 0]), &parts.schema, size, Targets::Required).expect("readable");
        assert!(chunks.iter().rev().skip(1).all(|chunk| chunk.len() == size));
        let inputs: Vec<f32> = chunks.iter().flat_map(|chunk| chunk.inputs.clone()).collect();
        assert_eq!(inputs, parts.train.inputs());
        let targets: Vec<f64> = chunks.iter().flat_map(|chunk| chunk.targets.clone().expect("read")).collect();
        assert_eq!(targets, parts.train.targets());
    }
}

#[test]
fn targets_are_read_where_they_are_there() {
    let parts = read("a,y\n1,2\n2,3\n3,5\n", Shares::NONE, 0).expect("readable");
    let targets =
        |text: &str, wanted| stream(text, &parts.schema, 9, wanted).map(|mut chunks| chunks.remove(0).targets);
    assert_eq!(targets("a\n1\n", Targets::IfPresent).expect("readable"), None);
    assert_eq!(targets("a,y\n1,7\n", Targets::Ignored).expect("readable"), None);
    let found = targets("y,a\n7,1\n,2\n", Targets::IfPresent).expect("readable").expect("there");
    assert!(found[0] == 7.0 && found[1].is_nan());
    assert!(matches!(
        targets("a\n1\n", Targets::Required).unwrap_err(),
        DataError::Table(error) if matches!(&*error, TableError::NoColumn { column, .. } if column == "y")
    ));
    assert!(matches!(
        targets("y,a\n7,1\n,2\n", Targets::Required).unwrap_err(),
        DataError::Table(error) if matches!(*error, TableError::Missing { .. })
    ));
}

#[test]
fn what_was_not_there_in_training_is_flagged_and_what_cannot_be_is_refused() {
    let parts = read(&text(NAMES, &rows(60), IN_ORDER), Shares::NONE, 0).expect("readable");
    let header = "note,day,word,a";
    let chunk = |line: &str| {
        let mut chunks = stream(&format!("{header}\n{line}\n"), &parts.schema, 10, Targets::Ignored)?;
        Ok::<_, DataError>(chunks.remove(0))
    };
    let usual = chunk("hello,2024-05-03,red,1.5").expect("readable");
    assert_eq!(usual.flags, [table::Flags::default()]);
    let unusual = chunk(",2031-01-01,violet,-1e12").expect("readable");
    let names = |indices: &[usize]| indices.iter().map(|&i| parts.schema.features[i].name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&unusual.flags[0].out_of_range), ["a", "day"]);
    assert_eq!(names(&unusual.flags[0].unknown), ["word"]);
    assert!(unusual.inputs.iter().all(|x| x.abs() <= 1e6));
    for (line, parts) in [
        ("hello,2024-05-03,red,many", &["line 2", "\"a\"", "\"many\"", "not a number"][..]),
        ("hello,May 3,red,1", &["line 2", "\"day\"", "\"May 3\"", "a date such as"]),
        ("hello,2024-05-03,red,", &["line 2", "\"a\"", "missing"]),
        ("hello,2024-05-03,red", &["line 2", "3 cells"]),
    ] {
        let message = chunk(line).unwrap_err().to_string();
        parts.iter().for_each(|part| assert!(message.contains(part), "no {part:?} in {message:?}"));
    }
    let error = stream("A,word,day\n1,red,2024-05-03\n", &parts.schema, 10, Targets::Ignored).unwrap_err();
    assert!(error.to_string().contains("no column \"a\"") && error.to_string().contains("[\"A\"]"), "{error}");
}

#[test]
fn an_error_comes_in_the_place_of_its_chunk_and_then_nothing() {
    let parts = read("a,y\n1,2\n2,3\n3,5\n", Shares::NONE, 0).expect("readable");
    let (_folder, path) = file("a\n1\n2\n3\nx\n4\n");
    let mut chunks = table::stream(path, &parts.schema, 2, OnMissing::Refuse, Targets::Ignored).expect("opened");
    assert_eq!(chunks.next().expect("first").expect("sound").lines, [2, 3]);
    assert!(chunks.next().expect("second").is_err());
    assert!(chunks.next().is_none());
    for empty in ["a\n", "a\n\n"] {
        let error = stream(empty, &parts.schema, 2, Targets::Ignored).unwrap_err();
        assert!(matches!(error, DataError::Table(error) if matches!(*error, TableError::NoRows { .. })));
    }
}

#[test]
fn a_feature_that_is_constant_in_the_training_rows_is_left_out() {
    // The one row that differs is held out by some seed.
    let rows: String = (0..20).map(|i| format!("{},{},{}\n", u8::from(i == 0), i * i % 7, i)).collect();
    let shares = Shares { test: 0.5, ..Shares::NONE };
    let parts = (0..50).map(|seed| read(&format!("a,b,y\n{rows}"), shares, seed).expect("readable"));
    let is_left_out = |parts: &Parts| parts.schema.features.len() == 1;
    let parts = parts.into_iter().find(is_left_out).expect("half of the seeds hold it out");
    assert_eq!(parts.schema.features[0].name, "b");
    assert!(
        parts.warnings.iter().any(|warning| warning.to_string().contains("\"a\" is left out: every value is \"0\""))
    );
}

#[test]
fn another_unit_of_the_target_is_another_data_set() {
    let parts = read("a,y\n1,2\n2,3\n3,7\n", Shares::NONE, 0).expect("readable");
    let other = read_as("a,y\n1,2\n2,3\n3,8\n", &parts.schema).expect("readable");
    assert_ne!(parts.train.fingerprint(), other.fingerprint());
}
