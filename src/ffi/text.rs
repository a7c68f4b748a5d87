//! Text as pointer and length, UTF-8 both ways.

use super::status::Fault;
use std::ffi::c_char;

/// The longest name or label, bytes.
pub(super) const MAX_NAME_BYTES: usize = 64 * 1024;

/// The longest text, bytes.
pub(super) const MAX_LONG_TEXT_BYTES: usize = 16 << 20;

/// A text: `len` bytes of UTF-8, no 0 at the end. With len 0, data is not looked at. Final: does not grow.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_str {
    /// The first byte.
    pub data: *const c_char,
    /// Bytes, not characters.
    pub len: usize,
}

impl gnomon_str {
    /// No text.
    pub(super) const NONE: Self = Self { data: std::ptr::null(), len: 0 };

    /// A view of `text`, for as long as `text` lives.
    pub(super) const fn of(text: &str) -> Self {
        Self { data: text.as_ptr().cast(), len: text.len() }
    }

    /// The text, once length and UTF-8 are checked. `what` names it in sentences.
    ///
    /// # Safety
    /// `data` points to `len` readable bytes that stay as they are for `'a`, when `len` is within the bound.
    pub(super) unsafe fn read<'a>(&self, what: &str, max_bytes: usize) -> Result<&'a str, Fault> {
        // SAFETY: passed on to the caller.
        let bytes = unsafe { slice_of(self.data.cast::<u8>(), self.len, what, max_bytes) }?;
        std::str::from_utf8(bytes)
            .map_err(|e| Fault::argument(format!("{what} is not UTF-8: byte {} is wrong", e.valid_up_to())))
    }
}

/// The texts of an array, each checked; `what` names one of them in sentences.
///
/// # Safety
/// `first` points to `len` readable texts, each readable and unchanged for `'a`, when `len` is at most `max_len`.
pub(super) unsafe fn read_texts<'a>(
    first: *const gnomon_str,
    len: usize,
    what: &str,
    max_len: usize,
) -> Result<Vec<&'a str>, Fault> {
    // SAFETY: passed on to the caller.
    let texts = unsafe { slice_of(first, len, what, max_len) }?;
    let one = |(at, text): (usize, &gnomon_str)| {
        // SAFETY: passed on to the caller.
        unsafe { text.read(&format!("{what} {at}"), MAX_NAME_BYTES) }
    };
    texts.iter().enumerate().map(one).collect()
}

/// The slice behind pointer and length, once both are checked; empty for length 0, whatever the pointer.
///
/// # Safety
/// `data` is NULL or points to `len` readable elements that stay as they are for `'a`, when `len` is at most `max_len`.
pub(super) unsafe fn slice_of<'a, T>(data: *const T, len: usize, what: &str, max_len: usize) -> Result<&'a [T], Fault> {
    if len == 0 {
        return Ok(&[]);
    }
    if len > max_len {
        return Err(Fault::argument(format!("{what} has length {len}, expected at most {max_len}")));
    }
    if data.is_null() {
        return Err(Fault::argument(format!("{what} is NULL with length {len}")));
    }
    if !data.is_aligned() {
        return Err(Fault::argument(format!("{what} is not aligned to {} bytes", align_of::<T>())));
    }
    // SAFETY: not NULL, aligned, length bounded, readable by the caller's word.
    Ok(unsafe { std::slice::from_raw_parts(data, len) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_is_none_is_refused_and_empty_text_needs_no_pointer() {
        // SAFETY: NULL with length 0 is never read.
        let empty = unsafe { gnomon_str { data: std::ptr::null(), len: 0 }.read("name", 10) };
        assert_eq!(empty.ok(), Some(""));
        // SAFETY: static bytes.
        let read = |bytes: &'static [u8]| unsafe {
            gnomon_str { data: bytes.as_ptr().cast(), len: bytes.len() }.read("name", 10).map_err(|f| f.sentence)
        };
        assert_eq!(read("häuser".as_bytes()), Ok("häuser"));
        assert_eq!(read(b"ab\xff"), Err("name is not UTF-8: byte 2 is wrong".into()));
        assert_eq!(read(b"eleven bytes"), Err("name has length 12, expected at most 10".into()));
    }
}
