//! The list of what is measured: each work with our program and its peers.

use std::path::Path;
use std::thread::available_parallelism;

use serde::Serialize;

use super::build::Built;
use super::program::Program;

/// What can be asked for.
pub(super) fn names() -> Vec<&'static str> {
    NAMES.into_iter().chain(super::gpu::STACKS.map(|(name, _)| name)).collect()
}

const NAMES: [&str; 16] = [
    "step-1d",
    "network-1d",
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
];

/// Steps of a network of a toy task: 2000 examples, batch 32, 75 epochs.
const STEPS: f64 = 63.0 * 75.0;

/// The allocator's thresholds that `ebm` sets at its start; programs that are no `ebm` get them so.
const MALLOC: &str =
    "glibc.malloc.mmap_threshold=1073741824:glibc.malloc.trim_threshold=536870912:glibc.malloc.top_pad=16777216";

/// How the time of a piece of work is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) enum Unit {
    #[serde(rename = "ms")]
    Milliseconds,
    #[serde(rename = "s")]
    Seconds,
    #[serde(rename = "a minute")]
    PerMinute,
}

impl Unit {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Milliseconds => "ms",
            Self::Seconds => "s",
            Self::PerMinute => "a minute",
        }
    }

    pub(super) fn of(self, milliseconds: f64) -> f64 {
        match self {
            Self::Milliseconds => milliseconds,
            Self::Seconds => milliseconds * 1e-3,
            Self::PerMinute => 60e3 / milliseconds,
        }
    }
}

/// Something to do, and who does it: ours first, the others are compared with it.
pub(super) struct Work {
    pub name: &'static str,
    pub title: String,
    pub unit: Unit,
    pub note: &'static str,
    /// Run once, not timed.
    pub before: Vec<Program>,
    pub programs: Vec<Program>,
}

/// Every work. Runs go into the folder `scratch`.
pub(super) fn works(built: &Built, python: &Path, scratch: &Path) -> Vec<Work> {
    let cores = available_parallelism().map_or(1, usize::from);
    let make = Programs { built, python, scratch, cores };
    let work = |name, title: &str, unit, note, programs| Work {
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
        work(name, &title, Unit::Milliseconds, "", make.image(name, steps))
    };
    vec![
        work(
            "step-1d",
            "1D training step, K = 4, batch 32, M = 1024, one thread",
            Unit::Milliseconds,
            "losses, gradients and Adam's update",
            make.step_1d(),
        ),
        work(
            "network-1d",
            "1D network, 75 epochs, one thread",
            Unit::Seconds,
            "ours: the whole program with data, records and weights; PyTorch: 4725 times the median of 150 steps, \
             without its start, compilation and data",
            make.network_1d(),
        ),
        work(
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
        work(
            "nll-steering",
            &format!("NLL of an image on the steering grid, 20 000 points, {all}"),
            Unit::Milliseconds,
            "from the features on; ours shares the grid among 64 images",
            make.nll("nll-steering"),
        ),
        work(
            "nll-head-pose",
            &format!("NLL of an image on the head-pose grid, 30³ points, {all}"),
            Unit::Milliseconds,
            "from the features on; ours shares the grid among 64 images",
            make.nll("nll-head-pose"),
        ),
        work(
            "predict",
            "mean and error by importance sampling, 1D network, M = 1024, an input of 256, one thread",
            Unit::Milliseconds,
            "the paper's eq. (7)",
            make.predict(),
        ),
        Work {
            before: Vec::new(),
            ..work("help", "start: `ebm --help`", Unit::Milliseconds, "PyTorch: `import torch`", make.help())
        },
        work(
            "run-1d",
            "memory of a 1D training run, 75 epochs, one thread",
            Unit::Seconds,
            "whole program",
            vec![make.train_1d("run-1d", 75)],
        ),
        work(
            "run-images",
            &format!("memory of an image training run, 2 steps, {all}"),
            Unit::Seconds,
            "whole program, 64 generated images of the steering task",
            vec![make.train_images()],
        ),
        Work {
            before: vec![make.train_1d("evaluated", 1)],
            ..work(
                "evaluate-1d",
                "memory of an evaluation, toy 1, one thread",
                Unit::Seconds,
                "whole program: KL, NLL, calibration of 2000 examples",
                vec![make.evaluate_1d("evaluated")],
            )
        },
        Work {
            before: vec![make.table("million.csv", 1_000_000)],
            ..work(
                "train-table",
                &format!("`ebm train` on a CSV file of a million rows of ten columns, one epoch, {all}"),
                Unit::Seconds,
                "whole program: columns told, split, trained on 700 000 rows and validated on 100 000, weights saved",
                vec![make.train_table("million.csv")],
            )
        },
        Work {
            before: vec![
                make.table("million.csv", 1_000_000),
                make.table("new.csv", 100_000),
                make.train_table("million.csv"),
            ],
            ..work(
                "predict-table",
                &format!("`ebm predict` on a CSV file of 100 000 such rows, {all}"),
                Unit::Seconds,
                "whole program: moments, quantiles and sets of highest density of every row, written as CSV",
                vec![make.predict_table("new.csv")],
            )
        },
    ]
}

/// Makes programs.
struct Programs<'a> {
    built: &'a Built,
    python: &'a Path,
    scratch: &'a Path,
    cores: usize,
}

impl Programs<'_> {
    /// One of our examples that times something.
    fn example(&self, name: &str, example: &str, arguments: &str, threads: usize) -> Program {
        let program = Program::that_says(name, &self.built.example(example)).arguments(arguments);
        program.variable("RAYON_NUM_THREADS", threads).variable("GLIBC_TUNABLES", MALLOC)
    }

    /// A script of `bench/peers`, with the allocator as it comes.
    fn peer(&self, name: &str, script: &str, arguments: &str, threads: usize) -> Program {
        let program = Program::that_says(name, self.python).argument(format!("bench/peers/{script}"));
        let program = program.arguments(arguments).arguments(&format!("--threads {threads}"));
        program.variable("OMP_NUM_THREADS", threads).variable("PYTHONDONTWRITEBYTECODE", 1)
    }

    /// The same with the allocator's thresholds that `ebm` has.
    fn tuned(&self, name: &str, script: &str, arguments: &str, threads: usize) -> Program {
        self.peer(name, script, arguments, threads).variable("GLIBC_TUNABLES", MALLOC)
    }

    fn step_1d(&self) -> Vec<Program> {
        let arguments = "--components 4 --steps 150";
        vec![
            self.example("ours", "time_step", "fused 4 2000", 1),
            self.example("ours, tensor operations", "time_step", "plain 4 150", 1),
            self.peer("PyTorch, as released", "released.py", arguments, 1),
            self.tuned("PyTorch, best effort", "best.py", arguments, 1),
        ]
    }

    fn network_1d(&self) -> Vec<Program> {
        let arguments = "--components 4 --steps 150";
        vec![
            self.train_1d("network", 75),
            self.peer("PyTorch, as released", "released.py", arguments, 1).times(STEPS),
            self.tuned("PyTorch, best effort", "best.py", arguments, 1).times(STEPS),
        ]
    }

    fn networks(&self) -> Vec<Program> {
        let arguments = "--components 4 --steps 150";
        let mut programs = vec![self.train_1d("networks-{copy}", 75).copies(self.cores)];
        for (name, script) in [("as released", "released.py"), ("best effort", "best.py")] {
            for copies in [self.cores, 1] {
                let threads = self.cores / copies;
                let name = format!("PyTorch, {name}, {copies} × {threads} threads");
                let program = self.tuned(&name, script, arguments, threads);
                programs.push(program.copies(copies).times(STEPS));
                if self.cores == 1 {
                    break;
                }
            }
        }
        programs
    }

    fn image(&self, work: &str, steps: usize) -> Vec<Program> {
        let peer = format!("--work {work} --steps {steps}");
        vec![
            self.example("ours", "time_image", &format!("{work} {steps}"), self.cores),
            self.peer("PyTorch, as released", "image_released.py", &peer, self.cores),
            self.tuned("PyTorch, best effort", "image_best.py", &peer, self.cores),
        ]
    }

    fn nll(&self, work: &str) -> Vec<Program> {
        vec![
            self.example("ours", "time_eval", &format!("{work} 5"), self.cores),
            self.tuned("PyTorch, as released", "nll.py", &format!("--work {work} --form released"), self.cores),
            self.tuned("PyTorch, best effort", "nll.py", &format!("--work {work} --form best"), self.cores),
        ]
    }

    fn predict(&self) -> Vec<Program> {
        vec![
            self.example("ours", "time_eval", "predict 20", 1),
            self.tuned("PyTorch, best effort", "predict.py", "", 1),
        ]
    }

    fn help(&self) -> Vec<Program> {
        vec![
            self.ebm("ours").arguments("--help"),
            Program::whole("PyTorch", self.python, "PyTorch").argument("-c").argument("import torch"),
        ]
    }

    fn train_1d(&self, run: &str, epochs: usize) -> Program {
        let program = self.ebm("ours").arguments("train --preset toy_1/ours_k4 --seed 0 --threads 1 --quiet --force");
        program.arguments(&format!("--epochs {epochs} --out")).argument(self.scratch.join(run))
    }

    fn train_images(&self) -> Program {
        let program = self.ebm("ours").arguments("train --preset steering/ours_k4 --seed 0 --examples 64 --epochs 1");
        program.arguments("--quiet --force --out").argument(self.scratch.join("images"))
    }

    fn evaluate_1d(&self, run: &str) -> Program {
        self.ebm("ours").arguments("evaluate --threads 1 --quiet").argument(self.scratch.join(run))
    }

    /// Writes a table of made-up numbers.
    fn table(&self, file: &str, rows: usize) -> Program {
        let program = Program::whole("table", &self.built.example("read_table"), "").argument("make");
        program.argument(self.scratch.join(file)).argument(rows.to_string())
    }

    fn train_table(&self, file: &str) -> Program {
        let program = self.ebm("ours").argument("train").argument(self.scratch.join(file));
        let program = program.arguments("--target y --epochs 1 --seed 0 --quiet --force --out");
        program.argument(self.scratch.join("table"))
    }

    fn predict_table(&self, file: &str) -> Program {
        let program = self.ebm("ours").argument("predict").argument(self.scratch.join("table"));
        let program = program.argument(self.scratch.join(file)).arguments("--quiet --out");
        program.argument(self.scratch.join("answers.csv"))
    }

    /// `ebm`, its whole life.
    fn ebm(&self, name: &str) -> Program {
        Program::whole(
            name,
            self.built.ebm.as_deref().expect("built for the CPU"),
            concat!("ebm ", env!("CARGO_PKG_VERSION")),
        )
    }
}
