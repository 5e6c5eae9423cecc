//! Your own network, from data to calibrated sets: a convolution over a sequence, which is not part of this library.
//!
//! `cargo run --release --example own_network`, under a minute.
use burn::module::Module;
use burn::nn::conv::{Conv1d, Conv1dConfig};
use burn::nn::{Linear, LinearConfig};
use burn::tensor::{Device, Tensor, TensorData, activation::relu};
use ebm_core::evaluate::{Mean, Summary, assess};
use ebm_core::{
    Examples, Features, HeadConfig, Labelled, Method, Noise, PredictionConfig, Predictor, Purpose, TargetKind,
    TargetSpace, TrainState, TrainingConfig, Validation, fit_validated, load_model, save_model,
};

const LENGTH: usize = 24;

/// Any Burn module that implements [`Features`] can be the feature network of every method.
#[derive(Module, Debug)]
struct Waves {
    local: Conv1d,
    last: Linear,
}

impl Features for Waves {
    type Input = Tensor<3>; // [batch, channel, time]

    fn forward(&self, input: Tensor<3>) -> Tensor<2> {
        relu(self.last.forward(relu(self.local.forward(input)).mean_dim(2).squeeze_dim(2)))
    }

    fn width(&self) -> usize {
        self.last.weight.dims()[1]
    }
}

fn waves(device: &Device) -> Waves {
    Waves { local: Conv1dConfig::new(1, 16, 3).init(device), last: LinearConfig::new(16, 32).init(device) }
}

/// Waves, a label in cm for each, and its true `log p(y|x)` in nats per cm.
type Set = (Tensor<3>, Vec<f64>, Vec<f64>);

/// The label is a linear function of the roughness of the wave, with the opposite sign in 30 % of the cases, plus
/// Gaussian noise with a standard deviation of 6 cm.
fn task(seed: u64, count: usize) -> Set {
    let mut noise = Noise::new(seed, Purpose::Split, 0, 0);
    let (mut inputs, mut labels, mut truth) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..count {
        let [pitch, phase] = [0.2 + 1.3 * noise.unit(), 6.3 * noise.unit()];
        let wave: Vec<f64> = (0..LENGTH).map(|t| (pitch * t as f64 + phase).sin() + 0.05 * noise.gauss()).collect();
        let roughness = wave.windows(2).map(|pair| (pair[1] - pair[0]).abs()).sum::<f64>() / LENGTH as f64;
        let height = 20.0 + 40.0 * roughness;
        let mean = if noise.unit() < 0.7 { height } else { -height };
        let y = mean + 6.0 * noise.gauss();
        labels.push(y);
        let normal = |mean: f64| (-0.5 * ((y - mean) / 6.0).powi(2)).exp() / (6.0 * std::f64::consts::TAU.sqrt());
        truth.push((0.7 * normal(height) + 0.3 * normal(-height)).ln());
        inputs.extend(wave.into_iter().map(|x| x as f32));
    }
    (Tensor::from_data(TensorData::new(inputs, [count, 1, LENGTH]), &Device::flex()), labels, truth)
}

fn main() -> anyhow::Result<()> {
    let (device, folder) = (Device::flex().autodiff(), tempfile::tempdir()?);
    device.seed(0); // For the weights of `Waves`, which Burn draws. The heads use the seed of `init`.
    let [train, validation, calibration, test] = [(0, 2000), (1, 300), (2, 1000), (3, 2000)].map(|(s, n)| task(s, n));
    let space = TargetSpace::fit(&[TargetKind::Real], &train.1)?;
    let labelled = |set: &Set| Labelled::of(Examples::unlabelled(&set.0), set.1.clone(), space.clone());
    let heads = HeadConfig::new(Method::ebm(4), 1);
    let state = TrainState::new(heads.init(0, &device, |_| waves(&device)), 0);
    let training = TrainingConfig { epochs: 60, ..TrainingConfig::validated(2000) };
    let validation = labelled(&validation)?;
    let trained = fit_validated(state, &labelled(&train)?, &Validation::new(&validation, &device), &training, &mut ())?;

    save_model(folder.path(), &heads, &trained.model)?;
    let (_, model) = load_model(folder.path(), |heads: &HeadConfig| heads.init(0, &device, |_| waves(&device)))?;
    let predictor = Predictor::of(&model, space.clone(), PredictionConfig::default());
    let sets = predictor.calibrate(&labelled(&calibration)?)?;
    for (prediction, y) in predictor.predict_batch(0, &test.0.clone().narrow(0, 0, 3)).iter().zip(&test.1) {
        println!("{y:>6.1} cm   90 % set {:.0?} cm", prediction.calibrated(&sets, 0.9));
    }

    let assessed = assess(&predictor.with_calibration(Some(sets)), 0, &labelled(&test)?, &mut |_| ());
    let lost: Vec<f64> = assessed.iter().zip(&test.2).map(|(a, truth)| truth - a.log_prob.estimate.value).collect();
    let kl = Mean::of(&lost);
    let coverage = Summary::of(&assessed).sets[2].calibrated_coverage.expect("there is a calibration");
    println!("KL to the truth       {:.4} ± {:.4} nats", kl.value, kl.standard_error);
    let error = coverage.standard_error.hypot((0.9_f64 * 0.1 / calibration.1.len() as f64).sqrt());
    println!("90 % sets that cover  {:.1} ± {:.1} %", 100.0 * coverage.value, 100.0 * error);
    Ok(())
}
