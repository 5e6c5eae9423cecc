//! Arguments of `ebm inspect`.

use std::path::PathBuf;

use clap::Args;

const ABOUT: &str = "\
A run that is trained has a digest of each of its files in manifest.json; a file that differs from
it is refused by every command (exit code 65). After an edit that is meant, --reseal writes the
digests anew.";

#[derive(Debug, Args)]
#[command(after_help = ABOUT)]
pub(crate) struct InspectArgs {
    /// A run folder
    pub run: PathBuf,
    /// Take the files as they are: write their digests anew
    #[arg(long)]
    pub reseal: bool,
}
