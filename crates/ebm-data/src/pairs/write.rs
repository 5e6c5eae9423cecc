//! Writes examples so that reading returns the same bits.

use super::set::Pairs;
use crate::error::DataError;
use ebm_core::write_atomic;
use std::io::{self, Write};
use std::path::Path;

/// Writes the examples to `path` under a header `x,y`, atomically replacing any older file.
///
/// [`read_pairs`](crate::read_pairs) returns the same bits.
///
/// # Errors
/// As [`Pairs::check`]; [`DataError::IsDirectory`]; [`DataError::Write`].
pub fn write_pairs(path: impl AsRef<Path>, pairs: &Pairs) -> Result<(), DataError> {
    let path = path.as_ref();
    pairs.check()?;
    if path.is_dir() {
        return Err(DataError::IsDirectory { path: path.to_owned() });
    }
    let mut bytes = Vec::new();
    write_pairs_to(&mut bytes, pairs)
        .and_then(|()| write_atomic(path, &bytes))
        .map_err(|source| DataError::Write { path: path.to_owned(), source })
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
