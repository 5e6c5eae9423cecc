//! Presets, and configuration files of the same form.

use std::io::ErrorKind;
use std::path::Path;

use ebm_core::read_bounded;
use include_dir::{Dir, include_dir};

use super::Experiment;
use super::place::{line_of, refused_key};
use crate::exit::{Exit, failure};

/// The largest configuration that is read, in bytes.
const LIMIT: u64 = 1 << 20;

static PRESETS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/presets");

/// The preset of this name, as in `toy_1/ours_k4`.
///
/// # Errors
/// When there is none: names those there are.
pub fn named(name: &str) -> anyhow::Result<Experiment> {
    let file = PRESETS.get_file(format!("{name}.toml")).and_then(|file| file.contents_utf8());
    let Some(text) = file else {
        let names = preset_names().join("\n  ");
        return Err(failure(Exit::Config, format!("there is no preset {name:?}; there are:\n  {names}")));
    };
    parse(text, &format!("preset {name}"))
}

/// An experiment in a TOML file of the same form as a preset.
///
/// # Errors
/// When the file cannot be read, has an unknown key, or a value out of range.
pub fn read(path: &Path) -> anyhow::Result<Experiment> {
    let name = path.display().to_string();
    let cannot =
        |exit, error: &dyn std::fmt::Display| failure(exit, format!("cannot read the configuration {name}: {error}"));
    let bytes = read_bounded(path, LIMIT).map_err(|error| {
        let exit = if error.kind() == ErrorKind::FileTooLarge { Exit::Config } else { Exit::NoInput };
        cannot(exit, &error)
    })?;
    let text = String::from_utf8(bytes).map_err(|error| cannot(Exit::Config, &error))?;
    parse(&text, &name)
}

fn parse(text: &str, name: &str) -> anyhow::Result<Experiment> {
    let wrong = |why: &str| failure(Exit::Config, format!("{name}: {why}"));
    let at = |path: &[String], why: &str| {
        let line = line_of(text, path).map(|line| format!(", line {line}")).unwrap_or_default();
        failure(Exit::Config, format!("{name}{line}: {why}"))
    };
    let experiment: Experiment = toml::from_str(text).map_err(|error| {
        let parse =
            |table: toml::Table| table.try_into::<Experiment>().map(|_| ()).map_err(|error| error.message().to_owned());
        let key = toml::from_str(text).ok().and_then(|table| refused_key(&table, parse));
        match key {
            Some(path) => at(&path, &format!("{}: {}", path.join("."), error.message())),
            None => wrong(error.to_string().trim_end()),
        }
    })?;
    experiment.fault().map_err(|why| {
        let key = why.split_whitespace().next().unwrap_or_default();
        at(&key.split('.').map(str::to_owned).collect::<Vec<_>>(), &why)
    })?;
    Ok(experiment)
}

/// Every preset with its name.
pub fn all() -> Vec<(String, Experiment)> {
    preset_names().into_iter().filter_map(|name| Some((name.clone(), named(&name).ok()?))).collect()
}

/// Every preset's name, sorted.
fn preset_names() -> Vec<String> {
    let folders = PRESETS.dirs().flat_map(|folder| folder.files());
    let mut names: Vec<String> =
        folders.map(|file| file.path().with_extension("").to_string_lossy().replace('\\', "/")).collect();
    names.sort();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_is_valid() {
        let names = preset_names();
        assert!(names.len() >= 16, "{names:?}");
        for name in names {
            named(&name).unwrap();
        }
    }

    #[test]
    fn an_unknown_key_is_refused_wherever_it_is() {
        for text in [
            "dataset = \"toy_1\"\nepochs = 3\n[method]\nkind = \"ebm\"\ncomponents = 4\n",
            "dataset = \"toy_1\"\n[method]\nkind = \"ebm\"\ncomponents = 4\ncolour = 1\n",
            "dataset = \"toy_1\"\n[method]\nkind = \"ebm\"\ncomponents = 4\n[training]\nepoch = 3\n",
            "dataset = \"toy_1\"\n[method]\nkind = \"ebm\"\ncomponents = 4\n[network]\nwidth = 3\n",
        ] {
            let message = parse(text, "x.toml").unwrap_err().to_string();
            assert!(message.contains("unknown field"), "{message}");
        }
    }

    #[test]
    fn settings_of_another_data_set_are_refused_in_every_form() {
        let method = "[method]\nkind = \"ebm\"\ncomponents = 4\n";
        let images = "[images]\nkind = \"stand_in\"\ntrain = 1\ntest = 1\nseed = 0\n";
        for (text, expected) in [
            (format!("dataset = \"toy_1\"\n{method}{images}"), "images has no meaning"),
            (format!("dataset = \"own\"\n{method}"), "own is for dataset"),
        ] {
            let message = parse(&text, "x.toml").unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
            let json = serde_json::to_string(&toml::from_str::<toml::Table>(&text).unwrap()).unwrap();
            let message = serde_json::from_str::<Experiment>(&json).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
    }

    #[test]
    fn an_experiment_is_written_as_it_is_read() {
        for name in preset_names() {
            let experiment = named(&name).unwrap();
            let json = serde_json::to_string(&experiment).unwrap();
            assert_eq!(serde_json::from_str::<Experiment>(&json).unwrap(), experiment);
        }
    }
}
