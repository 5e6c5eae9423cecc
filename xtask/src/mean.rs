//! A mean and its standard error.

/// The mean, and the sample standard deviation over √n; 0 for one value, whose error is unknown.
pub fn mean_and_error(values: &[f64]) -> [f64; 2] {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0).max(1.0);
    [mean, (variance / n).sqrt()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_of_a_mean_is_the_sample_sd_over_root_n() {
        assert_eq!(mean_and_error(&[1.0, 3.0]), [2.0, 1.0]);
        assert_eq!(mean_and_error(&[5.0]), [5.0, 0.0]);
    }
}
