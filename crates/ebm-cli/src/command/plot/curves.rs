//! `ebm plot curves`: training losses over the epochs.

use crate::cli::plot::PlotCurvesArgs;
use crate::command::picture::wrote;
use crate::console::Console;
use crate::destination::Destination;
use crate::figure::{Format, LARGE, PlotFigure, diagnostics, draw_plots};
use crate::run::document::Document;
use crate::run::metrics;
use crate::run::record::Record;

pub fn run(args: &PlotCurvesArgs, console: Console) -> anyhow::Result<()> {
    Format::from_path(&args.out)?;
    let file = Destination::new(&args.out, args.force, &[])?;
    let record = Record::read(&args.run)?;
    let curves = metrics::losses(&metrics::read(&args.run)?);
    let figure = PlotFigure {
        title: format!("{}: training losses, seed {}", record.data.source, record.seed),
        plot_size: LARGE,
        ..diagnostics::training(&curves)
    };
    draw_plots(&figure, file.path())?;
    wrote(&args.out, console)
}
