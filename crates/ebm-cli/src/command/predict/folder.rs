//! `ebm predict RUN FOLDER --out FOLDER`: a file of predictions for every table below a folder, or that a pattern names;
//! with `--shard I/N` for every N-th of them, or of one Parquet file for a part of its row groups.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use ebm_core::write_atomic;
use ebm_data::{DataError, Share, TableError, file_digest, folder_of, tables};
use serde::{Deserialize, Serialize};

use super::written::{Counts, written};
use crate::cli::predict::PredictArgs;
use crate::console::Console;
use crate::destination::Destination;
use crate::exit::{Exit, failure};
use crate::prediction_writer::Output;
use crate::prediction_writer::format::Format;
use crate::rows::{RowsOf, is_standard};
use crate::run::json::{Named, from_json, to_json};
use crate::trained::TrainedModel;

/// Where it is noted what the files of a folder were made of. Readers of folders of tables pass over such a name.
const NOTES: &str = "_predictions";
/// Schema of a note.
const NOTE: &str = "ebm.predicted/1";

/// What a file of predictions was made of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Note {
    /// The table, below its folder.
    input: PathBuf,
    /// Its digest.
    input_sha256: String,
    /// Digest of the model.
    model: Option<String>,
    /// The options on which answers depend.
    options: String,
    /// Rows, once the file is there.
    rows: Option<usize>,
}

/// What one file of predictions is of.
struct Piece {
    /// The table, below its folder.
    table: PathBuf,
    /// Its part, unless it is all.
    share: Option<Share>,
}

/// The folder of these tables, and what a file of predictions each is made of.
fn pieces(of: &Path, shard: Option<Share>) -> anyhow::Result<(PathBuf, Vec<Piece>)> {
    if let Some(folder) = folder_of(of) {
        let tables = tables(of)?.into_iter().enumerate();
        let of_shard = tables.filter(|(at, _)| shard.is_none_or(|Share { index, of }| at % of == index));
        return Ok((folder, of_shard.map(|(_, table)| Piece { table, share: None }).collect()));
    }
    let Some(name) = of.file_name().filter(|_| !is_standard(of)) else {
        return Err(failure(Exit::Usage, "standard input cannot be divided: --shard is for files"));
    };
    let piece = Piece { table: name.into(), share: shard };
    Ok((of.parent().unwrap_or(Path::new("")).to_owned(), vec![piece]))
}

/// Predicts the tables below a folder, or those of a shard. What is done already is passed over.
///
/// # Errors
/// When there are none, one cannot be read or its predictions written, or a file is there that this command has not made of
/// the same model with the same options.
pub fn predict(args: &PredictArgs, model: &TrainedModel, of: &Path, console: Console) -> anyhow::Result<Counts> {
    let Some(out) = args.output.file() else {
        return Err(failure(Exit::Usage, format!("{}: give --out FOLDER for the files of predictions", of.display())));
    };
    if out.is_file() {
        return Err(failure(Exit::CannotWrite, format!("{} is a file: --out needs a folder", out.display())));
    }
    let (folder, pieces) = pieces(of, args.shard)?;
    // Without `**` a pattern names files of one depth, and those of predictions are deeper.
    let is_any_depth = of.is_dir() || folder_of(of).is_some() && of.to_string_lossy().contains("**");
    if is_any_depth && lies_in(out, &folder) {
        let message = format!(
            "{} lies in {}, which is read: the next command would predict predictions; choose a folder elsewhere",
            out.display(),
            folder.display()
        );
        return Err(failure(Exit::CannotWrite, message));
    }
    let mut told = Counts::default();
    let mut made = 0;
    let bar = console.counter("files", pieces.len());
    for piece in &pieces {
        if let Some(counts) = one(args, model, &folder, out, piece, console)? {
            told.add(&counts);
            made += 1;
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    let there = pieces.len() - made;
    console.say(format_args!(
        "files written: {made}, of {} rows, in {}; there already: {there}",
        told.rows,
        out.display()
    ));
    Ok(told)
}

/// Whether a folder, which may not be there yet, is another one or lies in it.
fn lies_in(inner: &Path, outer: &Path) -> bool {
    let absolute = std::path::absolute(inner).unwrap_or_default();
    let there = absolute.ancestors().find_map(|above| fs::canonicalize(above).ok());
    there.zip(fs::canonicalize(outer).ok()).is_some_and(|(inner, outer)| inner.starts_with(outer))
}

fn extension(path: &Path) -> Option<String> {
    Some(path.extension()?.to_str()?.to_ascii_lowercase())
}

/// The predictions of one table; nothing if they are there.
fn one(
    args: &PredictArgs,
    model: &TrainedModel,
    folder: &Path,
    out: &Path,
    Piece { table, share }: &Piece,
    console: Console,
) -> anyhow::Result<Option<Counts>> {
    let input = folder.join(table);
    let (format, name) = output_of(table, *share, args.output.format);
    let path = out.join(&name);
    let note_path = out.join(NOTES).join(format!("{}.json", name.display()));
    let note = Note {
        input: table.to_owned(),
        input_sha256: file_digest(&input)?,
        model: model.sha256.clone(),
        options: options(args),
        rows: None,
    };
    let earlier = read(&note_path)?;
    let is_done = earlier
        .as_ref()
        .is_some_and(|earlier| Note { rows: None, ..earlier.clone() } == note && earlier.rows.is_some());
    if is_done && path.is_file() && !args.output.force {
        return Ok(None);
    }
    // Half done, or of an older table: made here. Anything else is kept unless --force says otherwise.
    let is_ours = earlier.is_some_and(|earlier| (&earlier.model, &earlier.options) == (&note.model, &note.options));
    let of = RowsOf::File { file: &input, labels: None, share: *share };
    let destination = Destination::new(&path, args.output.force || is_ours, &model.reads(of))?;
    save(&note_path, &note)?;
    make_folder(&path)?;
    let output = Output::new(Some(destination), Some(format), args.output.float_digits)?;
    let counts = match written(args, model, of, &output, Console { quiet: true, ..console }) {
        Err(error) if share.is_some() && is_empty(&error) => {
            console.say(format_args!("{}: fewer row groups than parts, and none in this one", input.display()));
            remove(&note_path)?;
            return Ok(None);
        }
        counts => counts?,
    };
    save(&note_path, &Note { rows: Some(counts.rows), ..note })?;
    Ok(Some(counts))
}

/// Whether a table had no rows.
fn is_empty(error: &anyhow::Error) -> bool {
    let Some(DataError::Table(error)) = error.downcast_ref() else { return false };
    matches!(**error, TableError::NoRows { .. })
}

/// The format of the predictions of a table, and their name: that of the table where they end alike, with its part.
fn output_of(table: &Path, share: Option<Share>, asked: Option<Format>) -> (Format, PathBuf) {
    let is_parquet = extension(table).is_some_and(|extension| extension == "parquet");
    let format = asked.unwrap_or(if is_parquet { Format::Parquet } else { Format::Csv });
    let ending = match format {
        Format::Csv => "csv",
        Format::Jsonl => "jsonl",
        Format::Parquet => "parquet",
    };
    let (stem, end) = match table.extension() {
        Some(end) if end.to_ascii_lowercase() == ending => (table.with_extension(""), end.to_owned()),
        _ => (table.to_owned(), ending.into()),
    };
    let mut name = stem.into_os_string();
    name.push(share.map(|Share { index, of }| format!("-{index}-of-{of}")).unwrap_or_default());
    name.push(".");
    name.push(end);
    (format, name.into())
}

/// The options on which answers depend, as they are written on the command line.
fn options(args: &PredictArgs) -> String {
    let quantiles: Vec<String> = args.quantiles.iter().map(f64::to_string).collect();
    format!(
        "--quantiles {} --coverage {}{}{}{} --on-missing {:?} --m {} --seed {}",
        quantiles.join(","),
        args.coverage,
        if args.columns.is_empty() { String::new() } else { format!(" --columns {:?}", args.columns) },
        if args.log_prob { " --log-prob" } else { "" },
        args.output.float_digits.map(|digits| format!(" --float-digits {digits}")).unwrap_or_default(),
        args.on_missing,
        args.sampling.m,
        args.sampling.seed
    )
}

fn read(path: &Path) -> anyhow::Result<Option<Note>> {
    match fs::read(path) {
        Ok(bytes) => from_json(path, NOTE, &bytes).map(Some),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("reading {}", path.display())),
    }
}

fn save(path: &Path, note: &Note) -> anyhow::Result<()> {
    make_folder(path)?;
    let bytes = to_json(&Named { schema: NOTE, content: note })?;
    write_atomic(path, &bytes)
        .map_err(|error| failure(Exit::CannotWrite, format!("cannot write {}: {error}", path.display())))
}

fn remove(path: &Path) -> anyhow::Result<()> {
    fs::remove_file(path)
        .map_err(|error| failure(Exit::CannotWrite, format!("cannot remove {}: {error}", path.display())))
}

fn make_folder(of: &Path) -> anyhow::Result<()> {
    let Some(folder) = of.parent() else { return Ok(()) };
    fs::create_dir_all(folder)
        .map_err(|error| failure(Exit::CannotWrite, format!("cannot make the folder {}: {error}", folder.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn predictions_are_named_as_their_table_and_end_as_they_are_written() {
        for (table, share, asked, name) in [
            ("a/b.parquet", None, None, "a/b.parquet"),
            ("b.csv", None, None, "b.csv"),
            ("b.CSV", None, None, "b.CSV"),
            ("b.tsv", None, None, "b.tsv.csv"),
            ("b.csv", None, Some(Format::Parquet), "b.csv.parquet"),
            ("b.parquet", None, Some(Format::Jsonl), "b.parquet.jsonl"),
            ("b.parquet", Some(Share { index: 1, of: 4 }), None, "b-1-of-4.parquet"),
            ("b.parquet", Some(Share { index: 1, of: 4 }), Some(Format::Csv), "b.parquet-1-of-4.csv"),
        ] {
            assert_eq!(output_of(Path::new(table), share, asked).1, Path::new(name), "{table}");
        }
    }
}
