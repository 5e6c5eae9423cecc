//! Pictures of any size to a square of red, green and blue planes.

use super::decoded::Decoded;
use crate::image::triangle::resample;

/// The colour behind transparent pixels.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Ground {
    /// White, as a page is.
    #[default]
    White,
    /// Black.
    Black,
}

/// Mixes a picture with its ground and scales it to `side` × `side`: red, then green, then blue.
pub(super) fn scale(picture: &Decoded, side: usize, ground: Ground) -> Vec<u8> {
    let ground = if ground == Ground::White { 255.0 } else { 0.0 };
    let channels = picture.channels.count();
    let colours = resample([picture.width, picture.height], side, |x, y| {
        let at = (y * picture.width + x) * channels;
        colour(&picture.pixels[at..at + channels], ground)
    });
    // Casting holds the number within a byte.
    (0..3).flat_map(|channel| colours.iter().map(move |colour| colour[channel].round() as u8)).collect()
}

/// The colour of a pixel on its ground.
fn colour(pixel: &[u8], ground: f32) -> [f32; 3] {
    match *pixel {
        [grey] => [f32::from(grey); 3],
        [grey, alpha] => on_ground([grey; 3], alpha, ground),
        [red, green, blue, alpha] => on_ground([red, green, blue], alpha, ground),
        _ => [f32::from(pixel[0]), f32::from(pixel[1]), f32::from(pixel[2])],
    }
}

fn on_ground(colour: [u8; 3], alpha: u8, ground: f32) -> [f32; 3] {
    let alpha = f32::from(alpha) / 255.0;
    colour.map(|colour| alpha * f32::from(colour) + (1.0 - alpha) * ground)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::picture::decoded::Channels;

    const SIDE: usize = 64;

    fn grey(width: usize, height: usize, pixel: impl Fn(usize, usize) -> u8) -> Vec<u8> {
        let pixels = (0..width * height).map(|at| pixel(at % width, at / width)).collect();
        scale(&Decoded { width, height, pixels, channels: Channels::Grey }, SIDE, Ground::White)
    }

    #[test]
    fn a_picture_of_the_right_size_stays_as_it_is_in_every_colour() {
        let pixel = |x: usize, y: usize| (x * 37 + y * 101 + x * y) as u8;
        let found = grey(SIDE, SIDE, pixel);
        for (at, &byte) in found.iter().enumerate() {
            assert_eq!(byte, pixel(at % SIDE, at / SIDE % SIDE));
        }
    }

    #[test]
    fn one_colour_stays_one_colour_at_any_size() {
        for (width, height) in [(1, 1), (1, 200), (300, 2), (63, 65), (640, 480)] {
            assert!(grey(width, height, |_, _| 77).iter().all(|&byte| byte == 77), "{width} × {height}");
        }
    }

    #[test]
    fn no_pixel_is_lost_when_a_picture_shrinks() {
        // Fine stripes become their mean; picking every fifth pixel would make them black or white.
        let found = grey(320, 320, |x, _| if x % 2 == 0 { 0 } else { 200 });
        for (at, &byte) in found[..SIDE * SIDE].iter().enumerate() {
            // The outermost pixels have half a neighbourhood.
            let outermost = at % SIDE == 0 || at % SIDE == SIDE - 1;
            assert!((i32::from(byte) - 100).abs() <= if outermost { 20 } else { 8 }, "{at}: {byte}");
        }
    }

    #[test]
    fn an_edge_stays_where_it_is() {
        let found = grey(640, 100, |x, _| if x < 320 { 0 } else { 255 });
        let row: Vec<u8> = found[..SIDE].to_vec();
        assert!(row[..31].iter().all(|&byte| byte == 0) && row[33..].iter().all(|&byte| byte == 255), "{row:?}");
        assert_eq!(u16::from(row[31]) + u16::from(row[32]), 255, "the same on both sides");
    }

    #[test]
    fn what_is_transparent_shows_the_ground() {
        let picture =
            |alpha| Decoded { width: 2, height: 2, pixels: [200, 100, 0, alpha].repeat(4), channels: Channels::Rgba };
        let colours = |alpha, ground| {
            let found = scale(&picture(alpha), SIDE, ground);
            [found[0], found[SIDE * SIDE], found[2 * SIDE * SIDE]]
        };
        assert_eq!(colours(255, Ground::White), [200, 100, 0]);
        assert_eq!(colours(0, Ground::White), [255, 255, 255]);
        assert_eq!(colours(0, Ground::Black), [0, 0, 0]);
        // A fifth of the colour on the ground.
        assert_eq!(colours(51, Ground::Black), [40, 20, 0]);
        assert_eq!(colours(51, Ground::White), [244, 224, 204]);
    }
}
