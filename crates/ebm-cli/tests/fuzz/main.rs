//! Every reader answers or refuses whatever a file holds: no panic, no hang, and memory within bounds.
//!
//! Each has a corpus of small files, `corpus/NAME`, which are read as they are and with random changes. `cargo test`
//! does so for a moment. `cargo xtask fuzz` runs this very program for longer, a reader at a time, with limits on its memory:
//!
//! - `EBM_FUZZ_READER=NAME`, `EBM_FUZZ_SECONDS=S`, `EBM_FUZZ_SEED=N`, `EBM_FUZZ_FOLDER=DIR`: where the file lies that is
//!   being read, and the counts at the end, `counts.json`
//! - `EBM_FUZZ_INPUT=FILE` instead of a time: reads one file

mod changes;
mod session;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ebm_cli::readers::{READERS, Reader};
use session::{Session, Until};

/// Changed files of each reader that `cargo test` tries, and of each whole command.
const CHANGED: [u64; 2] = [100, 25];

/// Fixtures of other tests that belong to a corpus: a folder, and how their names end.
const FIXTURES: [(&str, &str, &str); 16] = [
    ("parquet", "../ebm-data/tests/fixtures", ".parquet"),
    ("parquet", "tests/faults", ".parquet"),
    ("npz", "../ebm-data/tests/fixtures", ".npz"),
    ("hdf5", "../ebm-data/tests/fixtures", ".h5"),
    ("png", "../ebm-data/tests/fixtures", ".png"),
    ("jpeg", "../ebm-data/tests/fixtures", ".jpg"),
    ("pickle", "../ebm-core/tests/fixtures", ".pth"),
    ("safetensors", "tests/own/golden/toy", ".safetensors"),
    ("toml", "presets/toy_1", "k4.toml"),
    ("run", "tests/own/golden/houses", "run.json"),
    ("model", "tests/own/golden/houses", "model.json"),
    ("calibration", "tests/own/golden/houses", "calibration.json"),
    ("split", "tests/own/golden/houses", "split.json"),
    ("predict_table", "tests/own/golden", ".csv"),
    ("predict_model", "tests/own/golden/houses", "model.json"),
    ("predict_calibration", "tests/own/golden/houses", "calibration.json"),
];

/// Files of a corpus are small.
const LONGEST: u64 = 15_000;

fn files_in(folder: &Path) -> BTreeSet<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries.map(|entry| entry.expect("listed").path()).collect()
}

fn corpus_of(name: &str) -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let fixtures = FIXTURES.iter().filter(|(reader, ..)| *reader == name).flat_map(|(_, folder, ending)| {
        let ends = |file: &PathBuf| file.to_string_lossy().ends_with(ending);
        files_in(&root.join(folder)).into_iter().filter(ends).collect::<Vec<_>>()
    });
    let files = files_in(&root.join("tests/fuzz/corpus").join(name)).into_iter().chain(fixtures);
    let small = |file: &PathBuf| file.metadata().expect("a file").len() <= LONGEST;
    files.filter(small).map(|file| std::fs::read(file).expect("readable")).collect()
}

#[test]
fn every_reader_answers_or_refuses_each_file_of_its_corpus_with_random_changes() {
    let var = |name: &str| std::env::var(format!("EBM_FUZZ_{name}")).ok();
    let number = |name: &str| var(name).map_or(0, |text| text.parse::<u64>().expect("a number"));
    let until = |reader: &Reader| match (var("INPUT"), var("SECONDS")) {
        (Some(input), _) => Until::Input(input.into()),
        (None, Some(_)) => Until::Elapsed(Duration::from_secs(number("SECONDS"))),
        (None, None) => Until::Count(CHANGED[usize::from(reader.name.starts_with("predict"))]),
    };
    let temporary = tempfile::tempdir().expect("a folder");
    let folder = var("FOLDER").map_or_else(|| temporary.path().to_owned(), PathBuf::from);
    let chosen = |reader: &&Reader| var("READER").is_none_or(|name| name == reader.name);
    for reader in READERS.iter().filter(chosen) {
        let mut session = Session::new(reader, &folder.join(reader.name), number("SEED"));
        let until = until(reader);
        session.run(corpus_of(reader.name), &until);
        // Every reader is in use: it has read files of its corpus, and refused others.
        let (read, refused) = session.outcomes();
        assert!(
            read > 0 && refused > 0 || matches!(until, Until::Input(_)),
            "{}: {read} read, {refused} refused",
            reader.name
        );
    }
}

#[test]
fn every_reader_has_a_corpus_and_every_corpus_a_reader() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus");
    let name = |path: &PathBuf| path.file_name().expect("a name").to_string_lossy().into_owned();
    let there: BTreeSet<String> = files_in(&folder).iter().map(name).collect();
    assert_eq!(there, READERS.iter().map(|reader| reader.name.to_owned()).collect());
}
