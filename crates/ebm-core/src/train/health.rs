//! Detects steps whose loss or gradient is NaN or infinite; they are skipped.

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::{Bool, Tensor};

use crate::math::host::on_cpu;

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
        let mut sum = Sum { gradients, sum: total.clone().without_autodiff() };
        model.visit(&mut sum);
        if on_cpu(&sum.sum) && sum.sum.dims() == [1] {
            Self::Known(sum.sum.into_scalar::<f32>().is_finite())
        } else {
            Self::Deferred(sum.sum.is_finite())
        }
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
