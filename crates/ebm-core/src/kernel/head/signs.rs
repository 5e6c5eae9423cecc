//! Zeros of the units of a layer, as functions of a scalar target.

use pulp::Simd;

use super::super::dense::{TILE, product, stride};
use super::Head;

/// Points checked together for a change of sign.
const BLOCK: usize = 16;

impl Head {
    /// Number of layers.
    pub(in super::super) fn depth(&self) -> usize {
        self.layers.len()
    }

    /// Index of the layer that joins the example's features.
    pub(in super::super) fn joint(&self) -> usize {
        self.joint
    }

    /// Inserts the zeros of the units of layer `index` into the ascending `points`. Units are linear between two points
    /// if `points` holds the zeros of all earlier layers. `None`, with `points` unchanged, if there would be more than
    /// `most`.
    ///
    /// `tile` has room for [`Head::rows`] rows.
    #[inline(always)]
    pub(in super::super) fn refine<S: Simd>(
        &self,
        simd: S,
        index: usize,
        from_features: &[f32],
        points: &mut Vec<f32>,
        most: usize,
        tile: &mut [f32],
    ) -> Option<()> {
        let count = points.len();
        if count > most {
            return None;
        }
        let last = *points.last()?;
        let padded = count.next_multiple_of(2 * S::F32_LANES);
        tile[..count].copy_from_slice(points);
        tile[count..padded].fill(last);
        let units = self.before(simd, index, from_features, S::as_mut_simd_f32s(tile).0, padded / S::F32_LANES);
        let mut found = Vec::new();
        for unit in tile[units..].chunks_exact(TILE).take(self.layers[index].outputs) {
            for start in (0..count - 1).step_by(BLOCK) {
                let end = (start + BLOCK).min(count - 1);
                let mut changes = false;
                for i in start..end {
                    changes |= crosses(unit[i], unit[i + 1]);
                }
                if !changes {
                    continue;
                }
                for i in start..end {
                    let [a, b] = [unit[i], unit[i + 1]];
                    if crosses(a, b) {
                        let [low, high] = [points[i], points[i + 1]];
                        found.push((low + (high - low) * (a / (a - b))).clamp(low, high));
                    }
                }
            }
        }
        if points.len() + found.len() > most {
            return None;
        }
        for point in found {
            let at = points.partition_point(|&other| other < point);
            points.insert(at, point);
        }
        Some(())
    }

    /// Computes the units of layer `index` before their ReLU, at the candidates in the first row of a tile. Returns
    /// their offset in the tile, in `f32` values.
    #[inline(always)]
    fn before<S: Simd>(
        &self,
        simd: S,
        index: usize,
        from_features: &[f32],
        tile: &mut [S::f32s],
        vectors: usize,
    ) -> usize {
        let stride = stride::<S>();
        let bias = |index: usize| if index == self.joint { from_features } else { &self.layers[index].bias };
        let mut rest = tile;
        let mut start = 0;
        for before in 0..index {
            self.layer(simd, before, bias(before), rest, vectors);
            start += self.layers[before].inputs;
            rest = &mut rest[self.layers[before].inputs * stride..];
        }
        let layer = &self.layers[index];
        let (x, out) = rest.split_at_mut(layer.inputs * stride);
        let bias = bias(index);
        product(
            simd,
            &layer.forward,
            x,
            vectors,
            #[inline(always)]
            |o, _| [simd.splat_f32s(bias[o]); 2],
            #[inline(always)]
            |o, v, [first, second]| {
                out[o * stride + v] = first;
                out[o * stride + v + 1] = second;
            },
        );
        (start + layer.inputs) * TILE
    }
}

/// Whether two numbers have different signs. Their product would say so too, but of two below 1e-23 it is 0.
#[inline(always)]
fn crosses(a: f32, b: f32) -> bool {
    ((a < 0.0) & (b > 0.0)) | ((a > 0.0) & (b < 0.0))
}
