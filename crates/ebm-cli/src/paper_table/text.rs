//! A report for a terminal.

use std::fmt::Write as _;

use comfy_table::{CellAlignment, LineStyle, Table as Grid, TableStyle};

use super::report::{COLUMNS, Report, RowReport};

/// Rules above, below and under the header; no vertical lines.
const RULES: TableStyle = {
    let rule = LineStyle::none().fill('─').junction('─');
    TableStyle::new().top_border(rule).header_separator(rule).bottom_border(rule)
};

impl Report {
    /// The report as plain text: no colour, one grid a data set, notes below.
    pub fn text(&self) -> String {
        let mut out = format!("Table {}. {}\n{}\n", self.table, self.title, self.caption);
        for note in self.scale_notes() {
            let _ = writeln!(out, "{note}");
        }
        for row in &self.rows {
            let _ = write!(out, "\n{}\n", row.heading());
            if let Some(data) = &row.data {
                let _ = writeln!(out, "{}", data.note());
            }
            let _ = writeln!(out, "{}", grid(row).trim_fmt());
        }
        out.push('\n');
        for note in self.notes() {
            let _ = writeln!(out, "{note}");
        }
        out
    }
}

fn grid(row: &RowReport) -> Grid {
    let mut grid = Grid::new();
    grid.load_style(RULES).set_header(COLUMNS);
    for cell in &row.cells {
        grid.add_row(cell.columns(row.metric.decimals));
    }
    for column in grid.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    grid
}
