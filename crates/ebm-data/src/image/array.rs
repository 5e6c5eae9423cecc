//! The arrays of a file of images.

use serde::Serialize;

/// An array of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Array {
    /// Its name.
    pub key: String,
    /// Its dimensions.
    pub shape: Vec<u64>,
    /// The type of its numbers, such as `u8`.
    pub number: String,
    /// Dimensions of its chunks; `None` if it is stored whole.
    pub chunk: Option<Vec<u32>>,
}
