//! The density a generated label was drawn from.

use super::stream::Stream;
use crate::normal::{log_add_exp, log_normal, normal_entropy};

/// One Gaussian of a [`Truth`], independent in its dimensions.
#[derive(Debug, Clone, PartialEq)]
pub struct Component {
    /// Probability that a label comes from it.
    pub weight: f64,
    /// Mean of each dimension, in units of the label.
    pub mean: Vec<f64>,
    /// Standard deviation of each dimension, in units of the label.
    pub sd: Vec<f64>,
}

/// A mixture of one or two Gaussians: the true p(y | x) of one image.
#[derive(Debug, Clone, PartialEq)]
pub struct Truth {
    components: Vec<Component>,
}

impl Truth {
    /// A single Gaussian.
    pub(super) fn one(mean: &[f64], sd: &[f64]) -> Self {
        Self { components: vec![Component { weight: 1.0, mean: mean.to_vec(), sd: sd.to_vec() }] }
    }

    /// Two Gaussians on the line, each a mean and a standard deviation, the first with probability `weight`.
    pub(super) fn fork(weight: f64, first: (f64, f64), second: (f64, f64)) -> Self {
        let component = |weight, (mean, sd)| Component { weight, mean: vec![mean], sd: vec![sd] };
        Self { components: vec![component(weight, first), component(1.0 - weight, second)] }
    }

    /// Two equally likely Gaussians with the same standard deviations.
    pub(super) fn twins(first: &[f64], second: &[f64], sd: &[f64]) -> Self {
        let component = |mean: &[f64]| Component { weight: 0.5, mean: mean.to_vec(), sd: sd.to_vec() };
        Self { components: vec![component(first), component(second)] }
    }

    /// The Gaussians, one or two.
    #[must_use]
    pub fn components(&self) -> &[Component] {
        &self.components
    }

    /// `log p(y | x)` in nats.
    ///
    /// # Panics
    /// When `y` has not the label's dimensions.
    #[must_use]
    pub fn log_density(&self, y: &[f64]) -> f64 {
        let log_density = |component: &Component| {
            assert_eq!(y.len(), component.mean.len(), "a label");
            let gaussians = y.iter().zip(&component.mean).zip(&component.sd);
            libm::log(component.weight) + gaussians.map(|((y, mean), sd)| log_normal(*y, *mean, *sd)).sum::<f64>()
        };
        self.components.iter().map(log_density).fold(f64::NEG_INFINITY, log_add_exp)
    }

    /// Differential entropy `−∫ p log p dy` in nats, to about 1e-9.
    ///
    /// No model has a lower expected negative log-likelihood on this image. The trapezium rule on the line through the
    /// two means; across it both Gaussians are the same.
    #[must_use]
    pub fn entropy(&self) -> f64 {
        match &self.components[..] {
            [one] => one.sd.iter().map(|&sd| normal_entropy(sd)).sum(),
            [first, second] if first.mean.len() == 1 => {
                line_entropy(first.weight, (first.mean[0], first.sd[0]), (second.mean[0], second.sd[0]))
            }
            [first, second] => {
                // In units of the shared standard deviations, the means are apart along one direction only.
                let apart = first.mean.iter().zip(&second.mean).zip(&first.sd).map(|((a, b), sd)| (a - b) / sd);
                let distance = apart.map(|z| z * z).sum::<f64>().sqrt();
                let units: f64 = first.sd.iter().map(|&sd| libm::log(sd)).sum();
                let across = (first.sd.len() - 1) as f64 * normal_entropy(1.0);
                units + across + line_entropy(first.weight, (0.0, 1.0), (distance, 1.0))
            }
            _ => unreachable!("the constructors make one or two components"),
        }
    }

    /// Draws a label.
    pub(super) fn draw(&self, stream: &mut Stream, label: &mut [f64]) {
        let mut left = stream.unit();
        let mut chosen = &self.components[0];
        for component in &self.components {
            chosen = component;
            if left < component.weight {
                break;
            }
            left -= component.weight;
        }
        for ((y, mean), sd) in label.iter_mut().zip(&chosen.mean).zip(&chosen.sd) {
            *y = stream.normal(*mean, *sd);
        }
    }
}

/// Entropy of `weight·N(first) + (1 − weight)·N(second)`, each a mean and a standard deviation.
fn line_entropy(weight: f64, first: (f64, f64), second: (f64, f64)) -> f64 {
    const STEP: f64 = 1.0 / 32.0;
    const STEPS: i32 = 9 * 32;
    let log_density = |y| {
        log_add_exp(
            libm::log(weight) + log_normal(y, first.0, first.1),
            libm::log1p(-weight) + log_normal(y, second.0, second.1),
        )
    };
    let share = |(mean, sd): (f64, f64)| -> f64 {
        let at = |k: i32| {
            let z = f64::from(k) * STEP;
            -libm::exp(log_normal(z, 0.0, 1.0)) * log_density(mean + sd * z)
        };
        STEP * (-STEPS..=STEPS).map(at).sum::<f64>()
    };
    weight * share(first) + (1.0 - weight) * share(second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twins_far_apart_have_one_bit_more_than_one_alone() {
        let sd = [1.0, 2.0, 0.5];
        let one = Truth::one(&[3.0, 0.0, 1.0], &sd).entropy();
        let apart = Truth::twins(&[30.0, 0.0, 9.0], &[-30.0, 0.0, -9.0], &sd).entropy();
        let together = Truth::twins(&[3.0, 0.0, 1.0], &[3.0, 0.0, 1.0], &sd).entropy();
        assert!((apart - one - 2f64.ln()).abs() < 1e-9);
        assert!((together - one).abs() < 1e-9);
    }

    #[test]
    fn entropy_is_the_expected_surprise() {
        // Close enough to overlap, with unlike widths: by the midpoint rule, straight from the definition.
        let truth = Truth::fork(0.7, (1.0, 0.6), (-2.0, 2.5));
        let surprise = |y: f64| -truth.log_density(&[y]) * truth.log_density(&[y]).exp();
        let total: f64 = (0..8000).map(|k| surprise((f64::from(k) - 4000.0 + 0.5) * 0.01) * 0.01).sum();
        assert!((truth.entropy() - total).abs() < 1e-7);
    }

    #[test]
    fn density_of_a_mixture_is_the_weighted_sum() {
        let truth = Truth::fork(0.7, (1.0, 0.6), (-2.0, 2.5));
        let density = |y: f64, mean: f64, sd: f64| log_normal(y, mean, sd).exp();
        let expected = 0.7 * density(0.3, 1.0, 0.6) + 0.3 * density(0.3, -2.0, 2.5);
        assert!((truth.log_density(&[0.3]).exp() - expected).abs() < 1e-12);
        assert!(truth.log_density(&[1e6]) < -1e10 && truth.log_density(&[1e6]).is_finite());
    }
}
