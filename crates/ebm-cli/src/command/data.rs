//! `ebm data`

mod inspect;
mod list;
mod make;
mod show;

use super::How;
use crate::cli::DataCommand;

pub fn run(command: &DataCommand, how: How) -> anyhow::Result<()> {
    match command {
        DataCommand::List => list::run(how),
        DataCommand::Inspect(args) => inspect::run(args, how),
        DataCommand::Make(args) => make::run(args, how),
        DataCommand::Show(args) => show::run(args, how),
    }
}
