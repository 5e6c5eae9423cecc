//! Every file of a run is under a digest.

use serde_json::Value;

use crate::sandbox::{Sandbox, stderr};
use crate::subjects::Subject;
use crate::table::trained;

const PREDICT: &str = "predict model new.csv --m 64 --quiet";

/// A model that is calibrated, evaluated and reported on.
fn whole() -> Sandbox {
    let sandbox = trained();
    for command in ["calibrate model", "evaluate model", "report model"] {
        sandbox.succeed(command);
    }
    sandbox
}

#[test]
fn every_file_of_a_run_is_in_its_manifest() {
    let sandbox = whole();
    let manifest = sandbox.json("model/manifest.json");
    assert_eq!(manifest["schema"], "ebm.manifest/1");
    let listed: Vec<&String> = manifest["files"].as_object().expect("files").keys().collect();
    let files = sandbox.files("model");
    let there: Vec<&String> = files.keys().filter(|name| *name != "manifest.json").collect();
    assert_eq!(listed, there);
    let inspection: Value = serde_json::from_str(&sandbox.succeed("inspect model --json")).expect("JSON");
    assert_eq!((&inspection["schema"], &inspection["sealed"]), (&"ebm.run_inspection/1".into(), &true.into()));
    let files = inspection["files"].as_array().expect("files");
    assert!(files.len() == listed.len() && files.iter().all(|file| file["found"] == "same"), "{inspection}");
    assert_eq!(inspection["record"]["status"], "done");
}

#[test]
fn a_file_that_has_changed_is_refused_by_name_until_the_run_is_sealed_again() {
    for (name, command) in [
        ("model.json", PREDICT),
        ("run.json", PREDICT),
        ("model.safetensors", PREDICT),
        ("calibration.json", PREDICT),
        ("split.json", "evaluate model"),
        ("metrics.jsonl", "plot curves model --out curves.svg"),
        ("evaluation.json", "plot calibration model --out calibration.svg"),
        ("rows.json", "calibrate model table.csv"),
        ("manifest.json", PREDICT),
    ] {
        let sandbox = whole();
        let file = format!("model/{name}");
        let mut bytes = sandbox.read(&file);
        if name == "manifest.json" {
            bytes = String::from_utf8(bytes).expect("UTF-8").replace("\"bytes\": ", "\"bytes\": 1").into_bytes();
        } else {
            bytes.insert(0, b' ');
        }
        sandbox.write(&file, bytes);
        let message = sandbox.refuse(65, command);
        assert!(message.contains("ebm inspect model --reseal`"), "{name}: {message}");
        assert!(name == "manifest.json" || message.contains(&format!("{file} has changed")), "{name}: {message}");
        let output = sandbox.ebm("inspect model").output().expect("ebm starts");
        assert_eq!(output.status.code(), Some(65), "{name}");
        sandbox.succeed("inspect model --reseal");
        if name != "model.safetensors" && name != "rows.json" {
            sandbox.succeed(command);
        }
        sandbox.succeed("inspect model");
    }
    let sandbox = whole();
    std::fs::remove_file(sandbox.path("model/calibration.json")).expect("removed");
    let message = sandbox.refuse(65, PREDICT);
    assert!(message.contains("model/calibration.json is missing: restore it"), "{message}");
}

#[test]
fn unknown_keys_and_kinds_are_refused_in_every_document() {
    for (name, command) in [
        ("model.json", PREDICT),
        ("run.json", PREDICT),
        ("calibration.json", PREDICT),
        ("manifest.json", PREDICT),
        ("split.json", "evaluate model"),
        ("evaluation.json", "plot calibration model --out calibration.svg"),
        ("rows.json", "calibrate model table.csv"),
    ] {
        let sandbox = whole();
        let file = format!("model/{name}");
        let mut document = sandbox.json(&file);
        document["colour"] = "blue".into();
        sandbox.write(&file, document.to_string());
        if name != "manifest.json" {
            // As in runs of earlier releases.
            std::fs::remove_file(sandbox.path("model/manifest.json")).expect("removed");
        }
        let message = sandbox.refuse(65, command);
        assert!(message.contains("unknown field `colour`"), "{name}: {message}");
    }
    let sandbox = whole();
    let mut model = sandbox.json("model/model.json");
    let own = model.as_object_mut().expect("an object").remove("own").expect("an encoding");
    model["nwn"] = own;
    sandbox.write("model/model.json", model.to_string());
    sandbox.reseal("model");
    assert!(sandbox.refuse(65, PREDICT).contains("unknown field `nwn`"));
}

#[test]
fn a_run_of_an_earlier_release_answers_with_a_warning() {
    let sandbox = whole();
    let expected = sandbox.succeed(PREDICT);
    std::fs::remove_file(sandbox.path("model/manifest.json")).expect("removed");
    let output = sandbox.ebm(PREDICT).output().expect("ebm starts");
    assert_eq!(String::from_utf8(output.stdout.clone()).expect("UTF-8"), expected);
    assert!(stderr(&output).contains("warning: model has no manifest.json"), "{}", stderr(&output));
    sandbox.succeed("inspect model --reseal");
    let output = sandbox.ebm(PREDICT).output().expect("ebm starts");
    assert!(output.status.success() && !stderr(&output).contains("manifest.json"), "{}", stderr(&output));
}

#[test]
fn a_run_that_is_not_trained_to_the_end_is_not_sealed() {
    let sandbox = Sandbox::interrupted();
    assert!(!sandbox.path("run/manifest.json").exists());
    assert!(sandbox.refuse(2, "inspect run --reseal").contains("is not trained to the end"));
    assert!(sandbox.succeed("inspect run").starts_with("status       interrupted\n"));
    assert!(sandbox.refuse(66, "inspect none").contains("none is not a run folder"));
}

#[test]
fn the_files_of_members_are_inspected_too() {
    let sandbox = Subject::Ensemble.sandbox();
    sandbox.succeed(Subject::Ensemble.train());
    let inspection: Value = serde_json::from_str(&sandbox.succeed("inspect model --json")).expect("JSON");
    let listed: Vec<&str> =
        inspection["files"].as_array().expect("files").iter().filter_map(|file| file["name"].as_str()).collect();
    let files = sandbox.files("model");
    // The manifest of the run itself cannot have its own digest.
    let there: Vec<&String> = files.keys().filter(|name| *name != "manifest.json").collect();
    assert!(there.iter().all(|name| listed.contains(&name.as_str())), "{there:?} {listed:?}");
    let weights = "model/members/ebm-1/model.safetensors";
    let mut bytes = sandbox.read(weights);
    bytes[2000] ^= 1;
    sandbox.write(weights, bytes);
    let output = sandbox.ebm("inspect model").output().expect("ebm starts");
    assert_eq!(output.status.code(), Some(65));
    assert!(stderr(&output).contains("as they were written: members/ebm-1/model.safetensors"), "{}", stderr(&output));
    sandbox.succeed("inspect model --reseal");
    sandbox.succeed("inspect model");
}
