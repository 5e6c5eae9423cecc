//! Numbers of any type as `f64`.

use crate::error::DecodeError;
use hdf5_reader::{Dataset, Datatype, H5Type};

/// All numbers of a small array; `None` where they are not numbers.
pub(super) fn read(from: &Dataset) -> Result<Option<Vec<f64>>, DecodeError> {
    Ok(Some(match *from.dtype() {
        Datatype::FloatingPoint { size: 4, .. } => all::<f32>(from, f64::from)?,
        Datatype::FloatingPoint { size: 8, .. } => all::<f64>(from, |value| value)?,
        Datatype::FixedPoint { size: 1, signed: true, .. } => all::<i8>(from, f64::from)?,
        Datatype::FixedPoint { size: 2, signed: true, .. } => all::<i16>(from, f64::from)?,
        Datatype::FixedPoint { size: 4, signed: true, .. } => all::<i32>(from, f64::from)?,
        Datatype::FixedPoint { size: 8, signed: true, .. } => all::<i64>(from, |value| value as f64)?,
        Datatype::FixedPoint { size: 1, signed: false, .. } => all::<u8>(from, f64::from)?,
        Datatype::FixedPoint { size: 2, signed: false, .. } => all::<u16>(from, f64::from)?,
        Datatype::FixedPoint { size: 4, signed: false, .. } => all::<u32>(from, f64::from)?,
        Datatype::FixedPoint { size: 8, signed: false, .. } => all::<u64>(from, |value| value as f64)?,
        _ => return Ok(None),
    }))
}

fn all<T: H5Type>(from: &Dataset, number: impl Fn(T) -> f64) -> Result<Vec<f64>, DecodeError> {
    Ok(from.read_array::<T>()?.into_iter().map(number).collect())
}

/// A type as a message says it.
pub(super) fn type_name(datatype: &Datatype) -> String {
    match datatype {
        Datatype::FixedPoint { size, signed, .. } => {
            format!("{}{}", if *signed { "i" } else { "u" }, u32::from(*size) * 8)
        }
        Datatype::FloatingPoint { size, .. } => format!("f{}", u32::from(*size) * 8),
        Datatype::String { .. } => "text".to_owned(),
        Datatype::VarLen { .. } => "of variable length".to_owned(),
        Datatype::Compound { .. } => "a record".to_owned(),
        Datatype::Array { .. } => "an array".to_owned(),
        Datatype::Enum { .. } => "an enumeration".to_owned(),
        _ => "not a number".to_owned(),
    }
}
