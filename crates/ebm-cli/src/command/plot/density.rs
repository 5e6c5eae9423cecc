//! `ebm plot density`: p(y|x) over the plane.

mod labels;
mod own;

use anyhow::Context;
use ebm_core::evaluate::{log_prob_on_grid, log_proposal_on_grid};
use ebm_core::{Examples, Grid, Model, Noise, PredictionConfig, Predictor, Purpose, TargetSpace};
use ebm_data::run_file::ModelRecord;

use crate::cli::plot::PlotDensityArgs;
use crate::command::picture::wrote;
use crate::console::Console;
use crate::destination::Destination;
use crate::experiment::data::Data;
use crate::experiment::task::Toy;
use crate::figure::{Axis, Content, Figure, Format, Panel, Row, draw};
use crate::run::document::Document;
use crate::run::model;
use crate::run::record::Record;
use crate::task::pairs::{self, range_of};
use crate::trained::MIN_CANDIDATES;
use labels::{CELLS, around, heading};

pub fn run(args: &PlotDensityArgs, console: Console) -> anyhow::Result<()> {
    Format::from_path(&args.out)?;
    let record = Record::read(&args.run)?;
    if record.config.data.user().is_some() {
        return own::run(args, console);
    }
    let device = args.sampling.device.open()?;
    let loaded = model::load(&args.run, &device)?;
    loaded.must_be_scalar("plot density")?;
    let file = Destination::new(&args.out, args.force, &record.data_files())?;
    let data = training_points(&record)?;
    let (x, y) = axes(&record, &data);
    let truth = match record.config.data {
        Data::Toy(toy) => Some(toy.log_density()),
        _ => None,
    };

    let mut rows = Vec::new();
    if args.epochs.is_empty() {
        rows.push(row(String::new(), &loaded.model, args, &loaded.about, &x, &y));
    }
    for &epoch in &args.epochs {
        let model = model::load_snapshot(&args.run, epoch, &device)?;
        rows.push(row(format!("epoch {epoch}"), &model, args, &loaded.about, &x, &y));
    }
    for row in &mut rows {
        row.panels.insert(0, Panel { title: "training data".to_owned(), content: Content::Points(data.clone()) });
        if let Some(truth) = truth {
            let centres: Vec<f64> = y.centres().map(f64::from).collect();
            let values = x.centres().flat_map(|x| centres.iter().map(move |&y| truth(f64::from(x), y) as f32));
            row.panels.push(Panel { title: "truth".to_owned(), content: Content::LogDensity(values.collect()) });
        }
    }
    // One heading serves a whole column.
    for panel in rows.iter_mut().skip(1).flat_map(|row| &mut row.panels) {
        panel.title.clear();
    }
    let title = heading(&record);
    draw(&Figure { title, x, y, rows }, file.path())?;
    wrote(&args.out, console)
}

/// The panels of one model: its density, its proposal if it has one, and samples if asked for.
fn row(label: String, model: &Model, args: &PlotDensityArgs, about: &ModelRecord, x: &Axis, y: &Axis) -> Row {
    let inputs: Vec<f64> = x.centres().map(f64::from).collect();
    let grid = Grid::fine(f64::from(y.range.0), f64::from(y.range.1), y.cells, 1);
    let at = Examples::from_pairs(&inputs, &vec![0.0; inputs.len()]);
    let energy = matches!(model, Model::Ebm(_) | Model::EbmFixed(_));
    let title = if energy { "EBM" } else { "MDN" };
    let mut panels =
        vec![Panel { title: title.to_owned(), content: Content::LogDensity(log_prob_on_grid(model, &at, &grid)) }];
    if let Some(log_q) = log_proposal_on_grid(model, &at, &grid).filter(|_| energy) {
        panels.push(Panel { title: "MDN proposal".to_owned(), content: Content::LogDensity(log_q) });
    }
    if args.samples {
        let content = Content::Points(samples(model, args, about, x));
        panels.push(Panel { title: format!("{title} samples"), content });
    }
    Row { label, panels }
}

/// One draw at each of 2000 evenly spread inputs.
fn samples(model: &Model, args: &PlotDensityArgs, about: &ModelRecord, x: &Axis) -> Vec<[f32; 2]> {
    let inputs: Vec<f32> = Axis { cells: 2000, ..x.clone() }.centres().collect();
    let config = PredictionConfig { m: args.sampling.m.max(MIN_CANDIDATES), seed: args.sampling.seed };
    let space = TargetSpace::identity(range_of(about.target_range), 1);
    let noise = &mut Noise::new(args.sampling.seed, Purpose::Prediction, 3, 0);
    let predictor = Predictor::new(model, 1, space, config);
    let predictions = predictor.predict(0, &inputs);
    inputs.iter().zip(&predictions).map(|(&x, prediction)| [x, prediction.sample(1, noise)[0] as f32]).collect()
}

/// The training examples, as far as they can still be had.
fn training_points(record: &Record) -> anyhow::Result<Vec<[f32; 2]>> {
    let pairs = pairs::of_run(record).context("a picture shows the examples the run was trained on")?;
    Ok(pairs.x.iter().zip(&pairs.y).map(|(&x, &y)| [x as f32, y as f32]).collect())
}

fn axes(record: &Record, data: &[[f32; 2]]) -> (Axis, Axis) {
    let axis = |label: &str, range| Axis { label: label.to_owned(), range, cells: CELLS };
    match record.config.data {
        Data::Toy(Toy::Toy1) => (axis("x (unitless)", (-3.0, 3.0)), axis("y (unitless)", (-3.0, 3.0))),
        Data::Toy(Toy::Toy2) => (axis("x (unitless)", (0.0, 1.0)), axis("y (unitless)", (-6.0, 10.0))),
        _ => (around("x", data, 0), around("y", data, 1)),
    }
}
