//! Growing a regression tree, node by node, from histograms of its targets.

use std::ops::Range;

use super::bins::Bins;
use super::tree::{Node, Tree};

/// How a tree is grown.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    /// The largest number of splits from the root to a leaf.
    pub depth: usize,
    /// The least number of rows of a leaf.
    pub least_rows: usize,
    /// What the value of a leaf is multiplied by.
    pub rate: f64,
}

/// Sums over some rows.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    /// `Σ w t`, of weights and targets.
    target: f64,
    /// `Σ w`
    weight: f64,
    rows: f64,
}

impl Sums {
    fn add(&mut self, other: Self) {
        self.target += other.target;
        self.weight += other.weight;
        self.rows += other.rows;
    }

    fn minus(self, other: Self) -> Self {
        Self { target: self.target - other.target, weight: self.weight - other.weight, rows: self.rows - other.rows }
    }

    /// By how much the squared error is less with the mean of these rows than with 0.
    fn explained(self) -> f64 {
        self.target * self.target / self.weight
    }
}

/// Where a node is split: bins up to `bin` of a column go left.
#[derive(Debug, Clone, Copy)]
struct Split {
    column: usize,
    bin: usize,
    /// Of the rows that go left.
    left: Sums,
}

/// Grows trees on the same rows, one after another.
pub(super) struct Grower<'a> {
    bins: &'a Bins,
    /// Where the bins of each column begin in a histogram, and where the last end.
    offsets: Vec<usize>,
    /// Histograms that are not in use.
    pool: Vec<Vec<Sums>>,
}

/// A tree while it grows.
struct Growing<'a> {
    targets: &'a [f64],
    weights: &'a [f64],
    shape: Shape,
    /// The rows that it is fitted to; those of a node are together.
    rows: Vec<u32>,
    nodes: Vec<Node>,
}

impl<'a> Grower<'a> {
    pub fn new(bins: &'a Bins) -> Self {
        Self { bins, offsets: bins.offsets(), pool: Vec::new() }
    }

    /// The tree that is fitted to `targets` at `rows` by least squares with positive `weights`; both have a number for
    /// every row of the data. Each split is the one that lowers the error of its node the most.
    pub fn grow(&mut self, rows: Vec<u32>, targets: &[f64], weights: &[f64], shape: Shape) -> Tree {
        let mut growing = Growing { targets, weights, shape, nodes: Vec::new(), rows };
        let mut sums = Sums::default();
        growing.rows.iter().for_each(|&row| sums.add(growing.of(row)));
        let all = 0..growing.rows.len();
        let histogram = self.histogram(&growing, all.clone());
        self.node(&mut growing, all, shape.depth, sums, histogram);
        Tree::new(growing.nodes, self.bins.columns()).expect("a tree that has been grown is one")
    }

    /// Appends the node of a range of rows, and those below it. Takes its histogram.
    fn node(&mut self, tree: &mut Growing, range: Range<usize>, depth: usize, sums: Sums, histogram: Vec<Sums>) {
        let may_split = depth > 0 && range.len() >= 2 * tree.shape.least_rows;
        let split = if may_split { self.split(&histogram, sums, tree.shape.least_rows) } else { None };
        let Some(split) = split else {
            let mean = if sums.weight > 0.0 { sums.target / sums.weight } else { 0.0 };
            tree.nodes.push(Node::Leaf((tree.shape.rate * mean) as f32));
            self.pool.push(histogram);
            return;
        };
        let at = tree.nodes.len();
        let threshold = self.bins.threshold(split.column, split.bin);
        tree.nodes.push(Node::Leaf(0.0)); // Its right child is not known yet.
        let middle = self.part(&mut tree.rows[range.clone()], split) + range.start;
        let [left, right] = [range.start..middle, middle..range.end];
        // The histogram of the smaller child is counted; that of the other is the rest.
        let left_is_smaller = left.len() <= right.len();
        let smaller = self.histogram(tree, if left_is_smaller { left.clone() } else { right.clone() });
        let mut larger = histogram;
        larger.iter_mut().zip(&smaller).for_each(|(rest, sums)| *rest = rest.minus(*sums));
        let (of_left, of_right) = if left_is_smaller { (smaller, larger) } else { (larger, smaller) };
        self.node(tree, left, depth - 1, split.left, of_left);
        let column = split.column as u32;
        tree.nodes[at] = Node::Split { column, threshold, right: tree.nodes.len() as u32 };
        self.node(tree, right, depth - 1, sums.minus(split.left), of_right);
    }

    /// Moves the rows that go left to the front, and returns how many they are.
    fn part(&self, rows: &mut [u32], split: Split) -> usize {
        let mut left = 0;
        for i in 0..rows.len() {
            if usize::from(self.bins.row(rows[i])[split.column]) <= split.bin {
                rows.swap(i, left);
                left += 1;
            }
        }
        left
    }

    fn histogram(&mut self, tree: &Growing, range: Range<usize>) -> Vec<Sums> {
        let size = self.offsets.last().copied().unwrap_or(0);
        let mut histogram = self.pool.pop().unwrap_or_default();
        histogram.clear();
        histogram.resize(size, Sums::default());
        for &row in &tree.rows[range] {
            let sums = tree.of(row);
            for (&offset, &bin) in self.offsets.iter().zip(self.bins.row(row)) {
                histogram[offset + usize::from(bin)].add(sums);
            }
        }
        histogram
    }

    /// The split that explains the most; `None` if none explains more than no split.
    fn split(&self, histogram: &[Sums], all: Sums, least_rows: usize) -> Option<Split> {
        let least_rows = least_rows as f64;
        // Less than this is rounding.
        let mut most = all.explained() + 1e-9 * all.explained().max(f64::MIN_POSITIVE);
        let mut best = None;
        for (column, ends) in self.offsets.windows(2).enumerate() {
            let (mut sums, mut last) = (Sums::default(), 0);
            for (bin, of_bin) in histogram[ends[0]..ends[1]].iter().enumerate() {
                if of_bin.rows == 0.0 {
                    continue;
                }
                let rest = all.minus(sums);
                if rest.rows < least_rows {
                    break;
                }
                if sums.rows >= least_rows {
                    let explained = sums.explained() + rest.explained();
                    if explained > most {
                        most = explained;
                        // Bins without rows of this node are shared out between its sides.
                        best = Some(Split { column, bin: (last + bin - 1) / 2, left: sums });
                    }
                }
                sums.add(*of_bin);
                last = bin;
            }
        }
        best
    }
}

impl Growing<'_> {
    fn of(&self, row: u32) -> Sums {
        let weight = self.weights[row as usize];
        Sums { target: weight * self.targets[row as usize], weight, rows: 1.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::noise::{Noise, Purpose};

    /// Inputs of two columns, targets and weights.
    fn data(count: usize) -> (Vec<f32>, Vec<f64>, Vec<f64>) {
        let mut noise = Noise::new(0, Purpose::Split, 0, 0);
        let inputs: Vec<f32> = (0..2 * count).map(|_| noise.below(30) as f32).collect();
        let targets = inputs.chunks(2).map(|x| f64::from(x[0] * x[1]) / 100.0 + noise.gauss()).collect();
        (inputs, targets, (0..count).map(|_| 0.1 + noise.unit()).collect())
    }

    fn error(rows: &[usize], targets: &[f64], weights: &[f64]) -> f64 {
        let weight: f64 = rows.iter().map(|&row| weights[row]).sum();
        let mean = rows.iter().map(|&row| weights[row] * targets[row]).sum::<f64>() / weight;
        rows.iter().map(|&row| weights[row] * (targets[row] - mean).powi(2)).sum()
    }

    #[test]
    fn a_split_is_the_best_of_all_thresholds() {
        let (inputs, targets, weights) = data(200);
        let bins = Bins::new(&inputs, 2);
        let shape = Shape { depth: 1, least_rows: 10, rate: 1.0 };
        let tree = Grower::new(&bins).grow((0..200).collect(), &targets, &weights, shape);
        let parts = |column: usize, threshold: f32| {
            let (left, right): (Vec<usize>, Vec<usize>) =
                (0..200).partition(|row| inputs[2 * row + column] <= threshold);
            let allowed = left.len() >= 10 && right.len() >= 10;
            if allowed { error(&left, &targets, &weights) + error(&right, &targets, &weights) } else { f64::INFINITY }
        };
        let all = (0..2).flat_map(|column| (0..30).map(move |threshold| (column, threshold as f32)));
        let least = all.map(|(column, threshold)| parts(column, threshold)).fold(f64::INFINITY, f64::min);
        let Node::Split { column, threshold, .. } = tree.nodes()[0] else { panic!("there is a split") };
        // Rounding of sums of 200 terms.
        assert!((parts(column as usize, threshold) - least).abs() < 1e-9);
    }

    #[test]
    fn the_value_of_a_leaf_is_the_weighted_mean_of_its_rows() {
        let (inputs, targets, weights) = data(500);
        let bins = Bins::new(&inputs, 2);
        let shape = Shape { depth: 6, least_rows: 4, rate: 0.5 };
        let tree = Grower::new(&bins).grow((0..500).collect(), &targets, &weights, shape);
        let values: Vec<f64> = inputs.chunks(2).map(|row| tree.value(row)).collect();
        assert!(tree.nodes().len() > 40);
        for node in tree.nodes() {
            let Node::Leaf(leaf) = *node else { continue };
            let rows: Vec<usize> = (0..500).filter(|&row| values[row] == f64::from(leaf)).collect();
            assert!(rows.len() >= 4, "{} rows in a leaf", rows.len());
            let weight: f64 = rows.iter().map(|&row| weights[row]).sum();
            let mean = rows.iter().map(|&row| weights[row] * targets[row]).sum::<f64>() / weight;
            // Half the mean, rounded to f32.
            assert!((f64::from(leaf) - 0.5 * mean).abs() < 1e-6, "{leaf} {mean}");
        }
    }

    #[test]
    fn equal_targets_are_not_split() {
        let (inputs, ..) = data(100);
        let bins = Bins::new(&inputs, 2);
        let shape = Shape { depth: 5, least_rows: 1, rate: 1.0 };
        let tree = Grower::new(&bins).grow((0..100).collect(), &[0.3; 100], &[1.0; 100], shape);
        assert_eq!(tree.nodes(), [Node::Leaf(0.3)]);
    }
}
