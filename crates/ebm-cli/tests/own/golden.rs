//! Models that release 0.1.0 saved are loaded for ever, and say what they said then. `golden/` is never made anew.

use std::path::Path;

use crate::roundtrip::{number, set, table};
use crate::sandbox::Sandbox;

/// A sandbox with a model of the release, and what it answered then.
fn golden(model: &str) -> (Sandbox, Vec<String>, Vec<Vec<String>>) {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/own/golden");
    let read = |name: &str| std::fs::read(golden.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.path(model)).expect("a folder");
    for entry in std::fs::read_dir(golden.join(model)).expect("listed") {
        let name = format!("{model}/{}", entry.expect("listed").file_name().to_str().expect("UTF-8"));
        sandbox.write(&name, read(&name));
    }
    sandbox.write("new.csv", read("new.csv"));
    let (header, rows) = table(&String::from_utf8(read(&format!("{model}.csv"))).expect("UTF-8"));
    (sandbox, header, rows)
}

#[test]
fn a_calibrated_model_of_a_table_answers_as_it_did() {
    let (sandbox, header, then) = golden("houses");
    let (now_header, now) = table(&sandbox.succeed("predict houses new.csv --quiet"));
    assert_eq!(now_header[..header.len()], header, "columns are only ever added, at the end");
    assert_eq!(now.len(), then.len());
    let at = |name: &str| header.iter().position(|of| of == name).expect("a column");
    for (now, then) in now.iter().zip(&then) {
        let sd = number(&then[at("sd")]);
        // Processors that round elsewhere move knots, and with them ends, by far less.
        let close = |now: f64, then: f64| assert!((now - then).abs() < 5e-3 * sd, "{now} {then}");
        for name in ["mean", "sd", "median", "q0.05", "q0.95", "lower", "upper"] {
            close(number(&now[at(name)]), number(&then[at(name)]));
        }
        let [now_set, then_set] = [now, then].map(|row| set(&row[at("set")]));
        assert_eq!(now_set.len(), then_set.len());
        now_set.iter().flatten().zip(then_set.iter().flatten()).for_each(|(now, then)| close(*now, *then));
        assert_eq!([&now[at("line")], &now[at("beyond")]], [&then[at("line")], &then[at("beyond")]]);
    }
}

#[test]
fn a_network_of_the_papers_own_is_loaded_too() {
    let (sandbox, header, then) = golden("toy");
    let (now_header, now) = table(&sandbox.succeed("predict toy --x=-1.5,0.5 --quiet"));
    // Of the exact density: the draws of the release, with a Pareto k̂ of 0.7 and 0.8, had missed its tails.
    let exact = [[-0.9912, 4.507, -0.5243], [-0.9520, 4.418, -0.4964]];
    for ((now, then), exact) in now.iter().zip(&then).zip(exact) {
        let [then_of, now_of] = [(&header, then), (&now_header, now)].map(|(header, row)| {
            move |name: &str| number(&row[header.iter().position(|of| of == name).expect("a column")])
        });
        for ((name, of_then), exact) in [("mean", "mean"), ("sd", "sd"), ("median", "q0.5")].into_iter().zip(exact) {
            assert!((now_of(name) - exact).abs() < 5e-3 * now_of("sd"), "{name}: {}", now_of(name));
            let within = if name == "sd" { f64::INFINITY } else { 4.0 * then_of("mean_error") };
            assert!((now_of(name) - then_of(of_then)).abs() < within, "{name}: {}", now_of(name));
        }
        assert!(now_of("sd") > then_of("sd") && now_of("ess_share") < 0.01);
    }
}
