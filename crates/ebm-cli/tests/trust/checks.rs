//! A model is looked at before it passes as one, and asked without a panic whatever it holds.

use serde_json::{Value, json};

use crate::sandbox::{Sandbox, stderr};
use crate::table::{TRAIN, trained, with_table};

#[test]
fn a_run_that_diverged_does_not_pass_as_trained() {
    let sandbox = with_table();
    let train = TRAIN.replace("--epochs 4", "--epochs 10 --learning-rate 10");
    let message = sandbox.fail(1, &train);
    assert!(message.contains("training diverged in model; try a smaller --learning-rate"), "{message}");
    assert_eq!(sandbox.json("model/run.json")["status"], "failed");
    assert!(!sandbox.path("model/model.json").exists());
    for command in
        ["predict model new.csv", "evaluate model", "sample model new.csv", "calibrate model", "report model"]
    {
        let message = sandbox.refuse(66, command);
        assert!(message.contains("training in model diverged: there is no model"), "{command}: {message}");
    }
}

#[test]
fn a_model_that_is_worse_than_its_labels_says_so_last_and_in_the_report() {
    let sandbox = with_table();
    // Too little training to learn anything.
    let output = sandbox.ebm(&TRAIN.replace("--epochs 4", "--epochs 1 --learning-rate 1e-9")).output().expect("ebm");
    assert!(output.status.success(), "{}", stderr(&output));
    let last = stderr(&output).lines().last().map(str::to_owned).expect("a line");
    assert!(
        last.starts_with("warning: the model in model is poor: its NLL on ") && last.contains("Gaussian"),
        "{last}"
    );
    let checks = &sandbox.json("model/run.json")["checks"];
    assert!(checks["nll"].as_f64() > checks["marginal_nll"].as_f64(), "{checks}");
    assert_eq!((&checks["part"], &checks["not_finite"]), (&json!("validation"), &json!(0)));
    sandbox.succeed("report model --quiet");
    let page = String::from_utf8(sandbox.read("model/report.html")).expect("UTF-8");
    assert!(page.contains("The model was found poor right after its training: its NLL on "), "no warning");
}

#[test]
fn a_model_that_has_learned_something_is_not_called_poor() {
    let sandbox = with_table();
    let output = sandbox.ebm(&TRAIN.replace("--epochs 4 --m 16", "--epochs 60 --m 64")).output().expect("ebm starts");
    assert!(output.status.success() && output.stderr.is_empty(), "{}", stderr(&output));
    let checks = &sandbox.json("model/run.json")["checks"];
    assert!(checks["nll"].as_f64() < checks["marginal_nll"].as_f64(), "{checks}");
}

/// Every command that asks a model.
const COMMANDS: [&str; 5] = [
    "predict model table.csv --m 64 --log-prob --quiet",
    "sample model new.csv --m 64 --quiet",
    "evaluate model --m 64 --quiet",
    "calibrate model --m 64 --quiet",
    "report model --m 64 --quiet",
];

/// Ends with one of these codes, and never with a panic. What it says.
fn ends(sandbox: &Sandbox, command: &str, codes: &[i32], what: &str) -> String {
    let output = sandbox.ebm(command).output().expect("ebm starts");
    let (code, message) = (output.status.code(), stderr(&output));
    assert!(code.is_some_and(|code| codes.contains(&code)), "{what}: {command} ends with {code:?}: {message}");
    assert!(!message.contains("panicked"), "{what}: {message}");
    message
}

#[test]
fn weights_that_give_no_density_are_told_by_every_command() {
    for method in ["ebm", "mdn", "ebm-fixed"] {
        let sandbox = with_table();
        sandbox.succeed(&format!("{TRAIN} --method {method}"));
        let weights = sandbox.read("model/model.safetensors");
        let header = 8 + u64::from_le_bytes(*weights.first_chunk().expect("a length")) as usize;
        let mut model = sandbox.json("model/model.json");
        model["sha256"] = Value::Null;
        sandbox.write("model/model.json", model.to_string());
        for weight in [1e38_f32, -1e38, f32::NAN, f32::INFINITY] {
            let mut bytes = weights.clone();
            bytes[header..].chunks_exact_mut(4).for_each(|cell| cell.copy_from_slice(&weight.to_le_bytes()));
            sandbox.write("model/model.safetensors", bytes);
            sandbox.reseal("model");
            for command in COMMANDS {
                let message = ends(&sandbox, command, &[65], &format!("{method} {weight}"));
                assert!(message.contains("density is not finite"), "{method} {weight} {command}: {message}");
            }
        }
        // Some weights that are far too large.
        for (every, weight) in [(3, 1e38_f32), (7, 3e38), (50, 1e30), (11, 1e20), (1, 1e6), (2, -1e10)] {
            let mut bytes = weights.clone();
            let cells = bytes[header..].chunks_exact_mut(4).step_by(every);
            cells.for_each(|cell| cell.copy_from_slice(&weight.to_le_bytes()));
            sandbox.write("model/model.safetensors", bytes);
            sandbox.reseal("model");
            for command in COMMANDS {
                ends(&sandbox, command, &[0, 65], &format!("{method} {every} {weight}"));
            }
        }
    }
}

#[test]
fn scales_that_were_edited_are_refused_or_used_and_never_a_panic() {
    let sandbox = trained();
    let model = sandbox.json("model/model.json");
    for (field, value, codes) in [
        ("scale", json!(0.0), &[65][..]),
        ("scale", json!(-1.0), &[65]),
        ("scale", json!(1e-320), &[65]),
        ("scale", json!(1e300), &[0, 65]),
        ("scale", json!(1e-300), &[0, 65]),
        ("scale", json!(1e12), &[0, 65]),
        ("shift", json!(1e300), &[0, 65]),
        ("shift", json!(-1e18), &[0, 65]),
        ("seen", json!([5.0, -5.0]), &[65]),
        ("seen", json!([-1e300, 1e300]), &[0, 65]),
        ("seen", json!([1.0, 1.0]), &[0, 65]),
    ] {
        let mut edited = model.clone();
        edited["own"]["space"][0][field] = value.clone();
        sandbox.write("model/model.json", edited.to_string());
        sandbox.reseal("model");
        for command in COMMANDS {
            ends(&sandbox, command, codes, &format!("{field} = {value}"));
        }
    }
}
