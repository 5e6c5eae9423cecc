//! One job, two processes: also where they cannot see each other, and no lock of a file reaches.

use std::fs::{self, File};
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use super::{LONG, long, states};
use crate::sandbox::{Sandbox, stderr};

const JOB: &str = "sweep plan.toml --runs runs --job 0 --quiet";
const CLAIMS: &str = "runs/claims/small/seed-7";

/// Writes the claim of a process of another machine, as it looks after this many seconds without being renewed.
fn claim_elsewhere(sandbox: &Sandbox, number: u32, age: u64) {
    fs::create_dir_all(sandbox.path(CLAIMS)).expect("a folder");
    let worker = json!({ "host": "node7", "system": "another", "process": 1, "started": 1 });
    let path = sandbox.path(format!("{CLAIMS}/{number}"));
    fs::write(&path, json!({ "worker": worker, "time": 0, "end": null }).to_string()).expect("written");
    let file = File::options().write(true).open(&path).expect("it is there");
    file.set_modified(SystemTime::now() - Duration::from_secs(age)).expect("set");
}

#[test]
fn of_two_processes_one_trains_and_the_other_says_who_does() {
    let sandbox = long();
    let mut first = sandbox.spawn(JOB);
    sandbox.wait_for_checkpoint(LONG, &mut first, 1);
    let message = sandbox.fail(73, JOB);
    assert!(message.contains(&format!("another process (process {} on ", first.id())), "{message}");
    assert!(first.wait().expect("it ends").success());
    assert_eq!(states(&sandbox), ["done"]);
    let epochs = String::from_utf8(sandbox.read(&format!("{LONG}/metrics.jsonl"))).expect("UTF-8");
    assert_eq!(epochs.lines().count(), 60, "every epoch once");
}

#[test]
fn of_many_that_begin_at_once_one_trains() {
    let sandbox = long();
    let children: Vec<_> = (0..6).map(|_| sandbox.spawn(JOB)).collect();
    let outputs: Vec<_> = children.into_iter().map(|child| child.wait_with_output().expect("it ends")).collect();
    let mut codes: Vec<_> = outputs.iter().map(|output| output.status.code()).collect();
    codes.sort_unstable();
    // One that begins when another has finished finds the job done.
    let (done, held) =
        (codes.iter().filter(|code| **code == Some(0)).count(), codes.iter().filter(|code| **code == Some(73)).count());
    assert!(done >= 1 && done + held == 6, "{codes:?}: {}", outputs.iter().map(stderr).collect::<String>());
    let claims = fs::read_dir(sandbox.path(CLAIMS)).expect("claims").count();
    assert_eq!(claims, 1, "nobody else ever had the job");
}

#[test]
fn a_claim_of_another_machine_holds_until_it_is_old() {
    let sandbox = long();
    claim_elsewhere(&sandbox, 1, 100);
    let message = sandbox.fail(73, JOB);
    assert!(message.contains("(process 1 on node7) is training small/seed-7"), "{message}");
    assert_eq!(states(&sandbox), ["running"]);
    assert!(!sandbox.path(LONG).exists());
    claim_elsewhere(&sandbox, 1, 130);
    assert_eq!(states(&sandbox), ["interrupted"]);
    sandbox.succeed(JOB);
    assert_eq!(states(&sandbox), ["done"]);
    let second: Value = sandbox.json(&format!("{CLAIMS}/2"));
    assert_eq!(second["end"]["exit"], 0);
}

#[test]
fn whoever_finds_his_job_taken_ends_and_writes_no_more() {
    let sandbox = long();
    let endless = String::from_utf8(sandbox.read("plan.toml")).expect("UTF-8").replace("\"60\"", "\"1000000\"");
    sandbox.write("plan.toml", endless);
    let mut child = sandbox.spawn(JOB);
    sandbox.wait_for_checkpoint(LONG, &mut child, 0);
    // As if this process had been stopped for minutes, and another machine had taken its job. It looks every ten seconds.
    claim_elsewhere(&sandbox, 2, 0);
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(73));
    assert!(stderr(&output).contains("another process has taken this job"), "{}", stderr(&output));
    assert_eq!(sandbox.json(&format!("{CLAIMS}/1"))["end"], Value::Null);
}
