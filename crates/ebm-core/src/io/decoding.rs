//! Decoders of files of unknown origin, whose panics are errors.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    static DECODING: Cell<bool> = const { Cell::new(false) };
}

/// Runs a decoder. A panic of it becomes its message; what the decoder had made is dropped, so that nothing sees it.
///
/// # Errors
/// The message of the panic.
pub fn decoding<T>(decoder: impl FnOnce() -> T) -> Result<T, String> {
    let before = DECODING.replace(true);
    let result = catch_unwind(AssertUnwindSafe(decoder));
    DECODING.set(before);
    result.map_err(|panic| {
        let text = panic.downcast_ref::<&str>().copied();
        let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        text.unwrap_or("for an unknown reason").to_owned()
    })
}

/// Whether this thread is inside [`decoding`]: a panic here will be an error with a place, so that a panic hook need
/// not report it.
pub fn is_decoding() -> bool {
    DECODING.get()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_message_and_ends_the_decoding() {
        assert_eq!(decoding(is_decoding), Ok(true));
        let inner = || decoding(|| assert!(!is_decoding(), "index {} out of range", 7));
        let (inner, still) = decoding(|| (inner(), is_decoding())).unwrap();
        assert_eq!((inner, still, is_decoding()), (Err("index 7 out of range".to_owned()), true, false));
    }
}
