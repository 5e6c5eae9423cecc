//! Energy-based probabilistic regression from one command line: the parts of the `ebm` binary.
//!
//! [`figure`] is also for programs that draw their own densities, as `examples/toy_1d.rs` does.

mod answers;
pub mod cli;
mod command;
pub mod device;
pub mod exit;
pub mod experiment;
pub mod figure;
mod interrupt;
mod load;
pub mod output;
pub mod own;
pub mod page;
mod progress;
pub mod run_folder;
pub mod table;
pub mod task;

pub use command::run;
