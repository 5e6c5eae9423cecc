//! p(y|x) over the plane of one numeric column of the user's table and its target.

use ebm_core::{Noise, Prediction, PredictionConfig, Predictor, Purpose, TargetKind};
use ebm_data::table::{Feature, Kind, Part, Statistics, Targets};

use super::labels::{around, heading};
use crate::cli::plot::PlotDensityArgs;
use crate::command::picture::wrote;
use crate::console::Console;
use crate::destination::Destination;
use crate::exit::{Exit, failure};
use crate::figure::{Axis, Content, Figure, Panel, Row, draw};
use crate::rows::RowsOf;
use crate::run::model;
use crate::trained::{self, MIN_CANDIDATES, TrainedModel};

/// Inputs of the panel of samples.
const SAMPLES: usize = 2000;

pub(super) fn run(args: &PlotDensityArgs, console: Console) -> anyhow::Result<()> {
    let device = args.sampling.device.open()?;
    let trained = trained::open(&args.run, &device, args.sampling.m, args.sampling.seed)?;
    let file = Destination::new(&args.out, args.force, &trained.record.data_files())?;
    let (column, statistics) = only_column(&trained, args)?;
    let points = training_points(&trained, statistics, console)?;
    let (x, y) = (around(&column.name, &points, 0), around(&trained.targets[0], &points, 1));
    let training = || Panel { title: "training data".to_owned(), content: Content::Points(points.clone()) };
    let mut rows = Vec::new();
    if args.epochs.is_empty() {
        rows.push(row(String::new(), training(), &trained.predictor, args, statistics, &x, &y));
    }
    for &epoch in &args.epochs {
        let model = model::load_snapshot(&args.run, epoch, &device)?;
        let config = PredictionConfig { m: args.sampling.m.max(MIN_CANDIDATES), seed: args.sampling.seed };
        let predictor = Predictor::new(&model, 1, trained.predictor.space().clone(), config);
        rows.push(row(format!("epoch {epoch}"), training(), &predictor, args, statistics, &x, &y));
    }
    let title = heading(&trained.record);
    draw(&Figure { title, x, y, rows }, file.path())?;
    wrote(&args.out, console)
}

/// The column that the plane is drawn over.
///
/// # Errors
/// When there are several columns or targets, or the column does not hold numbers.
fn only_column<'a>(trained: &'a TrainedModel, args: &PlotDensityArgs) -> anyhow::Result<(&'a Feature, &'a Statistics)> {
    let features = trained.schema().map(|schema| &schema.features[..]).unwrap_or_default();
    if let ([feature @ Feature { kind: Kind::Numeric(statistics), .. }], 1) = (features, trained.targets.len()) {
        return Ok((feature, statistics));
    }
    let of = match features {
        [] => "images".to_owned(),
        [_] => "a column that is not numeric, or has several targets".to_owned(),
        all => format!("{} columns", all.len()),
    };
    let message = format!(
        "plot density draws one target over one numeric column, and this model is of {of}: `ebm report {}` draws the \
         densities of single rows",
        args.run.display()
    );
    Err(failure(Exit::Usage, message))
}

/// The rows trained on, in the units of the table.
fn training_points(trained: &TrainedModel, of: &Statistics, console: Console) -> anyhow::Result<Vec<[f32; 2]>> {
    let scale = if of.sd > 0.0 { of.sd } else { 1.0 };
    let mut points = Vec::new();
    for rows in trained.rows(RowsOf::Part(Part::Train), Targets::Required, trained.on_missing(), console)? {
        let rows = rows?;
        let x = rows.inputs.iter().map(|&x| (of.mean + scale * f64::from(x)) as f32);
        points.extend(x.zip(rows.targets.unwrap_or_default()).map(|(x, y)| [x, y as f32]));
    }
    Ok(points)
}

/// The panels of one model: the training data, its density, and samples if asked for.
fn row(
    label: String,
    training: Panel,
    predictor: &Predictor,
    args: &PlotDensityArgs,
    statistics: &Statistics,
    x: &Axis,
    y: &Axis,
) -> Row {
    let inputs = |x: &Axis| -> Vec<f32> { x.centres().map(|x| statistics.standardise(f64::from(x)) as f32).collect() };
    let at: Vec<f64> = y.centres().map(f64::from).collect();
    let predictions = predictor.predict(0, &inputs(x));
    let values = predictions.iter().flat_map(|prediction| at.iter().map(|&y| log_density(prediction, y)));
    let mut panels =
        vec![training, Panel { title: "model".to_owned(), content: Content::LogDensity(values.collect()) }];
    if args.samples {
        let many = Axis { cells: SAMPLES, ..x.clone() };
        let noise = &mut Noise::new(args.sampling.seed, Purpose::Prediction, 3, 0);
        let predictions = predictor.predict(0, &inputs(&many));
        let drawn = many.centres().zip(&predictions).map(|(x, of)| [x, of.sample(1, noise)[0] as f32]).collect();
        panels.push(Panel { title: "samples".to_owned(), content: Content::Points(drawn) });
    }
    Row { label, panels }
}

/// The log-density of a scalar. The curve of an angle is one turn from anywhere.
fn log_density(prediction: &Prediction<'_>, y: f64) -> f32 {
    let marginal = prediction.marginal(0);
    let turns = match marginal.target().kind {
        TargetKind::Angle { period } => vec![y - period, y, y + period],
        _ => vec![y],
    };
    turns.into_iter().map(|y| marginal.curve().log_density(y)).fold(f64::NEG_INFINITY, f64::max) as f32
}
