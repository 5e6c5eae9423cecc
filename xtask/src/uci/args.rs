//! The command line of `uci`.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::str::FromStr;

/// Measure `ebm` on the standard UCI regression sets and splits
///
/// For every set and split: trains on the rows that are not in the test part, measures on those that are, and keeps what
/// came out. Prints NLL, CRPS, coverage, widths and seconds, mean ± standard error over the splits, beside published
/// numbers, goals, and peers that run on the same splits.
///
/// It can be stopped at any time and run again: finished splits are kept. A kept result belongs to one program, one list
/// of arguments and one pair of tables; if any of them is another now, the command names what is stale and stops. A split
/// on which training fails is recorded, counted and not tried again.
#[derive(clap::Args)]
#[command(after_help = "\
The data folder has for every set NAME.csv, a header and rows with the target y, and NAME.test-rows.txt, a line a split
with the rows of its test part, counted from 0. It is not a part of this project.

Examples:
  cargo xtask uci --data DIR                                  every set and split: hours
  cargo xtask uci --data DIR --sets yacht --splits 0..3       a first look
  cargo xtask uci --data DIR --variant 'mdn=--method mdn' --variant 'auto=--target-kind auto'
                                                              more rows, with other arguments of `ebm train`
  cargo xtask uci --data DIR -- --components 8                arguments of every row
  cargo xtask uci --data DIR --peers ngboost,catboost         beside peers; says how to install one
  cargo xtask uci --data DIR --report --out docs/results/uci.md
                                                              train nothing; the table of what is kept

A variant's option replaces the same option of the default row and of those after `--`. Results are in WORK/results, a
file a split: delete one to train it again. WORK/runs has the models and logs.")]
pub struct Args {
    /// Folder with NAME.csv and NAME.test-rows.txt of each set
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,

    /// Sets to measure on [default: all in the folder]
    #[arg(long, value_delimiter = ',', value_name = "NAME,..")]
    pub sets: Vec<String>,

    /// Splits, 0..20 or 3,7; a set has as many as there are
    #[arg(long, value_name = "SPLITS", default_value = "0..20")]
    pub splits: Splits,

    /// Another row, with these arguments of `ebm train`; may be repeated
    #[arg(long = "variant", value_name = "NAME=ARGS")]
    pub variants: Vec<Variant>,

    /// Only the rows of --variant, not the default row
    #[arg(long, requires = "variants")]
    pub without_default: bool,

    /// Peers to run on the same splits: ngboost, catboost, pgbm, treeffuser, ensemble
    #[arg(long, value_delimiter = ',', value_name = "NAME,..")]
    pub peers: Vec<String>,

    /// Folder with a Python environment for each peer
    #[arg(long, value_name = "DIR", default_value = "bench/peers/.venvs")]
    pub environments: PathBuf,

    /// Splits at a time, each on one thread [default: one per core]
    #[arg(long, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,

    /// Folder for tables, models and results
    #[arg(long, value_name = "DIR", default_value = "target/uci")]
    pub work: PathBuf,

    /// Also write the table as Markdown, and every split's numbers as JSON beside it. Sets that the file has from earlier
    /// and that are not measured now stay in it
    #[arg(long, value_name = "FILE.md")]
    pub out: Option<PathBuf>,

    /// Train nothing: the table of the results that are kept, each row of one program
    #[arg(long, conflicts_with_all = ["ebm", "redo_stale"])]
    pub report: bool,

    /// Train again where a kept result is stale
    #[arg(long)]
    pub redo_stale: bool,

    /// Use this `ebm` instead of building one
    #[arg(long, value_name = "FILE")]
    pub ebm: Option<PathBuf>,

    /// Arguments of `ebm train` for every row
    #[arg(last = true, value_name = "ARGS")]
    pub train: Vec<String>,
}

/// `0..20`, `3,7`, or both: `0..3,7`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Splits {
    pub numbers: Vec<usize>,
    /// As it was written.
    pub text: String,
}

impl FromStr for Splits {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut numbers = Vec::new();
        for part in text.split(',') {
            let expected = || format!("{part:?} is neither a split nor a range such as 0..20");
            let number = |text: &str| text.trim().parse::<usize>().ok().filter(|&n| n < 10_000).ok_or_else(expected);
            match part.split_once("..") {
                Some((first, end)) => numbers.extend(number(first)?..number(end)?),
                None => numbers.push(number(part)?),
            }
        }
        numbers.sort_unstable();
        numbers.dedup();
        if numbers.is_empty() {
            Err(format!("{text:?} holds no split"))
        } else {
            Ok(Self { numbers, text: text.into() })
        }
    }
}

/// A row of the table with arguments of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variant {
    pub name: String,
    pub args: Vec<String>,
}

impl FromStr for Variant {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, args) = text.split_once('=').ok_or("expected NAME=ARGS, as in 'mdn=--method mdn'")?;
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if name.is_empty() || !name.chars().all(is_plain) {
            return Err(format!("{name:?} names a folder: letters, digits, - and _"));
        }
        Ok(Self { name: name.to_owned(), args: args.split_whitespace().map(str::to_owned).collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_are_ranges_and_numbers_in_order() {
        let read = |text: &str| text.parse::<Splits>().map(|splits| splits.numbers);
        assert_eq!(read("0..3"), Ok(vec![0, 1, 2]));
        assert_eq!(read("7, 1..3,2"), Ok(vec![1, 2, 7]));
        for text in ["", "a", "3..3", "0..", "-1", "0..99999"] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_variant_is_a_name_and_words() {
        let read = |text: &str| text.parse::<Variant>();
        let args = ["--method", "mdn"].map(str::to_owned).to_vec();
        assert_eq!(read("mdn=--method mdn"), Ok(Variant { name: "mdn".to_owned(), args }));
        assert_eq!(read("k=--a=b").unwrap().args, ["--a=b"]);
        for text in ["mdn", "=--method mdn", "a/b=--x", "../a=--x"] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
