//! `ebm plot examples`: p(y|x) beside the images of test examples.

use std::f64::consts::TAU;
use std::path::Path;

use burn::tensor::Device;
use ebm_core::evaluate::{log_prob_on_grid, log_proposal_on_grid};
use ebm_core::{Dataset as _, Grid, Marginal, Model};
use ebm_data::image::{ImageSet, SIDE};
use ebm_data::standin;

use crate::cli::plot::PlotExamplesArgs;
use crate::command::picture::{rgb, wrote};
use crate::console::Console;
use crate::exit::{Exit, failure};
use crate::experiment::data::{Data, ImageSource};
use crate::experiment::task::Task;
use crate::figure::{Format, Layer, Picture, Plot, PlotFigure, PlotRow, SMALL, Shape, draw_plots};
use crate::run::document::Document;
use crate::run::record::Record;
use crate::task::images::{images, label_axis, label_names, stand_in};
use crate::trained::{self, TrainedModel};

/// Points of a density that is a curve.
const POINTS: usize = 4001;
/// A density is shown as far as it exceeds this share of its highest value.
const SHOWN: f64 = 0.005;

/// The densities of one model, drawn in one colour.
struct Curves {
    name: String,
    /// One a row and dimension.
    shapes: Vec<Vec<Shape>>,
}

pub fn run(args: &PlotExamplesArgs, console: Console) -> anyhow::Result<()> {
    Format::from_path(&args.out)?;
    let device = args.sampling.device.open()?;
    let record = Record::read(&args.run)?;
    let Data::Images { task, ref source } = record.config.data else {
        return Err(failure(Exit::Usage, "this run has no images: `ebm plot density` shows p(y|x) over the plane"));
    };
    let test = images(task, source, console)?.test;
    if let Some(row) = args.rows.iter().find(|&&row| row >= test.len()) {
        let message = format!("there is no test example {row}: there are {}, counted from 0", test.len());
        return Err(failure(Exit::Usage, message));
    }
    let shown = test.subset(&args.rows);
    let grid = label_axis(task, POINTS);

    let mut sources = model_sources(&args.run, &shown, &grid, args, &device, "")?;
    if let Some(other) = &args.with {
        if Record::read(other)?.config.data != record.config.data {
            let message = format!("{} was not trained on the same images", other.display());
            return Err(failure(Exit::Usage, message));
        }
        sources.extend(model_sources(other, &shown, &grid, args, &device, " of --with")?);
    }
    sources.extend(truth(task, source, &args.rows, &grid));
    let figure = figure(&record.data.source, task, &shown, &sources);
    draw_plots(&figure, &args.out)?;
    wrote(&args.out, console)
}

/// The densities of a run's model, and of its proposal if it has one.
fn model_sources(
    run: &Path,
    shown: &ImageSet,
    grid: &Grid,
    args: &PlotExamplesArgs,
    device: &Device,
    suffix: &str,
) -> anyhow::Result<Vec<Curves>> {
    let trained = trained::open(run, device, args.sampling.m, args.sampling.seed)?;
    let model = trained.predictor.model();
    let energy = matches!(model, Model::Ebm(_) | Model::EbmFixed(_) | Model::Residual(_));
    let name = format!("{}{suffix}", if energy { "EBM" } else { "MDN" });
    if shown.target_width() > 1 {
        return Ok(vec![Curves { name, shapes: marginals(&trained, shown, grid, device) }]);
    }
    let mut sources = vec![Curves { name, shapes: curves(&log_prob_on_grid(model, shown, grid), grid) }];
    if let Some(log_q) = log_proposal_on_grid(model, shown, grid).filter(|_| energy) {
        sources.push(Curves { name: format!("its proposal{suffix}"), shapes: curves(&log_q, grid) });
    }
    Ok(sources)
}

/// One curve a row, from log-densities row by row.
fn curves(log_prob: &[f32], grid: &Grid) -> Vec<Vec<Shape>> {
    let curve = |row: &[f32]| {
        let points = grid.axis().iter().zip(row).map(|(&y, &l)| [y, f64::from(l).exp()]);
        vec![Shape::Curve(points.collect())]
    };
    log_prob.chunks(grid.len()).map(curve).collect()
}

/// One curve a row and dimension: exact for a mixture, smoothed draws otherwise.
fn marginals(trained: &TrainedModel, shown: &ImageSet, grid: &Grid, device: &Device) -> Vec<Vec<Shape>> {
    let rows: Vec<usize> = (0..shown.len()).collect();
    let curve = |marginal: &Marginal| {
        let density = |&y: &f64| [y, marginal.curve().log_density(y).exp()];
        Shape::Curve(grid.axis().iter().map(density).collect())
    };
    let predictions = trained.predictor.predict_batch(0, &shown.batch(&rows, device).input);
    predictions.iter().map(|p| (0..p.dimensions()).map(|d| curve(p.marginal(d))).collect()).collect()
}

/// The true density, where a generated task knows it.
fn truth(task: Task, source: &ImageSource, rows: &[usize], grid: &Grid) -> Option<Curves> {
    let &ImageSource::StandIn { train, seed, .. } = source else { return None };
    let which = stand_in(task);
    let curve = |row: &usize| {
        let truth = standin::truth(which, seed, (train + row) as u64)?;
        let density = |d: usize, y: f64| -> f64 {
            let normal = |mean: f64, sd: f64| (-0.5 * ((y - mean) / sd).powi(2)).exp() / (sd * TAU.sqrt());
            truth.components().iter().map(|c| c.weight * normal(c.mean[d], c.sd[d])).sum()
        };
        let curve = |d: usize| Shape::Curve(grid.axis().iter().map(|&y| [y, density(d, y)]).collect());
        Some((0..truth.components()[0].mean.len()).map(curve).collect::<Vec<_>>())
    };
    let shapes = rows.iter().map(curve).collect::<Option<Vec<_>>>()?;
    Some(Curves { name: "truth".to_owned(), shapes })
}

fn figure(title: &str, task: Task, shown: &ImageSet, sources: &[Curves]) -> PlotFigure {
    let mut legend: Vec<String> = sources.iter().map(|source| source.name.clone()).collect();
    legend.push("label".to_owned());
    let labels = label_names(task);
    let rows = (0..shown.len()).map(|row| {
        let label = shown.label(row);
        let caption = label.iter().map(|y| format!("{y:.1}")).collect::<Vec<_>>().join(", ");
        let picture =
            Picture { caption: format!("y = {caption}"), side: SIDE, rgb: rgb(shown, row, task == Task::HeadPose) };
        let plots = label.iter().zip(labels).enumerate().map(|(d, (&y, name))| {
            let shapes = sources.iter().map(|source| source.shapes[row][d].clone());
            let mut layers: Vec<Layer> = shapes.enumerate().map(|(legend, shape)| Layer { legend, shape }).collect();
            let x_range = extent(&layers, y);
            layers.push(Layer { legend: sources.len(), shape: Shape::Mark(y) });
            Plot {
                title: String::new(),
                x_label: (*name).to_owned(),
                y_label: "density".to_owned(),
                x_range,
                y_range: None,
                layers,
            }
        });
        PlotRow { picture: Some(picture), plots: plots.collect() }
    });
    PlotFigure { title: title.to_owned(), legend, plot_size: SMALL, rows: rows.collect() }
}

/// Where any of the curves is worth showing, and the label, with a margin.
fn extent(layers: &[Layer], label: f64) -> (f64, f64) {
    let (mut low, mut high) = (label, label);
    for layer in layers {
        let Shape::Curve(points) = &layer.shape else { continue };
        let top = points.iter().map(|point| point[1]).fold(0.0, f64::max);
        for [y, _] in points.iter().filter(|point| point[1] > SHOWN * top) {
            (low, high) = (low.min(*y), high.max(*y));
        }
    }
    let margin = (0.05 * (high - low)).max(0.5);
    (low - margin, high + margin)
}
