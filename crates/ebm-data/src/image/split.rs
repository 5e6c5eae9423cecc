//! Splits a set of images into training and test images.

use super::augmentation::Augmentation;
use super::set::ImageSet;
use super::task::ImageTask;
use crate::error::{DataError, ImageError};
use ebm_core::{Noise, Purpose};
use serde::{Deserialize, Serialize};

/// How a set is split in two.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SplitRule {
    /// This share of the images, rounded down, is trained on; the rest is held out.
    Share(f64),
    /// Two disjoint draws.
    Draws {
        /// Images to train on.
        train: usize,
        /// Images to hold out.
        test: usize,
    },
}

impl ImageTask {
    /// The paper's rule; `None` where the two parts are two files.
    #[must_use]
    pub fn split_rule(self) -> Option<SplitRule> {
        match self {
            Self::Steering | Self::Age => Some(SplitRule::Share(0.8)),
            Self::Cells => Some(SplitRule::Draws { train: 10_000, test: 10_000 }),
            Self::HeadPose => None,
        }
    }
}

/// The rows of a set that were drawn: save them beside a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SplitRows {
    /// Rows trained on.
    pub train: Vec<usize>,
    /// Rows held out.
    pub test: Vec<usize>,
}

/// Two disjoint parts of a set.
#[derive(Debug, Clone)]
pub struct ImageSplit {
    /// Training images.
    pub train: ImageSet,
    /// Test images, never augmented.
    pub test: ImageSet,
    /// Their rows in the set that was split.
    pub rows: SplitRows,
}

impl ImageSet {
    /// Splits the set at random. The same seed and number of images give the same rows on every machine.
    ///
    /// The authors' splits have no published seed, so theirs cannot be reproduced.
    ///
    /// # Errors
    /// [`ImageError::TooFewImages`] when a part would be empty or the draws ask for more images than there are.
    ///
    /// # Panics
    /// When a share is not between 0 and 1.
    pub fn split(&self, seed: u64, rule: SplitRule) -> Result<ImageSplit, DataError> {
        let found = self.count();
        let (train, test) = match rule {
            SplitRule::Share(share) => {
                assert!((0.0..=1.0).contains(&share), "a share");
                let train = (found as f64 * share) as usize;
                (train, found - train)
            }
            SplitRule::Draws { train, test } => (train, test),
        };
        let needed = train.saturating_add(test).max(2);
        if train == 0 || test == 0 || needed > found {
            return Err(ImageError::TooFewImages { needed, found }.into());
        }
        let mut order = Noise::new(seed, Purpose::Split, 0, 0).permutation(found);
        order.truncate(train + test);
        let rows = SplitRows { test: order.split_off(train), train: order };
        let test = self.subset(&rows.test).augmented(Augmentation::None);
        Ok(ImageSplit { train: self.subset(&rows.train), test, rows })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::task::SIDE;

    fn numbered(count: usize) -> ImageSet {
        let labels = (0..count).flat_map(|row| [row as f64, 0.0, 0.0]).collect();
        ImageSet::new(vec![0; count * SIDE * SIDE], 1, labels, 3)
    }

    fn labels(set: &ImageSet) -> Vec<usize> {
        (0..set.count()).map(|row| set.label(row)[0] as usize).collect()
    }

    #[test]
    fn a_share_and_its_rest_are_the_whole_set() {
        let set = numbered(103).augmented(Augmentation::HeadPose);
        let split = set.split(1, SplitRule::Share(0.8)).expect("enough");
        assert_eq!((split.train.count(), split.test.count()), (82, 21));
        assert_eq!(labels(&split.train), split.rows.train);
        assert_eq!(labels(&split.test), split.rows.test);
        let mut all = [labels(&split.train), labels(&split.test)].concat();
        all.sort_unstable();
        assert_eq!(all, (0..103).collect::<Vec<_>>());
        assert_eq!(split.train.augmentation(), Augmentation::HeadPose);
        assert_eq!(split.test.augmentation(), Augmentation::None);
    }

    #[test]
    fn two_draws_are_disjoint_and_as_many_as_asked_for() {
        let split = numbered(100).split(2, SplitRule::Draws { train: 30, test: 50 }).expect("enough");
        assert_eq!((split.rows.train.len(), split.rows.test.len()), (30, 50));
        assert!(split.rows.train.iter().all(|row| !split.rows.test.contains(row)));
    }

    #[test]
    fn a_split_is_a_function_of_its_seed() {
        let rows = |seed| numbered(50).split(seed, SplitRule::Share(0.5)).expect("enough").rows;
        assert_eq!(rows(7), rows(7));
        assert_ne!(rows(7), rows(8));
    }

    #[test]
    fn too_few_images_are_refused() {
        let set = numbered(3);
        for rule in [
            SplitRule::Draws { train: 2, test: 2 },
            SplitRule::Draws { train: usize::MAX, test: 2 },
            SplitRule::Draws { train: 0, test: 2 },
            SplitRule::Share(0.3),
            SplitRule::Share(1.0),
        ] {
            let Err(DataError::Image(error)) = set.split(0, rule) else { panic!("{rule:?}") };
            assert!(matches!(*error, ImageError::TooFewImages { found: 3, .. }), "{rule:?}");
        }
    }
}
