//! Evaluations, pictures and standard streams.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::process::Stdio;

use insta::assert_snapshot;

use crate::sandbox::{Sandbox, TRAIN, stderr};

#[test]
fn a_run_on_a_file_is_evaluated_on_a_file() {
    let sandbox = Sandbox::trained();
    assert_snapshot!(sandbox.refuse(2, "evaluate run"), @"error: this run was trained on your own file: give a file of examples held out from it");
    // Told before the training, not after it.
    assert_snapshot!(sandbox.refuse(2, "train --train-file my.csv --out new --evaluate"), @"error: --evaluate needs a test set, and your own file has none: train, then `ebm evaluate` a file of other examples");
}

#[test]
fn a_picture_that_cannot_be_drawn_is_refused() {
    let sandbox = Sandbox::trained();
    assert_snapshot!(sandbox.refuse(2, "plot density run --out a.gif"), @"error: cannot tell the format of a.gif: end its name in .png or .svg");
    assert_snapshot!(sandbox.refuse(2, "plot curves run --out a"), @"error: cannot tell the format of a: end its name in .png or .svg");
    assert_snapshot!(sandbox.refuse(73, "plot curves run --out none/a.png"), @"error: folder none does not exist: create it first");
    sandbox.write("run/metrics.jsonl", "");
    sandbox.reseal("run");
    assert_snapshot!(sandbox.refuse(66, "plot curves run --out a.png"), @"error: run/metrics.jsonl is empty: no epoch has ended yet");
    sandbox.write("run/metrics.jsonl", "{\"epoch\":1,");
    sandbox.reseal("run");
    assert_snapshot!(sandbox.refuse(65, "plot curves run --out a.png"), @"error: run/metrics.jsonl, line 1: EOF while parsing a value at line 1 column 11");
}

#[test]
fn an_epoch_that_was_not_kept_is_not_drawn() {
    let sandbox = Sandbox::new();
    sandbox.succeed(&TRAIN.replace("--epochs 40", "--epochs 1"));
    assert_snapshot!(sandbox.refuse(66, "plot density run --epochs 9 --out a.png"), @"error: run keeps no model of epoch 9: train it with `--snapshot-epochs 9`");
}

#[test]
fn data_that_changed_since_the_training_are_not_drawn() {
    let sandbox = Sandbox::new();
    sandbox.succeed(&TRAIN.replace("--epochs 40", "--epochs 1"));
    sandbox.write("my.csv", "x,y\n1,2\n");
    let message = sandbox.refuse(65, "plot density run --out a.png");
    assert!(message.contains("my.csv has changed since the run was trained on it"), "{message}");
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let sandbox = Sandbox::trained();
    let mut child = sandbox.spawn("sample run --x 0,1,2 -n 100000 --m 16");
    let mut first = String::new();
    BufReader::new(child.stdout.take().expect("piped")).read_line(&mut first).expect("a line");
    let output = child.wait_with_output().expect("it ends");
    assert_eq!((first.as_str(), output.status.code(), stderr(&output).as_str()), ("x,y\n", Some(0), ""));
}

#[test]
fn nobody_to_read_the_progress_is_no_reason_to_stop() {
    let sandbox = Sandbox::new();
    let (reader, writer) = io::pipe().expect("a pipe");
    drop(reader);
    let status = sandbox.ebm(&TRAIN.replace(" --quiet", "")).stderr(writer).status().expect("ebm starts");
    assert_eq!(status.code(), Some(0));
    assert_eq!(sandbox.json("run/run.json")["status"], "done");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told() {
    let sandbox = Sandbox::trained();
    let full = File::options().write(true).open("/dev/full").expect("a device that is always full");
    let output = sandbox.ebm("predict run --x 1 --m 16").stdout(Stdio::from(full)).output().expect("ebm starts");
    assert_eq!(output.status.code(), Some(74));
    assert_snapshot!(stderr(&output), @r"
    error: writing predictions
      because: No space left on device (os error 28)
    ");
}
