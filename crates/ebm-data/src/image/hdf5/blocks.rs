//! Reads bytes block by block: memory is that of the result and one block.

use super::archive::{Hdf5Archive, incomplete};
use crate::error::{DataError, DecodeError, ImageError};
use crate::untrusted::{damaged, decode, decoded_size, quoted};
use hdf5_reader::{Dataset, DatasetChunk, SliceInfo, SliceInfoElem};

/// Bytes of a contiguous array read at once.
const BLOCK: u64 = 16 << 20;
/// The reader lists all chunks before it reads one; a list of this many takes some 200 MB.
const MOST_CHUNKS: u64 = 1 << 21;

/// All bytes of an array of bytes.
pub(super) fn read_bytes(archive: &Hdf5Archive<'_>, from: &Dataset, key: &'static str) -> Result<Vec<u8>, DataError> {
    let size = decoded_size(archive.path, &quoted(key), archive.length, from.shape(), 1)?;
    match from.chunks() {
        Some(chunk) => read_chunks(archive, from, key, size, chunk),
        None => read_rows(archive, from, key, size),
    }
}

/// Row by row: contiguous and compact arrays.
fn read_rows(archive: &Hdf5Archive<'_>, from: &Dataset, key: &'static str, size: usize) -> Result<Vec<u8>, DataError> {
    let count = from.shape()[0];
    let rows = (BLOCK * count / (size as u64).max(1)).max(1);
    let mut bytes = Vec::new();
    for start in (0..count).step_by(usize::try_from(rows).unwrap_or(usize::MAX)) {
        let mut block = SliceInfo::all(from.ndim());
        block.selections[0] = SliceInfoElem::Slice { start, end: count.min(start + rows), step: 1 };
        let block = decode(archive.path, &quoted(key), || Ok(from.read_slice::<u8>(&block)?))?;
        if bytes.is_empty() {
            // The first block exists, so the size in the header can be trusted.
            bytes.reserve_exact(size);
        }
        bytes.extend(block.iter());
    }
    if bytes.len() == size { Ok(bytes) } else { Err(incomplete(archive, key, size, bytes.len())) }
}

/// Chunk by chunk. A chunk that was never written is an error: the fill value is not an image.
fn read_chunks(
    archive: &Hdf5Archive<'_>,
    from: &Dataset,
    key: &'static str,
    size: usize,
    chunk: Vec<u32>,
) -> Result<Vec<u8>, DataError> {
    let grid = from.shape().iter().zip(&chunk).map(|(&n, &c)| n.div_ceil(u64::from(c).max(1)));
    if chunk.contains(&0) || grid.fold(1, u64::saturating_mul) > MOST_CHUNKS {
        return Err(ImageError::SmallChunks { path: archive.path.to_owned(), key, chunk }.into());
    }
    let mut bytes = Vec::new();
    let mut written = 0;
    let mut chunks = decode(archive.path, &quoted(key), || Ok(from.iter_chunks()?))?;
    while let Some(next) = decode(archive.path, &quoted(key), || Ok(chunks.next().transpose()?))? {
        if bytes.is_empty() {
            bytes.resize(size, 0);
        }
        let copied = copy(&next, from.shape(), &mut bytes);
        written += copied.ok_or_else(|| damaged(archive.path, &quoted(key), DecodeError::Chunk))?;
        if written > size {
            break;
        }
    }
    if written == size { Ok(bytes) } else { Err(incomplete(archive, key, size, written)) }
}

/// Copies the part of a chunk that is inside the array; returns how many bytes that is.
fn copy(chunk: &DatasetChunk, shape: &[u64], into: &mut [u8]) -> Option<usize> {
    let (shape, extent, offset) = (four(shape)?, four(chunk.shape())?, four(chunk.offsets())?);
    let inside: [usize; 4] = std::array::from_fn(|d| extent[d].min(shape[d].saturating_sub(offset[d])));
    if inside.contains(&0) {
        return Some(0);
    }
    let row = |size: [usize; 4], at: [usize; 3]| ((at[0] * size[1] + at[1]) * size[2] + at[2]) * size[3];
    for n in 0..inside[0] {
        for c in 0..inside[1] {
            for y in 0..inside[2] {
                let from = row(extent, [n, c, y]);
                let to = row(shape, [n + offset[0], c + offset[1], y + offset[2]]) + offset[3];
                into.get_mut(to..to + inside[3])?.copy_from_slice(chunk.bytes().get(from..from + inside[3])?);
            }
        }
    }
    Some(inside.iter().product())
}

fn four(numbers: &[u64]) -> Option<[usize; 4]> {
    let numbers: Option<Vec<usize>> = numbers.iter().map(|&n| usize::try_from(n).ok()).collect();
    numbers?.try_into().ok()
}
