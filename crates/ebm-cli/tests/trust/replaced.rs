//! `ebm train --force`: the earlier run stays until there is something in its place.

use std::thread::sleep;
use std::time::Duration;

use crate::sandbox::{Sandbox, TRAIN, signal, stderr};

const PREDICT: &str = "predict run --x 1 --m 16";

#[test]
fn a_forced_training_that_is_stopped_before_its_first_checkpoint_leaves_the_earlier_model() {
    for (how, code) in [("TERM", Some(75)), ("KILL", None)] {
        let sandbox = Sandbox::trained();
        let (before, answer) = (sandbox.files("run"), sandbox.succeed(PREDICT));
        let mut child = sandbox.spawn(&format!("{} --force", TRAIN.replace("--epochs 40", "--epochs 100000")));
        while !sandbox.path("run/next/metrics.jsonl").exists() {
            assert!(child.try_wait().expect("waited").is_none());
            sleep(Duration::from_millis(1));
        }
        // What is there meanwhile still answers.
        assert_eq!(sandbox.succeed(PREDICT), answer, "{how}");
        signal(&child, how);
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(output.status.code(), code, "{}", stderr(&output));
        assert_eq!(sandbox.succeed(PREDICT), answer, "{how}");
        if how == "TERM" {
            assert!(stderr(&output).contains("the earlier run in run stays as it was"), "{}", stderr(&output));
            assert_eq!(sandbox.files("run"), before);
        }
        // It can be tried again.
        sandbox.succeed(&format!("{TRAIN} --force"));
        assert_ne!(sandbox.succeed(PREDICT), answer);
        assert!(!sandbox.path("run/next").exists() && !sandbox.path("run/snapshots").exists());
    }
}

#[test]
fn at_its_first_checkpoint_the_new_run_takes_the_place_of_the_earlier_one() {
    let whole = Sandbox::new();
    whole.succeed(TRAIN);
    let sandbox = Sandbox::trained();
    sandbox.write("run/notes.txt", "mine");
    let mut child = sandbox.spawn(&format!("{TRAIN} --force --checkpoint-seconds 0"));
    sandbox.wait_for_epoch(&mut child, 1);
    child.kill().expect("killed");
    child.wait().expect("it ends");
    assert!(!sandbox.path("run/model.json").exists());
    sandbox.succeed(&format!("{TRAIN} --resume"));
    assert_eq!(sandbox.read("run/model.safetensors"), whole.read("run/model.safetensors"));
    assert_eq!(sandbox.read("run/notes.txt"), b"mine");
}

#[test]
fn a_replacement_that_was_cut_off_says_so_and_is_completed() {
    let sandbox = Sandbox::trained();
    let run = sandbox.path("run");
    std::fs::create_dir(run.join("next-moves")).expect("made");
    for name in ["model.json", "model.safetensors", "manifest.json"] {
        std::fs::rename(run.join(name), run.join("next-moves").join(name)).expect("moved");
    }
    let message = sandbox.refuse(66, PREDICT);
    assert!(message.contains("was being replaced: `ebm train --resume --out run`"), "{message}");
    sandbox.succeed(&format!("{} --resume", TRAIN.replace("--epochs 40", "--epochs 2 --snapshot-epochs 1")));
    sandbox.succeed(PREDICT);
}
