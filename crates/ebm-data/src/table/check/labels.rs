//! The labels of a target: their moments, what suits them, and one that is far from all others.

use super::target::TargetReport;
use crate::table::schema::TargetColumn;
use ebm_core::{Suits, Target, TargetKind};

/// Labels that the kind of a target is told from, at most.
const LABELS_KEPT: usize = 1 << 21;

/// Moments of a target. Pébay's updates keep their precision where the mean is large.
#[derive(Debug, Clone)]
pub(super) struct Labels {
    rows: usize,
    mean: f64,
    squares: f64,
    cubes: f64,
    /// The smallest and the largest, and how many rows have it.
    ends: [(f64, usize); 2],
    whole: bool,
    labels: Vec<f64>,
    /// Their rows in the file.
    places: Vec<u64>,
    /// The row of a label that training refuses, the label, and its distance from the median in quartile ranges.
    outlier: Option<(u64, f64, f64)>,
    /// What suits the labels, once they are all there.
    suits: Option<(TargetKind, Suits)>,
    /// A held-out label that this kind excludes.
    pub(super) excluded: bool,
}

impl Default for Labels {
    fn default() -> Self {
        let ends = [(f64::INFINITY, 0), (f64::NEG_INFINITY, 0)];
        Self {
            rows: 0,
            mean: 0.0,
            squares: 0.0,
            cubes: 0.0,
            ends,
            whole: true,
            labels: Vec::new(),
            places: Vec::new(),
            outlier: None,
            suits: None,
            excluded: false,
        }
    }
}

impl Labels {
    pub(super) fn add(&mut self, y: f64, place: u64) {
        let n = (self.rows + 1) as f64;
        let step = y - self.mean;
        let part = step / n;
        let square = step * part * self.rows as f64;
        self.cubes += square * part * (n - 2.0) - 3.0 * part * self.squares;
        self.squares += square;
        self.mean += part;
        self.rows += 1;
        self.whole &= y.fract() == 0.0;
        if self.labels.len() < LABELS_KEPT {
            self.labels.push(y);
            self.places.push(place);
        }
        for (end, beyond) in self.ends.iter_mut().zip([f64::lt, f64::gt]) {
            if beyond(&y, &end.0) {
                *end = (y, 1);
            } else if y == end.0 {
                end.1 += 1;
            }
        }
    }

    /// All labels of the training file are there.
    pub(super) fn finish(&mut self) {
        let (labels, places) = (std::mem::take(&mut self.labels), std::mem::take(&mut self.places));
        let (kind, why) = TargetKind::suited(&labels);
        self.suits = Some((kind, why));
        let outlier = Target::fit(kind, &labels).ok().and_then(|target| target.outlier(&labels));
        self.outlier = outlier.map(|(index, far)| (places[index], labels[index], far));
    }

    /// A label of another file, which the model will be chosen by.
    pub(super) fn hold_out(&mut self, y: f64) {
        self.excluded |= self.suits.is_some_and(|(kind, _)| !kind.contains(y));
    }

    /// Why training refuses a label of the target `name`.
    pub(super) fn problem(&self, name: &str) -> Option<String> {
        let (place, label, far) = self.outlier?;
        Some(format!("line {place}: the label {name} = {label} is {far:.0} quartile ranges from the median"))
    }

    pub(super) fn report(&self, target: &TargetColumn) -> TargetReport {
        let n = self.rows.max(1) as f64;
        let sd = (self.squares / n).sqrt();
        let [(min, at_min), (max, at_max)] = match self.rows {
            0 => [(0.0, 0); 2],
            _ => self.ends,
        };
        // Three roots of the variance, one by one, so that nothing overflows.
        let skewness = if sd > 0.0 { self.cubes / n / sd / sd / sd } else { 0.0 };
        let (kind, why) = self.suits.filter(|_| !self.excluded).unwrap_or((TargetKind::Real, Suits::Continuous));
        let mut report = TargetReport {
            name: target.name.clone(),
            rows: self.rows,
            mean: self.mean,
            sd,
            skewness,
            min,
            max,
            at_min: at_min as f64 / n,
            at_max: at_max as f64 / n,
            whole: self.whole,
            auto_kind: kind.name(),
            auto_finding: why.finding(),
            suggestions: Vec::new(),
        };
        report.suggestions = report.suggest();
        report
    }
}
