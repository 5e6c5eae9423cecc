//! The benchmark as Markdown.

use std::fmt::Write as _;

use super::benchmark::Unit;
use super::results::{Bench, Done};

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
