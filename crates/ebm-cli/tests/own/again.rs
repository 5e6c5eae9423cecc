//! What a report says on how to make its run again.

use crate::sandbox::Sandbox;
use crate::table::{rows, with_table};

/// The command of a report of the run `model` that trains it, to `again`.
fn command(sandbox: &Sandbox) -> String {
    sandbox.succeed("report model --quiet");
    let page = String::from_utf8(sandbox.read("model/report.html")).expect("UTF-8");
    let (_, rest) = page.split_once("ebm train ").expect("a command");
    let line = rest.split_once("</code>").expect("its end").0;
    assert!(!line.contains(['\'', '&']), "plain words: {line}");
    format!("train {line} --quiet").replace("--out model", "--out again")
}

#[test]
fn the_command_of_a_report_gives_the_same_bytes() {
    let sandbox = with_table();
    let more = |(row, line): (usize, &str)| {
        format!("{line},{}\n", if row == 0 { "site".into() } else { (row % 19).to_string() })
    };
    let lines: Vec<String> = rows(260, |price| price).lines().enumerate().map(more).collect();
    sandbox.write("table.csv", lines[..201].concat());
    // Other rows than those of the table.
    sandbox.write("valid.csv", [&lines[..1], &lines[201..]].concat().concat());
    let small = "--seed 3 --epochs 3 --m 16 --quiet --out model --force";
    for options in [
        "--target price --target-kind positive --components 3 --members 1",
        "--target price --features area,sold --split 0.6,0.2,0.1,0.1 --split-seed 5 --batch-size 20",
        "--target price,area --target-kind price=bounded:-100,900 --group site --on-missing median --members 1",
        "--target price --time sold --members 1 --method mdn --learning-rate 0.002 --kernels plain",
        "--target price --valid valid.csv --method ebm-fixed --sigmas 0.1,0.5 --objective importance",
        "--target price --split 0.6,0.3,0,0.1 --method ebm-fixed --sigmas 0.1,0.5 --objective importance",
        "--target price --features area,town --weight site --members 1 --method mdn",
    ] {
        sandbox.succeed(&format!("train table.csv {options} {small}"));
        let again = command(&sandbox);
        sandbox.succeed(&format!("{again} --force"));
        for file in ["model.safetensors", "model.json", "split.json"] {
            assert_eq!(
                sandbox.read(&format!("model/{file}")),
                sandbox.read(&format!("again/{file}")),
                "{again}: {file}"
            );
        }
    }
}
