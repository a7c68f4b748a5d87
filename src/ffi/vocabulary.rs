//! Which words mean the same, as callers say it.

use super::guard::{DONE, Handle, Poison, guard, release};
use super::question::flag;
use super::scene::empty_place;
use super::status::*;
use super::text::{gnomon_str, read_texts};
use crate::answer::Vocabulary;
use parking_lot::Mutex;

/// The most words of one group.
const MAX_WORDS: usize = 256;

/// The most groups that a caller may add.
const MAX_GROUPS: usize = 4096;

/// Groups of words that mean the same: gnomon_ask_options.vocabulary. Any thread, one gnomon_vocabulary_add at a time
/// (GNOMON_E_BUSY); must outlive the calls that are given it, and no longer.
pub struct gnomon_vocabulary {
    poison: Poison,
    updating: Mutex<()>,
    words: Mutex<Words>,
}

struct Words {
    vocabulary: Vocabulary,
    added: usize,
}

impl Handle for gnomon_vocabulary {
    const NAME: &'static str = "vocabulary";
    fn poison(&self) -> &Poison {
        &self.poison
    }
}

const _: () = {
    const fn any_thread<T: Send + Sync>() {}
    any_thread::<gnomon_vocabulary>();
};

/// The caller's vocabulary; NULL means the common words.
///
/// # Safety
/// `vocabulary` is NULL or came from this library and is not freed before the call ends.
pub(super) unsafe fn read_vocabulary(vocabulary: *const gnomon_vocabulary) -> Result<Vocabulary, Fault> {
    // SAFETY: passed on to the caller.
    match unsafe { vocabulary.as_ref() } {
        None => Ok(Vocabulary::default()),
        Some(handle) => {
            handle.poison.refuse(gnomon_vocabulary::NAME)?;
            Ok(handle.words.lock().vocabulary.clone())
        }
    }
}

/// Makes a vocabulary: with common 1 of the words that gnomon knows ("couch" for "sofa"), with 0 empty. Free it with
/// gnomon_vocabulary_free.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_vocabulary_new(common: u32, out: *mut *mut gnomon_vocabulary) -> gnomon_status {
    guard("gnomon_vocabulary_new", |_| {
        // SAFETY: the caller's place.
        unsafe { empty_place(out, "vocabulary") }?;
        let vocabulary = if flag(common, "common")? { Vocabulary::default() } else { Vocabulary::empty() };
        let words = Mutex::new(Words { vocabulary, added: 0 });
        let handle = Box::new(gnomon_vocabulary { poison: Poison::default(), updating: Mutex::new(()), words });
        // SAFETY: checked by empty_place.
        unsafe { out.write_unaligned(Box::into_raw(handle)) };
        DONE
    })
}

/// Frees a vocabulary; no other call on it may be running. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_vocabulary_free(vocabulary: *mut gnomon_vocabulary) {
    release(|| {
        if !vocabulary.is_null() {
            // SAFETY: came from gnomon_vocabulary_new, freed once, by the header's word.
            drop(unsafe { Box::from_raw(vocabulary) });
        }
    })
}

/// Adds n words (2 to 256) that mean the same: names of categories, in singular or plural. At most 4096 times
/// (GNOMON_E_STATE after that). On failure nothing is added.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_vocabulary_add(
    vocabulary: *mut gnomon_vocabulary,
    words: *const gnomon_str,
    n: usize,
) -> gnomon_status {
    guard("gnomon_vocabulary_add", |call| {
        // SAFETY: the caller's handle.
        let handle = unsafe { call.handle(vocabulary.cast_const()) }?;
        // SAFETY: the caller's texts, borrowed for this call.
        let same = unsafe { read_texts(words, n, "words", MAX_WORDS) }?;
        if same.len() < 2 || same.iter().any(|words| words.trim().is_empty()) {
            return Err(Fault::argument(format!("words are {same:?}, expected two or more that are not empty")));
        }
        let busy = || Fault::new(GNOMON_E_BUSY, "another call that changes this vocabulary is running");
        let _alone = handle.updating.try_lock().ok_or_else(busy)?;
        let mut kept = handle.words.lock();
        if kept.added >= MAX_GROUPS {
            return Err(Fault::new(GNOMON_E_STATE, format!("the vocabulary has been added to {MAX_GROUPS} times")));
        }
        kept.added += 1;
        kept.vocabulary.add(&same);
        DONE
    })
}
