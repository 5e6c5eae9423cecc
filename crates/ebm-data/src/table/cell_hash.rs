//! Cells by their content.

use super::cell::{Cell, Decimal};
use super::file::Row;
use sha2::{Digest, Sha256};

/// The hash of the values of some columns, none of them compared as text.
pub(super) fn of_cells(row: &Row<'_>, columns: &[usize], decimal: Decimal) -> [u8; 16] {
    let mut hash = Sha256::new();
    columns.iter().for_each(|&column| add(&mut hash, &row.cell(column), false, decimal));
    first_half(hash)
}

/// The first 128 bits.
pub(super) fn first_half(hash: Sha256) -> [u8; 16] {
    let mut content = [0; 16];
    content.copy_from_slice(&hash.finalize()[..16]);
    content
}

/// Adds a cell: equal values are equal in any dialect.
pub(super) fn add(hash: &mut Sha256, cell: &Cell<'_>, as_text: bool, decimal: Decimal) {
    let number = if as_text { None } else { cell.number(decimal).ok() };
    if cell.is_missing() {
        hash.update([0]);
    } else if let Some(number) = number {
        hash.update([1]);
        hash.update(number.to_le_bytes());
    } else if let Some(days) = cell.days() {
        hash.update([2]);
        hash.update(days.to_le_bytes());
    } else {
        cell.with_text(|text| {
            hash.update([3]);
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text);
        });
    }
}
