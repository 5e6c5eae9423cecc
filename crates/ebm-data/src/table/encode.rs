//! Rows as the numbers that a network reads.

use super::bound::InputValue;
use super::schema::{Kind, Schema, Statistics};
use super::tally::{Tally, count};

/// Standardised inputs are clamped to this many standard deviations: of a million rows none is beyond, but for outliers,
/// and the network learns nothing of the others from larger numbers.
const FARTHEST: f64 = 1e3;

/// What is unusual about a row; indices are those of features.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Flags {
    /// Numbers and dates outside the range of the training rows.
    pub out_of_range: Vec<usize>,
    /// Categories that are not encoded.
    pub unknown: Vec<usize>,
    /// Missing inputs that were imputed.
    pub imputed: Vec<usize>,
}

/// Appends the numbers of a row to `inputs`, and counts what is unusual about it.
///
/// - A number, date or boolean: `(value − mean) / sd`, clamped to ±1000; the median where it is missing.
/// - A category: one-hot; all zeros where it is missing or not encoded.
pub(super) fn encode(schema: &Schema, values: &[InputValue], inputs: &mut Vec<f32>, tally: &mut Tally) -> Flags {
    let mut flags = Flags::default();
    for (index, (feature, value)) in schema.features.iter().zip(values).enumerate() {
        if *value == InputValue::Missing {
            flags.imputed.push(index);
            count(&mut tally.imputed, &feature.name);
        }
        match &feature.kind {
            Kind::Numeric(statistics) | Kind::Boolean(statistics) | Kind::Date(statistics) => {
                let value = if let InputValue::Number(value) = *value { value } else { statistics.median };
                if !(statistics.min..=statistics.max).contains(&value) {
                    flags.out_of_range.push(index);
                    count(&mut tally.out_of_range, &feature.name);
                }
                inputs.push(standardised(statistics, value));
            }
            Kind::Categorical(levels) => {
                let start = inputs.len();
                inputs.resize(start + levels.names.len(), 0.0);
                match *value {
                    InputValue::Level(level) => inputs[start + level] = 1.0,
                    InputValue::Unknown => {
                        flags.unknown.push(index);
                        count(&mut tally.unknown, &feature.name);
                    }
                    InputValue::Number(_) | InputValue::Missing => {}
                }
            }
        }
    }
    flags
}

fn standardised(statistics: &Statistics, value: f64) -> f32 {
    statistics.standardise(value).clamp(-FARTHEST, FARTHEST) as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::schema::{Feature, Levels};

    fn schema() -> Schema {
        let numeric = Kind::Numeric(Statistics { mean: 10.0, sd: 2.0, min: 6.0, max: 14.0, median: 9.0 });
        let levels = Kind::Categorical(Levels { names: vec!["a".into(), "b".into()], others: 0 });
        let feature = |name: &str, kind| Feature { name: name.into(), kind };
        let features = vec![feature("n", numeric), feature("c", levels)];
        Schema { features, targets: Vec::new(), left_out: Vec::new() }
    }

    fn encoded(values: [InputValue; 2]) -> (Vec<f32>, Flags) {
        let mut inputs = Vec::new();
        let flags = encode(&schema(), &values, &mut inputs, &mut Tally::default());
        (inputs, flags)
    }

    #[test]
    fn numbers_are_standardised_and_categories_are_one_among_zeros() {
        assert_eq!(encoded([InputValue::Number(12.0), InputValue::Level(1)]), (vec![1.0, 0.0, 1.0], Flags::default()));
    }

    #[test]
    fn what_was_not_trained_on_is_flagged() {
        let (inputs, flags) = encoded([InputValue::Number(14.5), InputValue::Unknown]);
        assert_eq!(inputs, [2.25, 0.0, 0.0]);
        assert_eq!((flags.out_of_range, flags.unknown, flags.imputed), (vec![0], vec![1], vec![]));
    }

    #[test]
    fn what_is_missing_becomes_the_median_or_no_category() {
        let (inputs, flags) = encoded([InputValue::Missing, InputValue::Missing]);
        assert_eq!(inputs, [-0.5, 0.0, 0.0]);
        assert_eq!((flags.out_of_range, flags.unknown, flags.imputed), (vec![], vec![], vec![0, 1]));
    }

    #[test]
    fn no_number_is_too_far_away_for_a_network() {
        for value in [1e99, -1e99] {
            let (inputs, flags) = encoded([InputValue::Number(value), InputValue::Level(0)]);
            assert_eq!(f64::from(inputs[0].abs()), FARTHEST);
            assert_eq!(flags.out_of_range, [0]);
        }
    }
}
