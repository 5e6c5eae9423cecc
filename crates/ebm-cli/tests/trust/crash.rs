//! A training that is killed at any operation on a file goes on to the same model.
//!
//! `strace` kills `ebm` when it is about to do its n-th operation of a kind. It needs no change of `ebm`, and sees every
//! operation, also those of the libraries in it.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};

use crate::sandbox::{Sandbox, stderr};
use crate::subjects::{Subject, full_length};

/// Operations that change a folder or what is known of it.
const CALLS: [&str; 10] =
    ["openat", "write", "fsync", "rename", "renameat", "unlink", "unlinkat", "mkdir", "rmdir", "ftruncate"];

/// `ebm` under `strace` with these options.
fn traced(sandbox: &Sandbox, options: &[String], args: &str) -> Command {
    let ebm = sandbox.ebm(args);
    let mut command = Command::new("strace");
    command.args(["-f", "-qq"]).args(options).arg(ebm.get_program()).args(ebm.get_args());
    command.current_dir(sandbox.path("")).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// How many operations of each kind a thread of a training does, at most.
fn operations(subject: Subject) -> BTreeMap<&'static str, usize> {
    let sandbox = subject.sandbox();
    let log = sandbox.path("trace");
    let calls = CALLS.map(|call| format!("?{call}")).join(",");
    let options = ["-o".to_owned(), log.display().to_string(), "-e".to_owned(), format!("trace={calls}")];
    let status = traced(&sandbox, &options, subject.train()).status();
    assert!(status.expect("this test needs the program `strace`").success());
    let mut by_thread: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let text = std::fs::read_to_string(log).expect("a log");
    for (thread, rest) in text.lines().filter_map(|line| line.split_once(char::is_whitespace)) {
        let call = rest.trim_start().split('(').next().unwrap_or_default();
        if let Some(call) = CALLS.iter().find(|of| **of == call) {
            *by_thread.entry((thread, call)).or_default() += 1;
        }
    }
    let mut most: BTreeMap<&str, usize> = BTreeMap::new();
    for ((_, call), count) in by_thread {
        let call = CALLS.into_iter().find(|of| *of == call).expect("one of them");
        let entry = most.entry(call).or_default();
        *entry = count.max(*entry);
    }
    assert!(["openat", "write", "fsync", "rename"].iter().all(|call| most.contains_key(call)), "{most:?}");
    most
}

/// What became of a killed training.
#[derive(Debug, Default)]
struct Outcomes {
    /// It was not killed: this thread came no further.
    not_reached: usize,
    /// `--resume` went on.
    resumed: usize,
    /// There was nothing to go on with; the same command without `--resume` trained it.
    begun_again: usize,
}

impl Outcomes {
    fn kills(&self) -> usize {
        self.resumed + self.begun_again
    }
}

/// Kills at every `step`-th operation of each kind, each time in a new folder.
fn kill(subject: Subject, step: usize) -> Outcomes {
    let whole = subject.sandbox();
    whole.succeed(subject.train());
    let (expected, answer) = (subject.outcome(&whole), whole.succeed(subject.predict()));
    let mut outcomes = Outcomes::default();
    for (call, count) in operations(subject) {
        for n in (1..=count).step_by(step) {
            let at = format!("{} killed at {call} {n}", subject.name());
            let sandbox = subject.sandbox();
            let inject = format!("inject=?{call}:signal=KILL:when={n}");
            let options = ["-o", "/dev/null", "-e", &format!("trace=?{call}"), "-e", &inject].map(str::to_owned);
            let killed = traced(&sandbox, &options, subject.train()).output().expect("strace starts");
            if killed.status.success() {
                outcomes.not_reached += 1;
            } else {
                assert_eq!(killed.status.signal(), Some(9), "{at}: {}", stderr(&killed));
            }
            // What is there answers as the whole run does, or is refused.
            let output = sandbox.ebm(subject.predict()).output().expect("ebm starts");
            let message = stderr(&output);
            assert!(!message.contains("panicked"), "{at}: {message}");
            assert!(!output.status.success() || output.stdout == answer.as_bytes(), "{at}");
            let output = sandbox.ebm(&format!("{} --resume", subject.train())).output().expect("ebm starts");
            if output.status.success() {
                outcomes.resumed += usize::from(!killed.status.success());
            } else {
                let message = stderr(&output);
                assert_eq!(output.status.code(), Some(66), "{at}: {message}");
                sandbox.succeed(subject.train());
                outcomes.begun_again += 1;
            }
            let found = subject.outcome(&sandbox);
            assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>(), "{at}");
            let differs = found.iter().find(|(name, bytes)| *bytes != &expected[*name]);
            assert!(differs.is_none(), "{at}: {}", differs.expect("one").0);
            assert_eq!(sandbox.succeed(subject.predict()), answer, "{at}");
            // Nothing half written stays.
            assert!(!found.keys().any(|name| name.ends_with(".tmp")), "{at}: {:?}", found.keys());
        }
    }
    outcomes
}

#[test]
fn a_training_killed_at_any_operation_on_a_file_goes_on_to_the_same_model() {
    let Some(folder) = full_length() else {
        // Steps are chosen so that this lasts some seconds; they share no factor with the operations of a checkpoint.
        assert!(kill(Subject::Pairs, 7).kills() > 10);
        assert!(kill(Subject::Table, 53).kills() > 3);
        return;
    };
    let mut rows = Vec::new();
    for subject in Subject::ALL {
        let outcomes = kill(subject, 1);
        let mut row = String::new();
        let Outcomes { resumed, begun_again, not_reached } = outcomes;
        write!(
            row,
            "{{\"subject\":\"{}\",\"kills\":{},\"resumed\":{resumed},\"begun_again\":{begun_again},\"not_reached\":{not_reached}}}",
            subject.name(),
            resumed + begun_again
        )
        .expect("a string");
        eprintln!("{row}");
        rows.push(row);
    }
    std::fs::write(folder.join("crash.json"), format!("[{}]\n", rows.join(",\n"))).expect("writable");
}
