//! The observer's map of 10 x 10 cells, with its texts and pictures.
//!
//! A map keeps what it was built from, nothing of the snapshot: either may be freed first. Texts are written when first
//! asked for and live as long as the map.

use super::growth::{self, Headed, growing};
use super::guard::{DONE, Handle, Poison, guard, release};
use super::observer::ObserverFields;
use super::scene::empty_place;
use super::shapes::IDENTITY;
use super::snapshot::gnomon_snapshot;
use super::status::*;
use super::text::{gnomon_str, slice_of};
use super::text_handle::view_of;
use crate::cogmap::{Beyond, CellState, CogMapOptions, LocalCogMap, MapCell, MapObject, Scale};
use crate::frame::MAX_COORDINATE_M;
use crate::scene::ObjectId;
use std::sync::OnceLock;

/// The most things a map may be asked to hold.
const MAX_HELD: usize = 65_536;

/// What is around the observer: 10 x 10 cells. Never changes; any thread, any number at a time. Outlives its snapshot.
pub struct gnomon_cogmap {
    poison: Poison,
    map: LocalCogMap,
    /// Per cell, the ids of the things that touch it.
    touching: Vec<Vec<u64>>,
    text: OnceLock<String>,
    json: OnceLock<String>,
    ascii: OnceLock<String>,
    svg: OnceLock<String>,
    png: OnceLock<Vec<u8>>,
}

impl Handle for gnomon_cogmap {
    const NAME: &'static str = "map";
    fn poison(&self) -> &Poison {
        &self.poison
    }
}

const _: () = {
    const fn any_thread<T: Send + Sync>() {}
    any_thread::<gnomon_cogmap>();
};

/// Where the observer stands and how large a cell is. Set up with GNOMON_INIT. Places are in gnomon's world (Z up).
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_cogmap_options {
    /// Set by GNOMON_INIT.
    pub struct_size: u32,
    /// Set by GNOMON_INIT.
    pub abi_version: u32,
    /// GNOMON_OBSERVER_*: which of the fields below say where the observer stands. Default: the newest camera.
    pub observer: i32,
    /// GNOMON_SCALE_*. Default: cells of cell_m.
    pub scale: i32,
    /// _POSE: stands under this camera, facing where it looks; 4 x 4, row by row.
    pub world_from_camera: [f64; 16],
    /// _HEADING: stands at this x, y, metres.
    pub origin: [f64; 2],
    /// _HEADING: faces this way, radians counter-clockwise from world +X.
    pub heading_rad: f64,
    /// _FACING: stands at the centre of the thing with this id.
    pub standing_at: u64,
    /// _FACING: faces the centre of the thing with this id.
    pub facing: u64,
    /// _FACING: faces this way (x, y, any length) where the two are closer than 0.05 m. 0, 0: such a pair is refused.
    pub fallback: [f64; 2],
    /// _FIXED: metres per cell, 0.05 to 10 in whole centimetres. Default 0.5.
    pub cell_m: f64,
    /// _HOLDING: ids of the things that must fit; borrowed for the call.
    pub hold: *const u64,
    /// How many, at most 65536.
    pub hold_len: usize,
    /// Things outside the cells are told up to this far from the observer, metres. Default 10.
    pub beyond_m: f64,
    /// Things last seen more than this much walked path ago are left out, metres. 0, the default: none is.
    pub max_path_age_m: f64,
}

/// A map in numbers. Set up with GNOMON_INIT.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_cogmap_facts {
    /// Set by GNOMON_INIT.
    pub struct_size: u32,
    /// Set by GNOMON_INIT.
    pub abi_version: u32,
    /// Stamp of its snapshot; INT64_MIN before the first frame.
    pub stamp_ns: i64,
    /// Metres per cell.
    pub cell_m: f64,
    /// Where the observer stands: x, y in gnomon's world, metres. The corner that the four middle cells share.
    pub origin: [f64; 2],
    /// Where the observer faces, radians counter-clockwise from world +X.
    pub heading_rad: f64,
    /// How many things have their centre in a cell.
    pub objects: u64,
    /// How many things are told beyond the cells, at most 64.
    pub beyond: u64,
    /// 1 when the heading is gnomon_cogmap_options.fallback, else 0.
    pub is_fallback: u32,
    /// Cells a side: 10.
    pub side: u32,
}

/// One cell. Cell (i, j), i to the right and j ahead, is at 10 j + i.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_cell {
    /// GNOMON_CELL_*.
    pub state: i32,
    /// 1 when low_m and high_m are known, else 0.
    pub has_height: u32,
    /// Lowest thing standing in it, metres above the floor.
    pub low_m: f64,
    /// Highest thing standing in it, metres above the floor.
    pub high_m: f64,
    /// Stamp of the newest frame that saw its ground or a thing in it; INT64_MIN when none did.
    pub last_seen_ns: i64,
    /// Ids of the things whose footprint touches it, ascending; lives as long as the map.
    pub objects: *const u64,
    /// How many.
    pub objects_len: usize,
}

/// A thing whose centre is in a cell.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_map_object {
    /// Its id.
    pub id: u64,
    /// Its name; lives as long as the map.
    pub name: gnomon_str,
    /// Its label; lives as long as the map.
    pub label: gnomon_str,
    /// Its centre in cells: x to the right, y ahead, 0 to 10; the observer is at 5, 5.
    pub grid: [f64; 2],
    /// Standard deviation of the centre to the right and ahead, cells.
    pub sigma: [f64; 2],
    /// Corners of its footprint, x, y in cells, counter-clockwise; may reach out of the grid; lives as long as the map.
    pub footprint: *const f64,
    /// How many corners.
    pub corners: usize,
}

/// A thing whose centre is outside the cells.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_map_beyond {
    /// Its id.
    pub id: u64,
    /// Its name; lives as long as the map.
    pub name: gnomon_str,
    /// Its label; lives as long as the map.
    pub label: gnomon_str,
    /// Bearing of its centre, degrees above -180 and up to 180: 0 ahead, right positive.
    pub bearing_deg: f64,
    /// Distance of its centre on the ground, metres.
    pub distance_m: f64,
    /// Corners of its footprint, x, y in cells, where it reaches into the grid, else NULL; lives as long as the map.
    pub footprint: *const f64,
    /// How many corners.
    pub corners: usize,
}

growing! {
    gnomon_cogmap_options 240;
    gnomon_cogmap_facts 72;
    gnomon_cell 48;
    gnomon_map_object 88;
    gnomon_map_beyond 72;
}

// SAFETY: struct_size and abi_version come first.
unsafe impl Headed for gnomon_cogmap_options {
    fn defaults() -> Self {
        let ours = CogMapOptions::default();
        Self {
            struct_size: 0,
            abi_version: 0,
            observer: GNOMON_OBSERVER_CAMERA,
            scale: GNOMON_SCALE_FIXED,
            world_from_camera: IDENTITY,
            origin: [0.0; 2],
            heading_rad: 0.0,
            standing_at: 0,
            facing: 0,
            fallback: [0.0; 2],
            cell_m: if let Scale::Fixed(cell_m) = ours.scale { cell_m } else { 0.5 },
            hold: std::ptr::null(),
            hold_len: 0,
            beyond_m: ours.beyond_m,
            max_path_age_m: 0.0,
        }
    }
}

// SAFETY: struct_size and abi_version come first.
unsafe impl Headed for gnomon_cogmap_facts {
    fn defaults() -> Self {
        Self {
            struct_size: 0,
            abi_version: 0,
            stamp_ns: 0,
            cell_m: 0.0,
            origin: [0.0; 2],
            heading_rad: 0.0,
            objects: 0,
            beyond: 0,
            is_fallback: 0,
            side: 0,
        }
    }
}

impl gnomon_cogmap_options {
    /// Numbers are checked whether or not the map asked for needs them.
    fn check(&self) -> Result<(), Fault> {
        self.observer().check()?;
        if !(0.0..=MAX_COORDINATE_M).contains(&self.max_path_age_m) {
            return Err(Fault::argument(format!(
                "max_path_age_m is {}, expected 0 to {MAX_COORDINATE_M:e}",
                self.max_path_age_m
            )));
        }
        if !(self.cell_m > 0.0 && self.cell_m <= MAX_COORDINATE_M) {
            return Err(Fault::argument(format!("cell_m is {}, expected 0.05 to 10", self.cell_m)));
        }
        Ok(())
    }

    fn observer(&self) -> ObserverFields {
        ObserverFields {
            observer: self.observer,
            world_from_camera: self.world_from_camera,
            origin: self.origin,
            heading_rad: self.heading_rad,
            standing_at: self.standing_at,
            facing: self.facing,
            fallback: self.fallback,
        }
    }

    /// # Safety
    /// `hold` points to `hold_len` readable ids.
    unsafe fn options(&self) -> Result<CogMapOptions, Fault> {
        // SAFETY: passed on to the caller.
        let hold = unsafe { slice_of(self.hold, self.hold_len, "hold", MAX_HELD) }?;
        let scale = match self.scale {
            GNOMON_SCALE_FIXED => Scale::Fixed(self.cell_m),
            GNOMON_SCALE_HOLDING => Scale::Holding(hold.iter().map(|&id| ObjectId(id)).collect()),
            other => return Err(Fault::argument(format!("scale is {other}, expected one of GNOMON_SCALE_*"))),
        };
        let max_path_age_m = (self.max_path_age_m > 0.0).then_some(self.max_path_age_m);
        Ok(CogMapOptions { scale, beyond_m: self.beyond_m, max_path_age_m })
    }
}

fn footprint_of(corners: &[[f64; 2]]) -> *const f64 {
    if corners.is_empty() { std::ptr::null() } else { corners.as_ptr().cast() }
}

impl gnomon_cell {
    fn of(cell: &MapCell, touching: &[u64]) -> Self {
        let [low_m, high_m] = cell.height_m.unwrap_or_default();
        Self {
            state: match cell.state {
                CellState::Unknown => GNOMON_CELL_UNKNOWN,
                CellState::Free => GNOMON_CELL_FREE,
                CellState::Occupied => GNOMON_CELL_OCCUPIED,
            },
            has_height: u32::from(cell.height_m.is_some()),
            low_m,
            high_m,
            last_seen_ns: cell.last_seen_ns.unwrap_or(i64::MIN),
            objects: if touching.is_empty() { std::ptr::null() } else { touching.as_ptr() },
            objects_len: touching.len(),
        }
    }
}

impl gnomon_map_object {
    fn of(object: &MapObject) -> Self {
        Self {
            id: object.thing.id.0,
            name: gnomon_str::of(&object.thing.name),
            label: gnomon_str::of(&object.thing.label),
            grid: object.grid,
            sigma: object.sigma,
            footprint: footprint_of(&object.footprint),
            corners: object.footprint.len(),
        }
    }
}

impl gnomon_map_beyond {
    fn of(beyond: &Beyond) -> Self {
        Self {
            id: beyond.thing.id.0,
            name: gnomon_str::of(&beyond.thing.name),
            label: gnomon_str::of(&beyond.thing.label),
            bearing_deg: beyond.bearing_deg,
            distance_m: beyond.distance_m,
            footprint: footprint_of(&beyond.footprint),
            corners: beyond.footprint.len(),
        }
    }
}

/// Fills in the defaults of a map's options; never writes past size. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_cogmap_options_init(options: *mut gnomon_cogmap_options, size: usize) {
    // SAFETY: the caller's pointer and size.
    unsafe { growth::init(options, size) }
}

/// Fills in empty facts; never writes past size. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_cogmap_facts_init(facts: *mut gnomon_cogmap_facts, size: usize) {
    // SAFETY: the caller's pointer and size.
    unsafe { growth::init(facts, size) }
}

/// Makes the map of what the snapshot knows round the observer. options may be NULL: the newest camera, cells of 0.5 m.
/// GNOMON_E_STATE for an id that the snapshot does not have. Free it with gnomon_cogmap_free.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_cogmap_observer(
    snapshot: *const gnomon_snapshot,
    options: *const gnomon_cogmap_options,
    out: *mut *mut gnomon_cogmap,
) -> gnomon_status {
    guard("gnomon_cogmap_observer", |call| {
        // SAFETY: the caller's place.
        unsafe { empty_place(out, "map") }?;
        // SAFETY: the caller's handle.
        let snapshot = &unsafe { call.handle(snapshot) }?.snapshot;
        let asked = match options.is_null() {
            true => gnomon_cogmap_options::defaults(),
            // SAFETY: the caller's options.
            false => unsafe { growth::read(options) }?,
        };
        asked.check()?;
        // SAFETY: the caller's ids, borrowed for this call.
        let options = unsafe { asked.options() }?;
        let map = LocalCogMap::build(snapshot, &asked.observer().frame(snapshot)?, &options)?;
        let touching = map.cells().iter().map(|cell| cell.objects.iter().map(|id| id.0).collect()).collect();
        let handle = Box::new(gnomon_cogmap {
            poison: Poison::default(),
            map,
            touching,
            text: OnceLock::new(),
            json: OnceLock::new(),
            ascii: OnceLock::new(),
            svg: OnceLock::new(),
            png: OnceLock::new(),
        });
        // SAFETY: checked by empty_place.
        unsafe { out.write_unaligned(Box::into_raw(handle)) };
        DONE
    })
}

/// Frees a map and every view into it. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_cogmap_free(map: *mut gnomon_cogmap) {
    release(|| {
        if !map.is_null() {
            // SAFETY: came from this library, freed once, by the header's word.
            drop(unsafe { Box::from_raw(map) });
        }
    })
}

/// Writes the map's numbers to out, set up with GNOMON_INIT.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_cogmap_info(map: *const gnomon_cogmap, out: *mut gnomon_cogmap_facts) -> gnomon_status {
    guard("gnomon_cogmap_info", |call| {
        // SAFETY: the caller's handle.
        let map = &unsafe { call.handle(map) }?.map;
        // SAFETY: the caller's place, set up with GNOMON_INIT.
        let place = unsafe { growth::place(out) }?.ok_or_else(|| Fault::argument("place for the facts is NULL"))?;
        let facts = gnomon_cogmap_facts {
            stamp_ns: map.stamp_ns,
            cell_m: map.cell_m,
            origin: map.frame.origin(),
            heading_rad: map.frame.heading_rad(),
            objects: map.objects.len() as u64,
            beyond: map.beyond.len() as u64,
            is_fallback: u32::from(map.frame.is_fallback()),
            side: crate::cogmap::grid::GRID_SIDE as u32,
            ..gnomon_cogmap_facts::defaults()
        };
        // SAFETY: checked above.
        unsafe { place.write(&facts) };
        DONE
    })
}

/// The 100 cells; (i, j), i to the right and j ahead, is at 10 j + i. out, cell_size and n as in gnomon_snapshot_objects.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_cogmap_cells(
    map: *const gnomon_cogmap,
    out: *mut gnomon_cell,
    cell_size: usize,
    n: *mut usize,
) -> gnomon_status {
    guard("gnomon_cogmap_cells", |call| {
        // SAFETY: the caller's handle.
        let handle = unsafe { call.handle(map) }?;
        let cells = handle.map.cells().iter().zip(&handle.touching).map(|(cell, ids)| gnomon_cell::of(cell, ids));
        // SAFETY: the caller's room.
        unsafe { growth::fill(cells, out, cell_size, n) }?;
        DONE
    })
}

/// Things whose centre is in a cell, by ascending id. out, object_size and n as in gnomon_snapshot_objects.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_cogmap_objects(
    map: *const gnomon_cogmap,
    out: *mut gnomon_map_object,
    object_size: usize,
    n: *mut usize,
) -> gnomon_status {
    guard("gnomon_cogmap_objects", |call| {
        // SAFETY: the caller's handle.
        let handle = unsafe { call.handle(map) }?;
        // SAFETY: the caller's room.
        unsafe { growth::fill(handle.map.objects.iter().map(gnomon_map_object::of), out, object_size, n) }?;
        DONE
    })
}

/// Things whose centre is outside the cells, nearest first, at most 64. out, beyond_size and n as in
/// gnomon_snapshot_objects.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_cogmap_beyond(
    map: *const gnomon_cogmap,
    out: *mut gnomon_map_beyond,
    beyond_size: usize,
    n: *mut usize,
) -> gnomon_status {
    guard("gnomon_cogmap_beyond", |call| {
        // SAFETY: the caller's handle.
        let handle = unsafe { call.handle(map) }?;
        // SAFETY: the caller's room.
        unsafe { growth::fill(handle.map.beyond.iter().map(gnomon_map_beyond::of), out, beyond_size, n) }?;
        DONE
    })
}

/// The map as one line for a language model; lives as long as the map.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_cogmap_text(map: *const gnomon_cogmap, out: *mut gnomon_str) -> gnomon_status {
    guard("gnomon_cogmap_text", |call| {
        // SAFETY: the caller's handle and place.
        unsafe { view_of(call, map, out, |m| m.text.get_or_init(|| m.map.to_text())) }
    })
}

/// The whole map as JSON; lives as long as the map.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_cogmap_json(map: *const gnomon_cogmap, out: *mut gnomon_str) -> gnomon_status {
    guard("gnomon_cogmap_json", |call| {
        // SAFETY: the caller's handle and place.
        unsafe { view_of(call, map, out, |m| m.json.get_or_init(|| m.map.to_json().to_string())) }
    })
}

/// The map for a terminal, several lines; lives as long as the map.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_cogmap_ascii(map: *const gnomon_cogmap, out: *mut gnomon_str) -> gnomon_status {
    guard("gnomon_cogmap_ascii", |call| {
        // SAFETY: the caller's handle and place.
        unsafe { view_of(call, map, out, |m| m.ascii.get_or_init(|| m.map.to_ascii())) }
    })
}

/// The map as an SVG picture; lives as long as the map.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_cogmap_svg(map: *const gnomon_cogmap, out: *mut gnomon_str) -> gnomon_status {
    guard("gnomon_cogmap_svg", |call| {
        // SAFETY: the caller's handle and place.
        unsafe { view_of(call, map, out, |m| m.svg.get_or_init(|| m.map.to_svg())) }
    })
}

/// The map as the bytes of a PNG picture: *data and *len; lives as long as the map.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_cogmap_png(
    map: *const gnomon_cogmap,
    data: *mut *const u8,
    len: *mut usize,
) -> gnomon_status {
    guard("gnomon_cogmap_png", |call| {
        // SAFETY: the caller's handle.
        let handle = unsafe { call.handle(map) }?;
        if data.is_null() || len.is_null() {
            return Err(Fault::argument("place for the picture or its length is NULL"));
        }
        let png = match handle.png.get() {
            Some(png) => png,
            None => {
                let made = handle.map.to_png()?;
                handle.png.get_or_init(|| made) // another thread may have been first: the same bytes
            }
        };
        // SAFETY: not NULL, writable by the header's word.
        unsafe {
            data.write_unaligned(png.as_ptr());
            len.write_unaligned(png.len());
        }
        DONE
    })
}
