//! What to train on what: presets, configuration files, and flags on top of them.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use ebm_core::network::backbone::BackboneConfig;
use ebm_core::{Method, NetworkConfig, TrainingConfig};
use ebm_data::image::{BadImages, ImageTask};
use include_dir::{Dir, include_dir};
use serde::{Deserialize, Serialize};

use crate::exit::{Exit, failure};
use crate::own::{OwnData, Source};

static PRESETS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/presets");

/// The data a model is trained and evaluated on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
#[value(rename_all = "snake_case")]
pub enum Dataset {
    /// The paper's first 1D task.
    #[serde(rename = "toy_1")]
    #[value(name = "toy_1")]
    Toy1,
    /// The paper's second 1D task.
    #[serde(rename = "toy_2")]
    #[value(name = "toy_2")]
    Toy2,
    /// The user's own pairs of numbers, as they are.
    File,
    /// The user's own data: a table, or images with one.
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
        /// What becomes of a picture in a folder that cannot be read.
        #[serde(default, skip_serializing_if = "refuses")]
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

/// What is not worth a line of a record.
fn refuses(bad: &BadImages) -> bool {
    *bad == BadImages::Refuse
}

impl Dataset {
    /// The image task of the paper, if it is one.
    pub fn image_task(self) -> Option<ImageTask> {
        match self {
            Self::Steering => Some(ImageTask::Steering),
            Self::Cells => Some(ImageTask::Cells),
            Self::Age => Some(ImageTask::Age),
            Self::HeadPose => Some(ImageTask::HeadPose),
            Self::Toy1 | Self::Toy2 | Self::File | Self::Own | Self::Digits => None,
        }
    }

    /// Whether the inputs are images.
    pub fn is_of_images(self) -> bool {
        self.image_task().is_some() || self == Self::Digits
    }

    /// Training and test images of the paper's split.
    pub fn paper_size(self) -> [usize; 2] {
        match self {
            Self::Steering => [9817, 2454],
            Self::Cells => [10_000, 10_000],
            Self::Age => [11_808, 2952],
            Self::HeadPose => [10_613, 5065],
            Self::Digits => [4000, 1000],
            Self::Toy1 | Self::Toy2 | Self::File | Self::Own => [0, 0],
        }
    }
}

/// One experiment: a preset file is exactly this.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Experiment {
    /// The data set.
    pub dataset: Dataset,
    /// The method.
    pub method: Method,
    /// The networks; the paper's 1D networks unless given.
    #[serde(default)]
    pub network: NetworkConfig,
    /// The training; the paper's unless given.
    #[serde(default)]
    pub training: TrainingConfig,
    /// Where images come from; stand-ins of the paper's size unless given. Only for image tasks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub images: Option<ImageSource>,
    /// The user's own data; only for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own: Option<OwnData>,
    /// A state dict with the backbone's weights to start from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backbone_weights: Option<PathBuf>,
}

impl Experiment {
    /// The paper's method and networks on the user's own pairs of numbers.
    pub fn own_pairs() -> Self {
        Self {
            dataset: Dataset::File,
            method: Method::ebm(4),
            network: NetworkConfig::default(),
            training: TrainingConfig::default(),
            images: None,
            own: None,
            backbone_weights: None,
        }
    }

    /// The defaults for the user's own data; how to train is settled when they have been read.
    pub fn own(own: OwnData) -> Self {
        let network = match own.source {
            Source::Table { .. } => NetworkConfig::tabular(),
            Source::Images { .. } => NetworkConfig::image(),
        };
        Self { dataset: Dataset::Own, network, own: Some(own), ..Self::own_pairs() }
    }

    /// The preset of this name, as in `toy_1/ours_k4`.
    ///
    /// # Errors
    /// When there is none: names those there are.
    pub fn preset(name: &str) -> anyhow::Result<Self> {
        let file = PRESETS.get_file(format!("{name}.toml")).and_then(|file| file.contents_utf8());
        let Some(text) = file else {
            let names = preset_names().join("\n  ");
            return Err(failure(Exit::Config, format!("there is no preset {name:?}; there are:\n  {names}")));
        };
        Self::parse(text, &format!("preset {name}"))
    }

    /// An experiment in a TOML file of the same form as a preset.
    ///
    /// # Errors
    /// When the file cannot be read, has an unknown key, or a value out of range.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| {
            let exit = if error.kind() == ErrorKind::InvalidData { Exit::Config } else { Exit::NoInput };
            failure(exit, format!("cannot read the configuration {name}: {error}"))
        })?;
        Self::parse(&text, &name)
    }

    /// Whether the inputs are images.
    pub fn is_of_images(&self) -> bool {
        let own = self.own.as_ref().map(|own| &own.source);
        self.dataset.is_of_images() || matches!(own, Some(Source::Images { .. }))
    }

    fn parse(text: &str, name: &str) -> anyhow::Result<Self> {
        let experiment: Self = toml::from_str(text)
            .map_err(|error| failure(Exit::Config, format!("{name}: {}", error.to_string().trim_end())))?;
        experiment.check(name)?;
        Ok(experiment)
    }

    /// # Errors
    /// When a value is out of range: names its key.
    pub fn check(&self, name: &str) -> anyhow::Result<()> {
        let complain = |key: &str, rule: &str| Err(failure(Exit::Config, format!("{name}: {key} {rule}")));
        let TrainingConfig { epochs, batch_size, learning_rate, m, weight_decay, selection, .. } = self.training;
        if epochs == 0 {
            return complain("training.epochs", "is 0; it must be at least 1");
        }
        if batch_size == 0 {
            return complain("training.batch_size", "is 0; it must be at least 1");
        }
        if !(1..=MAX_CANDIDATES).contains(&m) {
            return complain("training.m", &format!("is {m}; it must be from 1 to {MAX_CANDIDATES}"));
        }
        if !(learning_rate.is_finite() && learning_rate > 0.0) {
            return complain("training.learning_rate", &format!("is {learning_rate}; it must be a positive number"));
        }
        if !(weight_decay.is_finite() && weight_decay >= 0.0) {
            return complain("training.weight_decay", &format!("is {weight_decay}; it must be 0 or a positive number"));
        }
        if selection.is_some() && self.own.is_none() {
            return complain("training.selection", "needs held-out examples, and this data set has none");
        }
        if self.own.is_some() != (self.dataset == Dataset::Own) {
            return complain("own", "is for dataset = \"own\", and needed there");
        }
        let images = self.is_of_images();
        if images != matches!(self.network.backbone, BackboneConfig::Resnet18 { .. }) {
            let kind = if images { "\"resnet18\" for images" } else { "\"mlp\" or \"tabular\" for numbers" };
            return complain("network.backbone.kind", &format!("must be {kind}"));
        }
        match &self.images {
            Some(_) if !self.dataset.is_of_images() => return complain("images", "has no meaning for this data set"),
            Some(ImageSource::StandIn { train, test, .. })
                if ![train, test].into_iter().all(|count| (1..=MAX_IMAGES).contains(count)) =>
            {
                return complain(
                    "images",
                    &format!("asks for {train} and {test}; each must be from 1 to {MAX_IMAGES}"),
                );
            }
            _ => {}
        }
        if self.backbone_weights.is_some() && !images {
            return complain("backbone_weights", "has no meaning for this backbone");
        }
        Self::check_networks(&self.method, &self.network).map_err(|why| failure(Exit::Config, format!("{name}: {why}")))
    }

    /// Whether a model of this shape can be made; the answer names the key that is wrong.
    pub fn check_networks(method: &Method, network: &NetworkConfig) -> Result<(), String> {
        let size = 1..=MAX_WIDTH;
        match method {
            Method::Mdn { components } | Method::Ebm { components, .. } | Method::MdnTeacher { components, .. } => {
                if !size.contains(components) {
                    return Err(format!("method.components is {components}; it must be from 1 to {MAX_WIDTH}"));
                }
            }
            Method::EbmFixed { sigmas, .. } => {
                let positive = |sigma: &f64| sigma.is_finite() && *sigma > 0.0;
                if !size.contains(&sigmas.len()) || !sigmas.iter().all(positive) {
                    return Err("method.sigmas must be one or more positive numbers".to_owned());
                }
            }
        }
        let mut widths = vec![("target_widths", &network.target_widths)];
        match &network.backbone {
            BackboneConfig::Mlp { widths: backbone } => widths.push(("backbone.widths", backbone)),
            BackboneConfig::Resnet18 { width } if (1..=MAX_WIDTH / 8).contains(width) => {}
            BackboneConfig::Resnet18 { width } => {
                return Err(format!("network.backbone.width is {width}; it must be from 1 to {}", MAX_WIDTH / 8));
            }
            &BackboneConfig::Tabular { width, blocks } => {
                if !size.contains(&width) {
                    return Err(format!("network.backbone.width is {width}; it must be from 1 to {MAX_WIDTH}"));
                }
                if blocks > MAX_LAYERS {
                    return Err(format!("network.backbone.blocks is {blocks}; it must be at most {MAX_LAYERS}"));
                }
            }
        }
        for (key, widths) in widths {
            if widths.is_empty() || widths.len() > MAX_LAYERS || !widths.iter().all(|width| size.contains(width)) {
                return Err(format!("network.{key} must be 1 to {MAX_LAYERS} widths from 1 to {MAX_WIDTH}"));
            }
        }
        if !size.contains(&network.hidden) {
            return Err(format!("network.hidden is {}; it must be from 1 to {MAX_WIDTH}", network.hidden));
        }
        Ok(())
    }
}

/// No stand-in is larger: it is held in memory.
const MAX_IMAGES: usize = 1 << 18;
/// No layer is wider, so that a damaged or hostile file cannot ask for all memory.
const MAX_WIDTH: usize = 4096;
/// No network is deeper.
const MAX_LAYERS: usize = 64;
/// No example has more candidates.
pub const MAX_CANDIDATES: usize = 1 << 24;

/// Every preset's name, sorted.
pub fn preset_names() -> Vec<String> {
    let folders = PRESETS.dirs().flat_map(|folder| folder.files());
    let mut names: Vec<String> =
        folders.map(|file| file.path().with_extension("").to_string_lossy().replace('\\', "/")).collect();
    names.sort();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_is_valid() {
        let names = preset_names();
        assert!(names.len() >= 16, "{names:?}");
        for name in names {
            Experiment::preset(&name).unwrap();
        }
    }

    #[test]
    fn an_unknown_key_is_refused_wherever_it_is() {
        for text in [
            "dataset = \"toy_1\"\nepochs = 3\n[method]\nkind = \"ebm\"\ncomponents = 4\n",
            "dataset = \"toy_1\"\n[method]\nkind = \"ebm\"\ncomponents = 4\ncolour = 1\n",
            "dataset = \"toy_1\"\n[method]\nkind = \"ebm\"\ncomponents = 4\n[training]\nepoch = 3\n",
            "dataset = \"toy_1\"\n[method]\nkind = \"ebm\"\ncomponents = 4\n[network]\nwidth = 3\n",
        ] {
            let message = Experiment::parse(text, "x.toml").unwrap_err().to_string();
            assert!(message.contains("unknown field"), "{message}");
        }
    }
}
