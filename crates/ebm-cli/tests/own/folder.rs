//! Predictions of a folder of tables.

use crate::sandbox::stderr;
use crate::table::trained;

/// `new` with tables in folders and in formats, a file that is none, and another command's leftovers.
fn place() -> crate::sandbox::Sandbox {
    let sandbox = trained();
    let new = String::from_utf8(sandbox.read("new.csv")).expect("text");
    let lines: Vec<&str> = new.lines().collect();
    let part = |from: usize, to: usize| [&lines[..1], &lines[1 + from..1 + to]].concat().join("\n") + "\n";
    for folder in ["new/year=2023", "new/year=2024", "new/_notes"] {
        std::fs::create_dir_all(sandbox.path(folder)).expect("writable");
    }
    sandbox.write("new/a.csv", part(0, 5));
    sandbox.write("new/year=2023/a.csv", part(5, 12));
    sandbox.write("new/year=2024/a.tsv", part(12, 20).replace(',', "\t"));
    sandbox.write("new/README.txt", "none");
    sandbox.write("new/_notes/b.csv", "none");
    sandbox
}

const NAMES: [&str; 3] = ["a.csv", "year=2023/a.csv", "year=2024/a.tsv.csv"];

#[test]
fn every_table_has_a_file_with_its_rows_and_is_predicted_once() {
    let sandbox = place();
    sandbox.succeed("predict model new.csv --out whole.csv");
    sandbox.succeed("predict model new --out predicted");
    let rows = |name: &str| {
        let text = String::from_utf8(sandbox.read(name)).expect("text");
        text.lines().skip(1).map(|line| line.split_once(',').expect("columns").1.to_owned()).collect::<Vec<_>>()
    };
    let first: Vec<String> = rows("predicted/a.csv");
    assert_eq!(first, rows("whole.csv")[..5], "the answers are those of the table alone");
    assert_eq!(NAMES.map(|name| rows(&format!("predicted/{name}")).len()), [5, 7, 8]);
    let note = sandbox.json("predicted/_predictions/year=2023/a.csv.json");
    assert_eq!((note["input"].as_str(), note["rows"].as_u64()), (Some("year=2023/a.csv"), Some(7)));

    let again = sandbox.ebm("predict model new --out predicted").output().expect("ebm starts");
    assert!(stderr(&again).contains("0 files of 0 rows in predicted; 3 were there already"), "{}", stderr(&again));
    // A table that has changed and a file that is gone are made anew, and nothing else.
    let text = String::from_utf8(sandbox.read("new/a.csv")).expect("text");
    sandbox.write("new/a.csv", text.lines().take(3).collect::<Vec<_>>().join("\n") + "\n");
    std::fs::remove_file(sandbox.path("predicted/year=2023/a.csv")).expect("there");
    let again = sandbox.ebm("predict model new --out predicted").output().expect("ebm starts");
    assert!(stderr(&again).contains("2 files of 9 rows in predicted; 1 were there already"), "{}", stderr(&again));
    assert_eq!(rows("predicted/a.csv"), first[..2]);
}

#[test]
fn shards_have_every_file_once() {
    let sandbox = place();
    sandbox.succeed("predict model new --out predicted --shard 1/2");
    assert_eq!(NAMES.map(|name| sandbox.path(format!("predicted/{name}")).exists()), [false, true, false]);
    sandbox.succeed("predict model new --out predicted --shard 0/2");
    assert_eq!(NAMES.map(|name| sandbox.path(format!("predicted/{name}")).exists()), [true; 3]);
}

#[test]
fn other_options_and_other_files_are_not_replaced_without_force() {
    let sandbox = place();
    std::fs::create_dir(sandbox.path("mine")).expect("writable");
    sandbox.write("mine/a.csv", "");
    sandbox.refuse(73, "predict model new --out mine");
    assert!(sandbox.read("mine/a.csv").is_empty());
    sandbox.succeed("predict model new --out predicted");
    let message = sandbox.refuse(73, "predict model new --out predicted --coverage 0.5");
    assert!(message.contains("--force replaces it"), "{message}");
    sandbox.succeed("predict model new --out predicted --coverage 0.5 --force");
    sandbox.refuse(73, "predict model new --out new --force");
    sandbox.refuse(2, "predict model new");
    sandbox.refuse(2, "predict model new.csv --out x.csv --shard 0/2");
    sandbox.refuse(2, "predict model new --out predicted --shard 2/2");
    std::fs::create_dir(sandbox.path("empty")).expect("writable");
    sandbox.refuse(66, "predict model empty --out x");
}
