//! The paper's method on its first 1D problem: train, evaluate, plot.
//!
//! `cargo run --release --example toy_1d`, under a minute. Writes `toy_1d.png`.

use burn::tensor::Device;
use ebm_cli::figure::{Axis, Content, Figure, Panel, Row, draw};
use ebm_core::{EpochReport, Examples, Grid, Method, ModelConfig, Observer, TrainState, TrainingConfig};
use ebm_core::{evaluate, fit, linspace};
use ebm_data::toy::toy_1;

struct Print;

impl<R> Observer<R> for Print {
    fn epoch(&mut self, _state: &TrainState<R>, report: &EpochReport) {
        println!("epoch {:>2}: {:?}", report.epoch + 1, report.losses);
    }
}

fn main() -> anyhow::Result<()> {
    // 2000 examples from a density that is bimodal for x < 0 and log-normal for x ≥ 0.
    let pairs = toy_1::train(toy_1::SEED);
    let examples = Examples::from(&pairs);

    // An energy-based model p(y|x) = e^f(x,y) / Z(x) and its proposal, a mixture of 4 Gaussians.
    let model = ModelConfig::scalar(Method::ebm(4)).init(0, &Device::flex().autodiff());
    let trained = fit(TrainState::new(model, 0), &examples, &TrainingConfig::default(), &mut Print)?.model;

    // KL divergence from the truth, and test NLL.
    let inputs = linspace(-3.0, 3.0, 512);
    let at = Examples::from_pairs(&inputs, &vec![0.0; inputs.len()]);
    let grid = Grid::line(-3.0, 3.0, 2048);
    let kl = evaluate::kl_on_grid(&trained, &at, &grid, |row, y| toy_1::log_density(inputs[row], y));
    let test = Examples::from(&toy_1::train(toy_1::SEED + 1));
    let nll = evaluate::nll_on_grid(&trained, &test, &grid, &mut |_| ());
    println!("KL to the truth  {kl:.4} nats");
    println!("test NLL         {:.4} nats", nll.iter().sum::<f64>() / nll.len() as f64);
    println!("truth's entropy  {:.4} nats", toy_1::entropy());

    let axis = |label: &str| Axis { label: format!("{label} (unitless)"), range: (-3.0, 3.0), cells: 300 };
    let centres: Vec<f64> = axis("x").centres().map(f64::from).collect();
    let at = Examples::from_pairs(&centres, &vec![0.0; centres.len()]);
    let truth = centres.iter().flat_map(|&x| centres.iter().map(move |&y| toy_1::log_density(x, y) as f32));
    let cells = Grid::fine(-3.0, 3.0, 300, 1);
    let proposal = evaluate::log_proposal_on_grid(&trained, &at, &cells).expect("this method has a proposal");
    let panel = |title: &str, content| Panel { title: title.to_owned(), content };
    let points = pairs.x.iter().zip(&pairs.y).map(|(&x, &y)| [x as f32, y as f32]);
    let panels = vec![
        panel("training data", Content::Points(points.collect())),
        panel("EBM", Content::LogDensity(evaluate::log_prob_on_grid(&trained, &at, &cells))),
        panel("MDN proposal", Content::LogDensity(proposal)),
        panel("truth", Content::LogDensity(truth.collect())),
    ];
    let rows = vec![Row { label: String::new(), panels }];
    let figure = Figure { title: "p(y|x) after 75 epochs".to_owned(), x: axis("x"), y: axis("y"), rows };
    Ok(draw(&figure, "toy_1d.png".as_ref())?)
}
