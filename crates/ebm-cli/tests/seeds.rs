//! Several networks by one command are what each is by its own.
#![cfg(unix)]

mod sandbox;

use sandbox::{Files, Sandbox, signal};

const TRAIN: &str = "train --train-file my.csv --epochs 30 --m 8 --batch-size 4 --components 2 --quiet";

/// What the run of a seed leaves, without what says when and how fast.
fn outcome(sandbox: &Sandbox, run: &str) -> Files {
    let mut files = sandbox.files(run);
    let record = files.remove("run.json").expect("a run has a record");
    files.remove("manifest.json").expect("a run that is trained has a manifest");
    let record: serde_json::Value = serde_json::from_slice(&record).expect("JSON");
    assert_eq!(record["status"], "done", "{run}");
    files
}

#[test]
fn a_network_of_several_is_what_it_is_alone() {
    let sandbox = Sandbox::new();
    // Tensor operations train them as a stack, kernels one after another.
    for kernels in ["plain", "fused"] {
        sandbox.succeed(&format!("{TRAIN} --kernels {kernels} --seeds 5,0..2 --out {kernels}"));
        for seed in [5, 0, 1] {
            sandbox.succeed(&format!("{TRAIN} --kernels {kernels} --seed {seed} --out alone-{kernels}-{seed}"));
            let together = outcome(&sandbox, &format!("{kernels}/seed-{seed}"));
            assert_eq!(together, outcome(&sandbox, &format!("alone-{kernels}-{seed}")), "{kernels}, seed {seed}");
        }
    }
}

#[test]
fn several_networks_go_on_after_a_signal_or_a_kill_as_if_nothing_had_been() {
    let train = format!("{} --kernels plain --seeds 0..3", TRAIN.replace("--epochs 30", "--epochs 300"));
    let sandbox = Sandbox::new();
    sandbox.succeed(&format!("{train} --out whole"));
    for (how, epoch, code) in [("TERM", 1, Some(75)), ("KILL", 5, None)] {
        let mut child = sandbox.spawn(&format!("{train} --out stopped --checkpoint-seconds 0 --resume"));
        sandbox.wait_for_checkpoint("stopped/seed-2", &mut child, epoch);
        signal(&child, how);
        assert_eq!(child.wait().expect("it ends").code(), code);
    }
    sandbox.succeed(&format!("{train} --out stopped --resume"));
    for seed in 0..3 {
        let [stopped, whole] = ["stopped", "whole"].map(|folder| outcome(&sandbox, &format!("{folder}/seed-{seed}")));
        assert_eq!(stopped, whole, "seed {seed}");
    }
}

#[test]
fn what_is_done_is_left_and_what_fails_is_counted() {
    let sandbox = Sandbox::new();
    let train = format!("{TRAIN} --kernels plain --out runs");
    sandbox.succeed(&format!("{train} --seeds 1"));
    let before = sandbox.files("runs/seed-1");
    sandbox.succeed(&format!("{train} --seeds 0..3 --resume"));
    assert_eq!(sandbox.files("runs/seed-1"), before);
    assert!(sandbox.path("runs/seed-2/model.json").exists());

    let message = sandbox.fail(1, &format!("{train} --learning-rate 1e30 --force --seeds 0..3"));
    assert!(message.contains("networks that failed: 3 of 3"), "{message}");
    for seed in 0..3 {
        assert_eq!(sandbox.json(&format!("runs/seed-{seed}/run.json"))["status"], "failed");
    }
    let again = sandbox.fail(1, &format!("{train} --learning-rate 1e30 --resume --seeds 0..3"));
    assert!(again.contains("networks that failed: 3 of 3") && again.contains("seed-0 failed before"), "{again}");
}

#[test]
fn what_is_no_set_of_seeds_is_refused() {
    let sandbox = Sandbox::new();
    for (seeds, why) in [("3..3", "holds no seed"), ("1,1", "is there twice"), ("x", "neither a seed nor a range")] {
        let message = sandbox.refuse(2, &format!("{TRAIN} --seeds {seeds}"));
        assert!(message.contains(why), "{message}");
    }
    let message = sandbox.refuse(2, &format!("{TRAIN} --seeds 0..2 --seed 1"));
    assert!(message.contains("cannot be used with"), "{message}");
}
