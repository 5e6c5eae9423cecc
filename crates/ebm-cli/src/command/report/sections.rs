//! The sections of a report.

use std::path::Path;

use ebm_core::evaluate::{MarginalSummary, Mean, Summary};
use ebm_core::{Method, TargetKind};
use ebm_data::image::SIDE;
use ebm_data::table::Kind;

use crate::cli::user_data::ReportArgs;
use crate::experiment::user_data::Source;
use crate::figure::diagnostics;
use crate::html::{Block, Command, Fact, PageFigure, Section, Table};
use crate::run::metrics::{self, Epoch};
use crate::trained::TrainedModel;
use crate::user_data::describe::kind_name;

/// A number and its standard error, as precise as that is.
fn with_error(mean: Mean) -> String {
    let digits =
        if mean.standard_error > 0.0 { (1.0 - mean.standard_error.log10().floor()).clamp(0.0, 9.0) } else { 4.0 };
    let digits = digits as usize;
    format!("{:.digits$} ± {:.digits$}", mean.value, mean.standard_error)
}

fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

/// The summary.
pub(super) fn in_short(model: &TrainedModel, summary: &Summary) -> String {
    let ninety = summary.sets.iter().find(|set| set.level == 0.9);
    let covered = match ninety.map(|set| (set.calibrated_coverage, set.coverage)) {
        Some((Some(calibrated), _)) => {
            format!("Calibrated 90 % sets contain {} of the labels", percent(calibrated.value))
        }
        Some((None, coverage)) => {
            format!("90 % sets, not calibrated, contain {} of the labels", percent(coverage.value))
        }
        None => "No sets were computed".to_owned(),
    };
    format!(
        "A predictive density of {} given {}, tested on {} held-out rows. {covered}; the mean absolute error of the \
         median is {}.",
        model.target_names(),
        match model.schema() {
            Some(schema) => format!("{} columns", schema.features.len()),
            None if model.record.config.data.takes_images() => "an image".to_owned(),
            None => "x".to_owned(),
        },
        summary.examples,
        with_error(summary.overall.median_mae),
    )
}

/// What the reader must know first.
pub(super) fn warnings(model: &TrainedModel, summary: &Summary) -> Vec<String> {
    let mut warnings = Vec::new();
    if model.calibrated_with.is_none() {
        warnings.push("The sets are not calibrated: they may contain fewer labels than stated.".to_owned());
    }
    if summary.examples < 100 {
        warnings.push(format!("Only {} rows were tested: shares of them are uncertain.", summary.examples));
    }
    for set in summary.sets.iter().filter(|set| set.calibrated_unbounded.is_some_and(|share| share > 0.0)) {
        warnings.push(format!("Too few calibration rows for {} sets: some are unbounded.", percent(set.level)));
    }
    if let Some(found) = summary.reliability {
        if found.label_missed > 0.01 {
            warnings.push(format!("The proposal missed {} of the labels.", percent(found.label_missed)));
        }
        if found.pareto_k_high > 0.05 {
            warnings.push(format!(
                "The importance weights of {} of the rows are unreliable.",
                percent(found.pareto_k_high)
            ));
        }
    }
    if let Some(schema) = model.schema() {
        for (column, target) in schema.targets.iter().zip(model.predictor.space().targets()) {
            if column.whole && target.kind == TargetKind::Real {
                warnings.push(format!(
                    "All values of {} are whole numbers, but the target is not of kind count: its likelihood is \
                     unbounded.",
                    column.name
                ));
            }
        }
    }
    warnings
}

/// The facts of the run.
pub(super) fn facts(model: &TrainedModel) -> Vec<Fact> {
    let record = &model.record;
    let method = match &record.config.method {
        Method::Mdn { components } => format!("mixture density network, K = {components}"),
        Method::Ebm { components, .. } => format!("energy-based model with its proposal, K = {components}"),
        Method::MdnTeacher { components, .. } => format!("mixture density network with a teacher, K = {components}"),
        Method::EbmFixed { .. } => "energy-based model against fixed noise".to_owned(),
        Method::Residual { components, .. } => {
            format!("energy relative to a mixture density network, K = {components}")
        }
    };
    vec![
        Fact::new("Data", &record.data.source),
        Fact::new("Rows trained on", record.data.examples),
        Fact::new("Fingerprint", &record.data.fingerprint[..16.min(record.data.fingerprint.len())]),
        Fact::new("Method", method),
        Fact::new("Seed", record.seed),
        Fact::new("Device", &record.device),
        Fact::new("Trained in", format!("{:.1} s", record.train_seconds)),
        Fact::new("Calibrated with", model.calibrated_with.as_deref().unwrap_or("nothing")),
    ]
}

/// A row for each column.
pub(super) fn columns(model: &TrainedModel) -> Section {
    let number = |value: f64| format!("{value}");
    let mut rows = Vec::new();
    for (target, name) in model.predictor.space().targets().iter().zip(&model.targets) {
        let [low, high] = target.seen.map(number);
        rows.push(vec![name.clone(), format!("target, {}", kind_name(&target.kind)), low, high]);
    }
    if let Some(schema) = model.schema() {
        for feature in &schema.features {
            let [low, high] = match feature.kind.statistics() {
                Some(statistics) => [number(statistics.min), number(statistics.max)],
                None => [String::new(), String::new()],
            };
            let what = match &feature.kind {
                Kind::Categorical(levels) => format!("{} levels, one-hot: {}", levels.names.len(), some(&levels.names)),
                kind => kind.name().to_owned(),
            };
            rows.push(vec![feature.name.clone(), what, low, high]);
        }
        for left_out in &schema.left_out {
            rows.push(vec![left_out.name.clone(), format!("left out: {}", left_out.why), String::new(), String::new()]);
        }
    }
    let table = Table {
        caption: "Columns of the training rows".to_owned(),
        head: ["Column", "Kind", "Minimum", "Maximum"].map(str::to_owned).to_vec(),
        rows,
    };
    Section { heading: "Data".to_owned(), blocks: vec![Block::Table(table)] }
}

/// The first of some names.
fn some(names: &[String]) -> String {
    const SHOWN: usize = 6;
    let shown = names.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    if names.len() > SHOWN { format!("{shown}, …") } else { shown }
}

/// Losses over epochs.
pub(super) fn training(run: &Path) -> anyhow::Result<Section> {
    let epochs = metrics::read(run)?;
    // The proposal's loss is known up to log Z, which drifts as the energy learns.
    let losses = metrics::losses(&epochs).into_iter().filter(|(name, _)| name != "proposal_kl");
    let mut curves: Vec<_> = losses.map(|(name, curve)| (name.replace('_', " "), curve)).collect();
    let nll = |epoch: &Epoch| epoch.validation.and_then(|validation| validation.nll).unwrap_or(f64::NAN);
    if epochs.iter().any(|epoch| epoch.validation.is_some()) {
        curves.push(("held-out nll".to_owned(), epochs.iter().map(nll).collect()));
    }
    let skipped: usize = epochs.iter().map(|epoch| epoch.skipped_steps).sum();
    let figure = PageFigure {
        figure: diagnostics::training(&curves),
        caption: "Mean losses of each epoch, nats per row; the model with the lowest held-out loss was kept."
            .to_owned(),
        description: format!("Training losses over {} epochs", epochs.len()),
    };
    let mut blocks = vec![Block::Figures(vec![figure])];
    if skipped > 0 {
        blocks.push(Block::Text(format!("{skipped} steps were skipped, because their loss was not finite.")));
    }
    Ok(Section { heading: "Training".to_owned(), blocks })
}

/// Errors of the predictions.
pub(super) fn measurements(summary: &Summary, of_file: bool) -> Section {
    let row = |name: &str, mean: Mean, about: &str| vec![name.to_owned(), with_error(mean), about.to_owned()];
    let MarginalSummary { mae, rmse, median_mae, crps, .. } = &summary.overall;
    let mut rows = vec![
        row("NLL", summary.nll, "−log p(y|x), nats; lower is better"),
        row("CRPS", *crps, "continuous ranked probability score, units of the target"),
        row("MAE of the mean", *mae, "units of the target"),
        row("MAE of the median", *median_mae, "units of the target"),
        row("RMSE of the mean", *rmse, "units of the target"),
    ];
    if summary.dimensions.len() > 1 {
        rows.insert(1, row("Energy score", summary.energy_score, "of all targets together"));
    }
    let from = if of_file { "the rows of --test" } else { "the test part of the data" };
    let table = Table {
        caption: format!("{} rows: {from}. ± is a standard error over them", summary.examples),
        head: ["Measure", "Value", "Meaning"].map(str::to_owned).to_vec(),
        rows,
    };
    Section { heading: "Test results".to_owned(), blocks: vec![Block::Table(table)] }
}

/// Coverage of the sets, and the PIT histogram.
pub(super) fn calibration(summary: &Summary, model: &TrainedModel) -> Section {
    let sets = &summary.sets;
    let central = summary.overall.coverage.iter().map(|coverage| [coverage.level, coverage.share.value]).collect();
    let as_said = sets.iter().map(|set| [set.level, set.coverage.value]).collect();
    let calibrated: Vec<[f64; 2]> =
        sets.iter().filter_map(|set| Some([set.level, set.calibrated_coverage?.value])).collect();
    let (mut names, mut curves) = (vec!["central", "sets"], vec![central, as_said]);
    if model.calibrated_with.is_some() {
        names.push("calibrated sets");
        curves.push(calibrated);
    }
    names.push("calibrated");
    let size = |mean: Option<Mean>| mean.map_or_else(|| "–".to_owned(), with_error);
    let rows = sets.iter().map(|set| {
        vec![
            percent(set.level),
            with_error(set.coverage),
            size(set.size),
            size(set.calibrated_coverage),
            size(set.calibrated_size),
        ]
    });
    let table = Table {
        caption: "Share of labels in the sets, and the mean size of the sets in units of the target".to_owned(),
        head: ["Stated", "In sets", "Size", "In calibrated sets", "Size"].map(str::to_owned).to_vec(),
        rows: rows.collect(),
    };
    let figures = vec![
        PageFigure {
            figure: diagnostics::row(names, vec![diagnostics::coverage(&curves)]),
            caption: "Observed against stated coverage: above the diagonal, sets are too wide; below, too narrow."
                .to_owned(),
            description: "Coverage against stated probability".to_owned(),
        },
        PageFigure {
            figure: diagnostics::row(["model", "calibrated"], vec![diagnostics::pit(&summary.overall.pit_counts)]),
            caption: "Labels' quantiles in their predictive distributions: flat if calibrated; a hill if the \
                 distributions are too wide, a valley if they are too narrow."
                .to_owned(),
            description: "Histogram of probability integral transforms".to_owned(),
        },
    ];
    Section { heading: "Calibration".to_owned(), blocks: vec![Block::Figures(figures), Block::Table(table)] }
}

/// The commands that reproduce the run.
pub(super) fn reproduce(model: &TrainedModel, args: &ReportArgs) -> Section {
    let run = shell(&args.run.display().to_string());
    let command = |what: &str, line: String| Command { what: what.to_owned(), line };
    let train = model.record.config.data.user().map(|data| {
        let source = match &data.source {
            Source::Table { file } => shell(&file.display().to_string()),
            Source::Images { folder, labels, side, .. } => {
                let size = if *side == SIDE { String::new() } else { format!(" --image-size {side}") };
                let [folder, labels] = [folder, labels].map(|path| shell(&path.display().to_string()));
                format!("--images {folder} --labels {labels}{size}")
            }
        };
        let (target, seed) = (shell(&data.targets.join(",")), model.record.seed);
        let line = format!("ebm train {source} --target {target} --seed {seed} --out {run}");
        [
            command("train; run.json in the run folder has every setting", line),
            command("calibrate", format!("ebm calibrate {run}")),
        ]
    });
    let new = if model.record.config.data.takes_images() { "images" } else { "new.csv" };
    let then = [
        command("this page", format!("ebm report {run}")),
        command("predict", format!("ebm predict {run} {new} --coverage 0.9")),
    ];
    let commands = train.into_iter().flatten().chain(then).collect();
    Section { heading: "Reproduce".to_owned(), blocks: vec![Block::Commands(commands)] }
}

/// A word for a shell.
fn shell(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./,:".contains(c);
    if word.chars().all(plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_as_precise_as_its_error() {
        assert_eq!(with_error(Mean { value: 1.234_567, standard_error: 0.012_3 }), "1.235 ± 0.012");
        assert_eq!(with_error(Mean { value: 1234.567, standard_error: 45.6 }), "1235 ± 46");
        assert_eq!(with_error(Mean { value: 2.0, standard_error: 0.0 }), "2.0000 ± 0.0000");
    }

    #[test]
    fn a_word_stays_one_word_in_a_shell() {
        assert_eq!(shell("runs/m"), "runs/m");
        assert_eq!(shell("it's a b"), r"'it'\''s a b'");
    }
}
