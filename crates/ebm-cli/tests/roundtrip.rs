//! From training to every kind of answer.

mod sandbox;

use std::fs;

use ebm_data::image::{ImageSet, ImageTask, SIDE, write_images};
use sandbox::{Sandbox, TRAIN};
use serde_json::Value;

/// A CSV as its header and rows; a cell that is not a number is NaN.
fn table(text: &str) -> (Vec<String>, Vec<Vec<f64>>) {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().expect("a header").iter().map(str::to_owned).collect();
    let number = |cell: &str| cell.parse().unwrap_or(f64::NAN);
    (header, reader.records().map(|row| row.expect("a row").iter().map(number).collect()).collect())
}

fn json_lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("a JSON line")).collect()
}

/// The last columns of a prediction by a model with a proposal.
const COLUMNS: [&str; 7] = ["lower", "upper", "set", "ess_share", "pareto_k", "beyond", "distance"];

#[test]
fn a_prediction_is_a_row_of_the_stated_columns_for_every_input() {
    let sandbox = Sandbox::trained();
    let text = sandbox.succeed("predict run --x -0.5,0,2 --m 64 --quantiles 0.1,0.25,0.5,0.9");
    let (header, rows) = table(&text);
    let quantiles = ["q0.1", "q0.25", "q0.5", "q0.9"];
    let expected = [&["x", "mean", "sd", "median", "mode"][..], &quantiles, &COLUMNS].concat();
    assert_eq!(header, expected);
    assert_eq!(rows.iter().map(|row| row[0]).collect::<Vec<_>>(), [-0.5, 0.0, 2.0]);
    for row in rows {
        assert!(row[2] > 0.0 && row[5..9].is_sorted() && row[3] == row[7] && row[9] < row[10], "{row:?}");
        assert!(row[12] > 0.0 && row[12] <= 1.0, "{row:?}");
    }
}

#[test]
fn json_is_the_same_answer_a_line_an_input() {
    let sandbox = Sandbox::trained();
    let args = "predict run my.csv --log-prob --m 64";
    let text = sandbox.succeed(args);
    let (header, rows) = table(&text);
    let objects = json_lines(&sandbox.succeed(&format!("{args} --json")));
    let expected = ["y", "log_prob", "log_prob_error", "label_weight", "in_set", "beyond", "distance"];
    assert_eq!(header[header.len() - 7..], expected);
    assert_eq!((rows.len(), objects.len()), (12, 12));
    for (row, object) in rows.iter().zip(&objects) {
        assert_eq!(object["schema"], "ebm.prediction/1");
        assert_eq!(object.as_object().expect("an object").len(), header.len() + 1);
        for (name, cell) in header.iter().zip(row) {
            assert_eq!(object[name].as_f64().unwrap_or(f64::NAN).to_bits(), cell.to_bits(), "{name}");
        }
    }
}

#[test]
fn a_written_picture_is_told_as_json() {
    let sandbox = Sandbox::trained();
    let told = json_lines(&sandbox.succeed("plot curves run --out curves.svg --json").replace('\n', ""));
    assert_eq!(told[0]["schema"], "ebm.picture/1");
    assert!(sandbox.path("curves.svg").exists());
}

#[test]
fn a_file_of_inputs_alone_gives_what_the_same_inputs_give_on_the_command_line() {
    let sandbox = Sandbox::trained();
    let expected = sandbox.succeed("predict run --x -0.5,0.25 --m 16");
    for text in ["x\n-0.5\n0.25\n", "-0.5\n0.25\n", "x,y\n-0.5,1\n0.25,2\n", "note,x\na,-0.5\nb,0.25\n"] {
        sandbox.write("new.csv", text);
        assert_eq!(sandbox.succeed("predict run new.csv --m 16"), expected, "{text:?}");
    }
    assert!(sandbox.fail(65, "predict run new.csv --log-prob").contains("no column `y`"));
}

#[test]
fn there_are_as_many_samples_as_asked_for_and_the_seed_decides_them() {
    let sandbox = Sandbox::trained();
    let args = "sample run --x -1,1 -n 5 --m 16";
    let text = sandbox.succeed(args);
    let (header, rows) = table(&text);
    assert_eq!(header, ["x", "y"]);
    let x: Vec<f64> = rows.iter().map(|row| row[0]).collect();
    assert_eq!(x, [[-1.0; 5], [1.0; 5]].concat());
    assert_eq!(sandbox.succeed(args), text);
    assert_ne!(sandbox.succeed(&format!("{args} --seed 1")), text);

    let objects = json_lines(&sandbox.succeed(&format!("{args} --json")));
    let y: Vec<f64> = objects.iter().map(|object| object["y"].as_f64().expect("a sample")).collect();
    assert_eq!(y, rows.iter().map(|row| row[1]).collect::<Vec<_>>());
}

#[test]
fn every_method_trains_predicts_and_plots() {
    let sandbox = Sandbox::new();
    for (preset, flags) in [("ours_k1", ""), ("mdn_k4", ""), ("mdn_teacher_k4", ""), ("nce_0.1", "--objective nce")] {
        let train = format!("train --preset toy_1/{preset} {flags} --epochs 1 --m 2 --batch-size 500 --seed 1");
        sandbox.succeed(&format!("{train} --out {preset}"));
        let text = sandbox.succeed(&format!("predict {preset} --x 0,1 --m 16"));
        let (header, rows) = table(&text);
        let of_proposal = if preset == "ours_k1" { 2 } else { 0 };
        assert_eq!((header.len(), rows.len()), (13 + of_proposal, 2), "{preset}");
        sandbox.succeed(&format!("plot density {preset} --out {preset}.svg --m 16"));
        sandbox.succeed(&format!("plot curves {preset} --out {preset}.png"));
        assert!(fs::metadata(sandbox.path(format!("{preset}.png"))).expect("drawn").len() > 1000);
    }
}

#[test]
fn an_evaluation_is_printed_and_kept_in_the_same_words() {
    let sandbox = Sandbox::new();
    let train = "train --preset toy_1/ours_k1 --epochs 1 --m 2 --batch-size 500 --seed 1 --out run";
    let printed: Value = serde_json::from_str(&sandbox.succeed(&format!("{train} --evaluate --json"))).expect("JSON");
    let kept = sandbox.json("run/evaluation.json");
    assert_eq!(printed, kept);
    assert_eq!(kept["schema"], "ebm.evaluation/1");
    assert_eq!(kept["test_examples"], 2000);
    assert_eq!(
        kept["grid"],
        serde_json::json!({ "kind": "paper", "low": -3.0, "high": 3.0, "points": 2048, "dimensions": 1 })
    );
    for key in [
        "kl",
        "nll",
        "nll_error",
        "truth_nll",
        "nll_importance",
        "nll_importance_mc_error",
        "ess_share",
        "pareto_k_high",
        "label_missed",
        "label_outside",
        "mae",
        "rmse",
        "median_mae",
        "crps",
        "coverage_50",
        "coverage_95",
    ] {
        assert!(kept["metrics"][key].is_f64(), "{key}");
        assert!(kept["about"][key].is_string() || key.ends_with("_error"), "{key}");
    }
    let pits = kept["pit_counts"].as_array().expect("a histogram").iter();
    assert_eq!(pits.map(|count| count.as_f64().expect("a count")).sum::<f64>(), 2000.0);
    let metric = |key: &str| kept["metrics"][key].as_f64().expect("a number");
    // No model beats the truth by more than chance.
    assert!(metric("nll") > metric("truth_nll") - 4.0 * metric("nll_error"));
    assert!(metric("kl") > 0.0);

    // The same by itself, and asked for again by a run that is done.
    let text = sandbox.succeed("evaluate run");
    let keys: Vec<&str> = text.lines().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(keys.len(), kept["about"].as_object().expect("an object").len());
    assert!(keys.iter().all(|key| kept["metrics"][key].is_f64()), "{keys:?}");
    fs::remove_file(sandbox.path("run/evaluation.json")).expect("removed");
    sandbox.succeed(&format!("{train} --resume --evaluate --quiet"));
    assert_eq!(sandbox.json("run/evaluation.json"), kept);
}

#[test]
fn a_finer_grid_or_none_is_reported_and_the_kept_evaluation_stays_as_it_was() {
    let sandbox = Sandbox::new();
    let metrics = |args: &str| -> Value {
        let report: Value = serde_json::from_str(&sandbox.succeed(args)).expect("JSON");
        report["metrics"].clone()
    };
    let train = "train --preset toy_1/ours_k1 --epochs 1 --m 2 --batch-size 500 --seed 1 --out run";
    let paper = metrics(&format!("{train} --evaluate --json"));
    let before = sandbox.files("run");
    let fine = metrics("evaluate run --grid fine --json");
    let none = metrics("evaluate run --grid none --json");
    assert_eq!(sandbox.files("run"), before);
    // An untrained density is smooth: the paper's 2048 points are enough, but for n/(n − 1) in its volume.
    let nll = |of: &Value| of["nll"].as_f64().expect("a number");
    assert!((nll(&fine) - nll(&paper)).abs() < 2e-3, "{} {}", nll(&fine), nll(&paper));
    assert!(none["nll"].is_null() && none["kl"].is_null());
    for key in ["nll_importance", "mae", "crps", "coverage_90"] {
        assert_eq!(none[key], paper[key], "{key} needs no grid");
    }
}

#[test]
fn a_mixture_is_measured_on_the_whole_line_and_on_the_grids_support() {
    let sandbox = Sandbox::new();
    let train = "train --preset toy_1/mdn_k4 --epochs 1 --batch-size 500 --seed 1 --out run";
    let report: Value = serde_json::from_str(&sandbox.succeed(&format!("{train} --evaluate --json"))).expect("JSON");
    let metric = |key: &str| report["metrics"][key].as_f64().expect("a number");
    assert!(metric("nll_on_support") < metric("nll"));
    assert!(report["about"]["nll"].as_str().expect("text").contains("whole line"));
    assert!(report["about"]["nll_on_support"].as_str().expect("text").contains("[-3, 3]"));
    assert!(report["metrics"]["nll_importance"].is_null());
}

#[test]
fn a_model_without_a_proposal_is_measured_on_a_grid_or_not_at_all() {
    let sandbox = Sandbox::new();
    let train = "train --preset toy_1/nce_0.1 --epochs 1 --m 2 --batch-size 500 --seed 1 --out run";
    let report: Value = serde_json::from_str(&sandbox.succeed(&format!("{train} --evaluate --json"))).expect("JSON");
    assert!(report["metrics"]["crps"].is_f64() && report["metrics"]["nll"].is_f64());
    assert!(sandbox.fail(2, "evaluate run --grid none").contains("--grid fine"));
}

#[test]
fn a_test_file_is_evaluated_and_the_run_stays_as_it_was() {
    let sandbox = Sandbox::trained();
    let before = sandbox.files("run");
    let report: Value =
        serde_json::from_str(&sandbox.succeed("evaluate run my.csv --allow-overlap --m 16 --json")).expect("JSON");
    assert_eq!(report["schema"], "ebm.evaluation/1");
    assert_eq!(report["test_examples"], 12);
    assert_eq!(report["importance_samples"], 16);
    assert_eq!(sandbox.files("run"), before);
}

#[test]
fn a_picture_shows_the_epochs_that_were_kept() {
    let sandbox = Sandbox::new();
    sandbox.succeed(&TRAIN.replace("--epochs 40", "--epochs 2 --snapshot-epochs 1"));
    sandbox.succeed("plot density run --epochs 1 --samples --out density.svg --m 16");
    let picture = String::from_utf8(sandbox.read("density.svg")).expect("UTF-8");
    assert!(picture.contains("epoch 1") && picture.contains("EBM samples"));
}

#[test]
fn devices_are_listed_for_people_and_for_programs() {
    let sandbox = Sandbox::new();
    let list: Value = serde_json::from_str(&sandbox.succeed("devices --json")).expect("JSON");
    assert_eq!(list["schema"], "ebm.devices/1");
    let devices = list["devices"].as_array().expect("a list");
    let text = sandbox.succeed("devices");
    assert_eq!(text.lines().count(), devices.len());
    for (device, line) in devices.iter().zip(text.lines()) {
        assert!(line.starts_with(device["name"].as_str().expect("a name")), "{line}");
        let compiled_in = device["compiled_in"].as_bool().expect("a bool");
        assert_eq!(line.contains("--features"), !compiled_in, "{line}");
    }
}

#[test]
fn the_plan_of_table_1_trains_each_of_its_16_cells_as_often_as_asked() {
    let sandbox = Sandbox::new();
    for networks in [1, 3] {
        let plan = sandbox.succeed(&format!("table 1 --plan --json --networks {networks} --epochs 2 --m 4"));
        let plan: Value = serde_json::from_str(&plan).expect("JSON");
        assert_eq!(plan["schema"], "ebm.plan/1");
        let jobs = plan["jobs"].as_array().expect("jobs");
        assert_eq!(jobs.len(), 16 * networks);
        let args: Vec<&str> = jobs[0]["args"].as_array().expect("arguments").iter().filter_map(Value::as_str).collect();
        assert_eq!((args[0], &args[args.len() - 4..]), ("train", &["--epochs", "2", "--m", "4"][..]));
    }
}

#[test]
fn every_run_folder_is_asked_in_the_same_way_and_answers_with_the_same_columns() {
    let sandbox = Sandbox::new();
    let ebm = |args: &str| {
        let output = sandbox.ebm(args).env("EBM_CACHE", sandbox.path("cache")).output().expect("ebm starts");
        assert!(output.status.success(), "{args}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    ebm("train --preset toy_1/ours_k4 --epochs 1 --m 2 --batch-size 500 --seed 1 --out toy --quiet");
    let small = "--examples 16 --width 8 --epochs 1 --m 8 --batch-size 8 --seed 1 --quiet";
    ebm(&format!("train --preset steering/ours_k4 {small} --out steering"));
    ebm(&format!("train --preset head_pose/ours_k4 {small} --out pose"));
    let columns = |args: &str, first: &str, rows: usize| {
        let (header, found) = table(&ebm(args));
        assert_eq!((header[0].as_str(), found.len()), (first, rows), "{args}");
        header[1..].to_vec()
    };
    let toy = columns("predict toy --x 0,1", "x", 2);
    assert_eq!(toy[toy.len() - COLUMNS.len()..], COLUMNS);
    assert_eq!(columns("predict steering", "image", 4), toy);
    let images = ImageSet::new(vec![7; 2 * 3 * SIDE * SIDE], 3, vec![1.0, -2.0], 1);
    write_images(sandbox.path("new.h5"), ImageTask::Steering, &images).expect("written");
    assert_eq!(columns("predict steering new.h5 --m 64", "image", 2), toy);
    let pose = columns("predict pose", "image", 4);
    let of_yaw: Vec<&str> = pose.iter().filter_map(|name| name.strip_prefix("yaw_")).collect();
    assert_eq!(of_yaw[..], toy[..toy.len() - 4]);
    assert_eq!(pose[pose.len() - 4..], ["ess_share", "pareto_k", "beyond", "distance"]);

    assert_eq!(columns("sample toy", "x", 2000), ["y"]);
    assert_eq!(columns("sample steering -n 3", "image", 12), ["steering_angle"]);
    assert_eq!(columns("sample pose", "image", 4), ["yaw", "pitch", "roll"]);
    assert!(columns("predict steering --log-prob", "image", 4).contains(&"steering_angle".to_owned()));
    assert!(sandbox.fail(2, "calibrate toy").contains("toy_1 has no calibration part: give a file"));
    ebm("calibrate toy my.csv");
    ebm("calibrate steering new.h5");
    for (run, test) in [("toy", "my.csv"), ("steering", "new.h5"), ("pose", "")] {
        let report: Value = serde_json::from_str(&ebm(&format!("evaluate {run} {test} --json"))).expect("JSON");
        for key in ["nll", "nll_importance", "ess_share", "crps", "coverage_90", "hpd_coverage_90"] {
            assert!(report["metrics"][key].is_f64(), "{run}: {key}");
        }
        assert_eq!(report["metrics"]["calibrated_coverage_90"].is_f64(), run != "pose");
        ebm(&format!("report {run}"));
        assert!(String::from_utf8_lossy(&sandbox.read(&format!("{run}/report.html"))).contains("single rows"), "{run}");
    }
}
