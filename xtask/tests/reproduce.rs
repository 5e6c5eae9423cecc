//! `reproduce-tables` against a stand-in for `ebm sweep` and `ebm table`: what they are asked, and what becomes of how they
//! end. The tests of sweeps themselves are in `ebm-cli`; the gate runs this command once with the program.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

const STAND_IN: &str = include_str!("stand_in.sh");

/// A folder with the stand-in, whose sweeps end with this code, or when they are told to.
struct Place(TempDir);

impl Place {
    fn new(end: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("ebm");
        fs::write(&program, STAND_IN.replace("@END@", end)).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        Self(folder)
    }

    fn runs(&self) -> PathBuf {
        self.0.path().join("runs")
    }

    fn command(&self, more: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.args(["reproduce-tables", "--jobs", "2", "--ebm"]).arg(self.0.path().join("ebm"));
        command.arg("--runs").arg(self.runs()).args(more.split_whitespace());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn run(&self, more: &str) -> Output {
        self.command(more).output().unwrap()
    }

    /// The arguments of every sweep, a line each.
    fn swept(&self) -> String {
        fs::read_to_string(self.0.path().join("swept"))
            .unwrap_or_default()
            .replace(&self.runs().display().to_string(), "RUNS")
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn printed(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn tables_are_swept_together_and_then_printed_one_by_one() {
    let place = Place::new("0");
    let output = place.run("--table 2 --table 1 --networks 2 --epochs 3");
    assert!(output.status.success(), "{}", said(&output));
    let scale = "--scale quick --networks 2 --epochs 3";
    assert_eq!(place.swept(), format!("sweep --table 1 --table 2 --device cpu --runs RUNS --local 2 {scale}\n"));
    let lines: Vec<String> = printed(&output).lines().map(str::to_owned).collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[0].starts_with(&format!("TABLE 1 {scale} ")) && lines[1].starts_with(&format!("TABLE 2 {scale} ")));
    for table in [1, 2] {
        assert_eq!(fs::read_to_string(place.runs().join(format!("table-{table}.md"))).unwrap(), "# a table\n");
    }
    assert!(place.run("--table 1").status.success(), "again, on the same folder");
}

#[test]
fn an_interrupted_sweep_prints_no_table() {
    let place = Place::new("75");
    let output = place.run("--table 1");
    assert_eq!((output.status.code(), printed(&output)), (Some(75), String::new()), "{}", said(&output));
}

#[test]
fn networks_without_a_result_are_an_error_after_the_tables() {
    let place = Place::new("1");
    let output = place.run("--table 1");
    assert_eq!(output.status.code(), Some(1));
    assert!(printed(&output).starts_with("TABLE 1 "));
    assert!(said(&output).contains("networks are without a result"), "{}", said(&output));
}

#[test]
fn a_sweep_that_cannot_begin_is_an_error_before_them() {
    let place = Place::new("78");
    let output = place.run("--table 1");
    assert_eq!((output.status.code(), printed(&output)), (Some(1), String::new()));
    assert!(said(&output).contains("`ebm sweep` ended with exit status: 78"), "{}", said(&output));
}

#[test]
fn a_request_to_end_is_passed_on() {
    let place = Place::new("told");
    let task = place.command("--table 1").spawn().unwrap();
    let started = Instant::now();
    while !place.0.path().join("working").exists() {
        assert!(started.elapsed() < Duration::from_secs(60), "the sweep does not begin");
        sleep(Duration::from_millis(20));
    }
    assert!(Command::new("kill").args(["-TERM", &task.id().to_string()]).status().unwrap().success());
    let output = task.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(75), "{}", said(&output));
}

#[test]
fn a_fresh_start_wants_an_empty_folder() {
    let place = Place::new("0");
    assert!(place.run("--table 1 --fresh").status.success());
    let output = place.run("--table 1 --fresh");
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("Move it away or delete it"), "{}", said(&output));
}

#[test]
fn a_table_that_does_not_exist_is_refused_with_those_that_do() {
    let place = Place::new("0");
    let output = place.run("--table 77");
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("there is no table 77; there are [1"), "{}", said(&output));
    assert_eq!(place.swept(), "");
}
