//! The data of an experiment: each kind with its own settings.

use std::path::PathBuf;

use clap::ValueEnum;
use ebm_data::image::BadImages;
use serde::{Deserialize, Serialize};

use super::task::{Task, Toy};
use super::user_data::{Source, UserData};

/// The data a model is trained and evaluated on.
#[derive(Debug, Clone, PartialEq)]
#[allow(clippy::large_enum_variant)] // One lives at a time.
pub enum Data {
    /// A generated 1D task of the paper.
    Toy(Toy),
    /// The user's pairs of numbers, in the units that they are in; `--train-file` names the file.
    Pairs,
    /// The user's table, or images with a table of their labels.
    User(UserData),
    /// An image task.
    Images {
        /// Which.
        task: Task,
        /// Where its images come from.
        source: ImageSource,
    },
}

/// Where the images of a task come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum ImageSource {
    /// The paper's files.
    Paper {
        /// The folder they are in.
        folder: PathBuf,
        /// Seed of the split into training and test images.
        split_seed: u64,
        /// What is done with a picture in a folder that cannot be read.
        #[serde(default, skip_serializing_if = "is_default")]
        bad_images: BadImages,
    },
    /// Generated, or for the digits embedded and turned.
    StandIn {
        /// Training images.
        train: usize,
        /// Test images.
        test: usize,
        /// Seed of the generator.
        seed: u64,
    },
}

/// The default is not written: older records have no such key.
fn is_default(bad: &BadImages) -> bool {
    *bad == BadImages::Refuse
}

impl ImageSource {
    /// The paper's files in `folder`, split with the paper's seed.
    pub fn paper(folder: PathBuf, bad_images: BadImages) -> Self {
        Self::Paper { folder, split_seed: 0, bad_images }
    }

    /// A stand-in of the size of the paper's data.
    pub fn stand_in(task: Task) -> Self {
        let [train, test] = task.paper_size();
        Self::StandIn { train, test, seed: 0 }
    }
}

/// The name of a data set in a configuration and on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
#[value(rename_all = "snake_case")]
pub enum DataName {
    /// The paper's first 1D task.
    #[serde(rename = "toy_1")]
    #[value(name = "toy_1")]
    Toy1,
    /// The paper's second 1D task.
    #[serde(rename = "toy_2")]
    #[value(name = "toy_2")]
    Toy2,
    /// The user's pairs of numbers.
    File,
    /// The user's own table or images.
    #[value(skip)]
    Own,
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

/// Settings that do not belong to the data set named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WrongData {
    /// `own` without the data set of that name, or the other way round.
    #[error("own is for dataset = \"own\", and needed there")]
    Own,
    /// A source of images for a data set without images.
    #[error("images has no meaning for this data set")]
    Images,
}

impl Data {
    /// The data set of this name with the settings given for it.
    ///
    /// # Errors
    /// When a setting belongs to another data set, or one is missing.
    pub fn new(name: DataName, images: Option<ImageSource>, own: Option<UserData>) -> Result<Self, WrongData> {
        let data = match (name, own) {
            (DataName::Own, Some(own)) => Self::User(own),
            (DataName::Own, None) | (_, Some(_)) => return Err(WrongData::Own),
            (DataName::Toy1, None) => Self::Toy(Toy::Toy1),
            (DataName::Toy2, None) => Self::Toy(Toy::Toy2),
            (DataName::File, None) => Self::Pairs,
            (DataName::Steering, None) => Self::of_task(Task::Steering),
            (DataName::Cells, None) => Self::of_task(Task::Cells),
            (DataName::Age, None) => Self::of_task(Task::Age),
            (DataName::HeadPose, None) => Self::of_task(Task::HeadPose),
            (DataName::Digits, None) => Self::of_task(Task::Digits),
        };
        match (data, images) {
            (data, None) => Ok(data),
            (Self::Images { task, .. }, Some(source)) => Ok(Self::Images { task, source }),
            (_, Some(_)) => Err(WrongData::Images),
        }
    }

    /// A task with stand-ins of the paper's size.
    fn of_task(task: Task) -> Self {
        Self::Images { task, source: ImageSource::stand_in(task) }
    }

    /// Its name in a configuration.
    pub fn name(&self) -> DataName {
        match self {
            Self::Toy(Toy::Toy1) => DataName::Toy1,
            Self::Toy(Toy::Toy2) => DataName::Toy2,
            Self::Pairs => DataName::File,
            Self::User(_) => DataName::Own,
            Self::Images { task: Task::Steering, .. } => DataName::Steering,
            Self::Images { task: Task::Cells, .. } => DataName::Cells,
            Self::Images { task: Task::Age, .. } => DataName::Age,
            Self::Images { task: Task::HeadPose, .. } => DataName::HeadPose,
            Self::Images { task: Task::Digits, .. } => DataName::Digits,
        }
    }

    /// Whether the inputs are images.
    pub fn takes_images(&self) -> bool {
        match self {
            Self::Toy(_) | Self::Pairs => false,
            Self::User(user) => matches!(user.source, Source::Images { .. }),
            Self::Images { .. } => true,
        }
    }

    /// The user's table or images.
    pub fn user(&self) -> Option<&UserData> {
        match self {
            Self::User(user) => Some(user),
            Self::Toy(_) | Self::Pairs | Self::Images { .. } => None,
        }
    }
}
