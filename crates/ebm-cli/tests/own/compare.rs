//! Runs compared on the same rows.

use serde_json::Value;

use crate::roundtrip::table;
use crate::sandbox::{Sandbox, stderr};
use crate::table::{TRAIN, rows, trained};

fn comparison(sandbox: &Sandbox, args: &str) -> Value {
    serde_json::from_str(&sandbox.succeed(&format!("compare {args} --json --quiet"))).expect("JSON")
}

/// With a second run that differs in its seed.
fn two() -> Sandbox {
    let sandbox = trained();
    sandbox.succeed(&TRAIN.replace("--out model --seed 3", "--out other --seed 4"));
    sandbox
}

#[test]
fn differences_are_means_over_the_rows_that_predict_scores() {
    let sandbox = two();
    sandbox.write("fresh.csv", rows(90, |price| price + 1.0));
    let found = comparison(&sandbox, "model other --on fresh.csv");
    let number = |of: &Value, key: &str| of[key].as_f64().expect("a number");
    let log_probs = ["model", "other"].map(|run| {
        let (header, rows) = table(&sandbox.succeed(&format!("predict {run} fresh.csv --log-prob --quiet")));
        let column = header.iter().position(|name| name == "log_prob").expect("a column");
        rows.iter().map(|row| row[column].parse().expect("a number")).collect::<Vec<f64>>()
    });
    let differences: Vec<f64> = log_probs[0].iter().zip(&log_probs[1]).map(|(first, other)| first - other).collect();
    let n = differences.len() as f64;
    let mean = differences.iter().sum::<f64>() / n;
    let variance = differences.iter().map(|of| (of - mean).powi(2)).sum::<f64>() / (n - 1.0);
    let likelier = differences.iter().filter(|of| **of < 0.0).count() as f64 / n;
    let difference = &found["differences"][0];
    let expected = [("nll", mean), ("nll_error", (variance / n).sqrt()), ("share_likelier", likelier)];
    for (key, expected) in expected {
        // Answers are printed with six significant digits.
        assert!(
            (number(difference, key) - expected).abs() < 1e-4 * expected.abs().max(0.1),
            "{key}: {expected}, {found}"
        );
    }

    let found = comparison(&sandbox, "model other");
    let [first, difference] = [&found["runs"][0], &found["differences"][0]];
    let evaluated: Value = serde_json::from_str(&sandbox.succeed("evaluate model --json --quiet")).expect("JSON");
    // The same terms, added in another order.
    let [evaluated_nll, nll] = [number(&evaluated["metrics"], "nll"), number(first, "nll")];
    assert!((evaluated_nll - nll).abs() < 1e-12 * nll.abs(), "{evaluated_nll} {nll}");
    assert_eq!(evaluated["test_examples"], found["rows"]);
    // Other way round, the signs are.
    let back = comparison(&sandbox, "other model");
    assert_eq!(number(&back["differences"][0], "nll"), -number(difference, "nll"));
    let means = number(&found["runs"][1], "crps") - number(first, "crps");
    assert!((number(difference, "crps") - means).abs() < 1e-9 * means.abs(), "{found}");
    let text = sandbox.succeed("compare model other --quiet");
    assert!(text.contains("less model, row by row:") && text.contains("likelier in"), "{text}");
}

#[test]
fn a_run_differs_in_nothing_from_itself() {
    let sandbox = trained();
    let found = comparison(&sandbox, "model model model");
    assert_eq!(found["differences"].as_array().map(Vec::len), Some(2));
    for key in ["nll", "nll_error", "crps", "crps_error", "share_likelier"] {
        assert_eq!(found["differences"][1][key], 0.0, "{key}");
    }
    assert!(sandbox.succeed("compare model model --quiet").contains("within two standard errors"));
}

#[test]
fn runs_on_other_rows_are_refused_and_compared_on_a_file_that_neither_has_seen() {
    let sandbox = two();
    sandbox.succeed(&TRAIN.replace("--out model", "--split-seed 9 --out elsewhere"));
    let message = sandbox.fail(65, "compare model elsewhere --quiet");
    assert!(message.contains("cannot be compared") && message.contains("--on FILE"), "{message}");
    let message = sandbox.fail(65, "compare model other --on table.csv --quiet");
    assert!(message.contains("were trained on"), "{message}");
    sandbox.write("fresh.csv", rows(90, |price| price + 1.0));
    let found = comparison(&sandbox, "model elsewhere other --on fresh.csv");
    assert_eq!((found["rows"].as_u64(), found["differences"].as_array().map(Vec::len)), (Some(90), Some(2)));
}

#[test]
fn a_probability_is_not_compared_with_a_density() {
    let sandbox = Sandbox::new();
    sandbox.write("table.csv", rows(200, f64::round));
    for kind in ["real", "count"] {
        sandbox
            .succeed(&TRAIN.replace("kind real", &format!("kind {kind}")).replace("out model", &format!("out {kind}")));
    }
    let output = sandbox.ebm("compare real count --json --quiet").output().expect("it starts");
    assert!(stderr(&output).contains("only CRPS is compared"), "{}", stderr(&output));
    let found: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let difference = &found["differences"][0];
    assert!(difference["nll"].is_null() && difference["crps"].is_f64(), "{found}");
}
