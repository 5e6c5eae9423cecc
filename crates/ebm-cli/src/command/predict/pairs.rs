//! Predictions of a model of pairs or of a 1D task.

use burn::tensor::Device;
use ebm_core::predict::{CHUNK, LogProb, PARETO_K_LIMIT, Predictive, log_prob, predict};
use ebm_core::{Noise, Purpose};

use super::unreliable;
use crate::cli::predict::PredictArgs;
use crate::command::input::{column, config, inputs, inputs_and_targets};
use crate::console::Console;
use crate::prediction_writer::cell::{Cell, Row};
use crate::run::model;

/// Schema of a line of JSON.
pub(super) const SCHEMA: &str = "ebm.prediction/1";

pub(super) fn run(args: &PredictArgs, device: &Device, console: Console) -> anyhow::Result<()> {
    let loaded = model::load(&args.run, device)?;
    loaded.must_be_scalar("predict")?;
    let config = config(&args.sampling, &loaded.about);
    let (x, y) = if args.log_prob {
        let pairs = inputs_and_targets(&args.input)?;
        (pairs.x, Some(pairs.y))
    } else {
        (inputs(&args.input)?, None)
    };
    let unreliable = args.output.to(console)?.write(SCHEMA, |rows| {
        let mut unreliable = 0;
        for (chunk, x) in x.chunks(CHUNK).enumerate() {
            let noise = &mut Noise::new(args.sampling.seed, Purpose::Prediction, 0, chunk);
            let inputs = column(x, device);
            let y = y.as_ref().map(|y| &y[chunk * CHUNK..chunk * CHUNK + x.len()]);
            let predicted: Vec<(Predictive, Option<LogProb>)> = match y {
                Some(y) => {
                    let predicted = log_prob(&loaded.model, inputs, column(y, device), &config, noise);
                    predicted.into_iter().map(|(predictive, log_prob)| (predictive, Some(log_prob))).collect()
                }
                None => predict(&loaded.model, inputs, &config, noise)
                    .into_iter()
                    .map(|predictive| (predictive, None))
                    .collect(),
            };
            for (i, (x, (predictive, log_prob))) in x.iter().zip(&predicted).enumerate() {
                let mut row = columns(*x, predictive, &args.quantiles);
                if let (Some(y), Some(log_prob)) = (y, log_prob) {
                    row.extend(log_prob_columns(y[i], log_prob));
                }
                let heavy_tail = matches!(predictive, Predictive::Draws(draws) if draws.pareto_k() > PARETO_K_LIMIT);
                unreliable += usize::from(heavy_tail || !predictive.mean().value.is_finite());
                rows.row(&row)?;
            }
        }
        Ok(unreliable)
    })?;
    if unreliable > 0 {
        let message = format!(
            "{unreliable} of {} predictions have a Pareto k above {PARETO_K_LIMIT} or are not finite: the proposal fits \
             badly there; raise --m, or stay near the training inputs",
            x.len()
        );
        return unreliable::tell(args.unreliable, message, console);
    }
    Ok(())
}

fn columns(x: f64, predictive: &Predictive, quantiles: &[f64]) -> Row {
    let number = |value: f64| Cell::Number(Some(value));
    let mean = predictive.mean();
    let mut row = vec![
        ("x".to_owned(), number(x)),
        ("mean".to_owned(), number(mean.value)),
        ("sd".to_owned(), number(predictive.variance().sqrt())),
    ];
    row.extend(quantiles.iter().map(|&level| (format!("q{level}"), number(predictive.quantile(level)))));
    let (ess, pareto_k) = match predictive {
        Predictive::Draws(draws) if draws.is_sampled() => {
            (number(draws.effective_sample_size()), Cell::finite(draws.pareto_k()))
        }
        _ => (Cell::Number(None), Cell::Number(None)),
    };
    row.extend([
        ("mean_error".to_owned(), number(mean.standard_error)),
        ("ess".to_owned(), ess),
        ("pareto_k".to_owned(), pareto_k),
    ]);
    row
}

fn log_prob_columns(y: f64, log_prob: &LogProb) -> [(String, Cell); 4] {
    [
        ("y".to_owned(), Cell::Number(Some(y))),
        ("log_prob".to_owned(), Cell::Number(Some(log_prob.estimate.value))),
        ("log_prob_error".to_owned(), Cell::Number(Some(log_prob.estimate.standard_error))),
        ("label_weight".to_owned(), Cell::Number(log_prob.trust.map(|trust| trust.label_weight))),
    ]
}
