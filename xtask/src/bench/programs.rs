//! The programs of the benchmarks: ours and their peers.

use std::path::Path;

use super::build::Built;
use super::program::Program;
use crate::binary::root;

/// Steps of a network of a toy task: 2000 examples, batch 32, 75 epochs.
const STEPS: f64 = 63.0 * 75.0;

/// The allocator's thresholds that `ebm` sets when it starts; other programs get them by a variable.
const MALLOC: &str =
    "glibc.malloc.mmap_threshold=1073741824:glibc.malloc.trim_threshold=536870912:glibc.malloc.top_pad=16777216";

/// Makes programs.
pub(super) struct Programs<'a> {
    pub built: &'a Built,
    pub python: &'a Path,
    /// An earlier `ebm`.
    pub before: Option<&'a Path>,
    pub scratch: &'a Path,
    pub cores: usize,
}

const EARLIER: &str = "an earlier `ebm`";

impl Programs<'_> {
    /// One of our examples that times something.
    fn example(&self, name: &str, example: &str, arguments: &str, threads: usize) -> Program {
        let program = Program::reporting(name, &self.built.example(example)).arguments(arguments);
        program.variable("RAYON_NUM_THREADS", threads).variable("GLIBC_TUNABLES", MALLOC)
    }

    /// A script of `bench/peers`, with the allocator's defaults.
    fn peer(&self, name: &str, script: &str, arguments: &str, threads: usize) -> Program {
        let program = Program::reporting(name, self.python).argument(format!("bench/peers/{script}"));
        let program = program.arguments(arguments).arguments(&format!("--threads {threads}"));
        program.variable("OMP_NUM_THREADS", threads).variable("PYTHONDONTWRITEBYTECODE", 1)
    }

    /// The same with the allocator's thresholds of `ebm`.
    fn tuned(&self, name: &str, script: &str, arguments: &str, threads: usize) -> Program {
        self.peer(name, script, arguments, threads).variable("GLIBC_TUNABLES", MALLOC)
    }

    pub(super) fn step_1d(&self) -> Vec<Program> {
        let arguments = "--components 4 --steps 150";
        vec![
            self.example("ours", "time_step", "fused 4 2000", 1),
            self.example("ours, tensor operations", "time_step", "plain 4 150", 1),
            self.peer("PyTorch, as released", "released.py", arguments, 1),
            self.tuned("PyTorch, best effort", "best.py", arguments, 1),
        ]
    }

    pub(super) fn network_1d(&self) -> Vec<Program> {
        let arguments = "--components 4 --steps 150";
        vec![
            self.train_1d("network", 75),
            self.peer("PyTorch, as released", "released.py", arguments, 1).times(STEPS),
            self.tuned("PyTorch, best effort", "best.py", arguments, 1).times(STEPS),
        ]
    }

    /// The page of `cargo xtask web` in Chromium.
    pub(super) fn page_1d(&self) -> Program {
        Program::reporting("the page", &root().join(".ci/browser")).argument("time")
    }

    pub(super) fn networks(&self) -> Vec<Program> {
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

    pub(super) fn image(&self, work: &str, steps: usize) -> Vec<Program> {
        let peer = format!("--work {work} --steps {steps}");
        vec![
            self.example("ours", "time_image", &format!("{work} {steps}"), self.cores),
            self.peer("PyTorch, as released", "image_released.py", &peer, self.cores),
            self.tuned("PyTorch, best effort", "image_best.py", &peer, self.cores),
        ]
    }

    pub(super) fn nll(&self, work: &str) -> Vec<Program> {
        vec![
            self.example("ours", "time_eval", &format!("{work} 5"), self.cores),
            self.tuned("PyTorch, as released", "nll.py", &format!("--work {work} --form released"), self.cores),
            self.tuned("PyTorch, best effort", "nll.py", &format!("--work {work} --form best"), self.cores),
        ]
    }

    pub(super) fn predict(&self) -> Vec<Program> {
        vec![
            self.example("ours", "time_eval", "predict 20", 1),
            self.tuned("PyTorch, best effort", "predict.py", "", 1),
        ]
    }

    pub(super) fn help(&self) -> Vec<Program> {
        vec![
            self.ebm("ours").arguments("--help"),
            Program::timed("PyTorch", self.python, "PyTorch").argument("-c").argument("import torch"),
        ]
    }

    pub(super) fn train_1d(&self, run: &str, epochs: usize) -> Program {
        let program = self.ebm("ours").arguments("train --preset toy_1/ours_k4 --seed 0 --threads 1 --quiet --force");
        program.arguments(&format!("--epochs {epochs} --out")).argument(self.scratch.join(run))
    }

    pub(super) fn train_images(&self) -> Program {
        let program = self.ebm("ours").arguments("train --preset steering/ours_k4 --seed 0 --examples 64 --epochs 1");
        program.arguments("--quiet --force --out").argument(self.scratch.join("images"))
    }

    pub(super) fn evaluate_1d(&self, run: &str) -> Program {
        self.ebm("ours").arguments("evaluate --threads 1 --quiet").argument(self.scratch.join(run))
    }

    /// Writes a table of made-up numbers.
    pub(super) fn table(&self, file: &str, rows: usize) -> Program {
        let program = Program::timed("table", &self.built.example("read_table"), "").argument("make");
        program.argument(self.scratch.join(file)).argument(rows.to_string())
    }

    /// Trains one network on a table, with these further options.
    pub(super) fn train_table(&self, file: &str, run: &str, options: &str) -> Program {
        self.train_table_by(self.ebm("ours"), file, run, options)
    }

    /// The same by the earlier program, if there is one: a later one reads its runs, not the other way round.
    pub(super) fn train_table_for_all(&self, file: &str, run: &str, options: &str) -> Program {
        let program = self.before.map_or_else(|| self.ebm("ours"), |ebm| Program::timed(EARLIER, ebm, EARLIER));
        self.train_table_by(program, file, run, options)
    }

    fn train_table_by(&self, program: Program, file: &str, run: &str, options: &str) -> Program {
        let program = program.argument("train").argument(self.scratch.join(file));
        let program =
            program.arguments("--target y --target-kind real --members 1 --epochs 1 --seed 0 --quiet --force");
        program.arguments(options).argument("--out").argument(self.scratch.join(run))
    }

    /// All columns, each group of them, and all by an earlier program.
    pub(super) fn predict_table(&self, run: &str, file: &str, own: &[&str]) -> Vec<Program> {
        let predict = |program: Program, options: &str| {
            let program =
                program.argument("predict").argument(self.scratch.join(run)).argument(self.scratch.join(file));
            let program = program.arguments(options).arguments("--quiet --force --out");
            program.argument(self.scratch.join("answers.csv"))
        };
        let before = |ebm: &Path| predict(Program::timed("an earlier `ebm`, all columns", ebm, EARLIER), "");
        let groups = ["distance", "mean,sd", "median,quantiles", "mode", "lower,upper,set"];
        let some = groups.iter().chain(own).map(|columns| {
            let options = format!("--columns {columns}");
            predict(self.ebm(&format!("ours, `{options}`")), &options)
        });
        let all = predict(self.ebm("ours, all columns"), "");
        std::iter::once(all).chain(some).chain(self.before.map(before)).collect()
    }

    /// `ebm`, timed from start to end.
    fn ebm(&self, name: &str) -> Program {
        Program::timed(
            name,
            self.built.ebm.as_deref().expect("built for the CPU"),
            concat!("ebm ", env!("CARGO_PKG_VERSION")),
        )
    }
}
