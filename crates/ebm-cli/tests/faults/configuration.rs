//! The command line and the configuration.

use insta::assert_snapshot;

use crate::sandbox::Sandbox;

#[test]
fn nothing_to_train_is_told_with_what_there_could_be() {
    assert_snapshot!(Sandbox::new().refuse(2, "train"), @"error: nothing to train: give a table and --target COLUMN, --images DIR, --preset NAME (such as toy_1/ours_k4) or --config FILE");
    assert_snapshot!(Sandbox::new().refuse(2, "train --out run --preset toy_1/mdn_k4 --config c.toml"), @r"
    error: the argument '--preset <NAME>' cannot be used with '--config <FILE>'

    Usage: ebm train --out <DIR> --preset <NAME> [TABLE]

    For more information, try '--help'.
    ");
}

#[test]
fn an_unknown_preset_is_answered_by_those_there_are() {
    assert_snapshot!(Sandbox::new().refuse(78, "train --preset toy_1/ours"), @r#"
    error: there is no preset "toy_1/ours"; there are:
      age/mdn_k4
      age/mdn_k8
      age/mdn_teacher_k4
      age/mdn_teacher_k8
      age/nce_0.01_20
      age/nce_0.1_10
      age/nce_0.1_20
      age/nce_0.1_40
      age/nce_1_20
      age/ours_k4
      cells/mdn_k4
      cells/mdn_k8
      cells/mdn_teacher_k4
      cells/mdn_teacher_k8
      cells/nce_0.1_40
      cells/nce_1_20
      cells/nce_1_40
      cells/nce_1_80
      cells/nce_2_40
      cells/ours_k4
      digits/mdn_k4
      digits/mdn_teacher_k4
      digits/nce_2_60
      digits/ours_k4
      head_pose/mdn_k16
      head_pose/mdn_k4
      head_pose/mdn_k8
      head_pose/mdn_teacher_k16
      head_pose/mdn_teacher_k4
      head_pose/mdn_teacher_k8
      head_pose/nce_0.1_20
      head_pose/nce_1_10
      head_pose/nce_1_20
      head_pose/nce_1_40
      head_pose/nce_2_20
      head_pose/ours_k4
      steering/mdn_k4
      steering/mdn_k8
      steering/mdn_teacher_k4
      steering/mdn_teacher_k8
      steering/nce_0.1_20
      steering/nce_1_10
      steering/nce_1_20
      steering/nce_1_40
      steering/nce_2_20
      steering/ours_k4
      toy_1/mdn_k4
      toy_1/mdn_teacher_k4
      toy_1/nce_0.05
      toy_1/nce_0.1
      toy_1/nce_0.2
      toy_1/nce_0.4
      toy_1/nce_0.8
      toy_1/ours_k1
      toy_1/ours_k16
      toy_1/ours_k4
      toy_2/mdn_k4
      toy_2/mdn_teacher_k4
      toy_2/nce_0.05
      toy_2/nce_0.1
      toy_2/nce_0.2
      toy_2/nce_0.4
      toy_2/nce_0.8
      toy_2/ours_k1
      toy_2/ours_k16
      toy_2/ours_k4
    "#);
}

#[test]
fn a_configuration_is_refused_at_the_key_that_is_wrong() {
    let sandbox = Sandbox::new();
    let refuse = |text: &str| {
        sandbox.write("c.toml", format!("dataset = \"toy_1\"\n{text}"));
        sandbox.refuse(78, "train --config c.toml")
    };
    const METHOD: &str = "[method]\nkind = \"ebm\"\ncomponents = 4\n";
    assert_snapshot!(refuse(&format!("epochs = 3\n{METHOD}")), @"error: c.toml, line 2: epochs: unknown field `epochs`, expected one of `dataset`, `method`, `ensemble`, `network`, `training`, `images`, `own`, `backbone_weights`");
    assert_snapshot!(refuse(&format!("{METHOD}colour = 3\n")), @"error: c.toml, line 5: method.colour: unknown field `colour`, expected `components` or `objective`");
    assert_snapshot!(refuse("[method]\nkind = \"ebm\"\ncomponents = \"four\"\n"), @r#"error: c.toml, line 4: method.components: invalid type: string "four", expected usize"#);
    assert_snapshot!(refuse(&format!("{METHOD}[training]\nlearning_rate = \"fast\"\n")), @r#"error: c.toml, line 6: training.learning_rate: invalid type: string "fast", expected f64"#);
    assert_snapshot!(refuse(&format!("{METHOD}[training]\nlearning_rate = -0.001\n")), @"error: c.toml, line 6: training.learning_rate is -0.001; it must be a positive number");
    assert_snapshot!(refuse(&format!("{METHOD}[training]\nlearning_rate = nan\n")), @"error: c.toml, line 6: training.learning_rate is NaN; it must be a positive number");
    assert_snapshot!(refuse(&format!("{METHOD}[training]\nm = 100000000000\n")), @"error: c.toml, line 6: training.m is 100000000000; it must be from 1 to 16777216");
    assert_snapshot!(refuse(&format!("{METHOD}[network]\nhidden = 1000000000000\n")), @"error: c.toml, line 6: network.hidden is 1000000000000; it must be from 1 to 4096");
    assert_snapshot!(refuse("[method]\nkind = \"forest\"\n"), @"error: c.toml, line 3: method.kind: unknown variant `forest`, expected one of `mdn`, `ebm_fixed`, `ebm`, `mdn_teacher`");
    assert_snapshot!(refuse("[method]\nkind = \"ebm_fixed\"\nsigmas = [0.1, -0.8]\n"), @"error: c.toml, line 4: method.sigmas must be one or more positive numbers");
}

#[test]
fn a_configuration_that_cannot_be_read_is_told_from_one_that_is_wrong() {
    let sandbox = Sandbox::new();
    assert_snapshot!(sandbox.refuse(66, "train --config none.toml"), @"error: cannot read the configuration none.toml: No such file or directory (os error 2)");
    sandbox.write("c.toml", b"dataset = \"\xff\"");
    assert_snapshot!(sandbox.refuse(78, "train --config c.toml"), @"error: cannot read the configuration c.toml: invalid utf-8 sequence of 1 bytes from index 11");
}

#[test]
fn a_value_out_of_range_on_the_command_line_is_refused_by_its_key() {
    let sandbox = Sandbox::new();
    let refuse = |exit, flags: &str| sandbox.refuse(exit, &format!("train --train-file my.csv {flags}"));
    assert_snapshot!(refuse(78, "--epochs 0"), @"error: the command line: training.epochs is 0; it must be at least 1");
    assert_snapshot!(refuse(78, "--batch-size 0"), @"error: the command line: training.batch_size is 0; it must be at least 1");
    assert_snapshot!(refuse(78, "--m 0"), @"error: the command line: training.m is 0; it must be from 1 to 16777216");
    assert_snapshot!(refuse(78, "--learning-rate -0.1"), @"error: the command line: training.learning_rate is -0.1; it must be a positive number");
    assert_snapshot!(refuse(78, "--learning-rate nan"), @"error: the command line: training.learning_rate is NaN; it must be a positive number");
    assert_snapshot!(refuse(78, "--components 0"), @"error: the command line: method.components is 0; it must be from 1 to 4096");
    assert_snapshot!(refuse(78, "--method ebm-fixed --sigmas -0.1,0.2"), @"error: the command line: method.sigmas must be one or more positive numbers");
    assert_snapshot!(refuse(2, "--checkpoint-seconds -1"), @r"
    error: invalid value '-1' for '--checkpoint-seconds <SECONDS>': expected 0 or a positive number of seconds

    For more information, try '--help'.
    ");
    assert_snapshot!(refuse(2, "--checkpoint-seconds 1e300"), @r"
    error: invalid value '1e300' for '--checkpoint-seconds <SECONDS>': expected 0 or a positive number of seconds

    For more information, try '--help'.
    ");
    assert_snapshot!(refuse(2, "--snapshot-epochs 5,80"), @"error: --snapshot-epochs 80: there are epochs 1 to 75");
}

#[test]
fn a_flag_of_another_method_is_refused() {
    let sandbox = Sandbox::new();
    let refuse = |flags: &str| sandbox.refuse(2, &format!("train --train-file my.csv {flags}"));
    assert_snapshot!(refuse("--method ebm --sigmas 0.1,0.8"), @"error: --sigmas has no meaning for this method");
    assert_snapshot!(refuse("--method ebm-fixed --sigmas 0.1 --components 3"), @"error: --components has no meaning for this method");
    assert_snapshot!(refuse("--method ebm-fixed"), @"error: --method ebm-fixed needs the scales of its noise: --sigmas 0.1,0.8");
    assert_snapshot!(refuse("--method mdn --objective nce"), @"error: --objective has no meaning for this method");
}

#[test]
fn a_device_that_is_not_there_is_answered_by_those_that_are() {
    let sandbox = Sandbox::new();
    assert_snapshot!(sandbox.refuse(2, "train --train-file my.csv --device gpu"), @r"
    error: invalid value 'gpu' for '--device <DEVICE>': expected cpu, ndarray, wgpu[:N] or cuda[:N]; `ebm devices` lists what there is

    For more information, try '--help'.
    ");
    let (device, feature) = if cfg!(feature = "cuda") { ("cuda:99", "") } else { ("cuda", "--features cuda") };
    let message = sandbox.refuse(2, &format!("train --train-file my.csv --device {device}"));
    assert!(message.contains(feature) && message.contains("use one of: --device cpu"), "{message}");
}
