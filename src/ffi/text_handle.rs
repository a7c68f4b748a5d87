//! A text that the caller keeps: what a call wrote that no other handle holds.

use super::guard::{Call, DONE, Handle, Poison, guard, release};
use super::scene::empty_place;
use super::status::*;
use super::text::gnomon_str;

/// A text. Never changes; any thread, any number at a time. Depends on no other handle.
pub struct gnomon_text {
    poison: Poison,
    text: String,
}

impl Handle for gnomon_text {
    const NAME: &'static str = "text";
    fn poison(&self) -> &Poison {
        &self.poison
    }
}

const _: () = {
    const fn any_thread<T: Send + Sync>() {}
    any_thread::<gnomon_text>();
};

/// Makes the text and writes its handle to `out`, empty until then.
///
/// # Safety
/// `out` is NULL or writable.
pub(super) unsafe fn hand_out_text(
    out: *mut *mut gnomon_text,
    make: impl FnOnce() -> Result<String, Fault>,
) -> Result<gnomon_status, Fault> {
    // SAFETY: passed on to the caller.
    unsafe { empty_place(out, "text") }?;
    let handle = Box::new(gnomon_text { poison: Poison::default(), text: make()? });
    // SAFETY: checked by empty_place.
    unsafe { out.write_unaligned(Box::into_raw(handle)) };
    DONE
}

/// Hands out a view of a text that a handle keeps.
///
/// # Safety
/// `handle` is NULL or alive as long as the view is used, `out` is NULL or writable.
pub(super) unsafe fn view_of<'h, H: Handle + 'h>(
    call: &mut Call<'h>,
    handle: *const H,
    out: *mut gnomon_str,
    text_of: impl FnOnce(&'h H) -> &'h String,
) -> Result<gnomon_status, Fault> {
    // SAFETY: passed on to the caller.
    let handle = unsafe { call.handle(handle) }?;
    if out.is_null() {
        return Err(Fault::argument("place for the text is NULL"));
    }
    // SAFETY: not NULL, writable by the header's word.
    unsafe { out.write_unaligned(gnomon_str::of(text_of(handle))) };
    DONE
}

/// A view of the text; lives as long as its handle.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_text_view(text: *const gnomon_text, out: *mut gnomon_str) -> gnomon_status {
    guard("gnomon_text_view", |call| {
        // SAFETY: the caller's handle and place.
        unsafe { view_of(call, text, out, |text| &text.text) }
    })
}

/// Frees a text and every view into it. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_text_free(text: *mut gnomon_text) {
    release(|| {
        if !text.is_null() {
            // SAFETY: came from this library, freed once, by the header's word.
            drop(unsafe { Box::from_raw(text) });
        }
    })
}
