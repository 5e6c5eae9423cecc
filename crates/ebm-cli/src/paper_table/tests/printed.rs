//! The three printed forms.

use super::*;

#[test]
fn a_scale_compares_with_the_paper_by_its_size_not_its_name() {
    let table = small();
    let networks = NonZeroUsize::new(4);
    let grown = table.scale(ScaleName::Quick, Overrides { networks, ..Overrides::default() });
    assert!(grown.changed);
    assert!(collect(&table, Path::new("none"), grown).comparable);
    let quick = table.scale(ScaleName::Quick, Overrides::default());
    let text = collect(&table, Path::new("none"), quick).text();
    assert!(text.contains("not comparable at this scale: it is of 4 networks"));
    assert!(text.contains("With 2 that is every finite run"));
}

#[test]
fn json_says_which_schema_and_every_run() {
    let json = serde_json::to_value(small_report()).unwrap();
    assert_eq!(json["schema"], "ebm.table/1");
    let cell = &json["rows"][0]["cells"][1];
    assert_eq!(cell["honest"]["median"], 0.5);
    assert_eq!(cell["runs"][0]["state"], "finite");
    assert_eq!(cell["runs"][0]["value"], 0.5);
    assert_eq!(cell["runs"][1]["reason"], "loss is NaN");
}

#[test]
fn text_is_made_for_a_terminal() {
    assert_eq!(small_report().text(), TEXT);
}

#[test]
fn markdown_is_made_for_the_documentation() {
    assert_eq!(small_report().markdown(), MARKDOWN);
}

/// The small table on images, with some runs on the paper's file and from ImageNet's weights.
fn of_images(on_paper: &[&str]) -> Report {
    started_from(on_paper, true)
}

/// The same, from ImageNet's weights or from random ones.
fn started_from(on_paper: &[&str], image_net: bool) -> Report {
    let mut table = small();
    table.rows[0].stand_in = Some("drawn from a formula".to_owned());
    let runs = small_runs();
    for run in on_paper {
        let mut file = run_file("done", 5);
        file["config"]["dataset"] = json!("steering");
        file["config"]["images"] = json!({ "kind": "paper", "folder": "files", "split_seed": 0 });
        if image_net {
            file["config"]["network"] = json!({ "backbone": { "kind": "resnet18", "width": 64 } });
            file["config"]["backbone_weights"] = json!("resnet18.pth");
        }
        write(runs.path(), run, "run.json", &file);
    }
    collect(&table, runs.path(), full(&table))
}

#[test]
fn a_stand_in_is_named_and_never_compared_with_the_paper() {
    let report = of_images(&[]);
    assert_eq!(report.rows[0].cells[0].difference, None);
    assert!(report.text().contains("Not the paper's data: drawn from a formula"));
}

#[test]
fn the_papers_file_is_named_and_compared_and_a_mixture_of_both_is_not() {
    let all: Vec<String> =
        (0..4).map(|seed| format!("toy_1/a/seed-{seed}")).chain(["toy_1/b/seed-0".to_owned()]).collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let paper = of_images(&all);
    assert_eq!(paper.rows[0].cells[0].difference, Some(-0.5));
    assert!(paper.text().contains("The paper's file."));
    // Nothing is compared with the paper where backbones started from random weights.
    let random = started_from(&all, false);
    assert_eq!(random.rows[0].cells[0].difference, None);
    assert!(random.text().contains("but 5 runs without ImageNet weights"), "{}", random.text());
    let mixed = of_images(&all[..2]);
    assert_eq!(mixed.rows[0].cells[0].difference, None);
    assert!(mixed.text().contains("Mixed data: 2 networks on the paper's file, 3 on a stand-in"));
}

#[test]
fn a_difference_that_rounds_to_zero_has_no_sign() {
    let mut table = small();
    table.rows[0].cells[0].paper = Some(PaperValue { mean: 1.5 + 1e-9, sd: None });
    let runs = small_runs();
    let markdown = collect(&table, runs.path(), full(&table)).markdown();
    assert!(markdown.contains("| 1.50 | 1.50 ± 0.50 | 0.00 |"), "{markdown}");
}

#[test]
fn many_failures_are_named_up_to_a_limit_and_all_counted() {
    let networks = NonZeroUsize::new(20);
    let table = small();
    let scale = table.scale(ScaleName::Full, Overrides { networks, ..Overrides::default() });
    let runs = tempfile::tempdir().unwrap();
    for seed in 0..20 {
        write(runs.path(), &format!("toy_1/a/seed-{seed}"), "run.json", &run_file("failed", 5));
    }
    let report = collect(&table, runs.path(), scale);
    assert_eq!(report.rows[0].cells[0].honest.failed, 20);
    assert!(report.text().contains("Failed: 12 more, all named in the JSON form."));
}

const TEXT: &str = "\
Table 9. A small table
Two settings | one data set.
Scale full: 4 networks a cell, 5 epochs, M = 8.

Somebody (2020) (toy_1): KL divergence in nats, lower is better
──────────────────────────────────────────────────────────────────────────────────────────
 Setting         Paper   Best on test   Diff.      All runs   Median        Runs   s each
──────────────────────────────────────────────────────────────────────────────────────────
 A         2.00 ± 0.10    1.50 ± 0.50   -0.50   2.50 ± 1.29     2.50   4 / 0 / 0     12.0
 B                   -           0.50       -          0.50     0.50   1 / 2 / 1     12.0
──────────────────────────────────────────────────────────────────────────────────────────

Best on test, as the paper counts: mean ± sd (divisor n) of the 2 best networks by the test metric; Diff. is this minus the paper. The choice has seen the test data, which flatters.
All runs: mean ± sample sd (divisor n − 1) and median of every finite run. Runs: finite / failed / missing; a failed run is counted, not dropped.
Missing: 1 of 8 runs not finished.
Failed: toy_1/b/seed-1: loss is NaN.
Failed: toy_1/b/seed-2: kl is not finite: null.
Runs made by: ebm 0.1.0; revision abc; device cpu.
";

const MARKDOWN: &str = r"# Table 9. A small table

Two settings \| one data set.

- Scale full: 4 networks a cell, 5 epochs, M = 8.

## Somebody (2020) (toy\_1): KL divergence in nats, lower is better

| Setting | Paper | Best on test | Diff. | All runs | Median | Runs | s each |
|---|---:|---:|---:|---:|---:|---:|---:|
| A | 2.00 ± 0.10 | 1.50 ± 0.50 | -0.50 | 2.50 ± 1.29 | 2.50 | 4 / 0 / 0 | 12.0 |
| B | - | 0.50 | - | 0.50 | 0.50 | 1 / 2 / 1 | 12.0 |

- Best on test, as the paper counts: mean ± sd (divisor n) of the 2 best networks by the test metric; Diff. is this minus the paper. The choice has seen the test data, which flatters.
- All runs: mean ± sample sd (divisor n − 1) and median of every finite run. Runs: finite / failed / missing; a failed run is counted, not dropped.
- Missing: 1 of 8 runs not finished.
- Failed: toy\_1/b/seed-1: loss is NaN.
- Failed: toy\_1/b/seed-2: kl is not finite: null.
- Runs made by: ebm 0.1.0; revision abc; device cpu.
";
