//! Models with a pretrained backbone.

use std::path::Path;

use super::model::Model;
use crate::io::pytorch::{LoadReport, StateDict, StateDictError};

impl Model {
    /// Loads the weights of a ResNet18 into every backbone, from a state dict in torchvision's layout, `.pth` or
    /// `.safetensors`. The heads are unchanged. Both backbones of an MDN with a teacher get the same weights.
    ///
    /// # Errors
    /// If the file cannot be read or does not fit, or the model has no image backbone.
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
            Self::Residual(mut model) => {
                let (feature, report) = model.feature.load(&weights)?;
                model.feature = feature;
                (Self::Residual(model), report)
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
