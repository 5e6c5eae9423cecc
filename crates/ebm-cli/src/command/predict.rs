//! `ebm predict`

use ebm_core::predict::{CHUNK, LogProb, PARETO_K_LIMIT, Predictive, log_prob, predict};
use ebm_core::{Noise, Purpose};
use serde_json::{Map, Value, json};

use super::How;
use super::input::{column, config, inputs, inputs_and_targets};
use crate::cli::{PredictArgs, Unreliable};
use crate::exit::{Exit, failure};
use crate::load;
use crate::output::print;

pub fn run(args: &PredictArgs, how: How) -> anyhow::Result<()> {
    let device = args.sampling.device.open()?;
    let loaded = load::model(&args.run, &device)?;
    loaded.must_be_scalar("predict")?;
    let config = config(&args.sampling, &loaded.about);
    let (x, y) = if args.log_prob {
        let pairs = inputs_and_targets(&args.input)?;
        (pairs.x, Some(pairs.y))
    } else {
        (inputs(&args.input)?, None)
    };
    let mut unreliable = 0;
    for (chunk, x) in x.chunks(CHUNK).enumerate() {
        let noise = &mut Noise::new(args.sampling.seed, Purpose::Prediction, 0, chunk);
        let inputs = column(x, &device);
        let y = y.as_ref().map(|y| &y[chunk * CHUNK..chunk * CHUNK + x.len()]);
        let predicted: Vec<(Predictive, Option<LogProb>)> = match y {
            Some(y) => {
                let answers = log_prob(&loaded.model, inputs, column(y, &device), &config, noise);
                answers.into_iter().map(|(predictive, log_prob)| (predictive, Some(log_prob))).collect()
            }
            None => predict(&loaded.model, inputs, &config, noise).into_iter().map(|answer| (answer, None)).collect(),
        };
        let mut text = String::new();
        for (i, (x, (predictive, log_prob))) in x.iter().zip(&predicted).enumerate() {
            let mut row = answers(*x, predictive, &args.quantiles);
            if let (Some(y), Some(log_prob)) = (y, log_prob) {
                row.extend(log_prob_columns(y[i], log_prob));
            }
            let heavy_tail = matches!(predictive, Predictive::Draws(draws) if draws.pareto_k() > PARETO_K_LIMIT);
            unreliable += usize::from(heavy_tail || !predictive.mean().value.is_finite());
            if chunk == 0 && i == 0 && !how.json {
                text += &line(row.iter().map(|(name, _)| name.clone()));
            }
            text += &if how.json {
                let mut object = Map::from_iter([("schema".to_owned(), Value::from("ebm.prediction/1"))]);
                object.extend(row.into_iter().map(|(name, value)| (name, json!(value))));
                format!("{}\n", Value::Object(object))
            } else {
                line(row.iter().map(|(_, value)| value.map_or_else(String::new, |value| value.to_string())))
            };
        }
        print(text)?;
    }
    if unreliable > 0 {
        let message = format!(
            "{unreliable} of {} answers have a Pareto k above {PARETO_K_LIMIT} or are not finite: the proposal fits badly \
             there; raise --m, or stay near the training inputs",
            x.len()
        );
        if args.unreliable == Unreliable::Fail {
            return Err(failure(Exit::Unreliable, message));
        }
        how.warn(message);
    }
    Ok(())
}

/// A column's name and value; nothing where a value has no meaning.
type Column = (String, Option<f64>);

fn answers(x: f64, predictive: &Predictive, quantiles: &[f64]) -> Vec<Column> {
    let mean = predictive.mean();
    let mut row = vec![
        ("x".to_owned(), Some(x)),
        ("mean".to_owned(), Some(mean.value)),
        ("sd".to_owned(), Some(predictive.variance().sqrt())),
    ];
    row.extend(quantiles.iter().map(|&level| (format!("q{level}"), Some(predictive.quantile(level)))));
    let (ess, pareto_k) = match predictive {
        Predictive::Draws(draws) if draws.is_sampled() => {
            (Some(draws.effective_sample_size()), finite(draws.pareto_k()))
        }
        _ => (None, None),
    };
    row.extend([
        ("mean_error".to_owned(), Some(mean.standard_error)),
        ("ess".to_owned(), ess),
        ("pareto_k".to_owned(), pareto_k),
    ]);
    row
}

fn log_prob_columns(y: f64, log_prob: &LogProb) -> [Column; 4] {
    [
        ("y".to_owned(), Some(y)),
        ("log_prob".to_owned(), Some(log_prob.estimate.value)),
        ("log_prob_error".to_owned(), Some(log_prob.estimate.standard_error)),
        ("label_weight".to_owned(), log_prob.trust.map(|trust| trust.label_weight)),
    ]
}

fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

fn line(cells: impl Iterator<Item = String>) -> String {
    let mut line = cells.collect::<Vec<_>>().join(",");
    line.push('\n');
    line
}
