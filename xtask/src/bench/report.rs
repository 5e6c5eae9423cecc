//! The benchmark as Markdown.

use std::fmt::Write as _;
use std::fs;

use super::benchmark::Unit;
use super::results::{Bench, Done};

/// The processor and its number of cores.
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
    let Bench { machine, device, rustc, revision, rounds, versions, binary_bytes, works, .. } = bench;
    let asked = if device == "cpu" { String::new() } else { format!(" --device {device}") };
    let binary =
        binary_bytes.map_or_else(String::new, |bytes| format!("- the program `ebm`: {:.1} MB\n", bytes as f64 * 1e-6));
    let mut text = format!(
        "# Benchmark\n\n\
         `cargo xtask bench{asked}`, revision {revision}: the programs of a benchmark took turns, {rounds} each. A number is the \
         median\nover the turns, *ours is faster* the median over the turns of the time against ours in the same turn; \
         memory is the\nmost that a process held. `bench/peers/` has the PyTorch programs: the algorithm as the \
         paper's authors released it,\nwritten anew (concatenated head, densities as sums of exponentials), and the \
         fastest that we could make.\n\n\
         - {machine}; {rustc}\n- {}\n{binary}\n\
         | benchmark | program | median | ours is faster | memory, MB |\n|---|---|---:|---:|---:|\n",
        versions.join("; "),
    );
    for Done { title, unit, rows, .. } in works {
        for (index, row) in rows.iter().enumerate() {
            let title = if index == 0 { title.as_str() } else { "" };
            let ratio = if index == 0 { String::new() } else { format!("{:.1} ×", row.ratio) };
            let value = number(row.median);
            writeln!(text, "| {title} | {} | {value} {} | {ratio} | {:.0} |", row.name, unit.name(), row.peak_mb)
                .expect("a string takes everything");
        }
    }
    text.push('\n');
    for Done { title, note, unit, .. } in works.iter().filter(|done| !done.note.is_empty()) {
        let title = if *unit == Unit::PerMinute { "Networks a minute" } else { title };
        writeln!(text, "- {title}: {note}.").expect("a string takes everything");
    }
    text
}

/// Three significant digits.
fn number(value: f64) -> String {
    let decimals = (2.0 - value.abs().log10().floor()).clamp(0.0, 4.0) as usize;
    format!("{value:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_three_significant_digits() {
        for (value, text) in [(0.41234, "0.412"), (12.345, "12.3"), (4321.5, "4322"), (0.00123, "0.0012")] {
            assert_eq!(number(value), text);
        }
    }
}
