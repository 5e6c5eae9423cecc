//! Arrays of schedulers, with a program in the place of theirs.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use super::{PLAN, planned, states};
use crate::sandbox::{Sandbox, stderr};

/// Puts a program into the folder `bin`.
fn install(sandbox: &Sandbox, name: &str, script: &str) {
    fs::create_dir_all(sandbox.path("bin")).expect("a folder");
    sandbox.write(&format!("bin/{name}"), format!("#!/bin/sh\n{script}\n"));
    fs::set_permissions(sandbox.path(format!("bin/{name}")), fs::Permissions::from_mode(0o755)).expect("a mode");
}

/// `ebm` that finds the programs of `bin` first.
fn ebm(sandbox: &Sandbox, args: &str) -> Command {
    let mut command = sandbox.ebm(args);
    let path = std::env::var("PATH").unwrap_or_default();
    command.env("PATH", format!("{}:{path}", sandbox.path("bin").display()));
    command
}

#[test]
fn an_array_has_the_open_jobs_and_does_them() {
    let sandbox = planned(PLAN);
    sandbox.succeed("sweep plan.toml --runs runs --job 1 --quiet");
    let before = sandbox.files("");
    let options = "--partition gpu --time 10 --memory 2G --gpus 1 --throttle 2 --threads 1";
    let script = sandbox.succeed(&format!("sweep plan.toml --runs runs --engine slurm {options} --dry-run"));
    assert_eq!(sandbox.files(""), before, "nothing is written");
    for line in ["array=0,2-3%2", "partition=gpu", "time=10", "mem=2G", "gpus=1", "cpus-per-task=1", "requeue"] {
        assert!(script.lines().any(|found| found == format!("#SBATCH --{line}")), "{line} in {script}");
    }

    // The program that submits does the tasks of the array at once.
    install(
        &sandbox,
        "sbatch",
        "for SLURM_ARRAY_TASK_ID in 0 2 3; do export SLURM_ARRAY_TASK_ID; sh \"$2\" || exit; done; echo '12;here'",
    );
    install(&sandbox, "squeue", "printf 'RUNNING\\nPENDING\\nPENDING\\n'");
    let output = ebm(&sandbox, "sweep plan.toml --runs runs --engine slurm").output().expect("it starts");
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("slurm array 12: "), "{output:?}");
    assert_eq!(states(&sandbox), ["done"; 4]);
    let output = ebm(&sandbox, "sweep plan.toml --runs runs --status").output().expect("it starts");
    let status = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        status.contains("done             4") && status.contains("slurm array 12: 2 PENDING, 1 RUNNING"),
        "{status}"
    );
    let message = sandbox.ebm("sweep plan.toml --runs runs --engine slurm").output().expect("it starts");
    assert!(stderr(&message).contains("no job is open"), "{}", stderr(&message));
}

#[test]
fn an_array_of_another_plan_is_refused() {
    let sandbox = planned(PLAN);
    let script = sandbox.succeed("sweep plan.toml --runs runs --engine hyperqueue --dry-run");
    assert!(script.contains("#HQ --array=0-3\n"), "{script}");
    sandbox.write("script.sh", script);
    sandbox.write("plan.toml", PLAN.replace("[\"1\", \"2\"]", "[\"3\", \"1\", \"2\"]"));
    let task = Command::new("sh").arg("script.sh").env("HQ_TASK_ID", "0").current_dir(sandbox.path("")).output();
    let task = task.expect("it starts");
    assert_eq!(task.status.code(), Some(78));
    assert!(stderr(&task).contains("the plan has changed since the jobs were submitted"), "{}", stderr(&task));
}

#[test]
fn a_scheduler_that_is_not_there_or_refuses_is_named() {
    let sandbox = planned(PLAN);
    install(&sandbox, "hq", "echo 'no server' >&2; exit 1");
    let output = ebm(&sandbox, "sweep plan.toml --runs runs --engine hyperqueue").output().expect("it starts");
    assert_eq!(output.status.code(), Some(78));
    assert!(stderr(&output).contains("no server"), "{}", stderr(&output));
    let mut none = sandbox.ebm("sweep plan.toml --runs runs --engine slurm");
    let output = none.env("PATH", "/nowhere").output().expect("it starts");
    assert_eq!(output.status.code(), Some(78));
    assert!(stderr(&output).contains("cannot start `sbatch`"), "{}", stderr(&output));
    let message = sandbox.fail(2, "sweep plan.toml --runs runs --engine hyperqueue --throttle 3");
    assert!(message.contains("--throttle: HyperQueue"), "{message}");
}
