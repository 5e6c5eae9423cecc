//! `uci` as a whole, on a planted set, against a stand-in for `ebm` and for a peer's Python.
#![cfg(unix)]

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

const STAND_IN: &str = include_str!("uci_stand_in.sh");

/// A peer that is as good on every split.
const PEER: &str = r#"#!/bin/sh
while [ $# -gt 0 ]; do
    case $1 in --tables) tables=$2 ;; --results) results=$2 ;; esac
    shift
done
for seed in 0 1; do
    rows=$(cat $tables/yacht/seed-$seed/train.csv $tables/yacht/seed-$seed/test.csv | sha256sum | cut -d' ' -f1)
    echo "{\"set\":\"yacht\",\"method\":\"ngboost\",\"seed\":$seed,\"rows\":\"$rows\",\"versions\":\"ngboost 1\",\"seconds\":2,\"test_rows\":2,\"nll\":0.25,\"crps\":0.125}" >> $results
done
echo '{"set":"yacht","method":"ngboost","seed":2' | tr -d '\n' >> $results
"#;

/// A folder with a set of six rows and three splits, a stand-in, and what it makes.
struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        let place = Self { folder: tempfile::tempdir().unwrap() };
        fs::create_dir(place.path("data")).unwrap();
        fs::write(place.path("data/yacht.csv"), "x1,y\n1,10\n2,20\n3,30\n4,40\n5,50\n6,60\n").unwrap();
        fs::write(place.path("data/yacht.test-rows.txt"), "0 3\n5 1\n2 4\n").unwrap();
        place.install("1");
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes the stand-in; another version is another program.
    fn install(&self, version: &str) {
        let text = STAND_IN.replace("@PLACE@", self.folder.path().to_str().unwrap()).replace("@VERSION@", version);
        executable(&self.path("ebm"), &text);
    }

    fn run(&self, more: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.args(["uci", "--jobs", "2", "--data"]).arg(self.path("data")).arg("--work").arg(self.path("work"));
        command.arg("--environments").arg(self.path("venvs"));
        if !more.contains(&"--report") {
            command.arg("--ebm").arg(self.path("ebm"));
        }
        command.args(more).output().unwrap()
    }

    /// The `ebm train` commands so far.
    fn trained(&self) -> Vec<String> {
        fs::read_to_string(self.path("trained")).unwrap_or_default().lines().map(str::to_owned).collect()
    }
}

fn executable(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn printed(output: &Output) -> String {
    assert!(output.status.success(), "{}", said(output));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn every_split_is_trained_once_and_the_table_has_the_numbers_of_the_json() {
    let place = Place::new();
    let out = place.path("uci.md");
    let table = printed(&place.run(&["--out", out.to_str().unwrap()]));
    // 0.5, 1.5, 2.5: mean 1.5, error 1/√3; CRPS 0, 0.1, 0.2.
    assert!(
        table.contains("| yacht | `default` | 3 of 3 | 1.500 ± 0.577 | -0.7 | -0.73 TabPFN, 0.05 PGBM, 0.16 WGBoost |"),
        "{table}"
    );
    assert!(table.contains("| 0.100 ± 0.058 | 0.2 | 0.478 deep ensemble |"), "{table}");
    assert!(table.contains("ebm 1, revision abc"), "{table}");
    assert_eq!(fs::read_to_string(&out).unwrap(), table);
    let json: Value = serde_json::from_str(&fs::read_to_string(place.path("uci.json")).unwrap()).unwrap();
    let row = &json["measurements"][0]["rows"][0];
    assert_eq!(row["means"]["nll"]["mean"], 1.5);
    assert_eq!(row["worst"], serde_json::json!({ "split": 2, "nll": 2.5 }));
    assert_eq!(row["splits"][1]["outcome"]["done"]["metrics"]["nll"], 1.5);
    assert!(row["means"].get("coverage_90").is_none(), "null is not a number");
    assert_eq!(printed(&place.run(&[])), table);
    assert_eq!(place.trained().len(), 3);
}

#[test]
fn a_report_keeps_the_sets_that_are_not_measured_again() {
    let place = Place::new();
    for suffix in ["csv", "test-rows.txt"] {
        fs::copy(place.path(&format!("data/yacht.{suffix}")), place.path(&format!("data/boston.{suffix}"))).unwrap();
    }
    let out = place.path("uci.md");
    let run = |sets: &str| printed(&place.run(&["--out", out.to_str().unwrap(), "--sets", sets, "--splits", "0..3"]));
    let yacht = run("yacht");
    let both = run("boston");
    for line in yacht.lines().filter(|line| line.starts_with("| yacht") || line.starts_with("- `cargo")) {
        assert!(both.contains(line), "{both}");
    }
    assert_eq!(both.matches("| boston | `default` | 3 of 3 |").count(), 2, "{both}");
    // Measured again, a set has one row, and the command that has no other is gone.
    let again = run("boston,yacht");
    assert_eq!(again.matches("| yacht | `default` | 3 of 3 |").count(), 2, "{again}");
    assert_eq!(again.matches("- `cargo xtask uci").count(), 1, "{again}");
    fs::write(place.path("uci.json"), "{}").unwrap();
    let output = place.run(&["--out", out.to_str().unwrap()]);
    assert!(said(&output).contains("is no report of this command"), "{}", said(&output));
    assert_eq!(fs::read_to_string(&out).unwrap(), again);
}

#[test]
fn the_tables_of_a_split_share_no_row_and_have_all() {
    let place = Place::new();
    printed(&place.run(&[]));
    for split in 0..3 {
        let rows = |part: &str| -> BTreeSet<String> {
            let text = fs::read_to_string(place.path(&format!("work/tables/yacht/seed-{split}/{part}.csv"))).unwrap();
            text.lines().skip(1).map(str::to_owned).collect()
        };
        let [train, test] = [rows("train"), rows("test")];
        assert_eq!((train.len(), test.len()), (4, 2));
        assert!(train.is_disjoint(&test));
    }
}

#[test]
fn a_failed_split_is_counted_named_and_not_trained_again() {
    let place = Place::new();
    fs::write(place.path("fail-1"), "").unwrap();
    for _ in 0..2 {
        let output = place.run(&[]);
        let table = printed(&output);
        assert!(table.contains("| yacht | `default` | 2 of 3, 1 failed | 1.500 ± 1.000 |"), "{table}");
        assert!(table.contains("split 1 **failed** and is in no mean: train: exit code 1: loss is NaN"), "{table}");
        assert!(said(&output).contains("failed splits: 1; the tables count them"), "{}", said(&output));
    }
    assert_eq!(place.trained().len(), 3);
}

#[test]
fn splits_that_were_not_asked_for_are_named() {
    let place = Place::new();
    let table = printed(&place.run(&["--splits", "1"]));
    assert!(table.contains("| yacht | `default` | 1 of 3 | 1.500 |"), "{table}");
    assert!(table.contains("yacht, `default`: not measured: splits 0, 2"), "{table}");
    let output = place.run(&["--splits", "3..9"]);
    assert!(said(&output).contains("yacht has 3 splits, none of 3..9"), "{}", said(&output));
}

#[test]
fn results_of_other_arguments_are_refused_and_trained_again_when_asked() {
    let place = Place::new();
    printed(&place.run(&[]));
    let output = place.run(&["--", "--m", "8"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("3 kept results in"), "{}", said(&output));
    assert!(said(&output).contains("the first default/yacht/split-0: other arguments"), "{}", said(&output));
    assert_eq!(place.trained().len(), 3);
    assert!(printed(&place.run(&["--redo-stale", "--", "--m", "8"])).contains("--target y --m 8`"));
    assert_eq!(place.trained().len(), 6);
}

#[test]
fn results_of_another_program_or_other_rows_are_refused_and_can_be_printed() {
    let place = Place::new();
    let table = printed(&place.run(&[]));
    place.install("2");
    let output = place.run(&[]);
    assert!(said(&output).contains("split-0: another program"), "{}", said(&output));
    assert_eq!(printed(&place.run(&["--report"])), table);
    // One split of the new program: the row is of two.
    fs::remove_file(place.path("work/results/default/yacht/split-2.json")).unwrap();
    printed(&place.run(&["--splits", "2"]));
    assert!(said(&place.run(&["--report"])).contains("split-2: another program"));
    fs::write(place.path("data/yacht.csv"), "x1,y\n1,11\n2,20\n3,30\n4,40\n5,50\n6,60\n").unwrap();
    assert!(said(&place.run(&["--splits", "2"])).contains("split-2: other rows"));
    assert_eq!(place.trained().len(), 4);
}

#[test]
fn an_interrupted_split_leaves_nothing_and_the_same_command_continues() {
    let place = Place::new();
    fs::write(place.path("interrupt-2"), "").unwrap();
    let output = place.run(&[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("default/yacht/split-2"), "{}", said(&output));
    fs::remove_file(place.path("interrupt-2")).unwrap();
    assert!(printed(&place.run(&[])).contains("| yacht | `default` | 3 of 3 |"));
    assert_eq!(place.trained().len(), 4);
}

#[test]
fn arguments_that_ebm_refuses_stop_everything() {
    let place = Place::new();
    let output = place.run(&["--", "--wrong"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("no such option"), "{}", said(&output));
    assert!(!place.path("work/results").exists());
}

#[test]
fn a_variant_is_a_row_whose_options_replace_the_default_ones() {
    let place = Place::new();
    let table = printed(&place.run(&["--variant", "auto=--target-kind auto", "--splits", "0"]));
    assert!(
        table.contains("| yacht | `default` | 1 of 3 |") && table.contains("| yacht | `auto` | 1 of 3 |"),
        "{table}"
    );
    let with = |what: &str| place.trained().iter().filter(|line| line.contains(what)).count();
    assert_eq!((with("--target-kind auto"), with("--target y")), (1, 2));
    let only = printed(&place.run(&["--variant", "k=--k 3", "--without-default", "--splits", "0"]));
    assert!(!only.contains("`default`"), "{only}");
}

#[test]
fn a_peer_runs_on_the_same_tables_or_says_how_to_install_it() {
    let place = Place::new();
    let output = place.run(&["--peers", "ngboost"]);
    assert!(said(&output).contains("install -r bench/peers/requirements-ngboost.txt"), "{}", said(&output));
    assert!(printed(&output).contains("| yacht | NGBoost, Normal | 0 of 3 | – |"), "{}", printed(&output));
    executable(&place.path("venvs/ngboost/bin/python"), PEER);
    let table = printed(&place.run(&["--peers", "ngboost"]));
    assert!(table.contains("| yacht | NGBoost, Normal | 2 of 3 | 0.250 ± 0.000 |"), "{table}");
    assert!(table.contains("yacht, NGBoost, Normal: not measured: splits 2"), "{table}");
    let kept = place.path("work/peers/ngboost.jsonl");
    let other = fs::read_to_string(&kept).unwrap().replacen("\"rows\":\"", "\"rows\":\"0", 1);
    fs::write(&kept, other).unwrap();
    let output = place.run(&["--peers", "ngboost", "--report"]);
    assert!(said(&output).contains("ngboost on yacht, split 0 is of other rows"), "{}", said(&output));
}
