//! `ebm data list`

use std::fmt::Write;

use include_dir::{Dir, include_dir};
use serde::Deserialize;
use serde_json::json;

use crate::console::Console;
use crate::output::{print, print_json};

static DATASETS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../../datasets");

/// A `SOURCE.toml`, as far as it is printed.
#[derive(Debug, Deserialize)]
struct DataSet {
    name: String,
    title: String,
    source: Origin,
    licence: Licence,
    layout: toml::Table,
}

#[derive(Debug, Deserialize)]
struct Origin {
    paper: String,
    origin: String,
    url: Option<String>,
    #[serde(default)]
    files: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Licence {
    note: String,
}

/// The text of every `SOURCE.toml`, in the order of their folders' names.
fn texts() -> impl Iterator<Item = &'static str> {
    let mut folders: Vec<_> = DATASETS.dirs().collect();
    folders.sort_by_key(|folder| folder.path());
    let file = |folder: &Dir<'static>| DATASETS.get_file(folder.path().join("SOURCE.toml"));
    folders.into_iter().filter_map(file).map(|file| file.contents_utf8().expect("written by us"))
}

pub fn run(console: Console) -> anyhow::Result<()> {
    if console.json {
        let datasets = texts().map(toml::from_str).collect::<Result<Vec<toml::Table>, _>>()?;
        return print_json(&json!({ "schema": "ebm.datasets/1", "datasets": datasets }));
    }
    let mut text = String::new();
    for source in texts().map(toml::from_str::<DataSet>) {
        describe(&source?, &mut text)?;
    }
    print(text)
}

fn describe(set: &DataSet, into: &mut String) -> anyhow::Result<()> {
    if !into.is_empty() {
        into.push('\n');
    }
    writeln!(into, "{}: {}", set.name, set.title)?;
    let mut line = |what: &str, text: &str| writeln!(into, "  {what:<9}{text}");
    if !set.source.files.is_empty() {
        line("files", &set.source.files.join(", "))?;
    }
    set.source.url.iter().try_for_each(|url| line("from", url))?;
    line("", &set.source.origin)?;
    line("paper", &set.source.paper)?;
    line("licence", &set.licence.note)?;
    for (name, value) in &set.layout {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        line("layout", &format!("{name}: {text}"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ebm_data::image::ImageTask;

    #[test]
    fn every_data_set_says_where_it_comes_from_and_what_may_be_done_with_it() {
        let sets: Vec<DataSet> = texts().map(|text| toml::from_str(text).expect("a SOURCE.toml")).collect();
        let folders = DATASETS.dirs().map(|folder| folder.path().to_str().expect("UTF-8"));
        let mut folders: Vec<&str> = folders.collect();
        folders.sort_unstable();
        assert_eq!(sets.iter().map(|set| set.name.as_str()).collect::<Vec<_>>(), folders);
        for set in &sets {
            assert!(!set.source.paper.is_empty() && !set.source.origin.is_empty() && !set.licence.note.is_empty());
        }
        for task in ImageTask::ALL {
            let set = sets.iter().find(|set| set.name == task.name()).expect("a folder for each task");
            let layout = set.layout.to_string();
            let keys = task.keys();
            assert!(layout.contains(keys.images) && layout.contains(keys.labels) && layout.contains(task.unit()));
            assert!(!set.source.files.is_empty() && set.source.url.is_some());
        }
    }
}
