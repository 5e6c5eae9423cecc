//! The content of zstd frames.

use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};
use std::io::{self, BufRead, Read};

/// The largest window of a frame, in bytes: what is held in memory. As `zstd` itself, without `--long`.
const WINDOW_LIMIT: u64 = 128 << 20;

/// All frames of a file, one after the other. Those that are to be skipped are skipped.
pub(super) struct Frames<R> {
    input: R,
    decoder: FrameDecoder,
    in_frame: bool,
}

impl<R: BufRead> Frames<R> {
    pub(super) fn new(input: R) -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(WINDOW_LIMIT);
        Self { input, decoder, in_frame: false }
    }

    /// Begins the next frame; false at the end of the file.
    fn begin(&mut self) -> io::Result<bool> {
        while !self.input.fill_buf()?.is_empty() {
            match self.decoder.reset(&mut self.input) {
                Ok(()) => return Ok(true),
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                    let length = u64::from(length);
                    if io::copy(&mut self.input.by_ref().take(length), &mut io::sink())? < length {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                }
                Err(error) => return Err(io::Error::other(error)),
            }
        }
        Ok(false)
    }

    /// Compares the checksum of a frame that has ended, if it has one.
    fn verify(&self) -> io::Result<()> {
        match (self.decoder.get_checksum_from_data(), self.decoder.get_calculated_checksum()) {
            (Some(stated), Some(found)) if stated != found => {
                Err(io::Error::new(io::ErrorKind::InvalidData, "the checksum of a frame does not match"))
            }
            _ => Ok(()),
        }
    }
}

impl<R: BufRead> Read for Frames<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() {
            return Ok(0);
        }
        loop {
            if !self.in_frame {
                if !self.begin()? {
                    return Ok(0);
                }
                self.in_frame = true;
            }
            let decoder = &mut self.decoder;
            while decoder.can_collect() == 0 && !decoder.is_finished() {
                let blocks = BlockDecodingStrategy::UptoBlocks(1);
                decoder.decode_blocks(&mut self.input, blocks).map_err(io::Error::other)?;
            }
            match decoder.read(into)? {
                0 if decoder.is_finished() => {
                    self.verify()?;
                    self.in_frame = false;
                }
                count => return Ok(count),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    fn read(bytes: &[u8]) -> io::Result<Vec<u8>> {
        let mut text = Vec::new();
        Frames::new(bytes).read_to_end(&mut text).map(|_| text)
    }

    #[test]
    fn frames_are_read_one_after_the_other_and_those_to_skip_are_skipped() {
        let text = b"a,y\n1,2\n".repeat(50_000);
        let frame = |text: &[u8]| compress_to_vec(text, CompressionLevel::Fastest);
        let skipped = [b"\x53\x2a\x4d\x18\x03\0\0\0".as_slice(), b"abc"].concat();
        let bytes = [frame(&text[..1000]), skipped.clone(), frame(b""), frame(&text[1000..])].concat();
        assert!(bytes.len() < text.len() / 10);
        assert_eq!(read(&bytes).unwrap(), text);
        assert_eq!(read(b"").unwrap(), b"");
        // Cut short, of something else, or with another checksum.
        for end in [3, bytes.len() / 2, bytes.len() - 1] {
            assert!(read(&bytes[..end]).is_err(), "{end}");
        }
        assert!(read(&skipped[..skipped.len() - 1]).is_err());
        assert!(read(b"\x28\xb5\x2f\xfe\0\0\0\0").is_err());
        let mut flipped = frame(&text);
        *flipped.last_mut().unwrap() ^= 1;
        assert!(read(&flipped).is_err());
    }

    #[test]
    fn a_frame_that_asks_for_a_huge_window_is_refused_before_it_is_allocated() {
        // A window of 2^41 bytes: exponent 31, mantissa 0.
        assert!(read(b"\x28\xb5\x2f\xfd\x00\xf8\x01\0\0").is_err());
    }
}
