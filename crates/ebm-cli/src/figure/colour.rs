//! From density to colour: one scale for all heat maps of a figure.

use super::ticks::round_up;

/// Share of all cells whose density the scale resolves.
const RESOLVED_SHARE: f64 = 0.995;

/// Palette entries for densities; the one after them is [`NAN_COLOUR`].
pub(super) const LEVELS: u8 = 255;

/// Red is far from every colour of the map.
pub(super) const NAN_COLOUR: [u8; 3] = [0xd6, 0x27, 0x28];

/// Linear colour scale from zero to `top`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct ColourScale {
    /// Density of the last colour.
    pub top: f64,
    /// Whether some densities exceed `top`.
    pub saturates: bool,
}

impl ColourScale {
    /// The scale for all given log densities, in nats.
    pub fn of(log_densities: impl Iterator<Item = f32>) -> Self {
        let mut infinite = false;
        let mut densities = Vec::new();
        for log_density in log_densities.filter(|value| !value.is_nan()) {
            let density = f64::from(log_density).exp();
            infinite |= density.is_infinite();
            if density.is_finite() {
                densities.push(density);
            }
        }
        let highest = densities.iter().copied().fold(0.0, f64::max);
        let resolved = match densities.len().checked_sub(1) {
            Some(last) => {
                let rank = (last as f64 * RESOLVED_SHARE).round() as usize;
                *densities.select_nth_unstable_by(rank, f64::total_cmp).1
            }
            None => 0.0,
        };
        // All mass in a few cells: their density is then the only one to show.
        let top = match (resolved > 0.0, highest > 0.0) {
            (true, _) => round_up(resolved),
            (false, true) => round_up(highest),
            (false, false) => 1.0,
        };
        Self { top, saturates: infinite || highest > top }
    }

    /// Palette entry for a log density in nats; `None` for NaN.
    pub fn level(self, log_density: f32) -> Option<u8> {
        let share = f64::from(log_density).exp() / self.top;
        (!share.is_nan()).then(|| (share.min(1.0) * f64::from(LEVELS - 1)).round() as u8)
    }
}

/// Colour of a palette entry, from dark at zero to light at `LEVELS - 1`.
pub(super) fn colour(level: u8) -> [u8; 3] {
    let share = f64::from(level) / f64::from(LEVELS - 1);
    colorous::VIRIDIS.eval_continuous(share).as_array()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn luminance_rises_with_density() {
        let luminance = |[r, g, b]: [u8; 3]| 0.2126 * f64::from(r) + 0.7152 * f64::from(g) + 0.0722 * f64::from(b);
        for level in 1..LEVELS {
            let (below, here) = (luminance(colour(level - 1)), luminance(colour(level)));
            // Eight-bit colours may repeat a grey, never fall behind it.
            assert!(here > below - 0.5, "level {level}: {here} after {below}");
        }
        assert!(luminance(colour(LEVELS - 1)) - luminance(colour(0)) > 150.0);
    }

    #[test]
    fn an_outlier_saturates_instead_of_dimming_the_rest() {
        let cells = (1..=1000).map(|cell| (cell as f32 / 1000.0).ln());
        let scale = ColourScale::of(cells.chain([1e6f32.ln()]));
        assert!(scale.saturates);
        assert!((scale.top - 1.0).abs() < 0.01, "{}", scale.top);
        assert_eq!(scale.level(20.0), Some(LEVELS - 1));
    }

    #[test]
    fn a_flat_density_does_not_saturate() {
        let scale = ColourScale::of([0.0; 9].into_iter());
        assert_eq!((scale.top, scale.saturates), (1.0, false));
    }

    #[test]
    fn non_finite_log_densities_have_a_place() {
        let scale = ColourScale::of([f32::NEG_INFINITY, f32::NAN, f32::INFINITY].into_iter());
        assert_eq!((scale.top, scale.saturates), (1.0, true));
        assert_eq!(scale.level(f32::NEG_INFINITY), Some(0));
        assert_eq!(scale.level(f32::INFINITY), Some(LEVELS - 1));
        assert_eq!(scale.level(f32::NAN), None);
    }

    #[test]
    fn mass_in_one_cell_of_many_still_shows() {
        let mut cells = vec![f32::NEG_INFINITY; 10_000];
        cells[7] = 0.0;
        assert_eq!(ColourScale::of(cells.into_iter()).top, 1.0);
    }
}
