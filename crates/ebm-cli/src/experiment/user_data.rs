//! The user's data: what is learned from which file.

use std::path::{Path, PathBuf};

use ebm_core::TargetKind;
use ebm_data::Origin;
use ebm_data::image::SIDE;
use ebm_data::table::{OnMissing, Shares, SplitBy, TableOptions};
use serde::{Deserialize, Serialize};

use super::folds::Fold;

/// The user's examples, and how they are used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserData {
    /// Where they are.
    pub source: Source,
    /// The columns that are predicted.
    pub targets: Vec<String>,
    /// What each of them is.
    pub kinds: Vec<KindChoice>,
    /// The columns they are predicted from; all others unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub features: Option<Vec<String>>,
    /// What is done about missing values.
    #[serde(default)]
    pub on_missing: OnMissing,
    /// Whether labels may be far from all others.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub allow_outliers: bool,
    /// A validation table, instead of a fraction of the examples.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validation: Option<PathBuf>,
    /// What is held out of the examples.
    pub shares: Shares,
    /// Decides which examples are.
    #[serde(default)]
    pub split_seed: u64,
    /// The most rows of a table that are used, in training and of its parts; all unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample_rows: Option<usize>,
    /// The column that says how many rows each row of a table stands for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<String>,
    /// What decides the part of a row of a table.
    #[serde(default = "SplitBy::of_old_records", skip_serializing_if = "SplitBy::is_of_old_records")]
    pub split_by: SplitBy,
    /// For a member of an ensemble, the fold of the training rows that it is chosen on instead of trained.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fold: Option<Fold>,
}

/// What a target is, as it was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KindChoice {
    /// What suits the training labels.
    Auto,
    /// Positive, on the power scale that fits the training labels.
    Power,
    /// This.
    #[serde(untagged)]
    Is(TargetKind),
}

/// Where examples are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Source {
    /// In a table.
    Table {
        /// CSV, TSV or Parquet, or a folder of such files.
        file: PathBuf,
    },
    /// In a folder of images, and a table that names them and their labels.
    Images {
        /// The folder.
        folder: PathBuf,
        /// The table.
        labels: PathBuf,
        /// Whether images that cannot be read are left out.
        #[serde(default)]
        skip_bad: bool,
        /// Pixels along either side of an image once it is read.
        #[serde(default = "usual_side", skip_serializing_if = "is_usual_side")]
        side: usize,
    },
}

/// The side of images unless another is asked for, and of those of earlier releases.
fn usual_side() -> usize {
    SIDE
}

fn is_usual_side(side: &usize) -> bool {
    *side == SIDE
}

impl Source {
    /// Pixels along either side of an image.
    pub fn side(&self) -> usize {
        match self {
            Self::Table { .. } => SIDE,
            Self::Images { side, .. } => *side,
        }
    }

    /// The table; for images, that of their labels.
    pub fn table(&self) -> &Path {
        match self {
            Self::Table { file } => file,
            Self::Images { labels, .. } => labels,
        }
    }

    /// Whether images that cannot be read are left out.
    pub fn skips_bad(&self) -> bool {
        matches!(self, Self::Images { skip_bad: true, .. })
    }

    /// Its name in records and messages.
    pub fn name(&self) -> String {
        match self {
            Self::Table { file } => file.display().to_string(),
            Self::Images { folder, labels, .. } => format!("{} with {}", folder.display(), labels.display()),
        }
    }
}

impl UserData {
    /// The fractions of validation, calibration and test.
    pub const SHARES: Shares = Shares { validation: 0.1, calibration: 0.1, test: 0.1 };

    /// How its table is read.
    pub fn table_options(&self) -> TableOptions {
        TableOptions {
            features: self.features.clone(),
            on_missing: self.on_missing,
            split_by: self.split_by.clone(),
            ..TableOptions::new(self.targets.clone())
        }
    }

    /// Its table, or the sample of it.
    pub fn origin(&self) -> Origin {
        let all = self.weighted(self.source.table());
        match self.sample_rows {
            Some(rows) => all.sampled(rows, self.split_seed),
            None => all,
        }
    }

    /// A table of labels, with its rows as often as they are there.
    pub fn weighted(&self, table: &Path) -> Origin {
        match &self.weight {
            Some(column) => Origin::from(table).weighted(column),
            None => table.into(),
        }
    }

    /// The names of the targets, with commas between them.
    pub fn target_names(&self) -> String {
        self.targets.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_of_an_earlier_release_is_read_and_unknown_ones_are_not() {
        let read = |text: &str| serde_json::from_str::<KindChoice>(text).ok();
        assert_eq!(read("\"real\""), Some(KindChoice::Is(TargetKind::Real)));
        let bounded = TargetKind::Bounded { low: 0.0, high: 1.0 };
        assert_eq!(read("{\"bounded\":{\"low\":0.0,\"high\":1.0}}"), Some(KindChoice::Is(bounded)));
        assert_eq!(read("\"circle\""), None);
        assert_eq!(read("{\"bounded\":{\"low\":0.0,\"highest\":1.0}}"), None);
        for kind in [KindChoice::Auto, KindChoice::Power, KindChoice::Is(bounded)] {
            assert_eq!(read(&serde_json::to_string(&kind).unwrap()), Some(kind));
        }
    }
}
