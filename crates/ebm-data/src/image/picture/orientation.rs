//! How a camera was held: EXIF's orientation, and pictures turned by it.

use super::decoded::Decoded;

/// The tag of the orientation.
const TAG: u16 = 0x0112;
/// Entries of a directory that are looked at; cameras write some dozens.
const ENTRIES: u16 = 512;

/// EXIF's orientation, 1 to 8, in a block of TIFF structure; 1, upright, where there is none or it is damaged.
pub(super) fn orientation(exif: &[u8]) -> u8 {
    let exif = exif.strip_prefix(b"Exif\0\0").unwrap_or(exif);
    found(exif).and_then(|value| u8::try_from(value).ok()).filter(|value| (1..=8).contains(value)).unwrap_or(1)
}

fn found(tiff: &[u8]) -> Option<u16> {
    let is_little = match tiff.get(..4)? {
        b"II*\0" => true,
        b"MM\0*" => false,
        _ => return None,
    };
    let short = |at: usize| -> Option<u16> {
        let bytes = tiff.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if is_little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) })
    };
    let long = |at: usize| -> Option<u32> {
        let bytes = tiff.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if is_little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    };
    let directory = long(4)? as usize;
    let entry = |index: u16| directory.checked_add(2 + 12 * usize::from(index));
    let entries = (0..short(directory)?.min(ENTRIES)).map_while(entry);
    // Of type 3, one 16-bit number, which stands where the offset of longer values would.
    entries.filter(|&at| short(at) == Some(TAG) && short(at + 2) == Some(3)).find_map(|at| short(at + 8))
}

/// The picture as it was seen: turned and mirrored as EXIF's orientation says.
pub(super) fn upright(picture: Decoded, orientation: u8) -> Decoded {
    let Decoded { width, height, pixels, channels } = picture;
    let size = channels.count();
    // Where the pixel at column x and row y of the upright picture is stored.
    let (right, bottom) = (width - 1, height - 1);
    let stored = |x: usize, y: usize| match orientation {
        2 => (right - x, y),
        3 => (right - x, bottom - y),
        4 => (x, bottom - y),
        5 => (y, x),
        6 => (y, bottom - x),
        7 => (right - y, bottom - x),
        8 => (right - y, x),
        _ => (x, y),
    };
    if orientation <= 1 {
        return Decoded { width, height, pixels, channels };
    }
    let (wide, high) = if orientation >= 5 { (height, width) } else { (width, height) };
    let mut turned = Vec::with_capacity(pixels.len());
    for (x, y) in (0..high).flat_map(|y| (0..wide).map(move |x| (x, y))) {
        let (x, y) = stored(x, y);
        turned.extend_from_slice(&pixels[(y * width + x) * size..][..size]);
    }
    Decoded { width: wide, height: high, pixels: turned, channels }
}

#[cfg(test)]
mod tests {
    use super::super::decoded::Channels;
    use super::*;

    fn exif(is_little: bool, value: u16) -> Vec<u8> {
        let short = |value: u16| if is_little { value.to_le_bytes() } else { value.to_be_bytes() };
        let long = |value: u32| if is_little { value.to_le_bytes() } else { value.to_be_bytes() };
        let mut bytes = if is_little { b"II*\0".to_vec() } else { b"MM\0*".to_vec() };
        bytes.extend(long(8));
        bytes.extend(short(2));
        for (tag, value) in [(0x0100, 7), (TAG, value)] {
            bytes.extend([short(tag), short(3)].concat());
            bytes.extend([&long(1)[..], &short(value), &[0, 0]].concat());
        }
        bytes
    }

    #[test]
    fn the_orientation_is_read_in_either_byte_order_and_damage_means_upright() {
        for is_little in [true, false] {
            let whole = exif(is_little, 6);
            assert_eq!(orientation(&whole), 6);
            assert_eq!(orientation(&[b"Exif\0\0", &whole[..]].concat()), 6);
            assert_eq!(orientation(&exif(is_little, 9)), 1);
            (0..whole.len() - 3).for_each(|end| assert_eq!(orientation(&whole[..end]), 1, "cut to {end}"));
        }
        assert_eq!(orientation(b"II*\0\xff\xff\xff\xff"), 1);
    }

    #[test]
    fn a_picture_is_turned_as_the_camera_was_held() {
        // Two rows of three: 123 and 456.
        let turned = |orientation: u8| {
            let picture = Decoded { width: 3, height: 2, pixels: vec![1, 2, 3, 4, 5, 6], channels: Channels::Grey };
            let Decoded { width, height, pixels, .. } = upright(picture, orientation);
            (width, height, pixels)
        };
        for (orientation, width, pixels) in [
            (1, 3, [1, 2, 3, 4, 5, 6]),
            (2, 3, [3, 2, 1, 6, 5, 4]),
            (3, 3, [6, 5, 4, 3, 2, 1]),
            (4, 3, [4, 5, 6, 1, 2, 3]),
            (5, 2, [1, 4, 2, 5, 3, 6]),
            (6, 2, [4, 1, 5, 2, 6, 3]),
            (7, 2, [6, 3, 5, 2, 4, 1]),
            (8, 2, [3, 6, 2, 5, 1, 4]),
        ] {
            assert_eq!(turned(orientation), (width, 6 / width, pixels.to_vec()), "orientation {orientation}");
        }
    }
}
