//! `ebm data`

mod inspect;
mod list;
mod make;
mod show;

use crate::cli::data::DataCommand;
use crate::console::Console;

pub fn run(command: &DataCommand, console: Console) -> anyhow::Result<()> {
    match command {
        DataCommand::List => list::run(console),
        DataCommand::Inspect(args) => inspect::run(args, console),
        DataCommand::Make(args) => make::run(args, console),
        DataCommand::Show(args) => show::run(args, console),
    }
}
