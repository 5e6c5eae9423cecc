//! The random numbers of one generated image.

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

/// What the numbers of a stream decide. The streams of different aspects never overlap.
#[derive(Debug, Clone, Copy)]
pub(super) enum Aspect {
    /// The scene.
    Scene,
    /// The label, given the scene.
    Label,
    /// Grain and sensor noise, given the scene.
    Pixels,
}

/// Names one image: its numbers are a pure function of this, independent of other images and of the number of threads.
#[derive(Debug, Clone, Copy)]
pub(super) struct Key {
    /// Which generator.
    pub family: u8,
    pub seed: u64,
    pub index: u64,
}

impl Key {
    /// The stream of one aspect of the image; the numbers are the ChaCha8 key itself.
    pub fn stream(self, aspect: Aspect) -> Stream {
        let generator = u64::from_le_bytes([b's', b't', b'a', b'n', b'd', b'i', b'n', self.family]);
        let mut key = [0; 32];
        for (slot, word) in key.chunks_exact_mut(8).zip([self.seed, generator, self.index, aspect as u64]) {
            slot.copy_from_slice(&word.to_le_bytes());
        }
        Stream { rng: ChaCha8Rng::from_seed(key) }
    }
}

/// Random numbers from one key.
#[derive(Debug)]
pub(super) struct Stream {
    rng: ChaCha8Rng,
}

impl Stream {
    /// Uniform on `[0, 1)`.
    pub fn unit(&mut self) -> f64 {
        self.rng.random()
    }

    /// Uniform on `[lo, hi)`.
    pub fn uniform(&mut self, lo: f64, hi: f64) -> f64 {
        lo + (hi - lo) * self.unit()
    }

    /// Uniform among the whole numbers `0..n`.
    pub fn below(&mut self, n: u32) -> u32 {
        self.rng.random_range(0..n)
    }

    /// Uniform bytes.
    pub fn bytes(&mut self, bytes: &mut [u8]) {
        self.rng.fill_bytes(bytes);
    }

    /// `N(mean, sd²)`.
    pub fn normal(&mut self, mean: f64, sd: f64) -> f64 {
        mean + sd * self.rng.sample::<f64, _>(StandardNormal)
    }

    /// Laplace with density `exp(−|y|/scale)/(2 scale)`.
    pub fn laplace(&mut self, scale: f64) -> f64 {
        let size = self.exponential(scale);
        if self.unit() < 0.5 { -size } else { size }
    }

    /// Exponential with mean `scale`.
    pub fn exponential(&mut self, scale: f64) -> f64 {
        // 1 − u is in (0, 1], so that the logarithm is finite.
        -scale * libm::log(1.0 - self.unit())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: Key = Key { family: 1, seed: 2, index: 3 };

    #[test]
    fn a_stream_is_a_function_of_its_four_numbers() {
        let reference = KEY.stream(Aspect::Scene).unit();
        assert_eq!(reference, KEY.stream(Aspect::Scene).unit());
        for other in [
            Key { family: 9, ..KEY }.stream(Aspect::Scene),
            Key { seed: 9, ..KEY }.stream(Aspect::Scene),
            Key { index: 9, ..KEY }.stream(Aspect::Scene),
            KEY.stream(Aspect::Label),
        ] {
            assert_ne!(reference, { other }.unit());
        }
    }

    #[test]
    fn moments_are_those_of_the_named_distribution() {
        const N: usize = 100_000;
        let mut stream = KEY.stream(Aspect::Pixels);
        let mut moments = |draw: &dyn Fn(&mut Stream) -> f64| {
            let draws: Vec<f64> = (0..N).map(|_| draw(&mut stream)).collect();
            let second = draws.iter().map(|v| v * v).sum::<f64>() / N as f64;
            (draws.iter().sum::<f64>() / N as f64, second)
        };
        // Five standard errors: the second moment of the exponential and the Laplace law, 2, has variance 20.
        let close = |(mean, second): (f64, f64), expected: (f64, f64)| {
            let error = (N as f64).sqrt();
            assert!((mean - expected.0).abs() < 5.0 * 2f64.sqrt() / error, "{mean} {expected:?}");
            assert!((second - expected.1).abs() < 5.0 * 20f64.sqrt() / error, "{second} {expected:?}");
        };
        close(moments(&|s| s.exponential(1.0)), (1.0, 2.0));
        close(moments(&|s| s.laplace(1.0)), (0.0, 2.0));
        close(moments(&|s| s.normal(1.0, 1.0)), (1.0, 2.0));
        close(moments(&|s| s.uniform(-1.0, 1.0)), (0.0, 1.0 / 3.0));
        close(moments(&|s| f64::from(s.below(3))), (1.0, 5.0 / 3.0));
    }
}
