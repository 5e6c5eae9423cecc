//! An npz file and its arrays.

use super::header::Header;
use crate::delimited::open;
use crate::error::{DataError, DecodeError, ImageError};
use crate::untrusted::{damaged, decode, decoded_size, quoted};
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;
use zip::ZipArchive;

/// Names kept for a message.
const NAMES_LISTED: usize = 20;

/// A zip file of arrays.
pub(super) struct NpzArchive<'a> {
    pub(super) path: &'a Path,
    archive: ZipArchive<BufReader<File>>,
    pub(super) length: u64,
}

impl<'a> NpzArchive<'a> {
    pub(super) fn open(path: &'a Path) -> Result<Self, DataError> {
        let file = open(path)?;
        let length = file.metadata().map_err(|source| damaged(path, "directory", source))?.len();
        let archive = decode(path, "directory", || Ok(ZipArchive::new(BufReader::new(file))?))?;
        Ok(Self { path, archive, length })
    }

    /// The arrays' names, without `.npy`.
    pub(super) fn names(&self) -> Result<Vec<String>, DataError> {
        let names = decode(self.path, "directory", || {
            Ok(self
                .archive
                .file_names()
                .map(|name| name.map(|name| name.into_owned()))
                .collect::<Result<Vec<_>, _>>()?)
        })?;
        Ok(names.into_iter().map(|name| name.strip_suffix(".npy").map(str::to_owned).unwrap_or(name)).collect())
    }

    pub(super) fn header(&mut self, key: &str) -> Result<Header, DataError> {
        let archive = &mut self.archive;
        decode(self.path, &quoted(key), || Header::read(&mut archive.by_name(&format!("{key}.npy"))?))
    }

    pub(super) fn find(&mut self, key: &'static str) -> Result<Header, DataError> {
        let found = self.names()?;
        if found.iter().any(|name| name == key) {
            return self.header(key);
        }
        let found = found.into_iter().take(NAMES_LISTED).collect();
        Err(ImageError::MissingKey { path: self.path.to_owned(), key, found }.into())
    }

    /// The numbers of an array in pieces of `piece` bytes. Reading to the end checks the sum of the zip file.
    pub(super) fn read(
        &mut self,
        key: &str,
        header: &Header,
        piece: usize,
        mut each: impl FnMut(&[u8]),
    ) -> Result<(), DataError> {
        let size = decoded_size(self.path, &quoted(key), self.length, &header.shape, header.number.size as u64)?;
        let archive = &mut self.archive;
        decode(self.path, &quoted(key), || {
            let mut array = archive.by_name(&format!("{key}.npy"))?;
            let begin = Header::read(&mut array)?.length;
            let (expected, found) = (size as u64, array.size().saturating_sub(begin));
            if found != expected {
                return Err(DecodeError::Length { expected, found });
            }
            let mut bytes = vec![0; piece];
            for _ in 0..size / piece {
                array.read_exact(&mut bytes)?;
                each(&bytes);
            }
            match array.read(&mut bytes)? {
                0 => Ok(()),
                more => Err(DecodeError::Length { expected, found: expected + more as u64 }),
            }
        })
    }
}
