//! Sawn tree trunks; the label is the number of rings, 1 to 60 years.
//!
//! - rings `y ~ 0.2 Gamma(2, 2) + 0.5 N(28, 8²) + 0.3 U(1, 60)`, rounded and clipped
//! - widths of rings fall by 2 % a year and scatter log-normally with 0.25; the trunk's radius is
//!   `min(29, 6 + 3.2 g (Σ widths)^0.65)` pixels with growth `g ~ LogNormal(0, 0.25²)`, so that size is a poor guide
//! - wood darkens with the third power across each ring; outlines wobble by cosines of 2 to 5 waves
//!
//! The rings of a young tree can be counted, those of an old one only guessed from their fine texture.

use super::raster::{Picture, Rgb, blend, times, tone};
use super::stream::Stream;
use crate::image::SIDE;

/// Oldest tree.
const OLDEST: f64 = 60.0;
/// Width of the bark, pixels.
const BARK: f64 = 1.8;
/// Largest radius of the wood, pixels.
const LARGEST: f64 = 29.0;
/// Radii at which the colour of the wood is worked out.
const WOOD_STEPS: usize = 4096;
/// Waves around the trunk of the first and the last cosine.
const WAVES: std::ops::RangeInclusive<usize> = 2..=5;

/// What a picture shows.
#[derive(Debug, Clone)]
pub(super) struct Scene {
    /// Outer radius of every ring, pixels; 0 first.
    radii: Vec<f64>,
    /// Middle of the trunk, pixels.
    centre: [f64; 2],
    /// Cosine and sine amplitude of each of [`WAVES`].
    wobble: Vec<[f64; 2]>,
    early: Rgb,
    late: Rgb,
    ground: Rgb,
}

impl Scene {
    pub fn draw(stream: &mut Stream) -> Self {
        let rings = draw_rings(stream);
        let mut radii = vec![0.0];
        for year in 0..rings {
            let width = libm::exp(stream.normal(0.0, 0.25) - 0.02 * f64::from(year));
            radii.push(radii[radii.len() - 1] + width);
        }
        let grown = radii[radii.len() - 1];
        let growth = libm::exp(stream.normal(0.0, 0.25));
        let radius = LARGEST.min(6.0 + 3.2 * growth * libm::pow(grown, 0.65));
        radii.iter_mut().for_each(|r| *r = *r / grown * radius);
        let middle = SIDE as f64 / 2.0;
        let centre = [0; 2].map(|_| stream.normal(middle, 1.5));
        let wobble = WAVES
            .map(|waves| {
                let size = stream.normal(0.0, 0.035 / waves as f64);
                let phase = stream.uniform(0.0, std::f64::consts::TAU);
                [size * libm::cos(phase), -size * libm::sin(phase)]
            })
            .collect();
        let early = tone([0.75, 0.6, 0.4], [0.9, 0.75, 0.55], 0.3, stream);
        let late = times(early, stream.uniform(0.45, 0.65));
        let ground = tone([0.1; 3], [0.6; 3], 1.0, stream);
        Self { radii, centre, wobble, early, late, ground }
    }

    /// The number of rings, the label.
    pub fn rings(&self) -> u32 {
        self.radii.len() as u32 - 1
    }

    pub fn picture(&self, noise: &mut Stream) -> Picture {
        let bark = times(self.late, 0.45);
        let outside = self.radii[self.radii.len() - 1];
        // Fine enough for rings that are half a pixel wide.
        let wood: Vec<Rgb> = (0..WOOD_STEPS)
            .map(|step| self.lateness((step as f64 + 0.5) / WOOD_STEPS as f64 * outside))
            .map(|late| blend(self.early, self.late, late))
            .collect();
        Picture::sample(4, |v| {
            let dy = v - self.centre[1];
            let wood = &wood;
            move |u| {
                let dx = u - self.centre[0];
                let r = (dx * dx + dy * dy).sqrt().max(1e-9);
                let ringed = r * self.stretch(dx / r, dy / r);
                if ringed < outside {
                    wood[(ringed / outside * WOOD_STEPS as f64) as usize]
                } else if ringed < outside + BARK {
                    bark
                } else {
                    self.ground
                }
            }
        })
        .exposed(1.0, 0.02, noise)
    }

    /// `1 + Σ_k a_k cos(kθ + φ_k)` in the direction `(cos θ, sin θ)`.
    fn stretch(&self, cos: f64, sin: f64) -> f64 {
        let (mut c, mut s) = (cos, sin);
        let mut stretch = 1.0;
        for [even, odd] in &self.wobble {
            // From kθ to (k + 1)θ.
            (c, s) = (c * cos - s * sin, s * cos + c * sin);
            stretch += even * c + odd * s;
        }
        stretch
    }

    /// How dark the wood is at radius `r` inside the trunk, from 0 to 1.
    fn lateness(&self, r: f64) -> f64 {
        let outer = self.radii.partition_point(|&radius| radius <= r).min(self.radii.len() - 1);
        let (lo, hi) = (self.radii[outer - 1], self.radii[outer]);
        let across = ((r - lo) / (hi - lo)).clamp(0.0, 1.0);
        across * across * across
    }
}

/// Draws the number of rings.
fn draw_rings(stream: &mut Stream) -> u32 {
    let part = stream.unit();
    let years = if part < 0.2 {
        // The sum of two exponentials is Gamma(2).
        stream.exponential(2.0) + stream.exponential(2.0)
    } else if part < 0.7 {
        stream.normal(28.0, 8.0)
    } else {
        stream.uniform(1.0, OLDEST)
    };
    libm::round(years).clamp(1.0, OLDEST) as u32
}

#[cfg(test)]
mod tests {
    use super::super::stream::{Aspect, Key};
    use super::*;

    fn scene(index: u64) -> Scene {
        Scene::draw(&mut Key { family: 3, seed: 2, index }.stream(Aspect::Scene))
    }

    #[test]
    fn dark_rings_on_a_radius_are_as_many_as_the_label() {
        for index in 0..50 {
            let scene = scene(index);
            let outside = scene.radii[scene.radii.len() - 1];
            let wood: Vec<f64> = (0..10_000).map(|k| scene.lateness(outside * f64::from(k) / 10_000.0)).collect();
            let ends = wood.windows(2).filter(|pair| pair[0] > 0.5 && pair[1] < 0.5).count();
            // The last ring ends at the bark.
            assert_eq!(ends as u32 + 1, scene.rings());
        }
    }

    #[test]
    fn ages_have_the_mean_of_their_mixture() {
        const TREES: u64 = 4000;
        let ages: Vec<f64> = (0..TREES).map(|index| f64::from(scene(index).rings())).collect();
        assert!(ages.iter().all(|age| (1.0..=OLDEST).contains(age)));
        let mean = ages.iter().sum::<f64>() / TREES as f64;
        // 0.2·4 + 0.5·28 + 0.3·30.5 = 23.95 before clipping, which moves it by 0.03; the standard deviation is 15.
        assert!((mean - 23.95).abs() < 5.0 * 15.0 / (TREES as f64).sqrt(), "{mean}");
    }

    #[test]
    fn a_trunk_fits_into_its_picture() {
        for index in 0..200 {
            let scene = scene(index);
            let outside = scene.radii[scene.radii.len() - 1];
            assert!((6.0..=LARGEST).contains(&outside));
            assert!(scene.radii.is_sorted());
        }
    }
}
