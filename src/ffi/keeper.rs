//! The frames worth keeping of those that come one after another.
//!
//! Offers take turns or answer GNOMON_E_BUSY at once; the points of a frame are taken before what readers ask is locked,
//! so reading waits for an exchange of voxels at most.

use super::frame::{gnomon_frame, read_frame};
use super::growth::{self, Headed, growing};
use super::guard::{Call, DONE, Handle, Poison, guard, release};
use super::scene::empty_place;
use super::shapes::gnomon_box;
use super::status::*;
use super::text::slice_of;
use crate::select::{KeepOptions, Keeper, Kept, MAX_SAMPLES, PointSampler, Swap};
use parking_lot::{Mutex, RwLock};

/// Keeps exactly so many frames of all that it is offered, those that together see the most. Any thread, one offer at a
/// time (GNOMON_E_BUSY); const calls at any time. Depends on no other handle.
pub struct gnomon_keeper {
    poison: Poison,
    offering: Mutex<PointSampler>,
    keeper: RwLock<Keeper>,
}

impl Handle for gnomon_keeper {
    const NAME: &'static str = "keeper";
    fn poison(&self) -> &Poison {
        &self.poison
    }
}

const _: () = {
    const fn any_thread<T: Send + Sync>() {}
    any_thread::<gnomon_keeper>();
};

/// How frames are kept. Set up with GNOMON_INIT, which fills in the defaults.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_keeper_options {
    /// Set by GNOMON_INIT.
    pub struct_size: u32,
    /// Set by GNOMON_INIT.
    pub abi_version: u32,
    /// How many frames are kept, 1 to 1048576. Default 16.
    pub count: u64,
    /// How many exchanges the log holds, at most 1048576; older ones leave a count. Default 256.
    pub log: u64,
    /// The edge of a voxel, 0.001 to 100 metres. Default 0.1.
    pub edge_m: f64,
}

/// A keeper in numbers. Set up with GNOMON_INIT.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_keeper_facts {
    /// Set by GNOMON_INIT.
    pub struct_size: u32,
    /// Set by GNOMON_INIT.
    pub abi_version: u32,
    /// Frames offered so far.
    pub offered: u64,
    /// Frames kept.
    pub kept: u64,
    /// Voxels that they see together.
    pub covered: u64,
    /// Exchanges in the log.
    pub logged: u64,
    /// Exchanges that fell out of it.
    pub forgotten: u64,
}

/// What became of a frame that was offered.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_swap {
    /// The frame.
    pub frame: u64,
    /// Voxels that it added when it came; 0 when it is not kept.
    pub gain: u64,
    /// With .has_gone: the frame that went for it.
    pub gone: u64,
    /// Voxels that went with that one, which no kept frame sees now.
    pub loss: u64,
    /// 1: it is kept. 0: it is not.
    pub is_kept: u32,
    /// 1: another went for it. 0: there was room, or it is not kept.
    pub has_gone: u32,
}

/// A frame that is kept.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_kept {
    /// The number it was offered under.
    pub frame: u64,
    /// Voxels that it sees.
    pub voxels: u64,
    /// Of these, voxels that no other kept frame sees.
    pub alone: u64,
}

/// A kept frame that sees something of a box.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_sight {
    /// The number it was offered under.
    pub frame: u64,
    /// Voxels of the box that it sees.
    pub voxels: u64,
}

growing! {
    gnomon_keeper_options 32;
    gnomon_keeper_facts 48;
    gnomon_swap 40;
    gnomon_kept 24;
    gnomon_sight 16;
}

// SAFETY: struct_size and abi_version come first.
unsafe impl Headed for gnomon_keeper_options {
    fn defaults() -> Self {
        let KeepOptions { count, edge_m, log } = KeepOptions::default();
        Self { struct_size: 0, abi_version: 0, count: count as u64, log: log as u64, edge_m }
    }
}

// SAFETY: struct_size and abi_version come first.
unsafe impl Headed for gnomon_keeper_facts {
    fn defaults() -> Self {
        Self { struct_size: 0, abi_version: 0, offered: 0, kept: 0, covered: 0, logged: 0, forgotten: 0 }
    }
}

impl gnomon_swap {
    fn of(swap: &Swap) -> Self {
        let (gone, loss) = swap.instead_of.unwrap_or((0, 0));
        Self {
            frame: swap.frame,
            gain: swap.gain as u64,
            gone,
            loss: loss as u64,
            is_kept: 1,
            has_gone: u32::from(swap.instead_of.is_some()),
        }
    }

    fn not_kept(frame: u64) -> Self {
        Self { frame, gain: 0, gone: 0, loss: 0, is_kept: 0, has_gone: 0 }
    }
}

impl gnomon_kept {
    fn of(kept: &Kept) -> Self {
        Self { frame: kept.frame, voxels: kept.voxels() as u64, alone: kept.alone as u64 }
    }
}

/// Fills in the defaults of a keeper's options; never writes past size. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_keeper_options_init(options: *mut gnomon_keeper_options, size: usize) {
    // SAFETY: the caller's pointer and size.
    unsafe { growth::init(options, size) }
}

/// Fills in empty facts; never writes past size. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_keeper_facts_init(facts: *mut gnomon_keeper_facts, size: usize) {
    // SAFETY: the caller's pointer and size.
    unsafe { growth::init(facts, size) }
}

/// Makes a keeper of nothing. options may be NULL: all defaults. Free it with gnomon_keeper_free.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_keeper_new(
    options: *const gnomon_keeper_options,
    out: *mut *mut gnomon_keeper,
) -> gnomon_status {
    guard("gnomon_keeper_new", |_| {
        // SAFETY: the caller's place.
        unsafe { empty_place(out, "keeper") }?;
        let asked = match options.is_null() {
            true => gnomon_keeper_options::defaults(),
            // SAFETY: the caller's options.
            false => unsafe { growth::read(options) }?,
        };
        let most = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let options = KeepOptions { count: most(asked.count), edge_m: asked.edge_m, log: most(asked.log) };
        let keeper = RwLock::new(Keeper::new(options)?);
        let handle = Box::new(gnomon_keeper { poison: Poison::default(), offering: Mutex::default(), keeper });
        // SAFETY: checked by empty_place.
        unsafe { out.write_unaligned(Box::into_raw(handle)) };
        DONE
    })
}

/// Frees a keeper; no other call on it may be running. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_keeper_free(keeper: *mut gnomon_keeper) {
    release(|| {
        if !keeper.is_null() {
            // SAFETY: came from gnomon_keeper_new, freed once, by the header's word.
            drop(unsafe { Box::from_raw(keeper) });
        }
    })
}

/// What both ways of offering do.
///
/// # Safety
/// `keeper` is NULL or alive, `out` is NULL or has room for `swap_size` bytes.
unsafe fn offer<'h>(
    call: &mut Call<'h>,
    keeper: *mut gnomon_keeper,
    number: u64,
    (out, swap_size): (*mut gnomon_swap, usize),
    points_of: impl FnOnce(&mut PointSampler) -> Result<Vec<[f64; 3]>, Fault>,
) -> Result<gnomon_status, Fault> {
    // SAFETY: passed on to the caller.
    let handle: &'h gnomon_keeper = unsafe { call.handle(keeper.cast_const()) }?;
    if !out.is_null() {
        growth::check_bytes::<gnomon_swap>(swap_size)?;
    }
    let mut sampler = handle
        .offering
        .try_lock()
        .ok_or_else(|| Fault::new(GNOMON_E_BUSY, "another call that changes this keeper is running"))?;
    let points = points_of(&mut sampler)?;
    let swap = handle.keeper.write().offer(number, &points)?;
    let told = swap.as_ref().map_or(gnomon_swap::not_kept(number), gnomon_swap::of);
    if !out.is_null() {
        // SAFETY: passed on to the caller.
        unsafe { growth::write_one(&told, out, swap_size) }?;
    }
    DONE
}

/// Offers a frame under a number, which rises from offer to offer: its depth at its pose, in the input's world. Writes what
/// became of it to out, of swap_size bytes; out may be NULL. A frame that goes is forgotten. On failure the keeper is as
/// it was.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_keeper_offer(
    keeper: *mut gnomon_keeper,
    number: u64,
    frame: *const gnomon_frame,
    out: *mut gnomon_swap,
    swap_size: usize,
) -> gnomon_status {
    guard("gnomon_keeper_offer", |call| {
        // SAFETY: the caller's handle and places; the caller's frame, borrowed for this call.
        unsafe { offer(call, keeper, number, (out, swap_size), |sampler| Ok(sampler.points(&read_frame(frame)?)?)) }
    })
}

/// As gnomon_keeper_offer, with the n points (at most 19200) that the frame sees: x, y, z of each, in one world for all,
/// metres. Those that are not finite are left out.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_keeper_offer_points(
    keeper: *mut gnomon_keeper,
    number: u64,
    points: *const f64,
    n: usize,
    out: *mut gnomon_swap,
    swap_size: usize,
) -> gnomon_status {
    guard("gnomon_keeper_offer_points", |call| {
        // SAFETY: the caller's points, borrowed for this call.
        let points: &[[f64; 3]] = unsafe { slice_of(points.cast(), n, "points", MAX_SAMPLES) }?;
        // SAFETY: the caller's handle and places.
        unsafe { offer(call, keeper, number, (out, swap_size), |_| Ok(points.to_vec())) }
    })
}

/// Writes the keeper's numbers to out, set up with GNOMON_INIT.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_keeper_info(
    keeper: *const gnomon_keeper,
    out: *mut gnomon_keeper_facts,
) -> gnomon_status {
    guard("gnomon_keeper_info", |call| {
        // SAFETY: the caller's handle.
        let handle = unsafe { call.handle(keeper) }?;
        // SAFETY: the caller's place, set up with GNOMON_INIT.
        let place = unsafe { growth::place(out) }?.ok_or_else(|| Fault::argument("place for the facts is NULL"))?;
        let keeper = handle.keeper.read();
        let facts = gnomon_keeper_facts {
            offered: keeper.offered(),
            kept: keeper.kept().len() as u64,
            covered: keeper.covered() as u64,
            logged: keeper.log().count() as u64,
            forgotten: keeper.forgotten(),
            ..gnomon_keeper_facts::defaults()
        };
        // SAFETY: checked above.
        unsafe { place.write(&facts) };
        DONE
    })
}

/// The kept frames, in the order in which they came. out, kept_size and n as in gnomon_snapshot_objects.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_keeper_kept(
    keeper: *const gnomon_keeper,
    out: *mut gnomon_kept,
    kept_size: usize,
    n: *mut usize,
) -> gnomon_status {
    guard("gnomon_keeper_kept", |call| {
        // SAFETY: the caller's handle.
        let keeper = unsafe { call.handle(keeper) }?.keeper.read();
        // SAFETY: the caller's room.
        unsafe { growth::fill(keeper.kept().iter().map(gnomon_kept::of), out, kept_size, n) }?;
        DONE
    })
}

/// The newest exchanges, oldest first. out, swap_size and n as in gnomon_snapshot_objects.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_keeper_log(
    keeper: *const gnomon_keeper,
    out: *mut gnomon_swap,
    swap_size: usize,
    n: *mut usize,
) -> gnomon_status {
    guard("gnomon_keeper_log", |call| {
        // SAFETY: the caller's handle.
        let swaps: Vec<_> = unsafe { call.handle(keeper) }?.keeper.read().log().map(gnomon_swap::of).collect();
        // SAFETY: the caller's room.
        unsafe { growth::fill(swaps.into_iter(), out, swap_size, n) }?;
        DONE
    })
}

/// The kept frames that see something of a box in the world of the offers, those that see most of it first, of equal ones
/// the newest. The box is taken half a voxel larger on every side. out, sight_size and n as in gnomon_snapshot_objects.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_keeper_seeing(
    keeper: *const gnomon_keeper,
    obb: *const gnomon_box,
    out: *mut gnomon_sight,
    sight_size: usize,
    n: *mut usize,
) -> gnomon_status {
    guard("gnomon_keeper_seeing", |call| {
        // SAFETY: the caller's handle.
        let handle = unsafe { call.handle(keeper) }?;
        if obb.is_null() {
            return Err(Fault::argument("box is NULL"));
        }
        // SAFETY: not NULL; read as bytes, so alignment does not matter.
        let obb = unsafe { obb.read_unaligned() }.read("box")?;
        let seeing = handle.keeper.read().seeing(&obb);
        let one = |(frame, voxels): (u64, usize)| gnomon_sight { frame, voxels: voxels as u64 };
        // SAFETY: the caller's room.
        unsafe { growth::fill(seeing.into_iter().map(one), out, sight_size, n) }?;
        DONE
    })
}
