//! The paper's four image tasks, and what their files hold.

use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;

/// Pixels along either side of an image of the paper's tasks.
pub const SIDE: usize = 64;

/// A task of the paper on images.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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

/// The names of the two arrays in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keys {
    /// The array of images.
    pub images: &'static str,
    /// The array of labels.
    pub labels: &'static str,
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

    /// The unit of the labels.
    #[must_use]
    pub fn unit(self) -> &'static str {
        match self {
            Self::Steering | Self::HeadPose => "degrees",
            Self::Cells => "cells",
            Self::Age => "years",
        }
    }

    /// The names of the two arrays in a file of this task.
    #[must_use]
    pub fn keys(self) -> Keys {
        match self {
            Self::Steering | Self::Age => Keys { images: "images", labels: "labels" },
            Self::Cells => Keys { images: "IMGs_grey", labels: "CellCounts" },
            Self::HeadPose => Keys { images: "image", labels: "pose" },
        }
    }

    /// Possible labels: one outside means a damaged file, or the file of another task.
    #[must_use]
    pub fn possible(self) -> RangeInclusive<f64> {
        match self {
            // Two turns of the steering wheel either way.
            Self::Steering => -720.0..=720.0,
            Self::Cells => 1.0..=200.0,
            // The file also has the people whom the paper leaves out.
            Self::Age => 0.0..=130.0,
            Self::HeadPose => -180.0..=180.0,
        }
    }

    /// Labels that the paper keeps; images with others are left out when a file is read.
    #[must_use]
    pub fn kept(self) -> RangeInclusive<f64> {
        if self == Self::Age { 1.0..=60.0 } else { self.possible() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_task_is_how_it_is_serialised() {
        for task in ImageTask::ALL {
            assert_eq!(serde_json::to_value(task).expect("a name"), task.name());
        }
    }

    #[test]
    fn what_is_kept_is_possible() {
        for task in ImageTask::ALL {
            assert!(task.possible().contains(task.kept().start()) && task.possible().contains(task.kept().end()));
        }
    }
}
