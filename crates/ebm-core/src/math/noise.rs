//! Counter-based random numbers: the same on every device.

mod draws;
#[cfg(any(feature = "wgpu", feature = "cuda"))]
mod gpu;
mod words;

use burn::tensor::{Device, Tensor, TensorData};
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;
use rayon::prelude::*;

use draws::{Law, Source};

/// The purpose of a stream of random numbers. Streams of different purposes never overlap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Initial weights.
    Weights,
    /// The order of the examples in an epoch.
    Order,
    /// Candidates `y_1..y_M` of a training step.
    Candidates,
    /// Candidates and resampling when predicting.
    Prediction,
    /// Augmentation of the inputs of a training step.
    Augmentation,
    /// The split of examples into training and held-out sets.
    Split,
    /// Candidates when the validation loss is computed.
    Validation,
    /// The rows that the trees of a round are fitted to.
    Subsample,
}

/// A stream of random numbers that is a pure function of `(seed, purpose, epoch, step)`.
///
/// No state is kept between steps, so a run resumed at any step draws the same numbers as an uninterrupted run.
#[derive(Debug, Clone)]
pub struct Noise {
    /// Draws single numbers, from stream 0 of the key.
    rng: ChaCha8Rng,
    /// For each network its key and the stream of the last bulk draw.
    bulk: Vec<Source>,
}

impl Noise {
    /// The stream for one step. The four numbers are the ChaCha8 key.
    pub fn new(seed: u64, purpose: Purpose, epoch: usize, step: usize) -> Self {
        Self::stacked(&[seed], purpose, epoch, step)
    }

    /// The streams of the networks of a stack. Each network draws its share of the first dimension, one network after
    /// another, and the same numbers as it would draw alone.
    ///
    /// # Panics
    /// If `seeds` is empty. With several seeds, later draws panic if they ask for a single number or for a count that
    /// is not a multiple of the number of networks.
    pub fn stacked(seeds: &[u64], purpose: Purpose, epoch: usize, step: usize) -> Self {
        let key = |seed: u64| {
            let mut key = [0; 32];
            for (slot, word) in key.chunks_exact_mut(8).zip([seed, purpose as u64, epoch as u64, step as u64]) {
                slot.copy_from_slice(&word.to_le_bytes());
            }
            key
        };
        let source = |&seed: &u64| {
            let key = key(seed);
            let (words, _) = key.as_chunks::<4>();
            Source { key: std::array::from_fn(|word| u32::from_le_bytes(words[word])), stream: 0 }
        };
        Self { rng: ChaCha8Rng::from_seed(key(seeds[0])), bulk: seeds.iter().map(source).collect() }
    }

    /// The number of networks that draw from this noise.
    pub fn networks(&self) -> usize {
        self.bulk.len()
    }

    /// Uniform on `[0, 1)`, a tensor of `shape`, such as `[batch, m]`.
    pub fn uniform<const D: usize>(&mut self, shape: [usize; D], device: &Device) -> Tensor<D> {
        self.tensor(Law::Uniform, shape, device)
    }

    /// Standard normal, a tensor of `shape`, such as `[batch, m, target]`.
    pub fn normal<const D: usize>(&mut self, shape: [usize; D], device: &Device) -> Tensor<D> {
        self.tensor(Law::Normal, shape, device)
    }

    /// `count` uniform numbers on `[0, 1)`, on the host.
    pub(crate) fn uniforms(&mut self, count: usize) -> Vec<f32> {
        self.bulk(Law::Uniform, count)
    }

    /// `count` standard normal numbers, on the host.
    pub(crate) fn normals(&mut self, count: usize) -> Vec<f32> {
        self.bulk(Law::Normal, count)
    }

    /// A GPU draws the numbers itself: uniform numbers are bitwise those of the host, normal numbers up to rounding.
    fn tensor<const D: usize>(&mut self, law: Law, shape: [usize; D], device: &Device) -> Tensor<D> {
        #[cfg(any(feature = "wgpu", feature = "cuda"))]
        {
            let share = shape.iter().product::<usize>() / self.bulk.len();
            let keys: Vec<[u32; 8]> = self.bulk.iter().map(|source| source.key).collect();
            let stream = self.bulk[0].stream + 1;
            if let Some(numbers) = crate::math::noise::gpu::draws(&keys, stream, law == Law::Normal, share, device) {
                self.next_stream();
                return numbers.reshape(shape);
            }
        }
        Tensor::from_data(TensorData::new(self.bulk(law, shape.iter().product()), shape), device)
    }

    fn bulk(&mut self, law: Law, count: usize) -> Vec<f32> {
        self.next_stream();
        if let [source] = self.bulk[..] {
            return draws::draw(source, count, law);
        }
        assert!(count.is_multiple_of(self.bulk.len()), "the count must be a multiple of the number of networks");
        let share = count / self.bulk.len();
        self.bulk.par_iter().map(|&source| draws::draw(source, share, law)).collect::<Vec<_>>().concat()
    }

    /// Each bulk draw has its own ChaCha stream.
    fn next_stream(&mut self) {
        self.bulk.iter_mut().for_each(|source| source.stream += 1);
    }

    /// The generator of single numbers.
    fn one_by_one(&mut self) -> &mut ChaCha8Rng {
        assert_eq!(self.bulk.len(), 1, "the networks of a stack cannot draw single numbers");
        &mut self.rng
    }

    /// A uniformly random order of `0..n`.
    pub fn permutation(&mut self, n: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..n).collect();
        order.shuffle(self.one_by_one());
        order
    }

    /// One uniform number on `[0, 1)`.
    pub fn unit(&mut self) -> f64 {
        self.one_by_one().random()
    }

    /// A uniform integer in `0..n`, the same on every machine.
    ///
    /// # Panics
    /// If `n` is zero.
    pub fn below(&mut self, n: usize) -> usize {
        // The sampling of a `usize` depends on its width, so a `u64` is sampled.
        self.one_by_one().random_range(0..n as u64) as usize
    }

    /// One standard normal number.
    pub fn gauss(&mut self) -> f64 {
        self.one_by_one().sample(StandardNormal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw(seed: u64, purpose: Purpose, epoch: usize, step: usize) -> Vec<f32> {
        let tensor = Noise::new(seed, purpose, epoch, step).normal([16], &Device::flex());
        tensor.into_data().try_to_vec().unwrap()
    }

    #[test]
    fn a_stream_is_a_function_of_its_four_numbers() {
        let reference = draw(1, Purpose::Candidates, 2, 3);
        assert_eq!(reference, draw(1, Purpose::Candidates, 2, 3));
        for other in [
            draw(9, Purpose::Candidates, 2, 3),
            draw(1, Purpose::Weights, 2, 3),
            draw(1, Purpose::Candidates, 9, 3),
            draw(1, Purpose::Candidates, 2, 9),
        ] {
            assert_ne!(reference, other);
        }
    }

    #[test]
    fn networks_of_a_stack_draw_what_each_draws_alone() {
        let seeds = [7, 1, 9];
        let mut together = Noise::stacked(&seeds, Purpose::Candidates, 2, 3);
        let mut alone = seeds.map(|seed| Noise::new(seed, Purpose::Candidates, 2, 3));
        for count in [600, 1] {
            assert_eq!(together.normals(3 * count), alone.each_mut().map(|noise| noise.normals(count)).concat());
            assert_eq!(together.uniforms(3 * count), alone.each_mut().map(|noise| noise.uniforms(count)).concat());
        }
    }

    #[test]
    fn a_permutation_holds_every_index_once() {
        let mut order = Noise::new(0, Purpose::Order, 0, 0).permutation(1000);
        assert_ne!(order, (0..1000).collect::<Vec<_>>());
        order.sort_unstable();
        assert_eq!(order, (0..1000).collect::<Vec<_>>());
    }

    #[test]
    fn integers_below_a_limit_are_all_drawn_equally_often() {
        const N: usize = 80_000;
        let mut noise = Noise::new(0, Purpose::Augmentation, 0, 0);
        let mut counts = [0_usize; 8];
        (0..N).for_each(|_| counts[noise.below(8)] += 1);
        // Five standard errors of a binomial count with p = 1/8.
        let bound = 5.0 * (N as f64 * 7.0 / 64.0).sqrt();
        assert!(counts.iter().all(|&count| (count as f64 - N as f64 / 8.0).abs() < bound), "{counts:?}");
        assert_eq!(noise.below(1), 0);
    }

    #[test]
    fn moments_are_those_of_the_named_distribution() {
        const N: usize = 100_000;
        let mut noise = Noise::new(5, Purpose::Prediction, 0, 0);
        let normal: Vec<f32> = noise.normal([N], &Device::flex()).into_data().try_to_vec().unwrap();
        let uniform: Vec<f32> = noise.uniform([N], &Device::flex()).into_data().try_to_vec().unwrap();
        let mean = |v: &[f32]| v.iter().map(|&x| f64::from(x)).sum::<f64>() / N as f64;
        let second = |v: &[f32]| v.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>() / N as f64;
        // Five standard errors of each moment at N = 1e5.
        assert!(mean(&normal).abs() < 5.0 / (N as f64).sqrt());
        assert!((second(&normal) - 1.0).abs() < 5.0 * (2.0 / N as f64).sqrt());
        assert!((mean(&uniform) - 0.5).abs() < 5.0 * (1.0 / 12.0 / N as f64).sqrt());
        assert!(uniform.iter().all(|u| (0.0..1.0).contains(u)));
    }
}
