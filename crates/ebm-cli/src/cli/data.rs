//! `ebm data`

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use ebm_data::image::ImageTask;
use ebm_data::standin::StandIn;

#[derive(Debug, Subcommand)]
pub(crate) enum DataCommand {
    /// List the data sets with their source and licence
    List,
    /// Read a file of images: its contents, and whether it is valid
    Inspect(InspectArgs),
    /// Generate a stand-in in the layout of the paper's file
    Make(DataMakeArgs),
    /// Draw images of a stand-in or of a file with their labels
    Show(DataShowArgs),
}

/// Generated images, and turned digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum StandInName {
    /// Roads seen from a car; the label is the steering wheel's angle in degrees
    Steering,
    /// Nuclei under a fluorescence microscope; the label is their number
    Cells,
    /// The same on a constant background, where brightness does not reveal the number
    CellsFlat,
    /// Tree rings; the label is the age in years
    Age,
    /// Heads; the label is yaw, pitch and roll in degrees
    HeadPose,
    /// Handwritten digits, real ones, turned; the label is the angle in degrees
    Digits,
}

impl StandInName {
    /// The generator.
    pub(crate) fn stand_in(self) -> StandIn {
        match self {
            Self::Steering => StandIn::Steering,
            Self::Cells => StandIn::Cells,
            Self::CellsFlat => StandIn::CellsFlat,
            Self::Age => StandIn::Age,
            Self::HeadPose => StandIn::HeadPose,
            Self::Digits => StandIn::Digits,
        }
    }

    /// The task whose file's layout its file has; none for the digits.
    pub(crate) fn layout(self) -> Option<ImageTask> {
        match self {
            Self::Steering => Some(ImageTask::Steering),
            Self::Cells | Self::CellsFlat => Some(ImageTask::Cells),
            Self::Age => Some(ImageTask::Age),
            Self::HeadPose => Some(ImageTask::HeadPose),
            Self::Digits => None,
        }
    }
}

#[derive(Debug, Args)]
#[command(after_help = MAKE_EXAMPLES)]
pub(crate) struct DataMakeArgs {
    /// What to generate
    #[arg(value_enum)]
    pub which: StandInName,
    /// Number of images
    #[arg(long, default_value = "2000", value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1 << 18))]
    pub count: u32,
    /// Seed: the same seed gives the same images, and a larger count begins with them
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// The file to write
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Replace a file that is there
    #[arg(long)]
    pub force: bool,
}

const MAKE_EXAMPLES: &str = "\
Examples:
  ebm data make cells --count 20000 --out Cell200_64x64.h5
  ebm data make head-pose --count 2000 --out BIWI_train.npz

What is generated is a stand-in: a number measured on it says nothing about the paper's data.";

#[derive(Debug, Args)]
pub(crate) struct DataShowArgs {
    /// The stand-in to show
    #[arg(value_enum, required_unless_present = "file", conflicts_with = "file")]
    pub which: Option<StandInName>,
    /// Show the images of this file instead
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// The picture, .png or .svg
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Replace a file that is there
    #[arg(long)]
    pub force: bool,
    /// Images side by side
    #[arg(long, default_value = "8", value_name = "N", value_parser = clap::value_parser!(u32).range(1..=64))]
    pub columns: u32,
    /// Rows of images
    #[arg(long, default_value = "4", value_name = "N", value_parser = clap::value_parser!(u32).range(1..=64))]
    pub rows: u32,
    /// Seed of the stand-in
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
}

#[derive(Debug, Args)]
#[command(after_help = INSPECT_EXAMPLES)]
pub(crate) struct InspectArgs {
    /// An HDF5 or npz file, or a folder of PNG
    pub file: PathBuf,
    /// Leave out the images of a folder that cannot be read, and name them
    #[arg(long)]
    pub skip_bad: bool,
}

const INSPECT_EXAMPLES: &str = "\
Examples:
  ebm data inspect Cell200_64x64.h5
  ebm data inspect BIWI_train.npz --json
  ebm data inspect Cell200 --skip-bad

Ends with exit code 65 when the file cannot be read for any task.";
