//! Arguments for the user's data: what is learned from which file, and what is done with the model.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use ebm_core::TargetKind;

use super::sampling::SamplingArgs;
use crate::experiment::user_data::KindChoice;

/// The heading of these arguments.
const YOUR_DATA: &str = "Your data";

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = YOUR_DATA)]
pub(crate) struct UserDataArgs {
    /// A table to train on: CSV, TSV or Parquet with a header, or a folder of such files with one header, or a pattern of
    /// their names such as 'sales/*.csv'
    #[arg(value_name = "TABLE", requires = "target", conflicts_with_all = ["preset", "config", "train_file", "data", "images"])]
    pub table: Option<PathBuf>,
    /// Folder of images to train on, PNG or JPEG of any size; needs --labels
    #[arg(long, value_name = "DIR", requires_all = ["labels", "target"], conflicts_with_all = ["preset", "config", "train_file", "data"])]
    pub images: Option<PathBuf>,
    /// Table that names the images (column file) and their labels
    #[arg(long, value_name = "FILE", requires = "images")]
    pub labels: Option<PathBuf>,
    /// Pixels along either side of an image once it is read, 8 to 1024 [default: 64]
    #[arg(long, value_name = "N", requires = "images")]
    pub image_size: Option<usize>,
    /// Columns to predict; several are predicted together
    #[arg(long, value_delimiter = ',', value_name = "NAME,..")]
    pub target: Vec<String>,
    /// Columns to predict from [default: all others]
    #[arg(long, value_delimiter = ',', value_name = "NAME,..", requires = "table")]
    pub features: Option<Vec<String>>,
    /// What the target is: auto, real, positive, power, bounded:LOW,HIGH, count, integer, step:STEP, angle or
    /// angle:PERIOD; with several targets NAME=KIND, repeated [default: auto, told from the training labels]
    #[arg(long, value_name = "KIND", requires = "target")]
    pub target_kind: Vec<KindOf>,
    /// What to do with missing values
    #[arg(long, value_enum, requires = "target")]
    pub on_missing: Option<OnMissingName>,
    /// Train even if a label is a thousand quartile ranges from the median
    #[arg(long, requires = "target")]
    pub allow_outliers: bool,
    /// Validation table, instead of a fraction of the first table
    #[arg(long, value_name = "FILE", requires = "table")]
    pub valid: Option<PathBuf>,
    /// Fractions: train, validation, calibration, test [default: 0.7,0.1,0.1,0.1; for an ensemble 1,0,0,0]
    #[arg(long, value_delimiter = ',', value_name = "A,B,C,D", requires = "target")]
    pub split: Option<Vec<f64>>,
    /// Seed of the split
    #[arg(long, value_name = "N", requires = "target")]
    pub split_seed: Option<u64>,
    /// Use at most N rows of the table: those with the smallest hashes of the split's seed and of what they hold, whatever
    /// the order of rows and files
    #[arg(long, value_name = "N", requires = "table")]
    pub sample_rows: Option<std::num::NonZeroUsize>,
    /// Column of whole numbers: how many rows each row stands for, 0 to leave it out. It is no input
    #[arg(long, value_name = "COLUMN", requires = "table", conflicts_with = "sample_rows")]
    pub weight: Option<String>,
    /// Column whose values name the parts: train, validation, calibration or test
    #[arg(long, value_name = "COLUMN", requires = "table", conflicts_with_all = ["split", "split_seed", "group", "time"])]
    pub split_column: Option<String>,
    /// Column of groups: rows of one group stay in one part
    #[arg(long, value_name = "COLUMN", requires = "table", conflicts_with = "time")]
    pub group: Option<String>,
    /// Column of numbers or dates: the latest rows are the test part, those before them calibrate, then validate
    #[arg(long, value_name = "COLUMN", requires = "table")]
    pub time: Option<String>,
}

impl UserDataArgs {
    /// Whether the user's data are given.
    pub fn is_given(&self) -> bool {
        self.table.is_some() || self.images.is_some()
    }
}

/// What is done where a value is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum OnMissingName {
    /// Stop with an error that says where
    Fail,
    /// Leave the row out
    Drop,
    /// Take the column's median; rows without a label are left out
    Median,
}

/// A kind of target, of the column of this name or of all.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct KindOf {
    pub name: Option<String>,
    pub kind: KindChoice,
}

impl std::str::FromStr for KindOf {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // A column's name may hold anything, a kind no equals sign.
        match text.rsplit_once('=') {
            Some((name, kind)) => Ok(Self { name: Some(name.to_owned()), kind: target_kind(kind)? }),
            None => Ok(Self { name: None, kind: target_kind(text)? }),
        }
    }
}

fn target_kind(text: &str) -> Result<KindChoice, String> {
    let kind = match text {
        "auto" => return Ok(KindChoice::Auto),
        "power" => return Ok(KindChoice::Power),
        "real" => TargetKind::Real,
        "positive" => TargetKind::Positive,
        "count" => TargetKind::Count,
        "integer" => TargetKind::Step { step: 1.0, offset: 0.0 },
        "angle" => TargetKind::Angle { period: 360.0 },
        _ => with_numbers(text)?,
    };
    Ok(KindChoice::Is(kind))
}

/// A kind with numbers after a colon.
fn with_numbers(text: &str) -> Result<TargetKind, String> {
    let expected = || {
        "expected auto, real, positive, power, bounded:LOW,HIGH, count, integer, step:STEP, angle or angle:PERIOD"
            .to_owned()
    };
    let (name, numbers) = text.split_once(':').ok_or_else(expected)?;
    let numbers: Option<Vec<f64>> =
        numbers.split(',').map(|text| text.trim().parse().ok().filter(|number: &f64| number.is_finite())).collect();
    match (name, numbers.as_deref()) {
        ("angle", Some(&[period])) if period > 0.0 => Ok(TargetKind::Angle { period }),
        ("bounded", Some(&[low, high])) if low < high => Ok(TargetKind::Bounded { low, high }),
        ("step", Some(&[step])) if step > 0.0 => Ok(TargetKind::Step { step, offset: 0.0 }),
        ("step", Some(&[step, offset])) if step > 0.0 => Ok(TargetKind::Step { step, offset }),
        ("angle", _) => Err("the period of an angle is a positive number, as in angle:360".to_owned()),
        ("bounded", _) => Err("the bounds are two numbers, the lower first, as in bounded:0,100".to_owned()),
        ("step", _) => {
            Err("the step is a positive number, and a value may follow, as in step:0.5 or step:2,1".to_owned())
        }
        _ => Err(expected()),
    }
}

const CALIBRATE: &str = "\
A highest-density set of 90 % may contain fewer than 90 % of the labels. Calibration adjusts the
level on held-out labels, so that the sets of `ebm predict --coverage` contain the stated share of
labels, on average over rows like those (split conformal prediction with highest-density sets;
Izbicki et al. 2022). The guarantee holds for any sample size; few rows make the sets wide.";

#[derive(Debug, Args)]
#[command(after_help = CALIBRATE)]
pub(crate) struct CalibrateArgs {
    /// A run folder
    pub run: PathBuf,
    /// Held-out rows: a table, a folder of images, a file of an image task, or for a model of numbers a CSV file with
    /// columns x and y [default: the calibration part]
    pub file: Option<PathBuf>,
    /// Labels, where the file is a folder of images
    #[arg(long, value_name = "TABLE", requires = "file")]
    pub labels: Option<PathBuf>,
    /// Go on even if rows of the file were trained on
    #[arg(long, requires = "file")]
    pub allow_overlap: bool,
    #[command(flatten)]
    pub sampling: SamplingArgs,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// A table: CSV, TSV or Parquet with a header
    pub table: PathBuf,
    /// Columns to predict
    #[arg(long, value_delimiter = ',', value_name = "NAME,..", required = true)]
    pub target: Vec<String>,
    /// Columns to predict from [default: all others]
    #[arg(long, value_delimiter = ',', value_name = "NAME,..")]
    pub features: Option<Vec<String>>,
    /// Another table, held out: rows that are in both are reported
    #[arg(long, value_name = "FILE")]
    pub valid: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    /// A run folder
    pub run: PathBuf,
    /// Where to write [default: report.html in the run folder]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Replace a file that is there
    #[arg(long, requires = "out")]
    pub force: bool,
    /// Held-out rows to report on, a file or a folder as of `ebm evaluate` [default: the test part]
    #[arg(long, value_name = "FILE")]
    pub test: Option<PathBuf>,
    /// Labels, where it is a folder of images
    #[arg(long, value_name = "TABLE", requires = "test")]
    pub labels: Option<PathBuf>,
    /// Go on even if rows of the file were trained on
    #[arg(long, requires = "test")]
    pub allow_overlap: bool,
    /// Rows whose densities are drawn, counted from 1 [default: nine, from the best to the worst predicted]
    #[arg(long, value_delimiter = ',', value_name = "N,..", value_parser = clap::value_parser!(u64).range(1..))]
    pub rows: Option<Vec<u64>>,
    #[command(flatten)]
    pub sampling: SamplingArgs,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_read_as_it_is_written() {
        let read = |text: &str| text.parse::<KindOf>();
        let of = |kind| Ok(KindOf { name: None, kind });
        assert_eq!(read("auto"), of(KindChoice::Auto));
        assert_eq!(read("power"), of(KindChoice::Power));
        for kind in [
            TargetKind::Real,
            TargetKind::Positive,
            TargetKind::Bounded { low: 0.0, high: 100.0 },
            TargetKind::Count,
            TargetKind::Step { step: 1.0, offset: 0.0 },
            TargetKind::Step { step: 0.001, offset: 0.0 },
            TargetKind::Step { step: 2.0, offset: 1.0 },
            TargetKind::Angle { period: 24.0 },
        ] {
            assert_eq!(read(&kind.name()), of(KindChoice::Is(kind)));
        }
        assert_eq!(read("angle"), of(KindChoice::Is(TargetKind::Angle { period: 360.0 })));
        let bounded = KindChoice::Is(TargetKind::Bounded { low: 0.0, high: 100.0 });
        assert_eq!(read("share=bounded:0,100"), Ok(KindOf { name: Some("share".to_owned()), kind: bounded }));
        for text in [
            "",
            "counts",
            "bounded",
            "bounded:1",
            "bounded:2,1",
            "angle:0",
            "angle:x",
            "bounded:0,inf",
            "real:1",
            "step:0",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
