//! Layouts: triplets that were read, composed to places, and held against given truth.

use super::growth::{self, Headed, growing};
use super::guard::{DONE, Handle, Poison, guard, release};
use super::scene::empty_place;
use super::status::*;
use super::text::{MAX_NAME_BYTES, gnomon_str};
use super::triplets::{MAX_NAMES, gnomon_triplets};
use crate::cogmap::PlacementError;
use crate::graph::{Gauge, Layout, LoopResidual, PublishedList, triplet_error};

/// Places composed of triplets. Never changes; any thread, any number at a time. Depends on no other handle.
pub struct gnomon_layout {
    poison: Poison,
    layout: Layout,
}

impl Handle for gnomon_layout {
    const NAME: &'static str = "layout";
    fn poison(&self) -> &Poison {
        &self.poison
    }
}

const _: () = {
    const fn any_thread<T: Send + Sync>() {}
    any_thread::<gnomon_layout>();
};

/// What triplets leave open: where a layout begins, which way it faces, and one length. Set up with GNOMON_INIT; what is
/// not set is taken from the first triplet, whose length is told to a tenth of a cell.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_gauge {
    /// Set by GNOMON_INIT.
    pub struct_size: u32,
    /// Set by GNOMON_INIT.
    pub abi_version: u32,
    /// The thing at 0, 0; empty with .ahead: the first triplet's a.
    pub origin: gnomon_str,
    /// The thing straight ahead of it; empty with .origin: the first triplet's b.
    pub ahead: gnomon_str,
    /// How far apart they are, metres; 0 with both empty: as the first triplet tells it.
    pub baseline_m: f64,
}

/// A layout in numbers. Set up with GNOMON_INIT.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_layout_facts {
    /// Set by GNOMON_INIT.
    pub struct_size: u32,
    /// Set by GNOMON_INIT.
    pub abi_version: u32,
    /// The thing at 0, 0; lives as long as the layout.
    pub origin: gnomon_str,
    /// The thing straight ahead of it; lives as long as the layout.
    pub ahead: gnomon_str,
    /// How far apart they are, metres.
    pub baseline_m: f64,
    /// Things that have a place: gnomon_layout_places.
    pub places: u64,
    /// Triplets that located what had a place already: gnomon_layout_loops.
    pub loops: u64,
    /// Triplets that could not be used: a or b never got a place, or both are in one spot.
    pub unused: u64,
    /// Triplets with a fallback heading: taken to face as the layout does.
    pub by_fallback: u64,
}

/// Where a thing is on the ground.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_place {
    /// Its name.
    pub name: gnomon_str,
    /// Of a layout: metres to the right of its origin and ahead. Of truth: world x and y, metres.
    pub at: [f64; 2],
}

/// A triplet that located what had a place already.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_loop {
    /// Its index among the triplets, from 0.
    pub triplet: u64,
    /// Distance between the place the thing has and that of the triplet, metres.
    pub residual_m: f64,
}

/// How far told places are off. A thing that was not placed counts in things alone.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_placement_error {
    /// Mean distance over the things that were placed, cells; 0 when none was.
    pub mean_cells: f64,
    /// Things that were placed.
    pub placed: u64,
    /// Things that were to be placed.
    pub things: u64,
}

growing! {
    gnomon_gauge 48;
    gnomon_layout_facts 80;
    gnomon_place 32;
    gnomon_loop 16;
    gnomon_placement_error 24;
}

// SAFETY: struct_size and abi_version come first.
unsafe impl Headed for gnomon_gauge {
    fn defaults() -> Self {
        Self { struct_size: 0, abi_version: 0, origin: gnomon_str::NONE, ahead: gnomon_str::NONE, baseline_m: 0.0 }
    }
}

// SAFETY: struct_size and abi_version come first.
unsafe impl Headed for gnomon_layout_facts {
    fn defaults() -> Self {
        Self {
            struct_size: 0,
            abi_version: 0,
            origin: gnomon_str::NONE,
            ahead: gnomon_str::NONE,
            baseline_m: 0.0,
            places: 0,
            loops: 0,
            unused: 0,
            by_fallback: 0,
        }
    }
}

impl gnomon_gauge {
    /// The gauge asked for; `None` when the first triplet is to give it.
    ///
    /// # Safety
    /// The texts are readable.
    unsafe fn given(&self) -> Result<Option<Gauge>, Fault> {
        // SAFETY: passed on to the caller.
        let (origin, ahead) =
            unsafe { (self.origin.read("origin", MAX_NAME_BYTES)?, self.ahead.read("ahead", MAX_NAME_BYTES)?) };
        if origin.is_empty() && ahead.is_empty() && self.baseline_m == 0.0 {
            return Ok(None);
        }
        if origin.is_empty() || ahead.is_empty() || self.baseline_m.is_nan() || self.baseline_m <= 0.0 {
            return Err(Fault::argument(format!(
                "gauge is {origin:?}, {ahead:?} and {} m, expected two names and more than 0, or none of it",
                self.baseline_m
            )));
        }
        Ok(Some(Gauge { origin: origin.to_owned(), ahead: ahead.to_owned(), baseline_m: self.baseline_m }))
    }
}

impl gnomon_loop {
    fn of(residual: &LoopResidual) -> Self {
        Self { triplet: residual.line as u64, residual_m: residual.residual_m }
    }
}

impl gnomon_placement_error {
    fn of(error: &PlacementError) -> Self {
        Self { mean_cells: error.mean_cells.unwrap_or(0.0), placed: error.evaluated as u64, things: error.total as u64 }
    }
}

/// The caller's truth.
///
/// # Safety
/// As [`growth::read_array`]; names are readable.
unsafe fn read_truth(truth: *const gnomon_place, place_size: usize, n: usize) -> Result<PublishedList, Fault> {
    let zero = gnomon_place { name: gnomon_str::NONE, at: [0.0; 2] };
    // SAFETY: passed on to the caller.
    let places = unsafe { growth::read_array(truth, place_size, n, MAX_NAMES, zero) }?;
    let mut named = Vec::with_capacity(places.len());
    for (at, place) in places.iter().enumerate() {
        // SAFETY: passed on to the caller.
        let name = unsafe { place.name.read(&format!("name of place {at}"), MAX_NAME_BYTES) }?;
        if name.is_empty() {
            return Err(Fault::argument(format!("name of place {at} is empty")));
        }
        named.push((name, place.at));
    }
    Ok(PublishedList::of_named(named)?)
}

/// Writes an error to the caller's place, which was checked before the work.
///
/// # Safety
/// As [`growth::write_one`].
unsafe fn write_error(
    error: &PlacementError,
    out: *mut gnomon_placement_error,
    error_size: usize,
) -> Result<gnomon_status, Fault> {
    // SAFETY: passed on to the caller.
    unsafe { growth::write_one(&gnomon_placement_error::of(error), out, error_size) }?;
    DONE
}

/// Fills in the defaults of a gauge; never writes past size. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_gauge_init(gauge: *mut gnomon_gauge, size: usize) {
    // SAFETY: the caller's pointer and size.
    unsafe { growth::init(gauge, size) }
}

/// Fills in empty facts; never writes past size. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_layout_facts_init(facts: *mut gnomon_layout_facts, size: usize) {
    // SAFETY: the caller's pointer and size.
    unsafe { growth::init(facts, size) }
}

/// Composes triplets, in whatever order they stand, to places: the gauge's first thing at 0, 0, the second straight ahead.
/// gauge may be NULL: all of the first triplet. GNOMON_E_ARGUMENT where the gauge is left to a first triplet that is not
/// there or tells no length (without units, or both things in one spot). Free it with gnomon_layout_free.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_layout_compose(
    triplets: *const gnomon_triplets,
    gauge: *const gnomon_gauge,
    out: *mut *mut gnomon_layout,
) -> gnomon_status {
    guard("gnomon_layout_compose", |call| {
        // SAFETY: the caller's place.
        unsafe { empty_place(out, "layout") }?;
        // SAFETY: the caller's handle.
        let lines = &unsafe { call.handle(triplets) }?.read.lines;
        let given = match gauge.is_null() {
            true => None,
            // SAFETY: the caller's gauge, borrowed for this call.
            false => unsafe { growth::read(gauge)?.given() }?,
        };
        let told = || lines.first().and_then(Gauge::of_line);
        let gauge = given.or_else(told).ok_or_else(|| {
            Fault::argument(
                "the first triplet tells no length, or there is none: expected a gauge with two names and one",
            )
        })?;
        let handle = Box::new(gnomon_layout { poison: Poison::default(), layout: Layout::compose(lines, gauge)? });
        // SAFETY: checked by empty_place.
        unsafe { out.write_unaligned(Box::into_raw(handle)) };
        DONE
    })
}

/// Frees a layout and every view into it. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_layout_free(layout: *mut gnomon_layout) {
    release(|| {
        if !layout.is_null() {
            // SAFETY: came from gnomon_layout_compose, freed once, by the header's word.
            drop(unsafe { Box::from_raw(layout) });
        }
    })
}

/// Writes the layout's numbers to out, set up with GNOMON_INIT.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_layout_info(
    layout: *const gnomon_layout,
    out: *mut gnomon_layout_facts,
) -> gnomon_status {
    guard("gnomon_layout_info", |call| {
        // SAFETY: the caller's handle.
        let layout = &unsafe { call.handle(layout) }?.layout;
        // SAFETY: the caller's place, set up with GNOMON_INIT.
        let place = unsafe { growth::place(out) }?.ok_or_else(|| Fault::argument("place for the facts is NULL"))?;
        let gauge = layout.gauge();
        let facts = gnomon_layout_facts {
            origin: gnomon_str::of(&gauge.origin),
            ahead: gnomon_str::of(&gauge.ahead),
            baseline_m: gauge.baseline_m,
            places: layout.places_m.len() as u64,
            loops: layout.loops.len() as u64,
            unused: layout.unused.len() as u64,
            by_fallback: layout.by_fallback as u64,
            ..gnomon_layout_facts::defaults()
        };
        // SAFETY: checked above.
        unsafe { place.write(&facts) };
        DONE
    })
}

/// The places, by name; names live as long as the layout. out, place_size and n as in gnomon_snapshot_objects.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_layout_places(
    layout: *const gnomon_layout,
    out: *mut gnomon_place,
    place_size: usize,
    n: *mut usize,
) -> gnomon_status {
    guard("gnomon_layout_places", |call| {
        // SAFETY: the caller's handle.
        let layout = &unsafe { call.handle(layout) }?.layout;
        let places = layout.places_m.iter().map(|(name, &at)| gnomon_place { name: gnomon_str::of(name), at });
        // SAFETY: the caller's room.
        unsafe { growth::fill(places, out, place_size, n) }?;
        DONE
    })
}

/// How well triplets agree that locate one thing again, in the order in which they were composed. out, loop_size and n as
/// in gnomon_snapshot_objects.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_layout_loops(
    layout: *const gnomon_layout,
    out: *mut gnomon_loop,
    loop_size: usize,
    n: *mut usize,
) -> gnomon_status {
    guard("gnomon_layout_loops", |call| {
        // SAFETY: the caller's handle.
        let layout = &unsafe { call.handle(layout) }?.layout;
        // SAFETY: the caller's room.
        unsafe { growth::fill(layout.loops.iter().map(gnomon_loop::of), out, loop_size, n) }?;
        DONE
    })
}

/// How far the layout is from truth, in cells of cell_m metres: n true places (at most 262144) of place_size bytes each,
/// names all different, those of the gauge's two things among them. These two are not counted; names that the truth lacks
/// are passed over. Writes one element of error_size bytes.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_layout_error(
    layout: *const gnomon_layout,
    truth: *const gnomon_place,
    place_size: usize,
    n: usize,
    cell_m: f64,
    out: *mut gnomon_placement_error,
    error_size: usize,
) -> gnomon_status {
    guard("gnomon_layout_error", |call| {
        // SAFETY: the caller's handle.
        let layout = &unsafe { call.handle(layout) }?.layout;
        // SAFETY: the caller's array, borrowed for this call.
        let truth = unsafe { read_truth(truth, place_size, n) }?;
        // SAFETY: the caller's place.
        unsafe { write_error(&layout.error(&truth, cell_m)?, out, error_size) }
    })
}

/// How far the triplets are from truth, each in the cells of its own grid, which must tell its units or be taken at its
/// word. truth as in gnomon_layout_error, in the order in which things were first seen: all but the first two are to be
/// located. Of triplets that locate one thing the last counts. Writes one element of error_size bytes.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_triplets_error(
    triplets: *const gnomon_triplets,
    truth: *const gnomon_place,
    place_size: usize,
    n: usize,
    out: *mut gnomon_placement_error,
    error_size: usize,
) -> gnomon_status {
    guard("gnomon_triplets_error", |call| {
        // SAFETY: the caller's handle.
        let lines = &unsafe { call.handle(triplets) }?.read.lines;
        // SAFETY: the caller's array, borrowed for this call.
        let truth = unsafe { read_truth(truth, place_size, n) }?;
        // SAFETY: the caller's place.
        unsafe { write_error(&triplet_error(lines, &truth), out, error_size) }
    })
}
