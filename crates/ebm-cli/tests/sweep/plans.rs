//! Plans that are wrong, and plans that change.

use super::{PLAN, planned};
use crate::sandbox::Sandbox;

#[test]
fn a_wrong_plan_is_refused_with_its_file_and_key() {
    let refuse = |plan: &str| planned(plan).refuse(78, "sweep plan.toml --list");
    for (plan, expected) in [
        (PLAN.replace("preset", "presets"), "unknown field `presets`"),
        (PLAN.replace("0..2", "2..0"), "plan.toml: runs[0].seeds: \"2..0\" holds no seed"),
        (PLAN.replace("--components", "--out"), "plan.toml: runs[0].vary.\"--out\": is set by the sweep"),
        (PLAN.replace("--components", "--colour"), "job small/colour=1/seed-0"),
        (PLAN.replace("toy_1/mdn_k4", "toy_1/none"), "there is no preset \"toy_1/none\""),
        (PLAN.replace("small", "claims"), "claims/components=1/seed-0: a run may not be in claims"),
    ] {
        let message = refuse(&plan);
        assert!(message.contains(expected), "{message}");
    }
    Sandbox::new().refuse(66, "sweep plan.toml --list");
    Sandbox::new().refuse(2, "sweep --table 9 --list");
    Sandbox::new().refuse(2, "sweep --table 1 --only toy_3 --list");
    planned(PLAN).refuse(2, "sweep plan.toml --epochs 3 --list");
    planned(PLAN).refuse(2, "sweep plan.toml --runs runs --job 4");
    planned(PLAN).refuse(2, "sweep plan.toml");
}

#[test]
fn a_run_of_another_plan_is_never_taken_for_one_of_this() {
    let sandbox = planned(PLAN);
    sandbox.succeed("sweep plan.toml --runs runs --job 0 --quiet");
    sandbox.write("plan.toml", PLAN.replace("\"--epochs\", \"2\"", "\"--epochs\", \"3\""));
    for act in ["--list", "--status", "--local 1", "--job 0", "--engine slurm --dry-run"] {
        let message = sandbox.refuse(78, &format!("sweep plan.toml --runs runs {act}"));
        assert!(message.contains("trained with other options (--epochs 2, not 3)"), "{message}");
    }
}
