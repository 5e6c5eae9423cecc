//! Models that start from weights trained elsewhere.

use std::path::Path;

use super::model::Model;
use crate::io::pytorch::{LoadReport, StateDict, StateDictError};

impl Model {
    /// The model with every backbone filled from a ResNet18's state dict, `.pth` or `.safetensors`, as torchvision
    /// publishes it; its heads are as they were. A taught MDN has two backbones, which start alike.
    ///
    /// # Errors
    /// When the file cannot be read, does not fit, or the model has no image backbone.
    pub fn load_backbone(self, path: &Path) -> Result<(Self, LoadReport), StateDictError> {
        let weights = StateDict::read(path)?;
        Ok(match self {
            Self::Mdn(mut model) => {
                let (feature, report) = model.feature.load(&weights)?;
                model.feature = feature;
                (Self::Mdn(model), report)
            }
            Self::EbmFixed(mut model) => {
                let (feature, report) = model.feature.load(&weights)?;
                model.feature = feature;
                (Self::EbmFixed(model), report)
            }
            Self::Ebm(mut model) => {
                let (feature, report) = model.feature.load(&weights)?;
                model.feature = feature;
                (Self::Ebm(model), report)
            }
            Self::MdnTeacher(mut model) => {
                let (feature, report) = model.feature.load(&weights)?;
                let (teacher_feature, _) = model.teacher_feature.load(&weights)?;
                (model.feature, model.teacher_feature) = (feature, teacher_feature);
                (Self::MdnTeacher(model), report)
            }
        })
    }
}
