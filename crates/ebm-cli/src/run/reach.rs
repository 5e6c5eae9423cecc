//! `reach.json`, compared with the model that it belongs to.

use std::path::Path;

use ebm_core::Reach;
use ebm_data::run_file::{ReachRecord, RunFile};

use super::document::Document;

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
