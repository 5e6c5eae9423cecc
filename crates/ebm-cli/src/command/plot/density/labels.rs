//! Heading and axes of a plot of a density.

use crate::figure::Axis;
use crate::run::record::Record;

/// Cells of a heat map along either axis.
pub(super) const CELLS: usize = 300;

/// The heading of a plot.
pub(super) fn heading(record: &Record) -> String {
    format!("{}: p(y|x), seed {}", record.data.source, record.seed)
}

/// An axis around all values of a column.
pub(super) fn around(label: &str, data: &[[f32; 2]], column: usize) -> Axis {
    let values = data.iter().map(|point| point[column]);
    let (low, high) = values.fold((f32::MAX, f32::MIN), |(low, high), value| (low.min(value), high.max(value)));
    let margin = if high > low { 0.05 * (high - low) } else { 1.0 };
    Axis { label: label.to_owned(), range: (low - margin, high + margin), cells: CELLS }
}
