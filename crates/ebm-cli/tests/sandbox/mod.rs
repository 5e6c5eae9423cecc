//! A folder of one test's own, and `ebm` run in it: paths stay relative, so messages are the same on every machine.

#![allow(dead_code)] // Every test file uses another part.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Twelve examples, enough for six steps an epoch at two examples a step.
const EXAMPLES: &str = "x,y\n-1,-0.8\n-0.8,-0.7\n-0.6,-0.5\n-0.4,-0.5\n-0.2,-0.1\n0,0.1\n\
                        0.2,0.1\n0.4,0.5\n0.6,0.5\n0.8,0.7\n1,0.8\n1.2,0.9\n";

/// A training that lasts a second or so; `--out` is `run`.
pub const TRAIN: &str =
    "train --train-file my.csv --out run --seed 7 --epochs 40 --m 8 --batch-size 2 --components 2 --quiet";

/// Nothing takes longer, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Sandbox(TempDir);

impl Sandbox {
    /// A folder with `my.csv` in it and nothing else.
    pub fn new() -> Self {
        let sandbox = Self(tempfile::tempdir().expect("temporary folder"));
        sandbox.write("my.csv", EXAMPLES);
        sandbox
    }

    /// A folder with `my.csv` and the trained run `run`.
    pub fn trained() -> Self {
        static RUN: OnceLock<Files> = OnceLock::new();
        let train = || {
            let sandbox = Self::new();
            sandbox.succeed(&TRAIN.replace("--epochs 40", "--epochs 2 --snapshot-epochs 1"));
            sandbox.files("run")
        };
        let sandbox = Self::new();
        sandbox.restore("run", RUN.get_or_init(train));
        sandbox
    }

    /// A folder with `my.csv` and the run `run`, interrupted in its third epoch or later.
    pub fn interrupted() -> Self {
        static RUN: OnceLock<Files> = OnceLock::new();
        let train = || {
            let sandbox = Self::new();
            let mut child = sandbox.spawn(&format!("{TRAIN} --checkpoint-seconds 0"));
            sandbox.wait_for_epoch(&mut child, 2);
            signal(&child, "TERM");
            assert_eq!(child.wait().expect("it ends").code(), Some(75));
            sandbox.files("run")
        };
        let sandbox = Self::new();
        sandbox.restore("run", RUN.get_or_init(train));
        sandbox
    }

    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.path(name), bytes).expect("writable");
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub fn json(&self, name: &str) -> serde_json::Value {
        serde_json::from_slice(&self.read(name)).expect("JSON")
    }

    /// Every file below a folder with its bytes. The lock is no part of a run.
    pub fn files(&self, folder: &str) -> Files {
        let mut files = Files::new();
        let mut folders = vec![self.path(folder)];
        while let Some(next) = folders.pop() {
            for entry in fs::read_dir(&next).expect("listed") {
                let path = entry.expect("listed").path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.file_name() != Some("lock".as_ref()) {
                    let name = path.strip_prefix(self.path(folder)).expect("below it").to_str().expect("UTF-8");
                    files.insert(name.to_owned(), fs::read(&path).expect("readable"));
                }
            }
        }
        files
    }

    pub fn restore(&self, folder: &str, files: &Files) {
        for (name, bytes) in files {
            let path = self.path(folder).join(name);
            fs::create_dir_all(path.parent().expect("below it")).expect("folder");
            fs::write(path, bytes).expect("writable");
        }
    }

    /// `ebm` with arguments separated by blanks.
    pub fn ebm(&self, args: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ebm"));
        command.args(args.split_whitespace()).current_dir(self.0.path());
        command.env("COLUMNS", "100").env("NO_COLOR", "1").env_remove("RUST_BACKTRACE");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub fn spawn(&self, args: &str) -> Child {
        self.ebm(args).spawn().expect("ebm starts")
    }

    /// What it prints to stdout.
    pub fn succeed(&self, args: &str) -> String {
        let output = self.ebm(args).output().expect("ebm starts");
        assert!(output.status.success(), "{args}: {}", stderr(&output));
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// What it tells the user when it ends with this code, having said nothing to stdout.
    pub fn fail(&self, exit: i32, args: &str) -> String {
        let output = self.ebm(args).output().expect("ebm starts");
        let message = stderr(&output);
        assert_eq!(output.status.code(), Some(exit), "{args}: {message}");
        assert!(output.stdout.is_empty(), "{args}");
        assert!(!message.contains("panicked"), "{args}: {message}");
        message
    }

    /// As [`Sandbox::fail`], having changed no file.
    pub fn refuse(&self, exit: i32, args: &str) -> String {
        let before = self.files("");
        let message = self.fail(exit, args);
        assert_eq!(self.files(""), before, "{args}");
        message
    }

    /// Says in `run.json` of a run that the table it was trained on is the one here.
    pub fn adopt(&self, run: &str) {
        let mut record = self.json(&format!("{run}/run.json"));
        let here = fs::canonicalize(self.path("table.csv")).expect("there is a table");
        record["config"]["own"]["source"]["file"] = here.to_str().expect("UTF-8").into();
        self.write(&format!("{run}/run.json"), record.to_string());
        self.reseal(run);
    }

    /// Takes the files of a run as they are now.
    pub fn reseal(&self, run: &str) {
        self.succeed(&format!("inspect {run} --reseal --quiet"));
    }

    /// Waits until the run `run` has a checkpoint in this epoch, counted from 0, or later.
    pub fn wait_for_epoch(&self, child: &mut Child, epoch: u64) {
        self.wait_for_checkpoint("run", child, epoch);
    }

    /// The same of any run.
    pub fn wait_for_checkpoint(&self, run: &str, child: &mut Child, epoch: u64) {
        let started = Instant::now();
        loop {
            let manifest = fs::read(self.path(run).join("checkpoint.json")).ok();
            let manifest = manifest.and_then(|bytes| serde_json::from_slice::<serde_json::Value>(&bytes).ok());
            if manifest.is_some_and(|manifest| manifest["position"]["epoch"].as_u64() >= Some(epoch)) {
                return;
            }
            assert!(child.try_wait().expect("waited").is_none(), "it ended before epoch {epoch}");
            assert!(started.elapsed() < PATIENCE, "no checkpoint of epoch {epoch}");
            sleep(Duration::from_millis(1));
        }
    }
}

/// Files by path, with their bytes.
pub type Files = BTreeMap<String, Vec<u8>>;

pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Sends a signal such as `TERM`.
pub fn signal(child: &Child, name: &str) {
    let sent = Command::new("sh").args(["-c", &format!("kill -{name} {}", child.id())]).status();
    assert!(sent.expect("a shell").success());
}
