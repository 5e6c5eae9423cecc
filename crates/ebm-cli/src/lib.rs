//! Energy-based probabilistic regression from one command line: the parts of the `ebm` binary.
//!
//! [`figure`] is also for programs that draw their own densities, as `examples/toy_1d.rs` does.

pub mod cli;
mod command;
mod console;
mod destination;
pub mod device;
pub mod exit;
mod experiment;
pub mod figure;
mod html;
mod interrupt;
pub mod output;
mod overlap;
mod paper_table;
mod prediction_writer;
pub mod readers;
mod rows;
mod run;
mod sweep;
mod task;
mod trained;
mod training_data;
mod user_data;

pub use command::run;
