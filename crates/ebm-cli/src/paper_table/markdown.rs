//! A report for the documentation.

use std::fmt::Write as _;

use super::report::{COLUMNS, Report};

impl Report {
    /// The report as Markdown: one table a data set, notes below.
    pub fn markdown(&self) -> String {
        let mut out = format!("# Table {}. {}\n\n{}\n\n", self.table, escape(&self.title), escape(&self.caption));
        for note in self.scale_notes() {
            let _ = writeln!(out, "- {}", escape(&note));
        }
        for row in &self.rows {
            let _ = write!(out, "\n## {}\n\n", escape(&row.heading()));
            if let Some(data) = &row.data {
                let _ = write!(out, "**{}**\n\n", escape(&data.note()));
            }
            line(&mut out, &COLUMNS);
            let _ = writeln!(out, "|---|{}", "---:|".repeat(COLUMNS.len() - 1));
            for cell in &row.cells {
                line(&mut out, &cell.columns(row.metric.decimals));
            }
        }
        out.push('\n');
        for note in self.notes() {
            let _ = writeln!(out, "- {}", escape(&note));
        }
        out
    }
}

fn line<S: AsRef<str>>(out: &mut String, cells: &[S]) {
    for cell in cells {
        let _ = write!(out, "| {} ", escape(cell.as_ref()));
    }
    out.push_str("|\n");
}

/// Names, labels and error messages shown as they are, on one line.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\r' => out.push(' '),
            '\\' | '|' | '*' | '_' | '`' | '<' | '[' => {
                out.push('\\');
                out.push(character);
            }
            _ => out.push(character),
        }
    }
    out
}
