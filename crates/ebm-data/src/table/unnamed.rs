//! Columns without a name.

/// The name of a column that has none, counted from 1.
pub(super) fn unnamed(index: usize) -> String {
    format!("column {}", index + 1)
}

/// Whether a column has no name of its own, or the one that pandas gives to its index.
pub(super) fn is_unnamed(name: &str, index: usize) -> bool {
    name == unnamed(index) || name.starts_with("Unnamed: ") || name == "__index_level_0__"
}
