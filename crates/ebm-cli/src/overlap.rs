//! Rows that a model was trained on, and is asked to be measured by: they are counted and refused.

use crate::console::Console;
use crate::exit::{Exit, failure};
use crate::rows::{RowsOf, is_standard};
use crate::run::trained_rows::{Overlap, TOLERATED, hashes};
use crate::trained::TrainedModel;

/// What rows are used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// Calibration: they must not have chosen the model either.
    Calibration,
    /// A test.
    Test,
}

/// Counts the rows of a file that the model was trained on, says how many, and refuses too many. The parts of the
/// model's own data have none.
///
/// # Errors
/// When they are too many, unless `allow`; or when the rows cannot be read.
pub fn refuse(model: &TrainedModel, of: RowsOf<'_>, to: Use, allow: bool, console: Console) -> anyhow::Result<()> {
    let RowsOf::File { file, .. } = of else { return Ok(()) };
    if is_standard(file) {
        let why =
            "standard input is read once, and these rows are first compared with those trained on: save them to a file";
        return Err(failure(Exit::Usage, why));
    }
    let Some(kept) = model.trained_rows()? else {
        console.say("the run keeps no hashes of its training rows: rows of the file may have been trained on");
        return Ok(());
    };
    let mut found = Vec::new();
    model.each(of, console, |_, _, rows, _| found.extend(hashes(rows)))?;
    let why = match to {
        Use::Calibration => "calibrated sets would hold fewer new labels than they state",
        Use::Test => "what is measured on them is too good",
    };
    judge(kept.train.overlap(&found), "of the file were trained on", why, allow, console)?;
    if to == Use::Calibration {
        judge(kept.validation.overlap(&found), "of the file chose the model", why, allow, console)?;
    }
    Ok(())
}

/// Says how many rows are known, and refuses too many.
///
/// # Errors
/// When they are too many, unless `allow`.
pub fn judge(overlap: Overlap, what: &str, why: &str, allow: bool, console: Console) -> anyhow::Result<()> {
    let Overlap { rows, known, .. } = overlap;
    if known == 0 {
        return Ok(());
    }
    let message = format!("{known} of {rows} rows {what}");
    if !overlap.is_excessive() {
        console.say(format_args!("{message}: no more than {} % or than repeat by chance", 100.0 * TOLERATED));
        return Ok(());
    }
    if allow {
        console.warn(format_args!("{message}: {why}"));
        return Ok(());
    }
    Err(failure(Exit::Data, format!("{message}: {why}; give other rows, or --allow-overlap")))
}
