//! The header of an array in NumPy's `.npy` format.
//!
//! It is a Python dictionary, of which only what NumPy writes for plain arrays is parsed: a general parser could be
//! made to recurse without bound by a crafted header.

use crate::error::DecodeError;
use std::fmt;
use std::io::Read;

/// The longest header that is read, in bytes. NumPy writes 128 for a plain array.
const LIMIT: usize = 1 << 16;

/// What an array holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::image) struct Header {
    pub(in crate::image) number: Number,
    /// Whether the first index varies fastest.
    pub(in crate::image) fortran: bool,
    pub(in crate::image) shape: Vec<u64>,
    /// Bytes before the first number.
    pub(in crate::image) length: u64,
}

/// A type of number, as in `<f8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::image) struct Number {
    /// `u`, `i` or `f`; anything else is not read.
    kind: char,
    pub(in crate::image) size: usize,
    big_endian: bool,
}

impl Header {
    pub(in crate::image) fn read(from: &mut impl Read) -> Result<Self, DecodeError> {
        let mut start = [0; 8];
        from.read_exact(&mut start)?;
        let [magic @ .., major, _] = start;
        if magic != *b"\x93NUMPY" {
            return Err(problem("does not start as NumPy's do"));
        }
        let (length, text) = match major {
            1 => {
                let mut bytes = [0; 2];
                from.read_exact(&mut bytes)?;
                (10, usize::from(u16::from_le_bytes(bytes)))
            }
            2 | 3 => {
                let mut bytes = [0; 4];
                from.read_exact(&mut bytes)?;
                (12, u32::from_le_bytes(bytes) as usize)
            }
            _ => return Err(problem("is of a version that is not read")),
        };
        if text > LIMIT {
            return Err(problem("is longer than that of any array"));
        }
        let mut bytes = vec![0; text];
        from.read_exact(&mut bytes)?;
        let text = std::str::from_utf8(&bytes).map_err(|_| problem("is not text"))?;
        Self::parse(text, (length + bytes.len()) as u64).ok_or_else(|| problem("is not that of a plain array"))
    }

    fn parse(text: &str, length: u64) -> Option<Self> {
        let value = |key| Some(text.split_once(key)?.1.trim_start().strip_prefix(':')?.trim_start());
        let number = value("'descr'")?.strip_prefix('\'')?.split_once('\'')?.0;
        let fortran = match value("'fortran_order'")? {
            order if order.starts_with("True") => true,
            order if order.starts_with("False") => false,
            _ => return None,
        };
        let shape = value("'shape'")?.strip_prefix('(')?.split_once(')')?.0;
        let sizes = shape.split(',').map(str::trim).filter(|size| !size.is_empty());
        // Python 2 wrote 64L.
        let shape: Option<Vec<u64>> = sizes.map(|size| size.strip_suffix('L').unwrap_or(size).parse().ok()).collect();
        Some(Self { number: Number::parse(number)?, fortran, shape: shape?, length })
    }

    /// The bytes of a header, a multiple of 64 long as NumPy's are.
    pub(in crate::image) fn bytes(number: &str, shape: &[usize]) -> Vec<u8> {
        let shape: String = shape.iter().map(|size| format!("{size}, ")).collect();
        let mut text = format!("{{'descr': '{number}', 'fortran_order': False, 'shape': ({}), }}", shape.trim_end());
        while (10 + text.len() + 1) % 64 != 0 {
            text.push(' ');
        }
        text.push('\n');
        let length = u16::try_from(text.len()).expect("a few numbers");
        [&b"\x93NUMPY\x01\x00"[..], &length.to_le_bytes(), text.as_bytes()].concat()
    }
}

fn problem(problem: &'static str) -> DecodeError {
    DecodeError::ArrayHeader { problem }
}

impl Number {
    pub(in crate::image) const BYTE: Self = Self { kind: 'u', size: 1, big_endian: false };

    fn parse(text: &str) -> Option<Self> {
        let mut characters = text.chars();
        let order = characters.next()?;
        let kind = characters.next()?;
        let size = characters.as_str().parse().ok().filter(|size| (1..=1024).contains(size))?;
        matches!(order, '<' | '>' | '|' | '=').then_some(Self { kind, size, big_endian: order == '>' && size > 1 })
    }

    /// A function from its bytes to an `f64`; `None` where it is not a number.
    pub(in crate::image) fn decoder(self) -> Option<impl Fn(&[u8]) -> f64> {
        let Self { kind, size, big_endian } = self;
        let known = matches!((kind, size), ('u' | 'i', 1 | 2 | 4 | 8) | ('f', 4 | 8));
        known.then_some(move |bytes: &[u8]| {
            // The most significant byte last, and the sign in all bytes that are not there.
            let mut wide = [0; 8];
            wide[..size].copy_from_slice(bytes);
            if big_endian {
                wide[..size].reverse();
            }
            if kind == 'i' && wide[size - 1] >= 0x80 {
                wide[size..].fill(0xff);
            }
            match (kind, size) {
                ('f', 4) => f64::from(f32::from_le_bytes([wide[0], wide[1], wide[2], wide[3]])),
                ('f', _) => f64::from_le_bytes(wide),
                ('i', _) => i64::from_le_bytes(wide) as f64,
                _ => u64::from_le_bytes(wide) as f64,
            }
        })
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            'u' | 'i' | 'f' => write!(f, "{}{}", self.kind, self.size * 8),
            'U' | 'S' => f.write_str("text"),
            'O' => f.write_str("Python objects, which are never read"),
            _ => f.write_str("not a number"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Option<Header> {
        Header::parse(text, 0)
    }

    #[test]
    fn what_numpy_writes_is_understood() {
        let header = parse("{'descr': '<f8', 'fortran_order': False, 'shape': (10613, 3), }  \n").expect("a header");
        assert_eq!((header.shape, header.fortran), (vec![10613, 3], false));
        let header = parse("{'shape': (2L, 64L,), 'fortran_order': True, 'descr': '|u1'}").expect("a header");
        assert_eq!((header.shape, header.fortran, header.number), (vec![2, 64], true, Number::BYTE));
        assert_eq!(parse("{'descr':'>i4','fortran_order':False,'shape':()}").expect("a scalar").shape, [0; 0]);
    }

    #[test]
    fn what_is_not_a_plain_array_is_refused() {
        for text in [
            "",
            "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,), }",
            "{'descr': '<f8', 'fortran_order': 0, 'shape': (1,), }",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (-1,), }",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999,), }",
            "{'descr': '<f0', 'fortran_order': False, 'shape': (1,), }",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (1, ",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
        let deep = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': {}", "(".repeat(60_000));
        assert_eq!(parse(&deep), None);
    }

    #[test]
    fn a_written_header_is_read_back() {
        let bytes = Header::bytes("<f8", &[7, 3]);
        assert_eq!(bytes.len() % 64, 0);
        let header = Header::read(&mut &bytes[..]).expect("ours");
        assert_eq!((header.shape, header.length), (vec![7, 3], bytes.len() as u64));
    }

    #[test]
    fn numbers_of_every_type_and_order_keep_their_value() {
        let value = |kind: &str, bytes: &[u8]| Number::parse(kind).and_then(Number::decoder).expect(kind)(bytes);
        assert_eq!(value("<f8", &(-1.5f64).to_le_bytes()), -1.5);
        assert_eq!(value(">f4", &(-1.5f32).to_be_bytes()), -1.5);
        assert_eq!(value("<i8", &(-300i64).to_le_bytes()), -300.0);
        assert_eq!(value(">i2", &(-300i16).to_be_bytes()), -300.0);
        assert_eq!(value("|i1", &[0xff]), -1.0);
        assert_eq!(value("|u1", &[0xff]), 255.0);
        assert_eq!(value(">u4", &70_000u32.to_be_bytes()), 70_000.0);
        assert!(value("<f8", &f64::NAN.to_le_bytes()).is_nan());
        for other in ["<f2", "<c16", "|O8", "<U4", "|b1", "<i3"] {
            assert!(Number::parse(other).and_then(Number::decoder).is_none(), "{other}");
        }
    }
}
