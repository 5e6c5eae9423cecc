//! Many images in one picture, to look at.

use super::{ChannelOrder, ImageSet, SIDE};

/// A colour picture: rows from the top, three bytes a pixel, red first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactSheet {
    /// Pixels across.
    pub width: usize,
    /// Pixels down.
    pub height: usize,
    /// `3 · width · height` bytes.
    pub rgb: Vec<u8>,
}

/// The first `columns · rows` images side by side in reading order, touching. Places without an image are black.
///
/// `order` is that of the stored channels; images of one channel are grey.
///
/// # Panics
/// When the images have neither one channel nor three.
#[must_use]
pub fn contact_sheet(images: &ImageSet, columns: usize, rows: usize, order: ChannelOrder) -> ContactSheet {
    let planes = match images.channels() {
        1 => [0; 3],
        3 => order.rgb_channels(),
        channels => panic!("one channel or three, not {channels}"),
    };
    let (width, height) = (columns * SIDE, rows * SIDE);
    let mut rgb = vec![0; 3 * width * height];
    for row in 0..images.count().min(columns * rows) {
        let pixels = images.pixels(row);
        let corner = row / columns * SIDE * width + row % columns * SIDE;
        for y in 0..SIDE {
            let line = &mut rgb[3 * (corner + y * width)..][..3 * SIDE];
            for (x, colour) in line.chunks_exact_mut(3).enumerate() {
                let at = y * SIDE + x;
                colour.copy_from_slice(&planes.map(|plane| pixels[plane * SIDE * SIDE + at]));
            }
        }
    }
    ContactSheet { width, height, rgb }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three images; every byte tells image and channel.
    fn images(channels: usize) -> ImageSet {
        let pixels = (0..3 * channels).flat_map(|plane| vec![10 * plane as u8; SIDE * SIDE]).collect();
        ImageSet::new(pixels, channels, vec![0.0; 3], 1)
    }

    fn at(sheet: &ContactSheet, x: usize, y: usize) -> [u8; 3] {
        sheet.rgb[3 * (y * sheet.width + x)..][..3].try_into().unwrap()
    }

    #[test]
    fn images_follow_each_other_in_reading_order_with_red_first() {
        let sheet = contact_sheet(&images(3), 2, 2, ChannelOrder::Bgr);
        assert_eq!((sheet.width, sheet.height, sheet.rgb.len()), (128, 128, 3 * 128 * 128));
        assert_eq!(at(&sheet, 0, 0), [20, 10, 0]);
        assert_eq!(at(&sheet, 64, 63), [50, 40, 30]);
        assert_eq!(at(&sheet, 63, 64), [80, 70, 60]);
        assert_eq!(at(&sheet, 64, 64), [0, 0, 0]);
        assert_eq!(at(&contact_sheet(&images(3), 1, 1, ChannelOrder::Rgb), 5, 5), [0, 10, 20]);
    }

    #[test]
    fn grey_stays_grey_and_a_small_sheet_holds_the_first_images() {
        let sheet = contact_sheet(&images(1), 2, 1, ChannelOrder::Rgb);
        assert_eq!((at(&sheet, 0, 0), at(&sheet, 127, 63)), ([0; 3], [10; 3]));
    }
}
