//! `ebm compare`: models on the same rows, by their differences row by row.
//!
//! Rows differ by far more than models do. The standard error of a mean of differences knows nothing of what is common to
//! both models, so that it tells them apart where their own errors overlap.

use std::path::Path;

use anyhow::Context;
use ebm_core::evaluate::{Mean, assess};
use ebm_data::table::Part;
use serde::Serialize;

use crate::cli::compare::CompareArgs;
use crate::console::Console;
use crate::exit::{Exit, failure};
use crate::output::{print, print_json};
use crate::overlap::{self, Use};
use crate::rows::RowsOf;
use crate::trained::finite::must_be_finite;
use crate::trained::{self, TrainedModel};

/// A model's scores of rows.
struct Scored {
    run: String,
    /// The names of the targets, and whether the likelihood of the only one is a probability.
    targets: (String, bool),
    rows: Vec<Row>,
}

/// A model's scores of one row.
struct Row {
    /// Where it is, and its label.
    identity: (String, Vec<u64>),
    /// `−log p(y|x)`, nats.
    nll: f64,
    /// For a vector, the energy score.
    crps: f64,
}

#[derive(Serialize)]
struct Comparison {
    schema: &'static str,
    rows: usize,
    runs: Vec<Means>,
    differences: Vec<Differences>,
}

#[derive(Serialize)]
struct Means {
    run: String,
    nll: f64,
    nll_error: f64,
    crps: f64,
    crps_error: f64,
}

/// Means over the rows of a run's scores less those of the first run.
#[derive(Serialize)]
struct Differences {
    run: String,
    /// Absent where one likelihood is a probability and the other one a density.
    nll: Option<f64>,
    nll_error: Option<f64>,
    crps: f64,
    crps_error: f64,
    /// Share of the rows to whose label the run gives more likelihood than the first one.
    share_likelier: Option<f64>,
}

pub fn run(args: &CompareArgs, console: Console) -> anyhow::Result<()> {
    let all = args.runs.iter().map(|run| scored(run, args, console)).collect::<anyhow::Result<Vec<_>>>()?;
    let (first, others) = all.split_first().context("two runs or more")?;
    for other in others {
        must_be_alike(first, other)?;
        if first.targets.1 != other.targets.1 {
            console.warn(format_args!(
                "{} and {} model the target as different kinds: one likelihood is a probability, the other one a density; \
                 only CRPS is compared",
                first.run, other.run
            ));
        }
    }
    let comparison = Comparison {
        schema: "ebm.comparison/1",
        rows: first.rows.len(),
        runs: all.iter().map(Scored::means).collect(),
        differences: others.iter().map(|other| other.less(first)).collect(),
    };
    if console.json { print_json(&comparison) } else { print(comparison.to_text()) }
}

/// The scores of a run, its rows in an order that all runs have.
fn scored(run: &Path, args: &CompareArgs, console: Console) -> anyhow::Result<Scored> {
    let device = args.sampling.device.open()?;
    let model: TrainedModel = trained::open(run, &device, args.sampling.m, args.sampling.seed)?;
    let of = RowsOf::file_or(args.on.as_deref(), args.labels.as_deref(), Part::Test);
    overlap::refuse(&model, of, Use::Test, args.allow_overlap, console)?;
    if model.is_out_of_fold(of)? {
        console.say(format_args!(
            "{}: training rows, each predicted by the members that were not trained on it",
            run.display()
        ));
    }
    let (mut identities, mut assessments) = (Vec::new(), Vec::new());
    model.each(of, console, |predictor, first, rows, places| {
        let labels = rows.labels().chunks_exact(model.targets.len());
        let bits = |label: &[f64]| label.iter().map(|value| value.to_bits()).collect();
        identities.extend(places.iter().zip(labels).map(|(place, label)| (place.to_string(), bits(label))));
        assessments.extend(assess(predictor, first, rows, &mut |_| ()));
    })?;
    must_be_finite(&assessments)?;
    let row = |(identity, of): (_, &ebm_core::evaluate::Assessment)| Row {
        identity,
        nll: -of.log_prob.estimate.value,
        crps: of.energy_score,
    };
    let mut rows: Vec<Row> = identities.into_iter().zip(&assessments).map(row).collect();
    rows.sort_by(|a, b| a.identity.cmp(&b.identity));
    let is_probability = matches!(model.predictor.space().targets(), [target] if target.kind.is_discrete());
    Ok(Scored { run: run.display().to_string(), targets: (model.target_names(), is_probability), rows })
}

/// # Errors
/// When two runs were not scored on the same rows, with the first one that differs.
fn must_be_alike(first: &Scored, other: &Scored) -> anyhow::Result<()> {
    let refuse = |why: String| {
        let message = format!(
            "{} and {} cannot be compared: {why}; give rows that neither was trained on with --on FILE",
            first.run, other.run
        );
        Err(failure(Exit::Data, message))
    };
    let ([(names, _), (of_other, _)], [rows, others]) = ([&first.targets, &other.targets], [&first.rows, &other.rows]);
    if names != of_other {
        return refuse(format!("they predict {names} and {of_other}"));
    }
    if rows.len() != others.len() {
        return refuse(format!("they have {} and {} rows", rows.len(), others.len()));
    }
    match rows.iter().zip(others).find(|(a, b)| a.identity != b.identity) {
        Some((row, _)) => refuse(format!("the second has no such row as the first one's {}", row.identity.0)),
        None => Ok(()),
    }
}

impl Scored {
    fn mean(&self, of: impl Fn(&Row) -> f64) -> Mean {
        Mean::of(&self.rows.iter().map(of).collect::<Vec<_>>())
    }

    fn means(&self) -> Means {
        let [nll, crps] = [self.mean(|row| row.nll), self.mean(|row| row.crps)];
        Means {
            run: self.run.clone(),
            nll: nll.value,
            nll_error: nll.standard_error,
            crps: crps.value,
            crps_error: crps.standard_error,
        }
    }

    /// Means of the differences row by row.
    fn less(&self, first: &Self) -> Differences {
        let mean = |of: &dyn Fn(&Row, &Row) -> f64| {
            let pairs = self.rows.iter().zip(&first.rows);
            Mean::of(&pairs.map(|(own, theirs)| of(own, theirs)).collect::<Vec<_>>())
        };
        let nll = (self.targets.1 == first.targets.1).then(|| mean(&|own, theirs| own.nll - theirs.nll));
        let crps = mean(&|own, theirs| own.crps - theirs.crps);
        Differences {
            run: self.run.clone(),
            nll: nll.map(|nll| nll.value),
            nll_error: nll.map(|nll| nll.standard_error),
            crps: crps.value,
            crps_error: crps.standard_error,
            share_likelier: nll.map(|_| mean(&|own, theirs| f64::from(u8::from(own.nll < theirs.nll))).value),
        }
    }
}

impl Comparison {
    fn to_text(&self) -> String {
        let width = self.runs.iter().map(|of| of.run.chars().count()).max().unwrap_or(0);
        let mut text = format!("{} rows; NLL in nats, CRPS in units of the target, ± standard error\n", self.rows);
        for Means { run, nll, nll_error, crps, crps_error } in &self.runs {
            text += &format!("{run:<width$}  NLL {nll:.4} ± {nll_error:.4}  CRPS {crps:.5} ± {crps_error:.5}\n");
        }
        text += &format!("less {}, row by row:\n", self.runs[0].run);
        for of in &self.differences {
            let nll = match (of.nll, of.nll_error, of.share_likelier) {
                (Some(nll), Some(error), Some(share)) => format!(
                    "NLL {nll:+.4} ± {error:.4}, {}; likelier in {:.1} % of rows",
                    verdict(nll, error),
                    100.0 * share
                ),
                _ => "NLL of another kind".to_owned(),
            };
            let crps = format!("CRPS {:+.5} ± {:.5}, {}", of.crps, of.crps_error, verdict(of.crps, of.crps_error));
            text += &format!("{:<width$}  {nll}\n{:<width$}  {crps}\n", of.run, "");
        }
        text
    }
}

/// What a difference of scores says: less is better.
fn verdict(difference: f64, error: f64) -> &'static str {
    if difference.abs() <= 2.0 * error {
        "within two standard errors"
    } else if difference < 0.0 {
        "better"
    } else {
        "worse"
    }
}
