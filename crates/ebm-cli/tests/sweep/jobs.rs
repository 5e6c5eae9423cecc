//! What one process does.

use serde_json::Value;

use super::{LONG, PLAN, long, planned, states};
use crate::sandbox::{Sandbox, signal, stderr};

fn metrics(sandbox: &Sandbox) -> String {
    sandbox.succeed("sweep plan.toml --runs runs --collect")
}

#[test]
fn jobs_are_listed_done_once_and_collected() {
    let sandbox = planned(PLAN);
    let list = sandbox.succeed("sweep plan.toml --runs runs --list");
    let lines: Vec<Value> = list.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines.len(), 4);
    assert_eq!(lines[1]["name"], "small/components=2/seed-0");
    assert_eq!(lines[1]["run"], "runs/small/components=2/seed-0");
    assert_eq!(lines[1]["cost"]["unit"], "examples");
    assert_eq!(states(&sandbox), ["not_started"; 4]);

    sandbox.succeed("sweep plan.toml --runs runs --job 1 --quiet");
    assert_eq!(states(&sandbox), ["not_started", "done", "not_started", "not_started"]);
    let before = sandbox.files("runs");
    sandbox.succeed("sweep plan.toml --runs runs --job small/components=2/seed-0 --quiet");
    assert_eq!(sandbox.files("runs"), before, "what is done is not done again");

    let output = sandbox.ebm("sweep plan.toml --runs runs --collect").output().expect("it starts");
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("small/components=1/seed-0 has no result: not_started"), "{}", stderr(&output));
    assert!(stderr(&output).contains("runs without a result: 3 of 4"), "{}", stderr(&output));
    assert_eq!(String::from_utf8_lossy(&output.stdout).lines().count(), 2);

    sandbox.succeed("sweep plan.toml --runs runs --local 2 --quiet");
    assert_eq!(states(&sandbox), ["done"; 4]);
    let csv = metrics(&sandbox);
    assert!(csv.starts_with("run,seed,components,"), "{csv}");
    assert_eq!(csv.lines().count(), 5);
    let json = sandbox.succeed("sweep plan.toml --runs runs --collect --json");
    assert_eq!(json.lines().count(), 4);
    let first: Value = serde_json::from_str(json.lines().next().expect("a line")).expect("JSON");
    assert!(first["metrics"]["nll"].is_f64(), "{first}");

    // Done by one process, in another order, it is the same.
    let other = planned(PLAN);
    for job in ["3", "0", "2", "1"] {
        other.succeed(&format!("sweep plan.toml --runs runs --job {job} --quiet"));
    }
    assert_eq!(metrics(&other), csv);
}

#[test]
fn jobs_are_divided_among_devices_with_the_results_of_one() {
    let one = planned(PLAN);
    one.succeed("sweep plan.toml --runs runs --local 2 --quiet");
    let several = planned(PLAN);
    several.refuse(2, "sweep plan.toml --runs runs --job 0 --device cpu,cpu");
    let message = several.refuse(2, "sweep plan.toml --runs runs --local 1 --device cpu,cpu");
    assert!(message.contains("2 devices need --local 2 or more"), "{message}");
    several.succeed("sweep plan.toml --runs runs --local 2 --device cpu,cpu --quiet");
    assert_eq!(metrics(&several), metrics(&one));
    let log = String::from_utf8(several.read("runs/logs/small-components=1-seed-0.txt")).expect("text");
    assert!(log.contains(r#""--device" "cpu""#), "{log}");
}

#[test]
fn the_runs_of_a_table_are_those_that_ebm_table_reads() {
    let sandbox = Sandbox::new();
    let size = "--networks 1 --epochs 1 --m 8";
    sandbox.succeed(&format!("sweep --table 1 --only toy_1/ours_k1 {size} --runs runs --local 2 --quiet"));
    let table: Value =
        serde_json::from_str(&sandbox.succeed(&format!("table 1 {size} --runs runs --json"))).expect("JSON");
    let cells = table["rows"][0]["cells"].as_array().expect("cells");
    let done: Vec<&str> =
        cells.iter().filter(|cell| cell["honest"]["n"] == 1).filter_map(|cell| cell["preset"].as_str()).collect();
    assert_eq!(done, ["toy_1/ours_k1"]);
    // At another scale these are other runs.
    let message = sandbox.refuse(78, "sweep --table 1 --only toy_1/ours_k1 --runs runs --epochs 3 --local 1");
    assert!(message.contains("toy_1/ours_k1/seed-0 was trained with other options (--epochs 1, not 3"), "{message}");
}

#[test]
fn a_killed_job_is_interrupted_and_goes_on_to_the_same_model() {
    let whole = long();
    whole.succeed("sweep plan.toml --runs runs --job 0 --quiet");
    let sandbox = long();
    let mut child = sandbox.spawn("sweep plan.toml --runs runs --job 0 --quiet");
    sandbox.wait_for_checkpoint(LONG, &mut child, 2);
    assert_eq!(states(&sandbox), ["running"]);
    child.kill().expect("killed");
    child.wait().expect("it ends");
    assert_eq!(states(&sandbox), ["interrupted"]);
    assert!(sandbox.succeed("sweep plan.toml --runs runs --status").contains("its process was killed"));

    let mut child = sandbox.spawn("sweep plan.toml --runs runs --job 0 --quiet");
    sandbox.wait_for_checkpoint(LONG, &mut child, 3);
    signal(&child, "TERM");
    assert_eq!(child.wait().expect("it ends").code(), Some(75));
    assert_eq!(states(&sandbox), ["interrupted"]);
    sandbox.succeed("sweep plan.toml --runs runs --job 0 --quiet");
    let weights = format!("{LONG}/model.safetensors");
    assert!(sandbox.read(&weights) == whole.read(&weights));
}

#[test]
fn a_failed_job_is_recorded_and_trained_again_when_asked() {
    let plan =
        PLAN.replace("0..2", "0").replace("\"2\", \"--batch", "\"40\", \"--learning-rate\", \"1e30\", \"--batch");
    let sandbox = planned(&plan);
    let message = sandbox.fail(1, "sweep plan.toml --runs runs --job 0 --quiet");
    assert!(message.contains("training diverged"), "{message}");
    assert_eq!(states(&sandbox), ["failed", "not_started"]);
    let message = sandbox.refuse(1, "sweep plan.toml --runs runs --job 0 --quiet");
    assert!(message.contains("failed before") && message.contains("--retry-failed"), "{message}");
    let message = sandbox.fail(1, "sweep plan.toml --runs runs --job 0 --retry-failed --quiet");
    assert!(message.contains("training diverged"), "{message}");
    // A sweep goes on, and a failed network is a result.
    let output = sandbox.ebm("sweep plan.toml --runs runs --local 1").output().expect("it starts");
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stderr(&output).contains("failed networks: 2"), "{}", stderr(&output));
    assert!(sandbox.succeed("sweep plan.toml --runs runs --status").contains("failed           2"));
}

#[test]
fn an_interrupted_sweep_keeps_what_is_done() {
    const ENDLESS: &str = "runs/endless/seed-7";
    let runs = |name: &str, epochs: &str| {
        PLAN.replace("small", name).replace("0..2", "7").replace("vary", "# vary").replace("\"2\", \"--batch", epochs)
    };
    let [short, endless] = [runs("short", "\"2\", \"--batch"), runs("endless", "\"1000000\", \"--batch")];
    let sandbox = planned(&(short + &endless.replace("args = [", "args = [\"--checkpoint-seconds\", \"0\", ")));
    let stopped_after = |epoch: u64| {
        let mut child = sandbox.spawn("sweep plan.toml --runs runs --local 1 --quiet");
        sandbox.wait_for_checkpoint(ENDLESS, &mut child, epoch);
        signal(&child, "TERM");
        assert_eq!(child.wait().expect("it ends").code(), Some(75));
        assert_eq!(states(&sandbox), ["done", "interrupted"]);
        let weights = sandbox.read("runs/short/seed-7/model.safetensors");
        let checkpoint: Value = sandbox.json(&format!("{ENDLESS}/checkpoint.json"));
        (weights, checkpoint["position"]["epoch"].as_u64().expect("an epoch"))
    };
    let (weights, epoch) = stopped_after(2);
    assert!(epoch >= 2);
    // The same command goes on from there.
    let (again, later) = stopped_after(epoch + 1);
    assert!(later > epoch && again == weights);
}
