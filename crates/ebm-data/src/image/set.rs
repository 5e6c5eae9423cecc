//! Images and their labels, immutable.

use super::augmentation::Augmentation;
use super::task::SIDE;
use crate::digest::hex;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Square images of one byte a channel and pixel, with their labels. Cloning and taking subsets shares the pixels.
#[derive(Debug, Clone)]
pub struct ImageSet {
    pixels: Arc<Vec<u8>>,
    labels: Arc<Vec<f64>>,
    /// Which of the stored images belong to this set, in its order.
    rows: Arc<Vec<u32>>,
    side: usize,
    channels: usize,
    target_width: usize,
    augmentation: Augmentation,
    left_out: usize,
}

impl ImageSet {
    /// Images of [`SIDE`] pixels a side, channel by channel (`N × C × 64 × 64`), with `target_width` labels each.
    ///
    /// # Panics
    /// As [`ImageSet::with_side`].
    #[must_use]
    pub fn new(pixels: Vec<u8>, channels: usize, labels: Vec<f64>, target_width: usize) -> Self {
        Self::with_side(SIDE, pixels, channels, labels, target_width)
    }

    /// Images of `side` × `side` pixels, channel by channel, with `target_width` labels each.
    ///
    /// # Panics
    /// When the lengths do not fit, there are not 1 or 3 channels, or there is no image.
    #[must_use]
    pub fn with_side(side: usize, pixels: Vec<u8>, channels: usize, labels: Vec<f64>, target_width: usize) -> Self {
        assert!(channels == 1 || channels == 3, "grey or three colours");
        let size = channels * side * side;
        assert!(!pixels.is_empty() && pixels.len().is_multiple_of(size), "whole images");
        let count = pixels.len() / size;
        assert_eq!(labels.len(), count * target_width, "a label for every image");
        let rows = (0..u32::try_from(count).expect("fewer than 2^32 images")).collect();
        Self {
            pixels: Arc::new(pixels),
            labels: Arc::new(labels),
            rows: Arc::new(rows),
            side,
            channels,
            target_width,
            augmentation: Augmentation::None,
            left_out: 0,
        }
    }

    /// The same set, augmented in training. The stored images do not change.
    ///
    /// # Panics
    /// When head poses are asked for and the labels are not (yaw, pitch, roll), or the images not 64 × 64.
    #[must_use]
    pub fn augmented(self, augmentation: Augmentation) -> Self {
        let fits = augmentation == Augmentation::None || (self.target_width == 3 && self.side == SIDE);
        assert!(fits, "head-pose augmentation changes yaw and roll of images of 64 × 64");
        Self { augmentation, ..self }
    }

    /// The same set with a note of how many images of its file do not belong to the task.
    #[must_use]
    pub(super) fn with_left_out(self, left_out: usize) -> Self {
        Self { left_out, ..self }
    }

    /// The images at `rows` of this set, in that order; the pixels are shared, not copied.
    ///
    /// # Panics
    /// When a row is out of range or there is none.
    #[must_use]
    pub fn subset(&self, rows: &[usize]) -> Self {
        assert!(!rows.is_empty(), "at least one image");
        let rows = rows.iter().map(|&row| self.rows[row]).collect();
        Self { rows: Arc::new(rows), ..self.clone() }
    }

    /// Number of images.
    #[must_use]
    pub fn count(&self) -> usize {
        self.rows.len()
    }

    /// Pixels along either side of an image.
    #[must_use]
    pub fn side(&self) -> usize {
        self.side
    }

    /// Colour channels, 1 or 3.
    #[must_use]
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// Dimensions of a label.
    #[must_use]
    pub fn label_width(&self) -> usize {
        self.target_width
    }

    /// How training images are changed.
    #[must_use]
    pub fn augmentation(&self) -> Augmentation {
        self.augmentation
    }

    /// Images of the file that the task leaves out, as [`ImageTask::kept`](super::task::ImageTask::kept) says.
    #[must_use]
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// The bytes of an image as stored, channel by channel.
    #[must_use]
    pub fn pixels(&self, row: usize) -> &[u8] {
        let size = self.channels * self.side * self.side;
        let row = self.rows[row] as usize;
        &self.pixels[row * size..(row + 1) * size]
    }

    /// The label of an image.
    #[must_use]
    pub fn label(&self, row: usize) -> &[f64] {
        let row = self.rows[row] as usize;
        &self.labels[row * self.target_width..(row + 1) * self.target_width]
    }

    /// A hash of a seed and of the bytes of an image: equal for images that are the same.
    #[must_use]
    pub fn key(&self, row: usize, seed: u64) -> u64 {
        let hash = Sha256::new().chain_update(seed.to_le_bytes()).chain_update(self.pixels(row)).finalize();
        let mut word = [0; 8];
        word.copy_from_slice(&hash[..8]);
        u64::from_le_bytes(word)
    }

    /// SHA-256 of the channels, the label's dimensions, all pixels and then all labels in this set's order, the
    /// numbers as little-endian 64 bits; 64 hexadecimal digits. The side follows from their numbers.
    pub(super) fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for width in [self.channels, self.target_width] {
            hash.update((width as u64).to_le_bytes());
        }
        (0..self.count()).for_each(|row| hash.update(self.pixels(row)));
        for value in (0..self.count()).flat_map(|row| self.label(row)) {
            hash.update(value.to_le_bytes());
        }
        hex(hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn three() -> ImageSet {
        let pixels = (0..3).flat_map(|image| vec![image; SIDE * SIDE]).collect();
        ImageSet::new(pixels, 1, vec![10.0, 11.0, 12.0], 1)
    }

    #[test]
    fn a_subset_has_its_rows_in_its_order_and_shares_the_pixels() {
        let set = three();
        let subset = set.subset(&[2, 0]).subset(&[1, 0, 1]);
        assert_eq!((0..3).map(|row| subset.label(row)[0]).collect::<Vec<_>>(), [10.0, 12.0, 10.0]);
        assert_eq!((0..3).map(|row| subset.pixels(row)[5]).collect::<Vec<_>>(), [0, 2, 0]);
        assert!(Arc::ptr_eq(&set.pixels, &subset.pixels));
    }

    #[test]
    fn the_digest_sees_order_pixels_labels_and_widths_and_not_how_it_is_trained() {
        let set = three();
        let order: Vec<String> = [&[0, 1, 2][..], &[0, 2, 1], &[0, 1]].map(|rows| set.subset(rows).digest()).into();
        assert_eq!(order[0], set.digest());
        let mut seen = order;
        let mut pixels = [0; 3 * SIDE * SIDE];
        seen.push(ImageSet::new(pixels.to_vec(), 1, vec![10.0, 11.0, 12.0], 1).digest());
        seen.push(ImageSet::new(pixels.to_vec(), 3, vec![10.0, 11.0, 12.0], 3).digest());
        pixels[0] = 1;
        let turned = ImageSet::new(pixels.to_vec(), 3, vec![10.0, 11.0, 12.0], 3);
        seen.push(turned.digest());
        let distinct: std::collections::BTreeSet<&String> = seen.iter().collect();
        assert_eq!(distinct.len(), seen.len());
        assert_eq!(turned.digest(), turned.clone().augmented(Augmentation::HeadPose).digest());
    }

    #[test]
    fn the_digest_is_the_one_documented() {
        // Python: sha256(struct.pack("<QQ", 1, 1) + bytes(4096) + struct.pack("<d", 7)).
        let set = ImageSet::new(vec![0; SIDE * SIDE], 1, vec![7.0], 1);
        assert_eq!(set.digest(), "39ac6b712c3fac3d5de65d11a0c0ae125bb9280f785d61315252287df1891f3a");
    }
}
