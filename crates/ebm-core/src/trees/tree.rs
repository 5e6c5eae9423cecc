//! A regression tree: a piecewise constant function of a row of numbers.

/// A node, in the order of a walk that visits the left child first: that of node `i` is `i + 1`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Node {
    /// The value of all rows that come here.
    Leaf(f32),
    /// A row goes left if its number in `column` is at most `threshold`, otherwise to the node `right`.
    Split { column: u32, threshold: f32, right: u32 },
}

/// A regression tree. Its first node is the root. The children of a node come after it, so that every walk ends.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tree(Vec<Node>);

impl Tree {
    /// A tree of these nodes, for rows of `width` numbers; `None` if they are not one: a column or a child is out of
    /// range, a child is not after its parent, or a number is not finite.
    pub fn new(nodes: Vec<Node>, width: usize) -> Option<Self> {
        let last = nodes.len().checked_sub(1)?;
        let fits = |(at, node): (usize, &Node)| match *node {
            Node::Leaf(value) => value.is_finite(),
            Node::Split { column, threshold, right } => {
                (column as usize) < width && threshold.is_finite() && (at + 2..=last).contains(&(right as usize))
            }
        };
        nodes.iter().enumerate().all(fits).then_some(Self(nodes))
    }

    pub fn nodes(&self) -> &[Node] {
        &self.0
    }

    /// The value at a row.
    pub fn value(&self, row: &[f32]) -> f64 {
        let mut at = 0;
        loop {
            match self.0[at] {
                Node::Leaf(value) => return f64::from(value),
                Node::Split { column, threshold, right } => {
                    at = if row[column as usize] <= threshold { at + 1 } else { right as usize };
                }
            }
        }
    }

    /// The same tree for rows in which the number in column `c` of this tree's rows is in column `columns[c]`.
    pub fn reading(self, columns: &[usize]) -> Self {
        let rename = |node| match node {
            Node::Split { column, threshold, right } => {
                Node::Split { column: columns[column as usize] as u32, threshold, right }
            }
            leaf @ Node::Leaf(_) => leaf,
        };
        Self(self.0.into_iter().map(rename).collect())
    }
}
