//! Detects steps whose loss or gradient is NaN or infinite; they are skipped.

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::{Bool, Tensor};

use crate::math::host::{on_cpu, with_values};

/// Whether the loss and gradient of a step are finite, so that it may be taken.
///
/// On the CPU, for a single network, the answer is read at once. Otherwise it stays a tensor that masks the update,
/// because reading it would make the device wait at every step.
#[derive(Debug, Clone)]
#[allow(clippy::large_enum_variant)] // One lives at a time.
pub(crate) enum Health {
    Known(bool),
    /// Not read, `[networks]`.
    Deferred(Tensor<1, Bool>),
}

impl Health {
    /// Checks losses `[networks]` and their gradients: a network is healthy if the sum of its loss and all its
    /// gradients is finite. A sum that overflows `f32` counts as not finite.
    pub fn of<M: Module>(total: &Tensor<1>, model: &M, gradients: &GradientsParams) -> Self {
        let total = total.clone().without_autodiff();
        if on_cpu(&total) && total.dims() == [1] {
            let mut sum = HostSum { gradients, sum: with_values(&total, sum) };
            model.visit(&mut sum);
            return Self::Known(sum.sum.is_finite());
        }
        let mut sum = Sum { gradients, sum: total };
        model.visit(&mut sum);
        Self::Deferred(sum.sum.is_finite())
    }

    /// `new` for networks with a finite step, `old` for the others; both `[networks · length]`, network by network.
    pub fn choose(&self, new: Tensor<1>, old: Tensor<1>) -> Tensor<1> {
        match self {
            Self::Known(true) => new,
            Self::Known(false) => old,
            Self::Deferred(good) => {
                let ([networks], [length]) = (good.dims(), new.dims());
                let good = good.clone().unsqueeze_dim::<2>(1).expand([networks, length / networks]);
                old.mask_where(good.reshape([length]), new)
            }
        }
    }
}

struct Sum<'a> {
    gradients: &'a GradientsParams,
    sum: Tensor<1>,
}

impl ModuleVisitor for Sum<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = self.gradients.get::<D>(param.id) {
            let ([networks], gradient) = (self.sum.dims(), gradient.without_autodiff());
            let count = gradient.shape().num_elements() / networks;
            let sum = match networks {
                // A fast path: one operation instead of three matters here, once for every parameter and step.
                1 => gradient.sum(),
                _ => gradient.reshape([networks, count]).sum_dim(1).squeeze_dim::<1>(1),
            };
            self.sum = self.sum.clone() + sum;
        }
    }
}

/// [`Sum`] of a single network on the CPU.
struct HostSum<'a> {
    gradients: &'a GradientsParams,
    sum: f32,
}

impl ModuleVisitor for HostSum<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = self.gradients.get::<D>(param.id) {
            self.sum += with_values(&gradient, sum);
        }
    }
}

/// The sum of some numbers, in parallel sums that the compiler vectorises.
fn sum(numbers: &[f32]) -> f32 {
    let (groups, rest) = numbers.as_chunks::<16>();
    let mut sums = [0.0; 16];
    for group in groups {
        sums.iter_mut().zip(group).for_each(|(sum, number)| *sum += number);
    }
    sums.iter().chain(rest).sum()
}
