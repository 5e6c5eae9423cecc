//! A reader is given one file after another.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use ebm_cli::readers::Reader;

use crate::changes::Changes;

/// A file takes no longer than this, even on a busy machine.
const SECONDS_PER_FILE: u64 = 20;

/// The most files that are kept to be changed further.
const KEPT: usize = 2000;

/// What `corpus/checkpoint/plain.json` names.
const TENSORS: &str = "checkpoint-49-0.safetensors";

/// When to stop.
pub enum Until {
    Count(u64),
    Elapsed(Duration),
    /// After this file.
    Input(PathBuf),
}

/// A reader and what it did.
pub struct Session<'a> {
    reader: &'a Reader,
    folder: PathBuf,
    changes: Changes,
    /// How often each kind of answer was seen.
    answers: HashMap<String, u64>,
    files: u64,
    read: u64,
}

/// When the file was begun that is being read, seconds after the first look at the clock; 0 if none is.
static BEGUN: AtomicU64 = AtomicU64::new(0);

fn seconds() -> u64 {
    static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_secs() + 1
}

/// Ends the process if a file takes too long, and says nothing about panics of decoders, which become errors.
fn watch() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let tell = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !ebm_core::is_decoding() {
                tell(panic);
            }
        }));
        std::thread::spawn(|| {
            loop {
                std::thread::sleep(Duration::from_secs(1));
                let begun = BEGUN.load(Ordering::Relaxed);
                if begun > 0 && seconds() > begun + SECONDS_PER_FILE {
                    eprintln!("a file took more than {SECONDS_PER_FILE} s");
                    std::process::abort();
                }
            }
        });
    });
}

impl<'a> Session<'a> {
    /// In a folder of its own, where the file lies that is being read, beside runs that some readers need.
    pub fn new(reader: &'a Reader, folder: &Path, seed: u64) -> Self {
        watch();
        let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/own/golden");
        for (from, to) in [("houses", "run"), ("toy", "toy")] {
            fs::create_dir_all(folder.join(to)).expect("a folder");
            for entry in fs::read_dir(golden.join(from)).expect("listed") {
                let file = entry.expect("listed").path();
                fs::copy(&file, folder.join(to).join(file.file_name().expect("a name"))).expect("copied");
            }
        }
        fs::copy(golden.join("new.csv"), folder.join("new.csv")).expect("copied");
        // The tensors of the checkpoint in the corpus.
        let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/beside").join(TENSORS);
        fs::copy(beside, folder.join(TENSORS)).expect("copied");
        // For `cargo xtask fuzz`, which looks for the file when this process is no more.
        fs::write(folder.join("reads"), reader.file).expect("writable");
        let (folder, changes) = (folder.to_owned(), Changes::new(seed));
        Self { reader, folder, changes, answers: HashMap::new(), files: 0, read: 0 }
    }

    /// Files that were read, and those that were refused.
    pub fn outcomes(&self) -> (u64, u64) {
        (self.read, self.files - self.read)
    }

    /// Reads every file of the corpus, and then changed ones. A changed file with an answer of a new kind is changed
    /// further: nothing measures what code was reached, but an error message tells how far a file came.
    pub fn run(&mut self, mut corpus: Vec<Vec<u8>>, until: &Until) {
        let started = Instant::now();
        if let Until::Input(file) = until {
            self.give(&fs::read(file).expect("readable"));
            return;
        }
        for file in &corpus {
            self.give(file);
        }
        let first = self.files;
        let goes_on = |files: u64| match until {
            Until::Count(count) => files < first + count,
            Until::Elapsed(time) => started.elapsed() < *time,
            Until::Input(_) => false,
        };
        while goes_on(self.files) {
            let [chosen, other] = [0; 2].map(|_| self.changes.below(corpus.len()));
            let mut file = corpus[chosen].clone();
            self.changes.change(&mut file, &corpus[other]);
            if self.give(&file) && corpus.len() < KEPT {
                corpus.push(file);
            }
        }
        let (name, files, kinds) = (self.reader.name, self.files, self.answers.len());
        let seconds = started.elapsed().as_secs_f64();
        let counts = format!(
            "{{\"reader\":\"{name}\",\"files\":{files},\"read\":{},\"answers\":{kinds},\"seconds\":{seconds:.3}}}\n",
            self.read
        );
        fs::write(self.folder.join("counts.json"), counts).expect("writable");
    }

    /// Whether the answer is of a kind that was not seen before.
    fn give(&mut self, bytes: &[u8]) -> bool {
        fs::write(self.folder.join(self.reader.file), bytes).expect("writable");
        BEGUN.store(seconds(), Ordering::Relaxed);
        let answer = catch_unwind(AssertUnwindSafe(|| self.reader.read(&self.folder)));
        BEGUN.store(0, Ordering::Relaxed);
        self.files += 1;
        let kind = match answer {
            Ok(Ok(())) => {
                self.read += 1;
                "read".to_owned()
            }
            Ok(Err(error)) => kind_of(&format!("{error:#}")),
            Err(_) => {
                let kept = std::env::temp_dir().join(format!("ebm-fuzz-{}", self.reader.name));
                fs::write(&kept, bytes).expect("writable");
                panic!("{} panicked on {}", self.reader.name, kept.display());
            }
        };
        match self.answers.entry(kind) {
            Entry::Occupied(mut seen) => {
                *seen.get_mut() += 1;
                false
            }
            Entry::Vacant(new) => {
                new.insert(1);
                true
            }
        }
    }
}

/// An error message without what it quotes of the file: numbers, and text between quotation marks.
fn kind_of(message: &str) -> String {
    let mut kind = String::new();
    let mut quoted = false;
    for letter in message.chars() {
        match letter {
            '"' | '`' => quoted = !quoted,
            _ if quoted || letter.is_ascii_digit() => {}
            _ => kind.push(letter),
        }
    }
    kind.chars().take(200).collect()
}
