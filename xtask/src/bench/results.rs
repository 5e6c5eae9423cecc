//! What is measured, as it is kept in JSON.

use serde::Serialize;

use super::program::{Program, Turn};
use super::work::Unit;

/// Everything there is to tell.
#[derive(Debug, Serialize)]
pub(super) struct Bench {
    pub schema: &'static str,
    pub machine: String,
    pub device: String,
    pub rustc: String,
    /// Of the sources, with a mark where they were changed since.
    pub revision: String,
    pub rounds: usize,
    /// Of the programs, each once.
    pub versions: Vec<String>,
    /// Of the program `ebm`, on the CPU.
    pub binary_bytes: Option<u64>,
    pub works: Vec<Done>,
}

/// A work and what its programs took for it.
#[derive(Debug, Serialize)]
pub(super) struct Done {
    pub name: &'static str,
    pub title: String,
    pub unit: Unit,
    pub note: &'static str,
    pub rows: Vec<Row>,
}

/// A program's part in a work.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    pub name: String,
    pub version: String,
    /// Median of the turns.
    pub median: f64,
    /// Of each turn.
    pub values: Vec<f64>,
    /// Median over the turns of its time over that of the first program in the same turn: so many times as fast is
    /// the first.
    pub ratio: f64,
    /// Most resident memory of a process, over all turns, in 10⁶ bytes.
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
