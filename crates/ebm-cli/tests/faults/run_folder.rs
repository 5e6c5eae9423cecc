//! Run folders.

use std::fs::{self, File};
use std::process::Command;

use insta::assert_snapshot;

use crate::sandbox::{Sandbox, TRAIN, stderr};

#[test]
fn a_run_that_is_there_is_not_overwritten() {
    assert_snapshot!(Sandbox::trained().refuse(73, TRAIN), @"error: there is a run in run: --resume continues it, --force deletes it and starts again, --out writes elsewhere");
    assert_snapshot!(Sandbox::interrupted().refuse(73, TRAIN), @"error: there is a run in run: --resume continues it, --force deletes it and starts again, --out writes elsewhere");
}

#[test]
fn a_folder_of_something_else_is_not_written_to() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path("run")).expect("made");
    sandbox.write("run/thesis.tex", "ten years of work");
    for flags in ["", "--resume", "--force"] {
        let message = sandbox.refuse(73, &format!("{TRAIN} {flags}"));
        assert_eq!(message, "error: run holds other files and is not a run folder: choose another --out\n");
    }
    assert!(!sandbox.path("run/lock").exists());
}

#[test]
fn a_path_that_is_no_folder_is_refused() {
    let sandbox = Sandbox::new();
    assert_snapshot!(sandbox.refuse(73, &TRAIN.replace("--out run", "--out my.csv")), @"error: cannot use my.csv as a run folder: Not a directory (os error 20)");
    assert_snapshot!(sandbox.refuse(73, &TRAIN.replace("--out run", "--out my.csv/run")), @"error: cannot use my.csv/run as a run folder: Not a directory (os error 20)");
    assert_snapshot!(sandbox.refuse(73, &TRAIN.replace("--out run", "--out /dev/null/run")), @"error: cannot use /dev/null/run as a run folder: Not a directory (os error 20)");
}

#[test]
fn a_second_process_in_a_run_folder_is_sent_away() {
    let sandbox = Sandbox::interrupted();
    let lock = File::create(sandbox.path("run/lock")).expect("a lock");
    lock.lock().expect("locked");
    assert_snapshot!(sandbox.refuse(73, &format!("{TRAIN} --resume")), @"error: another process is training in run: wait for it, or choose another --out");
    let message = sandbox.refuse(73, &format!("{TRAIN} --force"));
    assert!(message.contains("another process"), "{message}");
    drop(lock);
    sandbox.succeed(&format!("{TRAIN} --resume"));
}

#[test]
fn a_second_training_does_not_disturb_the_first() {
    let sandbox = Sandbox::new();
    let mut first = sandbox.spawn(&format!("{TRAIN} --checkpoint-seconds 0"));
    sandbox.wait_for_epoch(&mut first, 0);
    for flags in ["", "--resume", "--force"] {
        sandbox.fail(73, &format!("{TRAIN} {flags}"));
    }
    assert_eq!(first.wait().expect("it ends").code(), Some(0));
    sandbox.succeed("predict run --x 0 --m 16");
}

#[test]
fn a_write_that_fails_part_way_keeps_the_older_checkpoint_and_leaves_no_debris() {
    let sandbox = Sandbox::interrupted();
    let before = sandbox.files("run");
    // No file may grow over 8 blocks, as if the disk were full.
    let train = format!("{} {TRAIN} --resume --checkpoint-seconds 0", env!("CARGO_BIN_EXE_ebm"));
    let limited = format!("trap '' XFSZ; ulimit -f 8; exec {train}");
    let output = Command::new("sh").args(["-c", &limited]).current_dir(sandbox.path("")).output().expect("a shell");
    assert_eq!(output.status.code(), Some(74), "{}", stderr(&output));
    let message = stderr(&output);
    assert!(message.contains("error: cannot read or write run/checkpoint-") && message.contains("large"), "{message}");

    let mut after = sandbox.files("run");
    after.insert("run.json".to_owned(), before["run.json"].clone());
    assert_eq!(after, before);
    sandbox.succeed(&format!("{TRAIN} --resume"));
}
