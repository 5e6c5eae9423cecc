//! The rows that a model of the user's data is asked about.

use std::path::Path;

use ebm_data::table::{OnMissing, Part, Split, Targets};

pub use super::table::folded;
use super::{images, table};
use crate::exit::{Exit, failure};
use crate::experiment::user_data::{Source, UserData};
use crate::rows::{self, Chunks, RowsOf};
use crate::run::document::Document;
use crate::run::split::FileSplit;
use ebm_data::run_file::Encoding;

/// The rows, in chunks.
///
/// # Errors
/// When there are none, or they cannot be read.
pub fn rows<'a>(
    run: &Path,
    user: &UserData,
    encoding: &'a Encoding,
    of: RowsOf<'a>,
    targets: Targets,
    on_missing: OnMissing,
) -> anyhow::Result<Chunks<'a>> {
    match (&encoding.schema, of) {
        (_, RowsOf::Numbers(_)) => {
            Err(failure(Exit::Usage, "this model was trained on a table: give a file with its columns, not --x"))
        }
        (Some(_), RowsOf::File { labels: Some(_), .. }) => {
            Err(failure(Exit::Usage, "--labels is for images, and this model was trained on a table"))
        }
        (Some(schema), RowsOf::File { file, labels: None, share }) => {
            let origin = rows::origin(file);
            let origin = if let Some(share) = share { origin.share(share) } else { origin };
            table::rows(origin, schema, targets, on_missing)
        }
        (None, RowsOf::File { labels: None, .. }) if targets == Targets::Required => {
            Err(failure(Exit::Usage, "this model takes images: give the table of their labels with --labels"))
        }
        (None, RowsOf::File { file, labels, .. }) => match labels.filter(|_| targets != Targets::Ignored) {
            Some(labels) => images::labelled(user, file, labels, None),
            None => rows::images::of_folder(file, user.source.side(), [0, 1, 2]),
        },
        (schema, RowsOf::Part(part)) => match (schema, &user.source) {
            (Some(schema), Source::Table { .. }) => {
                let split = Split::read(run)?;
                refuse_empty(user, part, split.rows.of(part))?;
                table::part_rows(user, schema, &split, part)
            }
            (None, Source::Images { folder, labels, .. }) => {
                let files = FileSplit::read(run)?.part(part);
                refuse_empty(user, part, files.len())?;
                images::labelled(user, folder, labels, Some(&files))
            }
            _ => Err(mixed(run)),
        },
    }
}

/// The error of a folder whose files belong to different runs.
pub fn mixed(run: &Path) -> anyhow::Error {
    failure(Exit::Data, format!("run.json and model.json in {} are of different runs", run.display()))
}

fn refuse_empty(user: &UserData, part: Part, rows: usize) -> anyhow::Result<()> {
    if rows > 0 {
        return Ok(());
    }
    let message = format!(
        "the {} part of {} is empty: give held-out rows, or train with another --split",
        part.name(),
        user.source.name()
    );
    Err(failure(Exit::Usage, message))
}
