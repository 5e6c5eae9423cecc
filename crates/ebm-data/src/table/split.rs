//! Training, validation, calibration and test parts of a table.

use crate::error::TableError;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A part of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// For fitting the parameters.
    Train,
    /// For choosing between fits, and stopping them.
    Validation,
    /// For calibrating the intervals of a fitted model.
    Calibration,
    /// For reporting.
    Test,
}

/// The held-out fractions; the rest is for training.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Shares {
    /// Validation.
    pub validation: f64,
    /// Calibration.
    pub calibration: f64,
    /// Test.
    pub test: f64,
}

/// What decides the part of a row.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SplitBy {
    /// The rank of a hash of the row: of all columns of the file but the targets, and of the order of the targets among
    /// rows that are otherwise equal. Neither the features that are used nor the unit of a target change it.
    #[default]
    Rows,
    /// The rank of a hash of this column: rows with one value stay in one part.
    Group(String),
    /// The order of this column, of numbers or dates: the latest rows are the test part; those before them calibrate,
    /// and then validate. Rows of one time stay in one part.
    Time(String),
    /// This column, which holds the names of the parts.
    Column(String),
    /// A hash of the columns that are used, for each row by itself: the rule of release 0.1.0.
    UsedColumns,
}

/// How a table was split: with the same file it gives the same parts again. Saved beside a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Split {
    /// What decides the part of a row.
    #[serde(default = "SplitBy::of_old_records", skip_serializing_if = "SplitBy::is_of_old_records")]
    pub by: SplitBy,
    /// Seeds the hash.
    pub seed: u64,
    /// The fractions that were asked for.
    pub shares: Shares,
    /// Rows of each part.
    pub rows: PartRows,
}

/// Rows of each part.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartRows {
    /// Training.
    pub train: usize,
    /// Validation.
    pub validation: usize,
    /// Calibration.
    pub calibration: usize,
    /// Test.
    pub test: usize,
}

impl Part {
    /// All of them, in the order of [`PartRows`].
    pub const ALL: [Self; 4] = [Self::Train, Self::Validation, Self::Calibration, Self::Test];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Validation => "validation",
            Self::Calibration => "calibration",
            Self::Test => "test",
        }
    }
}

impl SplitBy {
    /// The rule of records that do not name one.
    #[must_use]
    pub fn of_old_records() -> Self {
        Self::UsedColumns
    }

    /// Whether it is the rule of records that do not name one.
    #[must_use]
    pub fn is_of_old_records(&self) -> bool {
        *self == Self::of_old_records()
    }

    /// The column that decides, if one does.
    #[must_use]
    pub fn column(&self) -> Option<&str> {
        match self {
            Self::Group(column) | Self::Time(column) | Self::Column(column) => Some(column),
            Self::Rows | Self::UsedColumns => None,
        }
    }
}

impl Split {
    /// All rows are trained on.
    pub(super) fn none() -> Self {
        Self { by: SplitBy::Rows, seed: 0, shares: Shares::NONE, rows: PartRows::default() }
    }
}

impl Shares {
    /// Nothing is held out.
    pub const NONE: Self = Self { validation: 0.0, calibration: 0.0, test: 0.0 };

    /// Checks that they are fractions.
    ///
    /// # Errors
    /// [`TableError::Shares`] when one is not in `0..=1` or nothing is left to train on.
    pub fn check(&self) -> Result<(), TableError> {
        let shares = self.held_out();
        let sound = shares.iter().all(|share| (0.0..=1.0).contains(share)) && shares.iter().sum::<f64>() < 1.0;
        if sound { Ok(()) } else { Err(TableError::Shares { shares }) }
    }

    /// The fraction of a part.
    #[must_use]
    pub fn of(&self, part: Part) -> f64 {
        match part {
            Part::Train => 1.0 - self.held_out().iter().sum::<f64>(),
            Part::Validation => self.validation,
            Part::Calibration => self.calibration,
            Part::Test => self.test,
        }
    }

    fn held_out(&self) -> [f64; 3] {
        [self.validation, self.calibration, self.test]
    }

    /// The part of a row under [`SplitBy::UsedColumns`]: a function of the seed and of what the row holds, so that equal
    /// rows are in one part, whatever else is in the file, in any order.
    pub(super) fn part(&self, seed: u64, content: &[u8; 16]) -> Part {
        if *self == Self::NONE {
            return Part::Train;
        }
        let digest = Sha256::new().chain_update(seed.to_le_bytes()).chain_update(content).finalize();
        let mut word = [0; 8];
        word.copy_from_slice(&digest[..8]);
        // The upper 53 bits are a number in [0, 1) without rounding.
        let unit = (u64::from_le_bytes(word) >> 11) as f64 / (1_u64 << 53) as f64;
        let mut upper = 0.0;
        for part in [Part::Validation, Part::Calibration, Part::Test] {
            upper += self.of(part);
            if unit < upper {
                return part;
            }
        }
        Part::Train
    }
}

impl PartRows {
    /// The rows of a part.
    #[must_use]
    pub fn of(mut self, part: Part) -> usize {
        *self.of_mut(part)
    }

    pub(super) fn of_mut(&mut self, part: Part) -> &mut usize {
        match part {
            Part::Train => &mut self.train,
            Part::Validation => &mut self.validation,
            Part::Calibration => &mut self.calibration,
            Part::Test => &mut self.test,
        }
    }
}
