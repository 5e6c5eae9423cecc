//! Shapes are checked on the first line; a wrong one is a bug, so it panics.

/// Panics unless `tensor.dims()` equals `expected`.
macro_rules! assert_shape {
    ($tensor:expr, $expected:expr) => {
        assert_eq!($tensor.dims(), $expected, "shape of `{}`", stringify!($tensor))
    };
}
