//! The feature network: turns an input into the features `h_x`, which all heads share.

use burn::module::{Module, ModuleDisplay};
use burn::tensor::Tensor;

use super::input::Input;
use crate::kernel::{Kernels, Stage};

/// Estimated `f32` values in memory per value of the input. ResNet18 holds 16, and another 16 during a convolution.
pub(super) const NUMBERS: usize = 32;

/// A network from an input to features: any Burn module with `forward` and `width`. Paper: App. F.
///
/// ```
/// use burn::module::Module;
/// use burn::nn::{Embedding, EmbeddingConfig};
/// use burn::tensor::{Device, Int, Tensor};
/// use ebm_core::{Features, HeadConfig, Method};
///
/// /// The mean of the words' embeddings.
/// #[derive(Module, Debug)]
/// struct Bag {
///     words: Embedding,
/// }
///
/// impl Features for Bag {
///     type Input = Tensor<2, Int>; // [batch, words]
///
///     fn forward(&self, input: Self::Input) -> Tensor<2> {
///         self.words.forward(input).mean_dim(1).squeeze_dim(1)
///     }
///
///     fn width(&self) -> usize {
///         self.words.weight.dims()[1]
///     }
/// }
///
/// let device = Device::flex().autodiff();
/// let heads = HeadConfig::new(Method::ebm(4), 1);
/// let model = heads.init(7, &device, |_| Bag { words: EmbeddingConfig::new(1000, 16).init(&device) });
/// let features = model.features(Tensor::from_ints([[3, 1, 4]], &device));
/// assert_eq!(features.dims(), [1, 16]);
/// ```
///
/// The input has gradients enabled in a training step and only then; Burn's batch normalisation and dropout depend on
/// this. Dropout draws from the device's own generator, which is not part of a checkpoint: a run with dropout can be
/// resumed, but not bit for bit.
pub trait Features: Module + ModuleDisplay {
    /// Type of the input: `Tensor<2>` for rows of numbers, `Tensor<4>` for images, `Tensor<2, Int>` for tokens, or
    /// tuples of inputs.
    type Input: Input;

    /// Features `[batch, width]` of the inputs.
    fn forward(&self, input: Self::Input) -> Tensor<2>;

    /// Width of the features.
    fn width(&self) -> usize;

    /// [`Features::forward`], `[batch, width]`, by a hand-written kernel if `kernels` allows it and the network has
    /// one.
    fn forward_by(&self, input: Self::Input, _kernels: Kernels) -> Tensor<2> {
        self.forward(input)
    }

    /// Features `[batch, width]` as constants, in a training step that does not train this network. Batch statistics
    /// are still updated.
    fn frozen(&self, input: Self::Input, kernels: Kernels) -> Tensor<2> {
        self.forward_by(input.autodiff(), kernels).without_autodiff()
    }

    /// The constant rows `[batch, numbers]` that the network makes of an input, and what it does to them, if that
    /// consists only of stages. Kernels then compute the whole training step on the CPU.
    fn stages(&self, _input: &Self::Input) -> Option<(Tensor<2>, Vec<Stage<'_>>)> {
        None
    }

    /// An estimate of the `f32` values in memory at a time for one example with `input` numbers. It determines how many
    /// examples are predicted at a time: at most 256 unless overridden.
    fn numbers(&self, input: usize) -> usize {
        (NUMBERS * input).max(1 << 16)
    }
}
