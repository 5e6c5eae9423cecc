//! What is measured, as it is kept in JSON.

use serde::Serialize;

use super::benchmark::Unit;
use super::program::{Program, Turn};

/// All results, with what they were measured on.
#[derive(Debug, Serialize)]
pub(super) struct Bench {
    pub schema: &'static str,
    pub machine: String,
    pub device: String,
    pub rustc: String,
    /// Source revision, marked `-dirty` if files were changed since.
    pub revision: String,
    pub rounds: usize,
    /// Versions of the programs, without repetitions.
    pub versions: Vec<String>,
    /// Size of the program `ebm`, on the CPU.
    pub binary_bytes: Option<u64>,
    pub works: Vec<Done>,
}

/// A benchmark with the results of its programs.
#[derive(Debug, Serialize)]
pub(super) struct Done {
    pub name: &'static str,
    pub title: String,
    pub unit: Unit,
    pub note: &'static str,
    pub rows: Vec<Row>,
}

/// The results of one program.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    pub name: String,
    pub version: String,
    /// Median of the turns.
    pub median: f64,
    /// Value of each turn.
    pub values: Vec<f64>,
    /// Median over the turns of its time divided by the first program's in the same turn: the first is so many times
    /// faster.
    pub ratio: f64,
    /// Largest resident memory of a process over all turns, in 10⁶ bytes.
    pub peak_mb: f64,
}

impl Row {
    pub(super) fn of(program: &Program, own: &[Turn], first: &[Turn], unit: Unit) -> Self {
        let values: Vec<f64> = own.iter().map(|turn| unit.of(turn.milliseconds)).collect();
        let ratios = own.iter().zip(first).map(|(own, first)| own.milliseconds / first.milliseconds);
        Self {
            name: program.name.clone(),
            version: own[0].version.clone(),
            median: median(&values),
            values,
            ratio: median(&ratios.collect::<Vec<_>>()),
            peak_mb: own.iter().map(|turn| turn.peak_bytes).max().unwrap_or_default() as f64 * 1e-6,
        }
    }
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len().is_multiple_of(2) { f64::midpoint(sorted[middle - 1], sorted[middle]) } else { sorted[middle] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_has_as_many_numbers_below_as_above() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
    }
}
