//! From a table to calibrated intervals: Engel's 235 households of 1857, food expenditure given income, in francs.

use burn::tensor::Device;
use ebm_core::{
    Labelled, Method, ModelConfig, NetworkConfig, PredictionConfig, Predictor, TargetKind, TargetSpace, TrainState,
    TrainingConfig, Validation, fit_validated,
};
use ebm_data::table::{self, OnMissing, Shares, Table, TableOptions, Targets};

fn main() -> anyhow::Result<()> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/engel.csv");
    let shares = Shares { validation: 0.2, calibration: 0.25, test: 0.0 };
    let parts = table::read(file, &TableOptions::new(["foodexp"]), &shares, 0)?;

    // Expenditure is positive and its noise grows with it, so the model works on its logarithm.
    let space = TargetSpace::fit(&[TargetKind::Positive], parts.train.targets())?;
    let labelled =
        |part: Table| Labelled::new(part.inputs().to_vec(), part.input_width(), part.targets().to_vec(), space.clone());
    let train = labelled(parts.train)?;
    let validation = labelled(parts.validation.expect("the validation fraction is not 0"))?;
    let calibration = labelled(parts.calibration.expect("the calibration fraction is not 0"))?;

    let shape = ModelConfig {
        input: parts.schema.input_width(),
        network: NetworkConfig::tabular(),
        axes: space.axes(),
        ..ModelConfig::scalar(Method::ebm(4))
    };
    let device = Device::flex();
    let state = TrainState::new(shape.init(0, &device.clone().autodiff()), 0);
    let training = TrainingConfig::tabular(train.labels().len(), &shape.method);
    let trained = fit_validated(state, &train, &Validation::new(&validation, &device), &training, &mut ())?;

    let predictor = Predictor::new(&trained.model, shape.input, space, PredictionConfig::default());
    let calibrated = predictor.calibrate(&calibration)?;
    println!("income    mean  sd   median  90 % interval    90 % set, calibrated   P(food < half)");
    std::fs::write("incomes.csv", "income\n500\n1000\n2000\n")?;
    for chunk in table::stream("incomes.csv", &parts.schema, 256, OnMissing::Refuse, Targets::Ignored)? {
        for (income, p) in [500.0, 1000.0, 2000.0].into_iter().zip(predictor.predict(0, &chunk?.inputs)) {
            let [low, high] = p.interval(0.9);
            let set: Vec<String> =
                p.calibrated(&calibrated, 0.9).iter().map(|[low, high]| format!("[{low:.0}, {high:.0}]")).collect();
            let half = p.cdf(income / 2.0);
            println!(
                "{income:>6} {:>7.0} {:>4.0} {:>7.0}   [{low:.0}, {high:.0}]   {:>20}   {half:.2}",
                p.mean(),
                p.sd(),
                p.median(),
                set.join(" ")
            );
        }
    }
    std::fs::remove_file("incomes.csv")?;
    Ok(())
}
