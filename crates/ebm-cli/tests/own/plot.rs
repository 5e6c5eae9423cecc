//! The plane of a model of a table.

use crate::table::{trained, with_table};

#[test]
fn the_plane_of_one_numeric_column_is_drawn_and_of_others_refused() {
    let sandbox = with_table();
    sandbox.succeed(
        "train table.csv --target price --target-kind positive --features area --members 1 --out model --seed 3 --epochs 2 --m 16 \
         --snapshot-epochs 1 --quiet",
    );
    for (options, texts) in [("", &["area", "price"][..]), ("--samples --epochs 1", &["epoch 1", "samples"])] {
        sandbox.succeed(&format!("plot density model --out a.svg --force {options}"));
        let drawn = String::from_utf8(sandbox.read("a.svg")).expect("UTF-8");
        texts.iter().for_each(|text| assert!(drawn.contains(text), "no {text}"));
    }
    let message = trained().fail(2, "plot density model --out a.svg");
    assert!(message.contains("this model is of 3 columns: `ebm report model`"), "{message}");
}
