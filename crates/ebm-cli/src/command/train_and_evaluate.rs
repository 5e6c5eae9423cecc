//! `ebm train`, with `--evaluate` or without.

use super::{evaluate, train};
use crate::cli::train::TrainArgs;
use crate::console::Console;

/// Trains, and evaluates if asked to.
///
/// # Errors
/// Those of the training and the evaluation; the first of the networks that failed.
pub fn train_and_evaluate(args: &TrainArgs, console: Console) -> anyhow::Result<()> {
    let trained = train::run(args, console)?;
    if args.evaluate {
        evaluate::trained(&trained.folders, args.device, console)?;
    } else if console.json {
        trained.print_records()?;
    }
    trained.outcome()
}
