//! Sizes of a convolution, and which pixels meet.

/// Channels of a block: 64, or all of them, in whole cache lines.
pub(super) fn block(channels: usize) -> usize {
    if channels.is_multiple_of(64) { 64 } else { channels.next_multiple_of(16) }
}

/// Sizes of a convolution with a square kernel, padded by half of it.
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

/// Neighbouring pixels of a row of the output, and those of the input which a position of the kernel takes them to.
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

    /// Positions in the kernel.
    pub fn taps(&self) -> usize {
        self.kernel * self.kernel
    }

    pub fn output_shape(&self) -> [usize; 5] {
        let Side { block, height, width, .. } = self.output;
        [self.output.blocks(), height, width, self.batch, block]
    }

    /// The row of the input that position `k` of the kernel takes a row of the output to.
    pub fn input_row(&self, output: usize, k: usize) -> Option<usize> {
        (output * self.stride + k).checked_sub(self.kernel / 2).filter(|&row| row < self.input.height)
    }

    /// The row of the output that position `k` of the kernel takes to a row of the input.
    pub fn output_row(&self, input: usize, k: usize) -> Option<usize> {
        let row = (input + self.kernel / 2).checked_sub(k).filter(|row| row.is_multiple_of(self.stride))?;
        Some(row / self.stride).filter(|&row| row < self.output.height)
    }

    /// What position `k` of the kernel takes the pixels of a row of the output to, as far as it is in the input.
    pub fn runs(&self, k: usize) -> impl Iterator<Item = Run> + use<> {
        let &Self { kernel, stride, input, output, .. } = self;
        let padding = kernel / 2;
        let first = padding.saturating_sub(k).div_ceil(stride);
        let end = (input.width + padding).saturating_sub(k).div_ceil(stride).min(output.width);
        let count = if stride == 1 { end.saturating_sub(first).max(1) } else { 1 };
        (first..end).step_by(count).map(move |output| Run { output, input: output * stride + k - padding, count })
    }
}
