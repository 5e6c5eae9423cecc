//! What stands in a report, as plain data.

use crate::figure::PlotFigure;

/// A report.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// Heading, and name of the browser's tab.
    pub title: String,
    /// A summary in one or two sentences.
    pub summary: String,
    /// What the reader must know before trusting anything below.
    pub warnings: Vec<String>,
    /// Short facts.
    pub facts: Vec<Fact>,
    /// The report, from top to bottom.
    pub sections: Vec<Section>,
    /// What made the page, such as the program with its version.
    pub made_by: String,
}

/// A name with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What it is.
    pub name: String,
    /// The value with its unit.
    pub value: String,
}

impl Fact {
    /// A fact from anything that can be written.
    pub fn new(name: impl Into<String>, value: impl std::fmt::Display) -> Self {
        Self { name: name.into(), value: value.to_string() }
    }
}

/// A part of a report with its heading.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// Heading; also its entry in the list of contents.
    pub heading: String,
    /// What it holds, from top to bottom.
    pub blocks: Vec<Block>,
}

/// One thing in a [`Section`].
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// A paragraph.
    Text(String),
    /// A table.
    Table(Table),
    /// Figures, side by side where there is room.
    Figures(Vec<PageFigure>),
    /// Lines for a terminal, each with what it does.
    Commands(Vec<Command>),
}

/// A table; the first cell of a row names the row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// What it shows.
    pub caption: String,
    /// Names of the columns.
    pub head: Vec<String>,
    /// Cells row by row, as many in each as there are columns; numbers stand at the right.
    pub rows: Vec<Vec<String>>,
}

/// A figure with its texts.
#[derive(Debug, Clone, PartialEq)]
pub struct PageFigure {
    /// The plots. One a figure is readable on a telephone; more side by side are not.
    pub figure: PlotFigure,
    /// What it shows and how to read it, below the figure.
    pub caption: String,
    /// The alternative text.
    pub description: String,
}

/// A line for a terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// What it does.
    pub what: String,
    /// The line.
    pub line: String,
}
