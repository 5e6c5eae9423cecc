//! `ebm completions` and `ebm manual`: what a shell and `man` know of the command line.

use clap::CommandFactory;
use clap_mangen::Man;

use crate::cli::Cli;
use crate::exit::{Exit, failure};
use crate::output::print_data;

/// Prints a script that completes the command line in a shell.
pub fn completions(shell: clap_complete::Shell) -> anyhow::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "ebm", &mut script);
    print_data(&String::from_utf8(script)?)
}

/// Prints the manual page of a command, or of all.
///
/// # Errors
/// When there is no such command.
pub fn manual(path: &[String]) -> anyhow::Result<()> {
    let mut command = Cli::command();
    // Names such as `ebm-plot-density`, and the options that every command has.
    command.build();
    for name in path {
        let found = command.find_subcommand(name).cloned();
        command =
            found.ok_or_else(|| failure(Exit::Usage, format!("there is no command {name:?}: see `ebm --help`")))?;
    }
    let mut page = Vec::new();
    Man::new(command).render(&mut page)?;
    print_data(&String::from_utf8(page)?)
}
