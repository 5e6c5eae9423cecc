//! Several seeds in one argument.

use std::ops::Range;
use std::str::FromStr;

/// More seeds than this are a typing error.
const MOST: usize = 10_000;

/// `0..20`, or `3,7,9`, or both: `0..3,7`. Each is there once, in the order given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seeds(pub Vec<u64>);

impl FromStr for Seeds {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut seeds = Vec::new();
        for part in text.split(',') {
            let range = range(part)?;
            if range.end - range.start > (MOST - seeds.len()) as u64 {
                return Err(format!("more than {MOST} seeds"));
            }
            for seed in range {
                if seeds.contains(&seed) {
                    return Err(format!("seed {seed} is there twice"));
                }
                seeds.push(seed);
            }
        }
        Ok(Self(seeds))
    }
}

/// `7` or `0..20`.
fn range(part: &str) -> Result<Range<u64>, String> {
    let expected = || format!("{part:?} is neither a seed nor a range such as 0..20");
    let number = |text: &str| text.trim().parse::<u64>().map_err(|_| expected());
    let range = match part.split_once("..") {
        Some((first, end)) => number(first)?..number(end)?,
        None => {
            let seed = number(part)?;
            seed..seed.checked_add(1).ok_or_else(expected)?
        }
    };
    if range.is_empty() { Err(format!("{part:?} holds no seed")) } else { Ok(range) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_and_lists_are_read() {
        for (text, expected) in [("3", vec![3]), ("0..3", vec![0, 1, 2]), ("7, 1..3,0", vec![7, 1, 2, 0])] {
            assert_eq!(text.parse(), Ok(Seeds(expected)));
        }
    }

    #[test]
    fn what_is_no_set_of_seeds_is_refused() {
        for text in ["", "a", "3..3", "5..2", "1,1", "0..4,2", "0..", "-1", "0..10001", "0..18446744073709551615"] {
            assert!(text.parse::<Seeds>().is_err(), "{text}");
        }
    }
}
