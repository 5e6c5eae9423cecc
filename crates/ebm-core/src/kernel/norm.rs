//! Layer normalisation of a batch on the host.

use burn::nn::LayerNorm;
use pulp::Arch;

use super::gemm::LINE;
use super::gradients::Gradients;
use super::matrix::Matrix;
use crate::math::host::host;

/// `γ n + β` with `n = (x − mean) / √(variance + ε)` of each row.
pub(super) struct Norm<'a> {
    norm: &'a LayerNorm,
    epsilon: f32,
    gamma: Vec<f32>,
    beta: Vec<f32>,
}

/// What [`Norm::backward`] reads.
pub(super) struct Normalised {
    /// `n`
    rows: Matrix,
    /// `1 / √(variance + ε)` of each row.
    inverse_scales: Vec<f32>,
}

impl<'a> Norm<'a> {
    pub(super) fn of(norm: &'a LayerNorm, epsilon: f64) -> Self {
        let gamma = host(&norm.gamma.val());
        let beta = norm.beta.as_ref().map_or_else(|| vec![0.0; gamma.len()], |beta| host(&beta.val()));
        Self { norm, epsilon: epsilon as f32, gamma, beta }
    }

    pub(super) fn forward(&self, arch: Arch, x: &Matrix) -> (Matrix, Normalised) {
        let mut out = x.zeros_like();
        let mut rows = out.clone();
        let mut inverse_scales = Vec::with_capacity(x.height());
        arch.dispatch(
            #[inline(always)]
            || {
                for ((x, n), out) in x.rows().zip(rows.rows_mut()).zip(out.rows_mut()) {
                    inverse_scales.push(self.row(x, n, out));
                }
            },
        );
        (out, Normalised { rows, inverse_scales })
    }

    /// Writes `n` and `γ n + β` of a row. Returns `1 / √(variance + ε)`.
    #[inline(always)]
    fn row(&self, x: &[f32], n: &mut [f32], out: &mut [f32]) -> f32 {
        let count = x.len() as f32;
        let mean = sum(x, x, |x, _| x) / count;
        n.iter_mut().zip(x).for_each(|(n, x)| *n = x - mean);
        let variance = sum(n, n, |n, _| n * n) / count;
        let inverse = 1.0 / (variance + self.epsilon).sqrt();
        for (((n, out), gamma), beta) in n.iter_mut().zip(out).zip(&self.gamma).zip(&self.beta) {
            *n *= inverse;
            *out = *n * gamma + beta;
        }
        inverse
    }

    /// Adds the gradients of `γ` and `β` to `gradients`, and the gradient with respect to `x` to `by_input`; `delta` is
    /// the gradient of the output, and is overwritten.
    pub(super) fn backward(
        &self,
        arch: Arch,
        normalised: &Normalised,
        mut delta: Matrix,
        by_input: &mut Matrix,
        gradients: &mut Gradients,
    ) {
        let mut by_gamma = vec![0.0; self.gamma.len()];
        if let Some(beta) = &self.norm.beta {
            gradients.add(beta, delta.column_sums(arch));
        }
        arch.dispatch(
            #[inline(always)]
            || {
                let rows = delta.rows_mut().zip(normalised.rows.rows()).zip(&normalised.inverse_scales);
                for (((delta, n), inverse), by_input) in rows.zip(by_input.rows_mut()) {
                    for (((delta, n), gamma), by_gamma) in delta.iter_mut().zip(n).zip(&self.gamma).zip(&mut by_gamma) {
                        *by_gamma += *delta * n;
                        *delta *= gamma;
                    }
                    let count = n.len() as f32;
                    let mean = sum(delta, delta, |delta, _| delta) / count;
                    let slope = sum(delta, n, |delta, n| delta * n) / count;
                    for ((by_input, delta), n) in by_input.iter_mut().zip(delta).zip(n) {
                        *by_input += inverse * (*delta - mean - n * slope);
                    }
                }
            },
        );
        gradients.add(&self.norm.gamma, by_gamma);
    }
}

/// `Σ term(a, b)` in [`LINE`] parallel sums, so that the compiler can vectorise it.
#[inline(always)]
fn sum(a: &[f32], b: &[f32], term: impl Fn(f32, f32) -> f32) -> f32 {
    let ((lines_of_a, rest_of_a), (lines_of_b, rest_of_b)) = (a.as_chunks::<LINE>(), b.as_chunks::<LINE>());
    let mut sums = [0.0; LINE];
    for (a, b) in lines_of_a.iter().zip(lines_of_b) {
        for ((sum, &a), &b) in sums.iter_mut().zip(a).zip(b) {
            *sum += term(a, b);
        }
    }
    let rest: f32 = rest_of_a.iter().zip(rest_of_b).map(|(&a, &b)| term(a, b)).sum();
    sums.iter().sum::<f32>() + rest
}
