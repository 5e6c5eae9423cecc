//! Plots of a training and of how well predictions are calibrated.

use super::small_plots::{Layer, Plot, PlotFigure, PlotRow, SMALL, Shape};

/// A figure of one row of plots with the names in their legend.
pub fn row<S: Into<String>>(legend: impl IntoIterator<Item = S>, plots: Vec<Plot>) -> PlotFigure {
    PlotFigure {
        title: String::new(),
        legend: legend.into_iter().map(Into::into).collect(),
        plot_size: SMALL,
        rows: vec![PlotRow { picture: None, plots }],
    }
}

fn layer(legend: usize, shape: Shape) -> Layer {
    Layer { legend, shape }
}

/// Losses over epochs, counted from 1: one curve a name, nats.
///
/// Values that are not finite leave gaps. The axis holds the middle 98 % of the values, so that the first epochs of a
/// run do not flatten the others; a curve leaves the plot where it leaves the axis.
pub fn training(curves: &[(String, Vec<f64>)]) -> PlotFigure {
    let values = curves.iter().flat_map(|(_, values)| values.iter().copied()).filter(|value| value.is_finite());
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_by(f64::total_cmp);
    let at = |share: f64| sorted[((sorted.len() - 1) as f64 * share).round() as usize];
    let y_range = (!sorted.is_empty()).then(|| widened(at(0.01), at(0.99)));
    let epochs = curves.iter().map(|(_, values)| values.len()).max().unwrap_or(0);
    let layers = curves.iter().enumerate().map(|(legend, (_, values))| {
        layer(legend, Shape::Curve(values.iter().zip(1..).map(|(&value, epoch)| [f64::from(epoch), value]).collect()))
    });
    let plot = Plot {
        title: String::new(),
        x_label: "epoch".to_owned(),
        y_label: "loss (nats)".to_owned(),
        x_range: (1.0, (epochs as f64).max(2.0)),
        y_range,
        layers: layers.collect(),
    };
    row(curves.iter().map(|(name, _)| name.as_str()), vec![plot])
}

/// Both ends of a range with a margin; of a single value, with some room around it.
fn widened(low: f64, high: f64) -> (f64, f64) {
    let margin = if low < high { 0.05 * (high - low) } else { 0.5 * low.abs().max(1.0) };
    (low - margin, high + margin)
}

/// Labels inside sets against the sets' stated probability: `[probability, share]` for each curve. The curve of a
/// calibrated model is the diagonal, which is drawn last.
pub fn coverage(curves: &[Vec<[f64; 2]>]) -> Plot {
    let with_ends = |points: &[[f64; 2]]| [&[[0.0, 0.0]], points, &[[1.0, 1.0]]].concat();
    let curves = curves.iter().map(|points| with_ends(points)).chain([with_ends(&[])]);
    Plot {
        title: String::new(),
        x_label: "stated probability of the set".to_owned(),
        y_label: "labels inside".to_owned(),
        x_range: (0.0, 1.0),
        y_range: Some((0.0, 1.0)),
        layers: curves.enumerate().map(|(legend, curve)| layer(legend, Shape::Curve(curve))).collect(),
    }
}

/// Histogram of `P(Y ≤ y | x)` at the labels, as a density from counts in bins of equal width; then the line of a
/// calibrated model, 1.
pub fn pit(counts: &[f64]) -> Plot {
    let total = counts.iter().sum::<f64>();
    let total = if total > 0.0 { total } else { 1.0 };
    let heights: Vec<f64> = counts.iter().map(|count| count * counts.len() as f64 / total).collect();
    let top = heights.iter().copied().fold(1.5, f64::max);
    Plot {
        title: String::new(),
        x_label: "P(Y ≤ y | x) of the label".to_owned(),
        y_label: "density".to_owned(),
        x_range: (0.0, 1.0),
        y_range: Some((0.0, 1.05 * top)),
        layers: vec![layer(0, Shape::Bars(heights)), layer(1, Shape::Curve(vec![[0.0, 1.0], [1.0, 1.0]]))],
    }
}

/// What one prediction looks like.
#[derive(Debug, Clone, PartialEq)]
pub struct Density {
    /// Name and unit of the target.
    pub target: String,
    /// `[y, p(y|x)]`, y increasing.
    pub points: Vec<[f64; 2]>,
    /// Probability of the highest-density set, such as 0.9, and its pieces.
    pub set: (f64, Vec<[f64; 2]>),
    /// The label, where it is known.
    pub label: Option<f64>,
}

/// `p(y|x)` of one row, its highest-density set tinted and its label marked.
pub fn density(density: &Density) -> PlotFigure {
    let Density { target, points, set: (probability, pieces), label } = density;
    // The tint ends where the set does, not at the last point inside.
    let mut tinted = Vec::new();
    for &[from, to] in pieces {
        let ends = [from, to].map(|y| [y, height(points, y)]);
        tinted.push(ends[0]);
        tinted.extend(points.iter().filter(|[y, _]| from < *y && *y < to));
        tinted.extend([ends[1], [f64::NAN; 2]]);
    }
    let x_range = match (points.first(), points.last()) {
        (Some(&[low, _]), Some(&[high, _])) => around(low, high, *label),
        _ => (f64::NAN, f64::NAN),
    };
    let mut layers = vec![layer(1, Shape::Area(tinted)), layer(0, Shape::Curve(points.clone()))];
    layers.extend(label.map(|label| layer(2, Shape::Mark(label))));
    let plot = Plot {
        title: String::new(),
        x_label: target.clone(),
        y_label: "density".to_owned(),
        x_range,
        y_range: None,
        layers,
    };
    let set = format!("{:.0} % set", 100.0 * probability);
    let names = ["p(y|x)", &set, "label"].into_iter();
    row(names.take(if label.is_some() { 3 } else { 2 }), vec![plot])
}

/// The range of a curve, widened where the label lies outside so that its mark does not fall on the frame.
fn around(low: f64, high: f64, label: Option<f64>) -> (f64, f64) {
    let Some(label) = label.filter(|label| label.is_finite()) else { return (low, high) };
    let margin = 0.05 * (high.max(label) - low.min(label));
    (if label < low { label - margin } else { low }, if label > high { label + margin } else { high })
}

/// The curve's height at `y`, between its points by a straight line and 0 outside.
fn height(points: &[[f64; 2]], y: f64) -> f64 {
    let after = points.partition_point(|point| point[0] < y);
    match (after.checked_sub(1).map(|before| points[before]), points.get(after)) {
        (_, Some(&[at, high])) if at == y => high,
        (Some([left, low]), Some(&[right, high])) => low + (high - low) * (y - left) / (right - left),
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tint_is_the_set_and_ends_on_the_curve() {
        let points = (0..=4).map(|y| [f64::from(y), f64::from(y)]).collect();
        let set = (0.9, vec![[0.5, 1.5], [3.0, 4.0]]);
        let figure = density(&Density { target: "y".to_owned(), points, set, label: Some(6.0) });
        let plot = &figure.rows[0].plots[0];
        let Shape::Area(tint) = &plot.layers[0].shape else { panic!("the set comes first") };
        let pieces: Vec<_> = tint.split(|[y, _]| y.is_nan()).filter(|piece| !piece.is_empty()).collect();
        assert_eq!(pieces, [&[[0.5, 0.5], [1.0, 1.0], [1.5, 1.5]][..], &[[3.0, 3.0], [4.0, 4.0]]]);
        assert_eq!((plot.x_range.0, &figure.legend[1][..]), (0.0, "90 % set"));
        assert!(plot.x_range.1 > 6.0, "the mark is not on the frame");
    }

    #[test]
    fn a_histogram_of_equal_counts_is_one_everywhere() {
        let Shape::Bars(heights) = &pit(&[7.0; 20]).layers[0].shape else { panic!("bars") };
        assert_eq!(heights, &[1.0; 20]);
    }

    #[test]
    fn a_first_epoch_far_off_does_not_flatten_the_others() {
        let values = (0..200).map(|epoch| if epoch == 0 { 1e6 } else { 2.0 - f64::from(epoch) / 200.0 });
        let figure = training(&[("nce".to_owned(), values.collect())]);
        let (low, high) = figure.rows[0].plots[0].y_range.expect("a range");
        assert!((0.9..1.1).contains(&low) && (1.9..2.1).contains(&high), "{low} {high}");
    }
}
