//! `ebm predict RUN FOLDER --out FOLDER`: a file of predictions for every table below a folder.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use ebm_core::write_atomic;
use ebm_data::file_digest;
use serde::{Deserialize, Serialize};

use super::written::{Counts, written};
use crate::cli::predict::PredictArgs;
use crate::console::Console;
use crate::destination::Destination;
use crate::exit::{Exit, failure};
use crate::prediction_writer::Output;
use crate::prediction_writer::format::Format;
use crate::rows::RowsOf;
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

/// Predicts the tables below a folder, or those of a shard. What is done already is passed over.
///
/// # Errors
/// When there are none, one cannot be read or its predictions written, or a file is there that this command has not made of
/// the same model with the same options.
pub fn predict(args: &PredictArgs, model: &TrainedModel, folder: &Path, console: Console) -> anyhow::Result<Counts> {
    let Some(out) = args.output.file() else {
        return Err(failure(Exit::Usage, format!("{} is a folder: give --out FOLDER for its files", folder.display())));
    };
    if out.is_file() {
        return Err(failure(Exit::CannotWrite, format!("{} is a file: --out needs a folder", out.display())));
    }
    let tables = ebm_data::table::tables(folder)?;
    let of_shard = tables.iter().enumerate().filter(|(at, _)| args.shard.is_none_or(|shard| shard.has(*at)));
    let of_shard: Vec<&PathBuf> = of_shard.map(|(_, table)| table).collect();
    let mut told = Counts::default();
    let mut made = 0;
    let bar = console.counter("files", of_shard.len());
    for table in &of_shard {
        if let Some(counts) = one(args, model, folder, out, table, console)? {
            told.add(&counts);
            made += 1;
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    let there = of_shard.len() - made;
    console.say(format_args!("{made} files of {} rows in {}; {there} were there already", told.rows, out.display()));
    Ok(told)
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
    table: &Path,
    console: Console,
) -> anyhow::Result<Option<Counts>> {
    let input = folder.join(table);
    let (format, name) = output_of(table, args.output.format);
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
    let of = RowsOf::File { file: &input, labels: None };
    let destination = Destination::new(&path, args.output.force || is_ours, &model.reads(of))?;
    save(&note_path, &note)?;
    make_folder(&path)?;
    let output = Output::new(Some(destination), Some(format), args.output.float_digits)?;
    let counts = written(args, model, of, &output, Console { quiet: true, ..console })?;
    save(&note_path, &Note { rows: Some(counts.rows), ..note })?;
    Ok(Some(counts))
}

/// The format of the predictions of a table, and their name: that of the table where they end alike.
fn output_of(table: &Path, asked: Option<Format>) -> (Format, PathBuf) {
    let is_parquet = extension(table).is_some_and(|extension| extension == "parquet");
    let format = asked.unwrap_or(if is_parquet { Format::Parquet } else { Format::Csv });
    let ending = match format {
        Format::Csv => "csv",
        Format::Jsonl => "jsonl",
        Format::Parquet => "parquet",
    };
    if extension(table).is_some_and(|extension| extension == ending) {
        return (format, table.to_owned());
    }
    let mut name = table.as_os_str().to_owned();
    name.push(format!(".{ending}"));
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
        for (table, asked, name) in [
            ("a/b.parquet", None, "a/b.parquet"),
            ("b.csv", None, "b.csv"),
            ("b.CSV", None, "b.CSV"),
            ("b.tsv", None, "b.tsv.csv"),
            ("b.csv", Some(Format::Parquet), "b.csv.parquet"),
            ("b.parquet", Some(Format::Jsonl), "b.parquet.jsonl"),
        ] {
            assert_eq!(output_of(Path::new(table), asked).1, Path::new(name), "{table}");
        }
    }
}
