//! `ebm check`

use ebm_data::table::{Against, TableOptions, check};

use crate::cli::user_data::CheckArgs;
use crate::console::Console;
use crate::exit::{Exit, failure};
use crate::experiment::user_data::UserData;
use crate::output::{print, print_json};

pub fn run(args: &CheckArgs, console: Console) -> anyhow::Result<()> {
    let options = TableOptions { features: args.features.clone(), ..TableOptions::new(args.target.clone()) };
    let against = match &args.valid {
        Some(file) => Against::File(file.clone()),
        None => Against::Split { shares: UserData::SHARES, seed: 0 },
    };
    let report = check(&args.table, &options, &against)?;
    if console.json {
        print_json(&report)?;
    } else {
        print(report.to_string())?;
    }
    if report.problems.is_empty() && report.unreadable == 0 {
        return Ok(());
    }
    Err(failure(Exit::Data, format!("{} cannot be trained on as it is", args.table.display())))
}
