//! From images to calibrated sets: the rotation angle of handwritten digits, which is ambiguous for a 0, 1 or 8.
//!
//! `cargo run --release --example images`, under a minute. To read your own folder of images as an `ImageSet`, use
//! `ebm_data::image::read_pictures`.

use burn::tensor::Device;
use ebm_core::network::backbone::BackboneConfig;
use ebm_core::{
    Dataset, Labelled, Method, ModelConfig, NetworkConfig, PredictionConfig, Predictor, TargetKind, TargetSpace,
    TrainState, TrainingConfig, Validation, fit_validated,
};
use ebm_data::image::ImageSet;
use ebm_data::standin::{StandIn, generate};

fn main() -> anyhow::Result<()> {
    let (device, images) = (Device::flex(), generate(StandIn::Digits, 1000, 0, &|| ()));
    let parts = [0..600, 600..700, 700..950, 950..956].map(|rows| images.subset(&rows.collect::<Vec<_>>()));
    let labels = |images: &ImageSet| (0..images.count()).map(|row| images.label(row)[0]).collect::<Vec<_>>();

    // 359° and 1° are neighbours: the density is defined on a circle.
    let space = TargetSpace::fit(&[TargetKind::Angle { period: 360.0 }], &labels(&parts[0]))?;
    let pixels = |images: &ImageSet| {
        let rows: Vec<usize> = (0..images.count()).collect();
        images.batch(&rows, &device).input.into_data().convert::<f32>().try_to_vec::<f32>().expect("numbers")
    };
    let labelled = |images| Labelled::new(pixels(images), images.input_width(), labels(images), space.clone());
    let (train, validation, calibration) = (labelled(&parts[0])?, labelled(&parts[1])?, labelled(&parts[2])?);

    let shape = ModelConfig {
        input: images.input_width(),
        network: NetworkConfig { backbone: BackboneConfig::Resnet18 { width: 8 }, ..NetworkConfig::tabular() },
        axes: space.axes(),
        ..ModelConfig::scalar(Method::ebm(4))
    };
    let training = TrainingConfig { epochs: 60, ..TrainingConfig::validated(train.len()) };
    let state = TrainState::new(shape.init(0, &device.clone().autodiff()), 0);
    let trained = fit_validated(state, &train, &Validation::new(&validation, &device), &training, &mut ())?;

    let predictor = Predictor::new(&trained.model, shape.input, space.clone(), PredictionConfig::default());
    let calibrated = predictor.calibrate(&calibration)?;
    println!("angle   log p, nats/degree   mode   80 % set, calibrated");
    for (angle, prediction) in labels(&parts[3]).into_iter().zip(predictor.predict(0, &pixels(&parts[3]))) {
        let set: Vec<String> =
            prediction.calibrated(&calibrated, 0.8).iter().map(|[from, to]| format!("[{from:.0}, {to:.0}]")).collect();
        let log_prob = prediction.log_prob(&[angle]).estimate.value;
        println!("{angle:>5.0}   {log_prob:>18.2}   {:>4.0}   {}", prediction.mode()[0], set.join(" "));
    }
    Ok(())
}
