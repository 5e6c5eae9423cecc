//! The command line of `reproduce-tables`.

use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::ValueEnum;

use crate::binary;

/// Train the networks behind the paper's tables and print the tables
///
/// Builds `ebm`, asks it which networks each table needs, trains and evaluates
/// those that are not finished, several in parallel, and prints our numbers
/// beside the paper's. Networks, logs and the tables as Markdown are kept in the
/// runs folder.
///
/// It can be stopped at any time, by Ctrl-C or by force, and run again: finished
/// networks are kept, interrupted ones are continued. A network that fails is
/// counted in the table and does not stop the others.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cargo xtask reproduce-tables                      every table, quick: minutes
  cargo xtask reproduce-tables --scale full         as the paper: hours on many cores
  cargo xtask reproduce-tables --table 1 --jobs 4   one table, four networks at a time
  cargo xtask reproduce-tables --device cuda        on a GPU; builds with that feature
  cargo xtask reproduce-tables --data files         the image tasks on the paper's files, in folder files
  cargo xtask reproduce-tables --networks 1 --epochs 1 --m 16
                                                    seconds: a test that everything works
  cargo xtask reproduce-tables --scale full --only toy_1/ours_k4
                                                    one cell as the paper trained it

Exit codes: 0 done; 75 interrupted, run the same command to continue; 2 usage; 1 otherwise.
To train a network again, delete its folder; to start over, delete the runs folder.")]
pub struct Args {
    /// Table to reproduce; may be repeated [default: all tables]
    #[arg(long = "table", value_name = "N")]
    pub tables: Vec<u32>,

    /// Train only the networks of this preset, such as toy_1/ours_k4; may be repeated
    #[arg(long = "only", value_name = "PRESET")]
    pub only: Vec<String>,

    /// How much to train
    #[arg(long, value_enum, default_value_t = ScaleName::Quick)]
    scale: ScaleName,

    /// Networks per cell, instead of the scale's
    #[arg(long, value_name = "N")]
    networks: Option<NonZeroUsize>,

    /// Epochs per network, instead of the scale's
    #[arg(long, value_name = "N")]
    epochs: Option<NonZeroUsize>,

    /// Candidates per example (M in the paper), instead of the scale's
    #[arg(long, value_name = "N")]
    m: Option<NonZeroUsize>,

    /// Training images of the stand-ins, instead of the scale's
    #[arg(long, value_name = "N")]
    examples: Option<NonZeroUsize>,

    /// Width of the image backbone, instead of the scale's (the paper's is 64)
    #[arg(long, value_name = "N")]
    width: Option<NonZeroUsize>,

    /// Folder with the paper's files of the image tasks; stand-ins replace those that are missing
    #[arg(long, value_name = "DIR", conflicts_with = "examples")]
    data: Option<PathBuf>,

    /// Programs in parallel. On the CPU each trains one network on one thread [default: one per core]; on a GPU each
    /// trains all networks of a cell, as one stack if they are small [default: one]
    #[arg(long, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,

    /// Device to train on: cpu, ndarray, wgpu or cuda, with :N for the N-th of several
    #[arg(long, default_value = "cpu", value_parser = binary::parse_device)]
    pub device: String,

    /// Folder for networks and tables [default: runs/tables/SCALE in the repository]
    #[arg(long, value_name = "DIR")]
    runs: Option<PathBuf>,

    /// Refuse a runs folder that is not empty, instead of continuing in it
    #[arg(long)]
    pub fresh: bool,

    /// Cargo profile to build `ebm` with
    #[arg(long, value_name = "NAME", default_value = "release", conflicts_with = "ebm")]
    pub profile: String,

    /// Use this `ebm` instead of building one
    #[arg(long, value_name = "FILE")]
    pub ebm: Option<PathBuf>,
}

/// The scales every table has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ScaleName {
    /// A few small networks per cell: shows that everything works, with rough results
    Quick,
    /// The paper's own numbers of networks, epochs and samples
    Full,
}

impl ScaleName {
    fn as_str(self) -> &'static str {
        match self {
            Self::Quick => "quick",
            Self::Full => "full",
        }
    }
}

impl Args {
    /// The scale as arguments of `ebm table`.
    pub fn scale_args(&self) -> Vec<OsString> {
        let mut args: Vec<OsString> = vec!["--scale".into(), self.scale.as_str().into()];
        for (flag, value) in [
            ("--networks", self.networks),
            ("--epochs", self.epochs),
            ("--m", self.m),
            ("--examples", self.examples),
            ("--width", self.width),
        ] {
            if let Some(value) = value {
                args.extend([flag.into(), value.to_string().into()]);
            }
        }
        args
    }

    /// Where the paper's files are, as an argument of `ebm sweep`.
    pub fn data_args(&self) -> Vec<OsString> {
        self.data.iter().flat_map(|folder| ["--data".into(), folder.clone().into_os_string()]).collect()
    }

    /// The runs folder: the one given, or below `root` one for each size of
    /// network. All networks of one size share a folder.
    pub fn runs_folder(&self, root: &Path) -> PathBuf {
        if let Some(runs) = &self.runs {
            return runs.clone();
        }
        let mut name = self.scale.as_str().to_owned();
        let changes = [("e", self.epochs), ("m", self.m), ("x", self.examples), ("w", self.width)];
        for (letter, value) in changes {
            if let Some(value) = value {
                name += &format!("-{letter}{value}");
            }
        }
        if self.data.is_some() {
            name += "-data";
        }
        root.join("runs").join("tables").join(name)
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        args: Args,
    }

    fn parse(line: &str) -> Args {
        let words = std::iter::once("xtask").chain(line.split_whitespace());
        Cli::try_parse_from(words).map(|cli| cli.args).expect("the arguments parse")
    }

    #[test]
    fn networks_of_another_size_get_another_folder() {
        let folder = |line| parse(line).runs_folder(Path::new("r"));
        assert_eq!(folder(""), Path::new("r/runs/tables/quick"));
        assert_eq!(folder("--networks 2"), Path::new("r/runs/tables/quick"));
        assert_eq!(folder("--scale full --epochs 5 --m 8"), Path::new("r/runs/tables/full-e5-m8"));
        assert_eq!(folder("--epochs 5 --runs there"), Path::new("there"));
        assert_eq!(folder("--examples 9 --width 8"), Path::new("r/runs/tables/quick-x9-w8"));
        assert_eq!(folder("--data there"), Path::new("r/runs/tables/quick-data"));
    }

    #[test]
    fn changes_to_the_scale_are_passed_on() {
        assert_eq!(parse("--m 8").scale_args(), ["--scale", "quick", "--m", "8"]);
    }

    #[test]
    fn nothing_of_something_is_refused() {
        for line in ["--jobs 0", "--networks 0", "--device tpu", "--device cuda:x", "--profile dev --ebm f"] {
            let words = std::iter::once("xtask").chain(line.split_whitespace());
            assert!(Cli::try_parse_from(words).is_err(), "{line}");
        }
    }
}
