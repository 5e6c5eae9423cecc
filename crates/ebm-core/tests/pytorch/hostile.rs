//! Damaged and malicious files: an error, soon, and nothing else.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use ebm_core::io::pytorch::PickleFault;
use ebm_core::{StateDict, StateDictError};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::fixture;

/// What opens a legacy file: the magic number, the version, the system.
const LEGACY_START: &[u8] =
    b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.\x80\x02}q\x00X\x0d\x00\x00\x00little_endianq\x01\x88s.";

/// Reads a file of these bytes.
fn read(bytes: &[u8]) -> Result<StateDict, StateDictError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("weights");
    fs::write(&path, bytes).unwrap();
    StateDict::read(&path)
}

/// A file of today's format around a pickle.
fn zipped(pickle: &[u8], storage: &[u8], compression: CompressionMethod) -> Vec<u8> {
    let mut archive = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(compression);
    for (name, content) in [("w/data.pkl", pickle), ("w/data/0", storage), ("w/version", b"3")] {
        archive.start_file(name, options).unwrap();
        archive.write_all(content).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// A call of `os.system`, as the value of the only entry of a dict.
fn call(command: &str) -> Vec<u8> {
    let mut pickle = b"\x80\x02}X\x01\x00\x00\x00wcos\nsystem\nX".to_vec();
    pickle.extend(u32::try_from(command.len()).unwrap().to_le_bytes());
    pickle.extend(command.as_bytes());
    pickle.extend(b"\x85Rs.");
    pickle
}

/// A tensor `w` whose shape and stride are `elements` and `stride`, over a storage of one number.
fn view(elements: i32, stride: u8) -> Vec<u8> {
    let mut pickle =
        b"\x80\x02}X\x01\x00\x00\x00wctorch._utils\n_rebuild_tensor_v2\n((X\x07\x00\x00\x00storage".to_vec();
    pickle.extend(b"ctorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x01tQK\x00J");
    pickle.extend(elements.to_le_bytes());
    pickle.extend([0x85, b'K', stride, 0x85, 0x89]);
    pickle.extend(b"ccollections\nOrderedDict\n)RtRs.");
    pickle
}

#[test]
fn a_call_in_a_pickle_is_refused_and_never_made() {
    let folder = tempfile::tempdir().unwrap();
    let trace = folder.path().join("trace");
    let pickle = call(&format!("touch '{}'", trace.display()));
    for bytes in [zipped(&pickle, &[], CompressionMethod::Stored), [LEGACY_START, &pickle].concat()] {
        let error = read(&bytes).unwrap_err();
        let StateDictError::Pickle { source: PickleFault::ForbiddenName { module, name }, .. } = &error else {
            panic!("{error}")
        };
        assert_eq!((&**module, &**name), ("os", "system"));
    }
    assert!(!Path::new(&trace).exists());
}

#[test]
fn a_small_file_cannot_unfold_to_a_large_one() {
    let one = 1.0_f32.to_le_bytes();
    let good = read(&zipped(&view(1, 1), &one, CompressionMethod::Stored)).unwrap();
    assert_eq!(good.shape("w"), Some(&[1][..]));
    let error = read(&zipped(&view(1 << 28, 0), &one, CompressionMethod::Stored)).unwrap_err();
    assert!(matches!(error, StateDictError::Unfolds { bytes, .. } if bytes == 1 << 30), "{error}");
    let error = read(&zipped(&view(2, 1), &one, CompressionMethod::Stored)).unwrap_err();
    assert!(matches!(error, StateDictError::Pytorch { .. }), "{error}");

    let start = Instant::now();
    let bomb = zipped(&vec![b'N'; 64 << 20], &one, CompressionMethod::Deflated);
    assert!(bomb.len() < 1 << 20);
    let packed = start.elapsed();
    let error = read(&bomb).unwrap_err();
    assert!(matches!(error, StateDictError::Pickle { source: PickleFault::TooLong, .. }), "{error}");
    // Half a megabyte of the 64 was unpacked.
    assert!(start.elapsed() - packed < packed + Duration::from_secs(1));
}

#[test]
fn lengths_beyond_the_file_are_refused() {
    let mut header = u64::MAX.to_le_bytes().to_vec();
    header.extend(b"{\"w\":{}}");
    assert!(matches!(read(&header).unwrap_err(), StateDictError::Safetensors { .. }));
    let json = br#"{"w":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,4]}}"#;
    let mut header = (json.len() as u64).to_le_bytes().to_vec();
    header.extend(json);
    header.extend([0; 4]);
    assert!(matches!(read(&header).unwrap_err(), StateDictError::Safetensors { .. }));
}

#[test]
fn other_files_are_told_from_state_dicts() {
    for other in [&b""[..], b"hello", b"x,y\n1,2\n", b"\x80\x04\x95\x00", &[0; 600]] {
        assert!(matches!(read(other).unwrap_err(), StateDictError::UnknownFormat { .. }));
    }
    // Marked as the archive that an older reader would take it for.
    let mut marked = fs::read(fixture("resnet18_legacy.pth")).unwrap();
    marked[257..262].copy_from_slice(b"ustar");
    assert!(matches!(read(&marked).unwrap_err(), StateDictError::UnknownFormat { .. }));
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(StateDict::read(folder.path()).unwrap_err(), StateDictError::Io { .. }));
    assert!(matches!(StateDict::read(&folder.path().join("none")).unwrap_err(), StateDictError::Io { .. }));
}

#[test]
fn a_truncated_file_is_an_error_wherever_it_ends() {
    for name in ["scalar_mdn.pth", "resnet18_legacy.pth", "resnet18.safetensors"] {
        let whole = fs::read(fixture(name)).unwrap();
        let step = whole.len() / 101;
        for end in (0..whole.len()).step_by(step).chain([whole.len() - 1]) {
            assert!(read(&whole[..end]).is_err(), "{name} up to {end}");
        }
    }
}

#[test]
fn a_changed_byte_is_an_error_or_another_number() {
    for name in ["scalar_mdn.pth", "resnet18_legacy.pth", "resnet18.safetensors"] {
        let whole = fs::read(fixture(name)).unwrap();
        // Most bytes are weights; the others are at the ends.
        let ends = (0..400).chain(whole.len() - 400..whole.len());
        for at in ends.chain((0..whole.len()).step_by(1997)) {
            for flip in [0x01, 0xff] {
                let mut changed = whole.clone();
                changed[at] ^= flip;
                if let Ok(weights) = read(&changed) {
                    let numbers: usize =
                        weights.names().map(|n| weights.shape(n).unwrap().iter().product::<usize>()).sum();
                    assert!(4 * numbers <= 2 * whole.len(), "{name} with byte {at} changed");
                }
            }
        }
    }
}
