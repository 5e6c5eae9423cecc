//! Claims of threads, of processes that are gone, and of another machine, where no lock of a file reaches.

use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{scope, sleep};
use std::time::Duration;

use super::*;

/// A hundred refreshes: a busy machine may pause for some of them.
const QUICK: Rhythm = Rhythm { refresh: Duration::from_millis(20), stale: Duration::from_secs(2) };

fn unexpected(why: &str) {
    panic!("{why}");
}

fn mine(folder: &Path, rhythm: Rhythm) -> Option<Holding> {
    match take(folder, rhythm, unexpected).unwrap() {
        Taken::Mine(holding) => Some(holding),
        Taken::Held(_) => None,
    }
}

/// A claim of another machine, as it is written there.
fn elsewhere(folder: &Path, number: u64) -> (File, Claim) {
    fs::create_dir_all(folder).unwrap();
    let file = OpenOptions::new().write(true).create_new(true).open(folder.join(number.to_string())).unwrap();
    let worker = Worker { host: "node7".to_owned(), system: "another".to_owned(), ..Worker::this() };
    let claim = Claim { worker, time: now(), end: None };
    write(&file, &claim).unwrap();
    (file, claim)
}

#[test]
fn of_many_at_once_one_takes_a_job() {
    let folder = tempfile::tempdir().unwrap();
    let (start, taken) = (Barrier::new(8), AtomicUsize::new(0));
    scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                start.wait();
                let holding = mine(folder.path(), QUICK);
                taken.fetch_add(usize::from(holding.is_some()), Ordering::SeqCst);
                start.wait();
            });
        }
    });
    assert_eq!(taken.load(Ordering::SeqCst), 1);
}

#[test]
fn a_job_that_has_ended_can_be_taken_and_says_how_it_ended() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(latest(folder.path(), QUICK).unwrap(), Latest::None);
    let holding = mine(folder.path(), QUICK).expect("nobody has it");
    assert!(
        matches!(latest(folder.path(), QUICK).unwrap(), Latest::Held(Some(claim)) if claim.worker == Worker::this())
    );
    holding.end(75, &"long ".repeat(1000)).unwrap();
    assert!(matches!(latest(folder.path(), QUICK).unwrap(), Latest::Ended(End { exit: 75, .. })));
    assert!(mine(folder.path(), QUICK).is_some());
}

#[test]
fn a_claim_of_another_machine_holds_as_long_as_it_is_renewed() {
    let folder = tempfile::tempdir().unwrap();
    let (file, claim) = elsewhere(folder.path(), 1);
    for _ in 0..30 {
        sleep(QUICK.refresh);
        write(&file, &claim).unwrap();
        match take(folder.path(), QUICK, unexpected).unwrap() {
            Taken::Held(Some(claim)) => assert_eq!(claim.worker.host, "node7"),
            _ => panic!("it was renewed a moment ago"),
        }
    }
    sleep(QUICK.stale + QUICK.refresh);
    assert_eq!(latest(folder.path(), QUICK).unwrap(), Latest::Lost);
    assert!(mine(folder.path(), QUICK).is_some());
}

#[test]
fn a_claim_that_was_never_written_holds_for_a_while() {
    let folder = tempfile::tempdir().unwrap();
    File::create(folder.path().join("1")).unwrap();
    assert_eq!(latest(folder.path(), QUICK).unwrap(), Latest::Held(None));
    sleep(QUICK.stale + QUICK.refresh);
    assert_eq!(latest(folder.path(), QUICK).unwrap(), Latest::Lost);
}

#[cfg(target_os = "linux")]
#[test]
fn a_killed_process_of_this_machine_loses_its_job_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = File::create(folder.path().join("4")).unwrap();
    let worker = Worker { started: Worker::this().started + 1, ..Worker::this() };
    write(&file, &Claim { worker, time: now(), end: None }).unwrap();
    assert_eq!(latest(folder.path(), Rhythm::USUAL).unwrap(), Latest::Lost);
    let _holding = mine(folder.path(), Rhythm::USUAL).expect("its holder is dead");
    assert!(folder.path().join("5").exists(), "the next number");
}

#[test]
fn whoever_has_lost_his_claim_is_told() {
    static LOST: AtomicUsize = AtomicUsize::new(0);
    let folder = tempfile::tempdir().unwrap();
    let tell = |_: &str| {
        LOST.fetch_add(1, Ordering::SeqCst);
    };
    let Taken::Mine(_holding) = take(folder.path(), QUICK, tell).unwrap() else { panic!("nobody has it") };
    sleep(QUICK.refresh * 4);
    assert_eq!(LOST.load(Ordering::SeqCst), 0);
    elsewhere(folder.path(), 2);
    let begun = std::time::Instant::now();
    while LOST.load(Ordering::SeqCst) == 0 {
        assert!(begun.elapsed().as_secs() < 60, "nobody was told");
        sleep(QUICK.refresh);
    }
}

#[test]
fn a_folder_that_cannot_hold_a_claim_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    let error = take(&folder.path().join("file"), QUICK, unexpected).err().expect("not a folder").to_string();
    assert!(error.contains("nothing is trained without a claim"), "{error}");
}
