//! The small trainings, one for each kind of model.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::images;

/// One training and, where `predict` reads the user's own files, a prediction.
struct Training {
    name: &'static str,
    /// Arguments of `ebm train`; `{images}` is a folder of images, `{root}` the repository.
    train: &'static str,
    /// The file that `ebm predict` reads.
    predict: Option<&'static str>,
}

const TRAININGS: [Training; 5] = [
    Training { name: "toy_1", train: "--preset toy_1/ours_k4 --epochs 2 --m 64", predict: None },
    Training { name: "toy_2", train: "--preset toy_2/ours_k4 --epochs 2 --m 64", predict: None },
    Training {
        name: "table",
        train: "{root}/examples/engel.csv --target foodexp --target-kind real --members 1 --pieces 0 --weight-decay 0 --batch-size 32 --learning-rate 1e-3 --epochs 20 --m 64",
        predict: Some("{root}/examples/engel.csv"),
    },
    Training {
        name: "images",
        train: "--images {images} --labels {images}/labels.csv --target angle --width 4 --epochs 2 --m 16",
        predict: Some("{images}"),
    },
    Training {
        name: "steering_stand_in",
        train: "--preset steering/ours_k4 --examples 16 --width 4 --epochs 1 --m 16",
        predict: None,
    },
];

/// The source revision of `ebm`, and the digests of its models and predictions. Runs are written to `scratch`.
///
/// # Errors
/// When it cannot be run or fails.
pub(super) fn digests(ebm: &Path, root: &Path, scratch: &Path) -> Result<(String, BTreeMap<String, String>)> {
    let images = scratch.join("image_files");
    images::write(&images)?;
    let word =
        |word: &str| word.replace("{images}", &images.to_string_lossy()).replace("{root}", &root.to_string_lossy());
    let mut revision = String::new();
    let mut digests = BTreeMap::new();
    for Training { name, train, predict } in TRAININGS {
        eprintln!("training {name}");
        let out = scratch.join(name);
        let command = || {
            let mut command = Command::new(ebm);
            command.args(["--quiet", "--threads", "1"]).current_dir(scratch);
            command
        };
        let mut training = command();
        training.arg("train").args(train.split_whitespace().map(word)).args(["--seed", "0", "--out"]).arg(&out);
        printed(&mut training)?;
        let weights =
            fs::read(out.join("model.safetensors")).with_context(|| format!("reading the model of {name}"))?;
        digests.insert(format!("{name}/model.safetensors"), sha256(&weights));
        if let Some(file) = predict {
            let prediction = printed(command().arg("predict").arg(&out).arg(word(file)))?;
            digests.insert(format!("{name}/predict"), sha256(&prediction));
        }
        let run: Value = serde_json::from_slice(&fs::read(out.join("run.json"))?)?;
        revision = run["revision"].as_str().unwrap_or_default().to_owned();
    }
    Ok((revision, digests))
}

/// The standard output of a program.
fn printed(command: &mut Command) -> Result<Vec<u8>> {
    command.stdin(Stdio::null()).stderr(Stdio::inherit());
    let output = command.output().with_context(|| format!("cannot run {command:?}"))?;
    ensure!(output.status.success(), "{command:?} ended with {}", output.status);
    Ok(output.stdout)
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
