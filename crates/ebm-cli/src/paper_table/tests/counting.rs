//! Every expected run is counted once, and as what it is.

use super::*;

#[test]
fn the_paper_keeps_the_best_and_we_keep_all() {
    let report = small_report();
    let cell = &report.rows[0].cells[0];
    let best = cell.best_on_test.unwrap();
    // The best two of 4, 1, 3, 2 are 1 and 2.
    assert_eq!((best.mean, best.sd, best.kept, best.of), (1.5, Some(0.5), 2, 4));
    assert_eq!(cell.difference, Some(-0.5));
    assert_eq!(cell.honest.summary.mean, Some(2.5));
    assert_eq!(cell.honest.summary.median, Some(2.5));
    // Variance of 1..=4 with divisor n − 1 is 5 / 3; equal up to rounding.
    assert!((cell.honest.summary.sd.unwrap().powi(2) - 5.0 / 3.0).abs() < 1e-15);
}

#[test]
fn every_expected_run_is_finite_failed_or_missing() {
    let report = small_report();
    for cell in &report.rows[0].cells {
        let Honest { n, failed, missing, .. } = cell.honest;
        assert_eq!(n + failed + missing, 4);
        assert_eq!(cell.runs.len(), 4);
    }
    let honest = report.rows[0].cells[1].honest;
    assert_eq!((honest.n, honest.failed, honest.missing), (1, 2, 1));
}

#[test]
fn a_run_of_another_scale_is_named_and_not_counted() {
    let runs = small_runs();
    write(runs.path(), "toy_1/a/seed-1", "run.json", &run_file("done", 6));
    let report = collect(&small(), runs.path(), full(&small()));
    let cell = &report.rows[0].cells[0];
    assert_eq!(cell.runs[1].state, RunState::OtherScale { epochs: 6, m: 8 });
    assert_eq!((cell.honest.n, cell.honest.missing), (3, 1));
    assert!(report.text().contains("Of another scale: toy_1/a/seed-1: 6 epochs, M = 8."));
}

#[test]
fn other_samples_per_example_are_another_scale_too() {
    let runs = small_runs();
    let m = NonZeroUsize::new(9);
    let scale = small().scale(ScaleName::Full, Overrides { m, ..Overrides::default() });
    let report = collect(&small(), runs.path(), scale);
    let state = RunState::OtherScale { epochs: 5, m: 8 };
    assert!(report.rows[0].cells[0].runs.iter().all(|run| run.state == state));
}

#[test]
fn a_setting_that_a_record_leaves_out_has_its_default() {
    let runs = small_runs();
    let mut without_m = run_file("done", 5);
    without_m["config"]["training"].as_object_mut().expect("an object").remove("m");
    write(runs.path(), "toy_1/a/seed-1", "run.json", &without_m);
    let report = collect(&small(), runs.path(), full(&small()));
    assert_eq!(report.rows[0].cells[0].runs[1].state, RunState::OtherScale { epochs: 5, m: 1024 });
}

#[test]
fn a_damaged_or_foreign_file_is_named_and_not_counted() {
    let runs = small_runs();
    fs::write(runs.path().join("toy_1/a/seed-0/run.json"), "{\"schema\":").unwrap();
    let foreign = json!({ "schema": "ebm.evaluation/2", "metrics": { "kl": 1.0 } });
    write(runs.path(), "toy_1/a/seed-1", "evaluation.json", &foreign);
    let other_metric = json!({ "schema": "ebm.evaluation/1", "metrics": { "nll": 1.0 } });
    write(runs.path(), "toy_1/a/seed-2", "evaluation.json", &other_metric);
    let report = collect(&small(), runs.path(), full(&small()));
    let cell = &report.rows[0].cells[0];
    assert_eq!((cell.honest.n, cell.honest.missing), (1, 3));
    for said in ["EOF while parsing", "this version reads \"ebm.evaluation/1\"", "no metric `kl`"] {
        assert!(report.text().contains(said), "{said}");
    }
}

#[test]
fn an_empty_folder_is_a_report_of_missing_runs() {
    let report = collect(&small(), Path::new("no/such/folder"), full(&small()));
    assert!(report.rows[0].cells.iter().all(|cell| cell.honest.missing == 4));
    assert!(report.text().contains("Missing: 8 of 8 runs not started."));
}

#[test]
fn a_run_of_other_settings_than_its_preset_is_named_and_not_counted() {
    let mut table = small();
    let cell = &mut table.rows[0].cells[0];
    cell.preset = "toy_1/ours_k4".to_owned();
    let runs = tempfile::tempdir().unwrap();
    let evaluation = json!({ "schema": "ebm.evaluation/1", "metrics": { "kl": 1.0 } });
    for (seed, edit) in [
        None,
        Some(("method", json!({ "kind": "ebm", "components": 5 }))),
        Some(("training", json!({ "epochs": 5, "m": 8, "learning_rate": 0.5 }))),
        Some(("network", json!({ "hidden": 7 }))),
    ]
    .into_iter()
    .enumerate()
    {
        let mut file = run_file("done", 5);
        if let Some((key, value)) = edit {
            file["config"][key] = value;
        }
        let run = format!("toy_1/ours_k4/seed-{seed}");
        write(runs.path(), &run, "run.json", &file);
        write(runs.path(), &run, "evaluation.json", &evaluation);
    }
    let report = collect(&table, runs.path(), full(&table));
    let cell = &report.rows[0].cells[0];
    let other = |part| RunState::OtherSettings { parts: vec![part] };
    let states: Vec<&RunState> = cell.runs.iter().map(|run| &run.state).collect();
    assert_eq!(states, [&RunState::Finite { value: 1.0 }, &other("method"), &other("training"), &other("network")]);
    assert_eq!((cell.honest.n, cell.honest.missing), (1, 3));
    let note = "Of other settings than the preset: toy_1/ours_k4/seed-1: method.";
    assert!(report.text().contains(note), "{}", report.text());
}
