//! Files that commands write.

use std::process::Command;

use crate::sandbox::{Sandbox, TRAIN, stderr};

/// A run whose data are where it says.
fn trained() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.succeed(&TRAIN.replace("--epochs 40", "--epochs 2 --snapshot-epochs 1"));
    sandbox
}

#[test]
fn a_file_that_is_there_stays_unless_it_is_to_be_replaced() {
    let sandbox = trained();
    sandbox.write("held.csv", "x,y\n0.5,0.4\n0.7,0.5\n-0.3,-0.2\n");
    for (command, name) in [
        ("predict run --x 1 --m 16 --out", "old.csv"),
        ("sample run --x 1 --m 16 --out", "old.parquet"),
        ("report run --test held.csv --m 64 --out", "old.html"),
        ("plot curves run --out", "old.svg"),
        ("plot density run --m 16 --out", "old.png"),
        ("data show digits --columns 1 --rows 1 --out", "old.svg"),
        ("data make cells --count 2 --out", "old.h5"),
        ("table 1 --markdown", "old.md"),
    ] {
        sandbox.write(name, "precious");
        let message = sandbox.refuse(73, &format!("{command} {name}"));
        assert_eq!(message, format!("error: {name} is there already: --force replaces it\n"), "{command}");
        sandbox.succeed(&format!("{command} {name} --force"));
        assert_ne!(sandbox.read(name), b"precious", "{command}");
        std::fs::remove_file(sandbox.path(name)).expect("removed");
        sandbox.succeed(&format!("{command} {name}"));
    }
}

#[test]
fn no_command_writes_over_what_it_reads() {
    let sandbox = trained();
    for link in ["link.csv", "training.svg"] {
        std::os::unix::fs::symlink("my.csv", sandbox.path(link)).expect("a link");
    }
    for command in [
        "predict run my.csv --out my.csv --force",
        "predict run my.csv --out run/../my.csv --force",
        "predict run my.csv --out link.csv --force",
        "predict run link.csv --out my.csv --force",
        // The rows that the run was trained on are kept in any case.
        "predict run --x 1 --out my.csv --force",
        "plot density run --out training.svg --force",
        "sample run my.csv --out my.csv --force",
    ] {
        let message = sandbox.refuse(73, command);
        assert!(message.contains("is read by this command: choose another file"), "{command}: {message}");
    }
}

#[test]
fn no_command_writes_over_a_file_of_a_run() {
    let sandbox = trained();
    std::os::unix::fs::symlink("run", sandbox.path("link")).expect("a link");
    for file in [
        "run/model.json",
        "run/run.json",
        "run/model.safetensors",
        "run/manifest.json",
        "run/calibration.json",
        "run/snapshots/epoch-1.safetensors",
        "link/model.json",
        "run/lock",
    ] {
        let message = sandbox.refuse(73, &format!("predict run --x 1 --out {file} --force"));
        assert!(message.contains("is a file of the run folder"), "{file}: {message}");
    }
    sandbox.refuse(73, "table 1 --markdown run/model.json --force");
    sandbox.succeed("predict run --x 1 --m 16 --out run/predictions.csv");
    sandbox.succeed("predict run --x 1 --m 16");
}

#[test]
fn a_limit_on_the_size_of_files_is_a_write_error() {
    let limited = |sandbox: &Sandbox, args: &str| {
        let line = format!("ulimit -f 8; exec {} {args}", env!("CARGO_BIN_EXE_ebm"));
        Command::new("sh").args(["-c", &line]).current_dir(sandbox.path("")).output().expect("a shell")
    };
    let sandbox = Sandbox::new();
    let output = limited(&sandbox, &format!("{TRAIN} --checkpoint-seconds 0"));
    assert_eq!(output.status.code(), Some(74), "{}", stderr(&output));
    assert!(stderr(&output).contains("large"), "{}", stderr(&output));

    let sandbox = trained();
    sandbox.write("old.csv", "precious");
    let output = limited(&sandbox, "sample run --x 1 --m 16 -n 10000 --out old.csv --force");
    assert_eq!(output.status.code(), Some(74), "{}", stderr(&output));
    assert_eq!(sandbox.read("old.csv"), b"precious");
}
