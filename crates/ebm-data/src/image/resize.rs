//! Bilinear resizing of bytes, bit for bit that of OpenCV's `INTER_LINEAR`.

use super::task::SIDE;

/// Weights are whole multiples of 1 over this, as in OpenCV.
const ONE: f32 = 2048.0;

/// Where the pixels of a 64-pixel crop come from along one axis of the image: two neighbours and their weights.
///
/// Pixel centres are at half-integers: `source = (target + ½) / scale − ½`, clamped to the outermost centres.
pub(super) struct Axis([Option<([usize; 2], [i32; 2])>; SIDE]);

impl Axis {
    /// The crop from `offset` of an axis resized by `scale` to `length` pixels; beyond them the image is zero.
    /// With `flip`, the image is mirrored along this axis first.
    pub(super) fn new(length: usize, scale: f64, offset: usize, flip: bool) -> Self {
        Self(std::array::from_fn(|pixel| {
            let target = pixel + offset;
            (target < length).then(|| {
                let source = ((target as f64 + 0.5) / scale - 0.5) as f32;
                let (first, fraction) = (source.floor(), source - source.floor());
                // Beyond the outermost centres both neighbours are the same pixel.
                let neighbours = [first, first + 1.0].map(|at| at.clamp(0.0, (SIDE - 1) as f32) as usize);
                let weights = [(1.0 - fraction) * ONE, fraction * ONE].map(|weight| weight.round_ties_even() as i32);
                (neighbours.map(|at| if flip { SIDE - 1 - at } else { at }), weights)
            })
        }))
    }

    /// Resizes and crops one channel, `self` down the rows; zeros outside the image.
    pub(super) fn resize(&self, columns: &Self, image: &[u8], crop: &mut [u8; SIDE * SIDE]) {
        for (into, row) in crop.chunks_mut(SIDE).zip(&self.0) {
            for (byte, column) in into.iter_mut().zip(&columns.0) {
                *byte = match (row, column) {
                    (Some((rows, down)), Some((columns, across))) => {
                        let [upper, lower] = rows.map(|row| {
                            let [left, right] = columns.map(|column| i32::from(image[row * SIDE + column]));
                            left * across[0] + right * across[1]
                        });
                        // OpenCV's shifts, which keep every intermediate result within 32 bits.
                        let sum = (((upper >> 4) * down[0]) >> 16) + (((lower >> 4) * down[1]) >> 16);
                        ((sum + 2) >> 2) as u8
                    }
                    _ => 0,
                };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};

    #[test]
    fn every_byte_is_opencvs() {
        // Python, OpenCV 5: cv2.resize(image, None, fx=f, fy=f, interpolation=cv2.INTER_LINEAR), zeros up to 64, the
        // last 64 rows and first 64 columns; the start of their SHA-256.
        let expected = [
            "8146c2da78acac14",
            "707824f0e4c33441",
            "cb339086c5c64613",
            "a40a686b5385f5ef",
            "59f00d88035e74c6",
            "7730f16e9cba6679",
            "18acd0950f2e20fb",
            "5f3bee68ac643922",
        ];
        let image: Vec<u8> = (0..SIDE * SIDE)
            .map(|pixel| (pixel / SIDE, pixel % SIDE))
            .map(|(y, x)| ((37 * x * x + 101 * y * y + 13 * x * y) % 256) as u8)
            .collect();
        for (k, (expected, side)) in expected.into_iter().zip([45_usize, 51, 58, 64, 70, 77, 83, 90]).enumerate() {
            let scale = (7 + k) as f64 / 10.0;
            let rows = Axis::new(side, scale, side.saturating_sub(SIDE), false);
            let mut crop = [0; SIDE * SIDE];
            rows.resize(&Axis::new(side, scale, 0, false), &image, &mut crop);
            let found: String = Sha256::digest(crop).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(found, expected, "k = {k}");
        }
    }
}
