//! What is measured on a GPU: steps of the paper's 1D networks, one network and stacks of many.

use std::path::Path;

use super::build::Built;
use super::program::Program;
use super::work::{Unit, Work};

/// How many networks a stack has, under the name to ask for it.
pub(super) const STACKS: [(&str, usize); 5] =
    [("stack-1", 1), ("stack-4", 4), ("stack-20", 20), ("stack-80", 80), ("stack-320", 320)];

/// Every work on `device`. PyTorch has one network at a time, and CUDA.
pub(super) fn works(built: &Built, python: &Path, device: &str) -> Vec<Work> {
    let work = |(name, networks): (&'static str, usize)| {
        let ours = |name: &str, kernels: &str| {
            let program = Program::that_says(name, &built.example("time_step"));
            program.arguments(&format!("{kernels} 4 30 {device} {networks}"))
        };
        let peer = |name: &str, script: &str| {
            let program = Program::that_says(name, python).argument(format!("bench/peers/{script}"));
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
        Work { name, title, unit: Unit::Milliseconds, note, before: Vec::new(), programs }
    };
    STACKS.map(work).into()
}
