//! The distinct texts of a column, counted in bounded memory.

use std::collections::HashMap;

/// Longer texts are not categories.
const LONGEST: usize = 200;

/// How often each text occurs, until there are too many.
#[derive(Default)]
pub(super) struct Census {
    counts: HashMap<Box<str>, usize>,
    limit: usize,
    overflowed: bool,
}

impl Census {
    /// Counts at most `limit` distinct texts.
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, ..Self::default() }
    }

    pub(super) fn add(&mut self, text: &str) {
        if self.overflowed {
            return;
        }
        if let Some(count) = self.counts.get_mut(text) {
            *count += 1;
        } else if self.counts.len() < self.limit && text.len() <= LONGEST {
            self.counts.insert(text.into(), 1);
        } else {
            self.overflowed = true;
            // The memory goes back; the number of texts is at least the limit, or one of them is a sentence.
            self.counts = HashMap::new();
        }
    }

    /// Whether there were too many texts, or too long ones, to count.
    pub(super) fn overflowed(&self) -> bool {
        self.overflowed
    }

    /// The number of distinct texts, or a lower bound where there were too many.
    pub(super) fn distinct(&self) -> usize {
        if self.overflowed { self.limit } else { self.counts.len() }
    }

    /// All of them, the most frequent first and equally frequent ones by their text, each with its count.
    pub(super) fn by_frequency(&self) -> Vec<(&str, usize)> {
        let mut levels: Vec<(&str, usize)> = self.counts.iter().map(|(text, &count)| (&**text, count)).collect();
        levels.sort_unstable_by(|(a, many), (b, more)| more.cmp(many).then(a.cmp(b)));
        levels
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frequent_texts_come_first_and_ties_in_the_order_of_their_text() {
        let mut census = Census::new(10);
        for text in ["c", "b", "a", "b", "c", "d"] {
            census.add(text);
        }
        assert_eq!(census.by_frequency(), [("b", 2), ("c", 2), ("a", 1), ("d", 1)]);
    }

    #[test]
    fn too_many_texts_or_too_long_ones_are_not_kept() {
        let mut many = Census::new(10);
        (0..11).for_each(|number| many.add(&number.to_string()));
        assert!(many.overflowed() && many.counts.is_empty() && many.distinct() == 10);
        let mut long = Census::new(10);
        long.add(&"a".repeat(LONGEST + 1));
        assert!(long.overflowed());
    }
}
