//! The benchmarks on a GPU: training steps of the paper's 1D networks, of one network and of stacks.

use std::path::Path;

use super::benchmark::{Benchmark, Unit};
use super::build::Built;
use super::program::Program;

/// Number of networks of each stack, by its name for `--only`.
pub(super) const STACKS: [(&str, usize); 5] =
    [("stack-1", 1), ("stack-4", 4), ("stack-20", 20), ("stack-80", 80), ("stack-320", 320)];

/// Every benchmark on `device`. PyTorch trains one network at a time, on CUDA only.
pub(super) fn benchmarks(built: &Built, python: &Path, device: &str) -> Vec<Benchmark> {
    let benchmark = |(name, networks): (&'static str, usize)| {
        let ours = |name: &str, kernels: &str| {
            let program = Program::reporting(name, &built.example("time_step"));
            program.arguments(&format!("{kernels} 4 30 {device} {networks}"))
        };
        let peer = |name: &str, script: &str| {
            let program = Program::reporting(name, python).argument(format!("bench/peers/{script}"));
            program.arguments(&format!("--components 4 --steps 100 --device {device}")).times(networks as f64)
        };
        let mut programs = vec![ours("ours", "fused"), ours("ours, tensor operations", "plain")];
        if device == "cuda" {
            programs.push(peer("PyTorch, as released", "released.py"));
            programs.push(peer("PyTorch, best effort, compiled", "best.py"));
        }
        let title = match networks {
            1 => "1D training step, K = 4, batch 32, M = 1024".to_owned(),
            _ => format!("the same of a stack of {networks} networks"),
        };
        let note = match networks {
            1 => {
                "losses, gradients and Adam's update; of a stack the time is that of all its networks, and PyTorch's \
                  that of one as many times"
            }
            _ => "",
        };
        Benchmark { name, title, unit: Unit::Milliseconds, note, before: Vec::new(), programs }
    };
    STACKS.map(benchmark).into()
}
