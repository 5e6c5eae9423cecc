//! What the splits of one row of the table say together.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::kept::Outcome;
use crate::mean::mean_and_error;

/// A row of the table: one method on one set.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Summary {
    pub set: String,
    pub row: String,
    /// Name shown.
    pub label: String,
    pub is_peer: bool,
    /// Arguments of `ebm train`; empty for peers.
    pub arguments: String,
    /// What made the results: a program and its revision, or packages.
    pub versions: Vec<String>,
    pub splits_of_set: usize,
    pub splits_done: usize,
    pub splits_failed: usize,
    /// Splits of the set that were not run.
    pub splits_missing: Vec<usize>,
    /// Mean over the splits that are done, by metric; `seconds` is of the processor, to train.
    pub means: BTreeMap<String, Mean>,
    /// The split with the highest NLL.
    pub worst: Option<Worst>,
    pub splits: Vec<Split>,
}

/// A mean over splits.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Mean {
    pub mean: f64,
    /// Standard error; unknown from one split.
    pub error: Option<f64>,
    pub splits: usize,
}

/// The split with the highest NLL.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Worst {
    pub split: usize,
    pub nll: f64,
}

/// One split.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Split {
    pub split: usize,
    pub outcome: Outcome,
}

impl Summary {
    /// Of the splits that are there, of a set with `splits_of_set`.
    pub fn of(set: &str, row: &str, label: &str, splits_of_set: usize, mut splits: Vec<Split>) -> Self {
        splits.sort_by_key(|split| split.split);
        let mut values: BTreeMap<String, Vec<f64>> = BTreeMap::new();
        let mut worst: Option<Worst> = None;
        let mut done = 0;
        for Split { split, outcome } in &splits {
            let Outcome::Done(measured) = outcome else { continue };
            done += 1;
            let seconds = std::iter::once(("seconds", measured.seconds));
            for (key, value) in measured.metrics.iter().map(|(key, value)| (key.as_str(), *value)).chain(seconds) {
                values.entry(key.to_owned()).or_default().push(value);
            }
            if let Some(&nll) = measured.metrics.get("nll").filter(|nll| worst.is_none_or(|worst| worst.nll < **nll)) {
                worst = Some(Worst { split: *split, nll });
            }
        }
        let mean = |values: &Vec<f64>| {
            let [mean, error] = mean_and_error(values);
            Mean { mean, error: (values.len() > 1).then_some(error), splits: values.len() }
        };
        Self {
            set: set.to_owned(),
            row: row.to_owned(),
            label: label.to_owned(),
            is_peer: false,
            arguments: String::new(),
            versions: Vec::new(),
            splits_of_set,
            splits_done: done,
            splits_failed: splits.len() - done,
            splits_missing: (0..splits_of_set).filter(|split| splits.iter().all(|own| own.split != *split)).collect(),
            means: values.iter().map(|(key, values)| (key.clone(), mean(values))).collect(),
            worst,
            splits,
        }
    }

    /// The failed splits with their reasons.
    pub fn failures(&self) -> impl Iterator<Item = (usize, &str)> {
        self.splits.iter().filter_map(|Split { split, outcome }| match outcome {
            Outcome::Failed(reason) => Some((*split, reason.as_str())),
            Outcome::Done(_) => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::kept::Measured;
    use super::*;

    #[test]
    fn failed_and_missing_splits_are_counted_and_no_part_of_a_mean() {
        let done = |split, nll| {
            let metrics = BTreeMap::from([("nll".to_owned(), nll)]);
            Split { split, outcome: Outcome::Done(Measured { metrics, seconds: 2.0, ..Measured::default() }) }
        };
        let failed = Split { split: 1, outcome: Outcome::Failed("diverged".to_owned()) };
        let summary = Summary::of("yacht", "default", "", 5, vec![done(3, 4.0), failed, done(0, 2.0)]);
        assert_eq!((summary.splits_done, summary.splits_failed, summary.splits_of_set), (2, 1, 5));
        assert_eq!(summary.splits_missing, [2, 4]);
        assert_eq!(summary.means["nll"], Mean { mean: 3.0, error: Some(1.0), splits: 2 });
        assert_eq!(summary.means["seconds"].mean, 2.0);
        assert_eq!(summary.worst, Some(Worst { split: 3, nll: 4.0 }));
        assert_eq!(summary.failures().collect::<Vec<_>>(), [(1, "diverged")]);
        assert_eq!(Summary::of("yacht", "default", "", 5, vec![done(0, 2.0)]).means["nll"].error, None);
    }
}
