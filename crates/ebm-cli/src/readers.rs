//! Every reader of files that somebody else may have written, as one list: what `tests/fuzz` goes through.
//!
//! A reader must answer or return an error, in bounded time and memory, whatever the file holds.

use std::path::Path;

use anyhow::ensure;
use burn::tensor::Device;
use clap::Parser;
use ebm_core::checkpoint;
use ebm_core::{Method, ModelConfig, StateDict, Trees};
use ebm_data::image::{BadImages, Ground, inspect, read_picture};
use ebm_data::run_file::{CalibrationRecord, EnsembleRecord, ModelRecord, ReachRecord};
use ebm_data::table::{Against, OnMissing, Shares, Split, TableOptions, check, read};
use ebm_data::{read_inputs, read_pairs};

use crate::cli::{Cli, Command};
use crate::command::predict;
use crate::console::Console;
use crate::experiment::preset;
use crate::experiment::user_data::UserData;
use crate::run::document::Document;
use crate::run::evaluation::Evaluation;
use crate::run::manifest::{self, Manifest};
use crate::run::metrics;
use crate::run::model;
use crate::run::provenance::Provenance;
use crate::run::record::Record;
use crate::run::split::{FileSplit, TaskSplit};
use crate::run::trained_rows::TrainedRows;

/// A reader of one file.
pub struct Reader {
    /// Its name, which is that of its folder in the corpus.
    pub name: &'static str,
    /// The file that it reads, by its path in a folder.
    pub file: &'static str,
    read: fn(&Path) -> anyhow::Result<()>,
}

impl Reader {
    /// Reads the file in this folder. `run` there is a run of a table, `toy` one of pairs of numbers.
    ///
    /// # Errors
    /// When the reader refuses the file.
    pub fn read(&self, folder: &Path) -> anyhow::Result<()> {
        (self.read)(folder)
    }
}

const fn reader(name: &'static str, file: &'static str, read: fn(&Path) -> anyhow::Result<()>) -> Reader {
    Reader { name, file, read }
}

/// All of them.
pub static READERS: [Reader; 26] = [
    reader("csv", "table.csv", |folder| table(&folder.join("table.csv"))),
    reader("parquet", "table.parquet", |folder| table(&folder.join("table.parquet"))),
    reader("pairs", "pairs.csv", |folder| {
        read_inputs(folder.join("pairs.csv"))?;
        Ok(read_pairs(folder.join("pairs.csv")).map(drop)?)
    }),
    reader("npz", "images.npz", |folder| images(&folder.join("images.npz"))),
    reader("hdf5", "images.h5", |folder| images(&folder.join("images.h5"))),
    reader("png", "picture.png", |folder| picture(&folder.join("picture.png"))),
    reader("jpeg", "picture.jpg", |folder| picture(&folder.join("picture.jpg"))),
    reader("pickle", "state.pth", |folder| Ok(StateDict::read(&folder.join("state.pth")).map(drop)?)),
    reader("safetensors", "toy/model.safetensors", |folder| weights(&folder.join("toy"))),
    reader("trees", "trees.safetensors", |folder| Ok(Trees::load(&folder.join("trees.safetensors")).map(drop)?)),
    reader("toml", "experiment.toml", |folder| preset::read(&folder.join("experiment.toml")).map(drop)),
    reader("checkpoint", "checkpoint.json", |folder| {
        let model = ModelConfig::scalar(Method::Mdn { components: 1 }).init(0, &Device::flex().autodiff());
        Ok(checkpoint::load(folder, model).map(drop)?)
    }),
    reader("run", "run.json", |folder| Record::read(folder).map(drop)),
    reader("model", "model.json", |folder| model::read(folder).map(drop)),
    reader("ensemble", "ensemble.json", |folder| EnsembleRecord::read(folder).map(drop)),
    reader("calibration", "calibration.json", |folder| CalibrationRecord::read(folder).map(drop)),
    reader("evaluation", "evaluation.json", |folder| Evaluation::read(folder).map(drop)),
    reader("split", "split.json", |folder| {
        let found = Split::read(folder).map(drop);
        found.or_else(|_| TaskSplit::read(folder).map(drop)).or_else(|_| FileSplit::read(folder).map(drop))
    }),
    reader("reach", "reach.json", |folder| ReachRecord::read(folder).map(drop)),
    reader("rows", "rows.json", |folder| TrainedRows::read(folder).map(drop)),
    reader("import", "import.json", |folder| Provenance::read(folder).map(drop)),
    reader("metrics", "metrics.jsonl", |folder| metrics::read(folder).map(drop)),
    reader("manifest", "manifest.json", |folder| Manifest::of(folder).map(drop)),
    reader("predict_table", "new.csv", answer),
    reader("predict_model", "run/model.json", answer),
    reader("predict_calibration", "run/calibration.json", answer),
];

/// As `ebm check` and `ebm train` do, with the target `y`.
fn table(path: &Path) -> anyhow::Result<()> {
    let options = TableOptions { on_missing: OnMissing::Median, ..TableOptions::new(["y"]) };
    drop(check(path, &options, &Against::Split { shares: UserData::SHARES, seed: 0 })?.to_string());
    Ok(read(path, &options, &Shares::NONE, 0).map(drop)?)
}

/// As `ebm data inspect` does, which reads a file for every task that it fits.
fn images(path: &Path) -> anyhow::Result<()> {
    let found = inspect(path, BadImages::Skip)?;
    ensure!(found.is_sound(), "{}", found.problems.join("; "));
    Ok(())
}

fn picture(path: &Path) -> anyhow::Result<()> {
    Ok(read_picture(path, 32, Ground::White).map(drop)?)
}

/// Into the model that `model.json` beside it describes, whatever the digest there.
fn weights(run: &Path) -> anyhow::Result<()> {
    let about = ModelRecord { sha256: None, ..model::read(run)? };
    model::load_weights(run, &about, &Device::flex()).map(drop)
}

/// `ebm predict run new.csv --out answer.csv`, of files that were all changed by intent.
fn answer(folder: &Path) -> anyhow::Result<()> {
    let run = folder.join("run");
    manifest::seal(&run)?;
    let [run, rows, out] =
        [run, folder.join("new.csv"), folder.join("answer.csv")].map(std::path::PathBuf::into_os_string);
    let words = ["ebm", "predict", "--quiet", "--m", "16", "--force", "--out"].map(Into::into);
    match Cli::try_parse_from(words.into_iter().chain([out, run, rows]))?.command {
        Command::Predict(args) => predict::answer(&args, Console { json: false, quiet: true }).map(drop),
        _ => unreachable!("the command is predict"),
    }
}
