//! Gradient ascent on the score from a given estimate, the prediction method of earlier work.

use burn::tensor::Tensor;

use crate::method::conditional::Unnormalised;

/// Takes `steps` steps of `y ← y + λ ∇_y f(x, y)`, with `λ` = `rate`, towards a local maximum of the density.
///
/// # Shapes
/// - `estimate`: `[batch, target]`
/// - returns: `[batch, target]`, detached
///
/// # Panics
/// If the network is not on an autodiff device.
///
/// Paper: Sec. 3.2.2, after Gustafsson et al. (2020).
pub fn refine(f: &Unnormalised<'_>, estimate: Tensor<2>, rate: f64, steps: usize) -> Tensor<2> {
    let f = f.detach();
    (0..steps).fold(estimate.without_autodiff(), |y, _| {
        let leaf = y.clone().autodiff().require_grad();
        let score = f.score(leaf.clone().unsqueeze_dim(1));
        let gradient = leaf.grad(&score.sum().backward()).expect("the score depends on y").without_autodiff();
        y + gradient * rate
    })
}
