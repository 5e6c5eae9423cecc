//! `ebm plot calibration`: whether the predicted probabilities are those that come true.

use ebm_core::evaluate::LEVELS;
use serde::Deserialize;

use super::super::How;
use super::wrote;
use crate::cli::PlotCalibrationArgs;
use crate::exit::{Exit, failure};
use crate::figure::{Format, Layer, Plot, PlotFigure, PlotRow, Shape, draw_plots};
use crate::load;
use crate::run_folder::read_json;

/// What of `evaluation.json` is drawn.
#[derive(Deserialize)]
struct Evaluated {
    metrics: serde_json::Map<String, serde_json::Value>,
    pit_counts: Vec<usize>,
}

/// Places in the legend.
const MODEL: usize = 0;
const CALIBRATED: usize = 1;

pub fn run(args: &PlotCalibrationArgs, how: How) -> anyhow::Result<()> {
    Format::from_path(&args.out)?;
    let record = load::record(&args.run)?;
    let path = args.run.join("evaluation.json");
    if !path.exists() {
        let run = args.run.display();
        return Err(failure(Exit::NoInput, format!("{run} is not evaluated: `ebm evaluate {run}` first")));
    }
    let evaluated: Evaluated = read_json(&path, "ebm.evaluation/1")?;
    let figure = PlotFigure {
        title: format!("{}: calibration, seed {}", record.data.source, record.seed),
        legend: vec!["model".to_owned(), "calibrated".to_owned()],
        rows: vec![PlotRow { picture: None, plots: vec![histogram(&evaluated), coverage(&evaluated)] }],
    };
    draw_plots(&figure, &args.out)?;
    wrote(&args.out, how)
}

/// Of a calibrated model the values are uniform.
fn histogram(evaluated: &Evaluated) -> Plot {
    let counts = &evaluated.pit_counts;
    let total: usize = counts.iter().sum();
    let heights = counts.iter().map(|&count| count as f64 * counts.len() as f64 / total.max(1) as f64).collect();
    Plot {
        title: "probability integral transform".to_owned(),
        x_label: "P(Y ≤ y | x) of the label".to_owned(),
        y_label: "density".to_owned(),
        x_range: (0.0, 1.0),
        y_range: None,
        layers: vec![
            Layer { legend: MODEL, shape: Shape::Bars(heights) },
            Layer { legend: CALIBRATED, shape: Shape::Curve(vec![[0.0, 1.0], [1.0, 1.0]]) },
        ],
    }
}

/// Of a calibrated model the intervals cover as often as they say.
fn coverage(evaluated: &Evaluated) -> Plot {
    let share = |level: f64| evaluated.metrics.get(&format!("coverage_{:.0}", 100.0 * level))?.as_f64();
    let covered = LEVELS.into_iter().filter_map(|level| Some([level, share(level)?]));
    let points = std::iter::once([0.0, 0.0]).chain(covered).chain([[1.0, 1.0]]).collect();
    Plot {
        title: "coverage of central intervals".to_owned(),
        x_label: "probability of the interval".to_owned(),
        y_label: "labels inside".to_owned(),
        x_range: (0.0, 1.0),
        y_range: Some((0.0, 1.0)),
        layers: vec![
            Layer { legend: MODEL, shape: Shape::Curve(points) },
            Layer { legend: CALIBRATED, shape: Shape::Curve(vec![[0.0, 0.0], [1.0, 1.0]]) },
        ],
    }
}
