//! Triplets read from a text: of a chain, or of a language model that was asked for one.

use super::growth::{self, growing};
use super::guard::{DONE, Handle, Poison, guard, release};
use super::scene::empty_place;
use super::status::*;
use super::text::{MAX_LONG_TEXT_BYTES, gnomon_str, read_texts};
use crate::graph::{ChainText, Rejected, TripletText};
use std::collections::BTreeSet;

/// The most ids of a text, or places of a truth.
pub(super) const MAX_NAMES: usize = 262_144;

/// What was read of a text of triplets. Never changes; any thread, any number at a time. Depends on no other handle.
pub struct gnomon_triplets {
    poison: Poison,
    pub(super) read: ChainText,
}

impl Handle for gnomon_triplets {
    const NAME: &'static str = "triplets";
    fn poison(&self) -> &Poison {
        &self.poison
    }
}

const _: () = {
    const fn any_thread<T: Send + Sync>() {}
    any_thread::<gnomon_triplets>();
};

/// A triplet as a text tells it: stand at a, face b, locate c. Grid coordinates are 0 to 10, x to the right and y ahead;
/// a is at 5, 5. Texts live as long as the handle they came from.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_triplet {
    /// Number of the line, as it is written.
    pub t: u64,
    /// Where to stand.
    pub a: gnomon_str,
    /// What to face.
    pub b: gnomon_str,
    /// What to locate; empty in the record of a pair.
    pub c: gnomon_str,
    /// Grid coordinates of b.
    pub b_xy: [f64; 2],
    /// Grid coordinates of c; 0 without one.
    pub c_xy: [f64; 2],
    /// Metres a cell; 0 in a text without units.
    pub cell_m: f64,
    /// 1: the heading is not that from a to b, which are in one spot. Else 0.
    pub fallback: u32,
    /// 1 when there is a c, else 0.
    pub has_c: u32,
}

/// What was left out of a text that was read.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_rejected {
    /// Line of the text, from 1.
    pub line: u64,
    /// What was wrong with it; lives as long as the handle it came from.
    pub reason: gnomon_str,
}

growing! {
    gnomon_triplet 104;
    gnomon_rejected 24;
}

impl gnomon_triplet {
    pub(super) fn of(triplet: &TripletText) -> Self {
        let (c, c_xy) = triplet.c.as_ref().map_or((gnomon_str::NONE, [0.0; 2]), |(c, xy)| (gnomon_str::of(c), *xy));
        Self {
            t: triplet.t,
            a: gnomon_str::of(&triplet.a),
            b: gnomon_str::of(&triplet.b),
            c,
            b_xy: triplet.b_xy,
            c_xy,
            cell_m: triplet.cell_m.unwrap_or(0.0),
            fallback: u32::from(triplet.fallback),
            has_c: u32::from(triplet.c.is_some()),
        }
    }
}

impl gnomon_rejected {
    fn of(rejected: &Rejected) -> Self {
        Self { line: rejected.line as u64, reason: gnomon_str::of(&rejected.reason) }
    }
}

/// What `gnomon_*_rejected` does.
///
/// # Safety
/// As [`growth::fill`]; `in_all` is NULL or writable.
pub(super) unsafe fn fill_rejected(
    (rejected, all): (&[Rejected], usize),
    out: *mut gnomon_rejected,
    rejected_size: usize,
    n: *mut usize,
    in_all: *mut usize,
) -> Result<gnomon_status, Fault> {
    // SAFETY: passed on to the caller.
    unsafe { growth::fill(rejected.iter().map(gnomon_rejected::of), out, rejected_size, n) }?;
    if !in_all.is_null() {
        // SAFETY: not NULL, writable by the caller's word.
        unsafe { in_all.write_unaligned(all) };
    }
    DONE
}

/// Reads the triplets of a text: lines of a chain, or what a model made of such lines (prose and code fences round them,
/// single quotes, round brackets, trailing commas). Nothing is clamped: a triplet with a coordinate outside 0 to 10, an
/// unknown id, or one thing in two roles is left out, and gnomon_triplets_rejected tells why. known are the n ids there
/// are (at most 262144); with n 0 any id is taken. A text of which nothing can be read is GNOMON_OK with no triplets. Free
/// it with gnomon_triplets_free.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_triplets_read(
    text: gnomon_str,
    known: *const gnomon_str,
    n: usize,
    out: *mut *mut gnomon_triplets,
) -> gnomon_status {
    guard("gnomon_triplets_read", |_| {
        // SAFETY: the caller's place.
        unsafe { empty_place(out, "triplets") }?;
        // SAFETY: the caller's text, borrowed for this call.
        let text = unsafe { text.read("text", MAX_LONG_TEXT_BYTES) }?;
        // SAFETY: the caller's texts, borrowed for this call.
        let known: BTreeSet<&str> = unsafe { read_texts(known, n, "known", MAX_NAMES) }?.into_iter().collect();
        let read = ChainText::parse(text, |name| known.is_empty() || known.contains(name))?;
        let handle = Box::new(gnomon_triplets { poison: Poison::default(), read });
        // SAFETY: checked by empty_place.
        unsafe { out.write_unaligned(Box::into_raw(handle)) };
        DONE
    })
}

/// Frees triplets and every view into them. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_triplets_free(triplets: *mut gnomon_triplets) {
    release(|| {
        if !triplets.is_null() {
            // SAFETY: came from gnomon_triplets_read, freed once, by the header's word.
            drop(unsafe { Box::from_raw(triplets) });
        }
    })
}

/// The triplets in the order of the text. out, triplet_size and n as in gnomon_snapshot_objects.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_triplets_list(
    triplets: *const gnomon_triplets,
    out: *mut gnomon_triplet,
    triplet_size: usize,
    n: *mut usize,
) -> gnomon_status {
    guard("gnomon_triplets_list", |call| {
        // SAFETY: the caller's handle.
        let handle = unsafe { call.handle(triplets) }?;
        // SAFETY: the caller's room.
        unsafe { growth::fill(handle.read.lines.iter().map(gnomon_triplet::of), out, triplet_size, n) }?;
        DONE
    })
}

/// What was left out, in the order of the text; the first 1000 of it. *in_all becomes how much it was; in_all may be NULL.
/// out, rejected_size and n as in gnomon_snapshot_objects.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_triplets_rejected(
    triplets: *const gnomon_triplets,
    out: *mut gnomon_rejected,
    rejected_size: usize,
    n: *mut usize,
    in_all: *mut usize,
) -> gnomon_status {
    guard("gnomon_triplets_rejected", |call| {
        // SAFETY: the caller's handle.
        let read = &unsafe { call.handle(triplets) }?.read;
        // SAFETY: the caller's room and place.
        unsafe { fill_rejected((&read.rejected, read.rejected_in_all), out, rejected_size, n, in_all) }
    })
}
