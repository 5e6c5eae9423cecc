//! The initial weights of a backbone.

use anyhow::Context;
use ebm_core::Model;

use crate::console::Console;
use crate::experiment::Experiment;

/// The model with the backbone's weights that the configuration names.
pub fn pretrained(fresh: Model, config: &Experiment, console: Console) -> anyhow::Result<Model> {
    let Some(file) = &config.backbone_weights else {
        if config.data.takes_images() {
            console.say(format_args!(
                "no --backbone-weights: the backbone starts from random weights and is trained from the first epoch"
            ));
        }
        return Ok(fresh);
    };
    let (model, report) = fresh.load_backbone(file).context("--backbone-weights cannot be used")?;
    if let Some(first) = report.unused.first() {
        let unused = report.unused.len();
        console.warn(format_args!("{unused} tensors of {} are not used, the first is {first:?}", file.display()));
    }
    Ok(model)
}
