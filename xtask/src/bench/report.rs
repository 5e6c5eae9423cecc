//! The benchmark as Markdown.

use std::fmt::Write as _;
use std::fs;

use super::Bench;

/// The processor, and how many of it.
pub(super) fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let described = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field = |name: &str| {
        let line = described.lines().find(|line| line.starts_with(name));
        line.and_then(|line| line.split_once(':')).map(|(_, value)| value.trim().to_owned())
    };
    let name = field("model name").unwrap_or_else(|| std::env::consts::ARCH.to_owned());
    let flags = field("flags").unwrap_or_default();
    let widest = [("avx512f", ", AVX-512"), ("avx2", ", AVX2")].into_iter().find(|(flag, _)| flags.contains(flag));
    format!("{name}{}, {cores} cores", widest.map_or("", |(_, text)| text))
}

/// The whole report.
pub(super) fn markdown(bench: &Bench) -> String {
    let Bench { machine, rustc, components, threads, rounds, steps, .. } = bench;
    let mut text = format!(
        "# The 1D training step\n\n\
         Losses, gradients and Adam's update of an energy-based model with its proposal: K = {components}, batch 32,\n\
         M = 1024, threads: {threads}. `cargo xtask bench` ran the programs by turns, {rounds} of {steps} steps each;\n\
         a time is the median over turns of the median step, a ratio the median over turns of the time against ours.\n\n\
         {machine}; {rustc}.\n\n\
         | program | ms | times ours | version |\n|---|---:|---:|---|\n"
    );
    for row in &bench.rows {
        writeln!(text, "| {} | {:.2} | {:.1} | {} |", row.name, row.median_ms, row.ratio, row.version)
            .expect("a string takes everything");
    }
    text += "\n`bench/peers/` has the PyTorch programs: the step as the paper's authors released it (concatenated head,\n\
             densities as sums of exponentials), and the fastest that we could make (factored head, log space,\n\
             `torch.compile`, fused Adam). All but the former have the allocator's thresholds that `ebm` sets.\n";
    text
}
