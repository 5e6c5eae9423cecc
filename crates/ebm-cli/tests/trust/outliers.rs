//! One number ten thousand times the rest is named, and nothing is learned worse for it.

use crate::sandbox::stderr;
use crate::table::{TRAIN, with_table};

/// `table.csv` with another number in a column of line 57.
fn changed(table: &str, column: usize, by: f64) -> String {
    let change = |(line, text): (usize, &str)| {
        let mut cells: Vec<String> = text.split(',').map(str::to_owned).collect();
        if line == 56 {
            cells[column] = (by * cells[column].parse::<f64>().expect("a number")).to_string();
        }
        cells.join(",") + "\n"
    };
    table.lines().enumerate().map(change).collect()
}

#[test]
fn a_label_ten_thousand_times_the_rest_is_refused_by_its_line_unless_it_is_allowed() {
    let sandbox = with_table();
    let table = String::from_utf8(sandbox.read("table.csv")).expect("text");
    sandbox.write("table.csv", changed(&table, 3, 1e4));
    // Every row trains or chooses; a label that only measures is what it is.
    let train = format!("{TRAIN} --split 0.9,0.1,0,0");
    let message = sandbox.refuse(65, &train);
    assert!(message.contains("table.csv, line 57: the label price = "), "{message}");
    assert!(message.contains("quartile ranges from the median") && message.contains("--allow-outliers"), "{message}");
    assert!(!sandbox.path("model").exists(), "nothing was trained");
    let output = sandbox.ebm("check table.csv --target price").output().expect("ebm starts");
    assert_eq!(output.status.code(), Some(65), "check says the same");
    assert!(String::from_utf8_lossy(&output.stdout).contains("line 57: the label price = "));
    sandbox.succeed(&format!("{train} --allow-outliers"));
    sandbox.write("table.csv", &table);
    sandbox.succeed(&format!("{train} --force"));
}

#[test]
fn an_input_ten_thousand_times_the_rest_is_named_and_the_others_are_learned_as_before() {
    let train = TRAIN.replace("--epochs 4", "--epochs 200 --method mdn --split 0.9,0.1,0,0");
    let medians = |sandbox: &crate::sandbox::Sandbox| -> Vec<f64> {
        let output = sandbox.ebm("predict model new.csv --format jsonl --quiet").output().expect("ebm starts");
        let lines = String::from_utf8(output.stdout).expect("text");
        let median = |line: &str| {
            serde_json::from_str::<serde_json::Value>(line).expect("JSON")["q0.5"].as_f64().expect("a number")
        };
        lines.lines().map(median).collect()
    };
    let sandbox = with_table();
    let table = String::from_utf8(sandbox.read("table.csv")).expect("text");
    sandbox.succeed(&train);
    let usual = medians(&sandbox);
    sandbox.write("table.csv", changed(&table, 0, 1e4));
    let output = sandbox.ebm(&format!("{} --force", train.replace(" --quiet", ""))).output().expect("ebm starts");
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stderr(&output).contains("warning: column \"area\": "), "{}", stderr(&output));
    assert!(stderr(&output).contains("quartile ranges from the median"), "{}", stderr(&output));
    let beside_it = medians(&sandbox);
    // Prices are 100 to 300 with noise of ±15.
    let differences = usual.iter().zip(&beside_it).map(|(a, b)| (a - b).abs());
    let largest = differences.fold(0.0, f64::max);
    assert!(usual.len() == 20 && largest < 15.0, "the medians differ by up to {largest}");
}
