//! `reproduce-tables` as a whole, against a stand-in for `ebm`.
//!
//! The stand-in is a shell script that keeps the promises of `ebm train`: it
//! writes `run.json`, holds a run while it works on it, saves and exits 75 when
//! asked to end, and does nothing for a run that is done.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

const STAND_IN: &str = include_str!("stand_in.sh");

/// A folder with the stand-in, and the runs it makes.
struct Place {
    folder: TempDir,
}

impl Place {
    /// `cells` are settings of the table, one network each unless more are asked for.
    fn new(cells: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("ebm");
        fs::write(&program, STAND_IN.replace("@CELLS@", cells)).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        Self { folder }
    }

    fn runs(&self) -> PathBuf {
        self.folder.path().join("runs")
    }

    fn command(&self, more: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        let jobs = if more.contains("--jobs") { "" } else { "--jobs=2" };
        command
            .args(["reproduce-tables", "--table", "1"])
            .args(jobs.split_whitespace())
            .arg("--ebm")
            .arg(self.folder.path().join("ebm"));
        command.arg("--runs").arg(self.runs()).args(more.split_whitespace());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn run(&self, more: &str) -> Output {
        self.command(more).output().unwrap()
    }

    /// How often `ebm train` was started for a run.
    fn starts(&self, run: &str) -> usize {
        let log = self.runs().join("logs").join(format!("{}.txt", run.replace('/', "-")));
        fs::read_to_string(log).map_or(0, |text| text.lines().filter(|line| line.starts_with("$ ")).count())
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn wait_for(path: &Path) {
    let started = Instant::now();
    while !path.exists() {
        assert!(started.elapsed() < Duration::from_secs(60), "{} does not come", path.display());
        sleep(Duration::from_millis(20));
    }
}

/// As a terminal or a person would, by the program everybody has.
fn signal(name: &str, child: &Child) {
    let status = Command::new("kill").args([name, &child.id().to_string()]).status().unwrap();
    assert!(status.success());
}

#[test]
fn every_network_is_trained_once_and_the_table_printed() {
    let place = Place::new("good fine");
    let first = place.run("--networks 2");
    assert!(first.status.success(), "{}", said(&first));
    assert_eq!(String::from_utf8_lossy(&first.stdout), "TABLE 1 --scale quick --networks 2\n");
    assert_eq!(fs::read_to_string(place.runs().join("table-1.md")).unwrap(), "# TABLE 1\n");
    let second = place.run("--networks 2");
    assert!(second.status.success(), "{}", said(&second));
    for run in ["good/seed-0", "good/seed-1", "fine/seed-0", "fine/seed-1"] {
        assert_eq!(place.starts(run), 1, "{run}");
    }
    assert!(said(&second).contains("networks: 4, finished: 4"), "{}", said(&second));
}

#[test]
fn a_failed_network_is_counted_and_not_trained_again() {
    let place = Place::new("nan good");
    for _ in 0..2 {
        let output = place.run("");
        assert!(output.status.success(), "{}", said(&output));
        assert!(said(&output).contains("failed networks: 1; the tables count them"), "{}", said(&output));
    }
    assert_eq!(place.starts("nan/seed-0"), 1);
}

#[test]
fn a_wrong_configuration_stops_everything_and_says_why() {
    let place = Place::new("wrong slow");
    let output = place.run("");
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("wrong/seed-0 ended with exit status: 78"), "{}", said(&output));
    assert!(said(&output).contains("no such preset"), "{}", said(&output));
    assert!(output.stdout.is_empty());
}

#[test]
fn a_network_without_a_result_is_an_error_after_the_tables() {
    let place = Place::new("lost good");
    let output = place.run("");
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("networks without a result: 1, the first lost/seed-0"), "{}", said(&output));
    assert!(!output.stdout.is_empty());
}

#[test]
fn a_request_to_end_is_passed_on_and_the_same_command_continues() {
    let place = Place::new("slow");
    for name in ["-INT", "-TERM"] {
        let task = place.command("").spawn().unwrap();
        wait_for(&place.runs().join("slow/seed-0/working"));
        signal(name, &task);
        let output = task.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(75), "{}", said(&output));
        assert!(said(&output).contains("run the same command again"), "{}", said(&output));
        let run = fs::read_to_string(place.runs().join("slow/seed-0/run.json")).unwrap();
        assert!(run.contains("interrupted"), "{run}");
    }
    fs::write(place.runs().join("slow/seed-0/hurry"), "").unwrap();
    let output = place.run("");
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(place.starts("slow/seed-0"), 3);
}

#[test]
fn a_task_killed_by_force_is_continued_though_its_programs_live_on() {
    let place = Place::new("slow good");
    let mut task = place.command("--jobs 1").spawn().unwrap();
    let working = place.runs().join("slow/seed-0/working");
    wait_for(&working);
    signal("-KILL", &task);
    assert_eq!(task.wait().unwrap().signal(), Some(9));
    assert!(working.exists(), "the program still holds its run");

    let task = place.command("").spawn().unwrap();
    wait_for(&place.runs().join("good/seed-0/evaluation.json"));
    // Now the program that was left over ends.
    fs::write(place.runs().join("slow/seed-0/hurry"), "").unwrap();
    let output = task.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    assert!(said(&output).contains("slow/seed-0 is locked by another process"), "{}", said(&output));
    assert!(!output.stdout.is_empty());
}

#[test]
fn runs_of_another_size_are_refused_before_anything_is_trained() {
    let place = Place::new("good");
    assert!(place.run("").status.success());
    let output = place.run("--epochs 9");
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("good/seed-0 was trained at another scale (2 epochs, m = 4)"), "{}", said(&output));
    assert_eq!(place.starts("good/seed-0"), 1);
}

#[test]
fn a_fresh_start_wants_an_empty_folder() {
    let place = Place::new("good");
    assert!(place.run("--fresh").status.success());
    let output = place.run("--fresh");
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("Move it away or delete it"), "{}", said(&output));
}

#[test]
fn a_table_that_does_not_exist_is_refused_with_those_that_do() {
    let place = Place::new("good");
    let output = place.run("--table 77");
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("there is no table 77; there are [1"), "{}", said(&output));
}
