//! A run that was stopped goes on as if it had not been.
#![cfg(unix)]

mod sandbox;

use std::fs;
use std::sync::OnceLock;
use std::thread::sleep;
use std::time::{Duration, SystemTime};

use sandbox::{Files, Sandbox, TRAIN, signal};

/// Checkpoints after every step.
fn careful() -> String {
    format!("{TRAIN} --checkpoint-seconds 0")
}

/// The files of a run, without what says when and how fast, `run.json`, and without the digest of that.
fn outcome(sandbox: &Sandbox) -> Files {
    let mut files = sandbox.files("run");
    files.remove("run.json").expect("a run has a record");
    files.remove("manifest.json").expect("a run that is trained has a manifest");
    files
}

/// What a run leaves that nobody stopped.
fn uninterrupted() -> &'static Files {
    static OUTCOME: OnceLock<Files> = OnceLock::new();
    OUTCOME.get_or_init(|| {
        let sandbox = Sandbox::new();
        sandbox.succeed(TRAIN);
        outcome(&sandbox)
    })
}

fn status(sandbox: &Sandbox) -> String {
    sandbox.json("run/run.json")["status"].as_str().expect("a status").to_owned()
}

#[test]
fn a_run_leaves_its_record_its_model_and_its_metrics_and_nothing_else() {
    let names: Vec<&String> = uninterrupted().keys().collect();
    assert_eq!(names, ["metrics.jsonl", "model.json", "model.safetensors", "reach.json", "rows.json"]);
    let metrics = &uninterrupted()["metrics.jsonl"];
    assert_eq!(metrics.iter().filter(|&&byte| byte == b'\n').count(), 40);
}

#[test]
fn a_run_killed_at_any_moment_and_resumed_gives_the_same_bytes() {
    let sandbox = Sandbox::new();
    for epoch in [0, 1, 4, 9, 13] {
        let mut child = sandbox.spawn(&format!("{} --resume", careful()));
        sandbox.wait_for_epoch(&mut child, epoch);
        child.kill().expect("killed");
        assert_eq!(child.wait().expect("it ends").code(), None, "it was done before it was killed");
        assert_eq!(status(&sandbox), "running");
    }
    sandbox.succeed(&format!("{} --resume", careful()));
    assert_eq!(&outcome(&sandbox), uninterrupted());
    assert_eq!(status(&sandbox), "done");
}

#[test]
fn a_run_killed_before_its_first_checkpoint_starts_again() {
    let sandbox = Sandbox::new();
    let mut child = sandbox.spawn(&TRAIN.replace("--epochs 40", "--epochs 2000"));
    while !sandbox.path("run/metrics.jsonl").exists() {
        assert!(child.try_wait().expect("waited").is_none());
    }
    child.kill().expect("killed");
    child.wait().expect("it ends");
    assert!(!sandbox.path("run/checkpoint.json").exists());
    sandbox.refuse(78, &format!("{TRAIN} --resume"));
    sandbox.succeed(&format!("{TRAIN} --resume --allow-mismatch"));
    assert_eq!(&outcome(&sandbox), uninterrupted());
}

#[test]
fn what_a_kill_leaves_half_written_is_gone_when_the_run_is_done() {
    let sandbox = Sandbox::interrupted();
    for name in
        ["run.json.tmp", "checkpoint.json.tmp", "checkpoint-9-9.safetensors.tmp", "model.json.tmp", "metrics.jsonl.tmp"]
    {
        sandbox.write(&format!("run/{name}"), "half");
    }
    // An epoch that ended after the last checkpoint, and one in the middle of being told.
    let metrics = [&sandbox.read("run/metrics.jsonl")[..], b"{\"epoch\":9,\"losses\":{}}\n{\"epo"].concat();
    sandbox.write("run/metrics.jsonl", metrics);
    sandbox.succeed(&format!("{TRAIN} --resume"));
    assert_eq!(&outcome(&sandbox), uninterrupted());

    // Killed before the first record: nothing but the record's temporary file.
    fs::remove_dir_all(sandbox.path("run")).expect("removed");
    fs::create_dir(sandbox.path("run")).expect("made");
    sandbox.write("run/lock", "");
    sandbox.write("run/run.json.tmp", "half");
    sandbox.succeed(&format!("{TRAIN} --resume"));
    assert_eq!(&outcome(&sandbox), uninterrupted());
}

#[test]
fn a_signal_saves_says_how_to_go_on_and_leaves_no_trace_in_what_follows() {
    for name in ["INT", "TERM", "HUP"] {
        let sandbox = Sandbox::new();
        let mut child = sandbox.spawn(&careful());
        sandbox.wait_for_epoch(&mut child, 1);
        signal(&child, name);
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(output.status.code(), Some(75), "SIG{name}");
        let message = sandbox::stderr(&output);
        assert_eq!(message, "error: interrupted and saved: the same options with `--resume --out run` go on\n");
        assert_eq!(status(&sandbox), "interrupted");
        sandbox.succeed(&format!("{TRAIN} --resume"));
        assert_eq!(&outcome(&sandbox), uninterrupted(), "SIG{name}");
    }
}

#[test]
fn a_run_that_is_done_is_left_as_it_is() {
    let sandbox = Sandbox::new();
    sandbox.succeed(TRAIN);
    let times = || -> Vec<SystemTime> {
        let entries = fs::read_dir(sandbox.path("run")).expect("listed").map(|entry| entry.expect("listed"));
        let files = entries.filter(|entry| entry.file_name() != "lock");
        files.map(|entry| entry.metadata().expect("metadata").modified().expect("a time")).collect()
    };
    let (files, before) = (sandbox.files("run"), times());
    let output = sandbox.ebm(&format!("{} --resume", TRAIN.replace(" --quiet", ""))).output().expect("ebm starts");
    assert!(output.status.success());
    assert_eq!(sandbox::stderr(&output), "run is trained already\n");
    assert_eq!((sandbox.files("run"), times()), (files, before));
}

#[test]
fn force_starts_again_and_the_seed_decides_every_byte() {
    let sandbox = Sandbox::trained(); // Another number of epochs, and a snapshot.
    sandbox.succeed(&format!("{TRAIN} --force"));
    assert_eq!(&outcome(&sandbox), uninterrupted());
    sandbox.succeed(&format!("{} --force", TRAIN.replace("--seed 7", "--seed 8")));
    assert_ne!(&outcome(&sandbox), uninterrupted());
}

#[test]
fn the_number_of_threads_changes_no_byte() {
    for threads in [1, 2] {
        let sandbox = Sandbox::new();
        sandbox.succeed(&format!("{TRAIN} --threads {threads}"));
        assert_eq!(&outcome(&sandbox), uninterrupted(), "{threads}");
    }
}

#[test]
fn a_continuation_without_a_seed_keeps_the_seed_of_the_run() {
    let sandbox = Sandbox::interrupted();
    sandbox.succeed(&format!("{} --resume", TRAIN.replace("--seed 7 ", "")));
    assert_eq!(sandbox.json("run/run.json")["seed"], 7);
    assert_eq!(&outcome(&sandbox), uninterrupted());
}

#[test]
fn a_run_goes_on_with_other_options_only_when_told_to() {
    let sandbox = Sandbox::interrupted();
    let longer = TRAIN.replace("--epochs 40", "--epochs 42").replace("--seed 7", "--seed 8");
    let message = sandbox.fail(78, &format!("{longer} --resume"));
    assert!(message.contains("(--epochs 40, not 42; --seed 7, not 8): give them"), "{message}");

    sandbox.succeed(&format!("{longer} --resume --allow-mismatch"));
    let record = sandbox.json("run/run.json");
    assert_eq!(record["config"]["training"]["epochs"], 42);
    assert_eq!(record["seed"], 7, "the seed that drew the candidates");
    let metrics = String::from_utf8(sandbox.read("run/metrics.jsonl")).expect("UTF-8");
    let expected = String::from_utf8(uninterrupted()["metrics.jsonl"].clone()).expect("UTF-8");
    assert_eq!(metrics.lines().count(), 42);
    assert!(metrics.starts_with(&expected));

    // Trained to the end, there is nothing to go on with.
    let message = sandbox.refuse(78, &format!("{TRAIN} --resume --allow-mismatch"));
    assert!(message.contains("trained already, with other options (--epochs 42, not 40)"), "{message}");
}

#[test]
fn a_checkpoint_beyond_the_end_of_an_epoch_is_refused_instead_of_waiting_for_ever() {
    let sandbox = Sandbox::interrupted();
    let mut manifest = sandbox.json("run/checkpoint.json");
    manifest["digest"] = serde_json::Value::Null; // As earlier releases wrote it.
    manifest["position"]["step"] = 5.into(); // Of the 6 steps an epoch of 12 examples has.
    sandbox.write("run/checkpoint.json", manifest.to_string());
    let larger = TRAIN.replace("--batch-size 2", "--batch-size 6");
    let message = sandbox.fail(78, &format!("{larger} --resume --allow-mismatch"));
    assert!(message.contains("lies at step 5 of an epoch, which has 2 now"), "{message}");
}

#[test]
fn a_signal_after_the_training_ends_the_evaluation_which_can_be_had_later() {
    let sandbox = Sandbox::new();
    let train = "train --preset toy_1/ours_k4 --epochs 1 --m 2 --batch-size 500 --seed 0 --out run --quiet --evaluate";
    let child = sandbox.spawn(train);
    while !sandbox.path("run/run.json").exists() || status(&sandbox) != "done" {}
    sleep(Duration::from_millis(100)); // The evaluation takes a second.
    signal(&child, "INT");
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(75), "{}", sandbox::stderr(&output));
    assert!(!sandbox.path("run/evaluation.json").exists());
    sandbox.succeed(&format!("{train} --resume"));
    assert_eq!(sandbox.json("run/evaluation.json")["schema"], "ebm.evaluation/1");
}
