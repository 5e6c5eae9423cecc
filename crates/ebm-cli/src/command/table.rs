//! `ebm table`

use std::path::Path;

use serde_json::json;

use crate::cli::table::TableArgs;
use crate::console::Console;
use crate::destination::Destination;
use crate::exit::{Exit, failure};
use crate::output::{print, print_json};
use crate::paper_table::collect::collect;
use crate::paper_table::plan::plan;
use crate::paper_table::{ScaleName, tables};

pub fn run(args: &TableArgs, console: Console) -> anyhow::Result<()> {
    let tables = tables();
    let Some(number) = args.number else {
        if console.json {
            let numbers: Vec<u32> = tables.iter().map(|table| table.number).collect();
            return print_json(&json!({ "schema": "ebm.tables/1", "tables": numbers }));
        }
        return print(tables.iter().map(|table| format!("{}  {}\n", table.number, table.title)).collect::<String>());
    };
    let table = tables.iter().find(|table| table.number == number).ok_or_else(|| {
        let there: Vec<String> = tables.iter().map(|table| table.number.to_string()).collect();
        failure(Exit::Usage, format!("there is no table {number}; there is: {}", there.join(", ")))
    })?;
    let scale = table.scale(args.scale, args.overrides);
    if args.plan {
        return print_json(&plan(table, scale, args.data.as_deref()));
    }
    let default = || {
        Path::new("runs/tables").join(match args.scale {
            ScaleName::Quick => "quick",
            ScaleName::Full => "full",
        })
    };
    let report = collect(table, &args.runs.clone().unwrap_or_else(default), scale);
    if let Some(path) = &args.markdown {
        Destination::new(path, args.force, &[])?.write(report.markdown().as_bytes())?;
    }
    if console.json { print_json(&report) } else { print(report.text()) }
}
