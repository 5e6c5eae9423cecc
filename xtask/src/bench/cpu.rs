//! The list of benchmarks on the CPU: each with our program and its peers.

use std::path::Path;
use std::thread::available_parallelism;

use super::benchmark::{Benchmark, Unit};
use super::build::Built;
use super::programs::Programs;

/// Names for `--only`.
pub(super) fn names() -> Vec<&'static str> {
    NAMES.into_iter().chain(super::gpu::STACKS.map(|(name, _)| name)).collect()
}

const NAMES: [&str; 18] = [
    "step-1d",
    "network-1d",
    "page-1d",
    "networks-per-minute",
    "head",
    "resnet",
    "step-frozen",
    "step",
    "nll-steering",
    "nll-head-pose",
    "predict",
    "help",
    "run-1d",
    "run-images",
    "evaluate-1d",
    "train-table",
    "predict-table",
    "predict-mdn",
];

/// Every benchmark. Runs are written to the folder `scratch`.
pub(super) fn benchmarks(built: &Built, python: &Path, before: Option<&Path>, scratch: &Path) -> Vec<Benchmark> {
    let cores = available_parallelism().map_or(1, usize::from);
    let make = Programs { built, python, before, scratch, cores };
    let benchmark = |name, title: &str, unit, note, programs| Benchmark {
        name,
        title: title.to_owned(),
        unit,
        note,
        before: Vec::new(),
        programs,
    };
    let all = format!("{cores} threads");
    let image = |name, title: &str, steps| {
        let title = format!("{title}, {all}");
        benchmark(name, &title, Unit::Milliseconds, "", make.image(name, steps))
    };
    vec![
        benchmark(
            "step-1d",
            "1D training step, K = 4, batch 32, M = 1024, one thread",
            Unit::Milliseconds,
            "losses, gradients and Adam's update",
            make.step_1d(),
        ),
        benchmark(
            "network-1d",
            "1D network, 75 epochs, one thread",
            Unit::Seconds,
            "ours: the whole program with data, records and weights; PyTorch: 4725 times the median of 150 steps, \
             without its start, compilation and data",
            make.network_1d(),
        ),
        Benchmark {
            before: vec![make.page_1d()],
            ..benchmark(
                "page-1d",
                "1D network in a browser, 75 epochs, one thread",
                Unit::Seconds,
                "ours: the whole program; the page: training and validation, one worker, 128-bit vectors",
                vec![make.train_1d("page", 75), make.page_1d()],
            )
        },
        benchmark(
            "networks-per-minute",
            &format!("1D networks on {cores} cores"),
            Unit::PerMinute,
            "the same, as many at a time as are fastest",
            make.networks(),
        ),
        image("head", "image energy head forward and backward, batch 32, M = 1024", 5),
        image("resnet", "ResNet18 forward and backward, 32 × 3 × 64 × 64", 5),
        image("step-frozen", "image training step, frozen backbone", 4),
        image("step", "image training step, whole", 4),
        benchmark(
            "nll-steering",
            &format!("NLL of an image on the steering grid, 20 000 points, {all}"),
            Unit::Milliseconds,
            "from the features on; ours shares the grid among 64 images",
            make.nll("nll-steering"),
        ),
        benchmark(
            "nll-head-pose",
            &format!("NLL of an image on the head-pose grid, 30³ points, {all}"),
            Unit::Milliseconds,
            "from the features on; ours shares the grid among 64 images",
            make.nll("nll-head-pose"),
        ),
        benchmark(
            "predict",
            "mean and error by importance sampling, 1D network, M = 1024, an input of 256, one thread",
            Unit::Milliseconds,
            "the paper's eq. (7)",
            make.predict(),
        ),
        Benchmark {
            before: Vec::new(),
            ..benchmark("help", "start: `ebm --help`", Unit::Milliseconds, "PyTorch: `import torch`", make.help())
        },
        benchmark(
            "run-1d",
            "memory of a 1D training run, 75 epochs, one thread",
            Unit::Seconds,
            "whole program",
            vec![make.train_1d("run-1d", 75)],
        ),
        benchmark(
            "run-images",
            &format!("memory of an image training run, 2 steps, {all}"),
            Unit::Seconds,
            "whole program, 64 generated images of the steering task",
            vec![make.train_images()],
        ),
        Benchmark {
            before: vec![make.train_1d("evaluated", 1)],
            ..benchmark(
                "evaluate-1d",
                "memory of an evaluation, toy 1, one thread",
                Unit::Seconds,
                "whole program: KL, NLL, calibration of 2000 examples",
                vec![make.evaluate_1d("evaluated")],
            )
        },
        Benchmark {
            before: vec![make.table("million.csv", 1_000_000)],
            ..benchmark(
                "train-table",
                &format!("`ebm train` on a CSV file of a million rows of ten columns, one epoch, {all}"),
                Unit::Seconds,
                "whole program: columns inferred, split, trained on 700 000 rows and validated on 100 000, weights saved",
                vec![make.train_table("million.csv", "table", "")],
            )
        },
        Benchmark {
            before: vec![
                make.table("million.csv", 1_000_000),
                make.table("new.csv", 100_000),
                make.train_table_for_all("million.csv", "table", ""),
            ],
            ..benchmark(
                "predict-table",
                &format!("`ebm predict` on a CSV file of 100 000 such rows, {all}"),
                Unit::Seconds,
                "whole program: moments, quantiles and sets of highest density of every row, written as CSV",
                make.predict_table("table", "new.csv", &["ess_share,pareto_k"]),
            )
        },
        Benchmark {
            before: vec![
                make.table("some.csv", 100_000),
                make.table("new.csv", 100_000),
                make.train_table_for_all("some.csv", "mdn", "--method mdn"),
            ],
            ..benchmark(
                "predict-mdn",
                &format!("the same by a mixture density network, {all}"),
                Unit::Seconds,
                "whole program, the same columns",
                make.predict_table("mdn", "new.csv", &[]),
            )
        },
    ]
}
