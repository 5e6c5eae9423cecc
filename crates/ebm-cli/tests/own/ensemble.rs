//! Ensembles: the default for a table.

use std::sync::OnceLock;
use std::thread::sleep;
use std::time::Duration;

use crate::sandbox::{Files, Sandbox, signal, stderr};
use crate::table::with_table;

/// Two folds, so four networks, and trees twice.
const TRAIN: &str =
    "train table.csv --target price --target-kind real --members 2 --out model --seed 3 --epochs 3 --m 16 --quiet";

fn trained() -> Sandbox {
    static RUN: OnceLock<Files> = OnceLock::new();
    let sandbox = with_table();
    let files = RUN.get_or_init(|| {
        let sandbox = with_table();
        sandbox.succeed(TRAIN);
        sandbox.files("model")
    });
    sandbox.restore("model", files);
    sandbox.adopt("model");
    sandbox
}

/// The files of a run without those that say when, how fast and from where.
fn outcome(sandbox: &Sandbox) -> Files {
    let mut files = sandbox.files("model");
    files.retain(|name, _| !name.ends_with("run.json") && !name.ends_with("manifest.json"));
    files
}

#[test]
fn the_members_of_a_table_are_on_folds_and_their_weights_sum_to_one() {
    let sandbox = trained();
    let record = sandbox.json("model/ensemble.json");
    let members = record["members"].as_array().expect("members");
    let folds: Vec<u64> = members.iter().map(|member| member["fold"].as_u64().expect("a fold")).collect();
    assert!(members.len() >= 4 && folds.iter().filter(|&&fold| fold == 0).count() * 2 == members.len());
    let weights: f64 = members.iter().map(|member| member["weight"].as_f64().expect("a weight")).sum();
    assert!((weights - 1.0).abs() < 1e-9);
    assert_eq!(record["held_out"]["rows"], 200);
    for member in members {
        let folder = format!("model/members/{}", member["name"].as_str().expect("a name"));
        assert_eq!(sandbox.json(&format!("{folder}/run.json"))["status"], "done", "{folder}");
    }
    assert_eq!(sandbox.json("model/run.json")["status"], "done");
    assert!(members.iter().any(|member| member["name"] == "trees-1"));
    assert!(sandbox.path("model/members/trees-1/trees.safetensors").exists());
}

#[test]
fn an_ensemble_answers_every_question_without_a_held_out_part() {
    let sandbox = trained();
    let predicted = sandbox.succeed("predict model new.csv");
    let header = predicted.lines().next().expect("a header");
    assert!(header.contains("disagreement") && header.contains("set"), "{header}");
    assert_eq!(predicted.lines().count(), 21);
    let evaluation = sandbox.succeed("evaluate model --json");
    assert!(evaluation.contains("\"test_examples\": 200"), "{evaluation}");
    assert!(evaluation.contains("calibrated_coverage_90"), "{evaluation}");
    sandbox.succeed("report model --out report.html");
    let report = String::from_utf8(sandbox.read("report.html")).expect("UTF-8");
    for part in [
        "Feature effects",
        "area: the median goes from",
        "town: means at each category",
        ">Member</th>",
        "the power 0.5 of the density",
    ] {
        assert!(report.contains(part), "no {part:?}");
    }
    assert!(report.contains("ebm-1") && report.contains("were not trained on"), "the members are listed");
    sandbox.succeed("sample model new.csv");
}

#[test]
fn calibrating_again_gives_the_same_calibration() {
    let sandbox = trained();
    let before = sandbox.json("model/calibration.json")["calibration"]["n"].clone();
    sandbox.succeed("calibrate model");
    let after = sandbox.json("model/calibration.json");
    assert_eq!((before, &after["calibration"]["n"]), (200.into(), &200.into()));
}

#[test]
fn an_ensemble_interrupted_and_resumed_is_the_same_on_any_number_of_threads() {
    let expected = outcome(&trained());
    let sandbox = with_table();
    let mut child = sandbox.spawn(&format!("{TRAIN} --threads 1 --checkpoint-seconds 0"));
    while !sandbox.path("model/members/ebm-0/checkpoint.json").exists() {
        assert!(child.try_wait().expect("waited").is_none(), "it ended before its first checkpoint");
        sleep(Duration::from_millis(1));
    }
    signal(&child, "TERM");
    assert_eq!(child.wait().expect("it ends").code(), Some(75));
    assert_eq!(sandbox.json("model/run.json")["status"], "interrupted");
    sandbox.succeed(&format!("{TRAIN} --threads 2 --resume"));
    let found = outcome(&sandbox);
    assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    for (name, bytes) in &found {
        // The calibration names the table, which lies in another folder.
        if name != "calibration.json" {
            assert!(bytes == &expected[name], "{name}");
        }
    }
}

#[test]
fn a_member_of_another_run_is_refused() {
    let sandbox = trained();
    let record = sandbox.json("model/ensemble.json");
    let members = record["members"].as_array().expect("members");
    let used = members.iter().find(|member| member["weight"].as_f64() > Some(0.0)).expect("one has a weight");
    let name = |member: &serde_json::Value| member["name"].as_str().expect("a name").to_owned();
    let other = members.iter().find(|of| of["method"] == used["method"] && of["name"] != used["name"]).expect("a fold");
    let file = if used["method"] == "trees" { "trees.safetensors" } else { "model.safetensors" };
    let bytes = sandbox.read(&format!("model/members/{}/{file}", name(other)));
    sandbox.write(&format!("model/members/{}/{file}", name(used)), bytes);
    let message = sandbox.fail(65, "predict model new.csv");
    assert!(message.contains(&name(used)), "{message}");
}

#[test]
fn forms_without_weight_on_the_first_folds_are_not_trained_on_the_others() {
    let sandbox = with_table();
    let forms = "mdn,mdn:decay=2:pieces=0,mdn-teacher,trees";
    let train = format!(
        "train table.csv --target price --target-kind real --members 5 --forms {forms} --out model --seed 3 --epochs 4 \
         --m 4 --learning-rate 0.001 --quiet"
    );
    sandbox.succeed(&train);
    let record = sandbox.json("model/ensemble.json");
    let members = record["members"].as_array().expect("members");
    let of = |form: &str| members.iter().filter(|member| member["method"] == form).collect::<Vec<_>>();
    let names = ["mdn", "mdn-decay-2-pieces-0", "mdn_teacher", "trees"];
    let counts = names.map(|form| of(form).len());
    assert!(counts.iter().all(|&count| count == 3 || count == 5), "{counts:?}");
    assert!(counts.contains(&3) && counts.contains(&5), "{counts:?}");
    for form in names.iter().filter(|form| of(form).len() == 3) {
        assert!(of(form).iter().all(|member| member["weight"] == 0.0), "{form}");
    }
    let decay = |form: &str| {
        sandbox.json(&format!("model/members/{form}-0/run.json"))["config"]["training"]["weight_decay"].clone()
    };
    assert_eq!((decay("mdn"), decay("mdn-decay-2-pieces-0")), (0.3.into(), 2.0.into()));
    sandbox.succeed("report model --out report.html");
    let report = String::from_utf8(sandbox.read("report.html")).expect("UTF-8");
    assert!(report.contains(&format!("--forms {forms}")), "the command names the forms");
}

#[test]
fn wrong_forms_are_refused() {
    let sandbox = with_table();
    let wrong = [
        ("trees", "trees are beside networks"),
        ("mdn:decay=1,trees", "--weight-decay"),
        ("mdn,mdn", "there twice"),
        ("mdn,tree", "expected trees, ebm"),
        ("mdn,ebm:rate=1", "decay=D or pieces=N"),
        ("mdn,ebm:decay=-1", "weight_decay"),
    ];
    for (forms, expected) in wrong {
        let mut command = sandbox.ebm(&format!("train table.csv --target price --forms {forms} --out model"));
        let output = command.output().expect("it runs");
        let message = stderr(&output);
        assert!(!output.status.success() && message.contains(expected), "{forms}: {message}");
    }
}

#[test]
fn an_ensemble_has_no_validation_part() {
    let sandbox = with_table();
    let message = sandbox.refuse(2, "train table.csv --target price --members 3 --split 0.8,0.1,0,0.1 --out model");
    assert!(message.contains("folds") && message.contains("0.9,0,0,0.1"), "{message}");
}

#[test]
fn a_forced_ensemble_that_is_stopped_before_it_has_a_member_leaves_the_earlier_one() {
    let sandbox = trained();
    let answer = sandbox.succeed("predict model new.csv --quiet");
    let other = format!("{} --force --checkpoint-seconds 0", TRAIN.replace("--seed 3", "--seed 4"));
    for how in ["TERM", "KILL"] {
        let mut child = sandbox.spawn(&other.replace("--epochs 3", "--epochs 100000"));
        while !sandbox.path("model/next/members/ebm-0/checkpoint.json").exists() {
            assert!(child.try_wait().expect("waited").is_none(), "it ended before its first checkpoint");
            sleep(Duration::from_millis(1));
        }
        // What is there meanwhile still answers.
        assert_eq!(sandbox.succeed("predict model new.csv --quiet"), answer, "{how}");
        signal(&child, how);
        child.wait().expect("it ends");
        assert_eq!(sandbox.succeed("predict model new.csv --quiet"), answer, "{how}");
    }
    sandbox.succeed(&other);
    assert_ne!(sandbox.succeed("predict model new.csv --quiet"), answer);
    assert!(!sandbox.path("model/next").exists());
}
