//! Two snapshots compared.

use super::growth::{self, Headed, growing};
use super::guard::{DONE, guard};
use super::question::coded;
use super::scene::empty_place;
use super::snapshot::gnomon_snapshot;
use super::status::*;
use super::text_handle::{gnomon_text, hand_out_text};
use crate::scene::{DiffOptions, SameBy, SceneDiff, diff};

/// What counts as a change. Set up with GNOMON_INIT, which fills in the defaults.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_diff_options {
    /// Set by GNOMON_INIT.
    pub struct_size: u32,
    /// Set by GNOMON_INIT.
    pub abi_version: u32,
    /// How things are found again: GNOMON_SAME_BY_*.
    pub same_by: i32,
    /// 0.
    pub reserved: u32,
    /// A centre this near is at its place, metres. Default 0.1.
    pub least_move_m: f64,
    /// A side that differs by no more has its length, metres. Default 0.1.
    pub least_resize_m: f64,
    /// What is within so many standard deviations of both is no change, 0 to 1000. Default 3.
    pub sigmas: f64,
}

/// What differs, in numbers. Set up with GNOMON_INIT.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_diff_facts {
    /// Set by GNOMON_INIT.
    pub struct_size: u32,
    /// Set by GNOMON_INIT.
    pub abi_version: u32,
    /// Things in the second snapshot alone.
    pub came: u64,
    /// Things in the first snapshot alone.
    pub went: u64,
    /// Things in both that moved, are called otherwise, or have another size.
    pub changed: u64,
    /// Of these, how many moved.
    pub moved: u64,
    /// How many are in both as they were.
    pub same: u64,
    /// 1 when things were found again by id, 0 by place.
    pub by_id: u32,
    /// 0.
    pub reserved: u32,
}

growing! {
    gnomon_diff_options 40;
    gnomon_diff_facts 56;
}

// SAFETY: struct_size and abi_version come first.
unsafe impl Headed for gnomon_diff_options {
    fn defaults() -> Self {
        let ours = DiffOptions::default();
        Self {
            struct_size: 0,
            abi_version: 0,
            same_by: GNOMON_SAME_BY_TOLD,
            reserved: 0,
            least_move_m: ours.least_move_m,
            least_resize_m: ours.least_resize_m,
            sigmas: ours.sigmas,
        }
    }
}

// SAFETY: struct_size and abi_version come first.
unsafe impl Headed for gnomon_diff_facts {
    fn defaults() -> Self {
        Self { struct_size: 0, abi_version: 0, came: 0, went: 0, changed: 0, moved: 0, same: 0, by_id: 0, reserved: 0 }
    }
}

impl gnomon_diff_facts {
    fn of(found: &SceneDiff) -> Self {
        Self {
            came: found.came.len() as u64,
            went: found.went.len() as u64,
            changed: found.changed.len() as u64,
            moved: found.changed.iter().filter(|changed| changed.moved_m.is_some()).count() as u64,
            same: found.same as u64,
            by_id: u32::from(found.by_id),
            ..Self::defaults()
        }
    }
}

/// The caller's options, checked; NULL means all defaults.
///
/// # Safety
/// `options` is NULL or points to as many readable bytes as its `struct_size` says.
unsafe fn read_options(options: *const gnomon_diff_options) -> Result<DiffOptions, Fault> {
    if options.is_null() {
        return Ok(DiffOptions::default());
    }
    // SAFETY: passed on to the caller.
    let raw = unsafe { growth::read(options) }?;
    if raw.reserved != 0 {
        return Err(Fault::argument(format!("reserved is {}, expected 0", raw.reserved)));
    }
    let ways = [SameBy::Told, SameBy::Id, SameBy::Place];
    let options = DiffOptions {
        same_by: coded(raw.same_by, &ways, "same_by", "GNOMON_SAME_BY_*")?,
        least_move_m: raw.least_move_m,
        least_resize_m: raw.least_resize_m,
        sigmas: raw.sigmas,
    };
    options.check()?;
    Ok(options)
}

/// Fills in the defaults of a comparison's options; never writes past size. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_diff_options_init(options: *mut gnomon_diff_options, size: usize) {
    // SAFETY: the caller's pointer and size.
    unsafe { growth::init(options, size) }
}

/// Fills in empty facts; never writes past size. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_diff_facts_init(facts: *mut gnomon_diff_facts, size: usize) {
    // SAFETY: the caller's pointer and size.
    unsafe { growth::init(facts, size) }
}

/// Compares two snapshots of one world: what came, went, moved, is called otherwise, changed its size. facts, words (a line
/// for each change) and json (the same for programs) may each be NULL; free each text with gnomon_text_free. options may
/// be NULL: all defaults.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_snapshot_diff(
    before: *const gnomon_snapshot,
    after: *const gnomon_snapshot,
    options: *const gnomon_diff_options,
    facts: *mut gnomon_diff_facts,
    words: *mut *mut gnomon_text,
    json: *mut *mut gnomon_text,
) -> gnomon_status {
    guard("gnomon_snapshot_diff", |call| {
        for place in [words, json] {
            if !place.is_null() {
                // SAFETY: the caller's place.
                unsafe { empty_place(place, "text") }?;
            }
        }
        // SAFETY: the caller's handle.
        let before = &unsafe { call.handle(before) }?.snapshot;
        // SAFETY: the caller's handle.
        let after = &unsafe { call.handle(after) }?.snapshot;
        // SAFETY: the caller's options.
        let options = unsafe { read_options(options) }?;
        // SAFETY: the caller's place, set up with GNOMON_INIT.
        let place = unsafe { growth::place(facts) }?;
        let found = diff(before, after, &options);
        if let Some(place) = place {
            // SAFETY: checked above.
            unsafe { place.write(&gnomon_diff_facts::of(&found)) };
        }
        if !words.is_null() {
            // SAFETY: the caller's place.
            unsafe { hand_out_text(words, || Ok(found.words())) }?;
        }
        if !json.is_null() {
            // SAFETY: the caller's place.
            unsafe { hand_out_text(json, || Ok(found.to_json().to_string())) }?;
        }
        DONE
    })
}
