//! Limits on the sizes of a model, checked before anything is allocated.

use super::config::{Method, ModelConfig, NetworkConfig};
use crate::network::backbone::BackboneConfig;

/// Maximum width of a layer, so that a damaged or hostile file cannot exhaust the memory.
const MAX_WIDTH: usize = 4096;
/// Maximum number of layers.
const MAX_LAYERS: usize = 64;

/// A setting that is out of range, named by its key.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum OutOfRange {
    /// A count is too small or too large.
    #[error("{key} is {value}; it must be from 1 to {most}")]
    Count {
        /// The key.
        key: &'static str,
        /// The count.
        value: usize,
        /// The largest one allowed.
        most: usize,
    },
    /// A count that has no upper limit is 0.
    #[error("{key} is 0; it must be at least 1")]
    Zero {
        /// The key.
        key: &'static str,
    },
    /// A count is too large.
    #[error("{key} is {value}; it must be at most {most}")]
    TooMany {
        /// The key.
        key: &'static str,
        /// The count.
        value: usize,
        /// The largest one allowed.
        most: usize,
    },
    /// A number is not finite and above 0.
    #[error("{key} is {value}; it must be a positive number")]
    NotPositive {
        /// The key.
        key: &'static str,
        /// The number.
        value: f64,
    },
    /// A number is not finite and at least 0.
    #[error("{key} is {value}; it must be 0 or a positive number")]
    Negative {
        /// The key.
        key: &'static str,
        /// The number.
        value: f64,
    },
    /// A share is not at least 0 and below 1.
    #[error("{key} is {value}; it must be at least 0 and below 1")]
    Share {
        /// The key.
        key: &'static str,
        /// The number.
        value: f64,
    },
    /// Weights are averaged with and without a selection.
    #[error("training.average has no meaning beside training.selection; use training.selection.average")]
    TwoAverages,
    /// A list of layer widths is empty or too long, or a width is out of range.
    #[error("{key} must be 1 to {MAX_LAYERS} widths from 1 to {MAX_WIDTH}")]
    Widths {
        /// The key.
        key: &'static str,
    },
    /// There are no scales of fixed noise, or they are not all positive.
    #[error("method.sigmas must be one or more positive numbers")]
    Sigmas,
}

impl OutOfRange {
    /// Checks that `value` is from 1 to `most`.
    ///
    /// # Errors
    /// [`OutOfRange::Count`].
    pub(crate) fn count(key: &'static str, value: usize, most: usize) -> Result<(), Self> {
        if (1..=most).contains(&value) { Ok(()) } else { Err(Self::Count { key, value, most }) }
    }
}

impl ModelConfig {
    /// Checks the sizes of the model.
    ///
    /// # Errors
    /// Names the first setting that is out of range.
    pub fn check(&self) -> Result<(), OutOfRange> {
        self.method.check()?;
        self.network.check()
    }
}

impl Method {
    /// Checks the settings of the method.
    ///
    /// # Errors
    /// Names the first setting that is out of range.
    pub fn check(&self) -> Result<(), OutOfRange> {
        match self {
            &Self::Mdn { components }
            | &Self::Ebm { components, .. }
            | &Self::MdnTeacher { components, .. }
            | &Self::Residual { components, .. } => OutOfRange::count("method.components", components, MAX_WIDTH),
            Self::EbmFixed { sigmas, .. } => {
                let positive = sigmas.iter().all(|&sigma| sigma.is_finite() && sigma > 0.0);
                let fits = positive && (1..=MAX_WIDTH).contains(&sigmas.len());
                if fits { Ok(()) } else { Err(OutOfRange::Sigmas) }
            }
        }
    }
}

impl NetworkConfig {
    /// Checks the sizes of the networks.
    ///
    /// # Errors
    /// Names the first setting that is out of range.
    pub fn check(&self) -> Result<(), OutOfRange> {
        match &self.backbone {
            BackboneConfig::Mlp { widths } => check_widths("network.backbone.widths", widths)?,
            &BackboneConfig::Resnet18 { width } => OutOfRange::count("network.backbone.width", width, MAX_WIDTH / 8)?,
            &BackboneConfig::Tabular { width, blocks } => {
                OutOfRange::count("network.backbone.width", width, MAX_WIDTH)?;
                if blocks > MAX_LAYERS {
                    let key = "network.backbone.blocks";
                    return Err(OutOfRange::TooMany { key, value: blocks, most: MAX_LAYERS });
                }
            }
        }
        check_widths("network.target_widths", &self.target_widths)?;
        OutOfRange::count("network.hidden", self.hidden, MAX_WIDTH)
    }
}

fn check_widths(key: &'static str, widths: &[usize]) -> Result<(), OutOfRange> {
    let fits = (1..=MAX_LAYERS).contains(&widths.len()) && widths.iter().all(|width| (1..=MAX_WIDTH).contains(width));
    if fits { Ok(()) } else { Err(OutOfRange::Widths { key }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_networks_we_ship_are_in_range() {
        for network in [NetworkConfig::default(), NetworkConfig::tabular(), NetworkConfig::image()] {
            assert_eq!(network.check(), Ok(()));
        }
    }

    #[test]
    fn a_size_out_of_range_is_named_by_its_key() {
        let message = |network: NetworkConfig| network.check().unwrap_err().to_string();
        let deep = NetworkConfig { target_widths: vec![1; MAX_LAYERS + 1], ..NetworkConfig::default() };
        assert_eq!(message(deep), "network.target_widths must be 1 to 64 widths from 1 to 4096");
        let wide = NetworkConfig { hidden: 5000, ..NetworkConfig::default() };
        assert_eq!(message(wide), "network.hidden is 5000; it must be from 1 to 4096");
        for sigmas in [vec![], vec![0.1, f64::NAN], vec![0.0]] {
            let method = Method::EbmFixed { sigmas, objective: crate::loss::Objective::Nce };
            assert_eq!(method.check(), Err(OutOfRange::Sigmas));
        }
    }
}
