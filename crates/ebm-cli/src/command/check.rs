//! `ebm check`

use ebm_data::table::{Against, TableOptions, check};

use super::How;
use crate::cli::CheckArgs;
use crate::exit::{Exit, failure};
use crate::output::{print, print_json};
use crate::own::OwnData;

pub fn run(args: &CheckArgs, how: How) -> anyhow::Result<()> {
    let options = TableOptions { features: args.features.clone(), ..TableOptions::new(args.target.clone()) };
    let against = match &args.valid {
        Some(file) => Against::File(file.clone()),
        None => Against::Split { shares: OwnData::SHARES, seed: 0 },
    };
    let report = check(&args.table, &options, &against)?;
    if how.json {
        print_json(&report)?;
    } else {
        print(report.to_string())?;
    }
    if report.problems.is_empty() && report.unreadable == 0 {
        return Ok(());
    }
    Err(failure(Exit::Data, format!("{} cannot be trained on as it is", args.table.display())))
}
