//! Training data and inputs.

use insta::assert_snapshot;

use crate::sandbox::{Sandbox, TRAIN, stderr};

#[test]
fn bad_data_is_refused_with_file_line_and_column() {
    let sandbox = Sandbox::new();
    let refuse = |text: &str| {
        sandbox.write("bad.csv", text);
        let message = sandbox.refuse(65, "train --train-file bad.csv");
        assert!(!sandbox.path("runs").exists());
        message
    };
    assert_snapshot!(refuse("x,y\n1,2\n3,four\n"), @r#"error: bad.csv, line 3, column "y": "four" is not a number: write digits with a decimal point, or remove the row"#);
    assert_snapshot!(refuse("x,y\n1,nan\n"), @r#"error: bad.csv, line 2, column "y": "nan" is not a finite number: remove or correct the row"#);
    assert_snapshot!(refuse("x,y\n1,2,3\n"), @"error: bad.csv, line 2: 3 cells where the first row has 2: look for a missing or additional delimiter");
    assert_snapshot!(refuse("x,z\n1,2\n"), @r#"error: bad.csv, line 1: no column `y` among 2 columns ["x", "z"]: name the input `x` and a target `y`"#);
    assert_snapshot!(refuse("x,y\n"), @"error: bad.csv has a header but no rows: add one row for each example");
    assert_snapshot!(refuse(""), @"error: bad.csv is empty: it needs a header, `x,y` or `x` alone for inputs, and one row for each example");
}

#[test]
fn a_missing_file_is_named() {
    let sandbox = Sandbox::trained();
    assert_snapshot!(sandbox.refuse(66, "train --train-file none.csv"), @r"
    error: cannot open none.csv: check the path and that you may read it
      because: No such file or directory (os error 2)
    ");
    assert_snapshot!(sandbox.refuse(66, "train --train-file run"), @"error: run is a directory: name a file");
    assert_snapshot!(sandbox.refuse(66, "predict run none.csv"), @r"
    error: cannot open none.csv: check the path and that you may read it
      because: No such file or directory (os error 2)
    ");
    assert_snapshot!(sandbox.refuse(66, "evaluate run none.csv"), @r"
    error: cannot open none.csv: check the path and that you may read it
      because: No such file or directory (os error 2)
    ");
}

#[test]
fn an_input_that_is_not_a_number_is_refused() {
    let sandbox = Sandbox::trained();
    assert_snapshot!(sandbox.refuse(2, "predict run --x 0,nan"), @"error: --x NaN is not a finite number of 32 bits");
    assert_snapshot!(sandbox.refuse(2, "sample run --x 1e300"), @"error: --x 1e300 is not a finite number of 32 bits");
    assert_snapshot!(sandbox.refuse(2, "predict run --x one"), @r"
    error: invalid value 'one' for '--x <X,X,..>': invalid float literal

    For more information, try '--help'.
    ");
    assert_snapshot!(sandbox.refuse(2, "predict run"), @"error: this run was trained on your own file: give a file of examples held out from it");
    assert_snapshot!(sandbox.refuse(2, "predict run my.csv --x 1"), @r"
    error: the argument '[FILE]' cannot be used with '--x <X,X,..>'

    Usage: ebm predict [OPTIONS] <RUN> [FILE|--x <X,X,..>]

    For more information, try '--help'.
    ");
    assert_snapshot!(sandbox.refuse(2, "predict run --x 1 --log-prob"), @r"
    error: the argument '--x <X,X,..>' cannot be used with '--log-prob'

    Usage: ebm predict [OPTIONS] <RUN> [FILE|--x <X,X,..>]

    For more information, try '--help'.
    ");
    assert_snapshot!(sandbox.refuse(2, "predict run --x 1 --quantiles 0.5,1"), @r"
    error: invalid value '1' for '--quantiles <QUANTILES>': expected a number between 0 and 1

    For more information, try '--help'.
    ");
    assert_snapshot!(sandbox.refuse(2, "sample run --x 1 -n 1000000000000"), @r"
    error: invalid value '1000000000000' for '--n <N>': expected a whole number from 1 to 16777216

    For more information, try '--help'.
    ");
}

#[test]
fn one_example_and_a_constant_target_train_or_are_refused_but_never_crash() {
    let sandbox = Sandbox::new();
    for (name, text) in [("one", "x,y\n1,2\n"), ("constant", "x,y\n1,2\n2,2\n3,2\n")] {
        sandbox.write("few.csv", text);
        let output =
            sandbox.ebm(&format!("train --train-file few.csv --epochs 1 --m 1 --out {name} --seed 0")).output();
        let output = output.expect("ebm starts");
        assert!(output.status.success(), "{}", stderr(&output));
        assert!(stderr(&output).starts_with("warning: y runs from 2 to 2"), "{}", stderr(&output));
        assert!(sandbox.succeed(&format!("predict {name} --x 1 --m 16")).starts_with("x,mean"));
    }
}

#[test]
fn a_run_that_diverges_says_so_and_is_marked_as_failed() {
    let sandbox = Sandbox::new();
    let diverge = format!("{TRAIN} --learning-rate 1e30");
    assert_snapshot!(sandbox.fail(1, &diverge), @r"
    error: training diverged in run; try a smaller --learning-rate
      because: the loss or its gradient was not finite in 11 steps in a row, the last of them epoch 2, step 6
    ");
    let record = sandbox.json("run/run.json");
    assert_eq!(record["status"], "failed");
    assert!(!sandbox.path("run/model.json").exists());
    assert_snapshot!(sandbox.refuse(1, &format!("{diverge} --resume")), @"error: run failed before: the loss or its gradient was not finite in 11 steps in a row, the last of them epoch 2, step 6; --force starts again");
    assert_snapshot!(sandbox.refuse(66, "predict run --x 1"), @"error: training in run diverged: there is no model");
    // The same at whatever moment it is noticed.
    let careful = sandbox.fail(1, &format!("{diverge} --force --checkpoint-seconds 0"));
    assert!(careful.contains("training diverged in run"), "{careful}");
    assert_eq!(sandbox.json("run/run.json")["status"], "failed");
}
