//! What holds whatever the numbers are.

use crate::sandbox::Sandbox;
use crate::table::{TRAIN, rows, with_table};

fn columns(text: &str, names: &[&str]) -> Vec<Vec<f64>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().expect("a header").clone();
    let at: Vec<usize> = names.iter().map(|name| header.iter().position(|of| of == *name).expect("a column")).collect();
    let row = |row: csv::StringRecord| at.iter().map(|&at| row[at].parse().expect("a number")).collect();
    reader.records().map(|record| row(record.expect("a row"))).collect()
}

#[test]
fn targets_in_another_unit_move_every_answer_accordingly() {
    let (a, b) = (1e6, -3e7);
    let base = with_table();
    let other = with_table();
    other.write("table.csv", rows(200, |price| a * price + b));
    // The parts are chosen by what a row holds, which is different.
    let train = TRAIN.replace("--epochs", "--split 1,0,0,0 --epochs");
    let answers = |sandbox: &Sandbox| {
        sandbox.succeed(&train);
        let text = sandbox.succeed("predict model table.csv --log-prob");
        columns(&text, &["mean", "median", "q0.05", "lower", "upper", "mode", "sd", "log_prob"])
    };
    for (here, there) in answers(&base).iter().zip(&answers(&other)) {
        // Networks see targets rounded to 32 bits, and training takes its own way from there.
        let tolerance = 0.02 * a * here[6];
        for at in 0..6 {
            assert!((a * here[at] + b - there[at]).abs() < tolerance, "{at}: {here:?} {there:?}");
        }
        assert!((a * here[6] - there[6]).abs() < tolerance);
        assert!((here[7] - a.ln() - there[7]).abs() < 0.05, "{here:?} {there:?}");
    }
}

#[test]
fn columns_are_matched_by_name() {
    let sandbox = crate::table::trained();
    let expected = sandbox.succeed("predict model new.csv");
    let turned: String = String::from_utf8(sandbox.read("new.csv"))
        .expect("UTF-8")
        .lines()
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            format!("{};{};unused;{}\n", cells[2], cells[0], cells[1])
        })
        .collect();
    sandbox.write("turned.csv", turned);
    assert_eq!(sandbox.succeed("predict model turned.csv"), expected);
}
