//! A bit that was flipped in any file of a run changes no answer.

use crate::sandbox::{Sandbox, stderr};
use crate::subjects::{Subject, full_length};

/// Flips of each file for `cargo test`, and at full length.
const FEW: usize = 3;
const MANY: usize = 400;

/// A run of this kind that is calibrated, evaluated and reported on.
fn whole(subject: Subject) -> Sandbox {
    let sandbox = subject.sandbox();
    sandbox.succeed(subject.train());
    if subject != Subject::Pairs {
        for command in ["calibrate model --quiet", "evaluate model --quiet", "report model --quiet"] {
            sandbox.succeed(command);
        }
    }
    sandbox
}

/// Counts of flips after which the run was refused, or answered as before.
fn flip(subject: Subject, of_each: usize) -> [usize; 2] {
    let sandbox = whole(subject);
    let expected = sandbox.succeed(subject.predict());
    let [mut refused, mut same] = [0; 2];
    for (name, bytes) in sandbox.files("model") {
        let bits = 8 * bytes.len();
        for flip in 0..of_each.min(bits) {
            // Low-discrepancy places, each another bit of its byte.
            let bit = ((flip as f64 + 0.5) * 0.618_033_988_749 % 1.0 * bits as f64) as usize;
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            sandbox.write(&format!("model/{name}"), flipped);
            let output = sandbox.ebm(subject.predict()).output().expect("ebm starts");
            let (message, code) = (stderr(&output), output.status.code());
            let at = format!("{} {name}, bit {bit}: {code:?} {message}", subject.name());
            assert!(!message.contains("panicked") && [Some(0), Some(65), Some(66)].contains(&code), "{at}");
            if code == Some(0) {
                assert!(output.stdout == expected.as_bytes(), "another answer: {at}");
                same += 1;
            } else {
                refused += 1;
            }
        }
        sandbox.write(&format!("model/{name}"), bytes);
    }
    assert_eq!(sandbox.succeed(subject.predict()), expected);
    [refused, same]
}

#[test]
fn a_flipped_bit_of_any_file_of_three_kinds_of_runs_changes_no_answer() {
    let folder = full_length();
    let mut rows = Vec::new();
    for subject in Subject::ALL {
        let [refused, same] = flip(subject, if folder.is_some() { MANY } else { FEW });
        // Files that `predict` does not read leave its answer as it was.
        assert!(refused > 0 && same > 0, "{}: {refused} {same}", subject.name());
        let (name, flips) = (subject.name(), refused + same);
        rows.push(format!("{{\"subject\":\"{name}\",\"flips\":{flips},\"refused\":{refused},\"same\":{same}}}"));
    }
    if let Some(folder) = folder {
        std::fs::write(folder.join("flips.json"), format!("[{}]\n", rows.join(",\n"))).expect("writable");
    }
}
