//! The order of the colour channels of an image.

/// Order of the three colour channels of a stored image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChannelOrder {
    /// Red, green, blue.
    Rgb,
    /// Blue, green, red: what OpenCV writes, and the published head-pose files hold.
    Bgr,
}

impl ChannelOrder {
    /// Which of red (0), green (1) and blue (2) each stored channel is; the permutation is its own inverse.
    #[must_use]
    pub fn rgb_channels(self) -> [usize; 3] {
        match self {
            Self::Rgb => [0, 1, 2],
            Self::Bgr => [2, 1, 0],
        }
    }
}
