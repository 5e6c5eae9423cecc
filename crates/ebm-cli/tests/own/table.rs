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

#[test]
fn rows_count_as_often_as_their_weight_says() {
    let sandbox = with_table();
    let table = String::from_utf8(sandbox.read("table.csv")).expect("text");
    let weight = |row: usize| [1, 0, 2, 3][row % 4];
    let (header, lines) = table.split_once('\n').expect("a header");
    let weighted: Vec<String> =
        lines.lines().enumerate().map(|(row, line)| format!("{line},{}\n", weight(row))).collect();
    let times = |(row, line): (usize, &String)| line.repeat(weight(row));
    let expanded: String = weighted.iter().enumerate().map(times).collect();
    sandbox.write("weighted.csv", format!("{header},n\n{}", weighted.concat()));
    sandbox.write("expanded.csv", format!("{header},n\n{expanded}"));
    let train = |file: &str, options: &str| {
        let train = TRAIN.replace("table.csv", &format!("{file}.csv")).replace("--out model", &format!("--out {file}"));
        sandbox.succeed(&format!("{train} {options}"));
    };
    train("weighted", "--weight n");
    train("expanded", "--features area,town,sold");
    for file in ["model.safetensors", "reach.json"] {
        assert_eq!(sandbox.read(&format!("weighted/{file}")), sandbox.read(&format!("expanded/{file}")), "{file}");
    }
    let [one, other] = ["weighted", "expanded"].map(|run| sandbox.json(&format!("{run}/split.json"))["rows"].clone());
    assert_eq!(one, other);
    let nll = |run: &str| {
        sandbox.succeed(&format!("evaluate {run} --quiet"));
        sandbox.json(&format!("{run}/evaluation.json"))["metrics"]["nll"].clone()
    };
    assert_eq!(nll("weighted"), nll("expanded"));
    // The number is not of the input, nor needed to predict.
    sandbox.succeed("predict weighted new.csv");
    let message = sandbox.fail(65, &TRAIN.replace("price --", "price --weight area --"));
    assert!(message.contains("is not a weight, a whole number from 0 to 1000000"), "{message}");
    sandbox.refuse(2, &format!("{TRAIN} --weight n --sample-rows 10"));
}
