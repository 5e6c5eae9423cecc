//! Densities of chosen rows.

use ebm_core::evaluate::Assessment;
use ebm_core::{Dataset, Marginal, Prediction};

use crate::console::Console;
use crate::exit::{Exit, failure};
use crate::figure::diagnostics::{Density, density};
use crate::html::{Block, PageFigure, Section};
use crate::rows::{Place, RowsOf};
use crate::trained::TrainedModel;
use crate::trained::finite::is_finite;

/// Rows that are drawn unless others are asked for.
const DRAWN: usize = 9;
/// Probability of the sets that are tinted.
const LEVEL: f64 = 0.9;
/// Mass beyond either end of a picture.
const TAIL: f64 = 0.002;
/// Points of a plot: more are not visible.
const POINTS: usize = 400;

/// A picture of each chosen row and target.
///
/// # Errors
/// When a row does not exist, or the rows cannot be read.
pub(super) fn densities(
    model: &TrainedModel,
    of: RowsOf<'_>,
    asked: Option<&[u64]>,
    assessments: &[Assessment],
    console: Console,
) -> anyhow::Result<Section> {
    let chosen = chosen(asked, assessments)?;
    let mut figures = Vec::new();
    model.each(of, console, |predictor, first, rows, places| {
        let here = chosen.iter().filter_map(|row| row.checked_sub(first).filter(|row| *row < places.len()));
        for row in here {
            let (width, dimensions) = (rows.input_width(), rows.target_width());
            let predictions = predictor.predict(first + row, &rows.inputs()[row * width..][..width]);
            if !is_finite(&predictions[0]) {
                continue;
            }
            let label = &rows.labels()[row * dimensions..][..dimensions];
            figures.extend(pictures(model, &predictions[0], label, &places[row]));
        }
    })?;
    let text = format!(
        "p(y|x) of single rows: the curve is the predictive density, the tint its {:.0} % highest-density set{}, the \
         line the label.",
        100.0 * LEVEL,
        if model.predictor.calibration().is_some() && model.targets.len() == 1 { ", calibrated" } else { "" }
    );
    Ok(Section {
        heading: "Densities of single rows".to_owned(),
        blocks: vec![Block::Text(text), Block::Figures(figures)],
    })
}

/// Rows counted from 0, ascending: those of `--rows`, or some evenly spaced in the order of their log-densities.
fn chosen(asked: Option<&[u64]>, assessments: &[Assessment]) -> anyhow::Result<Vec<usize>> {
    let count = assessments.len();
    let mut rows = match asked {
        Some(asked) => {
            if let Some(row) = asked.iter().find(|row| **row > count as u64) {
                return Err(failure(Exit::Usage, format!("--rows {row}: there are rows 1 to {count}")));
            }
            asked.iter().map(|&row| row as usize - 1).collect()
        }
        None => {
            let mut order: Vec<usize> = (0..count).collect();
            let score = |row: usize| assessments[row].log_prob.estimate.value;
            // From the best predicted label to the worst.
            order.sort_by(|&a, &b| score(b).total_cmp(&score(a)));
            let drawn = DRAWN.min(count);
            (0..drawn).map(|i| order[(2 * i + 1) * count / (2 * drawn)]).collect::<Vec<_>>()
        }
    };
    rows.sort_unstable();
    rows.dedup();
    Ok(rows)
}

fn pictures(model: &TrainedModel, prediction: &Prediction<'_>, label: &[f64], place: &Place) -> Vec<PageFigure> {
    let picture = |(dimension, name): (usize, &String)| {
        let marginal = prediction.marginal(dimension);
        let set = match model.predictor.calibration() {
            Some(calibration) if model.targets.len() == 1 => prediction.calibrated(calibration, LEVEL),
            _ => marginal.hpd(LEVEL),
        };
        let points = points(marginal);
        let within = points.first().zip(points.last()).map(|(first, last)| [first[0], last[0]]);
        let set = set.into_iter().map(|[low, high]| match within {
            Some([first, last]) => [low.max(first), high.min(last)],
            None => [low, high],
        });
        let drawn = Density {
            target: name.clone(),
            points,
            set: (LEVEL, set.filter(|[low, high]| low < high).collect()),
            label: Some(label[dimension]),
        };
        PageFigure {
            figure: density(&drawn),
            caption: format!(
                "{place}: {name} = {}, mean {:.4}, sd {:.4}",
                label[dimension],
                marginal.mean(),
                marginal.sd()
            ),
            description: format!("Predictive density of {name} at {place}, with its set and label"),
        }
    };
    model.targets.iter().enumerate().map(picture).collect()
}

/// `[y, p(y|x)]` where nearly all of the mass is.
fn points(marginal: &Marginal) -> Vec<[f64; 2]> {
    let curve = marginal.curve();
    let [offset, step] = marginal.unit();
    let [low, high] = [TAIL, 1.0 - TAIL].map(|p| curve.quantile(p));
    let evenly = (0..=POINTS).map(|i| low + (high - low) * i as f64 / POINTS as f64);
    evenly.map(|v| [offset + step * v, curve.log_density(v).exp() / step]).collect()
}
