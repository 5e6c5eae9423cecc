//! `cargo xtask fuzz`: every reader of files is given random changes of small files, under limits.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::minimise::minimise;
use super::{record, revision, test_program};
use crate::binary;

/// The test that reads a corpus with random changes.
const TEST: &str = "every_reader_answers_or_refuses_each_file_of_its_corpus_with_random_changes";
/// A folder for each reader, with its files.
const CORPUS: &str = "crates/ebm-cli/tests/fuzz/corpus";

/// Give every reader of files random changes of the files of its corpus
///
/// Runs the test `fuzz` of ebm-cli for each reader in turn, with a limit on its memory. A file may take 20 seconds. What
/// panics, hangs or takes too much memory is made smaller and kept in the corpus, so that `cargo test` fails until it is
/// mended; the exit code is then 1.
#[derive(clap::Args)]
pub struct Args {
    /// Minutes in all, shared evenly
    #[arg(long, default_value = "2")]
    minutes: f64,

    /// Only these readers: names of folders in the corpus
    #[arg(long, value_delimiter = ',', value_name = "NAME,..")]
    readers: Vec<String>,

    /// Seeds the changes
    #[arg(long, default_value = "0")]
    seed: u64,

    /// Address space of the program, in MiB
    #[arg(long, default_value = "1536", value_name = "MIB")]
    memory: u64,

    /// Use this program of the test `fuzz` instead of building one
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,

    /// Record the counts in docs/results/reliability
    #[arg(long)]
    record: bool,
}

/// What was done.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Record {
    pub schema: String,
    /// Source revision.
    pub revision: String,
    pub readers: Vec<Counts>,
}

/// What a reader did.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Counts {
    pub reader: String,
    /// Files that it was given.
    pub files: u64,
    /// Those that it read; the others it refused.
    pub read: u64,
    /// Different kinds of answers.
    pub answers: u64,
    pub seconds: f64,
    /// Files that panicked, hung or took too much memory.
    #[serde(default)]
    pub findings: u64,
}

/// The program, and where it works.
struct Runner<'a> {
    args: &'a Args,
    program: PathBuf,
    folder: &'a Path,
}

impl Runner<'_> {
    /// Whether the program ends well for a reader, with these further variables.
    fn run(&self, reader: &str, variables: &[(&str, String)]) -> Result<bool> {
        let mut command = Command::new("sh");
        let limited = format!("ulimit -v {}; exec \"$0\" \"$@\"", self.args.memory * 1024);
        command.args(["-c", &limited]).arg(&self.program).args([TEST, "--exact", "--nocapture", "-q"]);
        command.env("EBM_FUZZ_READER", reader).env("EBM_FUZZ_FOLDER", self.folder).env("RAYON_NUM_THREADS", "2");
        let names = variables.iter().map(|(name, value)| (format!("EBM_FUZZ_{name}"), value));
        let output = command.envs(names).output().context("starting sh")?;
        if !output.status.success() {
            let text = String::from_utf8_lossy(&output.stderr);
            let last: Vec<&str> = text.lines().rev().take(6).collect();
            eprintln!("{reader}: {}\n  {}", output.status, last.into_iter().rev().collect::<Vec<_>>().join("\n  "));
        }
        Ok(output.status.success())
    }

    /// Gives a reader files for some seconds; what fails is made smaller and kept.
    fn fuzz(&self, root: &Path, reader: &str, seconds: u64) -> Result<Counts> {
        let times = [("SECONDS", seconds.to_string()), ("SEED", self.args.seed.to_string())];
        let folder = self.folder.join(reader);
        if self.run(reader, &times)? {
            let counts = fs::read_to_string(folder.join("counts.json")).context("reading the counts")?;
            return serde_json::from_str(&counts).context("reading the counts");
        }
        let name = fs::read_to_string(folder.join("reads")).context("finding the file that failed")?;
        let found = fs::read(folder.join(name)).context("reading the file that failed")?;
        let input = self.folder.join("input");
        let fails = |bytes: &[u8]| {
            let only = [("INPUT", input.display().to_string())];
            fs::write(&input, bytes).is_ok() && matches!(self.run(reader, &only), Ok(false))
        };
        let found = minimise(found, fails);
        let digest = Sha256::digest(&found).iter().take(4).map(|byte| format!("{byte:02x}")).collect::<String>();
        let kept = root.join(CORPUS).join(reader).join(format!("found-{digest}"));
        fs::write(&kept, &found).with_context(|| format!("writing {}", kept.display()))?;
        println!("{reader}: kept {} bytes in {}", found.len(), kept.display());
        Ok(Counts { reader: reader.to_owned(), files: 0, read: 0, answers: 0, seconds: 0.0, findings: 1 })
    }
}

/// Names of the folders of the corpus.
fn readers(root: &Path) -> Result<Vec<String>> {
    let corpus = root.join(CORPUS);
    let entries = fs::read_dir(&corpus).with_context(|| format!("listing {}", corpus.display()))?;
    let mut names =
        entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect::<Result<Vec<_>>>()?;
    names.sort_unstable();
    Ok(names)
}

/// Runs all readers in turn and prints a table.
///
/// # Errors
/// When a reader fails for a file.
pub fn fuzz(args: &Args) -> Result<()> {
    let root = binary::root();
    let mut names = readers(&root)?;
    if let Some(unknown) = args.readers.iter().find(|name| !names.contains(name)) {
        bail!("there is no reader {unknown}; there are {}", names.join(", "));
    }
    names.retain(|name| args.readers.is_empty() || args.readers.contains(name));
    let folder = tempfile::tempdir().context("making a temporary folder")?;
    let runner = Runner { args, program: test_program(&root, "fuzz", args.program.as_deref())?, folder: folder.path() };
    let seconds = ((args.minutes * 60.0 / names.len() as f64) as u64).max(1);
    let mut readers = Vec::new();
    for name in &names {
        let counts = runner.fuzz(&root, name, seconds)?;
        println!(
            "{name:<20} {:>9} files, {:>7.0} a second, {:>4} kinds of answers, {} findings",
            counts.files,
            counts.files as f64 / counts.seconds.max(1e-9),
            counts.answers,
            counts.findings
        );
        readers.push(counts);
    }
    let findings: u64 = readers.iter().map(|counts| counts.findings).sum();
    if args.record {
        let counts = Record { schema: "ebm.fuzz/1".to_owned(), revision: revision(&root)?, readers };
        println!("recorded in {}", record(&root, "fuzz.json", &counts)?.display());
    }
    if findings > 0 { bail!("{findings} findings") } else { Ok(()) }
}
