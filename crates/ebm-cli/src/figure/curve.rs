//! Curves, their colours and dashes.

use std::fmt::Write;

use super::frame::Frame;

/// Dashes tell curves apart where colour does not.
pub(super) const DASHES: [&str; 4] = ["", "7 4", "1 4", "8 4 1 4"];

pub(super) fn is_finite(point: &[f64; 2]) -> bool {
    point.iter().all(|value| value.is_finite())
}

/// SVG path data; every gap starts a new stroke.
pub(super) fn path(points: &[[f64; 2]], frame: &Frame) -> String {
    let mut data = String::new();
    for stroke in points.split(|point| !is_finite(point)) {
        for (index, &[x, y]) in stroke.iter().enumerate() {
            let (x, y) = frame.place(x, y);
            let command = if index == 0 { 'M' } else { 'L' };
            write!(data, "{command}{x:.1} {y:.1}").expect("a String accepts all text");
        }
        if stroke.len() == 1 {
            // A stroke of no length with round ends is a dot.
            data.push_str("h0");
        }
    }
    data
}

pub(super) fn colour(index: usize) -> String {
    let [r, g, b] = colorous::TABLEAU10[index % colorous::TABLEAU10.len()].as_array();
    format!("#{r:02x}{g:02x}{b:02x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_splits_the_curve_and_a_single_value_is_a_dot() {
        let frame = Frame { left: 0.0, top: 0.0, width: 4.0, height: 4.0, x_range: (0.0, 4.0), y_range: (0.0, 4.0) };
        let points = [[0.0, 1.0], [1.0, f64::NAN], [2.0, 3.0], [3.0, 2.0]];
        assert_eq!(path(&points, &frame), "M0.0 3.0h0M2.0 1.0L3.0 2.0");
    }
}
