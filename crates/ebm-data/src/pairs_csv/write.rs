//! Writes examples so that reading gives the same bits.

use crate::{DataError, Pairs};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Writes the examples to `path` under a header `x,y`, replacing what was there.
///
/// [`read_pairs`](crate::read_pairs) gives back the same bits. The rows go to a neighbour with
/// `.partial` added to its name, which then takes the place of `path`: a full disk leaves an older
/// file as it was. Where `path` is not a regular file (a pipe, a terminal) it is written directly.
///
/// # Errors
/// As [`Pairs::check`]; [`DataError::IsDirectory`]; [`DataError::Write`].
pub fn write_pairs(path: impl AsRef<Path>, pairs: &Pairs) -> Result<(), DataError> {
    let path = path.as_ref();
    pairs.check()?;
    let written = match fs::metadata(path) {
        Ok(found) if found.is_dir() => {
            return Err(DataError::IsDirectory { path: path.to_owned() });
        }
        Ok(found) if !found.is_file() => write_directly(path, pairs).map(drop),
        // A link stays a link; what it points at is replaced.
        Ok(_) => fs::canonicalize(path).and_then(|target| replace(&target, pairs)),
        Err(_) => replace(path, pairs),
    };
    written.map_err(|source| DataError::Write { path: path.to_owned(), source })
}

/// Writes the examples under a header `x,y` to any writer, shortest digits that give the same bits.
///
/// # Errors
/// Those of `out`.
pub fn write_pairs_to(mut out: impl Write, pairs: &Pairs) -> io::Result<()> {
    writeln!(out, "x,y")?;
    for (x, y) in pairs.x.iter().zip(&pairs.y) {
        // `Debug` gives the shortest digits too, and an exponent where `Display` has 300 zeros.
        writeln!(out, "{x:?},{y:?}")?;
    }
    out.flush()
}

/// Writes a neighbour and lets it take the place of `path`.
fn replace(path: &Path, pairs: &Pairs) -> io::Result<()> {
    let partial = partial_name(path);
    let replaced =
        write_directly(&partial, pairs).and_then(|file| file.sync_all()).and_then(|()| fs::rename(&partial, path));
    if replaced.is_err() {
        // The first failure is the one to report.
        let _ = fs::remove_file(&partial);
    }
    replaced
}

fn write_directly(path: &Path, pairs: &Pairs) -> io::Result<File> {
    let file = File::create(path)?;
    write_pairs_to(BufWriter::new(&file), pairs)?;
    Ok(file)
}

fn partial_name(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".partial");
    name.into()
}
