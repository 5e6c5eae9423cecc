//! What the columns of a table are, and how they become numbers.

use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::fmt;

/// The columns that a model reads and predicts: saved with the model, and matched by name ever after.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Schema {
    /// The inputs, in the order in which they are encoded.
    pub features: Vec<Feature>,
    /// What is predicted, in the order of the target's dimensions.
    pub targets: Vec<Target>,
    /// The columns that are there and are no inputs, and why. None of them needs to be there when predicting.
    pub left_out: Vec<LeftOut>,
}

/// An input column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Feature {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
}

/// What an input column holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Numbers.
    Numeric(Statistics),
    /// `true` and `false`, encoded as 1 and 0 and then as numbers are.
    Boolean(Statistics),
    /// Dates, or instants, encoded as days since 1970-01-01 and then as numbers are.
    Date(Statistics),
    /// A few words, each encoded as a number that is 1 for this word and 0 otherwise.
    Categorical(Levels),
}

/// Of the values of a column that are not missing, in the rows trained on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statistics {
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation, divided by n.
    pub sd: f64,
    /// The smallest.
    pub min: f64,
    /// The largest.
    pub max: f64,
    /// Their median; of evenly spread rows where there are many. It stands for missing values.
    pub median: f64,
}

/// The words of a categorical column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Levels {
    /// The encoded ones, the most frequent first. All others are encoded as zeros.
    pub names: Vec<String>,
    /// How many others there were.
    pub others: usize,
}

/// A column that is predicted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// Its name.
    pub name: String,
    /// How its cells are read.
    pub kind: TargetKind,
    /// Of the rows trained on, in its own unit.
    pub statistics: Statistics,
    /// Whether every value is whole.
    pub whole: bool,
}

/// What a target column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetKind {
    /// Numbers.
    Numeric,
    /// `true` and `false`, as 1 and 0.
    Boolean,
    /// Dates, or instants, as days since 1970-01-01.
    Date,
}

/// A column that is not an input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeftOut {
    /// Its name.
    pub name: String,
    /// Why it is left out.
    pub why: Why,
}

/// Why a column is not an input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Why {
    /// It was not asked for.
    NotAsked,
    /// It has one value only.
    Constant {
        /// That value.
        value: String,
    },
    /// Every cell is missing.
    Empty,
    /// Texts of which hardly two are the same, or too many different ones: names, identifiers, sentences.
    Text {
        /// How many different ones there are; at least, where they were too many to count.
        levels: usize,
    },
    /// It counts the rows and has no name, as files have that were written with an index.
    RowNumbers,
    /// Nested or binary values.
    Unsupported,
}

impl Schema {
    /// Numbers in an encoded row.
    #[must_use]
    pub fn input_width(&self) -> usize {
        self.features.iter().map(|feature| feature.kind.width()).sum()
    }

    /// Dimensions of the target, D.
    #[must_use]
    pub fn target_width(&self) -> usize {
        self.targets.len()
    }

    /// A name for each number of an encoded row: the column's, or `column=level`.
    #[must_use]
    pub fn input_names(&self) -> Vec<String> {
        let names = self.features.iter().flat_map(|Feature { name, kind }| match kind {
            Kind::Categorical(levels) => levels.names.iter().map(|level| format!("{name}={level}")).collect(),
            _ => vec![name.clone()],
        });
        names.collect()
    }
}

impl Kind {
    /// How many numbers encode it.
    #[must_use]
    pub fn width(&self) -> usize {
        if let Self::Categorical(levels) = self { levels.names.len() } else { 1 }
    }

    /// Of its numbers, if it is encoded as one.
    #[must_use]
    pub fn statistics(&self) -> Option<&Statistics> {
        match self {
            Self::Numeric(statistics) | Self::Boolean(statistics) | Self::Date(statistics) => Some(statistics),
            Self::Categorical(_) => None,
        }
    }

    /// Its name in messages.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Numeric(_) => "numeric",
            Self::Boolean(_) => "boolean",
            Self::Date(_) => "date",
            Self::Categorical(_) => "categorical",
        }
    }
}

impl Statistics {
    /// Those of a column that was not measured yet: they change nothing.
    pub(super) const NONE: Self = Self { mean: 0.0, sd: 1.0, min: 0.0, max: 0.0, median: 0.0 };

    /// `(value − mean) / sd`; a column that never changes is not scaled.
    #[must_use]
    pub fn standardise(&self, value: f64) -> f64 {
        (value - self.mean) / if self.sd > 0.0 { self.sd } else { 1.0 }
    }

    fn are_sound(&self) -> bool {
        let finite = [self.mean, self.sd, self.min, self.max, self.median].iter().all(|value| value.is_finite());
        finite && self.sd >= 0.0 && self.min <= self.max
    }
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "column {:?} is left out: {}", self.name, self.why)
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAsked => f.write_str("it was not asked for"),
            Self::Constant { value } => write!(f, "every value is {value:?}"),
            Self::Empty => f.write_str("every cell is empty"),
            Self::Text { levels } => write!(f, "{levels} different texts or more are too many for categories"),
            Self::RowNumbers => f.write_str("it has no name and counts the rows"),
            Self::Unsupported => f.write_str("its values are nested or binary"),
        }
    }
}

/// A schema as it comes from a file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unchecked {
    features: Vec<Feature>,
    targets: Vec<Target>,
    left_out: Vec<LeftOut>,
}

impl TryFrom<Unchecked> for Schema {
    type Error = &'static str;

    fn try_from(found: Unchecked) -> Result<Self, Self::Error> {
        let Unchecked { features, targets, left_out } = found;
        if features.is_empty() || targets.is_empty() {
            return Err("a schema has features and targets");
        }
        let mut seen = HashSet::new();
        let names = features.iter().map(|feature| &feature.name).chain(targets.iter().map(|target| &target.name));
        if !names.into_iter().all(|name| seen.insert(name.as_str())) {
            return Err("a schema has no column twice");
        }
        let of_features = features.iter().filter_map(|feature| feature.kind.statistics());
        if !of_features.chain(targets.iter().map(|target| &target.statistics)).all(Statistics::are_sound) {
            return Err("statistics are finite, sd is not negative, and min is at most max");
        }
        let levels = features.iter().filter_map(|feature| match &feature.kind {
            Kind::Categorical(levels) => Some(&levels.names),
            _ => None,
        });
        for levels in levels {
            let distinct: HashSet<&String> = levels.iter().collect();
            if levels.is_empty() || distinct.len() < levels.len() {
                return Err("levels are there and different");
            }
        }
        Ok(Self { features, targets, left_out })
    }
}
