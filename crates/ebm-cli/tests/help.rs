//! What `ebm` says of itself.

mod sandbox;

use sandbox::Sandbox;

#[test]
fn every_command_explains_itself() {
    let sandbox = Sandbox::new();
    for command in [
        "",
        "train",
        "evaluate",
        "predict",
        "sample",
        "calibrate",
        "check",
        "report",
        "plot",
        "plot density",
        "plot curves",
        "plot examples",
        "plot calibration",
        "table",
        "data",
        "data list",
        "data inspect",
        "data make",
        "data show",
        "inspect",
        "import",
        "devices",
    ] {
        let help = sandbox.succeed(&format!("{command} --help"));
        assert!(help.lines().all(|line| line.chars().count() <= 100), "{command}: a line is too long");
        insta::assert_snapshot!(format!("ebm {command}").trim().replace(' ', "_"), help);
    }
}

#[test]
fn the_short_help_and_the_version_fit_a_line_each() {
    let sandbox = Sandbox::new();
    assert_eq!(sandbox.succeed("--version"), format!("ebm {}\n", env!("CARGO_PKG_VERSION")));
    let first = sandbox.succeed("-h").lines().next().map(str::to_owned);
    assert!(first.is_some_and(|line| line.starts_with("Energy-based probabilistic regression")));
}

#[test]
fn without_a_command_the_help_is_the_answer_and_the_exit_code_is_usage() {
    let message = Sandbox::new().fail(2, "");
    assert!(message.contains("Usage: ebm") && message.contains("ebm train --preset"), "{message}");
}
