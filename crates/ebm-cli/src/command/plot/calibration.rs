//! `ebm plot calibration`: whether the predicted probabilities are those that come true.

use ebm_core::evaluate::LEVELS;

use crate::cli::plot::PlotCalibrationArgs;
use crate::command::picture::wrote;
use crate::console::Console;
use crate::destination::Destination;
use crate::exit::{Exit, failure};
use crate::figure::{Format, Plot, PlotFigure, diagnostics, draw_plots};
use crate::run::document::Document;
use crate::run::evaluation::Evaluation;
use crate::run::record::Record;

pub fn run(args: &PlotCalibrationArgs, console: Console) -> anyhow::Result<()> {
    Format::from_path(&args.out)?;
    let file = Destination::new(&args.out, args.force, &[])?;
    let record = Record::read(&args.run)?;
    let Some(evaluation) = Evaluation::read_if_there(&args.run)? else {
        let run = args.run.display();
        return Err(failure(Exit::NoInput, format!("{run} is not evaluated: `ebm evaluate {run}` first")));
    };
    let figure = PlotFigure {
        title: format!("{}: calibration, seed {}", record.data.source, record.seed),
        ..diagnostics::row(["model", "calibrated"], vec![histogram(&evaluation), coverage(&evaluation)])
    };
    draw_plots(&figure, file.path())?;
    wrote(&args.out, console)
}

/// The values of a calibrated model are uniform.
fn histogram(evaluation: &Evaluation) -> Plot {
    let title = "probability integral transform".to_owned();
    Plot { title, ..diagnostics::pit(&evaluation.pit_counts) }
}

/// The intervals of a calibrated model have the stated coverage.
fn coverage(evaluation: &Evaluation) -> Plot {
    let share = |level: f64| evaluation.metrics.get(&format!("coverage_{:.0}", 100.0 * level)).copied().flatten();
    let covered = LEVELS.into_iter().filter_map(|level| Some([level, share(level)?])).collect();
    let title = "coverage of central intervals".to_owned();
    Plot { title, x_label: "probability of the interval".to_owned(), ..diagnostics::coverage(&[covered]) }
}
