//! The names of methods, losses and kernels.

use std::fmt;
use std::str::FromStr;

use clap::ValueEnum;

/// Which of the four methods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum MethodName {
    /// Energy-based model with its learned proposal
    Ebm,
    /// Energy-based model against fixed noise
    EbmFixed,
    /// Mixture density network by its likelihood
    Mdn,
    /// Mixture density network with an energy-based teacher
    MdnTeacher,
}

/// How the energy is trained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ObjectiveName {
    /// Noise-contrastive estimation, the paper's eq. (6)
    Nce,
    /// Importance-sampled likelihood, the paper's eq. (2)
    Importance,
}

/// What computes a training step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum KernelsName {
    /// Our own, where there are any: energy-based methods and ResNet18 on the CPU, 1D on a GPU
    Fused,
    /// Tensor operations alone
    Plain,
}

/// The members of an ensemble that are made alike, as `--forms` names them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum FormName {
    /// Boosted trees.
    Trees,
    /// Networks.
    Networks {
        /// Their method.
        method: MethodName,
        /// Their weight decay.
        weight_decay: Option<f64>,
        /// Pieces of their columns' encoding.
        pieces: Option<usize>,
    },
}

/// `trees`, or a method with its settings, as in `mdn:decay=0:pieces=0`.
impl FromStr for FormName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut words = text.split(':');
        let name = words.next().unwrap_or_default();
        let settings: Vec<&str> = words.collect();
        if name == "trees" && settings.is_empty() {
            return Ok(Self::Trees);
        }
        let method = MethodName::from_str(name, false)
            .map_err(|_| format!("{text:?} is none: expected trees, ebm, mdn, ebm-fixed or mdn-teacher"))?;
        let (mut weight_decay, mut pieces) = (None, None);
        for setting in settings {
            match setting.split_once('=') {
                Some(("decay", value)) => weight_decay = value.parse().ok(),
                Some(("pieces", value)) => pieces = value.parse().ok(),
                _ => return Err(format!("{setting:?} is no setting: expected decay=D or pieces=N")),
            }
        }
        if text.matches('=').count() != usize::from(weight_decay.is_some()) + usize::from(pieces.is_some()) {
            return Err(format!("{text:?} has a setting that is not a number, or is there twice"));
        }
        Ok(Self::Networks { method, weight_decay, pieces })
    }
}

impl fmt::Display for FormName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Networks { method, weight_decay, pieces } = self else { return out.write_str("trees") };
        let name = method.to_possible_value();
        out.write_str(name.as_ref().map_or("", clap::builder::PossibleValue::get_name))?;
        weight_decay.map_or(Ok(()), |decay| write!(out, ":decay={decay}"))?;
        pieces.map_or(Ok(()), |pieces| write!(out, ":pieces={pieces}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_read_as_they_are_written_and_others_are_refused() {
        for text in ["trees", "ebm", "mdn:decay=0.1", "mdn-teacher:pieces=0", "mdn:decay=0:pieces=64"] {
            assert_eq!(text.parse::<FormName>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "tree",
            "trees:decay=1",
            "mdn:decay",
            "mdn:decay=x",
            "mdn:pieces=-1",
            "mdn:rate=1",
            "mdn:decay=1:decay=2",
        ] {
            assert!(text.parse::<FormName>().is_err(), "{text}");
        }
    }
}
