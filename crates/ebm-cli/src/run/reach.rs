//! `reach.json`: some training inputs, to tell how far from them a model is asked.

use std::path::Path;

use ebm_core::Reach;
use serde::{Deserialize, Serialize};

use super::document::Document;
use super::files::REACH;

/// `reach.json`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReachRecord {
    /// The inputs, standardised as the model reads them.
    pub reach: Reach,
}

impl Document for ReachRecord {
    const FILE: &'static str = REACH;
    const SCHEMA: &'static str = "ebm.reach/1";
}

/// The reach of a model of this input width; nothing for models of older releases, and of images.
///
/// # Errors
/// When it is damaged, or belongs to another model.
pub fn read(run: &Path, width: usize) -> anyhow::Result<Option<Reach>> {
    let Some(ReachRecord { reach }) = ReachRecord::read_if_there(run)? else { return Ok(None) };
    if reach.width() != width {
        let message = format!(
            "{} has inputs of {} numbers and the model {width}: they are of different runs",
            run.join(ReachRecord::FILE).display(),
            reach.width()
        );
        return Err(crate::exit::failure(crate::exit::Exit::Data, message));
    }
    Ok(Some(reach))
}
