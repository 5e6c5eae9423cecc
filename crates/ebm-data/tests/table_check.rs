//! Laws of checking a table before anything is trained.

use ebm_data::table::{self, Against, CheckReport, OnMissing, Role, Shares, Suggestion, TableOptions};
use std::fs;
use std::path::PathBuf;
use tempfile::{TempDir, tempdir};

fn file(text: &str) -> (TempDir, PathBuf) {
    let folder = tempdir().expect("temporary folder");
    let path = folder.path().join("table.csv");
    fs::write(&path, text).expect("writable");
    (folder, path)
}

fn check(text: &str, against: &Against) -> CheckReport {
    let (_folder, path) = file(text);
    table::check(path, &TableOptions::new(["y"]), against).expect("a table")
}

#[test]
fn columns_and_what_is_missing_in_them_are_counted() {
    let report = check("a,word,one,y\n1,u,5,1.5\n,v,5,2\n3,,5,\n4,u,5,4\n", &Against::Nothing);
    let found: Vec<(&str, Role, &str, usize)> =
        report.columns.iter().map(|column| (column.name.as_str(), column.role, column.kind, column.missing)).collect();
    assert_eq!(
        found,
        [
            ("y", Role::Target, "target", 1),
            ("a", Role::Feature, "numeric", 1),
            ("word", Role::Feature, "categorical", 1),
            ("one", Role::LeftOut, "constant", 0),
        ]
    );
    assert_eq!((report.rows, report.unreadable, report.targets[0].rows), (4, 0, 3));
    let text = report.to_string();
    for part in ["table.csv: 4 rows", "word", "1 missing", "one", "constant", "target y: from 1.5 to 4"] {
        assert!(text.contains(part), "no {part:?} in:\n{text}");
    }
}

#[test]
fn unreadable_rows_are_counted_to_the_end_and_the_first_are_shown() {
    let rows: String =
        (0..200).map(|i| format!("{},{}\n", if i % 20 == 7 { "x".into() } else { i.to_string() }, i)).collect();
    let report = check(&format!("a,y\n{rows}"), &Against::Nothing);
    assert_eq!((report.unreadable, report.problems.len()), (10, 5));
    assert!(report.problems[0].contains("line 9") && report.problems[0].contains("\"x\""), "{:?}", report.problems);
}

#[test]
fn repeated_rows_are_told_from_repeated_inputs() {
    let report = check("a,b,y\n1,2,3\n1,2,3\n1,2,4\n5,6,3\n1.0,2e0,3.0\n", &Against::Nothing);
    assert_eq!((report.repeats.same, report.repeats.other_target, report.repeats.rows), (2, 1, 5));
}

#[test]
fn a_split_by_content_leaks_no_row_but_may_leak_inputs() {
    let rows: String = (0..400).map(|i| format!("{},{}\n", i % 10, i % 25)).collect();
    let shares = Shares { test: 0.3, ..Shares::NONE };
    let report = check(&format!("a,y\n{rows}"), &Against::Split { shares, seed: 1 });
    let leakage = report.leakage.expect("asked for");
    assert!(leakage.rows > 0 && leakage.same == 0, "{leakage:?}");
    assert_eq!(leakage.other_target, leakage.rows, "every input is on both sides");
}

#[test]
fn rows_of_another_file_that_are_trained_on_are_found() {
    let (_folder, other) = file("y,a\n3,1\n9,1\n3,7\n");
    let report = check("a,y\n1,3\n2,4\n3,5\n", &Against::File(other.clone()));
    let leakage = report.leakage.clone().expect("asked for");
    assert_eq!((leakage.rows, leakage.same, leakage.other_target), (3, 1, 1));
    assert_eq!(report.targets[0].rows, 3, "the other file is not measured");
    assert!(report.to_string().contains(&format!("rows of {}", other.display())));
}

#[test]
fn columns_that_give_the_target_away_and_identifiers_are_warned_of() {
    let rows: String = (0..50).map(|i| format!("{i},{},{},{}\n", f64::from(i) * 2.5 + 7.0, i * i % 7, i)).collect();
    let report = check(&format!("id,euros,a,y\n{rows}"), &Against::Nothing);
    let warned = |part: &str| report.warnings.iter().any(|warning| warning.contains(part));
    assert!(warned("\"euros\" has a correlation of 1.00000 with the target \"y\""), "{:?}", report.warnings);
    assert!(warned("\"id\" looks like an identifier") && warned("\"id\" holds row numbers"));
    assert!(!warned("\"a\""));
    assert_eq!((&*report.targets[0].auto_kind, report.targets[0].suggestions.len()), ("integer", 0));
    assert!(report.to_string().contains("whole numbers from 0 to 49: --target-kind auto takes integer"), "{report}");
}

#[test]
fn a_check_has_no_quarrel_with_what_reading_refuses() {
    let options = TableOptions { on_missing: OnMissing::Refuse, ..TableOptions::new(["y"]) };
    let (_folder, path) = file("a,y\n1,5\n,5\n3,5\n");
    assert!(table::read(&path, &options, &Shares::NONE, 0).is_err());
    let report = table::check(&path, &options, &Against::Nothing).expect("a table");
    assert_eq!(report.targets[0].suggestions, [Suggestion::Constant]);
    let json = serde_json::to_value(&report).expect("numbers are finite");
    assert_eq!(json["schema"], "ebm.table_check/1");
    assert_eq!(json["targets"][0]["suggestions"][0], "constant");
}
