//! Many runs in one folder: each job is done once, whoever does it.
#![cfg(unix)]

#[path = "../sandbox/mod.rs"]
mod sandbox;

mod claims;
mod engines;
mod jobs;
mod plans;

use sandbox::Sandbox;

/// Four jobs of two epochs, on twelve examples.
const PLAN: &str = "[[runs]]\nname = \"small\"\npreset = \"toy_1/mdn_k4\"\nseeds = \"0..2\"\n\
                    args = [\"--train-file\", \"my.csv\", \"--epochs\", \"2\", \"--batch-size\", \"2\"]\n\
                    vary = { \"--components\" = [\"1\", \"2\"] }\n";

/// A sandbox with this plan as `plan.toml`.
fn planned(plan: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("plan.toml", plan);
    sandbox
}

/// A plan of one job that lasts some seconds, and whose checkpoints are as many as there can be.
fn long() -> Sandbox {
    let plan = PLAN.replace("0..2", "7").replace("vary", "# vary").replace("\"2\", \"--batch", "\"60\", \"--batch");
    planned(&plan.replace("args = [", "args = [\"--checkpoint-seconds\", \"0\", "))
}

/// The run folder of the one job of [`long`].
const LONG: &str = "runs/small/seed-7";

/// The states of all jobs, in order.
fn states(sandbox: &Sandbox) -> Vec<String> {
    let list = sandbox.succeed("sweep plan.toml --runs runs --list");
    let state = |line: &str| serde_json::from_str::<serde_json::Value>(line).expect("JSON")["state"].clone();
    list.lines().map(|line| state(line).as_str().expect("a word").to_owned()).collect()
}
