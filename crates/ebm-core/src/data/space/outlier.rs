//! Labels that are so far from all others that they would rule the standardisation.

use super::kind::TargetKind;
use super::scale::Target;

impl Target {
    /// Quartile ranges from the median beyond which a label is an outlier. Of normal labels none is beyond 10, of labels
    /// from Student's t with two degrees of freedom one in millions beyond 1000.
    pub const OUTLYING: f64 = 1000.0;

    /// The label that is farthest from the median on the scale of the model, if that is more than [`Target::OUTLYING`]
    /// quartile ranges: its index, and how many. Labels of a circle have none, and neither have labels of which half are
    /// the same.
    pub fn outlier(&self, labels: &[f64]) -> Option<(usize, f64)> {
        if matches!(self.kind, TargetKind::Angle { .. }) || labels.len() < 4 {
            return None;
        }
        let z: Vec<f64> = labels.iter().map(|&label| self.to_model(label)).collect();
        let mut sorted = z.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        let quartile = |quarters: usize| sorted[quarters * (sorted.len() - 1) / 4];
        let (median, range) = (quartile(2), quartile(3) - quartile(1));
        let distances = z.iter().map(|z| (z - median).abs() / range).enumerate();
        distances.filter(|(_, far)| range > 0.0 && *far > Self::OUTLYING).max_by(|(_, a), (_, b)| a.total_cmp(b))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outlier(kind: TargetKind, labels: &[f64]) -> Option<(usize, f64)> {
        Target::fit(kind, labels).expect("labels of this kind").outlier(labels)
    }

    /// Labels 1 to 3, and one more.
    fn with(label: f64) -> Vec<f64> {
        let mut labels: Vec<f64> = (0..101).map(|i| 1.0 + 0.02 * f64::from(i)).collect();
        labels[17] = label;
        labels
    }

    #[test]
    fn a_label_ten_thousand_times_the_rest_is_found_on_either_side() {
        for label in [2e4, -2e4] {
            let (index, far) = outlier(TargetKind::Real, &with(label)).expect("an outlier");
            assert_eq!(index, 17);
            assert!((far - 2e4).abs() < 1e3, "{far} quartile ranges, which are about 1");
        }
    }

    #[test]
    fn heavy_tails_logarithms_circles_and_repeated_labels_are_none() {
        assert_eq!(outlier(TargetKind::Real, &with(50.0)), None);
        // Student's t with two degrees of freedom, at its quantiles.
        let t: Vec<f64> = (1..2000)
            .map(|i| {
                let u = 2.0 * f64::from(i) / 2000.0 - 1.0;
                u * (2.0 / (1.0 - u * u)).sqrt()
            })
            .collect();
        assert_eq!(outlier(TargetKind::Real, &t), None);
        assert_eq!(outlier(TargetKind::Positive, &with(2e4)), None, "twenty logarithmic units are not far");
        assert_eq!(outlier(TargetKind::Angle { period: 360.0 }, &with(2e4)), None);
        let mut zeros = vec![0.0; 90];
        zeros.extend((0..10).map(|i| 1e5 + f64::from(i)));
        assert_eq!(outlier(TargetKind::Real, &zeros), None, "most labels are the same");
    }
}
