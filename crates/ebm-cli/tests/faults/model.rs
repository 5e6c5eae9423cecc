//! Trained models.

use std::fs;
use std::time::{Duration, Instant};

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::sandbox::{Sandbox, stderr};

#[test]
fn a_model_that_is_not_the_one_trained_is_refused_by_its_digest() {
    let sandbox = Sandbox::trained();
    let mut bytes = sandbox.read("run/model.safetensors");
    *bytes.last_mut().expect("not empty") ^= 1;
    sandbox.write("run/model.safetensors", bytes);
    for command in ["predict run --x 1", "sample run --x 1", "evaluate run my.csv"] {
        let message = sandbox.refuse(65, command);
        assert!(message.contains("run/model.safetensors has changed since it was written: restore it"), "{message}");
    }
    // Sealed with another model's weights, it is still not what model.json says.
    sandbox.reseal("run");
    let message = sandbox.refuse(65, "predict run --x 1");
    assert!(message.contains("run/model.safetensors is damaged: its SHA-256 is"), "{message}");
    assert!(message.contains("train the run again with --force, or restore the file"), "{message}");
}

/// Changes `model.json`.
fn edit_model(sandbox: &Sandbox, edit: impl Fn(&mut Value)) {
    let mut model = sandbox.json("run/model.json");
    edit(&mut model);
    sandbox.write("run/model.json", model.to_string());
    sandbox.reseal("run");
}

#[test]
fn a_damaged_model_without_a_digest_is_refused_at_once_and_without_a_panic() {
    let sandbox = Sandbox::trained();
    edit_model(&sandbox, |model| drop(model.as_object_mut().expect("an object").remove("sha256")));
    sandbox.succeed("predict run --x 1 --m 16"); // As runs of older versions are.
    let bytes = sandbox.read("run/model.safetensors");
    let refuse = |bytes: &[u8]| {
        sandbox.write("run/model.safetensors", bytes);
        sandbox.reseal("run");
        let started = Instant::now();
        let message = sandbox.refuse(65, "predict run --x 1");
        assert!(started.elapsed() < Duration::from_secs(5), "not at once");
        message
    };
    let header = |header: &str| [&(header.len() as u64).to_le_bytes(), header.as_bytes()].concat();
    assert_snapshot!(refuse(&bytes[..bytes.len() / 2]), @r"
    error: run/model.safetensors cannot be used: train the run again with --force, or restore the file
      because: not a safetensors file
      because: incomplete metadata, file not fully covered
    ");
    assert_snapshot!(refuse(b"garbage that is no model"), @r"
    error: run/model.safetensors cannot be used: train the run again with --force, or restore the file
      because: not a safetensors file
      because: header too large
    ");
    assert_snapshot!(refuse(b""), @r"
    error: run/model.safetensors cannot be used: train the run again with --force, or restore the file
      because: not a safetensors file
      because: header too small
    ");
    assert_snapshot!(refuse(&[u64::MAX.to_le_bytes().as_slice(), &bytes[8..]].concat()), @r"
    error: run/model.safetensors cannot be used: train the run again with --force, or restore the file
      because: not a safetensors file
      because: header too large
    ");
    assert_snapshot!(refuse(&header("{}")), @r#"
    error: run/model.safetensors cannot be used: train the run again with --force, or restore the file
      because: tensor "Ebm.energy.from_features.bias" is missing: the file belongs to another model
    "#);
    let huge = r#"{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}"#;
    assert_snapshot!(refuse(&header(huge)), @r"
    error: run/model.safetensors cannot be used: train the run again with --force, or restore the file
      because: not a safetensors file
      because: overflow computing buffer size from shape and/or element type
    ");
    let one = r#"{"dtype":"F32","shape":[1],"data_offsets":[0,4]}"#;
    let overlap = &format!("{{\"a\":{one},\"b\":{one}}}");
    let message = refuse(&[header(overlap), vec![0; 4]].concat());
    assert!(message.contains("because: invalid offset for tensor"), "{message}");
    let message = refuse(&header(&format!("{{\"a\":{}", "[".repeat(1 << 19))));
    assert!(message.contains("because: invalid JSON in header"), "{message}");
}

#[test]
fn a_model_of_another_shape_is_refused_by_the_tensor_that_differs() {
    let sandbox = Sandbox::trained();
    edit_model(&sandbox, |model| model["model"]["method"]["components"] = 3.into());
    assert_snapshot!(sandbox.refuse(65, "predict run --x 1"), @r#"
    error: run/model.safetensors cannot be used: train the run again with --force, or restore the file
      because: tensor "Ebm.proposal.log_variance.bias" has shape [2], this model needs [3]
    "#);
    edit_model(&sandbox, |model| model["model"]["method"] = json!({ "kind": "mdn", "components": 2 }));
    assert_snapshot!(sandbox.refuse(65, "predict run --x 1"), @r#"
    error: run/model.safetensors cannot be used: train the run again with --force, or restore the file
      because: tensor "Mdn.feature.Mlp.layers.0.bias" is missing: the file belongs to another model
    "#);
}

#[test]
fn a_model_record_that_asks_for_the_impossible_is_refused_before_anything_is_made() {
    let refuse = |edit: fn(&mut Value)| {
        let sandbox = Sandbox::trained();
        edit_model(&sandbox, edit);
        let started = Instant::now();
        let message = sandbox.refuse(65, "predict run --x 1");
        assert!(started.elapsed() < Duration::from_secs(5), "not at once");
        message
    };
    assert_snapshot!(refuse(|model| model["model"]["method"]["components"] = 1_000_000_000_000_u64.into()), @"error: run/model.json is damaged: method.components is 1000000000000; it must be from 1 to 4096");
    assert_snapshot!(refuse(|model| model["model"]["input"] = 1_000_000_000_000_u64.into()), @"error: run/model.json is damaged: it maps 1000000000000 inputs to 1 targets; this version knows scalars, tables of the columns it names, and square images of 3 channels");
    assert_snapshot!(refuse(|model| model["model"]["network"]["target_widths"] = json!([10, -1])), @"error: run/model.json is damaged: invalid value: integer `-1`, expected usize");
    assert_snapshot!(refuse(|model| model["model"]["network"]["depth"] = 3.into()), @"error: run/model.json is damaged: unknown field `depth`, expected one of `backbone`, `target_widths`, `hidden`, `residual`");
    assert_snapshot!(refuse(|model| model["target_range"] = json!([1.0, -1.0])), @"error: run/model.json is damaged: target_range runs from 1 down to -1");
    assert_snapshot!(refuse(|model| model["schema"] = "ebm.model/2".into()), @r#"error: run/model.json has schema "ebm.model/2"; this version reads "ebm.model/1""#);
}

#[test]
fn a_folder_without_a_model_is_told_by_what_it_is() {
    let sandbox = Sandbox::interrupted();
    assert_snapshot!(sandbox.refuse(66, "predict run --x 1"), @"error: run is not trained to the end: continue it with `ebm train --resume --out run` and its options");
    assert_snapshot!(sandbox.refuse(66, "evaluate none"), @"error: there is no run folder none: train one with `ebm train --out none`");
    fs::create_dir(sandbox.path("empty")).expect("made");
    assert_snapshot!(sandbox.refuse(66, "sample empty --x 1"), @"error: empty is not a run folder: it has no model.json");
    assert_snapshot!(sandbox.refuse(66, "plot curves empty --out a.png"), @"error: cannot read empty/run.json: No such file or directory (os error 2)");
}

#[test]
fn an_answer_that_is_not_finite_is_never_silent() {
    for weight in [1e30_f32, f32::NAN] {
        let sandbox = Sandbox::trained();
        edit_model(&sandbox, |model| model["sha256"] = Value::Null);
        let mut bytes = sandbox.read("run/model.safetensors");
        let header = 8 + u64::from_le_bytes(*bytes.first_chunk().expect("a length")) as usize;
        bytes[header..].chunks_exact_mut(4).for_each(|cell| cell.copy_from_slice(&weight.to_le_bytes()));
        sandbox.write("run/model.safetensors", bytes);
        sandbox.reseal("run");
        for command in ["predict run --x 1 --m 16", "predict run --x 1 --m 16 --json", "sample run --x 1 --m 16"] {
            let message = sandbox.refuse(65, command);
            assert!(
                message.contains("the model's density is not finite at x = 1 and 0 more rows"),
                "{weight}: {message}"
            );
        }
    }
    // Of several rows one may be too far for numbers of 32 bits: it is marked. After two epochs the proposal does not fit at
    // the other either, but that one is not far.
    let sandbox = Sandbox::trained();
    let output = sandbox.ebm("predict run --x 1,3e38 --m 16 --unreliable fail").output().expect("ebm starts");
    assert_eq!(output.status.code(), Some(76), "{}", stderr(&output));
    assert!(stderr(&output).contains("1 of 2 rows are farther from the training rows"), "{}", stderr(&output));
}
