//! Points drawn in the plane.

use ebm_data::Pairs;

use super::learned::{Data, Source};
use crate::axis::Axis;
use crate::fault::Fault;

/// The fewest points that are trained on.
const NEEDED: usize = 8;
/// One of so many points is held out.
const HELD_OUT: usize = 5;

/// Drawn points as examples: every fifth is held out.
pub(super) fn of_points(points: Pairs, ranges: [[f64; 2]; 2]) -> Result<Data, Fault> {
    let found = points.len();
    if found < NEEDED {
        return Err(Fault::TooFew { found, needed: NEEDED });
    }
    let [mut train, mut held_out] = [Pairs::default(), Pairs::default()];
    for (index, (&x, &y)) in points.x.iter().zip(&points.y).enumerate() {
        let part = if index % HELD_OUT == HELD_OUT - 1 { &mut held_out } else { &mut train };
        part.x.push(x);
        part.y.push(y);
    }
    let [x, y] = ranges;
    Ok(Data::of_pairs(train, held_out, [Axis::new("x", x), Axis::new("y", y)], Source::Points))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(count: usize) -> Pairs {
        let x: Vec<f64> = (0..count).map(|i| i as f64).collect();
        Pairs::new(x.clone(), x).unwrap()
    }

    #[test]
    fn every_fifth_point_is_held_out_and_none_is_lost() {
        let data = of_points(points(12), [[-1.0, 12.0]; 2]).unwrap();
        let [train, held_out] = &data.shown;
        assert_eq!(held_out.x, [4.0, 9.0]);
        assert_eq!(train.len() + held_out.len(), 12);
        assert_eq!(data.examples.len(), train.len());
    }

    #[test]
    fn a_handful_of_points_is_refused_with_their_number() {
        let Err(fault) = of_points(points(7), [[-1.0, 12.0]; 2]) else { panic!("7 points were accepted") };
        assert_eq!(fault.to_string(), "7 points are too few: draw at least 8");
    }
}
