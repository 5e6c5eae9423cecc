//! Memory layout of the GPU kernel: an example's values in shared memory, its weights and gradients in buffers.

use crate::loss::Objective;

/// Candidates that a cube processes at a time, one per unit. The first that fits in shared memory is used.
const UNITS: [usize; 2] = [64, 32];
/// The kernel's loops over weights are unrolled; with more weights, compiling it would take long.
const MOST_WEIGHTS: usize = 1024;

/// Sizes and memory layout of a network's kernel, known when the kernel is compiled.
///
/// Shared memory has one column per unit, that is, per candidate. Its rows are a constant 1, the target, the outputs of
/// every layer and the slopes of these outputs. The gradient of a weight is the product of two rows, summed over
/// candidates.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Plan {
    /// In order: the layers on the target, the hidden layer, the residual layer if there is one, the score.
    pub layers: Vec<Layer>,
    pub has_residual: bool,
    /// Units of the hidden layer.
    pub hidden: usize,
    pub components: usize,
    /// Whether the mixture is trained; its slopes are then in the last rows.
    pub learned: bool,
    pub importance: bool,
    pub units: usize,
    pub rows: usize,
    /// Weights and biases of a network.
    pub weights: usize,
    /// The first row of the mixture's slopes.
    pub mixture_row: usize,
}

/// A layer `[inputs] → [outputs]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Layer {
    pub inputs: usize,
    pub outputs: usize,
    /// Offset of its weights, `[inputs, outputs]`; the bias follows them.
    pub weights: usize,
    pub has_bias: bool,
    /// First row of its inputs.
    pub input_row: usize,
    /// First row of its outputs, before the residual sum.
    pub output_row: usize,
    /// First row of the slopes of its outputs.
    pub slope_row: usize,
}

/// The row that is always 1.
pub const ONES: usize = 0;
/// The row of the target.
pub const TARGET: usize = 1;
/// Number of losses per example: the energy's, `log Z`, the mixture's negative log-likelihood.
pub const LOSSES: usize = 3;

/// The layers of an energy's head that candidates pass.
#[derive(Debug, Clone)]
pub struct HeadShape {
    /// Widths of the layers on the target.
    pub target_widths: Vec<usize>,
    /// Units of the hidden layer.
    pub hidden: usize,
    pub residual: bool,
}

impl Plan {
    /// The plan for a network with a scalar target on a line. `None` if it does not fit in `shared_bytes` of shared
    /// memory or has too many weights for a kernel.
    pub fn new(
        head: &HeadShape,
        (components, learned): (usize, bool),
        objective: Objective,
        shared_bytes: usize,
    ) -> Option<Self> {
        let &HeadShape { ref target_widths, hidden, residual } = head;
        let mut widths = vec![1];
        widths.extend(target_widths);
        widths.push(hidden);
        widths.extend(residual.then_some(hidden));
        widths.push(1);
        let mut plan = Self {
            layers: Vec::new(),
            has_residual: residual,
            hidden,
            components,
            learned,
            importance: match objective {
                Objective::Nce => false,
                Objective::Importance => true,
            },
            units: 0,
            rows: 2,
            weights: 0,
            mixture_row: 0,
        };
        let mut input_row = TARGET;
        let from_target = target_widths.len();
        for (index, pair) in widths.windows(2).enumerate() {
            let [inputs, outputs] = [pair[0], pair[1]];
            let has_bias = index != from_target;
            let weights = plan.take_weights(inputs * outputs + if has_bias { outputs } else { 0 });
            let [output_row, slope_row] = [(); 2].map(|()| plan.take_rows(outputs));
            plan.layers.push(Layer { inputs, outputs, weights, has_bias, input_row, output_row, slope_row });
            let is_residual = plan.has_residual && index == from_target + 1;
            // The input of the score is the sum of the hidden layer and the residual layer.
            input_row = if is_residual { plan.take_rows(outputs) } else { output_row };
        }
        plan.mixture_row = plan.rows;
        plan.rows += if learned { 3 * components } else { 0 };
        plan.units = UNITS.into_iter().find(|&units| plan.shared_bytes(units) <= shared_bytes)?;
        (plan.weights <= MOST_WEIGHTS).then_some(plan)
    }

    fn take_weights(&mut self, count: usize) -> usize {
        self.weights += count;
        self.weights - count
    }

    fn take_rows(&mut self, count: usize) -> usize {
        self.rows += count;
        self.rows - count
    }

    fn shared_bytes(&self, units: usize) -> usize {
        size_of::<f32>() * (self.rows * (units + 1) + self.weights + self.hidden + 3 * self.components + units)
    }

    /// Gradients per example: of the weights, the projected features and the mixture's parameters.
    pub fn entries(&self) -> usize {
        self.weights + self.hidden + if self.learned { 3 * self.components } else { 0 }
    }

    /// Values per example that the kernel writes: losses, then gradients.
    pub fn outputs(&self) -> usize {
        LOSSES + self.entries()
    }

    /// The layer from the target to the hidden layer.
    pub fn hidden_layer(&self) -> usize {
        self.layers.len() - 2 - usize::from(self.has_residual)
    }
}
