//! Images and their labels, immutable.

use std::sync::Arc;

/// Pixels along either side of an image.
pub const SIDE: usize = 64;

/// Images of 64 × 64 bytes a channel with their labels. Cloning and taking subsets shares the pixels.
#[derive(Debug, Clone)]
pub struct ImageSet {
    pixels: Arc<Vec<u8>>,
    labels: Arc<Vec<f64>>,
    /// Which of the stored images belong to this set, in its order.
    rows: Arc<Vec<u32>>,
    channels: usize,
    target_width: usize,
}

impl ImageSet {
    /// Images channel by channel (`N × C × 64 × 64`) with `target_width` labels each.
    ///
    /// # Panics
    /// When the lengths do not fit or there is no image.
    #[must_use]
    pub fn new(pixels: Vec<u8>, channels: usize, labels: Vec<f64>, target_width: usize) -> Self {
        let size = channels * SIDE * SIDE;
        assert!(!pixels.is_empty() && pixels.len().is_multiple_of(size), "whole images");
        let count = pixels.len() / size;
        assert_eq!(labels.len(), count * target_width, "a label for every image");
        let rows = (0..u32::try_from(count).expect("fewer than 2^32 images")).collect();
        Self { pixels: Arc::new(pixels), labels: Arc::new(labels), rows: Arc::new(rows), channels, target_width }
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

    /// The bytes of an image as stored, channel by channel.
    #[must_use]
    pub fn pixels(&self, row: usize) -> &[u8] {
        let size = self.channels * SIDE * SIDE;
        let row = self.rows[row] as usize;
        &self.pixels[row * size..(row + 1) * size]
    }

    /// The label of an image.
    #[must_use]
    pub fn label(&self, row: usize) -> &[f64] {
        let row = self.rows[row] as usize;
        &self.labels[row * self.target_width..(row + 1) * self.target_width]
    }
}
