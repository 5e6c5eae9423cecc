//! Laws of reading examples from text, and of writing them.

use ebm_data::{DataError, Pairs, read_inputs, read_pairs, write_pairs, write_pairs_to};
use proptest::prelude::*;
use std::fs;
use std::path::Path;
use tempfile::tempdir;

/// Reads `bytes` from a file whose name has a space and an accent.
fn read(bytes: impl AsRef<[u8]>) -> Result<Pairs, DataError> {
    with_file(bytes, |path| read_pairs(path))
}

/// As [`read`], the inputs alone.
fn inputs(bytes: impl AsRef<[u8]>) -> Result<Vec<f64>, DataError> {
    with_file(bytes, |path| read_inputs(path))
}

fn with_file<T>(bytes: impl AsRef<[u8]>, read: impl Fn(&Path) -> T) -> T {
    let folder = tempdir().expect("temporary folder");
    let path = folder.path().join("my exämple.csv");
    fs::write(&path, bytes).expect("temporary file");
    read(&path)
}

fn two_rows() -> Pairs {
    Pairs { x: vec![1.0, -2.5], y: vec![2.0, 3e-7] }
}

proptest! {
    #[test]
    fn written_examples_come_back_bit_for_bit(
        bits in prop::collection::vec((any::<u64>(), any::<u64>()), 1..50)
    ) {
        let finite = |bits| Some(f64::from_bits(bits)).filter(|v| v.is_finite()).unwrap_or(-0.0);
        let (x, y) = bits.into_iter().map(|(x, y)| (finite(x), finite(y))).unzip();
        let pairs = Pairs::new(x, y).expect("finite");
        let folder = tempdir().expect("temporary folder");
        let path = folder.path().join("pairs.csv");
        write_pairs(&path, &pairs).expect("writable");
        let back = read_pairs(&path).expect("readable");
        prop_assert_eq!(back.len(), pairs.len());
        prop_assert_eq!(back.fingerprint(), pairs.fingerprint()); // equal bits, -0.0 included
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(bytes);
    }

    #[test]
    fn no_table_like_text_makes_the_reader_panic(text in "[xy0-9.,;\t\"\r\n -]{0,80}") {
        let inputs = inputs(&text);
        if let Ok(inputs) = &inputs {
            prop_assert!(!inputs.is_empty() && inputs.iter().all(|x| x.is_finite()));
        }
        if let Ok(pairs) = read(text) {
            prop_assert!(!pairs.is_empty() && pairs.check().is_ok());
            prop_assert_eq!(inputs.expect("inputs of examples"), pairs.x);
        }
    }
}

#[test]
fn a_column_x_is_enough_for_inputs_whatever_stands_beside_it() {
    for text in [
        "x\n1\n-2.5\n",
        "\u{feff}\"X\"\r\n\r\n1\r\n-2.5",
        "1\n-2.5\n",
        "speed\n1\n-2.5\n",
        "x,y\n1,unknown\n-2.5,\n",
        "name;x;note\na;1;NaN\nb;-2.5;\n",
        "speed,distance\n1,2\n-2.5,3\n",
        "1,2\n-2.5,3\n",
    ] {
        assert_eq!(inputs(text).expect(text), [1.0, -2.5], "{text:?}");
    }
}

#[test]
fn inputs_are_refused_as_examples_are() {
    for (text, parts) in [
        ("", &["is empty", "`x`"][..]),
        ("x\n\n", &["header but no rows"]),
        ("y\n1\n", &["line 1", "no column `x`", "\"y\""]),
        ("a,b,c\n1,2,3\n", &["line 1", "no column `x`"]),
        ("1,2,3\n", &["line 1", "no column `x`"]),
        ("x,y,X\n1,2,3\n", &["line 1", "two columns", "\"x\""]),
        ("x\n1\ntwo\n", &["line 3", "\"x\"", "\"two\"", "not a number"]),
        ("x\n1,5\n", &["line 2", "2 cells", "first row has 1"]),
        ("1\ninf\n", &["line 2", "\"x\"", "\"inf\"", "not a finite number"]),
        ("speed\n1\n-\n", &["line 3", "\"speed\"", "not a number"]),
        ("one,2\n3,4\n", &["line 1", "\"x\"", "\"one\""]),
    ] {
        let message = inputs(text).expect_err(text).to_string();
        for part in parts.iter().chain(&["my exämple.csv"]) {
            assert!(message.contains(part), "{text:?}: no {part:?} in {message:?}");
        }
    }
}

#[test]
fn every_common_dialect_means_the_same_examples() {
    for text in [
        "x,y\n1,2\n-2.5,3e-7\n",
        "x,y\n1,2\n-2.5,3e-7",
        "\u{feff}x,y\r\n1,2\r\n-2.5,3e-7\r\n",
        "\u{feff}\"x\",\"y\"\n\"1\",\"2\"\n-2.5,3e-7\n\n  \n\n",
        "\n \nX;Y\n1;2\n\n-2.5;3e-7\n",
        "\u{feff}\n\nY;X\n2;1\n3e-7;-2.5\n",
        "y\tx\n2\t1\n3e-7\t-2.5\n",
        "id, y, x, y2\na, 2, 1, 9\nb, 3e-7, -2.5, NaN\n",
        "speed,distance\n1,2\n-2.5,3e-7\n",
        "1,2\n-2.5,3e-7\n",
        "+1.0 , 2.\r\n-2.50, .3E-6\r\n",
    ] {
        assert_eq!(read(text).expect(text), two_rows(), "{text:?}");
    }
}

#[test]
fn a_missing_file_is_told_from_a_directory() {
    let folder = tempdir().expect("temporary folder");
    let (here, long) = (folder.path(), "a".repeat(4096));
    for missing in [here.join("none.csv"), here.join("none/none.csv"), here.join(long)] {
        assert!(matches!(read_pairs(&missing), Err(DataError::NoInput { path, .. }) if path == missing));
    }
    assert!(matches!(read_pairs(here), Err(DataError::IsDirectory { .. })));
    assert!(matches!(write_pairs(here, &two_rows()), Err(DataError::IsDirectory { .. })));
}

#[test]
fn an_empty_file_is_told_from_a_lone_header() {
    for text in ["", "\n\r\n", "\u{feff}", "  \n"] {
        assert!(matches!(read(text), Err(DataError::Empty { .. })), "{text:?}");
    }
    for text in ["x,y", "x,y\r\n\r\n", "\u{feff}x;y\n"] {
        assert!(matches!(read(text), Err(DataError::HeaderOnly { .. })), "{text:?}");
    }
}

#[test]
fn every_message_names_the_file_the_place_and_the_text() {
    for (text, parts) in [
        ("x,y\r\n1,2\r\n\r\n3\r\n", &["line 4", "1 cells", "first row has 2"][..]),
        ("x,y\n1,2,3\n", &["line 2", "3 cells"]),
        ("x,y\n1,2\n\n3,four\n", &["line 4", "\"y\"", "\"four\"", "not a number"]),
        ("y,x\n1,\n", &["line 2", "\"x\"", "\"\"", "not a number"]),
        ("\nx;y\n1,5;2\n", &["line 3", "\"x\"", "\"1,5\"", "decimal point"]),
        ("1,2\n3,NA\n", &["line 2", "\"y\"", "\"NA\""]),
        ("1.0,2.O\n3,4\n", &["line 1", "\"y\"", "\"2.O\"", "not a number"]),
        ("x,y\n1,nan\n", &["line 2", "\"y\"", "\"nan\"", "not a finite number"]),
        ("x,y\n-inf,1\n", &["line 2", "\"x\"", "\"-inf\"", "not a finite number"]),
        ("x,y\n1,1e999\n", &["line 2", "\"1e999\"", "not a finite number"]),
        ("speed,dist\n1,oops\n", &["line 2", "\"dist\"", "\"oops\""]),
        ("a,b,c\n1,2,3\n", &["line 1", "`x`", "\"a\", \"b\", \"c\"", "name the input"]),
        ("x,z\n1,2\n", &["line 1", "`y`", "\"x\", \"z\""]),
        ("x\n1\n", &["line 1", "`y`", "1 columns"]),
        ("x,y,X\n1,2,3\n", &["line 1", "two columns", "\"x\""]),
    ] {
        let message = read(text).expect_err(text).to_string();
        for part in parts.iter().chain(&["my exämple.csv"]) {
            assert!(message.contains(part), "{text:?}: no {part:?} in {message:?}");
        }
    }
}

#[test]
fn text_that_is_not_utf8_is_refused_at_its_line() {
    for (bytes, expected) in [(&b"x,y\n1,2\n3,\xe9\n"[..], 3), (b"\xff\xfex\0,\0y\0\n\0", 1)] {
        assert!(matches!(read(bytes), Err(DataError::NotUtf8 { line, .. }) if line == expected));
    }
}

#[test]
fn rows_without_end_are_refused_where_they_start() {
    let unclosed = format!("x,y\n1,2\n\"3,4\n{}", "5,6\n".repeat(1 << 19));
    assert!(matches!(read(unclosed), Err(DataError::RowTooLong { line: 3, .. })));
    let wide = "0,".repeat(1 << 20);
    assert!(matches!(read(wide), Err(DataError::RowTooLong { line: 1, .. })));
}

#[test]
fn messages_stay_short_whatever_the_file_holds() {
    let many_columns = format!("{}\n", vec!["name"; 100_000].join(","));
    let names: Vec<String> = (0..100_000).map(|i| i.to_string()).collect();
    let long_cell = format!("x,y\n1,{}\n", "z".repeat(100_000));
    for text in [many_columns, names.join(","), long_cell] {
        assert!(read(text).expect_err("refused").to_string().len() < 500);
    }
}

#[test]
fn writing_replaces_the_file_and_leaves_nothing_beside_it() {
    let folder = tempdir().expect("temporary folder");
    let path = folder.path().join("pairs.csv");
    fs::write(&path, "older and longer than what replaces it, by far").expect("temporary file");
    write_pairs(&path, &two_rows()).expect("writable");
    assert_eq!(read_pairs(&path).expect("readable"), two_rows());
    assert_eq!(fs::read_dir(folder.path()).expect("listed").count(), 1);
}

#[cfg(unix)]
#[test]
fn a_link_stays_a_link_to_what_is_written() {
    let folder = tempdir().expect("temporary folder");
    let (target, link) = (folder.path().join("target.csv"), folder.path().join("link.csv"));
    fs::write(&target, "older").expect("temporary file");
    std::os::unix::fs::symlink(&target, &link).expect("link");
    write_pairs(&link, &two_rows()).expect("writable");
    assert!(link.is_symlink());
    assert_eq!(read_pairs(&target).expect("readable"), two_rows());
}

#[test]
fn a_failed_write_leaves_the_older_file() {
    let folder = tempdir().expect("temporary folder");
    let path = folder.path().join("pairs.csv");
    fs::write(&path, "x,y\n1,2\n").expect("temporary file");
    // A directory in the place of the temporary neighbour makes the write fail, even for root.
    fs::create_dir(folder.path().join("pairs.csv.tmp")).expect("temporary folder");
    assert!(matches!(write_pairs(&path, &two_rows()), Err(DataError::Write { .. })));
    assert_eq!(fs::read_to_string(&path).expect("readable"), "x,y\n1,2\n");
}

#[test]
fn examples_that_could_not_be_read_back_are_not_written() {
    let folder = tempdir().expect("temporary folder");
    let path = folder.path().join("pairs.csv");
    let bad = Pairs { x: vec![1.0], y: vec![f64::NAN] };
    assert!(matches!(write_pairs(&path, &bad), Err(DataError::NonFiniteExample { .. })));
    assert!(!path.exists());
}

#[test]
fn the_layout_is_a_header_and_shortest_digits() {
    let mut text = Vec::new();
    write_pairs_to(&mut text, &two_rows()).expect("in memory");
    assert_eq!(text, b"x,y\n1.0,2.0\n-2.5,3e-7\n");
}
