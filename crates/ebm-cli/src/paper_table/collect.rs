//! From run folders to a report.

use std::path::Path;

use super::report::{BestOnTest, CellReport, DataUse, Honest, Provenance, REPORT_SCHEMA, Report, RowReport};
use super::run::{Run, RunState, read_run};
use super::statistics::{lowest, mean, summarise};
use super::{Cell, Deviation, Reduction, Row, Scale, Table, run_name};

/// Reads the runs of `table` at `scale` below `runs`.
///
/// Every expected run is accounted for: finite, failed or missing. A damaged
/// file, or a run trained at another scale, counts as missing and is named in
/// the report; so this never fails, and a folder that does not exist is a
/// report of missing runs.
pub fn collect(table: &Table, runs: &Path, scale: Scale) -> Report {
    let rows: Vec<RowReport> = table.rows.iter().map(|row| row_report(row, table.reduction, runs, scale)).collect();
    Report {
        schema: REPORT_SCHEMA,
        table: table.number,
        title: table.title.clone(),
        caption: table.caption.clone(),
        scale,
        paper_size: table.scale.full,
        comparable: scale.size == table.scale.full,
        reduction: table.reduction,
        provenance: provenance(&rows),
        rows,
    }
}

fn row_report(row: &Row, reduction: Reduction, runs: &Path, scale: Scale) -> RowReport {
    let found = |cell| (0..scale.size.networks.get()).map(|seed| found(runs, row, cell, seed, scale)).collect();
    let mut cells: Vec<CellReport> = row.cells.iter().map(|cell| cell_report(cell, reduction, found(cell))).collect();
    let data = data_use(row, &cells);
    if matches!(data, Some(DataUse::StandIn { .. } | DataUse::Mixed { .. } | DataUse::RandomWeights { .. })) {
        // Another data set, or another start: there is nothing to subtract.
        cells.iter_mut().for_each(|cell| cell.difference = None);
    }
    RowReport { label: row.label.clone(), dataset: row.dataset.clone(), metric: row.metric.clone(), data, cells }
}

/// Which data the finite runs of a row had; the stand-in as long as there is none.
fn data_use(row: &Row, cells: &[CellReport]) -> Option<DataUse> {
    let about = row.stand_in.clone()?;
    let finite = cells.iter().flat_map(|cell| &cell.runs).filter(|run| matches!(run.state, RunState::Finite { .. }));
    let (paper, stand_in): (Vec<&Run>, Vec<&Run>) = finite.partition(|run| run.on_paper_data);
    Some(match (paper.len(), stand_in.len()) {
        (0, _) => DataUse::StandIn { about },
        (_, 0) => match paper.iter().filter(|run| run.from_random_weights).count() {
            0 => DataUse::Paper,
            runs => DataUse::RandomWeights { runs },
        },
        (paper, stand_in) => DataUse::Mixed { paper, stand_in },
    })
}

fn found(runs: &Path, row: &Row, cell: &Cell, seed: usize, scale: Scale) -> Run {
    read_run(runs, &run_name(&cell.preset, seed), &cell.preset, &row.metric.key, scale.size)
}

fn cell_report(cell: &Cell, reduction: Reduction, runs: Vec<Run>) -> CellReport {
    let (values, seconds): (Vec<f64>, Vec<Option<f64>>) = runs
        .iter()
        .filter_map(|run| match run.state {
            RunState::Finite { value } => Some((value, run.train_seconds)),
            _ => None,
        })
        .unzip();
    let failed = runs.iter().filter(|run| matches!(run.state, RunState::Failed { .. })).count();
    let best_on_test = best_on_test(&values, reduction);
    CellReport {
        label: cell.label.clone(),
        preset: cell.preset.clone(),
        paper: cell.paper,
        best_on_test,
        difference: best_on_test.zip(cell.paper).map(|(ours, paper)| ours.mean - paper.mean),
        honest: Honest {
            summary: summarise(&values, Deviation::Sample),
            n: values.len(),
            failed,
            missing: runs.len() - values.len() - failed,
        },
        train_seconds: mean(&seconds.into_iter().flatten().collect::<Vec<_>>()),
        runs,
    }
}

fn best_on_test(values: &[f64], reduction: Reduction) -> Option<BestOnTest> {
    let kept = lowest(values, reduction.best_on_test.get());
    let summary = summarise(&kept, reduction.sd);
    Some(BestOnTest { mean: summary.mean?, sd: summary.sd, kept: kept.len(), of: values.len() })
}

fn provenance(rows: &[RowReport]) -> Provenance {
    let mut provenance = Provenance::default();
    let runs = rows.iter().flat_map(|row| &row.cells).flat_map(|cell| &cell.runs);
    let counted = runs.filter(|run| matches!(run.state, RunState::Finite { .. } | RunState::Failed { .. }));
    for run in counted {
        provenance.versions.extend(run.version.clone());
        provenance.revisions.extend(run.revision.clone().filter(|revision| !revision.is_empty()));
        provenance.devices.extend(run.device.clone());
    }
    provenance
}
