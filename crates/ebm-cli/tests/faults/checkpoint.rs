//! Checkpoints and records.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::sandbox::{Sandbox, TRAIN};

#[test]
fn a_damaged_checkpoint_is_refused_by_the_check_that_failed() {
    let sandbox = Sandbox::interrupted();
    let manifest = sandbox.json("run/checkpoint.json");
    let file = format!("run/{}", manifest["file"].as_str().expect("a name"));
    let bytes = sandbox.read(&file);
    let refuse = |bytes: &[u8]| {
        sandbox.write(&file, bytes);
        sandbox.refuse(65, &format!("{TRAIN} --resume"))
    };
    let (size, cut) = (bytes.len(), bytes.len() - 100);
    let message = refuse(&bytes[..cut]);
    assert!(message.contains(&format!("{file} is damaged: its size is {cut}, the manifest says {size}")), "{message}");

    let mut flipped = bytes.clone();
    flipped[cut] ^= 1;
    let message = refuse(&flipped);
    assert!(message.contains(&format!("{file} is damaged: its SHA-256 is")), "{message}");
    assert!(message.starts_with("error: the run in run cannot be continued: --force starts again"), "{message}");

    // Nothing else is lost: with the right bytes it goes on.
    sandbox.write(&file, &bytes);
    sandbox.succeed(&format!("{TRAIN} --resume"));
}

#[test]
fn a_checkpoint_whose_parts_do_not_fit_is_refused_without_a_panic() {
    let sandbox = Sandbox::interrupted();
    let manifest = sandbox.json("run/checkpoint.json");
    let refuse = |exit, edit: &dyn Fn(&mut Value)| {
        let mut manifest = manifest.clone();
        manifest["digest"] = Value::Null; // As earlier releases wrote it.
        edit(&mut manifest);
        sandbox.write("run/checkpoint.json", manifest.to_string());
        sandbox.refuse(exit, &format!("{TRAIN} --resume"))
    };
    assert_snapshot!(refuse(66, &|manifest| manifest["file"] = "../../none".into()), @r"
    error: the run in run cannot be continued: --force starts again
      because: cannot read or write run/none
      because: No such file or directory (os error 2)
    ");
    assert_snapshot!(refuse(65, &|manifest| manifest["adam_time"] = json!({})), @r#"
    error: the run in run cannot be continued: --force starts again
      because: tensor "Ebm.energy.from_features.bias" is missing: the file belongs to another model
    "#);
    assert_snapshot!(refuse(65, &|manifest| manifest["position"]["epoch"] = (-1).into()), @r"
    error: the run in run cannot be continued: --force starts again
      because: run/checkpoint.json is not a checkpoint manifest
      because: invalid value: integer `-1`, expected usize
    ");
    assert_snapshot!(refuse(78, &|manifest| manifest["position"]["step"] = u64::MAX.into()), @"error: the checkpoint in run lies at step 18446744073709551615 of an epoch, which has 6 now: give the batch size and data it was started with, or --force to start again");
}

#[test]
fn a_damaged_manifest_is_refused_and_force_starts_again() {
    let sandbox = Sandbox::interrupted();
    let refuse = |manifest: &[u8]| {
        sandbox.write("run/checkpoint.json", manifest);
        sandbox.refuse(65, &format!("{TRAIN} --resume"))
    };
    let mut newer = sandbox.json("run/checkpoint.json");
    newer["schema"] = "ebm.checkpoint/3".into();
    assert_snapshot!(refuse(newer.to_string().as_bytes()), @r#"
    error: the run in run cannot be continued: --force starts again
      because: run/checkpoint.json has schema "ebm.checkpoint/3", this version reads "ebm.checkpoint/1" and "ebm.checkpoint/2"
    "#);
    assert_snapshot!(refuse(b"{\"schema\": \"ebm.checkpoint/1\"}"), @r"
    error: the run in run cannot be continued: --force starts again
      because: run/checkpoint.json is not a checkpoint manifest
      because: missing field `file`
    ");
    assert_snapshot!(refuse(b"[]"), @r#"
    error: the run in run cannot be continued: --force starts again
      because: run/checkpoint.json has schema "none", this version reads "ebm.checkpoint/1" and "ebm.checkpoint/2"
    "#);
    assert_snapshot!(refuse(b"\x00\xff garbage"), @r"
    error: the run in run cannot be continued: --force starts again
      because: run/checkpoint.json is not a checkpoint manifest
      because: expected value at line 1 column 1
    ");
    assert_snapshot!(refuse("[".repeat(100_000).as_bytes()), @r"
    error: the run in run cannot be continued: --force starts again
      because: run/checkpoint.json is not a checkpoint manifest
      because: recursion limit exceeded at line 1 column 128
    ");
    sandbox.succeed(&format!("{TRAIN} --force"));
}

#[test]
fn a_damaged_record_is_refused_and_force_starts_again() {
    let sandbox = Sandbox::interrupted();
    sandbox.write("run/run.json", "{");
    assert_snapshot!(sandbox.refuse(65, &format!("{TRAIN} --resume")), @r"
    error: the run in run cannot be continued: --force starts again
      because: run/run.json is damaged: EOF while parsing an object at line 1 column 1
    ");
    sandbox.write("run/run.json", "{\"schema\": \"ebm.run/9\"}");
    assert_snapshot!(sandbox.refuse(65, &format!("{TRAIN} --resume")), @r#"
    error: the run in run cannot be continued: --force starts again
      because: run/run.json has schema "ebm.run/9"; this version reads "ebm.run/1"
    "#);
    sandbox.succeed(&format!("{TRAIN} --force"));
}
