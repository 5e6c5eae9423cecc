//! A small table, and models of it.

use std::fmt::Write;
use std::sync::OnceLock;

use crate::sandbox::{Files, Sandbox};

/// Training that lasts a second: `table.csv` with target `price`, into `model`.
pub const TRAIN: &str =
    "train table.csv --target price --target-kind real --members 1 --out model --seed 3 --epochs 4 --m 16 --quiet";

/// Rows of a number, a category, a date and a price that depends on them; `row` and `scale` make what is wanted.
pub fn rows(count: usize, price: impl Fn(f64) -> f64) -> String {
    let mut text = "area,town,sold,price\n".to_owned();
    for row in 0..count {
        // Low-discrepancy numbers: spread evenly, never the same twice.
        let unit = |step: f64| (row as f64 * step).fract();
        let (area, noise) = (50.0 + 100.0 * unit(0.618_033_988), unit(0.414_213_562) - 0.5);
        let town = ["north", "south", "east"][row % 3];
        let (month, day) = (1 + row % 12, 1 + row % 28);
        let value = 2.0 * area + [0.0, 40.0, -40.0][row % 3] + 30.0 * noise;
        writeln!(text, "{area},{town},2024-{month:02}-{day:02},{}", price(value)).expect("a string");
    }
    text
}

/// A folder with `table.csv`, and `new.csv` without the prices.
pub fn with_table() -> Sandbox {
    let sandbox = Sandbox::new();
    let table = rows(200, |price| price);
    let without_price = |line: &str| line.rsplit_once(',').expect("columns").0.to_owned();
    let new: Vec<String> = table.lines().take(21).map(without_price).collect();
    sandbox.write("table.csv", &table);
    sandbox.write("new.csv", new.join("\n") + "\n");
    sandbox
}

/// The same with the trained run `model`.
pub fn trained() -> Sandbox {
    static RUN: OnceLock<Files> = OnceLock::new();
    let sandbox = with_table();
    let files = RUN.get_or_init(|| {
        let sandbox = with_table();
        sandbox.succeed(TRAIN);
        // The table is named by where it is.
        sandbox.files("model")
    });
    sandbox.restore("model", files);
    sandbox.adopt("model");
    sandbox
}
