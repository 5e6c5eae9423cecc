//! Laws of reading a table from text: what its columns are, and what is refused.

use ebm_data::table::{self, Kind, OnMissing, Parts, Shares, TableOptions, Why};
use ebm_data::{DataError, Place, TableError};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::{TempDir, tempdir};

/// A folder whose name has a space and an accent, with one file.
fn file(bytes: impl AsRef<[u8]>) -> (TempDir, PathBuf) {
    let folder = tempdir().expect("temporary folder");
    let path = folder.path().join("my exämple.csv");
    fs::write(&path, bytes).expect("writable");
    (folder, path)
}

fn read_with(text: &str, change: impl FnOnce(&mut TableOptions)) -> Result<Parts, DataError> {
    let (_folder, path) = file(text);
    let mut options = TableOptions::new(["y"]);
    change(&mut options);
    table::read(path, &options, &Shares::NONE, 0)
}

fn read(text: &str) -> Result<Parts, DataError> {
    read_with(text, |_| {})
}

fn refused(text: &str) -> String {
    read(text).expect_err(text).to_string()
}

fn column(parts: &Parts, name: &str) -> Kind {
    parts.schema.features.iter().find(|feature| feature.name == name).expect(name).kind.clone()
}

#[test]
fn every_common_dialect_means_the_same_table() {
    let plain = read("a,b,y\n1,0.5,10\n2,1.5,20\n4,-1,30\n").expect("plain");
    for text in [
        "\u{feff}a,b,y\r\n1,0.5,10\r\n2,1.5,20\r\n4,-1,30\r\n",
        "\n \na;b;y\n1;0,5;10\n\n2;1,5;20\n4;-1,0;30\n\n",
        "a\tb\ty\n1\t0.5\t10\n2\t1.5\t20\n4\t-1\t30",
        "\"a\",\"b\",\"y\"\n\"1\", 0.5 ,10\n2,1.5,2e1\n+4.0,-1,30\n",
        "\"a\";b;y\n1;0.5;10\n2;1.5;20\n4;-1;30\n",
    ] {
        let found = read(text).expect(text);
        assert_eq!(found.schema, plain.schema, "{text:?}");
        assert_eq!(found.train.fingerprint(), plain.train.fingerprint(), "{text:?}");
    }
}

#[test]
fn a_column_is_what_all_of_its_cells_say() {
    let parts = read(
        "n,flag,day,word,one,empty,y\n1,true,2024-01-01,red,5,,1\n2.5,FALSE,2024-01-02,blue,5,NA,2\n\
         -3,true,2024-01-03T12:00:00Z,red,5,,4\n0,true,2024-01-04,red,5,,3\n",
    )
    .expect("readable");
    let Kind::Numeric(n) = column(&parts, "n") else { panic!("a number") };
    assert_eq!((n.min, n.max, n.median), (-3.0, 2.5, 0.5));
    assert!((n.mean - 0.125).abs() < 1e-15, "up to rounding: {}", n.mean);
    let Kind::Boolean(flag) = column(&parts, "flag") else { panic!("a truth value") };
    assert_eq!(flag.mean, 0.75);
    let Kind::Date(day) = column(&parts, "day") else { panic!("a date") };
    assert_eq!((day.min, day.max), (19_723.0, 19_726.0));
    let Kind::Categorical(word) = column(&parts, "word") else { panic!("a category") };
    assert_eq!((word.names, word.others), (vec!["red".to_owned(), "blue".to_owned()], 0));
    let why: Vec<&Why> = parts.schema.left_out.iter().map(|left_out| &left_out.why).collect();
    assert_eq!(why, [&Why::Constant { value: "5".into() }, &Why::Empty]);
    assert_eq!(parts.warnings.len(), 3, "two columns are left out, and targets are whole: {:?}", parts.warnings);
    assert_eq!(parts.schema.input_names(), ["n", "flag", "day", "word=red", "word=blue"]);
}

#[test]
fn inputs_have_mean_zero_and_variance_one_where_they_are_numbers() {
    let rows: Vec<String> = (0..200).map(|i| format!("{},{}", 1e12 + f64::from(i * i % 97), i % 7)).collect();
    let parts = read(&format!("x,y\n{}\n", rows.join("\n"))).expect("readable");
    let inputs: Vec<f64> = parts.train.inputs().iter().map(|&x| f64::from(x)).collect();
    let mean = inputs.iter().sum::<f64>() / 200.0;
    let variance = inputs.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 200.0;
    // At 1e12 a double has four digits after the point; single precision of the inputs is 1e-7.
    assert!(mean.abs() < 1e-4 && (variance - 1.0).abs() < 1e-4, "{mean} {variance}");
}

#[test]
fn an_unknown_column_brings_near_names_and_a_twice_named_one_is_refused() {
    let (_folder, path) = file("prize,size,Size_m2\n1,2,3\n2,3,4\n");
    let error = |targets: &[&str]| {
        table::read(&path, &TableOptions::new(targets.iter().copied()), &Shares::NONE, 0).unwrap_err().to_string()
    };
    assert!(error(&["price"]).contains("similar names are [\"prize\"]"), "{}", error(&["price"]));
    assert!(error(&["size_m2"]).contains("\"Size_m2\""));
    assert!(error(&["weight"]).contains("is the first row a header?"));
    assert!(error(&["size", "size"]).contains("named twice"));
    assert!(refused("a,y,a\n1,2,3\n").contains("line 1: two columns are named \"a\""));
}

#[test]
fn every_message_names_the_file_the_place_and_what_to_do() {
    let mostly_numbers: String = (0..20).map(|i| format!("{i},{}\n", i * i)).collect();
    for (text, parts) in [
        ("".to_owned(), &["is empty", "header"][..]),
        ("\n \n".to_owned(), &["is empty"]),
        ("a,y\n".to_owned(), &["no rows"]),
        ("a,y\n1,2\n3\n".to_owned(), &["line 3", "1 cells where the first row has 2"]),
        ("a,y\n1,2\n\n3,4,5\n".to_owned(), &["line 4", "3 cells"]),
        ("a,y\n1,2\n,3\n4,4\n".to_owned(), &["line 3", "\"a\"", "missing", "drop", "medians"]),
        ("a,y\n1,2\n2,\n".to_owned(), &["line 3", "\"y\"", "missing"]),
        (format!("a,y\n{mostly_numbers}oops,3\n"), &["line 22", "\"a\"", "\"oops\"", "not a number"]),
        (format!("a,y\n{mostly_numbers}3,oops\n"), &["line 22", "\"y\"", "\"oops\"", "not a number"]),
        (format!("a,y\n{mostly_numbers}inf,3\n"), &["line 22", "\"a\"", "\"inf\"", "infinite"]),
        (format!("a,y\n{mostly_numbers}1,-Infinity\n"), &["line 22", "\"y\"", "infinite"]),
        ("a,y\n1,red\n2,blue\n3,red\n".to_owned(), &["\"y\" holds text", "the target must be a number"]),
        ("a,y\n1,5\n2,5\n".to_owned(), &["\"y\"", "every target is 5"]),
        ("a,y\n1,5\n".to_owned(), &["no column is left", "\"a\" is left out: every value is \"1\""]),
        ("y\n1\n2\n".to_owned(), &["no column is left"]),
    ] {
        let message = refused(&text);
        for part in parts.iter().chain(&["my exämple.csv"]) {
            assert!(message.contains(part), "{text:?}: no {part:?} in {message:?}");
        }
    }
}

#[test]
fn text_that_is_not_utf8_and_rows_without_end_are_refused_at_their_line() {
    let options = TableOptions::new(["y"]);
    let read = |bytes: &[u8]| {
        let (_folder, path) = file(bytes);
        table::read(path, &options, &Shares::NONE, 0).unwrap_err()
    };
    assert!(matches!(read(b"a,y\n1,2\n\xe9,3\n"), DataError::NotUtf8 { line: 3, .. }));
    // Halves of a character on both sides of a comma are no text either.
    assert!(matches!(read(b"a,y\n1,2\n\xc3,\xa9\n"), DataError::NotUtf8 { line: 3, .. }));
    let unclosed = format!("a,y\n1,2\n\"3,4\n{}", "5,6\n".repeat(5 << 20));
    assert!(matches!(read(unclosed.as_bytes()), DataError::RowTooLong { line: 3, .. }));
}

#[test]
fn a_hundred_thousand_columns_are_read() {
    let columns = 100_000;
    let header: Vec<String> = (0..columns).map(|i| format!("column_{i}")).collect();
    let row = |r: usize| (0..columns).map(|i| ((i * (r + 1)) % 97).to_string()).collect::<Vec<_>>().join(",");
    let text = format!("{},y\n{},1\n{},2\n{},3.5\n", header.join(","), row(0), row(1), row(2));
    let parts = read(&text).expect("readable");
    assert_eq!(parts.train.len(), 3);
    // Every 97th column is zero three times.
    assert_eq!(parts.schema.input_width() + parts.schema.left_out.len(), columns);
    assert_eq!(parts.schema.left_out.len(), columns.div_ceil(97));
}

#[test]
fn identifiers_and_sentences_are_left_out_unless_they_are_asked_for() {
    let rows: String = (0..60).map(|i| format!("person {i},{},{i}\n", i % 3)).collect();
    let text = format!("name,a,y\n{rows}");
    let parts = read(&text).expect("readable");
    assert_eq!(parts.schema.left_out[0].why, Why::Text { levels: 60 });
    let error = read_with(&text, |options| options.features = Some(vec!["name".into(), "a".into()]));
    let message = error.unwrap_err().to_string();
    assert!(message.contains("\"name\"") && message.contains("too many for categories"), "{message}");
}

#[test]
fn an_index_without_a_name_is_left_out_and_one_with_a_name_is_kept_with_a_warning() {
    let rows: String = (0..9).map(|i| format!("{i},{},{}\n", i % 3, i * i)).collect();
    for header in [",a,y", "Unnamed: 0,a,y"] {
        let parts = read(&format!("{header}\n{rows}")).expect("readable");
        assert_eq!(parts.schema.left_out[0].why, Why::RowNumbers);
        assert_eq!(parts.schema.input_width(), 1);
    }
    let parts = read(&format!("hour,a,y\n{rows}")).expect("readable");
    assert_eq!(parts.schema.input_width(), 2);
    assert!(parts.warnings.iter().any(|warning| warning.to_string().contains("\"hour\" holds row numbers")));
}

#[test]
fn numbers_that_are_names_are_categories_if_one_says_so() {
    let rows: String = (0..40).map(|i| format!("0{},{}\n", 1 + i % 2, i)).collect();
    let text = format!("zip,y\n{rows}");
    assert!(matches!(column(&read(&text).expect("readable"), "zip"), Kind::Numeric(_)));
    let parts = read_with(&text, |options| options.categorical = vec!["zip".into()]).expect("readable");
    let Kind::Categorical(levels) = column(&parts, "zip") else { panic!("categories") };
    assert_eq!(levels.names, ["01", "02"]);
}

#[test]
fn rare_levels_are_zeros_and_counted() {
    let rows: String = (0..100).map(|i| format!("{},{i}\n", ["a", "a", "b", "c"][i % 4])).collect();
    let text = format!("word,y\n{rows}d,5\ne,6\n");
    let parts = read_with(&text, |options| options.level_limit = 3).expect("readable");
    let Kind::Categorical(levels) = column(&parts, "word") else { panic!("categories") };
    assert_eq!((levels.names.join(""), levels.others), ("abc".to_owned(), 2));
    assert_eq!(parts.train.inputs()[300..], [0.0; 6]);
    assert_eq!(parts.train.tally().unknown["word"], 2);
    assert!(parts.warnings.iter().any(|warning| warning.to_string().contains("2 rarest categories, in 2 rows")));
}

#[test]
fn what_is_missing_is_refused_dropped_or_filled_in_and_counted() {
    let text = "a,word,y\n1,u,1\nNA,v,2\n3,u,\n4,,4\n5,v,5.5\n";
    assert!(matches!(
        read(text).unwrap_err(),
        DataError::Table(error) if matches!(&*error, TableError::Missing { place: Place::Line(4), column, .. } if column == "y")
    ));
    let dropped = read_with(text, |options| options.on_missing = OnMissing::Drop).expect("readable").train;
    assert_eq!(dropped.lines(), [2, 6]);
    assert_eq!((dropped.tally().without_input, dropped.tally().without_target), (2, 1));
    let filled = read_with(text, |options| options.on_missing = OnMissing::Median).expect("readable");
    assert_eq!(filled.train.lines(), [2, 3, 5, 6]);
    assert_eq!((filled.train.tally().imputed["a"], filled.train.tally().imputed["word"]), (1, 1));
    // Of 1, 4 and 5, which are trained on; the row without a target is not.
    let Kind::Numeric(a) = column(&filled, "a") else { panic!("a number") };
    assert_eq!((a.median, a.min, a.max), (4.0, 1.0, 5.0));
    assert_eq!(filled.train.inputs()[3], a.standardise(4.0) as f32);
    let nothing = read_with("a,b,y\nNA,1,1\n2,NA,2\nNA,3,3\n4,NA,5\n", |options| options.on_missing = OnMissing::Drop);
    assert!(
        matches!(nothing.unwrap_err(), DataError::Table(error) if matches!(*error, TableError::AllDropped { rows: 4, .. }))
    );
}

#[test]
fn several_targets_are_columns_of_one_target() {
    let parts = read_with("a,y,z\n1,2,true\n2,3,false\n4,5,true\n", |options| options.targets.push("z".into()));
    let parts = parts.expect("readable");
    assert_eq!(parts.train.target_width(), 2);
    assert_eq!(parts.train.targets(), [2.0, 1.0, 3.0, 0.0, 5.0, 1.0]);
    assert_eq!(parts.schema.targets.iter().map(|target| target.whole).collect::<Vec<_>>(), [true, true]);
}

#[test]
fn tiny_and_huge_targets_come_back_in_their_own_unit() {
    for scale in [1e-12, 1.0, 1e12] {
        let text = format!("a,y\n1,{:e}\n2,{:e}\n3,{:e}\n", scale, 2.5 * scale, -4.0 * scale);
        let parts = read(&text).expect("readable");
        assert_eq!(parts.train.targets(), [scale, 2.5 * scale, -4.0 * scale]);
        let statistics = parts.schema.targets[0].statistics;
        let standardised: Vec<f64> = parts.train.targets().iter().map(|&y| statistics.standardise(y)).collect();
        // The same whatever the unit, up to rounding.
        for (found, expected) in standardised.iter().zip([0.419_832, 0.959_615, -1.379_448]) {
            assert!((found - expected).abs() < 1e-5, "{standardised:?}");
        }
    }
}

#[test]
fn a_missing_file_is_told_from_a_directory_and_links_are_followed() {
    let (folder, path) = file("a,y\n1,2\n2,3\n");
    let options = TableOptions::new(["y"]);
    let read = |path: &Path| table::read(path, &options, &Shares::NONE, 0);
    for missing in [folder.path().join("none.csv"), folder.path().join("a".repeat(4096))] {
        assert!(matches!(read(&missing).unwrap_err(), DataError::NoInput { .. }));
    }
    fs::create_dir(folder.path().join("sub")).expect("writable");
    let empty = read(&folder.path().join("sub")).unwrap_err();
    assert!(matches!(&empty, DataError::Table(error) if matches!(**error, TableError::NoTables { .. })), "{empty}");
    read(&folder.path().join("sub/../my exämple.csv")).expect("the same file");
    #[cfg(unix)]
    {
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&path, &link).expect("writable");
        read(&link).expect("the same file");
    }
    let _ = path;
}

#[test]
fn messages_stay_short_whatever_the_file_holds() {
    let names: Vec<String> = (0..50_000).map(|i| format!("column number {i}")).collect();
    let long_cell = format!("a,y\n1,2\n2,{}\n", "z".repeat(100_000));
    for text in [names.join(","), vec!["name"; 100_000].join(","), long_cell] {
        assert!(refused(&text).len() < 500);
    }
}
