//! A file that a command may write: no other file is lost by it.

use std::fs;
use std::path::{Path, PathBuf};

use ebm_core::write_atomic;
use ebm_data::folder_of;

use crate::exit::{Exit, failure};
use crate::run::files;

/// A file that may be written. Every file that a command writes outside of its run folder is one.
#[derive(Debug)]
pub struct Destination {
    path: PathBuf,
}

impl Destination {
    /// `inputs` are the files and folders that the command reads.
    ///
    /// # Errors
    /// When a file is there and `force` is false. When the file is an input or belongs to a run folder, also with `force`.
    pub fn new(path: &Path, force: bool, inputs: &[&Path]) -> anyhow::Result<Self> {
        let refuse = |why: String| Err(failure(Exit::CannotWrite, format!("{} {why}", path.display())));
        let place = place(path);
        if let Some(run) = files::owner(&place) {
            return refuse(format!("is a file of the run folder {}: choose another file", run.display()));
        }
        if inputs.iter().any(|input| reads(input, &place)) {
            return refuse("is read by this command: choose another file".to_owned());
        }
        if path.is_file() && !force {
            return refuse("is there already: --force replaces it".to_owned());
        }
        Ok(Self { path: path.to_owned() })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes it, whole or not at all.
    ///
    /// # Errors
    /// When it cannot be written; an older file is then unchanged.
    pub fn write(&self, bytes: &[u8]) -> anyhow::Result<()> {
        write_atomic(&self.path, bytes)
            .map_err(|error| failure(Exit::CannotWrite, format!("cannot write {}: {error}", self.path.display())))
    }
}

/// The path without links, also of a file that is not there.
fn place(path: &Path) -> PathBuf {
    let of_folder = || {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Some(fs::canonicalize(folder).ok()?.join(path.file_name()?))
    };
    fs::canonicalize(path).ok().or_else(of_folder).unwrap_or_else(|| path.to_owned())
}

/// Whether a file is the input, or lies in the input if that is a folder, or in that of a pattern of names.
fn reads(input: &Path, place: &Path) -> bool {
    let folder = folder_of(input);
    fs::canonicalize(folder.as_deref().unwrap_or(input)).is_ok_and(|input| place.starts_with(input) && place.exists())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_and_files_of_runs_are_refused_even_with_force_and_others_without_it() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("run/snapshots")).unwrap();
        fs::create_dir(at("images")).unwrap();
        for name in ["x.csv", "old.csv", "run/run.json", "run/notes.txt", "images/a.png"] {
            fs::write(at(name), "text").unwrap();
        }
        let (x, images) = (at("x.csv"), at("images"));
        let may = |name: &str, force| Destination::new(&at(name), force, &[&x, &images]).is_ok();
        for (name, without, with) in [
            ("new.csv", true, true),
            ("old.csv", false, true),
            ("x.csv", false, false),
            ("images/../x.csv", false, false),
            ("images/a.png", false, false),
            ("images/new.csv", true, true),
            ("run/run.json", false, false),
            ("run/model.json", false, false),
            ("run/snapshots/epoch-3.safetensors", false, false),
            ("run/checkpoint-1-2.safetensors", false, false),
            ("run/notes.txt", false, true),
            ("run/predictions.csv", true, true),
        ] {
            assert_eq!([may(name, false), may(name, true)], [without, with], "{name}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_to_an_input_is_that_input_and_a_device_is_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let (x, link) = (folder.path().join("x.csv"), folder.path().join("link.csv"));
        fs::write(&x, "text").unwrap();
        std::os::unix::fs::symlink(&x, &link).unwrap();
        assert!(Destination::new(&link, true, &[&x]).is_err());
        assert!(Destination::new(&x, true, &[&link]).is_err());
        assert!(Destination::new(Path::new("/dev/null"), false, &[&x]).is_ok());
    }
}
