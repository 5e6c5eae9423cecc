//! What may be wrong with a table: each gets its exit code, its place and what to do.

use crate::sandbox::{Sandbox, stderr};
use crate::table::{TRAIN, rows, trained, with_table};

/// What is said of this table.
fn refused(exit: i32, table: impl AsRef<[u8]>, train: &str) -> String {
    let sandbox = Sandbox::new();
    sandbox.write("table.csv", table);
    sandbox.refuse(exit, train)
}

fn says(message: &str, parts: &[&str]) {
    parts.iter().for_each(|part| assert!(message.contains(part), "{part:?}: {message}"));
}

#[test]
fn a_table_without_rows_is_refused_by_name() {
    for text in ["", "area,price\n"] {
        says(&refused(65, text, TRAIN), &["table.csv"]);
    }
    says(&Sandbox::new().refuse(66, TRAIN), &["table.csv"]);
}

#[test]
fn a_column_that_is_not_there_lists_near_names() {
    let table = rows(50, |price| price);
    says(&refused(65, &table, &TRAIN.replace("target price", "target prise")), &["prise", "price"]);
    says(&refused(65, "price,area,price\n1,2,3\n", TRAIN), &["price", "two columns are named"]);
    let sandbox = trained();
    sandbox.write("new.csv", "aera,town,sold\n1,north,2024-01-01\n");
    says(&sandbox.refuse(65, "predict model new.csv"), &["new.csv", "area", "aera"]);
}

#[test]
fn a_missing_or_damaged_value_is_told_by_line_and_column() {
    let good = rows(60, |price| price);
    for (bad, code) in [("", 65), ("NA", 65), ("inf", 65), ("many", 65)] {
        let mut lines: Vec<String> = good.lines().map(str::to_owned).collect();
        let (_, rest) = lines[7].split_once(',').expect("columns");
        lines[7] = format!("{bad},{rest}");
        let message = refused(code, lines.join("\n"), TRAIN);
        says(&message, &["table.csv", "line 8", "area"]);
    }
    let sandbox = Sandbox::new();
    sandbox.write("table.csv", good.replacen("100", "", 1).replace("\n5", "\n,\n5"));
    sandbox.refuse(65, TRAIN);
}

#[test]
fn missing_values_are_dropped_or_filled_when_asked_and_counted() {
    let mut lines: Vec<String> = rows(100, |price| price).lines().map(str::to_owned).collect();
    let (_, rest) = lines[7].split_once(',').expect("columns");
    lines[7] = format!(",{rest}");
    for (how, told) in [("drop", "1 of 100 rows are left out"), ("median", "1 missing values of \"area\"")] {
        let sandbox = Sandbox::new();
        sandbox.write("table.csv", lines.join("\n"));
        let train = TRAIN.replace(" --quiet", "");
        let output = sandbox.ebm(&format!("{train} --on-missing {how}")).output().expect("ebm starts");
        assert!(output.status.success(), "{}", stderr(&output));
        says(&stderr(&output), &[told]);
    }
}

#[test]
fn a_constant_target_is_refused_and_a_constant_feature_left_out() {
    says(&refused(65, rows(50, |_| 7.0), TRAIN), &["price", "7"]);
    let sandbox = Sandbox::new();
    let constant: String = rows(60, |price| price)
        .lines()
        .enumerate()
        .map(|(row, line)| format!("{},{line}\n", if row == 0 { "country" } else { "BE" }))
        .collect();
    sandbox.write("table.csv", constant);
    let output = sandbox.ebm(&TRAIN.replace(" --quiet", "")).output().expect("ebm starts");
    assert!(output.status.success());
    says(&stderr(&output), &["country", "left out"]);
}

#[test]
fn whole_numbers_as_real_give_a_warning_and_a_kind_that_does_not_fit_is_refused() {
    let sandbox = Sandbox::new();
    sandbox.write("table.csv", rows(60, |price| price.round()));
    let output = sandbox.ebm(&format!("{TRAIN} --target-kind real")).output().expect("ebm starts");
    says(&stderr(&output), &["warning", "--target-kind count"]);
    let message = refused(65, rows(60, |price| price - 1000.0), &format!("{TRAIN} --target-kind positive"));
    says(&message, &["table.csv", "line ", "above 0", "--target-kind"]);
    says(&refused(2, "a,price\n1,2\n", &format!("{TRAIN} --target-kind circle")), &["expected auto, real, positive"]);
}

#[test]
fn few_rows_train_or_are_clearly_refused() {
    for count in [1, 2, 3, 5, 8, 33] {
        let sandbox = Sandbox::new();
        sandbox.write("table.csv", rows(count, |price| price));
        let output = sandbox.ebm(TRAIN).output().expect("ebm starts");
        let message = stderr(&output);
        assert!(matches!(output.status.code(), Some(0 | 65)) && !message.contains("panicked"), "{count}: {message}");
        if output.status.success() {
            sandbox.succeed("predict model table.csv");
        }
    }
}

#[test]
fn rows_beyond_training_are_marked() {
    let sandbox = trained();
    sandbox.write("new.csv", "area,town,sold\n100,north,2024-05-05\n1e9,west,2024-05-05\n");
    let output = sandbox.ebm("predict model new.csv").output().expect("ebm starts");
    assert!(output.status.success(), "{}", stderr(&output));
    let text = String::from_utf8(output.stdout.clone()).expect("UTF-8");
    let lines: Vec<&str> = text.lines().collect();
    // The columns before the last: `beyond`, then `distance`.
    let of = |line: &str| line.rsplit(',').take(2).map(str::to_owned).collect::<Vec<_>>();
    let [near, far] = [of(lines[1]), of(lines[2])];
    assert!(near[1].is_empty() && near[0].parse::<f64>().expect("a distance") <= 1.0, "{text}");
    assert!(far[1] == "area;town" && far[0].parse::<f64>().expect("a distance") > 1.0, "{text}");
    says(&stderr(&output), &["1 of 2 rows lie outside"]);
}

#[test]
fn tables_of_every_dialect_are_read() {
    let sandbox = trained();
    let expected = sandbox.succeed("predict model new.csv");
    let plain = String::from_utf8(sandbox.read("new.csv")).expect("UTF-8");
    let decimal_comma = plain.replace(',', ";").replace('.', ",");
    for (name, text) in [
        ("crlf.csv", plain.replace('\n', "\r\n")),
        ("bom.csv", format!("\u{feff}{plain}")),
        ("tabs.tsv", plain.replace(',', "\t")),
        ("semicolons.csv", decimal_comma),
        ("quoted.csv", plain.replace("north", "\"north\"")),
        ("with space ü.csv", plain.clone()),
    ] {
        sandbox.write(name, text);
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_ebm"))
            .args(["predict", "model", name])
            .current_dir(sandbox.path(""))
            .output()
            .expect("ebm starts");
        assert!(output.status.success(), "{name}: {}", stderr(&output));
        assert_eq!(String::from_utf8(output.stdout).expect("UTF-8"), expected, "{name}");
    }
    sandbox.write("ragged.csv", "area,town,sold\n1,north\n");
    says(&sandbox.refuse(65, "predict model ragged.csv"), &["ragged.csv", "line 2"]);
    sandbox.write("latin.csv", b"area,town,sold\n1,b\xe9ziers,2024-01-01\n");
    says(&sandbox.refuse(65, "predict model latin.csv"), &["latin.csv", "UTF-8"]);
}

#[test]
fn an_output_that_cannot_be_written_leaves_what_was_there() {
    let sandbox = trained();
    sandbox.write("out.csv", "precious");
    sandbox.write("broken.csv", "area,town,sold\n1,north,2024-01-01\nx,north,2024-01-01\n");
    sandbox.fail(73, "predict model broken.csv --out out.csv");
    sandbox.fail(65, "predict model broken.csv --out out.csv --force");
    assert_eq!(sandbox.read("out.csv"), b"precious");
    sandbox.fail(73, "predict model new.csv --out nowhere/out.csv");
}

#[test]
fn a_calibration_of_another_model_is_refused() {
    let sandbox = with_table();
    sandbox.succeed(TRAIN);
    sandbox.succeed("calibrate model table.csv --allow-overlap");
    let old = sandbox.read("model/calibration.json");
    sandbox.succeed(&format!("{TRAIN} --force --seed 9").replacen("--seed 3", "", 1));
    assert!(!sandbox.path("model/calibration.json").exists(), "a new model has none");
    sandbox.write("model/calibration.json", old);
    says(&sandbox.refuse(65, "predict model new.csv"), &["calibration.json is not among the files"]);
    sandbox.reseal("model");
    says(&sandbox.refuse(65, "predict model new.csv"), &["calibration.json", "ebm calibrate model"]);
}

#[test]
fn flags_that_contradict_each_other_are_usage_errors() {
    let sandbox = with_table();
    for (args, says) in [
        ("train table.csv --out m", "--target"),
        ("train table.csv --target price --preset toy_1/ours_k4 --out m", "cannot be used with"),
        ("train table.csv --target price --split 0.5,0.5 --out m", "four fractions"),
        ("train table.csv --target price --split 0.5,0.2,0.2,0.2 --out m", "four fractions"),
        ("train table.csv --target price --target-kind cost=count --out m", "which is not a target"),
        ("train table.csv --target price --labels x.csv --out m", "--images"),
    ] {
        let message = sandbox.refuse(2, args);
        assert!(message.contains(says), "{args}: {message}");
    }
}
