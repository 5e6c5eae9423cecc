//! Round numbers for axes and colour bars.

/// One mark on an axis.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tick {
    /// Where the mark is.
    pub value: f64,
    /// How it reads.
    pub label: String,
}

/// At most `at_most + 1` ticks, a step of 1, 2 or 5 times a power of ten apart.
pub(super) fn ticks((low, high): (f64, f64), at_most: usize) -> Vec<Tick> {
    let least = (high - low) / at_most as f64;
    let power = 10f64.powf(least.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0]
        .map(|factor| factor * power)
        .into_iter()
        .find(|step| *step >= least * (1.0 - 1e-9))
        .unwrap_or(least);
    // The slack keeps a tick that sits on an end of the range.
    let first = (low / step - 1e-6).ceil() as i64;
    let last = (high / step + 1e-6).floor() as i64;
    let largest = low.abs().max(high.abs());
    (first..=last)
        .map(|index| {
            let value = index as f64 * step;
            let label = label(value, step, largest);
            Tick { value, label }
        })
        .collect()
}

/// A number with the digits that tell multiples of `step` apart.
fn label(value: f64, step: f64, largest: f64) -> String {
    let power = |value: f64| (value.abs().log10() + 1e-9).floor();
    let decimals = -power(step);
    let text = if value == 0.0 {
        "0".to_owned()
    } else if decimals > 4.0 || largest >= 1e6 {
        let digits = (power(value) - power(step)).clamp(0.0, 15.0) as usize;
        format!("{value:.digits$e}")
    } else {
        format!("{value:.*}", decimals.max(0.0) as usize)
    };
    // A hyphen is too short for a minus sign.
    text.replace('-', "\u{2212}")
}

/// The least number of two significant digits that is not below `value > 0`.
pub(super) fn round_up(value: f64) -> f64 {
    let unit = 10f64.powf(value.log10().floor() - 1.0);
    let rounded = (value / unit - 1e-9).ceil() * unit;
    // Densities near the ends of f64 have no such number.
    if rounded.is_finite() && rounded > 0.0 { rounded } else { value }
}

/// A number as short as its two significant digits allow.
pub(super) fn two_digits(value: f64) -> String {
    let power = value.abs().log10().floor();
    if (-3.0..6.0).contains(&power) {
        format!("{value:.*}", (1.0 - power).max(0.0) as usize)
    } else {
        format!("{value:.1e}").replace('-', "\u{2212}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(range: (f64, f64), at_most: usize) -> Vec<String> {
        let ticks = ticks(range, at_most);
        ticks.into_iter().map(|tick| tick.label).collect()
    }

    #[test]
    fn ticks_are_round_and_cover_both_ends() {
        assert_eq!(labels((-2.0, 2.0), 4), ["−2", "−1", "0", "1", "2"]);
        assert_eq!(labels((0.0, 1.0), 5), ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(labels((0.0, 2e6), 2), ["0", "1e6", "2e6"]);
        assert_eq!(labels((0.0, 1.5e7), 3), ["0", "5e6", "1.0e7", "1.5e7"]);
    }

    #[test]
    fn ticks_never_exceed_their_number() {
        for scale in [1e-9, 0.3, 1.0, 7.7, 12345.0] {
            let count = ticks((-scale, 0.9 * scale), 6).len();
            assert!((2..=7).contains(&count), "{count} ticks at scale {scale}");
        }
    }

    #[test]
    fn rounding_up_keeps_two_digits() {
        assert!((round_up(4.213) - 4.3).abs() < 1e-9);
        assert!((round_up(0.05) - 0.05).abs() < 1e-12);
        assert_eq!(two_digits(round_up(4.213)), "4.3");
        assert_eq!(two_digits(120.0), "120");
    }
}
