//! The pool, with shell scripts that end in every way.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use super::*;

/// What a program of this name does.
fn script(name: &str) -> &'static str {
    match name {
        "done" => "exit 0",
        "failed" => "exit 1",
        "interrupted" => "exit 75",
        "held" => "exit 73",
        "broken" => "echo 'config: no such preset' >&2; exit 78",
        "endless" => "exec sleep 600",
        // `$0` is the folder. These notes show who ran beside whom.
        "alone" => "echo begin >> $0/notes; sleep 0.02; echo end >> $0/notes",
        // `$1` is the place.
        "placed" => "echo begin $1 >> $0/notes; until [ $(grep -c begin $0/notes) -ge 2 ]; do sleep 0.01; done",
        "together" => "echo begin >> $0/notes; until [ $(grep -c begin $0/notes) = 4 ]; do sleep 0.01; done",
        _ => unreachable!("a program of these tests"),
    }
}

fn fake(name: &str, folder: &TempDir) -> Job {
    Job {
        name: name.to_owned(),
        networks: 1,
        program: "sh".into(),
        args: ["-c".into(), script(name).into(), folder.path().into()].to_vec(),
        log: folder.path().join(format!("{name}.txt")),
    }
}

fn pool(at_once: usize, stop: &AtomicBool) -> Pool<'_> {
    Pool {
        places: (0..at_once).map(|place| vec![format!("place-{place}").into()]).collect(),
        stop,
        grace: Duration::ZERO,
        retry: Duration::from_millis(10),
        patience: Duration::from_millis(300),
    }
}

fn run(at_once: usize, names: &[&str], tell: impl FnMut(Event)) -> Result<Counts> {
    let folder = tempfile::tempdir().unwrap();
    let jobs = names.iter().map(|name| fake(name, &folder)).collect();
    pool(at_once, &AtomicBool::new(false)).run(jobs, tell)
}

#[test]
fn every_job_ends_once_and_is_counted_by_its_exit_code() {
    let mut told = Vec::new();
    let names = ["done", "failed", "interrupted", "done"];
    let counts = run(2, &names, |event| {
        if let Event::Ended { job, how, .. } = event {
            told.push(format!("{job} {how:?}"));
        }
    });
    assert_eq!(counts.unwrap(), Counts { done: 2, failed: 1, interrupted: 1, not_started: 0 });
    told.sort();
    assert_eq!(told, ["done Done", "done Done", "failed Failed", "interrupted Interrupted"]);
}

#[test]
fn no_jobs_are_done_at_once() {
    assert_eq!(run(2, &[], |_| {}).unwrap(), Counts::default());
}

#[test]
fn one_place_runs_one_program_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let jobs = (0..4).map(|_| fake("alone", &folder)).collect();
    pool(1, &AtomicBool::new(false)).run(jobs, |_| {}).unwrap();
    assert_eq!(fs::read_to_string(folder.path().join("notes")).unwrap(), "begin\nend\n".repeat(4));
}

#[test]
fn four_places_run_four_programs_side_by_side() {
    // Each waits until all four have begun: with fewer places this would never end.
    let counts = run(4, &["together"; 4], |_| {});
    assert_eq!(counts.unwrap().done, 4);
}

#[test]
fn programs_side_by_side_have_places_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let jobs = (0..2).map(|_| fake("placed", &folder)).collect();
    pool(2, &AtomicBool::new(false)).run(jobs, |_| {}).unwrap();
    let notes = fs::read_to_string(folder.path().join("notes")).unwrap();
    let mut places: Vec<&str> = notes.lines().collect();
    places.sort();
    assert_eq!(places, ["begin place-0", "begin place-1"]);
}

#[test]
fn an_unexpected_exit_code_ends_the_task_and_shows_the_log() {
    let error = run(1, &["broken", "done"], |_| {}).unwrap_err().to_string();
    assert!(error.contains("broken ended with exit status: 78"), "{error}");
    assert!(error.contains("config: no such preset"), "{error}");
}

#[test]
fn what_another_process_holds_is_tried_again_until_patience_ends() {
    let mut held = 0;
    let error = run(1, &["held"], |event| held += usize::from(event == Event::Held { job: "held" })).unwrap_err();
    assert!(held >= 1);
    assert!(error.to_string().contains("held ended with exit status: 73"), "{error}");
}

#[test]
fn a_program_that_is_not_there_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let job = Job { program: PathBuf::from("no-such-program"), ..fake("done", &folder) };
    let error = pool(1, &AtomicBool::new(false)).run(vec![job], |_| {}).unwrap_err();
    assert!(error.to_string().contains("starting no-such-program for done"), "{error}");
}

#[test]
fn a_log_keeps_what_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let job = fake("broken", &folder);
    let log = job.log.clone();
    fs::write(&log, "before\n").unwrap();
    pool(1, &AtomicBool::new(false)).run(vec![job], |_| {}).unwrap_err();
    let text = fs::read_to_string(&log).unwrap();
    assert!(text.starts_with("before\n$ "), "{text}");
}

#[test]
fn stopping_ends_what_runs_and_starts_nothing_more() {
    let folder = tempfile::tempdir().unwrap();
    let stop = AtomicBool::new(false);
    let jobs = ["endless", "endless", "done"].map(|name| fake(name, &folder)).into();
    let mut stopping = None;
    let counts = pool(2, &stop).run(jobs, |event| match event {
        // Both places are taken by programs that never end.
        Event::Tick => stop.store(true, Ordering::SeqCst),
        Event::Stopping { running } => stopping = Some(running),
        _ => {}
    });
    assert_eq!(counts.unwrap(), Counts { interrupted: 2, not_started: 1, ..Counts::default() });
    assert_eq!(stopping, Some(2));
}

#[test]
fn a_broken_job_ends_the_others_before_the_error_is_shown() {
    let started = Instant::now();
    let error = run(2, &["endless", "broken"], |_| {}).unwrap_err();
    assert!(error.to_string().contains("no such preset"), "{error}");
    // The endless one sleeps for 600 s unless it is told.
    assert!(started.elapsed() < Duration::from_secs(60));
}

#[test]
fn a_program_killed_from_outside_is_not_a_failed_network() {
    let folder = tempfile::tempdir().unwrap();
    // `sh` is told to kill itself, as a system short of memory would.
    let job = Job {
        program: PathBuf::from("sh"),
        args: ["-c", "kill -9 $$"].map(OsString::from).to_vec(),
        ..fake("done", &folder)
    };
    let error = pool(1, &AtomicBool::new(false)).run(vec![job], |_| {}).unwrap_err();
    assert!(error.to_string().contains("signal: 9"), "{error}");
}
