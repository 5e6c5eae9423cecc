//! Where the bytes of a table come from.

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use ebm_core::open_regular;

use crate::error::DataError;
use crate::folder::folder_of;

/// A table in a file, or in the files below a folder or of a pattern of names; in memory, under the name that messages
/// give it; or on standard input. Every path is an origin.
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
    source: Source,
    sample: Option<Sample>,
    groups: Option<Share>,
    weight: Option<String>,
}

/// The part `index` of `of` parts of the row groups of a Parquet file, from 0 on: groups that follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// Which part.
    pub index: usize,
    /// Of how many.
    pub of: usize,
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

#[derive(Debug)]
enum Source {
    File,
    Memory(Arc<[u8]>),
    Stdin,
}

/// First bytes that are looked at before the others are read: the longest signature of a format has as many.
const START: u64 = 6;

impl Origin {
    /// All rows of it, each once.
    fn new(path: PathBuf, source: Source) -> Self {
        Self { path, source, sample: None, groups: None, weight: None }
    }

    /// Bytes in memory, for programs that have no files.
    pub fn memory(name: impl AsRef<Path>, bytes: impl Into<Arc<[u8]>>) -> Self {
        Self::new(name.as_ref().to_owned(), Source::Memory(bytes.into()))
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

    /// Every row as often as the whole number in this column says, 0 for not at all.
    #[must_use]
    pub fn weighted(self, column: impl Into<String>) -> Self {
        Self { weight: Some(column.into()), ..self }
    }

    pub(crate) fn weight(&self) -> Option<&str> {
        self.weight.as_deref()
    }

    /// A part of the row groups of a Parquet file; their rows keep their numbers.
    #[must_use]
    pub fn share(self, share: Share) -> Self {
        Self { groups: Some(share), ..self }
    }

    pub(crate) fn groups(&self) -> Option<Share> {
        self.groups
    }

    /// Whether it is a folder or a pattern of names, whose files are one table.
    pub(crate) fn is_several(&self) -> bool {
        matches!(self.source, Source::File) && folder_of(&self.path).is_some()
    }

    /// What the program is given on its standard input. It can be read once.
    pub fn stdin() -> Self {
        Self::new("standard input".into(), Source::Stdin)
    }

    /// Whether this is a file, in which one can go back.
    #[cfg(feature = "parquet")]
    pub(crate) fn is_file(&self) -> bool {
        matches!(self.source, Source::File)
    }

    /// Reads the bytes from the start.
    pub(crate) fn open(&self) -> Result<Input, DataError> {
        let mut rest = match &self.source {
            Source::Memory(bytes) => Rest::Memory(Cursor::new(Arc::clone(bytes))),
            Source::Stdin => Rest::Stdin(io::stdin()),
            Source::File => Rest::File(open_regular(self).map_err(|source| DataError::opening(self, source))?),
        };
        let mut start = Vec::new();
        let read = rest.by_ref().take(START).read_to_end(&mut start);
        read.map_err(|source| DataError::Read { path: self.to_path_buf(), line: 1, source })?;
        Ok(Input { start: Cursor::new(start), rest })
    }
}

impl<P: AsRef<Path>> From<P> for Origin {
    fn from(path: P) -> Self {
        Self::new(path.as_ref().to_owned(), Source::File)
    }
}

/// The path, or the name.
impl Deref for Origin {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.path
    }
}

/// An opened table, whose first bytes are known before they are read.
pub(crate) struct Input {
    start: Cursor<Vec<u8>>,
    rest: Rest,
}

enum Rest {
    File(File),
    Memory(Cursor<Arc<[u8]>>),
    Stdin(io::Stdin),
}

impl Input {
    /// Whether the first bytes of the table are these, at most six.
    pub(crate) fn starts_with(&self, signature: &[u8]) -> bool {
        self.start.get_ref().starts_with(signature)
    }
}

impl Read for Input {
    /// Reads until nothing more fits or comes: the first row, which tells the delimiter, is then whole, in however many
    /// pieces a pipe gives it.
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut count = self.start.read(into)?;
        while count < into.len() {
            match self.rest.read(&mut into[count..]) {
                Ok(0) => break,
                Ok(more) => count += more,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if count == 0 => return Err(error),
                // It is met again by the next read.
                Err(_) => break,
            }
        }
        Ok(count)
    }
}

impl Read for Rest {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.read(into),
            Self::Memory(bytes) => bytes.read(into),
            Self::Stdin(stdin) => stdin.read(into),
        }
    }
}
