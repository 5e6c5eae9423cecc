//! From data to markup.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::page::{Block, Command, Fact, Page, PageFigure, Section, Table};
use super::style;
use crate::figure::{FigureError, inline_plots};

/// Forbids what the page does not need: scripts, and anything from elsewhere.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/// The whole document.
pub(super) fn document(page: &Page) -> Result<Markup, FigureError> {
    let sections = numbered(&page.sections).map(|(id, part)| section(&id, part)).collect::<Result<Vec<_>, _>>()?;
    Ok(html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (page.title) }
                style { (PreEscaped(style::sheet())) }
            }
            body {
                header {
                    h1 { (page.title) }
                    p.summary { (page.summary) }
                }
                main {
                    @if !page.warnings.is_empty() { (warnings(&page.warnings)) }
                    @if !page.facts.is_empty() { (facts(&page.facts)) }
                    @if page.sections.len() > 2 { (contents(&page.sections)) }
                    @for section in sections { (section) }
                }
                footer { p { (page.made_by) } }
            }
        }
    })
}

/// Sections with their names in links. Headings are not unique, places are.
fn numbered(sections: &[Section]) -> impl Iterator<Item = (String, &Section)> {
    sections.iter().enumerate().map(|(index, section)| (format!("section-{}", index + 1), section))
}

fn warnings(warnings: &[String]) -> Markup {
    html! {
        aside aria-labelledby="warnings" {
            h2 id="warnings" { @if warnings.len() == 1 { "Warning" } @else { "Warnings" } }
            ul { @for warning in warnings { li { (warning) } } }
        }
    }
}

fn contents(sections: &[Section]) -> Markup {
    html! {
        nav aria-label="Contents" {
            ul { @for (id, section) in numbered(sections) { li { a href={ "#" (id) } { (section.heading) } } } }
        }
    }
}

fn section(id: &str, section: &Section) -> Result<Markup, FigureError> {
    let blocks = section.blocks.iter().map(block).collect::<Result<Vec<_>, _>>()?;
    Ok(html! {
        section aria-labelledby=(id) {
            h2 id=(id) { (section.heading) }
            @for block in blocks { (block) }
        }
    })
}

fn block(block: &Block) -> Result<Markup, FigureError> {
    Ok(match block {
        Block::Text(text) => html! { p { (text) } },
        Block::Table(content) => table(content),
        Block::Figures(all) => figures(all)?,
        Block::Commands(all) => commands(all),
    })
}

fn facts(facts: &[Fact]) -> Markup {
    html! {
        table.facts {
            tbody {
                @for fact in facts { tr { th scope="row" { (fact.name) } td { (fact.value) } } }
            }
        }
    }
}

/// A wide table scrolls in a box of its own, which the keyboard can reach.
fn table(table: &Table) -> Markup {
    html! {
        div.scroll role="region" aria-label=(table.caption) tabindex="0" {
            table {
                caption { (table.caption) }
                thead {
                    tr {
                        @for (column, name) in table.head.iter().enumerate() {
                            th scope="col" class=[words(table, column)] { (name) }
                        }
                    }
                }
                tbody {
                    @for row in &table.rows {
                        tr {
                            @for (column, cell) in row.iter().enumerate() {
                                @if column == 0 { th scope="row" { (cell) } } @else { td class=[words(table, column)] { (cell) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The class of a column that holds words: they stand at the left, as numbers do at the right.
fn words(table: &Table, column: usize) -> Option<&'static str> {
    let is_number = |cell: &str| cell.starts_with(|c: char| c.is_ascii_digit() || "-−–+.".contains(c));
    let is_word = |row: &Vec<String>| !row[column].is_empty() && !is_number(&row[column]);
    table.rows.iter().any(is_word).then_some("words")
}

fn figures(figures: &[PageFigure]) -> Result<Markup, FigureError> {
    let drawn = figures.iter().map(|figure| inline_plots(&figure.figure, &figure.description));
    let drawn = drawn.collect::<Result<Vec<_>, _>>()?;
    Ok(html! {
        div.figures {
            @for (figure, svg) in figures.iter().zip(drawn) {
                figure {
                    (PreEscaped(svg))
                    figcaption { (figure.caption) }
                }
            }
        }
    })
}

fn commands(commands: &[Command]) -> Markup {
    html! {
        @for command in commands {
            p.what { (command.what) }
            pre { code { (command.line) } }
        }
    }
}
