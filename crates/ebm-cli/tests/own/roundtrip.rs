//! From training to every kind of answer.

use serde_json::Value;

use crate::sandbox::{Sandbox, stderr};
use crate::table::{TRAIN, trained, with_table};

/// A CSV as its header and rows of cells.
pub fn table(text: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().expect("a header").iter().map(str::to_owned).collect();
    let rows = reader.records().map(|row| row.expect("a row").iter().map(str::to_owned).collect()).collect();
    (header, rows)
}

pub fn number(cell: &str) -> f64 {
    cell.parse().unwrap_or_else(|_| panic!("{cell:?} is no number"))
}

/// `[1, 2] [3, 4]`
pub fn set(cell: &str) -> Vec<[f64; 2]> {
    let intervals = cell.trim_matches(['[', ']']).split("] [");
    let ends = |interval: &str| interval.split_once(", ").map(|(low, high)| [number(low), number(high)]);
    intervals.map(|interval| ends(interval).expect("two ends")).collect()
}

#[test]
fn columns_are_told_and_a_prediction_is_a_row_an_input() {
    let sandbox = with_table();
    let told = sandbox.ebm(&TRAIN.replace(" --quiet", "")).output().expect("ebm starts");
    assert!(told.status.success(), "{}", stderr(&told));
    for line in ["target, real", "area", "numeric", "3 levels, one-hot", "days 19723 to", "200 rows"] {
        assert!(stderr(&told).contains(line), "{line}: {}", stderr(&told));
    }
    let (header, rows) = table(&sandbox.succeed("predict model new.csv --quantiles 0.05,0.95"));
    let expected = [
        "line",
        "mean",
        "sd",
        "median",
        "mode",
        "q0.05",
        "q0.95",
        "lower",
        "upper",
        "set",
        "ess_share",
        "pareto_k",
        "beyond",
    ];
    assert_eq!(header, expected);
    assert_eq!(rows.len(), 20);
    for (at, row) in rows.iter().enumerate() {
        let cell = |name: &str| row[header.iter().position(|of| of == name).expect("a column")].clone();
        assert_eq!(number(&cell("line")) as usize, at + 2, "lines are those of the file");
        let [low, median, high] = ["q0.05", "median", "q0.95"].map(|name| number(&cell(name)));
        assert!(low < median && median < high && number(&cell("sd")) > 0.0);
        for (end, quantile) in [("lower", low), ("upper", high)] {
            // (1 − 0.9)/2 is 0.05 but for rounding.
            assert!((number(&cell(end)) - quantile).abs() < 1e-9 * quantile.abs(), "{end}: {row:?}");
        }
        assert!(set(&cell("set")).iter().all(|[low, high]| low <= high));
        // Of rows that were held out, the area may be beyond those trained on.
        assert!(["", "area"].contains(&cell("beyond").as_str()));
    }
}

#[test]
fn every_format_has_the_same_answers() {
    let sandbox = trained();
    let csv = sandbox.succeed("predict model table.csv --log-prob");
    let (header, rows) = table(&csv);
    let lines = sandbox.succeed("predict model table.csv --log-prob --format jsonl");
    assert_eq!(lines, sandbox.succeed("predict model table.csv --log-prob --json"));
    assert_eq!(lines.lines().count(), rows.len());
    for (line, row) in lines.lines().zip(&rows) {
        let object: Value = serde_json::from_str(line).expect("JSON");
        assert_eq!(object["schema"], "ebm.prediction/1");
        for name in ["mean", "q0.05", "log_prob", "price", "in_set"] {
            let at = header.iter().position(|of| of == name).expect("a column");
            assert_eq!(object[name].as_f64(), Some(number(&row[at])), "{name}");
        }
    }
    for file in ["out.csv", "out.jsonl", "out.parquet"] {
        sandbox.succeed(&format!("predict model table.csv --log-prob --out {file} --quiet"));
    }
    assert_eq!(sandbox.read("out.csv"), csv.as_bytes());
    assert_eq!(sandbox.read("out.jsonl"), lines.as_bytes());
    assert_eq!(&sandbox.read("out.parquet")[..4], b"PAR1");
    // It can be read again, by ourselves for one: its mean is a table's column.
    let checked = sandbox.succeed("check out.parquet --target mean --json");
    let checked: Value = serde_json::from_str(&checked).expect("JSON");
    assert_eq!(checked["rows"], rows.len());
    assert!(sandbox.refuse(2, "predict model table.csv --format parquet").contains("--out FILE"));
}

#[test]
fn calibrated_sets_say_so_and_hold_more_where_the_model_was_too_sure() {
    let sandbox = trained();
    let told = sandbox.succeed("calibrate model table.csv");
    assert!(told.contains("calibrated with 200 rows"), "{told}");
    let report: Value = serde_json::from_str(&sandbox.succeed("evaluate model table.csv --json")).expect("JSON");
    let metric = |key: &str| report["metrics"][key].as_f64().unwrap_or_else(|| panic!("{key}"));
    // Of the rows that it was calibrated with it covers at least what it says.
    assert!(metric("calibrated_coverage_90") >= 0.9);
    for key in ["nll", "crps", "mae", "rmse", "coverage_90", "hpd_coverage_90", "hpd_width_90", "calibrated_width_90"] {
        assert!(metric(key).is_finite() && metric(&format!("{key}_error")) >= 0.0, "{key}");
    }
    let output = sandbox.ebm("predict model new.csv --out out.csv").output().expect("ebm starts");
    assert!(
        stderr(&output).contains("set: calibrated to contain 0.9 of the labels, with 200 rows"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn the_parts_kept_in_training_are_those_used_without_a_file() {
    let sandbox = trained();
    let split = sandbox.json("model/split.json");
    let rows = &split["rows"];
    let of = |part: &str| rows[part].as_u64().expect("a count");
    assert_eq!(of("train") + of("validation") + of("calibration") + of("test"), 200);
    assert!(sandbox.succeed("calibrate model").contains(&format!("with {} rows", of("calibration"))));
    sandbox.succeed("evaluate model");
    assert_eq!(sandbox.json("model/evaluation.json")["test_examples"], of("test"));
}

#[test]
fn samples_are_rows_and_the_seed_decides_them() {
    let sandbox = trained();
    let text = sandbox.succeed("sample model new.csv -n 5");
    let (header, rows) = table(&text);
    assert_eq!((header, rows.len()), (vec!["line".to_owned(), "price".to_owned()], 100));
    assert_eq!(sandbox.succeed("sample model new.csv -n 5"), text);
    assert_ne!(sandbox.succeed("sample model new.csv -n 5 --seed 1"), text);
}

#[test]
fn every_method_and_kind_trains_and_answers() {
    let sandbox = with_table();
    for method in ["ebm", "mdn", "mdn-teacher", "ebm-fixed", "residual"] {
        sandbox.succeed(&format!("{} --method {method} --force", TRAIN.replace("--epochs 4", "--epochs 1")));
        assert_eq!(table(&sandbox.succeed("predict model new.csv")).1.len(), 20, "{method}");
        sandbox.succeed("evaluate model");
    }
    type Price = fn(f64) -> f64;
    let kinds: [(&str, Price); 4] = [
        ("positive", |price| price),
        ("bounded:0,1000", |price| price.clamp(0.0, 1000.0)),
        ("count", |price| (price / 20.0).round().max(0.0)),
        ("angle:360", |price| price.rem_euclid(360.0)),
    ];
    for (kind, price) in kinds {
        sandbox.write("table.csv", crate::table::rows(120, price));
        let train = TRAIN.replace("--epochs 4", "--epochs 1");
        sandbox.succeed(&format!("{train} --target-kind {kind} --force"));
        let (header, rows) = table(&sandbox.succeed("predict model new.csv"));
        let at = |name: &str| header.iter().position(|of| of == name).expect("a column");
        for row in rows {
            let [low, high] = [at("lower"), at("upper")].map(|at| number(&row[at]));
            assert!(low <= high, "{kind}: {row:?}");
            assert!(kind != "count" || [low, high].iter().all(|end| end.fract() == 0.0), "{row:?}");
        }
    }
}

#[test]
fn several_targets_are_predicted_together() {
    let sandbox = Sandbox::new();
    let table_of_two: String = crate::table::rows(150, |price| price)
        .lines()
        .enumerate()
        .map(|(row, line)| if row == 0 { format!("{line},rent\n") } else { format!("{line},{}\n", row % 17) })
        .collect();
    sandbox.write("table.csv", table_of_two);
    sandbox.succeed("train table.csv --target price,rent --out model --seed 1 --epochs 1 --m 16 --quiet");
    let (header, rows) = table(&sandbox.succeed("predict model table.csv --log-prob"));
    for name in
        ["price_mean", "rent_mean", "price_set", "rent_upper", "price", "rent", "log_prob", "in_set", "pareto_k"]
    {
        assert!(header.iter().any(|of| of == name), "{name}: {header:?}");
    }
    assert_eq!(rows.len(), 150);
    sandbox.succeed("calibrate model");
    let report: Value = serde_json::from_str(&sandbox.succeed("evaluate model --json")).expect("JSON");
    assert!(report["metrics"]["energy_score"].is_f64() && report["metrics"]["calibrated_coverage_90"].is_f64());
}

#[test]
fn a_run_that_was_stopped_goes_on_to_the_same_bytes() {
    let whole = with_table();
    whole.succeed(TRAIN);
    let stopped = with_table();
    let mut child = stopped.spawn(&format!("{TRAIN} --checkpoint-seconds 0"));
    stopped.wait_for_checkpoint("model", &mut child, 1);
    crate::sandbox::signal(&child, "KILL");
    child.wait().expect("it ends");
    stopped.succeed(&format!("{TRAIN} --resume"));
    assert_eq!(stopped.read("model/model.safetensors"), whole.read("model/model.safetensors"));
}
