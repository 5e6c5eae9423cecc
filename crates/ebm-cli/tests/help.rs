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
        "compare",
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
        "sweep",
        "data",
        "data list",
        "data inspect",
        "data make",
        "data show",
        "inspect",
        "import",
        "devices",
        "completions",
        "manual",
    ] {
        let help = sandbox.succeed(&format!("{command} --help"));
        assert!(help.lines().all(|line| line.chars().count() <= 100), "{command}: a line is too long");
        insta::assert_snapshot!(format!("ebm {command}").trim().replace(' ', "_"), help);
    }
}

#[test]
fn the_short_help_and_the_version_fit_a_line_each() {
    let sandbox = Sandbox::new();
    let version = format!("ebm {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(sandbox.succeed("-V"), version);
    let long = sandbox.succeed("--version");
    let lines: Vec<&str> = long.strip_prefix(&version).expect("the version first").lines().collect();
    assert!(lines[0].len() > "revision ".len() && lines[0].starts_with("revision "), "{long}");
    assert!(lines[1].starts_with("backends cpu") && lines.len() == 2, "{long}");
    let first = sandbox.succeed("-h").lines().next().map(str::to_owned);
    assert!(first.is_some_and(|line| line.starts_with("Energy-based probabilistic regression")));
}

#[test]
fn without_a_command_the_help_is_the_answer_and_the_exit_code_is_usage() {
    let message = Sandbox::new().fail(2, "");
    assert!(message.contains("Usage: ebm") && message.contains("ebm train --preset"), "{message}");
}

#[test]
fn every_shell_has_completions_and_every_command_a_manual_page() {
    let sandbox = Sandbox::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = sandbox.succeed(&format!("completions {shell}"));
        assert!(["calibrate", "target-kind", "overlap"].iter().all(|word| script.contains(word)), "{shell}");
    }
    assert!(sandbox.succeed("manual").contains(".TH ebm 1"));
    let page = sandbox.succeed("manual plot density");
    assert!(page.contains(".TH ebm-plot-density 1") && page.contains("\\-\\-out"), "{page}");
    assert!(sandbox.fail(2, "manual nothing").contains("there is no command \"nothing\""));
}
