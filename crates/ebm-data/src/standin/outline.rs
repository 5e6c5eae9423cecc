//! Closed smooth curves and the pixels inside them.

/// A point in pixels, x to the right and y down.
pub(super) type Point = [f64; 2];

/// The closed cubic spline through `knots`, as a polygon of `per_span` corners for each knot.
///
/// Centripetal: the parameter grows by the square root of the distance between knots. Two derivatives are
/// continuous everywhere, across the last knot to the first one as well.
///
/// # Panics
/// With fewer than three knots.
pub(super) fn closed_spline(knots: &[Point], per_span: usize) -> Vec<Point> {
    let n = knots.len();
    assert!(n >= 3, "a closed curve has three knots or more");
    let next = |k: usize| (k + 1) % n;
    let spans: Vec<f64> = (0..n).map(|k| distance(knots[k], knots[next(k)]).sqrt().max(1e-9)).collect();
    let slope = |k: usize, axis: usize| (knots[next(k)][axis] - knots[k][axis]) / spans[k];
    let right: Vec<Point> =
        (0..n).map(|k| [0, 1].map(|axis| 6.0 * (slope(k, axis) - slope((k + n - 1) % n, axis)))).collect();
    let bends = solve_cyclic(&spans, &right);
    let mut polygon = Vec::with_capacity(n * per_span);
    for k in 0..n {
        let h = spans[k];
        for step in 0..per_span {
            let b = step as f64 / per_span as f64;
            let a = 1.0 - b;
            polygon.push([0, 1].map(|axis| {
                let (from, to) = (knots[k][axis], knots[next(k)][axis]);
                let (bend_from, bend_to) = (bends[k][axis], bends[next(k)][axis]);
                a * from + b * to + h * h / 6.0 * ((a * a * a - a) * bend_from + (b * b * b - b) * bend_to)
            }));
        }
    }
    polygon
}

fn distance(a: Point, b: Point) -> f64 {
    let (dx, dy) = (a[0] - b[0], a[1] - b[1]);
    (dx * dx + dy * dy).sqrt()
}

/// Second derivatives `M` of a periodic spline: `h_{k−1} M_{k−1} + 2(h_{k−1} + h_k) M_k + h_k M_{k+1} = right_k`.
///
/// By relaxation in place (Gauss–Seidel). Each row's diagonal is twice the sum of the rest, so that the error at
/// least halves in a sweep; 60 sweeps leave nothing that a double can hold.
fn solve_cyclic(spans: &[f64], right: &[Point]) -> Vec<Point> {
    let n = right.len();
    let before = |k: usize| if k == 0 { n - 1 } else { k - 1 };
    let after = |k: usize| if k + 1 == n { 0 } else { k + 1 };
    let scales: Vec<f64> = (0..n).map(|k| 0.5 / (spans[before(k)] + spans[k])).collect();
    let mut bends = vec![[0.0; 2]; n];
    for _ in 0..60 {
        for k in 0..n {
            let (last, next) = (bends[before(k)], bends[after(k)]);
            let (h_last, h) = (spans[before(k)], spans[k]);
            bends[k] = [0, 1].map(|axis| (right[k][axis] - h_last * last[axis] - h * next[axis]) * scales[k]);
        }
    }
    bends
}

/// Calls `fill(y, from, to)` for every run of pixels `from..to` of row `y` whose centres are inside the polygon.
///
/// Inside means an odd number of edges to the left. Coordinates may be negative.
pub(super) fn fill_polygon(polygon: &[Point], mut fill: impl FnMut(i32, i32, i32)) {
    let (lo, hi) = polygon.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), p| (l.min(p[1]), h.max(p[1])));
    let mut crossings = vec![];
    for y in lo.floor() as i32..=hi.ceil() as i32 {
        let centre = f64::from(y) + 0.5;
        crossings.clear();
        for (k, a) in polygon.iter().enumerate() {
            let b = &polygon[(k + 1) % polygon.len()];
            if (a[1] <= centre) != (b[1] <= centre) {
                crossings.push(a[0] + (centre - a[1]) / (b[1] - a[1]) * (b[0] - a[0]));
            }
        }
        crossings.sort_by(f64::total_cmp);
        for run in crossings.chunks_exact(2) {
            let (from, to) = ((run[0] - 0.5).ceil() as i32, (run[1] - 0.5).ceil() as i32);
            if from < to {
                fill(y, from, to);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn circle(radius: f64, knots: usize) -> Vec<Point> {
        let turn = std::f64::consts::TAU / knots as f64;
        (0..knots).map(|k| [radius * (turn * k as f64).cos(), radius * (turn * k as f64).sin()]).collect()
    }

    #[test]
    fn a_spline_through_points_of_a_circle_is_that_circle() {
        for [x, y] in closed_spline(&circle(1.0, 10), 8) {
            // A cubic spline is off by about (turn/10)^4/384, 4e-4 here.
            assert!((x.hypot(y) - 1.0).abs() < 1e-3);
        }
    }

    #[test]
    fn a_spline_meets_its_knots_wherever_it_starts() {
        let knots = [[0.0, 0.0], [4.0, 1.0], [5.0, 4.0], [1.0, 6.0], [-2.0, 2.0]];
        let polygon = closed_spline(&knots, 6);
        let turned = closed_spline(&[knots[2], knots[3], knots[4], knots[0], knots[1]], 6);
        for (k, knot) in knots.iter().enumerate() {
            assert_eq!(polygon[6 * k], *knot);
        }
        for (k, p) in polygon.iter().enumerate() {
            assert!(distance(*p, turned[(k + 18) % 30]) < 1e-12, "the same curve, rounding apart");
        }
    }

    #[test]
    fn filled_pixels_are_those_with_their_centres_inside() {
        let mut filled = vec![];
        fill_polygon(&closed_spline(&circle(5.2, 40), 8), |y, from, to| filled.extend((from..to).map(|x| (x, y))));
        let inside = (-7..7).flat_map(|y| (-7..7).map(move |x| (x, y)));
        let expected: Vec<(i32, i32)> =
            inside.filter(|&(x, y)| (f64::from(x) + 0.5).hypot(f64::from(y) + 0.5) < 5.2).collect();
        assert_eq!(filled, expected);
    }
}
