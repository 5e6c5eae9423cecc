//! The paper's four image tasks.

/// A task of the paper on images.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImageTask {
    /// Steering angle of a car, degrees.
    Steering,
    /// Cells in a fluorescence-microscope image.
    Cells,
    /// Age in years.
    Age,
    /// Yaw, pitch and roll of a head, degrees.
    HeadPose,
}

impl ImageTask {
    /// All of them, in the paper's order.
    pub const ALL: [Self; 4] = [Self::Steering, Self::Cells, Self::Age, Self::HeadPose];

    /// The name on the command line and in presets.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Steering => "steering",
            Self::Cells => "cells",
            Self::Age => "age",
            Self::HeadPose => "head_pose",
        }
    }

    /// Colour channels as stored.
    #[must_use]
    pub fn channels(self) -> usize {
        if self == Self::Cells { 1 } else { 3 }
    }

    /// Dimensions of the label, D.
    #[must_use]
    pub fn target_width(self) -> usize {
        if self == Self::HeadPose { 3 } else { 1 }
    }
}
