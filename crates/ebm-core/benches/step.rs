//! The 1D training step: batch 32, 1024 candidates, one thread unless `RAYON_NUM_THREADS` says otherwise.
//!
//! `GLIBC_TUNABLES=glibc.malloc.mmap_threshold=1073741824:glibc.malloc.trim_threshold=536870912` gives the plain step
//! the allocator that `ebm` has.

use burn::module::Module;
use burn::tensor::Device;
use divan::Bencher;
use ebm_core::{Adam, Batch, Dataset, Examples, Kernels, Method, Model, ModelConfig, Noise, Phase, Purpose, Regressor};

const BATCH: usize = 32;
const COMPONENTS: [usize; 3] = [1, 4, 16];

fn main() {
    if std::env::var_os("RAYON_NUM_THREADS").is_none() {
        rayon::ThreadPoolBuilder::new().num_threads(1).build_global().expect("the first pool");
    }
    divan::main();
}

fn batch() -> Batch {
    let x: Vec<f64> = (0..BATCH).map(|i| i as f64 * 0.2 - 3.0).collect();
    let y: Vec<f64> = x.iter().map(|x| x.sin()).collect();
    Examples::from_pairs(&x, &y).batch(&(0..BATCH).collect::<Vec<_>>(), &Device::flex())
}

fn model(method: Method) -> Model {
    ModelConfig::scalar(method).init(0, &Device::flex().autodiff())
}

fn noise() -> Noise {
    Noise::new(0, Purpose::Candidates, 0, 0)
}

/// Losses, gradients and update, one step after the other.
fn steps(bencher: Bencher<'_, '_>, method: Method, kernels: Kernels) {
    let (batch, phase) = (batch(), Phase { kernels, ..Phase::method(1024) });
    let (mut state, mut adam) = (Some(model(method)), Adam::default());
    bencher.bench_local(|| {
        let model = state.take().expect("put back below");
        let gradients = model.losses(&batch, phase, &mut noise()).gradients(&model);
        state = Some(adam.step(1e-3, model, gradients));
    });
}

#[divan::bench(args = COMPONENTS)]
fn fused(bencher: Bencher<'_, '_>, components: usize) {
    steps(bencher, Method::ebm(components), Kernels::Fused);
}

#[divan::bench(args = COMPONENTS)]
fn plain(bencher: Bencher<'_, '_>, components: usize) {
    steps(bencher, Method::ebm(components), Kernels::Plain);
}

/// What a step costs that has no candidates.
#[divan::bench]
fn mdn(bencher: Bencher<'_, '_>) {
    steps(bencher, Method::Mdn { components: 4 }, Kernels::Fused);
}

/// The parts of the fused step with 4 components.
mod part {
    use super::*;

    #[divan::bench]
    fn noise(bencher: Bencher<'_, '_>) {
        let device = Device::flex();
        bencher.bench_local(|| {
            let mut noise = super::noise();
            (noise.normal([BATCH, 1024], &device), noise.uniform([BATCH, 1024], &device))
        });
    }

    #[divan::bench]
    fn losses(bencher: Bencher<'_, '_>) {
        let (batch, model) = (batch(), model(Method::ebm(4)));
        bencher.bench_local(|| model.losses(&batch, Phase::method(1024), &mut super::noise()));
    }

    #[divan::bench]
    fn backward(bencher: Bencher<'_, '_>) {
        let (batch, model) = (batch(), model(Method::ebm(4)));
        let losses = || model.losses(&batch, Phase::method(1024), &mut super::noise());
        bencher.with_inputs(losses).bench_local_values(|mut losses| losses.gradients(&model));
    }

    #[divan::bench]
    fn update(bencher: Bencher<'_, '_>) {
        let (batch, model) = (batch(), model(Method::ebm(4)));
        let mut adam = Adam::default();
        let gradients = || {
            let gradients = model.losses(&batch, Phase::method(16), &mut super::noise()).gradients(&model);
            (model.clone().train(), gradients)
        };
        bencher.with_inputs(gradients).bench_local_values(|(model, gradients)| adam.step(1e-3, model, gradients));
    }
}
