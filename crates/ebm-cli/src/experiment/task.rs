//! The tasks that bring their own data.

use ebm_data::image::ImageTask;

/// A task of scalar pairs, generated from a density that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Toy {
    /// The paper's first 1D task.
    Toy1,
    /// The paper's second 1D task.
    Toy2,
}

/// A task of images.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// Steering angles from images of the road.
    Steering,
    /// Cell counts from images of a microscope.
    Cells,
    /// Ages from images.
    Age,
    /// Head poses, three angles, from images.
    HeadPose,
    /// Angles of turned handwritten digits: real pixels, not a task of the paper.
    Digits,
}

impl Task {
    /// The paper's image task, if it is one.
    pub fn of_paper(self) -> Option<ImageTask> {
        match self {
            Self::Steering => Some(ImageTask::Steering),
            Self::Cells => Some(ImageTask::Cells),
            Self::Age => Some(ImageTask::Age),
            Self::HeadPose => Some(ImageTask::HeadPose),
            Self::Digits => None,
        }
    }

    /// Training and test images of the paper's split.
    pub fn paper_size(self) -> [usize; 2] {
        match self {
            Self::Steering => [9817, 2454],
            Self::Cells => [10_000, 10_000],
            Self::Age => [11_808, 2952],
            Self::HeadPose => [10_613, 5065],
            Self::Digits => [4000, 1000],
        }
    }
}
