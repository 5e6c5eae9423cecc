//! Power means of curves, mixtures among them.

use super::Curve;
use super::cell::Cell;

/// The largest error of the log-density in the middle of a cell, nats. A cell with a larger one is halved.
const TOLERANCE: f64 = 0.02;

/// How often a cell is halved at most.
const HALVINGS: usize = 6;

impl Curve {
    /// The density `(Σ_i w_i p_i^α)^{1/α} / Z`, of weights whose sum is 1 and a power `0 < α ≤ 1`, with `log Z ≤ 0` as its
    /// [`Curve::log_mass`]. A power of 1 is the mixture, with `Z = 1`.
    ///
    /// Its knots are those of all members. Between them its logarithm is convex, not linear: a cell is halved until its
    /// middle is accurate to 0.02 nats. Where a member's support ends, the density may jump. A member of weight 0 is left
    /// out. If a member is unknown, so is the whole.
    ///
    /// # Panics
    /// If no weight is positive.
    pub(crate) fn pool(members: &[(f64, &Self)], power: f64) -> Self {
        let members: Vec<(f64, &Self)> = members.iter().copied().filter(|(weight, _)| *weight > 0.0).collect();
        assert!(!members.is_empty(), "a mixture needs a member of positive weight");
        if let Some((_, unknown)) = members.iter().find(|(_, member)| member.is_unknown()) {
            return (*unknown).clone();
        }
        if let [(_, only)] = members[..] {
            return Self { log_mass: 0.0, ..only.clone() };
        }
        let mut edges: Vec<f64> = members.iter().flat_map(|(_, member)| member.edges()).collect();
        edges.sort_unstable_by(f64::total_cmp);
        edges.dedup();
        // The cell of every member that the current pair of edges lies in, or the next one.
        let mut at = vec![0; members.len()];
        let mut cells = Vec::with_capacity(edges.len());
        for ends in edges.windows(2) {
            let mut here = Vec::with_capacity(members.len());
            for (at, (weight, member)) in at.iter_mut().zip(&members) {
                while *at < member.cells.len() && member.cells[*at].ends[1] <= ends[0] {
                    *at += 1;
                }
                here.extend(
                    member.cells.get(*at).filter(|cell| cell.ends[0] <= ends[0]).map(|cell| (weight.ln(), cell)),
                );
            }
            push([ends[0], ends[1]], &here, power, HALVINGS, &mut cells);
        }
        Self::of(cells, 0.0)
    }

    fn edges(&self) -> impl Iterator<Item = f64> + '_ {
        self.cells.iter().map(|cell| cell.ends[0]).chain([self.support()[1]])
    }
}

/// Adds cells for the power mean of these log-linear pieces, each with the logarithm of its weight, between two ends.
fn push(ends: [f64; 2], pieces: &[(f64, &Cell)], power: f64, halvings: usize, into: &mut Vec<Cell>) {
    let log_at = |y: f64| {
        let terms = || pieces.iter().map(|(log_weight, cell)| log_weight + power * cell.log_at(y));
        let max = terms().fold(-1e5, f64::max);
        (max + terms().map(|term| (term - max).exp()).sum::<f64>().max(f64::MIN_POSITIVE).ln()) / power
    };
    let logs = ends.map(log_at);
    let middle = 0.5 * (ends[0] + ends[1]);
    let error = 0.5 * (logs[0] + logs[1]) - log_at(middle);
    if halvings == 0 || pieces.len() < 2 || error < TOLERANCE || middle <= ends[0] || middle >= ends[1] {
        return into.push(Cell::new(ends, logs));
    }
    push([ends[0], middle], pieces, power, halvings - 1, into);
    push([middle, ends[1]], pieces, power, halvings - 1, into);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::grid::linspace;
    use proptest::prelude::*;

    fn gaussian(mean: f64, sd: f64) -> Curve {
        let knots = linspace(mean - 8.0 * sd, mean + 8.0 * sd, 801);
        let logs: Vec<f64> = knots.iter().map(|y| -0.5 * ((y - mean) / sd).powi(2)).collect();
        Curve::new(&knots, &logs)
    }

    proptest! {
        #[test]
        fn a_mixture_has_the_weighted_densities_masses_and_means(
            mean in -3f64..3.0, sd in 0.05f64..3.0, weight in 0.01f64..0.99, y in -4f64..4.0,
        ) {
            let [a, b] = [gaussian(0.0, 1.0), gaussian(mean, sd)];
            let pooled = Curve::pool(&[(weight, &a), (1.0 - weight, &b)], 1.0);
            let of = |value: &dyn Fn(&Curve) -> f64| weight * value(&a) + (1.0 - weight) * value(&b);
            let density = of(&|curve| curve.log_density(y).exp()).ln();
            prop_assert!((pooled.log_density(y) - density).abs() < TOLERANCE);
            prop_assert!((pooled.cdf(y) - of(&|curve| curve.cdf(y))).abs() < 1e-3);
            prop_assert!((pooled.mean() - of(&Curve::mean)).abs() < 5e-3);
        }
    }

    proptest! {
        #[test]
        fn the_mean_of_square_roots_of_gaussians_has_the_mass_of_its_closed_form(
            mean in -3f64..3.0, sd in 0.2f64..3.0, weight in 0.01f64..0.99, y in -4f64..4.0,
        ) {
            let [a, b] = [gaussian(0.0, 1.0), gaussian(mean, sd)];
            let pooled = Curve::pool(&[(weight, &a), (1.0 - weight, &b)], 0.5);
            // ∫ (w √p + (1 − w) √q)² = w² + (1 − w)² + 2 w (1 − w) ∫ √(p q), a Bhattacharyya coefficient.
            let square = 1.0 + sd * sd;
            let overlap = (2.0 * sd / square).sqrt() * (-0.25 * mean * mean / square).exp();
            let rest = 1.0 - weight;
            let mass = weight * weight + rest * rest + 2.0 * weight * rest * overlap;
            prop_assert!((pooled.log_mass() - mass.ln()).abs() < 0.01, "{} {}", pooled.log_mass(), mass.ln());
            let root = weight * (0.5 * a.log_density(y)).exp() + rest * (0.5 * b.log_density(y)).exp();
            prop_assert!((pooled.log_density(y) - 2.0 * root.ln() + mass.ln()).abs() < 2.0 * TOLERANCE);
        }
    }

    #[test]
    fn members_with_disjoint_supports_leave_a_gap_without_mass() {
        let [low, high] = [[0.0, 1.0], [3.0, 5.0]].map(|ends| Curve::new(&ends, &[0.0; 2]));
        let pooled = Curve::pool(&[(0.25, &low), (0.75, &high)], 1.0);
        assert_eq!(pooled.support(), [0.0, 5.0]);
        assert!((pooled.cdf(1.0) - 0.25).abs() < 1e-12 && (pooled.cdf(3.0) - 0.25).abs() < 1e-12);
        assert!((pooled.log_density(4.0) - 0.375f64.ln()).abs() < 1e-12);
        assert!(pooled.log_density(2.0) < -9e4);
    }

    #[test]
    fn a_member_of_weight_zero_leaves_no_trace_and_an_unknown_one_makes_all_unknown() {
        let [known, unknown] = [gaussian(1.0, 1.0), Curve::new(&[0.0, 1.0], &[f64::NAN; 2])];
        assert_eq!(Curve::pool(&[(1.0, &known), (0.0, &unknown)], 1.0).mean(), known.mean());
        assert!(Curve::pool(&[(0.9, &known), (0.1, &unknown)], 0.5).is_unknown());
    }
}
