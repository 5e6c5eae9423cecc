//! Rows that were trained on are no rows to calibrate with, to choose by or to measure on.

use crate::sandbox::{Sandbox, stderr};
use crate::table::{TRAIN, rows, trained, with_table};

#[test]
fn rows_that_were_trained_on_are_counted_and_refused() {
    let sandbox = Sandbox::trained();
    // The same rows, saved in another way.
    sandbox.write("again.csv", "y;x\n-0.80;-1\n-0.70;-0.8\n-5e-1;-0.6\n0.3;0.33\n");
    for command in ["calibrate run", "evaluate run", "report run --test"] {
        let message = sandbox.refuse(65, &format!("{command} my.csv --m 64"));
        assert!(message.contains("12 of 12 rows of the file were trained on"), "{message}");
        let message = sandbox.refuse(65, &format!("{command} again.csv --m 64"));
        assert!(message.contains("3 of 4 rows of the file were trained on"), "{message}");
        let output = sandbox.ebm(&format!("{command} my.csv --m 64 --allow-overlap")).output().expect("ebm starts");
        assert!(output.status.success(), "{}", stderr(&output));
        assert!(stderr(&output).contains("warning: 12 of 12 rows"), "{}", stderr(&output));
    }
    // A row in 200 is tolerated, and told.
    let others: String = (0..199).map(|row| format!("{},0.2\n", 0.1234 + f64::from(row))).collect();
    sandbox.write("others.csv", format!("x,y\n{others}-1,-0.8\n"));
    let output = sandbox.ebm("calibrate run others.csv --m 64").output().expect("ebm starts");
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stderr(&output).contains("1 of 200 rows of the file were trained on"), "{}", stderr(&output));
}

#[test]
fn rows_of_a_table_are_known_by_their_columns_and_those_that_chose_the_model_do_not_calibrate_it() {
    let sandbox = trained();
    let message = sandbox.refuse(65, "calibrate model table.csv");
    assert!(message.contains("of 200 rows of the file were trained on"), "{message}");
    sandbox.succeed("calibrate model");
    sandbox.succeed("evaluate model");
    sandbox.succeed("report model");

    let sandbox = with_table();
    let all = rows(400, |price| price);
    let half = |from: usize| {
        let lines: Vec<&str> = all.lines().take(1).chain(all.lines().skip(1 + from).take(200)).collect();
        lines.join("\n") + "\n"
    };
    sandbox.write("valid.csv", half(200));
    sandbox.succeed(&format!("{TRAIN} --valid valid.csv"));
    let message = sandbox.refuse(65, "calibrate model valid.csv");
    assert!(message.contains("200 of 200 rows of the file chose the model"), "{message}");
    // What chose the model may be measured on: it is told in training, too.
    sandbox.succeed("evaluate model valid.csv");

    let message = sandbox.refuse(65, &TRAIN.replace("table.csv", "table.csv --valid table.csv --force"));
    assert!(message.contains("rows of --valid are trained on"), "{message}");
    sandbox.succeed(&TRAIN.replace("table.csv", "table.csv --valid table.csv --allow-overlap --force"));
}

#[test]
fn a_run_without_hashes_says_that_it_cannot_count() {
    let sandbox = Sandbox::trained();
    std::fs::remove_file(sandbox.path("run/rows.json")).expect("removed");
    sandbox.succeed("inspect run --reseal");
    let output = sandbox.ebm("calibrate run my.csv --m 64").output().expect("ebm starts");
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stderr(&output).contains("keeps no hashes of its training rows"), "{}", stderr(&output));
}
