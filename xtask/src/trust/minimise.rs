//! Makes an input smaller that fails.

/// Programs that are started for one input, at most.
const TRIES: usize = 300;

/// Leaves out parts of `input` as long as `fails` holds, halves first, then ever smaller ones.
///
/// Source: Zeller, Hildebrandt, "Simplifying and isolating failure-inducing input", IEEE TSE 28 (2002), without its
/// complements.
pub(super) fn minimise(mut input: Vec<u8>, mut fails: impl FnMut(&[u8]) -> bool) -> Vec<u8> {
    let mut tries = 0;
    let mut part = input.len().div_ceil(2);
    while part > 0 {
        let (before, mut at) = (input.len(), 0);
        while at < input.len() && tries < TRIES {
            let mut shorter = input.clone();
            shorter.drain(at..(at + part).min(input.len()));
            tries += 1;
            if fails(&shorter) {
                input = shorter;
            } else {
                at += part;
            }
        }
        // Once more with the same size while it helps.
        if input.len() == before || tries >= TRIES {
            part /= 2;
        }
    }
    input
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_makes_an_input_fail_is_all_that_stays() {
        let input: Vec<u8> = (0..200).collect();
        let smaller = minimise(input, |bytes| bytes.contains(&17) && bytes.contains(&150));
        assert_eq!(smaller, [17, 150]);
        assert_eq!(minimise(vec![1, 2, 3], |_| true), Vec::<u8>::new());
        assert_eq!(minimise(vec![1, 2, 3], |_| false), [1, 2, 3]);
    }
}
