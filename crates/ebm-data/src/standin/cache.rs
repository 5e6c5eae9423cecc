//! Generated sets kept on disk.
//!
//! A file is a line of text, `ebm stand-in VERSION NAME COUNT SEED`, the SHA-256 of what follows, all labels as
//! little-endian 64-bit floats, and all pixels. Its length follows from the line, so that nothing in a file can make
//! the reader take more memory than the set itself does.

use super::generate::generate;
use super::set::StandIn;
use crate::error::DataError;
use crate::image::{ImageSet, SIDE};
use ebm_core::write_atomic;
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};

/// Changes whenever any image of any set does, so that older files are not used.
const VERSION: u32 = 1;
const DIGEST: usize = 32;
const LABEL: usize = size_of::<f64>();

/// The set that [`generate`] makes, read from `folder` if it was made before and written there if not.
///
/// A file that is damaged, shortened or not what its name says is generated again. `progress` is called once for each
/// generated image, and not at all when the set is read. Several processes may ask for the same set.
///
/// # Errors
/// [`DataError::Write`] when the folder or the file cannot be written.
///
/// # Panics
/// As [`generate`].
pub fn cached(
    which: StandIn,
    count: usize,
    seed: u64,
    folder: impl AsRef<Path>,
    progress: &(dyn Fn() + Sync),
) -> Result<ImageSet, DataError> {
    let folder = folder.as_ref();
    let path = cached_path(which, count, seed, folder);
    if let Some(set) = read(&path, which, count, seed) {
        return Ok(set);
    }
    let set = generate(which, count, seed, progress);
    // Another process may be writing the same file, and must not write into ours.
    let mut own = path.clone().into_os_string();
    own.push(format!(".{}", std::process::id()));
    let own = PathBuf::from(own);
    let written = fs::create_dir_all(folder)
        .and_then(|()| write_atomic(&own, &to_bytes(&set, which, seed)))
        .and_then(|()| fs::rename(&own, &path));
    written.map(|()| set).map_err(|source| {
        // The error that matters is the first one.
        let _ = fs::remove_file(&own);
        DataError::Write { path, source }
    })
}

/// The file in `folder` that [`cached`] keeps a set in.
fn cached_path(which: StandIn, count: usize, seed: u64, folder: &Path) -> PathBuf {
    folder.join(format!("{}-{count}-seed{seed}-v{VERSION}.standin", which.name()))
}

/// The first line of a file.
fn title(which: StandIn, count: usize, seed: u64) -> String {
    format!("ebm stand-in {VERSION} {} {count} {seed}\n", which.name())
}

fn to_bytes(set: &ImageSet, which: StandIn, seed: u64) -> Vec<u8> {
    let title = title(which, set.count(), seed);
    let start = title.len() + DIGEST;
    let mut bytes = title.into_bytes();
    bytes.resize(start, 0);
    for row in 0..set.count() {
        bytes.extend(set.label(row).iter().flat_map(|label| label.to_le_bytes()));
    }
    for row in 0..set.count() {
        bytes.extend_from_slice(set.pixels(row));
    }
    let digest = Sha256::digest(&bytes[start..]);
    bytes[start - DIGEST..start].copy_from_slice(&digest);
    bytes
}

/// The set in the file, or `None` if it is missing, damaged or another one.
fn read(path: &Path, which: StandIn, count: usize, seed: u64) -> Option<ImageSet> {
    let title = title(which, count, seed);
    let labels = count.checked_mul(which.label_width() * LABEL)?;
    let pixels = count.checked_mul(which.channels() * SIDE * SIDE)?;
    let start = title.len() + DIGEST;
    let length = start.checked_add(labels)?.checked_add(pixels)?;
    let found = fs::metadata(path).ok()?;
    if !found.is_file() || found.len() != length as u64 {
        return None;
    }
    let mut bytes = fs::read(path).ok()?;
    let intact = bytes.len() == length
        && bytes.starts_with(title.as_bytes())
        && Sha256::digest(&bytes[start..])[..] == bytes[title.len()..start];
    if !intact {
        return None;
    }
    let labels: Vec<f64> = bytes[start..start + labels]
        .chunks_exact(LABEL)
        .map(|label| f64::from_le_bytes(label.try_into().expect("eight bytes")))
        .collect();
    bytes.drain(..length - pixels);
    let finite = labels.iter().all(|label| label.is_finite());
    finite.then(|| ImageSet::new(bytes, which.channels(), labels, which.label_width()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    const WHICH: StandIn = StandIn::HeadPose;

    /// Pixels and label of one image.
    type Row = (Vec<u8>, Vec<f64>);

    /// The set from `folder`, and how many images of it were generated.
    fn get(count: usize, seed: u64, folder: &Path) -> (Vec<Row>, usize) {
        let made = AtomicUsize::new(0);
        let set = cached(WHICH, count, seed, folder, &|| {
            made.fetch_add(1, Ordering::Relaxed);
        });
        let set = set.unwrap();
        let rows = (0..set.count()).map(|row| (set.pixels(row).to_vec(), set.label(row).to_vec())).collect();
        (rows, made.into_inner())
    }

    #[test]
    fn a_set_is_made_once_and_is_the_same_when_read() {
        let folder = tempfile::tempdir().unwrap();
        let nested = folder.path().join("not/there/yet");
        let (first, made) = get(3, 5, &nested);
        assert_eq!(made, 3);
        assert_eq!(get(3, 5, &nested), (first.clone(), 0));
        assert_ne!(get(3, 6, &nested).0, first);
        assert_eq!(get(2, 5, &nested), (first[..2].to_vec(), 2));
        assert_eq!(fs::read_dir(&nested).unwrap().count(), 3, "a file for each set and nothing else");
    }

    #[test]
    fn a_damaged_file_is_made_anew() {
        let folder = tempfile::tempdir().unwrap();
        let (expected, _) = get(2, 1, folder.path());
        let path = cached_path(WHICH, 2, 1, folder.path());
        let whole = fs::read(&path).unwrap();
        let start = title(WHICH, 2, 1).len();
        let flipped = |at: usize| {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            bytes
        };
        let longer = [&whole[..], &[0]].concat();
        for damaged in [
            vec![],
            whole[..whole.len() / 2].to_vec(),
            longer,
            flipped(0),
            flipped(start),
            flipped(start + DIGEST),
            flipped(whole.len() - 1),
        ] {
            fs::write(&path, damaged).unwrap();
            assert_eq!(get(2, 1, folder.path()), (expected.clone(), 2));
            assert_eq!(fs::read(&path).unwrap(), whole);
        }
    }

    #[test]
    fn a_label_that_is_not_a_number_is_refused_even_with_the_right_digest() {
        let folder = tempfile::tempdir().unwrap();
        let set = ImageSet::new(vec![0; 3 * SIDE * SIDE], 3, vec![1.0, f64::NAN, 1.0], 3);
        fs::write(cached_path(WHICH, 1, 1, folder.path()), to_bytes(&set, WHICH, 1)).unwrap();
        assert_eq!(get(1, 1, folder.path()).1, 1);
    }

    #[test]
    fn a_file_that_cannot_be_written_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let error = cached(WHICH, 1, 1, &file, &|| ()).unwrap_err();
        assert!(matches!(error, DataError::Write { .. }), "{error}");
    }
}
