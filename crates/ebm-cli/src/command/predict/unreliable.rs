//! Predictions that are unreliable.

use crate::cli::predict::Unreliable;
use crate::console::Console;
use crate::exit::{Exit, failure};

/// Tells that some predictions are unreliable, in the way that was asked for.
pub(super) fn tell(how: Unreliable, message: String, console: Console) -> anyhow::Result<()> {
    if how == Unreliable::Fail {
        return Err(failure(Exit::Unreliable, message));
    }
    console.warn(message);
    Ok(())
}
