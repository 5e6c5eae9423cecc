//! Tables of picture files and their labels.

use super::columns::Lookup;
use super::files::TableFile;
use super::options::OnMissing;
use super::strict::Strict;
use crate::delimited::cut;
use crate::error::{DataError, Place, TableError};
use std::path::Path;

/// Names of the column of files, in order of preference.
const FILE_COLUMNS: [&str; 5] = ["file", "path", "image", "filename", "file_name"];

/// Pictures and their labels, in the order of the table.
pub(crate) struct PictureLabels {
    /// The name of each picture's file, relative to the folder.
    pub(crate) files: Vec<String>,
    /// The place of each in the table.
    pub(crate) places: Vec<Place>,
    /// The labels, picture by picture.
    pub(crate) targets: Vec<f64>,
    /// Rows that were dropped because a label is missing.
    pub(crate) without_target: usize,
}

/// Reads the names of pictures and their labels from a table.
///
/// The files are in the column of that name; or in the first that is called `file`, `path`, `image`, `filename` or
/// `file_name` in any case; or in the first that holds text.
pub(crate) fn picture_labels(
    path: &Path,
    file_column: Option<&str>,
    targets: &[String],
    on_missing: OnMissing,
) -> Result<PictureLabels, DataError> {
    let file = file_column_index(path, file_column)?;
    let mut table = TableFile::open(&path.into())?;
    let names = table.names().to_vec();
    let lookup = Lookup::new(path, &names);
    let columns: Vec<usize> = targets.iter().map(|target| lookup.find(target)).collect::<Result<_, _>>()?;
    if columns.contains(&file) {
        return Err(TableError::NamedTwice { column: cut(&names[file]) }.into());
    }
    table.only(&[&columns[..], &[file]].concat())?;
    let cells = Strict::new(path.to_owned(), table.decimal());
    let mut labels = PictureLabels { files: Vec::new(), places: Vec::new(), targets: Vec::new(), without_target: 0 };
    while let Some(row) = table.next()? {
        let place = row.place;
        let missing = columns.iter().find(|&&column| row.cell(column).is_missing());
        match (missing, on_missing) {
            (None, _) => {}
            (Some(&column), OnMissing::Refuse) => return Err(cells.missing(place, &names[column]).into()),
            (Some(_), OnMissing::Drop | OnMissing::Median) => {
                labels.without_target += 1;
                continue;
            }
        }
        let cell = row.cell(file);
        if cell.is_missing() {
            return Err(cells.missing(place, &names[file]).into());
        }
        for &column in &columns {
            labels.targets.push(cells.number(&row.cell(column), place, &names[column])?);
        }
        labels.files.push(cell.with_text(str::to_owned));
        labels.places.push(place);
    }
    if labels.files.is_empty() {
        return Err(TableError::nothing_kept(path, labels.without_target).into());
    }
    Ok(labels)
}

fn file_column_index(path: &Path, file_column: Option<&str>) -> Result<usize, DataError> {
    let mut table = TableFile::open(&path.into())?;
    let names = table.names().to_vec();
    if let Some(column) = file_column {
        return Ok(Lookup::new(path, &names).find(column)?);
    }
    let called = |wanted: &&str| names.iter().position(|name| name.eq_ignore_ascii_case(wanted));
    if let Some(column) = FILE_COLUMNS.iter().find_map(called) {
        return Ok(column);
    }
    let decimal = table.decimal();
    let Some(row) = table.next()? else { return Err(TableError::NoRows { path: path.to_owned() }.into()) };
    let is_text = |&column: &usize| {
        let cell = row.cell(column);
        !cell.is_missing() && cell.number(decimal).is_err() && cell.boolean().is_none() && cell.days().is_none()
    };
    (0..names.len()).find(is_text).ok_or_else(|| {
        let (path, column, columns) = (path.to_owned(), FILE_COLUMNS[0].to_owned(), names.len());
        TableError::NoColumn { path, column, columns, near: Vec::new() }.into()
    })
}
