//! Columns of numbers in bins of about as many rows each, so that a split is searched among few thresholds.

/// Maximum number of bins of a column: a bin is a `u8`.
pub(super) const MAX_BINS: usize = 256;

/// Each column in bins. Every distinct number has its own bin if there are at most [`MAX_BINS`]; equal numbers always
/// share one.
///
/// Source: Ke et al., "LightGBM: a highly efficient gradient boosting decision tree", NeurIPS 2017.
pub(super) struct Bins {
    /// The bin of every number, row-major `[rows, columns]`.
    codes: Vec<u8>,
    /// For each column, the least and the greatest number in each bin.
    ranges: Vec<Vec<[f32; 2]>>,
}

impl Bins {
    /// Of rows of `width` finite numbers, row-major.
    pub fn new(rows: &[f32], width: usize) -> Self {
        let ranges: Vec<Vec<[f32; 2]>> = (0..width)
            .map(|column| {
                let mut values: Vec<f32> = rows.iter().skip(column).step_by(width).copied().collect();
                values.sort_unstable_by(f32::total_cmp);
                ranges(&values)
            })
            .collect();
        let code = |(i, &value): (usize, &f32)| {
            let of_column = &ranges[i % width];
            of_column.partition_point(|[_, greatest]| *greatest < value) as u8
        };
        let codes = rows.iter().enumerate().map(code).collect();
        Self { codes, ranges }
    }

    pub fn columns(&self) -> usize {
        self.ranges.len()
    }

    /// For each column, how many bins those before it have; then how many all have.
    pub fn offsets(&self) -> Vec<usize> {
        let mut offsets = vec![0];
        offsets.extend(self.ranges.iter().scan(0, |sum, of_column| {
            *sum += of_column.len();
            Some(*sum)
        }));
        offsets
    }

    /// The bins of a row, one for each column.
    pub fn row(&self, row: u32) -> &[u8] {
        let width = self.ranges.len();
        &self.codes[row as usize * width..][..width]
    }

    /// The number half-way between a bin and the next: at least all numbers of the first, and less than all of the
    /// second.
    pub fn threshold(&self, column: usize, bin: usize) -> f32 {
        let [below, above] = [self.ranges[column][bin][1], self.ranges[column][bin + 1][0]];
        let middle = (0.5 * (f64::from(below) + f64::from(above))) as f32;
        if middle < above { middle } else { below }
    }
}

/// The least and the greatest number of each bin, for numbers in ascending order.
fn ranges(values: &[f32]) -> Vec<[f32; 2]> {
    let distinct = values.chunk_by(|a, b| a == b);
    if distinct.clone().count() <= MAX_BINS {
        return distinct.map(|equal| [equal[0], equal[0]]).collect();
    }
    let mut ranges: Vec<[f32; 2]> = Vec::with_capacity(MAX_BINS);
    let (mut in_bin, mut left) = (0, values.len());
    for equal in distinct {
        let bins_left = MAX_BINS - ranges.len();
        match ranges.last_mut() {
            // The rows that are left, those of this bin among them, are shared out evenly.
            Some(range) if bins_left == 0 || in_bin * (bins_left + 1) < left => range[1] = equal[0],
            _ => {
                left -= in_bin;
                in_bin = 0;
                ranges.push([equal[0], equal[0]]);
            }
        }
        in_bin += equal.len();
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_hold_about_as_many_rows_each_and_equal_numbers_share_one() {
        // A fifth of the numbers are 0; the others differ.
        let values: Vec<f32> = (0..10_000).map(|i| if i % 5 == 0 { 0.0 } else { (i as f32).sqrt() }).collect();
        let bins = Bins::new(&values, 1);
        let mut counts = vec![0; bins.offsets()[1]];
        (0..values.len()).for_each(|row| counts[usize::from(bins.row(row as u32)[0])] += 1);
        assert!(counts.len() > 250 && counts.len() <= MAX_BINS);
        assert_eq!(counts[0], 2000);
        assert!(counts[1..counts.len() - 1].iter().all(|count| (30..=34).contains(count)), "{counts:?}");
    }

    #[test]
    fn few_distinct_numbers_have_a_bin_each_and_thresholds_are_half_way() {
        let bins = Bins::new(&[3.0, -1.0, 3.0, 0.5], 1);
        assert_eq!((0..4).map(|row| bins.row(row)[0]).collect::<Vec<_>>(), [2, 0, 2, 1]);
        assert_eq!([bins.threshold(0, 0), bins.threshold(0, 1)], [-0.25, 1.75]);
        // No number lies between these two.
        let close = [1.0f32, 1.0f32.next_up()];
        assert_eq!(Bins::new(&close, 1).threshold(0, 0), 1.0);
    }

    #[test]
    fn a_threshold_parts_rows_as_their_bins_do() {
        let values: Vec<f32> = (0..3000).map(|i| ((i * 7919) % 3001) as f32).collect();
        let bins = Bins::new(&values, 3);
        for column in 0..3 {
            for left in 0..bins.ranges[column].len() - 1 {
                let threshold = bins.threshold(column, left);
                for (row, numbers) in (0..).zip(values.chunks(3)) {
                    assert_eq!(numbers[column] <= threshold, usize::from(bins.row(row)[column]) <= left);
                }
            }
        }
    }
}
