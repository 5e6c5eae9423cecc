//! Inspects a pickle before it is read: allows only what occurs in a state dict.

use std::io::Read;

/// Maximum size of a pickle. A state dict's pickle lists names and shapes; a thousand tensors need a fifth of this. A
/// reader needs tens of times as much memory, so this bounds its memory too.
const MAX_BYTES: u64 = 512 << 10;

/// Maximum length of a module or class name.
const MAX_NAME: usize = 256;

/// The only Python names in a state dict. A pickle can call what it names; these functions only arrange data.
const ALLOWED: &[(&str, &[&str])] = &[
    ("collections", &["OrderedDict"]),
    ("torch._utils", &["_rebuild_tensor", "_rebuild_tensor_v2", "_rebuild_parameter"]),
    (
        "torch",
        &[
            "FloatStorage",
            "DoubleStorage",
            "HalfStorage",
            "BFloat16Storage",
            "LongStorage",
            "IntStorage",
            "ShortStorage",
            "CharStorage",
            "ByteStorage",
            "BoolStorage",
        ],
    ),
];

/// A reason to refuse a pickle.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PickleFault {
    /// It names something other than data. Loading it with Python could run any code.
    #[error("it names {module}.{name}, which a state dict does not need; nothing in it was run")]
    ForbiddenName {
        /// Python module.
        module: String,
        /// Function or class in it.
        name: String,
    },
    /// An instruction that `torch.save` does not write.
    #[error("its byte {at} is the instruction 0x{opcode:02x}, which a state dict does not need; nothing in it was run")]
    ForbiddenInstruction {
        /// The instruction.
        opcode: u8,
        /// Its position in the pickle.
        at: u64,
    },
    /// It is longer than any state dict.
    #[error("its list of tensors is longer than {MAX_BYTES} bytes")]
    TooLong,
    /// It is incomplete.
    #[error("its list of tensors is incomplete")]
    Truncated,
}

/// Reads one pickle to its end without building objects.
///
/// # Errors
/// If it holds anything that `torch.save(module.state_dict())` does not write.
pub(super) fn inspect(source: &mut dyn Read) -> Result<(), PickleFault> {
    let mut walk = Walk { source: source.take(MAX_BYTES), at: 0 };
    loop {
        let at = walk.at;
        let opcode = walk.byte()?;
        match opcode {
            b'.' => return Ok(()),
            // Marks, tuples, lists, dicts, calls of an allowed name, references to storages, None, True, False.
            b'('
            | b')'
            | b't'
            | 0x85..=0x87
            | b']'
            | b'a'
            | b'e'
            | b'}'
            | b's'
            | b'u'
            | b'R'
            | b'b'
            | b'Q'
            | b'N'
            | 0x88
            | 0x89 => {}
            // Protocol, memo entries, integers, floating-point numbers.
            0x80 | b'q' | b'h' | b'K' => walk.skip(1)?,
            b'M' => walk.skip(2)?,
            b'r' | b'j' | b'J' => walk.skip(4)?,
            b'G' => walk.skip(8)?,
            // Strings and long integers, each after its length.
            b'U' | 0x8a => {
                let length = walk.byte()?;
                walk.skip(length.into())?;
            }
            b'X' | b'T' => {
                let mut length = [0; 4];
                for byte in &mut length {
                    *byte = walk.byte()?;
                }
                walk.skip(u32::from_le_bytes(length).into())?;
            }
            b'c' => {
                let (module, name) = (walk.line()?, walk.line()?);
                if !ALLOWED.iter().any(|(allowed, names)| *allowed == module && names.contains(&&*name)) {
                    return Err(PickleFault::ForbiddenName { module, name });
                }
            }
            opcode => return Err(PickleFault::ForbiddenInstruction { opcode, at }),
        }
    }
}

struct Walk<R> {
    source: std::io::Take<R>,
    at: u64,
}

impl<R: Read> Walk<R> {
    fn byte(&mut self) -> Result<u8, PickleFault> {
        let mut byte = [0];
        match self.source.read_exact(&mut byte) {
            Ok(()) => {
                self.at += 1;
                Ok(byte[0])
            }
            Err(_) if self.source.limit() == 0 => Err(PickleFault::TooLong),
            Err(_) => Err(PickleFault::Truncated),
        }
    }

    fn skip(&mut self, bytes: u64) -> Result<(), PickleFault> {
        if bytes > self.source.limit() {
            return Err(PickleFault::TooLong);
        }
        (0..bytes).try_for_each(|_| self.byte().map(drop))
    }

    /// A name up to the end of its line.
    fn line(&mut self) -> Result<String, PickleFault> {
        let mut line = Vec::new();
        loop {
            match self.byte()? {
                b'\n' => return Ok(String::from_utf8_lossy(&line).into_owned()),
                byte if line.len() < MAX_NAME => line.push(byte),
                _ => return Err(PickleFault::TooLong),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(mut pickle: &[u8]) -> PickleFault {
        inspect(&mut pickle).unwrap_err()
    }

    #[test]
    fn calls_into_the_system_are_named_and_refused() {
        for (pickle, expected) in [
            (&b"cos\nsystem\n(X\x04\x00\x00\x00truetR."[..], ("os", "system")),
            (b"\x80\x02}q\x00X\x01\x00\x00\x00acbuiltins\neval\nX\x01\x00\x00\x001\x85Rs.", ("builtins", "eval")),
            (b"\x80\x02ctorch\nload\n.", ("torch", "load")),
            (b"ccollections\nOrderedDict.__init__\n.", ("collections", "OrderedDict.__init__")),
        ] {
            let PickleFault::ForbiddenName { module, name } = fault(pickle) else { panic!("{pickle:?}") };
            assert_eq!((&*module, &*name), expected);
        }
    }

    #[test]
    fn instructions_that_reach_objects_by_other_means_are_refused() {
        // INST, OBJ, NEWOBJ, STACK_GLOBAL, EXT1, PERSID, DUP, POP, GET by text.
        for opcode in [b'i', b'o', 0x81, 0x93, 0x82, b'P', b'2', b'0', b'g'] {
            let found = fault(&[0x80, 2, opcode, b'.']);
            assert!(matches!(found, PickleFault::ForbiddenInstruction { opcode: o, at: 2 } if o == opcode), "{found}");
        }
    }

    #[test]
    fn length_is_bounded_before_it_is_read() {
        assert!(matches!(fault(b"\x80\x02X\xff\xff\xff\xff"), PickleFault::TooLong));
        assert!(matches!(fault(b"\x80\x02X\xff\x00\x00\x00abc"), PickleFault::Truncated));
        assert!(matches!(fault(b""), PickleFault::Truncated));
        let endless = &mut std::io::repeat(b'N');
        assert!(matches!(inspect(endless).unwrap_err(), PickleFault::TooLong));
        let name = &mut b"c".chain(std::io::repeat(b'a'));
        assert!(matches!(inspect(name).unwrap_err(), PickleFault::TooLong));
    }
}
