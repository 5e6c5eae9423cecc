//! Random changes to training images.

use super::resize::Axis;
use super::task::SIDE;
use ebm_core::Noise;
use serde::{Deserialize, Serialize};

/// How training images are changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Augmentation {
    /// They are not.
    #[default]
    None,
    /// As the paper does for head poses, in this order: a horizontal flip with probability ½, yaw and roll negated;
    /// bilinear resizing by `0.7 + 0.1 k`, k uniform in `0..8`; zeros on the right and at the bottom up to 64 pixels;
    /// a random crop of 64 × 64.
    HeadPose,
}

/// Sides of an image resized by `0.7 + 0.1 k`, rounded.
const SIDES: [usize; 8] = [45, 51, 58, 64, 70, 77, 83, 90];

/// One image's change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Change {
    flip: bool,
    /// The scale is `(7 + tenths) / 10`.
    tenths: usize,
    top: usize,
    left: usize,
}

impl Change {
    /// No change.
    pub(super) const NONE: Self = Self { flip: false, tenths: 3, top: 0, left: 0 };

    /// A change for a head pose; always takes the same number of draws.
    pub(super) fn draw(noise: &mut Noise) -> Self {
        let (flip, tenths) = (noise.below(2) == 1, noise.below(SIDES.len()));
        let places = SIDES[tenths].saturating_sub(SIDE) + 1;
        Self { flip, tenths, top: noise.below(places), left: noise.below(places) }
    }

    /// One channel of 64 × 64, changed in `buffer` if anything changes.
    pub(super) fn apply<'a>(&self, stored: &'a [u8], buffer: &'a mut [u8; SIDE * SIDE]) -> &'a [u8] {
        if *self == Self::NONE {
            return stored;
        }
        let (side, scale) = (SIDES[self.tenths], (7 + self.tenths) as f64 / 10.0);
        let rows = Axis::new(side, scale, self.top, false);
        let columns = Axis::new(side, scale, self.left, self.flip);
        rows.resize(&columns, stored, buffer);
        buffer
    }

    /// The label of the changed image: a flip negates yaw and roll.
    pub(super) fn label<'a>(&self, label: &'a [f64]) -> impl Iterator<Item = f64> + use<'a> {
        let flip = self.flip;
        label.iter().enumerate().map(move |(angle, &y)| if flip && angle != 1 { -y } else { y })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ebm_core::Purpose;

    /// Columns of the numbers of pixels from the left.
    fn ramp() -> Vec<u8> {
        (0..SIDE * SIDE).map(|pixel| (pixel % SIDE) as u8).collect()
    }

    fn applied(change: Change) -> [u8; SIDE * SIDE] {
        let mut changed = [9; SIDE * SIDE];
        change.apply(&ramp(), &mut changed);
        changed
    }

    #[test]
    fn the_sides_are_the_scales_rounded() {
        let sides = [0, 1, 2, 3, 4, 5, 6, 7].map(|k| (64.0 * (0.7 + 0.1 * f64::from(k))).round() as usize);
        assert_eq!(SIDES, sides);
    }

    #[test]
    fn a_flip_twice_is_nothing_and_negates_yaw_and_roll() {
        let flip = Change { flip: true, ..Change::NONE };
        let once = applied(flip);
        assert_eq!(once[..3], [63, 62, 61]);
        let mut twice = [0; SIDE * SIDE];
        flip.apply(&once, &mut twice);
        assert_eq!(twice[..], ramp());
        assert_eq!(flip.label(&[1.0, 2.0, 3.0]).collect::<Vec<_>>(), [-1.0, 2.0, -3.0]);
        assert_eq!(Change::NONE.label(&[1.0, 2.0, 3.0]).collect::<Vec<_>>(), [1.0, 2.0, 3.0]);
    }

    #[test]
    fn a_smaller_image_has_zeros_on_the_right_and_at_the_bottom() {
        let shrunk = applied(Change { tenths: 0, ..Change::NONE });
        for (pixel, &byte) in shrunk.iter().enumerate() {
            let (row, column) = (pixel / SIDE, pixel % SIDE);
            if row >= 45 || column >= 45 {
                assert_eq!(byte, 0, "row {row}, column {column}");
            } else if column > 0 {
                assert!(byte > 0, "row {row}, column {column}");
            }
        }
    }

    #[test]
    fn a_larger_image_is_cropped_at_the_offset() {
        let [corner, moved] = [0, 26].map(|left| applied(Change { tenths: 7, left, ..Change::NONE }));
        assert_eq!((corner[0], moved[SIDE - 1]), (0, 63), "both ends can be reached");
        assert_eq!(corner[26..SIDE], moved[..SIDE - 26], "the same picture, moved");
    }

    #[test]
    fn every_scale_both_flips_and_every_offset_are_drawn() {
        let mut noise = Noise::new(3, Purpose::Augmentation, 0, 0);
        let changes: Vec<Change> = (0..4000).map(|_| Change::draw(&mut noise)).collect();
        for (tenths, side) in SIDES.into_iter().enumerate() {
            let of_scale: Vec<&Change> = changes.iter().filter(|change| change.tenths == tenths).collect();
            assert!(of_scale.iter().any(|change| change.flip) && of_scale.iter().any(|change| !change.flip));
            let most = side.saturating_sub(SIDE);
            assert_eq!(of_scale.iter().map(|change| change.top).max(), Some(most));
            assert_eq!(of_scale.iter().map(|change| change.left).max(), Some(most));
            assert_eq!(of_scale.iter().map(|change| change.left).min(), Some(0));
        }
    }
}
