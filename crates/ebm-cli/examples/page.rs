//! A report of made-up numbers, to look at in a browser: `cargo run --example page -- page.html`.

use std::path::PathBuf;

use ebm_cli::page::figures::{Density, coverage, density, pit, training};
use ebm_cli::page::{Block, Command, Fact, Page, PageFigure, Section, Table, html};

fn main() -> anyhow::Result<()> {
    let out = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| "page.html".to_owned()));
    std::fs::write(&out, html(&page())?)?;
    Ok(())
}

fn page() -> Page {
    Page {
        title: "price, given 9 columns of diamonds.csv".to_owned(),
        summary:
            "An energy-based model of p(price | x), trained on 7000 rows and calibrated on 1000. On 2000 held-out \
                  rows its 90 % sets hold 90.3 % of the labels."
                .to_owned(),
        warnings: vec![
            "The labels are whole numbers: likelihoods compare only with one another.".to_owned(),
            "12 of 2000 held-out rows lie outside the range of the training data.".to_owned(),
        ],
        facts: vec![
            Fact::new("Data", "diamonds.csv, 10000 rows"),
            Fact::new("Model", "EBM with a learned proposal, K = 5, M = 256"),
            Fact::new("Trained", "62 epochs, best 41, 38.2 s on cpu"),
            Fact::new("Seed", 7),
            Fact::new("Fingerprint", "sha256 9f2c7ad0b4e1c8d25f60718293a4b5c6d7e8f9001122334455667788990a0b0c"),
        ],
        sections: vec![data(), learning(), calibration(), rows(), reproduce()],
        made_by: "ebm 0.1.0, revision 000000000000".to_owned(),
    }
}

fn data() -> Section {
    let row = |cells: [&str; 5]| cells.map(str::to_owned).to_vec();
    let table = Table {
        caption: "Columns".to_owned(),
        head: row(["column", "kind", "values", "missing", "range"]),
        rows: vec![
            row(["price", "target, real", "4121", "0", "326 to 18823"]),
            row(["carat", "number", "251", "0", "0.2 to 4.13"]),
            row(["<b>cut</b> & \"colour\"", "category", "5", "0", "one-hot"]),
            row(["a_column_with_a_very_long_name_that_never_ends", "number", "7000", "3", "-1e12 to 1e12"]),
        ],
    };
    Section { heading: "Data".to_owned(), blocks: vec![Block::Table(table)] }
}

fn learning() -> Section {
    let curve = |floor: f64, scale: f64| (0..62).map(move |epoch| floor + scale * (-0.08 * f64::from(epoch)).exp());
    let wave = |values: Vec<f64>| values.iter().enumerate().map(|(i, v)| v + 0.05 * (1.7 * i as f64).sin()).collect();
    let figure = training(&[
        ("training".to_owned(), curve(-1.1, 2.0).collect()),
        ("validation".to_owned(), wave(curve(-1.0, 1.9).collect())),
    ]);
    let figure = PageFigure {
        figure,
        caption: "Loss an epoch. The model is the one of epoch 41, where the validation loss is lowest.".to_owned(),
        description: "Training and validation loss fall together and level off after 40 epochs.".to_owned(),
    };
    Section { heading: "Training".to_owned(), blocks: vec![Block::Figures(vec![figure])] }
}

fn calibration() -> Section {
    let levels = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95];
    let points = |lack: f64| levels.map(|level| [level, level - lack * level * (1.0 - level)]).to_vec();
    let coverage = coverage(&[("as trained".to_owned(), points(0.4)), ("after calibration".to_owned(), points(-0.03))]);
    let counts: Vec<usize> = (0..20_usize).map(|bin| 90 + 3 * bin.abs_diff(10) + bin * 7 % 11).collect();
    let figures = vec![
        PageFigure {
            figure: coverage,
            caption: "Held-out labels inside the highest-density sets against the sets' stated probability. Below the \
                      diagonal the model is too sure."
                .to_owned(),
            description: "As trained the curve sags below the diagonal; after calibration it lies on it.".to_owned(),
        },
        PageFigure {
            figure: pit(&counts),
            caption: "P(Y ≤ y | x) at the labels. Flat is calibrated; a valley means too narrow densities.".to_owned(),
            description: "A nearly flat histogram of 20 bars, a little higher at both ends.".to_owned(),
        },
    ];
    let scores = Table {
        caption: "2000 held-out rows".to_owned(),
        head: ["measure", "value", "standard error"].map(str::to_owned).to_vec(),
        rows: [["NLL, nats", "6.871", "0.021"], ["CRPS", "201.4", "4.9"], ["in the 90 % set", "0.903", "0.007"]]
            .map(|row| row.map(str::to_owned).to_vec())
            .to_vec(),
    };
    Section { heading: "Calibration".to_owned(), blocks: vec![Block::Figures(figures), Block::Table(scores)] }
}

fn rows() -> Section {
    let normal = |y: f64, mean: f64, sd: f64| (-0.5 * ((y - mean) / sd).powi(2)).exp() / (sd * 2.5066);
    let panel = |row: usize, means: [f64; 2], sd: f64, set: Vec<[f64; 2]>, label: f64| {
        let axis = (0..=200).map(|i| 2000.0 + 20.0 * f64::from(i));
        let points = axis.map(|y| [y, 0.6 * normal(y, means[0], sd) + 0.4 * normal(y, means[1], sd)]).collect();
        let of_row = Density { target: "price".to_owned(), points, set: (0.9, set), label: Some(label) };
        PageFigure {
            figure: density(&of_row),
            caption: format!("Row {row}: price {label}."),
            description: format!("p(price | x) of row {row} with its 90 % set and the label {label}."),
        }
    };
    let figures = vec![
        panel(17, [3300.0, 5000.0], 160.0, vec![[2990.0, 3610.0], [4710.0, 5290.0]], 3420.0),
        panel(240, [3900.0, 4000.0], 300.0, vec![[3440.0, 4450.0]], 4700.0),
        panel(911, [2600.0, 2700.0], 90.0, vec![[2480.0, 2830.0]], 2650.0),
        panel(1502, [4900.0, 4500.0], 420.0, vec![[3950.0, 5500.0]], 6700.0),
    ];
    let text = "Four held-out rows: the lowest, two middle and the highest likelihood.".to_owned();
    Section { heading: "Some predictions".to_owned(), blocks: vec![Block::Text(text), Block::Figures(figures)] }
}

fn reproduce() -> Section {
    let command = |what: &str, line: &str| Command { what: what.to_owned(), line: line.to_owned() };
    let commands = vec![
        command("Train it again, to the same bytes on the CPU:", "ebm train diamonds.csv --target price --seed 7"),
        command("Calibrate it:", "ebm calibrate runs/diamonds/seed-7 calibration.csv"),
        command(
            "Use it:",
            "ebm predict runs/diamonds/seed-7 new.csv --coverage 0.9 --out predictions_of_a_file_with_a_long_name.csv",
        ),
    ];
    Section { heading: "How to reproduce this".to_owned(), blocks: vec![Block::Commands(commands)] }
}
