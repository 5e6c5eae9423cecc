//! The generated sets: their names, and the widths of their images and labels.

use super::stream::Key;
use crate::image::{ChannelOrder, ImageTask};

/// A generated image set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StandIn {
    /// Nuclei in a simulated fluorescence microscope; the label is their number, 1 to 200.
    Cells,
    /// The same nuclei on a constant background and stained with a strength that is independent of their number.
    CellsFlat,
    /// Roads; the label is the angle of the steering wheel in degrees, positive to the right.
    Steering,
    /// Heads; the label is yaw, pitch and roll in degrees.
    HeadPose,
    /// Sawn tree trunks; the label is the number of rings, 1 to 60 years.
    Age,
    /// Handwritten digits, turned; the label is the angle in degrees, counter-clockwise. Real pixels, but not data of
    /// the paper.
    Digits,
}

impl StandIn {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Cells, Self::CellsFlat, Self::Steering, Self::HeadPose, Self::Age, Self::Digits];

    /// The set that stands in for a task of the paper.
    #[must_use]
    pub fn of(task: ImageTask) -> Self {
        match task {
            ImageTask::Steering => Self::Steering,
            ImageTask::Cells => Self::Cells,
            ImageTask::Age => Self::Age,
            ImageTask::HeadPose => Self::HeadPose,
        }
    }

    /// The name on the command line and of files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Cells => "cells",
            Self::CellsFlat => "cells_flat",
            Self::Steering => "steering",
            Self::HeadPose => "head_pose",
            Self::Age => "age",
            Self::Digits => "digits",
        }
    }

    /// Channels of an image, 1 or 3.
    #[must_use]
    pub fn channels(self) -> usize {
        match self {
            Self::Cells | Self::CellsFlat => 1,
            Self::Steering | Self::HeadPose | Self::Age | Self::Digits => 3,
        }
    }

    /// How three channels are stored: as in the published files.
    #[must_use]
    pub fn channel_order(self) -> ChannelOrder {
        if self == Self::HeadPose { ChannelOrder::Bgr } else { ChannelOrder::Rgb }
    }

    /// Dimensions of a label, D.
    #[must_use]
    pub fn label_width(self) -> usize {
        if self == Self::HeadPose { 3 } else { 1 }
    }

    /// The key of image `index` of the set. Both kinds of cells share the nuclei.
    pub(super) fn key(self, seed: u64, index: u64) -> Key {
        let family = match self {
            Self::Cells | Self::CellsFlat => 0,
            Self::Steering => 1,
            Self::HeadPose => 2,
            Self::Age => 3,
            Self::Digits => 4,
        };
        Key { family, seed, index }
    }
}
