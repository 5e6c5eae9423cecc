//! Two contiguous arrays in an HDF5 file of the oldest version, which every reader supports.
//!
//! Source: HDF5 File Format Specification, version 3.0, with version-0 superblock, version-1 B-tree, local heap,
//! symbol table and version-1 object headers. All numbers are little-endian, addresses and lengths 8 bytes.

use crate::image::set::ImageSet;
use crate::image::task::{ImageTask, SIDE};
use std::fs::File;
use std::io::{self, BufWriter, Write};

const NOWHERE: u64 = u64::MAX;
/// Symbols in half a node of the symbol table.
const LEAF_K: usize = 4;
/// Children in half a node of the B-tree.
const TREE_K: usize = 16;

const ROOT: u64 = 96;
const TREE: u64 = ROOT + 40;
const HEAP: u64 = TREE + (24 + (4 * TREE_K as u64 + 1) * 8);
const NAMES: u64 = HEAP + 32;
const NAMES_SIZE: usize = 64;
const SYMBOLS: u64 = NAMES + NAMES_SIZE as u64;
const ARRAYS: [u64; 2] = [SYMBOLS + 8 + 40 * 2 * LEAF_K as u64, SYMBOLS + 8 + 40 * 2 * LEAF_K as u64 + 256];
const DATA: u64 = 2048;

/// What the numbers of an array are.
#[derive(Clone, Copy)]
enum Type {
    U8,
    I64,
    F64,
}

/// Writes images channel by channel, and one label each.
pub(super) fn write(file: &mut File, task: ImageTask, images: &ImageSet) -> io::Result<()> {
    let labels: Vec<f64> = (0..images.count()).map(|row| images.label(row)[0]).collect();
    let whole = task != ImageTask::Steering && labels.iter().all(|label| label.fract() == 0.0);
    let label_type = if whole { Type::I64 } else { Type::F64 };
    let count = images.count() as u64;
    let shape = [count, images.channels() as u64, SIDE as u64, SIDE as u64];
    let size = shape.iter().product::<u64>();
    let keys = task.keys();

    let mut head = superblock(DATA + size + 8 * count);
    head.extend(group([keys.images, keys.labels]));
    pad_to(&mut head, ARRAYS[0]);
    head.extend(array(&shape, Type::U8, DATA, size));
    pad_to(&mut head, ARRAYS[1]);
    head.extend(array(&[count], label_type, DATA + size, 8 * count));
    pad_to(&mut head, DATA);

    let mut out = BufWriter::with_capacity(1 << 20, file);
    out.write_all(&head)?;
    (0..images.count()).try_for_each(|row| out.write_all(images.pixels(row)))?;
    for label in labels {
        match label_type {
            Type::F64 => out.write_all(&label.to_le_bytes())?,
            _ => out.write_all(&(label as i64).to_le_bytes())?,
        }
    }
    out.flush()
}

fn pad_to(bytes: &mut Vec<u8>, address: u64) {
    assert!(bytes.len() as u64 <= address, "the parts of the head do not overlap");
    bytes.resize(address as usize, 0);
}

fn numbers(of: &[u64]) -> Vec<u8> {
    of.iter().flat_map(|number| number.to_le_bytes()).collect()
}

fn superblock(end: u64) -> Vec<u8> {
    let mut bytes = b"\x89HDF\r\n\x1a\n\0\0\0\0\0\x08\x08\0".to_vec();
    bytes.extend([LEAF_K as u8, 0, TREE_K as u8, 0, 0, 0, 0, 0]);
    bytes.extend(numbers(&[0, NOWHERE, end, NOWHERE]));
    // The root group's entry, with the addresses of its B-tree and heap.
    bytes.extend(numbers(&[0, ROOT, 1, TREE, HEAP]));
    bytes
}

/// The root group with the names of both arrays.
fn group(names: [&str; 2]) -> Vec<u8> {
    // Names are found by bisection, so they must be in order.
    let mut order = [(names[0], ARRAYS[0]), (names[1], ARRAYS[1])];
    order.sort_unstable();
    let mut heap = vec![0; 8];
    let symbols = order.map(|(name, address)| {
        let at = heap.len() as u64;
        heap.extend(name.as_bytes());
        heap.resize((heap.len() + 8) / 8 * 8, 0);
        (at, address)
    });
    heap.resize(NAMES_SIZE, 0);

    let mut bytes = header(&[(0x11, numbers(&[TREE, HEAP]))]);
    bytes.extend(b"TREE\0\0\x01\0");
    bytes.extend(numbers(&[NOWHERE, NOWHERE, 0, SYMBOLS, symbols[1].0]));
    pad_to(&mut bytes, HEAP - ROOT);
    bytes.extend(b"HEAP\0\0\0\0");
    // 1 is no offset in the heap: there is no free space.
    bytes.extend(numbers(&[NAMES_SIZE as u64, 1, NAMES]));
    bytes.extend(heap);
    bytes.extend(b"SNOD\x01\0\x02\0");
    for (name, address) in symbols {
        bytes.extend(numbers(&[name, address, 0, 0, 0]));
    }
    bytes
}

/// The object header of an array whose numbers are at `address`.
fn array(shape: &[u64], of: Type, address: u64, size: u64) -> Vec<u8> {
    let space = [&[1, shape.len() as u8, 0, 0, 0, 0, 0, 0][..], &numbers(shape)].concat();
    let class: &[u8] = match of {
        Type::U8 => &[0x10, 0, 0, 0, 1, 0, 0, 0, 0, 0, 8, 0],
        Type::I64 => &[0x10, 0x08, 0, 0, 8, 0, 0, 0, 0, 0, 64, 0],
        // Sign at bit 63, mantissa normalised; exponent of 11 bits at 52, mantissa of 52 at 0, bias 1023.
        Type::F64 => &[0x11, 0x20, 63, 0, 8, 0, 0, 0, 0, 0, 64, 0, 52, 11, 0, 52, 0xff, 3, 0, 0],
    };
    let layout = [&[3, 1][..], &numbers(&[address, size])].concat();
    // Space is allocated late, the default fill value is written if it was set, and it was not.
    let fill = vec![2, 2, 2, 1, 0, 0, 0, 0];
    header(&[(0x01, space), (0x03, class.to_vec()), (0x05, fill), (0x08, layout)])
}

/// An object header with these messages, each padded to a multiple of 8 bytes.
fn header(messages: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let mut body = Vec::new();
    for (kind, message) in messages {
        let size = message.len().div_ceil(8) * 8;
        body.extend([*kind, 0, size as u8, 0, 0, 0, 0, 0]);
        body.extend(message);
        body.resize(body.len() + size - message.len(), 0);
    }
    let mut bytes = vec![1, 0, messages.len() as u8, 0, 1, 0, 0, 0, body.len() as u8, 0, 0, 0, 0, 0, 0, 0];
    bytes.extend(body);
    bytes
}
