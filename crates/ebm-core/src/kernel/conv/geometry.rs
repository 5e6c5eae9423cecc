//! Sizes of a convolution, and which input pixels each output pixel reads.

/// Channels per block: 64 if that divides them, otherwise all, rounded up to whole cache lines.
pub(super) fn block(channels: usize) -> usize {
    if channels.is_multiple_of(64) { 64 } else { channels.next_multiple_of(16) }
}

/// Sizes of a convolution with a square kernel and padding `⌊kernel / 2⌋`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Geometry {
    pub batch: usize,
    pub input: Side,
    pub output: Side,
    pub kernel: usize,
    pub stride: usize,
}

/// Sizes of the maps on one side of a convolution.
#[derive(Debug, Clone, Copy)]
pub(super) struct Side {
    pub channels: usize,
    /// Channels of a block.
    pub block: usize,
    pub height: usize,
    pub width: usize,
}

/// Neighbouring pixels of an output row, and the input pixels that they read at one kernel position.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Run {
    pub output: usize,
    pub input: usize,
    pub count: usize,
}

impl Side {
    fn new(channels: usize, [height, width]: [usize; 2]) -> Self {
        Self { channels, block: block(channels), height, width }
    }

    pub fn blocks(&self) -> usize {
        self.channels.div_ceil(self.block)
    }
}

impl Geometry {
    pub fn new(
        batch: usize,
        [inputs, outputs]: [usize; 2],
        [height, width]: [usize; 2],
        kernel: usize,
        stride: usize,
    ) -> Self {
        let input = Side::new(inputs, [height, width]);
        let output = Side::new(outputs, [height.div_ceil(stride), width.div_ceil(stride)]);
        Self { batch, input, output, kernel, stride }
    }

    /// Number of kernel positions.
    pub fn taps(&self) -> usize {
        self.kernel * self.kernel
    }

    pub fn output_shape(&self) -> [usize; 5] {
        let Side { block, height, width, .. } = self.output;
        [self.output.blocks(), height, width, self.batch, block]
    }

    /// The input row that an output row reads at kernel position `k`; `None` in the padding.
    pub fn input_row(&self, output: usize, k: usize) -> Option<usize> {
        (output * self.stride + k).checked_sub(self.kernel / 2).filter(|&row| row < self.input.height)
    }

    /// The output row that reads an input row at kernel position `k`; `None` if there is none.
    pub fn output_row(&self, input: usize, k: usize) -> Option<usize> {
        let row = (input + self.kernel / 2).checked_sub(k).filter(|row| row.is_multiple_of(self.stride))?;
        Some(row / self.stride).filter(|&row| row < self.output.height)
    }

    /// The runs of an output row at kernel position `k`, without the pixels that read the padding.
    pub fn runs(&self, k: usize) -> impl Iterator<Item = Run> + use<> {
        let &Self { kernel, stride, input, output, .. } = self;
        let padding = kernel / 2;
        let first = padding.saturating_sub(k).div_ceil(stride);
        let end = (input.width + padding).saturating_sub(k).div_ceil(stride).min(output.width);
        let count = if stride == 1 { end.saturating_sub(first).max(1) } else { 1 };
        (first..end).step_by(count).map(move |output| Run { output, input: output * stride + k - padding, count })
    }
}
