//! The one place that catches panics, and the sentence a failed call leaves behind.
//!
//! [`guard`] runs the body of an entry. The body asks its [`Call`] for the handle it works on; if it panics, that
//! handle is poisoned with the panic's text. The sentence is thread-local and reached through `try_with` alone: a C++
//! static's destructor may still call in when Rust's thread-locals are gone.

use super::status::{Fault, GNOMON_E_PANIC, GNOMON_OK, gnomon_status};
use crate::error::panic_text;
use std::cell::RefCell;
use std::ffi::{CString, c_char};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;

thread_local! {
    static LAST_ERROR: RefCell<Option<CString>> = const { RefCell::new(None) };
}

/// Set once, by a panic inside a call on the handle.
#[derive(Default)]
pub(super) struct Poison(OnceLock<Box<str>>);

impl Poison {
    /// Refuses a handle that an earlier panic has made unusable.
    pub fn refuse(&self, handle: &str) -> Result<(), Fault> {
        match self.0.get() {
            None => Ok(()),
            Some(sentence) => {
                Err(Fault::new(GNOMON_E_PANIC, format!("this {handle} is unusable since {sentence}: only free it")))
            }
        }
    }
}

/// What a handle points to.
pub(super) trait Handle {
    /// The argument's name in sentences.
    const NAME: &'static str;
    fn poison(&self) -> &Poison;
}

/// One call on its way: its name, and the handle it works on once it has asked for it.
pub(super) struct Call<'h> {
    name: &'static str,
    poison: Option<&'h Poison>,
}

impl<'h> Call<'h> {
    /// The handle behind `pointer`; refuses NULL, and a handle that an earlier panic has poisoned.
    ///
    /// # Safety
    /// `pointer` is NULL or came from this library and is not freed before the call ends.
    pub unsafe fn handle<T: Handle>(&mut self, pointer: *const T) -> Result<&'h T, Fault> {
        // SAFETY: not NULL after as_ref's own check; the caller keeps it alive and only shared references exist.
        let Some(handle) = (unsafe { pointer.as_ref() }) else {
            return Err(Fault::argument(format!("{} is NULL", T::NAME)));
        };
        handle.poison().refuse(T::NAME)?;
        self.poison = Some(handle.poison());
        inject::panic_if_asked("GNOMON_TEST_PANIC_HELD", self.name);
        Ok(handle)
    }
}

/// Runs the body of an entry that returns a status.
pub(super) fn guard<'h>(
    name: &'static str,
    body: impl FnOnce(&mut Call<'h>) -> Result<gnomon_status, Fault>,
) -> gnomon_status {
    remember(None);
    let mut call = Call { name, poison: None };
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        inject::panic_if_asked("GNOMON_TEST_PANIC", name);
        body(&mut call)
    }));
    let fault = match outcome {
        Ok(Ok(status)) => return status,
        Ok(Err(fault)) => fault,
        Err(payload) => {
            let sentence = format!("a panic in {name}: {}", panic_text(payload));
            if let Some(poison) = call.poison {
                let _ = poison.0.set(sentence.clone().into_boxed_str()); // the first panic is the one to tell
            }
            Fault::new(GNOMON_E_PANIC, sentence)
        }
    };
    remember(Some(format!("{name}: {}", fault.sentence)));
    fault.status
}

/// Runs the body of an entry that frees: returns nothing and leaves the thread's sentence alone.
pub(super) fn release(body: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(body)) {
        drop(panic_text(payload));
    }
}

/// A body that has nothing to say but that it went well.
pub(super) const DONE: Result<gnomon_status, Fault> = Ok(GNOMON_OK);

fn remember(sentence: Option<String>) {
    let sentence = sentence.map(|text| {
        let bytes: Vec<u8> = text.into_bytes().into_iter().map(|b| if b == 0 { b'?' } else { b }).collect();
        CString::new(bytes).unwrap_or_default()
    });
    let _ = LAST_ERROR.try_with(|last| {
        if let Ok(mut last) = last.try_borrow_mut() {
            *last = sentence;
        }
    });
}

/// Why this thread's newest call that returns a status failed; "" after one that did not. Valid until this thread's
/// next such call. Never NULL, ends with 0. Freeing a handle leaves it alone.
#[unsafe(no_mangle)]
pub extern "C" fn gnomon_last_error() -> *const c_char {
    let kept = LAST_ERROR.try_with(|last| last.try_borrow().ok()?.as_ref().map(|text| text.as_ptr()));
    kept.ok().flatten().unwrap_or(c"".as_ptr())
}

/// Panics on demand, so that tests can see every entry hold one. Compiled only with the feature `ffi-test-panic`.
mod inject {
    #[cfg(feature = "ffi-test-panic")]
    pub fn panic_if_asked(variable: &str, name: &str) {
        if std::env::var_os(variable).is_some_and(|asked| asked == name) {
            panic!("asked for by {variable}");
        }
    }

    #[cfg(not(feature = "ffi-test-panic"))]
    pub fn panic_if_asked(_variable: &str, _name: &str) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::CStr;

    fn last_error() -> String {
        // SAFETY: never NULL and ends with 0; read before the next call.
        unsafe { CStr::from_ptr(gnomon_last_error()) }.to_str().expect("UTF-8").to_string()
    }

    struct Thing(Poison);
    impl Handle for Thing {
        const NAME: &'static str = "thing";
        fn poison(&self) -> &Poison {
            &self.0
        }
    }

    #[test]
    fn a_panic_becomes_a_status_and_poisons_its_handle() {
        let thing = Thing(Poison::default());
        let status = guard("first", |call| {
            // SAFETY: a live local.
            unsafe { call.handle(&thing) }?;
            panic!("the roof\0 fell");
        });
        assert_eq!(status, GNOMON_E_PANIC);
        assert_eq!(last_error(), "first: a panic in first: the roof? fell");
        let status = guard("second", |call| {
            // SAFETY: a live local.
            unsafe { call.handle(&thing) }.map(|_| GNOMON_OK)
        });
        assert_eq!(status, GNOMON_E_PANIC);
        assert!(last_error().contains("the roof? fell"), "{}", last_error());
        assert_eq!(guard("third", |_| DONE), GNOMON_OK);
        assert_eq!(last_error(), "");
    }

    #[test]
    fn no_entry_does_without_the_guard() {
        let sources = [
            include_str!("album.rs"),
            include_str!("answer.rs"),
            include_str!("chain.rs"),
            include_str!("cogmap.rs"),
            include_str!("composed.rs"),
            include_str!("converse.rs"),
            include_str!("depth.rs"),
            include_str!("detector.rs"),
            include_str!("diff.rs"),
            include_str!("edit.rs"),
            include_str!("frame.rs"),
            include_str!("geometry.rs"),
            include_str!("graph.rs"),
            include_str!("grounding.rs"),
            include_str!("growth.rs"),
            include_str!("guard.rs"),
            include_str!("job.rs"),
            include_str!("judgement.rs"),
            include_str!("keeper.rs"),
            include_str!("log.rs"),
            include_str!("network.rs"),
            include_str!("observer.rs"),
            include_str!("options.rs"),
            include_str!("pipeline.rs"),
            include_str!("pipeline_networks.rs"),
            include_str!("pipeline_told.rs"),
            include_str!("question.rs"),
            include_str!("recording.rs"),
            include_str!("relation.rs"),
            include_str!("request.rs"),
            include_str!("saved.rs"),
            include_str!("scene.rs"),
            include_str!("score.rs"),
            include_str!("select.rs"),
            include_str!("shapes.rs"),
            include_str!("snapshot.rs"),
            include_str!("status.rs"),
            include_str!("text.rs"),
            include_str!("text_handle.rs"),
            include_str!("told.rs"),
            include_str!("triplets.rs"),
            include_str!("version.rs"),
            include_str!("vlm.rs"),
            include_str!("vocabulary.rs"),
        ];
        // These return a static or thread-local text or a number, and cannot fail.
        let plain = ["status_name(", "last_error(", "abi_version(", "version(", "build_info("];
        let mut entries = 0;
        for source in sources {
            for after in source.split("extern \"C\" fn gnomon_").skip(1) {
                let (signature, body) = after.split_once(" {\n").expect("a body");
                let first = body.lines().map(str::trim).find(|line| !line.starts_with("//")).expect("a line");
                let guarded =
                    ["guard(", "release(", "unsafe { growth::init("].iter().any(|start| first.starts_with(start));
                let name = &signature[..=signature.find('(').expect("arguments")];
                assert!(guarded || plain.contains(&name), "gnomon_{signature}");
                entries += 1;
            }
        }
        assert_eq!(entries, include_str!("../../tests/abi/symbols.txt").lines().count());
    }
}
