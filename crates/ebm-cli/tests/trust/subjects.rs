//! Three kinds of runs, small, that faults are tried on.

use std::path::PathBuf;

use crate::sandbox::{Files, Sandbox};
use crate::table::with_table;

/// A kind of run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// Pairs of numbers.
    Pairs,
    /// One network of a table, with a validation part that it is chosen by.
    Table,
    /// Networks and trees on two folds of a table.
    Ensemble,
}

impl Subject {
    pub const ALL: [Self; 3] = [Self::Pairs, Self::Table, Self::Ensemble];

    pub fn name(self) -> &'static str {
        match self {
            Self::Pairs => "pairs",
            Self::Table => "table",
            Self::Ensemble => "ensemble",
        }
    }

    /// A folder with its data.
    pub fn sandbox(self) -> Sandbox {
        if self == Self::Pairs { Sandbox::new() } else { with_table() }
    }

    /// The command that trains it into `model`, within a second or two.
    pub fn train(self) -> &'static str {
        match self {
            Self::Pairs => {
                "train --train-file my.csv --out model --seed 7 --epochs 2 --m 8 --batch-size 6 --components 2 --quiet \
                 --checkpoint-seconds 0"
            }
            Self::Table => {
                "train table.csv --target price --target-kind real --members 1 --split 0.6,0.2,0.1,0.1 --out model --seed 3 \
                 --epochs 3 --m 8 --quiet --checkpoint-seconds 0"
            }
            Self::Ensemble => {
                "train table.csv --target price --target-kind real --members 2 --out model --seed 3 --epochs 2 --m 8 \
                 --quiet --threads 1 --checkpoint-seconds 0"
            }
        }
    }

    /// A question to it.
    pub fn predict(self) -> &'static str {
        match self {
            Self::Pairs => "predict model --x 0.5,-3 --m 64 --quiet",
            Self::Table | Self::Ensemble => "predict model new.csv --m 64 --quiet",
        }
    }

    /// What training gives: the files without those that say when, how fast and where.
    pub fn outcome(self, sandbox: &Sandbox) -> Files {
        let mut files = sandbox.files("model");
        files.retain(|name, _| {
            let own = name.rsplit('/').next().expect("a name");
            !["run.json", "manifest.json", "calibration.json"].contains(&own)
        });
        files
    }
}

/// Where `cargo xtask crash` and `cargo xtask flips`, which run these tests at full length, want the counts; for `cargo
/// test`, nowhere, and faults are tried at a few places only.
pub fn full_length() -> Option<PathBuf> {
    std::env::var_os("EBM_FULL_LENGTH").map(PathBuf::from)
}
