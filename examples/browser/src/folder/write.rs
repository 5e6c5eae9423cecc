//! A trained session as the run folder that `ebm train` would have written.

use std::fmt::Write as _;

use ebm_core::checkpoint::weights_to_bytes;
use ebm_core::io::weights::digest;
use ebm_data::run_file::{Encoding, ModelRecord, ReachRecord, RunFile};
use ebm_data::table::{OnMissing, Split, SplitBy};
use ebm_data::{Pairs, write_pairs_to};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::Files;
use crate::data::Source;
use crate::fault::Fault;
use crate::session::Session;

/// The name of drawn points beside their run.
const POINTS: &str = "points.csv";

/// The files of a run. `seconds` were spent training.
///
/// # Errors
/// When training is not finished, or a weight is not finite.
pub fn run_folder(session: &Session, seconds: f64) -> Result<Files, Fault> {
    let progress = session.progress();
    if !progress.finished {
        let why = format!("only {} of {} epochs are done: train to the end first", progress.epoch, progress.epochs);
        return Err(Fault::Folder { file: "model.safetensors".to_owned(), why });
    }
    let data = session.data();
    let weights = |source| Fault::Weights { file: "model.safetensors".to_owned(), source };
    let weights = weights_to_bytes(session.model()).map_err(weights)?;
    let encoding = match &data.source {
        Source::Table { schema, .. } => Some(Encoding {
            schema: Some((**schema).clone()),
            targets: vec![data.axes[1].label.clone()],
            space: data.space.clone(),
        }),
        Source::Task(_) | Source::Points => None,
    };
    let model = ModelRecord {
        model: session.config().clone(),
        target_range: data.target_range(),
        sha256: Some(digest(&weights)),
        encoding,
    };
    let mut files = Files::new();
    let mut put = |name: &str, bytes: Vec<u8>| files.insert(name.to_owned(), bytes);
    put("run.json", pretty(&run(session, seconds)));
    put("metrics.jsonl", metrics(session));
    put(ModelRecord::FILE, pretty(&named(ModelRecord::SCHEMA, &model)));
    put("model.safetensors", weights);
    if let Some(reach) = data.reach.clone() {
        put(ReachRecord::FILE, pretty(&named(ReachRecord::SCHEMA, &ReachRecord { reach })));
    }
    if let Source::Table { split, .. } = &data.source {
        put(Split::FILE, pretty(&named(Split::SCHEMA, split)));
    }
    let digests =
        files.iter().map(|(name, bytes)| (name.clone(), json!({ "bytes": bytes.len(), "sha256": digest(bytes) })));
    let manifest = json!({ "schema": "ebm.manifest/1", "files": digests.collect::<Map<String, Value>>() });
    files.insert("manifest.json".to_owned(), pretty(&manifest));
    Ok(files)
}

/// The points that a run was trained on, as `ebm train --train-file` reads them.
pub fn points(pairs: &Pairs) -> (String, Vec<u8>) {
    let mut bytes = Vec::new();
    write_pairs_to(&mut bytes, pairs).expect("memory can be written to");
    (POINTS.to_owned(), bytes)
}

/// `run.json`
fn run(session: &Session, seconds: f64) -> Value {
    let data = session.data();
    let (dataset, source, own) = match &data.source {
        Source::Task(task) => (task.name(), task.name(), None),
        Source::Points => ("file", POINTS, None),
        Source::Table { file, split, .. } => {
            let [input, target] = data.axes.each_ref().map(|axis| &axis.label);
            let own = json!({
                "source": { "kind": "table", "file": file },
                "targets": [target],
                "kinds": ["real"],
                "features": [input],
                "on_missing": OnMissing::Refuse,
                "shares": split.shares,
                "split_seed": split.seed,
                "split_by": SplitBy::Rows,
            });
            ("own", file.as_str(), Some(own))
        }
    };
    let mut config = json!({
        "dataset": dataset,
        "method": session.config().method,
        "network": session.config().network,
        "training": session.training(),
    });
    if let Some(own) = own {
        config["own"] = own;
    }
    json!({
        "schema": "ebm.run/1",
        "status": "done",
        "config": config,
        "seed": session.plan().seed,
        "device": "browser",
        "version": env!("CARGO_PKG_VERSION"),
        "revision": "browser",
        "data": {
            "source": source,
            "fingerprint": data.examples.fingerprint(),
            "examples": data.examples.len(),
            "target_range": data.target_range(),
        },
        "train_seconds": seconds,
        "error": null,
    })
}

/// `metrics.jsonl`
fn metrics(session: &Session) -> Vec<u8> {
    let mut lines = String::new();
    for epoch in session.epochs() {
        let losses = epoch.losses.iter().map(|&(name, value)| (name.to_owned(), json!(value)));
        let mut line = json!({ "epoch": epoch.epoch, "losses": losses.collect::<Map<String, Value>>() });
        if epoch.skipped > 0 {
            line["skipped_steps"] = json!(epoch.skipped);
        }
        writeln!(lines, "{line}").expect("a string can be written to");
    }
    lines.into_bytes()
}

fn named(schema: &str, content: &impl Serialize) -> Value {
    let mut value = serde_json::to_value(content).expect("a record is plain data");
    value["schema"] = json!(schema);
    value
}

fn pretty(value: &Value) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(value).expect("a record is plain data");
    bytes.push(b'\n');
    bytes
}
