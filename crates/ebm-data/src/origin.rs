//! Where the bytes of a table come from.

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use ebm_core::open_regular;

/// A table in a file, or in the files below a folder; or in memory, under the name that messages give it. Every path is an
/// origin.
///
/// ```
/// use ebm_data::Origin;
/// use ebm_data::table::{self, Shares, TableOptions};
///
/// let food = Origin::memory("food.csv", *b"income,food\n1,2\n2,3\n4,4\n");
/// let parts = table::read(food, &TableOptions::new(["food"]), &Shares::NONE, 0)?;
/// assert_eq!(parts.train.targets(), [2.0, 3.0, 4.0]);
/// # Ok::<(), ebm_data::DataError>(())
/// ```
#[derive(Debug)]
pub struct Origin {
    path: PathBuf,
    bytes: Option<Arc<[u8]>>,
    sample: Option<Sample>,
}

/// A sample of rows: those whose hash, of the seed and of all columns that can be read, is among the smallest. It depends
/// neither on the order of the rows nor on how they are spread over files. Of equal rows all are in it, or none.
#[derive(Debug)]
pub(crate) struct Sample {
    /// The most rows.
    pub rows: usize,
    pub seed: u64,
    /// Hashes of the sample are below this; found when the table is first opened.
    pub limit: OnceLock<u64>,
}

impl Origin {
    /// Bytes in memory, for programs that have no files.
    pub fn memory(name: impl AsRef<Path>, bytes: impl Into<Arc<[u8]>>) -> Self {
        Self { path: name.as_ref().to_owned(), bytes: Some(bytes.into()), sample: None }
    }

    /// At most `rows` rows of the table, by a hash of the seed and of what they hold: a few less where rows are equal.
    /// All rows if there are no more.
    #[must_use]
    pub fn sampled(self, rows: usize, seed: u64) -> Self {
        Self { sample: Some(Sample { rows, seed, limit: OnceLock::new() }), ..self }
    }

    pub(crate) fn sample(&self) -> Option<&Sample> {
        self.sample.as_ref()
    }

    /// Whether it is a folder, whose files are one table.
    pub(crate) fn is_folder(&self) -> bool {
        self.bytes.is_none() && self.path.is_dir()
    }

    /// Whether the bytes are in memory.
    #[cfg(feature = "parquet")]
    pub(crate) fn is_memory(&self) -> bool {
        self.bytes.is_some()
    }

    /// Reads the bytes from the start.
    pub(crate) fn open(&self) -> io::Result<Input> {
        match &self.bytes {
            Some(bytes) => Ok(Input::Memory(Cursor::new(Arc::clone(bytes)))),
            None => open_regular(&self.path).map(Input::File),
        }
    }
}

impl<P: AsRef<Path>> From<P> for Origin {
    fn from(path: P) -> Self {
        Self { path: path.as_ref().to_owned(), bytes: None, sample: None }
    }
}

/// The path, or the name.
impl Deref for Origin {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.path
    }
}

/// An opened table.
pub(crate) enum Input {
    File(File),
    Memory(Cursor<Arc<[u8]>>),
}

impl Read for Input {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.read(into),
            Self::Memory(bytes) => bytes.read(into),
        }
    }
}
