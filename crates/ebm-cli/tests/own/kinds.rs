//! The kind of a target is told from its labels.

use crate::roundtrip::{number, table};
use crate::sandbox::{Sandbox, stderr};
use crate::table::{TRAIN, rows};

/// What is told of a training on prices that `price` makes, with these options.
fn trained_on(count: usize, price: impl Fn(f64) -> f64, options: &str) -> (Sandbox, String) {
    let sandbox = Sandbox::new();
    sandbox.write("table.csv", rows(count, price));
    let train = format!(
        "{} {options}",
        TRAIN.replace(" --target-kind real", "").replace(" --quiet", "").replace("--epochs 4", "--epochs 8")
    );
    let output = sandbox.ebm(&train).output().expect("ebm starts");
    assert!(output.status.success(), "{}", stderr(&output));
    (sandbox, stderr(&output))
}

fn column(sandbox: &Sandbox, command: &str, name: &str) -> Vec<f64> {
    let (header, rows) = table(&sandbox.succeed(command));
    let at = header.iter().position(|of| of == name).expect("a column");
    rows.iter().map(|row| number(&row[at])).collect()
}

#[test]
fn whole_numbers_are_answered_by_probabilities_unless_they_are_said_to_be_real() {
    let price = |price: f64| (price / 60.0).round() - 2.0;
    let (sandbox, told) = trained_on(400, price, "");
    assert!(
        told.contains("target price: whole numbers from -1 to 4: kind integer; --target-kind real treats"),
        "{told}"
    );
    assert!(!told.contains("grow without bound"), "{told}");
    let checked = sandbox.succeed("check table.csv --target price");
    assert!(checked.contains("whole numbers from -1 to 4: --target-kind auto takes integer\n"), "{checked}");
    let log_probs = column(&sandbox, "predict model table.csv --log-prob --quiet", "log_prob");
    // A density fitted by spikes would have higher ones.
    assert!(log_probs.iter().all(|&log| log <= 0.0) && log_probs.iter().any(|&log| log > -2.0));
    for name in ["median", "mode", "q0.05", "upper"] {
        let answers = column(&sandbox, "predict model table.csv --quiet", name);
        assert!(answers.iter().all(|y| y.fract() == 0.0), "{name}: {answers:?}");
    }
    sandbox.succeed("calibrate model --quiet");
    assert!(sandbox.succeed("evaluate model").contains("nats, of the probability"));
    assert_eq!(sandbox.json("model/run.json")["config"]["own"]["kinds"][0], "auto");

    let (sandbox, told) = trained_on(400, price, "--target-kind real");
    assert!(told.contains("warning") && told.contains("--target-kind count or integer"), "{told}");
    assert!(column(&sandbox, "predict model table.csv --quiet", "median").iter().any(|y| y.fract() != 0.0));
}

#[test]
fn values_with_a_step_are_answered_by_such_values() {
    let (sandbox, told) = trained_on(400, |price| (price / 10.0).round() / 1000.0 + 0.9, "");
    assert!(told.contains("multiples of 0.001 apart: kind step:0.001"), "{told}");
    assert!(sandbox.succeed("check table.csv --target price").contains("apart: --target-kind auto takes step:0.001\n"));
    let (header, rows) = table(&sandbox.succeed("predict model table.csv --quiet"));
    let at = header.iter().position(|of| of == "median").expect("a column");
    assert!(rows.iter().all(|row| row[at].len() <= 5), "{rows:?}");
}

#[test]
fn skewed_positive_targets_get_a_power_scale_and_stay_above_zero() {
    let (sandbox, told) = trained_on(400, |price| (price / 60.0).exp(), "");
    assert!(told.contains("positive and skewed, exponent ") && told.contains("kind power"), "{told}");
    let low = column(&sandbox, "predict model table.csv --quantiles 0.001 --quiet", "q0.001");
    assert!(low.iter().all(|&y| y >= 0.0), "{low:?}");
    let kind = sandbox.json("model/model.json")["own"]["space"][0]["kind"]["power"].clone();
    assert!(kind["lambda"].as_f64().is_some_and(|lambda| (0.0..0.9).contains(&lambda)), "{kind}");
    // The same labels with the kind named.
    let (named, _) = trained_on(400, |price| (price / 60.0).exp(), "--target-kind power");
    assert_eq!(named.json("model/model.json")["own"]["space"][0]["kind"]["power"], kind);
}

#[test]
fn a_held_out_label_that_a_kind_excludes_makes_the_target_real() {
    let sandbox = Sandbox::new();
    sandbox.write("table.csv", rows(200, |price| (price / 60.0).exp()));
    sandbox.write("valid.csv", rows(20, |price| price - 100.0));
    let output = sandbox
        .ebm(&format!("{} --valid valid.csv", TRAIN.replace(" --target-kind real", "").replace(" --quiet", "")))
        .output()
        .expect("ebm starts");
    assert!(output.status.success());
    let told = stderr(&output);
    assert!(told.contains("target price: kind real, because a held-out label is -"), "{told}");
}
