//! `ebm data`

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum DataCommand {
    /// List the data sets: what they are, where they come from, and what may be done with them
    List,
    /// Read all of a file of images: what is in it, and whether anything is wrong with it
    Inspect(InspectArgs),
}

#[derive(Debug, Args)]
#[command(after_help = INSPECT_EXAMPLES)]
pub(crate) struct InspectArgs {
    /// An HDF5 or npz file, or a folder of PNG
    pub file: PathBuf,
}

const INSPECT_EXAMPLES: &str = "\
Examples:
  ebm data inspect Cell200_64x64.h5
  ebm data inspect BIWI_train.npz --json

Ends with exit code 65 when the file cannot be read for any task.";
