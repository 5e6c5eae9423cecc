//! Folders of tables, trained on and predicted.

use crate::sandbox::stderr;
use crate::table::{TRAIN, trained, with_table};

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
    assert!(
        stderr(&again).contains("files written: 0, of 0 rows, in predicted; there already: 3"),
        "{}",
        stderr(&again)
    );
    // A table that has changed and a file that is gone are made anew, and nothing else.
    let text = String::from_utf8(sandbox.read("new/a.csv")).expect("text");
    sandbox.write("new/a.csv", text.lines().take(3).collect::<Vec<_>>().join("\n") + "\n");
    std::fs::remove_file(sandbox.path("predicted/year=2023/a.csv")).expect("there");
    let again = sandbox.ebm("predict model new --out predicted").output().expect("ebm starts");
    assert!(
        stderr(&again).contains("files written: 2, of 9 rows, in predicted; there already: 1"),
        "{}",
        stderr(&again)
    );
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
fn a_pattern_names_tables_to_predict_and_to_train_on() {
    let sandbox = place();
    sandbox.succeed("predict model new --out all");
    sandbox.succeed("predict model new/year=*/*.?sv --out some");
    let read = |name: &str| sandbox.read(name);
    for name in ["year=2023/a.csv", "year=2024/a.tsv.csv"] {
        assert_eq!(read(&format!("some/{name}")), read(&format!("all/{name}")));
    }
    assert!(!sandbox.path("some/a.csv").exists());
    let message = sandbox.refuse(66, "predict model new/*.parquet --out none");
    assert!(message.contains("no table in new/*.parquet"), "{message}");
    // Predictions in the folder that is read would be read themselves.
    for out in ["new", "new/predicted"] {
        sandbox.refuse(73, &format!("predict model new/**/*.csv --out {out} --force"));
        sandbox.refuse(73, &format!("predict model new --out {out} --force"));
    }
    sandbox.refuse(73, "predict model new/*.csv --out new --force");
    sandbox.succeed("predict model new/*.csv --out new/predicted");
    sandbox.succeed("predict model new/*.csv --out new/predicted");
    assert!(!sandbox.path("new/predicted/predicted").exists(), "a pattern of one depth finds the same tables again");

    let sandbox = in_parts();
    sandbox.succeed(&TRAIN.replace("table.csv", "parts/half=1/*.csv"));
    // A file of the pattern's folder is never replaced.
    let message = sandbox.refuse(73, "predict model new.csv --out parts/half=1/a.csv --force");
    assert!(message.contains("is read by this command"), "{message}");
    assert_eq!(sandbox.json("model/run.json")["data"]["examples"], 63);
}

#[test]
fn only_files_with_row_groups_are_divided() {
    let sandbox = place();
    let message = sandbox.fail(65, "predict model new.csv --out parts --shard 0/2");
    assert!(message.contains("new.csv has no row groups"), "{message}");
    sandbox.refuse(2, "predict model - --out parts --shard 0/2");
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
    sandbox.refuse(2, "predict model new");
    sandbox.refuse(2, "predict model new --out predicted --shard 2/2");
    std::fs::create_dir(sandbox.path("empty")).expect("writable");
    sandbox.refuse(66, "predict model empty --out x");
}

/// The training table in three files below `parts`.
fn in_parts() -> crate::sandbox::Sandbox {
    let sandbox = with_table();
    let table = String::from_utf8(sandbox.read("table.csv")).expect("text");
    let lines: Vec<&str> = table.lines().collect();
    for (name, from, to) in [("half=1/a.csv", 1, 90), ("half=1/b.csv", 90, 91), ("half=2/a.csv", 91, 201)] {
        std::fs::create_dir_all(sandbox.path(format!("parts/{}", &name[..6]))).expect("writable");
        sandbox.write(&format!("parts/{name}"), [&lines[..1], &lines[from..to]].concat().join("\n") + "\n");
    }
    sandbox
}

#[test]
fn a_folder_of_parts_gives_the_model_of_the_whole_table() {
    let sandbox = in_parts();
    sandbox.succeed(TRAIN);
    sandbox.succeed(&TRAIN.replace("table.csv", "parts").replace("--out model", "--out of_parts"));
    assert_eq!(sandbox.read("model/model.safetensors"), sandbox.read("of_parts/model.safetensors"));
    let [one, other] = ["model", "of_parts"].map(|run| sandbox.json(&format!("{run}/run.json")));
    assert_eq!(one["data"]["fingerprint"], other["data"]["fingerprint"]);
    let [one, other] = ["model", "of_parts"].map(|run| sandbox.json(&format!("{run}/split.json")));
    assert_eq!(one, other);
    let told = TRAIN.replace("table.csv", "parts").replace("--out model", "--out told").replace(" --quiet", "");
    let told = stderr(&sandbox.ebm(&told).output().expect("ebm starts"));
    assert!(told.contains("what names like `column=value` say is not an input"), "{told}");
    // Held-out rows of the folder, and a file that has changed since.
    sandbox.succeed("evaluate of_parts --quiet");
    sandbox.write("parts/half=1/b.csv", "area,town,sold,cost\n1,north,2024-01-01,2\n");
    let message = sandbox.fail(65, "evaluate of_parts");
    assert!(message.contains("half=1/a.csv") && message.contains("half=1/b.csv"), "{message}");
}

#[test]
fn a_sample_is_recorded_and_a_continuation_has_the_same() {
    let sandbox = in_parts();
    let train = TRAIN.replace("table.csv", "parts") + " --sample-rows 60";
    sandbox.succeed(&train);
    assert_eq!(sandbox.json("model/run.json")["config"]["own"]["sample_rows"], 60);
    let rows = &sandbox.json("model/split.json")["rows"];
    let count = ["train", "validation", "calibration", "test"].map(|part| rows[part].as_u64().expect("a number"));
    assert_eq!(count.iter().sum::<u64>(), 60);
    // The same rows of the whole table.
    sandbox.succeed(&train.replace("parts", "table.csv").replace("--out model", "--out whole"));
    assert_eq!(sandbox.json("whole/split.json")["rows"], *rows);
    sandbox.succeed("evaluate model --quiet");
    let message = sandbox.fail(78, &train.replace("--sample-rows 60", "--sample-rows 50 --resume"));
    assert!(message.contains("--sample-rows 60, not 50"), "{message}");
    sandbox.refuse(2, &train.replace("--sample-rows 60", "--sample-rows 0"));
}

#[test]
fn columns_that_are_asked_for_have_the_values_of_all_columns() {
    let sandbox = trained();
    let all = sandbox.succeed("predict model new.csv --quiet");
    let some = sandbox.succeed("predict model new.csv --quiet --columns set,mean,quantiles");
    let (header, rows) = crate::roundtrip::table(&all);
    let (of_some, values) = crate::roundtrip::table(&some);
    assert_eq!(of_some, ["line", "mean", "q0.05", "q0.5", "q0.95", "set"]);
    for (row, values) in rows.iter().zip(&values) {
        for (name, value) in of_some.iter().zip(values) {
            assert_eq!(value, &row[header.iter().position(|of| of == name).expect("a column")], "{name}");
        }
    }
    let message = sandbox.refuse(2, "predict model new.csv --columns meen");
    assert!(message.contains("similar value exists: 'mean'"), "{message}");
    assert!(sandbox.fail(2, "predict model new.csv --columns log_prob").contains("without --log-prob"));
    assert!(sandbox.fail(2, "predict model new.csv --columns disagreement").contains("of an ensemble"));
}
