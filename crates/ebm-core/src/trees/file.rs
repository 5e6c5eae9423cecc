//! Boosted trees on disk: safetensors, written atomically. Such a file cannot contain code.
//!
//! Numbers are `f32`, as in every model file; counts and indices are whole numbers.
//!
//! | tensor | shape | |
//! |---|---|---|
//! | `input_width` | `[1]` | |
//! | `start` | `[2]` | mean and log-scale before the first round |
//! | `residual.weights`, `residual.scales` | `[3]` | |
//! | `mean.sizes`, `log_scale.sizes` | `[rounds]` | nodes of each tree |
//! | `….columns` | `[nodes]` | of all trees, one after another; −1 for a leaf |
//! | `….numbers` | `[nodes]` | threshold of a split, value of a leaf |
//! | `….rights` | `[nodes]` | index of the right child within the tree; 0 for a leaf |

use std::path::Path;

use burn::tensor::TensorData;

use super::Trees;
use super::residual::{COMPONENTS, Residual};
use super::tree::{Node, Tree};
use crate::io::atomic::write_atomic;
use crate::io::error::{CheckpointError, io_error};
use crate::io::tensors::{Named, from_bytes, to_bytes};
use crate::io::weights::read;

/// Every whole number up to this is an `f32`.
const MOST: f32 = (1 << 24) as f32;

impl Trees {
    /// Writes the trees, atomically. Equal trees give equal bytes.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), CheckpointError> {
        write_atomic(path, &to_bytes(&self.tensors())?).map_err(io_error(path))
    }

    /// Reads what [`Trees::save`] wrote.
    ///
    /// # Errors
    /// If the file cannot be read, or does not describe trees.
    pub fn load(path: &Path) -> Result<Self, CheckpointError> {
        Self::from_bytes(&read(path)?)
    }

    /// [`Trees::load`] from the content of the file.
    ///
    /// # Errors
    /// If the content does not describe trees.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CheckpointError> {
        Self::of(from_bytes(bytes)?)
    }

    fn tensors(&self) -> Named {
        let vector = |values: Vec<f32>| {
            let length = values.len();
            TensorData::new(values, [length])
        };
        let mut named = Named::from([
            ("input_width".to_owned(), vector(vec![self.input_width as f32])),
            ("start".to_owned(), vector(self.start.to_vec())),
            ("residual.weights".to_owned(), vector(self.residual.weights.to_vec())),
            ("residual.scales".to_owned(), vector(self.residual.scales.to_vec())),
        ]);
        for (name, trees) in [("mean", &self.means), ("log_scale", &self.log_scales)] {
            let sizes = trees.iter().map(|tree| tree.nodes().len() as f32).collect();
            named.insert(format!("{name}.sizes"), vector(sizes));
            let fields = trees.iter().flat_map(Tree::nodes).map(|node| match *node {
                Node::Leaf(value) => [-1.0, value, 0.0],
                Node::Split { column, threshold, right } => [column as f32, threshold, right as f32],
            });
            let fields: Vec<[f32; 3]> = fields.collect();
            for (part, field) in ["columns", "numbers", "rights"].into_iter().zip(0..) {
                let values = fields.iter().map(|node| node[field]).collect();
                named.insert(format!("{name}.{part}"), vector(values));
            }
        }
        named
    }

    fn of(mut named: Named) -> Result<Self, CheckpointError> {
        let [input_width] = numbers(&mut named, "input_width")?;
        let input_width = whole(input_width).filter(|&width| width > 0).ok_or_else(|| wrong("input_width"))?;
        let start: [f32; 2] = numbers(&mut named, "start")?;
        if !start.iter().all(|value| value.is_finite()) {
            return Err(wrong("start"));
        }
        let mut positive = |name: &'static str| -> Result<[f32; COMPONENTS], CheckpointError> {
            let values = numbers(&mut named, name)?;
            let are_positive = values.iter().all(|value: &f32| value.is_normal() && *value > 0.0);
            if are_positive { Ok(values) } else { Err(wrong(name)) }
        };
        let residual = Residual { weights: positive("residual.weights")?, scales: positive("residual.scales")? };
        let means = trees(&mut named, "mean", input_width)?;
        let log_scales = trees(&mut named, "log_scale", input_width)?;
        if log_scales.len() != means.len() {
            return Err(wrong("log_scale.sizes"));
        }
        match named.into_keys().next() {
            Some(name) => Err(CheckpointError::UnknownTensor { name }),
            None => Ok(Self { input_width, start, means, log_scales, residual }),
        }
    }
}

/// The trees of one parameter.
fn trees(named: &mut Named, name: &str, input_width: usize) -> Result<Vec<Tree>, CheckpointError> {
    let mut part = |part: &str| vector(named, &format!("{name}.{part}"));
    let (sizes, columns, values, rights) = (part("sizes")?, part("columns")?, part("numbers")?, part("rights")?);
    if values.len() != columns.len() || rights.len() != columns.len() {
        return Err(wrong(&format!("{name}.columns")));
    }
    let node = |((&column, &number), &right): ((&f32, &f32), &f32)| match whole(column) {
        None if column == -1.0 => Some(Node::Leaf(number)),
        None => None,
        Some(column) => Some(Node::Split { column: column as u32, threshold: number, right: whole(right)? as u32 }),
    };
    let nodes: Option<Vec<Node>> = columns.iter().zip(&values).zip(&rights).map(node).collect();
    let nodes = nodes.ok_or_else(|| wrong(&format!("{name}.columns")))?;
    let mut rest = &nodes[..];
    let mut next = |size: f32| {
        let (tree, after) = rest.split_at_checked(whole(size)?)?;
        rest = after;
        Tree::new(tree.to_vec(), input_width)
    };
    let trees: Option<Vec<Tree>> = sizes.iter().map(|&size| next(size)).collect();
    match trees {
        Some(trees) if rest.is_empty() => Ok(trees),
        _ => Err(wrong(&format!("{name}.sizes"))),
    }
}

fn numbers<const N: usize>(named: &mut Named, name: &str) -> Result<[f32; N], CheckpointError> {
    vector(named, name)?.try_into().map_err(|_| wrong(name))
}

fn vector(named: &mut Named, name: &str) -> Result<Vec<f32>, CheckpointError> {
    let data = named.remove(name).ok_or_else(|| CheckpointError::MissingTensor { name: name.to_owned() })?;
    if data.rank() == 1 { data.try_into_vec().map_err(|_| wrong(name)) } else { Err(wrong(name)) }
}

/// A count or an index.
fn whole(value: f32) -> Option<usize> {
    ((0.0..=MOST).contains(&value) && value.fract() == 0.0).then_some(value as usize)
}

fn wrong(name: &str) -> CheckpointError {
    CheckpointError::WrongTrees { name: name.to_owned() }
}
