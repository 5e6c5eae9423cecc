//! What the columns of a table are, and how they become numbers.

use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::fmt;

/// The columns that a model reads and predicts: saved with the model, and matched by name in every other file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Schema {
    /// The inputs, in the order in which they are encoded.
    pub features: Vec<Feature>,
    /// What is predicted, in the order of the target's dimensions.
    pub targets: Vec<TargetColumn>,
    /// The other columns of the training file, and why they are not inputs. Prediction does not need them.
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
    /// `true` and `false`, encoded as 1 and 0 and then as numbers.
    Boolean(Statistics),
    /// Dates, or instants, encoded as days since 1970-01-01 and then as numbers.
    Date(Statistics),
    /// Categories, one-hot encoded.
    Categorical(Levels),
}

/// Statistics of the values of a column that are not missing, in the training rows.
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
    /// Their median, of a subset of evenly spaced rows where there are many. It is imputed for missing values.
    pub median: f64,
}

/// The categories of a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Levels {
    /// The encoded ones, the most frequent first. All others are encoded as zeros.
    pub names: Vec<String>,
    /// How many others the training file has.
    pub others: usize,
}

/// A column that is predicted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetColumn {
    /// Its name.
    pub name: String,
    /// How its cells are read.
    pub kind: TargetType,
    /// Statistics of the training rows, in the unit of the target.
    pub statistics: Statistics,
    /// Whether every value is whole.
    pub whole: bool,
}

/// What a target column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetType {
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
    /// It has only one value.
    Constant {
        /// That value.
        value: String,
    },
    /// Every cell is missing.
    Empty,
    /// Texts that are nearly all distinct, or too many: names, identifiers, sentences.
    Text {
        /// How many distinct ones there are, or a lower bound where there were too many to count.
        levels: usize,
    },
    /// Row numbers in a column without a name, as in files that were written with an index.
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

    /// The statistics of its numbers, if it is encoded as one number.
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
    /// Those of a column that is not measured yet: the identity.
    pub(super) const NONE: Self = Self { mean: 0.0, sd: 1.0, min: 0.0, max: 0.0, median: 0.0 };

    /// `(value − mean) / sd`; a constant column is not scaled.
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
            Self::Text { levels } => write!(f, "{levels} or more distinct texts are too many for categories"),
            Self::RowNumbers => f.write_str("it has no name and holds row numbers"),
            Self::Unsupported => f.write_str("its values are nested or binary"),
        }
    }
}

/// A schema as it comes from a file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unchecked {
    features: Vec<Feature>,
    targets: Vec<TargetColumn>,
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
