//! The feature network: what turns an input into the features `h_x` that every head shares.

use burn::module::{Module, ModuleDisplay};
use burn::nn::Linear;
use burn::tensor::Tensor;

use super::input::Input;
use crate::kernel::Kernels;

/// Numbers that a network is taken to hold at a time for each number of its input: ResNet18 holds 16, and as many
/// again while it convolves.
pub(super) const NUMBERS: usize = 32;

/// A network from an input to features: any Burn module with these two functions. Paper: App. F.
///
/// ```
/// use burn::module::Module;
/// use burn::nn::{Embedding, EmbeddingConfig};
/// use burn::tensor::{Device, Int, Tensor};
/// use ebm_core::{Features, HeadConfig, Method};
///
/// /// The mean of the vectors of the words.
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
/// In a training step the input has gradients enabled, otherwise not: that is how Burn's batch normalisation and
/// dropout know. Dropout draws from the device's own generator, which no checkpoint holds: a run with it can be resumed,
/// but not bit for bit.
pub trait Features: Module + ModuleDisplay {
    /// What it reads: `Tensor<2>` for rows of numbers, `Tensor<4>` for images, `Tensor<2, Int>` for tokens, pairs.
    type Input: Input;

    /// Features `[batch, width]` of the inputs.
    fn forward(&self, input: Self::Input) -> Tensor<2>;

    /// Width of the features.
    fn width(&self) -> usize;

    /// [`Features::forward`], `[batch, width]`, by a kernel of its own where `kernels` wants one and there is one.
    fn forward_by(&self, input: Self::Input, _kernels: Kernels) -> Tensor<2> {
        self.forward(input)
    }

    /// Features `[batch, width]` as constants in a training step that leaves this network as it is: batch statistics move
    /// all the same.
    fn frozen(&self, input: Self::Input, kernels: Kernels) -> Tensor<2> {
        self.forward_by(input.autodiff(), kernels).without_autodiff()
    }

    /// The rows `[batch, numbers]` and the layers, if this network is nothing but fully-connected layers with a ReLU
    /// after each: the kernel then computes the whole step of a narrow scalar model.
    fn dense_layers<'a>(&'a self, _input: &'a Self::Input) -> Option<(&'a Tensor<2>, &'a [Linear])> {
        None
    }

    /// An estimate of the `f32` numbers that it holds at a time for an example whose input has so many. It decides how
    /// many examples are predicted at a time; unless overridden, 256 at most.
    fn numbers(&self, input: usize) -> usize {
        (NUMBERS * input).max(1 << 16)
    }
}
