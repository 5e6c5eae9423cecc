//! What the tests share: a small table and the folders of its runs.

mod counting;
mod data;
mod printed;

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::collect::collect;
use super::plan::plan;
use super::report::{Honest, Report};
use super::run::RunState;
use super::*;

/// A table of one row and two cells, four networks, best two.
fn small() -> Table {
    toml::from_str(
        r#"
        number = 9
        title = "A small table"
        caption = "Two settings | one data set."
        reduction = { best_on_test = 2, sd = "population" }
        scale.quick = { networks = 2, epochs = 5, m = 8 }
        scale.full = { networks = 4, epochs = 5, m = 8 }
        [[rows]]
        label = "Somebody (2020)"
        dataset = "toy_1"
        metric = { key = "kl", name = "KL divergence", unit = "nats", decimals = 2 }
        cells = [
            { label = "A", preset = "toy_1/a", paper = { mean = 2.0, sd = 0.1 } },
            { label = "B", preset = "toy_1/b" },
        ]
        "#,
    )
    .expect("the table parses")
}

fn full(table: &Table) -> Scale {
    table.scale(ScaleName::Full, Overrides::default())
}

fn write(runs: &Path, run: &str, file: &str, content: &Value) {
    let folder = runs.join(run);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(file), content.to_string()).unwrap();
}

fn run_file(status: &str, epochs: u64) -> Value {
    json!({
        "schema": "ebm.run/1", "status": status, "seed": 0, "device": "cpu", "version": "0.1.0",
        "revision": "abc", "train_seconds": 12.0, "error": (status == "failed").then_some("loss is NaN"),
        "config": {
            "dataset": "toy_1", "method": { "kind": "ebm", "components": 4 }, "training": { "epochs": epochs, "m": 8 },
        },
        "data": { "source": "toy_1", "fingerprint": "0", "examples": 2000, "target_range": [-1.0, 1.0] },
    })
}

fn done(runs: &Path, run: &str, metric: impl Into<Value>) {
    write(runs, run, "run.json", &run_file("done", 5));
    let metric: Value = metric.into();
    let evaluation = json!({ "schema": "ebm.evaluation/1", "metrics": { "kl": metric } });
    write(runs, run, "evaluation.json", &evaluation);
}

/// A: four finite runs. B: one finite, one failed, one not finite, one killed.
fn small_runs() -> tempfile::TempDir {
    let runs = tempfile::tempdir().unwrap();
    for (seed, kl) in [4.0, 1.0, 3.0, 2.0].into_iter().enumerate() {
        done(runs.path(), &format!("toy_1/a/seed-{seed}"), kl);
    }
    done(runs.path(), "toy_1/b/seed-0", 0.5);
    write(runs.path(), "toy_1/b/seed-1", "run.json", &run_file("failed", 5));
    done(runs.path(), "toy_1/b/seed-2", Value::Null);
    write(runs.path(), "toy_1/b/seed-3", "run.json", &run_file("running", 5));
    runs
}

fn small_report() -> Report {
    let runs = small_runs();
    collect(&small(), runs.path(), full(&small()))
}
