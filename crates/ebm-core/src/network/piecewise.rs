//! Piecewise-linear encoding of numeric columns.

use burn::tensor::{Int, Tensor, TensorData};
use serde::{Deserialize, Serialize};

use crate::math::host::{host, on_cpu};

/// How the numeric columns of a table are encoded beside their standardised values.
///
/// A column with knots `k_0 < … < k_T` gives `T` more numbers, `(x − k_{t−1}) / (k_t − k_{t−1})` clamped to `[0, 1]`: 0
/// below the piece, 1 above it, and linear within. The first is not clamped below nor the last above, so that values
/// outside the knots are extrapolated. With knots at quantiles, a linear layer on these is a piecewise-linear function of
/// the column with as many pieces where there are many rows as where there are few. Networks learn functions with steps
/// and kinks, as tables have them, far sooner from these than from the values alone.
///
/// Source: Gorishniy, Rubachev, Babenko, "On embeddings for numerical features in tabular deep learning", NeurIPS 2022,
/// eq. (1).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Piecewise {
    /// This many pieces between quantiles of the training rows, which are not known yet; 0 for no encoding.
    Pieces(usize),
    /// The knots of every column, ascending; none for a column that is not encoded.
    Knots(Vec<Vec<f32>>),
}

/// The most pieces of a column.
pub(crate) const MOST_PIECES: usize = 1024;

/// The most pieces of all columns, so that a damaged or hostile file cannot exhaust the memory.
const MOST_IN_ALL: usize = 1 << 20;

impl Default for Piecewise {
    fn default() -> Self {
        Self::Pieces(0)
    }
}

impl Piecewise {
    /// The default for a table with `rows` training rows, see docs/decisions/0041.
    pub fn for_rows(rows: usize) -> Self {
        Self::Pieces(if rows < 5000 { 16 } else { 64 })
    }

    /// Whether nothing is encoded. It is not written then: older records have no such key.
    pub fn is_none(&self) -> bool {
        *self == Self::Pieces(0)
    }

    /// Whether pieces are not too many, and knots ascend.
    pub(crate) fn is_in_range(&self) -> bool {
        let ascend = |knots: &Vec<f32>| {
            let order = knots.windows(2).all(|ends| ends[0] < ends[1] && (1.0 / (ends[1] - ends[0])).is_finite());
            order && knots.len() <= MOST_PIECES + 1 && knots.iter().all(|knot| knot.is_finite())
        };
        match self {
            Self::Pieces(pieces) => *pieces <= MOST_PIECES,
            Self::Knots(knots) => knots.iter().all(ascend) && knots.iter().map(Vec::len).sum::<usize>() <= MOST_IN_ALL,
        }
    }

    /// Whether a network for `input` numbers can be made: knots are known, and of no more columns.
    pub(crate) fn fits(&self, input: usize) -> bool {
        match self {
            Self::Pieces(pieces) => *pieces == 0,
            Self::Knots(knots) => knots.len() <= input && self.is_in_range(),
        }
    }

    /// The knots at quantiles of the rows of `inputs`, row-major `[n, width]`, for as many pieces as are asked for. A
    /// column with fewer than three distinct values has none; one with few has fewer pieces.
    ///
    /// # Panics
    /// If the inputs are not whole rows.
    #[must_use]
    pub fn fit(&self, inputs: &[f32], width: usize) -> Self {
        let Self::Pieces(pieces @ 1..) = *self else { return self.clone() };
        assert!(width > 0 && inputs.len().is_multiple_of(width), "inputs must be whole rows of {width} numbers");
        let column = |column: usize| {
            let mut values: Vec<f32> = inputs.iter().skip(column).step_by(width).copied().collect();
            values.sort_unstable_by(f32::total_cmp);
            let last = values.len().saturating_sub(1);
            let at = |piece: usize| values[(piece * last + pieces / 2) / pieces];
            let mut knots: Vec<f32> = (0..=pieces).map(at).filter(|knot| knot.is_finite()).collect();
            knots.dedup();
            // The quantiles of a column with few values miss some of them.
            values.dedup();
            if values.len() <= pieces {
                knots = values;
            }
            // Neighbours so close that the inverse of their distance is infinite.
            knots.dedup_by(|next, last| !(1.0 / (*next - *last)).is_finite());
            if knots.len() > 2 { knots } else { Vec::new() }
        };
        Self::Knots((0..width).map(column).collect())
    }

    /// The number of numbers that a row of `input` becomes.
    ///
    /// # Panics
    /// If knots are asked for and not yet known: see [`Piecewise::fit`].
    pub fn encoded(&self, input: usize) -> usize {
        input + self.knots().iter().map(|knots| knots.len().saturating_sub(1)).sum::<usize>()
    }

    fn knots(&self) -> &[Vec<f32>] {
        match self {
            Self::Pieces(0) => &[],
            Self::Pieces(_) => panic!("the knots of a piecewise-linear encoding must be fitted before it is used"),
            Self::Knots(knots) => knots,
        }
    }

    /// All pieces, column by column.
    pub(super) fn pieces(&self) -> Vec<Piece> {
        let of_column = |(column, knots): (usize, &Vec<f32>)| {
            let last = knots.len().saturating_sub(2);
            let piece = |(index, ends): (usize, &[f32])| Piece {
                column,
                lower: ends[0],
                slope: 1.0 / (ends[1] - ends[0]),
                least: if index == 0 { f32::MIN } else { 0.0 },
                most: if index == last { f32::MAX } else { 1.0 },
            };
            knots.windows(2).enumerate().map(piece).collect::<Vec<_>>()
        };
        self.knots().iter().enumerate().flat_map(of_column).collect()
    }
}

/// A number that a column is encoded as: `clamp((x − lower) · slope, least, most)`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Piece {
    pub column: usize,
    pub lower: f32,
    pub slope: f32,
    pub least: f32,
    pub most: f32,
}

/// Rows with the numbers of all pieces behind them: `[batch, input]` → `[batch, input + pieces]`.
pub(super) fn encode(pieces: &[Piece], input: Tensor<2>) -> Tensor<2> {
    if pieces.is_empty() {
        return input;
    }
    if on_cpu(&input) {
        return encode_on_host(pieces, &input);
    }
    let device = input.device().inner();
    let row = |of: &dyn Fn(&Piece) -> f32| {
        let values: Vec<f32> = pieces.iter().map(of).collect();
        Tensor::<2>::from_data(TensorData::new(values, [1, pieces.len()]), &device)
    };
    let columns: Vec<i64> = pieces.iter().map(|piece| piece.column as i64).collect();
    let columns = Tensor::<1, Int>::from_data(TensorData::new(columns, [pieces.len()]), &device);
    let input = input.without_autodiff();
    let values = input.clone().select(1, columns);
    let within = (values - row(&|piece| piece.lower)) * row(&|piece| piece.slope);
    let within = within.max_pair(row(&|piece| piece.least)).min_pair(row(&|piece| piece.most));
    Tensor::cat(vec![input, within], 1)
}

/// [`encode`] on the host: one pass, where tensor operations take ten.
fn encode_on_host(pieces: &[Piece], input: &Tensor<2>) -> Tensor<2> {
    let [batch, width] = input.dims();
    let mut encoded = Vec::with_capacity(batch * (width + pieces.len()));
    for row in host(input).chunks(width) {
        encoded.extend_from_slice(row);
        encoded.extend(
            pieces.iter().map(|&Piece { column, lower, slope, least, most }| {
                ((row[column] - lower) * slope).max(least).min(most)
            }),
        );
    }
    Tensor::from_data(TensorData::new(encoded, [batch, width + pieces.len()]), &input.device().inner())
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;

    fn read(tensor: Tensor<2>) -> Vec<f32> {
        tensor.into_data().try_to_vec().unwrap()
    }

    #[test]
    fn pieces_are_empty_below_full_above_and_linear_within_and_at_the_ends() {
        let knots = Piecewise::Knots(vec![vec![0.0, 1.0, 3.0], vec![]]);
        let device = Device::flex();
        let input = Tensor::<2>::from_floats([[-1.0, 7.0], [0.5, 7.0], [2.0, 7.0], [9.0, 7.0]], &device);
        let encoded = read(encode(&knots.pieces(), input));
        let rows: Vec<&[f32]> = encoded.chunks(knots.encoded(2)).collect();
        assert_eq!(rows, [[-1.0, 7.0, -1.0, 0.0], [0.5, 7.0, 0.5, 0.0], [2.0, 7.0, 1.0, 0.5], [9.0, 7.0, 1.0, 4.0]]);
    }

    #[test]
    fn knots_are_quantiles_and_flags_have_none() {
        // Columns: 0..100 squared, a flag, three values.
        let inputs: Vec<f32> = (0..100).flat_map(|i| [(i * i) as f32, (i % 2) as f32, (i % 3) as f32]).collect();
        let Piecewise::Knots(knots) = Piecewise::Pieces(4).fit(&inputs, 3) else { panic!("knots") };
        assert_eq!(knots[0], [0.0, 625.0, 2500.0, 5476.0, 9801.0]);
        assert_eq!((knots[1].len(), &knots[2][..]), (0, &[0.0, 1.0, 2.0][..]));
        assert_eq!(Piecewise::Pieces(0).fit(&inputs, 3), Piecewise::Pieces(0));
    }

    #[test]
    fn without_an_encoding_nothing_is_written() {
        assert!(Piecewise::default().is_none());
        assert_eq!(serde_json::to_string(&Piecewise::Knots(vec![vec![1.0, 2.0, 3.0]])).unwrap(), "[[1.0,2.0,3.0]]");
        assert_eq!(serde_json::from_str::<Piecewise>("16").unwrap(), Piecewise::Pieces(16));
    }
}
