//! Networks that PyTorch trained, from the command line.
#![cfg(unix)] // The messages quote the system.

mod sandbox;

use std::fs;
use std::path::Path;

use sandbox::Sandbox;

/// A folder with `my.csv` and copies of state dicts, of which the core's tests know what PyTorch computes.
fn with(files: &[&str]) -> Sandbox {
    let sandbox = Sandbox::new();
    for file in files {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ebm-core/tests/fixtures").join(file);
        fs::copy(from, sandbox.path(file)).expect("copied");
    }
    sandbox
}

#[test]
fn an_imported_network_predicts_samples_and_is_evaluated() {
    let sandbox = with(&["scalar_ebm.pth"]);
    let said = sandbox.succeed("import scalar_ebm.pth --dataset toy_1 --out theirs --json");
    let said: serde_json::Value = serde_json::from_str(&said).expect("JSON");
    assert_eq!(said["schema"], "ebm.import/1");
    assert_eq!((&said["tensors_used"], &said["tensors_unused"]), (&26.into(), &serde_json::json!([])));
    assert_eq!(said, sandbox.json("theirs/import.json"));
    assert_eq!(sandbox.json("theirs/run.json")["status"], "done");
    assert_eq!(sandbox.succeed("predict theirs --x 0,1 --m 64").lines().count(), 3);
    assert_eq!(sandbox.succeed("sample theirs --x 0 -n 5 --m 64").lines().count(), 6);
    let evaluation = sandbox.succeed("evaluate theirs my.csv --m 64 --json");
    let evaluation: serde_json::Value = serde_json::from_str(&evaluation).expect("JSON");
    assert!(evaluation["metrics"]["nll"].is_number(), "{evaluation}");
    // What is there stays.
    let message = sandbox.refuse(73, "import scalar_ebm.pth --dataset toy_1 --out theirs");
    assert_eq!(message, "error: theirs is not empty: choose another --out\n");
}

#[test]
fn what_the_network_was_trained_as_is_said_on_the_command_line() {
    let sandbox = with(&["scalar_ebm.pth", "scalar_mdn.pth"]);
    let kind = |run: &str| sandbox.json(&format!("{run}/model.json"))["model"]["method"]["kind"].clone();
    for (out, kind_of, args) in [
        ("found", "mdn", "scalar_mdn.pth"),
        ("ebm", "ebm", "scalar_ebm.pth --method ebm"),
        ("fixed", "ebm_fixed", "scalar_ebm.pth --method ebm-fixed --sigmas 0.1,0.8"),
        ("taught", "mdn_teacher", "scalar_mdn.pth --method mdn-teacher --teacher scalar_ebm.pth"),
    ] {
        sandbox.succeed(&format!("import {args} --out {out} --target-range -3,3"));
        assert_eq!(kind(out), kind_of);
        sandbox.succeed(&format!("predict {out} --x 0 --m 64"));
    }
    for wrong in [
        "scalar_ebm.pth --method ebm-fixed",
        "scalar_mdn.pth --method mdn-teacher",
        "scalar_ebm.pth --sigmas 1",
        "scalar_ebm.pth --teacher scalar_mdn.pth",
        "scalar_ebm.pth --target-range 3,-3",
        "scalar_ebm.pth",
        "scalar_ebm.pth --dataset toy_1 --data folder",
    ] {
        sandbox.refuse(2, &format!("import {wrong} --out none"));
    }
    assert!(!sandbox.path("none").exists());
}

#[test]
fn a_network_of_images_belongs_to_a_task_of_images() {
    let sandbox = with(&["image_ebm.pth", "scalar_ebm.pth"]);
    let message = sandbox.refuse(65, "import image_ebm.pth --out theirs");
    assert!(message.contains("say which with --dataset"), "{message}");
    let message = sandbox.refuse(65, "import image_ebm.pth --dataset steering --out theirs");
    assert!(message.contains("its targets have 3 dimensions"), "{message}");
    let message = sandbox.refuse(65, "import scalar_ebm.pth --dataset steering --out theirs");
    assert!(message.contains("its inputs are numbers"), "{message}");
    sandbox.succeed("import image_ebm.pth --dataset head_pose --out theirs");
    let model = sandbox.json("theirs/model.json");
    assert_eq!(model["model"]["network"]["backbone"], serde_json::json!({ "kind": "resnet18", "width": 2 }));
    assert_eq!(model["target_range"], serde_json::json!([-80.0, 80.0]));
}

#[test]
fn a_file_that_is_not_a_state_dict_is_refused_and_nothing_in_it_is_run() {
    let sandbox = with(&["resnet18.pth", "scalar_ebm.pth"]);
    let import = |file: &str, exit| sandbox.refuse(exit, &format!("import {file} --dataset toy_1 --out theirs"));
    assert!(import("none.pth", 66).contains("because: cannot read none.pth"));
    assert!(import("my.csv", 65).contains("neither a .pth that torch.save wrote nor a .safetensors file"));
    assert!(import("resnet18.pth", 65).contains("there is no backbone (feature_net)"));

    let bytes = sandbox.read("scalar_ebm.pth");
    sandbox.write("half.pth", &bytes[..bytes.len() / 2]);
    assert!(import("half.pth", 65).contains("half.pth is not a readable .pth file"));

    // A legacy file whose tensors are a call of the shell.
    let mut bytes = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.\x80\x02}.".to_vec();
    bytes.extend(b"\x80\x02cposix\nsystem\nX\x0b\x00\x00\x00touch trace\x85R.");
    sandbox.write("evil.pth", bytes);
    let message = import("evil.pth", 65);
    assert!(message.contains("it names posix.system") && message.contains("nothing in it was run"), "{message}");
    assert!(!sandbox.path("trace").exists() && !sandbox.path("theirs").exists());
}

#[test]
fn a_backbone_starts_from_a_state_dict() {
    let sandbox = with(&["resnet18.pth", "scalar_ebm.pth"]);
    let train = |weights: &str| {
        format!(
            "train --preset digits/ours_k4 --width 2 --examples 4 --epochs 1 --m 4 --seed 1 --out run --quiet \
             --backbone-weights {weights}"
        )
    };
    let message = sandbox.fail(65, &train("scalar_ebm.pth"));
    assert!(message.contains("of the network's tensors are missing"), "{message}");
    sandbox.succeed(&format!("{} --force", train("resnet18.pth")));
    assert_eq!(sandbox.json("run/run.json")["status"], "done");
}
