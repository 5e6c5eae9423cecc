//! `ebm train --force`: the new run is written beside the earlier one, and takes its place at its first checkpoint.
//!
//! The new run grows in the folder `next`. Renaming that to `next-replaces` decides: from then on the earlier run goes
//! and the new one comes, whoever completes it. `next-moves` says that the earlier files are gone.

use std::fs;
use std::path::Path;

use anyhow::Context;

use super::files::{ENSEMBLE, MANIFEST, MODEL, RECORD, REPLACEMENT, clear};

/// Where the new run is written; where it is while the earlier run is deleted; and once that is deleted.
pub(super) const STAGED: &str = REPLACEMENT[0];
const REPLACES: &str = REPLACEMENT[1];
const MOVES: &str = REPLACEMENT[2];

/// Puts the staged run in the place of the earlier one.
pub(super) fn commit(run: &Path) -> anyhow::Result<()> {
    rename(&run.join(STAGED), &run.join(REPLACES))?;
    complete(run)
}

/// Whether a killed process has left a replacement half done.
pub(super) fn is_half_done(run: &Path) -> bool {
    [REPLACES, MOVES].iter().any(|folder| run.join(folder).exists())
}

/// Completes a replacement that was decided, and removes one that was not.
pub(super) fn complete(run: &Path) -> anyhow::Result<()> {
    let [staged, replaces, moves] = REPLACEMENT.map(|folder| run.join(folder));
    if staged.exists() {
        fs::remove_dir_all(&staged).with_context(|| format!("removing {}", staged.display()))?;
    }
    if replaces.exists() {
        // First the earlier model goes: nobody may read it with the new record.
        for file in [MANIFEST, MODEL, ENSEMBLE].map(|file| run.join(file)).iter().filter(|file| file.exists()) {
            fs::remove_file(file).with_context(|| format!("removing {}", file.display()))?;
        }
        let record = replaces.join(RECORD);
        if record.exists() {
            rename(&record, &run.join(RECORD))?;
        }
        clear(run)?;
        rename(&replaces, &moves)?;
    }
    if moves.exists() {
        for entry in fs::read_dir(&moves).with_context(|| format!("listing {}", moves.display()))? {
            let entry = entry.with_context(|| format!("listing {}", moves.display()))?;
            rename(&entry.path(), &run.join(entry.file_name()))?;
        }
        fs::remove_dir(&moves).with_context(|| format!("removing {}", moves.display()))?;
    }
    Ok(())
}

fn rename(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::rename(from, to).with_context(|| format!("moving {} to {}", from.display(), to.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: [&str; 4] = ["run.json", "model.json", "calibration.json", "snapshots/epoch-1.safetensors"];
    const NEW: [&str; 3] = ["run.json", "checkpoint.json", "metrics.jsonl"];

    fn put(folder: &Path, names: &[&str], text: &str) {
        for name in names {
            let file = folder.join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
    }

    fn holds_the_new_run(run: &Path) {
        assert!(NEW.iter().all(|name| fs::read_to_string(run.join(name)).unwrap() == "new"));
        assert_eq!(fs::read_to_string(run.join("mine.txt")).unwrap(), "mine");
        assert_eq!(fs::read_dir(run).unwrap().count(), NEW.len() + 1, "nothing of the earlier run");
    }

    #[test]
    fn the_earlier_run_stays_until_the_new_one_has_something_to_show() {
        let run = tempfile::tempdir().unwrap();
        let run = run.path();
        put(run, &OLD, "old");
        put(run, &["mine.txt"], "mine");
        put(&run.join(STAGED), &NEW, "new");
        complete(run).unwrap();
        assert!(OLD.iter().all(|name| fs::read_to_string(run.join(name)).unwrap() == "old"));
        assert!(!run.join(STAGED).exists() && !run.join("checkpoint.json").exists());
        put(&run.join(STAGED), &NEW, "new");
        commit(run).unwrap();
        holds_the_new_run(run);
    }

    #[test]
    fn a_replacement_that_was_cut_off_anywhere_is_completed() {
        // Files of the earlier run that are gone already, and of the new one that have moved already.
        for (folder, gone, moved) in [
            (REPLACES, 0, 0),
            (REPLACES, 2, 0),
            (REPLACES, 2, 1),
            (REPLACES, 4, 1),
            (MOVES, 4, 1),
            (MOVES, 4, 2),
            (MOVES, 4, 3),
        ] {
            let run = tempfile::tempdir().unwrap();
            let run = run.path();
            // The record is never deleted, only replaced.
            put(run, &OLD[gone.min(1) * gone..], "old");
            put(run, &["run.json"], "old");
            put(run, &["mine.txt"], "mine");
            put(&run.join(folder), &NEW, "new");
            for name in &NEW[..moved] {
                rename(&run.join(folder).join(name), &run.join(name)).unwrap();
            }
            assert!(is_half_done(run));
            complete(run).unwrap();
            holds_the_new_run(run);
        }
    }
}
