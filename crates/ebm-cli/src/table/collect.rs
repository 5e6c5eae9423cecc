//! From run folders to a report.

use std::path::Path;

use super::report::{BestOnTest, CellReport, Honest, Provenance, REPORT_SCHEMA, Report, RowReport};
use super::run_folder::read_run;
use super::statistics::{lowest, mean, summarise};
use super::{Cell, Deviation, Reduction, Row, Run, RunState, Scale, Table, run_name};

/// Reads the runs of `table` at `scale` below `runs`.
///
/// Every expected run is accounted for: finite, failed or missing. A damaged
/// file, or a run trained at another scale, counts as missing and is named in
/// the report; so this never fails, and a folder that does not exist is a
/// report of missing runs.
pub fn collect(table: &Table, runs: &Path, scale: Scale) -> Report {
    let rows: Vec<RowReport> = table
        .rows
        .iter()
        .map(|row| RowReport {
            label: row.label.clone(),
            dataset: row.dataset.clone(),
            metric: row.metric.clone(),
            stand_in: row.stand_in.clone(),
            cells: row
                .cells
                .iter()
                .map(|cell| {
                    let found =
                        (0..scale.size.networks.get()).map(|seed| found(runs, row, cell, seed, scale)).collect();
                    cell_report(cell, table.reduction, found)
                })
                .collect(),
        })
        .collect();
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

fn found(runs: &Path, row: &Row, cell: &Cell, seed: usize, scale: Scale) -> Run {
    read_run(runs, &run_name(&cell.preset, seed), &row.metric.key, scale.size)
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
