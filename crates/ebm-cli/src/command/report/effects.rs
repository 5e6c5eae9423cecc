//! How answers move with each column, the others as they are.

use std::ops::Range;

use ebm_core::{Prediction, TargetKind};
use ebm_data::table::{Feature, Kind};

use crate::console::Console;
use crate::figure::diagnostics::row;
use crate::figure::{Layer, Plot, Shape};
use crate::html::{Block, PageFigure, Section, Table};
use crate::rows::RowsOf;
use crate::trained::TrainedModel;

/// Rows whose answers are averaged, at most and at least.
const ROWS: Range<usize> = 20..200;
/// Answers that are computed, unless rows are so few.
const ANSWERS: usize = 4000;
/// Values of a column.
const VALUES: usize = 9;
/// Columns that are drawn; of these, the first.
const COLUMNS: usize = 12;
/// Probability of the sets.
const LEVEL: f64 = 0.9;

/// Means over rows at one value of a column: the median, the standard deviation, and the ends of the set.
type Means = [f64; 4];

/// The effects of the columns of a table; nothing for other data, and for several targets or angles.
///
/// # Errors
/// When the rows cannot be read.
pub(super) fn effects(
    model: &TrainedModel,
    of: RowsOf<'_>,
    count: usize,
    console: Console,
) -> anyhow::Result<Option<Section>> {
    let (Some(schema), [target]) = (model.schema(), model.predictor.space().targets()) else { return Ok(None) };
    if matches!(target.kind, TargetKind::Angle { .. }) {
        return Ok(None);
    }
    let features = &schema.features[..schema.features.len().min(COLUMNS)];
    let asked: usize = features.iter().map(values_of).sum();
    let rows = (ANSWERS / asked).clamp(ROWS.start, ROWS.end).min(count);
    let (mut inputs, step) = (Vec::new(), count.div_ceil(rows.max(1)).max(1));
    let width = schema.input_width();
    model.each(of, console, |_, first, labelled, places| {
        let here = (0..places.len()).filter(|row| (first + row).is_multiple_of(step));
        here.for_each(|row| inputs.extend_from_slice(&labelled.inputs()[row * width..][..width]));
    })?;
    let rows = inputs.len() / width;
    let answer = |inputs: &[f32]| -> Vec<Means> {
        model.predictor.predict(0, inputs).iter().map(|prediction| answer(model, prediction)).collect()
    };
    let (mut figures, mut tables, mut column) = (Vec::new(), Vec::new(), 0);
    for feature in features {
        let numbers = column..column + feature.kind.width();
        column = numbers.end;
        match (&feature.kind, feature.kind.statistics()) {
            (Kind::Categorical(levels), _) => {
                let shown = &levels.names[..levels.names.len().min(VALUES)];
                let means = (0..shown.len()).map(|level| {
                    moved(&inputs, width, &answer, |row| {
                        row[numbers.clone()].fill(0.0);
                        row[numbers.start + level] = 1.0;
                    })
                });
                tables.push(table(&feature.name, shown, &means.collect::<Vec<_>>()));
            }
            (_, Some(statistics)) => {
                let at = numbers.start;
                let [low, high] = middle(inputs.iter().skip(at).step_by(width).copied());
                let points = values_of(feature) - 1;
                let standardised = (0..=points).map(|i| low + (high - low) * i as f32 / points as f32);
                let sd = if statistics.sd > 0.0 { statistics.sd } else { 1.0 };
                let curve: Vec<(f64, Means)> = standardised
                    .map(|z| (statistics.mean + sd * f64::from(z), moved(&inputs, width, &answer, |row| row[at] = z)))
                    .collect();
                figures.extend(figure(feature, &model.targets[0], &curve));
            }
            (_, None) => {}
        }
    }
    let left_out = schema.features.len() - features.len();
    let text = format!(
        "Means over {rows} of the tested rows when one column has the value shown and the others are as they are: the \
         median, one standard deviation to either side of it, and the ends of the {:.0} % set{}. Columns that depend on \
         each other make rows that do not exist.{}",
        100.0 * LEVEL,
        if model.calibrated_with.is_some() { ", calibrated" } else { "" },
        if left_out > 0 { format!(" {left_out} more columns are not shown.") } else { String::new() }
    );
    let mut blocks = vec![Block::Text(text)];
    blocks.extend((!figures.is_empty()).then_some(Block::Figures(figures)));
    blocks.extend(tables.into_iter().map(Block::Table));
    Ok(Some(Section { heading: "Feature effects".to_owned(), blocks }))
}

/// How many values of a column are asked for.
fn values_of(feature: &Feature) -> usize {
    match &feature.kind {
        Kind::Categorical(levels) => levels.names.len().min(VALUES),
        Kind::Boolean(_) => 2,
        Kind::Numeric(_) | Kind::Date(_) => VALUES,
    }
}

fn answer(model: &TrainedModel, prediction: &Prediction<'_>) -> Means {
    let set = match model.predictor.calibration() {
        Some(calibration) => prediction.calibrated(calibration, LEVEL),
        None => prediction.hpd(LEVEL),
    };
    let [low, high] = [set.first().map(|piece| piece[0]), set.last().map(|piece| piece[1])];
    [prediction.median(), prediction.sd(), low.unwrap_or(f64::NAN), high.unwrap_or(f64::NAN)]
}

/// Means of the answers for rows of `width` numbers that `set` has changed. What is not finite is left out.
fn moved(inputs: &[f32], width: usize, answer: &dyn Fn(&[f32]) -> Vec<Means>, set: impl Fn(&mut [f32])) -> Means {
    let mut changed = inputs.to_vec();
    changed.chunks_mut(width).for_each(set);
    let answers = answer(&changed);
    [0, 1, 2, 3].map(|at| {
        let finite: Vec<f64> = answers.iter().map(|means| means[at]).filter(|value| value.is_finite()).collect();
        finite.iter().sum::<f64>() / finite.len() as f64
    })
}

/// The range of the middle 90 % of some numbers.
fn middle(numbers: impl Iterator<Item = f32>) -> [f32; 2] {
    let mut sorted: Vec<f32> = numbers.collect();
    sorted.sort_by(f32::total_cmp);
    [0.05, 0.95].map(|share| sorted[((sorted.len() - 1) as f64 * share).round() as usize])
}

/// The curves of a column; nothing if it has one value.
fn figure(feature: &Feature, target: &str, curve: &[(f64, Means)]) -> Option<PageFigure> {
    let [(first, _), .., (last, _)] = curve else { return None };
    let line = |of: &dyn Fn(&Means) -> f64| Shape::Curve(curve.iter().map(|(x, means)| [*x, of(means)]).collect());
    let shapes = [
        (0, line(&|means| means[0])),
        (1, line(&|means| means[0] - means[1])),
        (1, line(&|means| means[0] + means[1])),
        (2, line(&|means| means[2])),
        (2, line(&|means| means[3])),
    ];
    let layers: Vec<Layer> = shapes.into_iter().map(|(legend, shape)| Layer { legend, shape }).collect();
    let ends = curve.iter().flat_map(|(_, [median, sd, low, high])| [median - sd, median + sd, *low, *high]);
    let ends = ends.filter(|y| y.is_finite());
    let [low, high] = ends.fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], y| [low.min(y), high.max(y)]);
    if !(first < last && low < high) {
        return None;
    }
    let margin = 0.05 * (high - low);
    let unit = if matches!(feature.kind, Kind::Date(_)) { " (days since 1970)" } else { "" };
    let plot = Plot {
        title: String::new(),
        x_label: format!("{}{unit}", feature.name),
        y_label: target.to_owned(),
        x_range: (*first, *last),
        y_range: Some((low - margin, high + margin)),
        layers,
    };
    let [from, to] = [curve[0].1[0], curve[curve.len() - 1].1[0]];
    Some(PageFigure {
        figure: row(["median", "median ± sd", &format!("{:.0} % set", 100.0 * LEVEL)], vec![plot]),
        caption: format!("{}: the median goes from {from:.4} to {to:.4}", feature.name),
        description: format!("Predictions of {target} against {}", feature.name),
    })
}

fn table(name: &str, levels: &[String], means: &[Means]) -> Table {
    let cell = |value: f64| if value.is_finite() { format!("{value:.4}") } else { "–".to_owned() };
    let line = |(level, means): (&String, &Means)| {
        [level.clone()].into_iter().chain(means.iter().map(|&value| cell(value))).collect::<Vec<_>>()
    };
    Table {
        caption: format!("{name}: means at each category"),
        head: [name, "Median", "sd", "Set from", "Set to"].map(str::to_owned).to_vec(),
        rows: levels.iter().zip(means).map(line).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_effect_is_that_of_one_column_with_the_others_as_they_are() {
        // Three rows of two columns; the median is 2 a + b², and the upper end is not finite where b is 3.
        let inputs = [1.0, 1.0, 5.0, 2.0, 9.0, 3.0];
        let answer = |inputs: &[f32]| -> Vec<Means> {
            let of = |row: &[f32]| {
                let (a, b) = (f64::from(row[0]), f64::from(row[1]));
                [2.0 * a + b * b, 1.0, b, if b == 3.0 { f64::INFINITY } else { b }]
            };
            inputs.chunks(2).map(of).collect()
        };
        let mean_square = (1.0 + 4.0 + 9.0) / 3.0;
        for a in [0.0f32, 4.0] {
            let means = moved(&inputs, 2, &answer, |row| row[0] = a);
            assert!((means[0] - 2.0 * f64::from(a) - mean_square).abs() < 1e-12);
            assert_eq!(means[1..], [1.0, 2.0, 1.5]);
        }
        assert_eq!(moved(&inputs, 2, &answer, |row| row[1] = 0.0)[0], 10.0);
        assert_eq!(middle((0..101).map(|i| i as f32)), [5.0, 95.0]);
    }
}
