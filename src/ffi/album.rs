//! The camera's pictures that are kept for questions to a scene and a model together.
//!
//! Calls that change an album take turns or answer GNOMON_E_BUSY at once. A question borrows it while pictures are chosen,
//! not while the model answers.

use super::frame::{gnomon_frame, read_frame, read_pose};
use super::growth::{self, Headed, growing};
use super::guard::{DONE, Handle, Poison, guard, release};
use super::scene::empty_place;
use super::status::*;
use crate::converse::{Album, AlbumOptions};
use parking_lot::{Mutex, MutexGuard, RwLock};

/// Keeps those pictures of all that it is offered that together see the most of the place, and the newest. Any thread, one
/// call that changes it at a time (GNOMON_E_BUSY); const calls at any time. Depends on no other handle.
pub struct gnomon_album {
    poison: Poison,
    changing: Mutex<()>,
    pub(super) album: RwLock<Album>,
}

impl Handle for gnomon_album {
    const NAME: &'static str = "album";
    fn poison(&self) -> &Poison {
        &self.poison
    }
}

const _: () = {
    const fn any_thread<T: Send + Sync>() {}
    any_thread::<gnomon_album>();
};

/// Which pictures are kept. Set up with GNOMON_INIT, which fills in the defaults.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_album_options {
    /// Set by GNOMON_INIT.
    pub struct_size: u32,
    /// Set by GNOMON_INIT.
    pub abi_version: u32,
    /// How many, the newest aside, 1 to 4096. Default 32.
    pub count: u64,
    /// A frame is looked at when the camera moved so far since the last that was looked at, metres, 0 or more. Default 0.1.
    pub least_shift_m: f64,
    /// Or turned so far, degrees, 0 to 180. Default 5.
    pub least_turn_deg: f64,
    /// Or stood so long, nanoseconds, 0 or more. Default one second.
    pub most_wait_ns: i64,
}

growing! {
    gnomon_album_options 40;
}

// SAFETY: struct_size and abi_version come first.
unsafe impl Headed for gnomon_album_options {
    fn defaults() -> Self {
        let AlbumOptions { count, least_shift_m, least_turn_deg, most_wait_ns } = AlbumOptions::default();
        Self { struct_size: 0, abi_version: 0, count: count as u64, least_shift_m, least_turn_deg, most_wait_ns }
    }
}

impl gnomon_album_options {
    fn read(&self) -> AlbumOptions {
        let Self { least_shift_m, least_turn_deg, most_wait_ns, .. } = *self;
        let count = usize::try_from(self.count).unwrap_or(usize::MAX);
        AlbumOptions { count, least_shift_m, least_turn_deg, most_wait_ns }
    }
}

impl gnomon_album {
    /// Held by the call that changes it.
    fn turn(&self) -> Result<MutexGuard<'_, ()>, Fault> {
        let busy = || Fault::new(GNOMON_E_BUSY, "another call that changes this album is running");
        self.changing.try_lock().ok_or_else(busy)
    }
}

/// Fills in the defaults of an album's options; never writes past size. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_album_options_init(options: *mut gnomon_album_options, size: usize) {
    // SAFETY: the caller's pointer and size.
    unsafe { growth::init(options, size) }
}

/// Makes an album of nothing. options may be NULL: all defaults. Free it with gnomon_album_free.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_album_new(
    options: *const gnomon_album_options,
    out: *mut *mut gnomon_album,
) -> gnomon_status {
    guard("gnomon_album_new", |_| {
        // SAFETY: the caller's place.
        unsafe { empty_place(out, "album") }?;
        let asked = match options.is_null() {
            true => gnomon_album_options::defaults(),
            // SAFETY: the caller's options.
            false => unsafe { growth::read(options) }?,
        };
        let album = RwLock::new(Album::new(asked.read())?);
        let handle = Box::new(gnomon_album { poison: Poison::default(), changing: Mutex::default(), album });
        // SAFETY: checked by empty_place.
        unsafe { out.write_unaligned(Box::into_raw(handle)) };
        DONE
    })
}

/// Frees an album; no other call on it may be running. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_album_free(album: *mut gnomon_album) {
    release(|| {
        if !album.is_null() {
            // SAFETY: came from gnomon_album_new, freed once, by the header's word.
            drop(unsafe { Box::from_raw(album) });
        }
    })
}

/// Offers a frame with a picture, under a number above those of all that are there: call it with every frame that the
/// scene takes in, its pose in the same world. *is_kept becomes 1 where the picture is there now, which copies it, else 0:
/// the camera stands where it stood. is_kept may be NULL. On failure the album is as it was.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_album_offer(
    album: *mut gnomon_album,
    number: u64,
    frame: *const gnomon_frame,
    is_kept: *mut u32,
) -> gnomon_status {
    guard("gnomon_album_offer", |call| {
        // SAFETY: the caller's handle.
        let handle = unsafe { call.handle(album.cast_const()) }?;
        // SAFETY: the caller's frame, borrowed for this call.
        let frame = unsafe { read_frame(frame) }?;
        let _turn = handle.turn()?;
        let kept = handle.album.write().offer(number, &frame)?;
        if !is_kept.is_null() {
            // SAFETY: not NULL, writable by the header's word.
            unsafe { is_kept.write_unaligned(kept.into()) };
        }
        DONE
    })
}

/// Corrects where the picture of this number was taken, as a closed loop tells it: camera to the input's world, 4 x 4, row
/// by row. *is_there becomes 1 where the album has the picture, else 0; is_there may be NULL.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_album_correct(
    album: *mut gnomon_album,
    number: u64,
    world_from_camera: *const f64,
    is_there: *mut u32,
) -> gnomon_status {
    guard("gnomon_album_correct", |call| {
        // SAFETY: the caller's handle.
        let handle = unsafe { call.handle(album.cast_const()) }?;
        if world_from_camera.is_null() {
            return Err(Fault::argument("world_from_camera is NULL"));
        }
        // SAFETY: not NULL, 16 readable numbers by the header's word; read as bytes, so alignment does not matter.
        let matrix = unsafe { world_from_camera.cast::<[f64; 16]>().read_unaligned() };
        let pose = read_pose(&matrix, "world_from_camera")?;
        let _turn = handle.turn()?;
        let there = handle.album.write().correct(number, pose);
        if !is_there.is_null() {
            // SAFETY: not NULL, writable by the header's word.
            unsafe { is_there.write_unaligned(there.into()) };
        }
        DONE
    })
}

/// Writes how many pictures there are to out.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_album_count(album: *const gnomon_album, out: *mut usize) -> gnomon_status {
    guard("gnomon_album_count", |call| {
        // SAFETY: the caller's handle.
        let handle = unsafe { call.handle(album) }?;
        if out.is_null() {
            return Err(Fault::argument("place for the number of pictures is NULL"));
        }
        let count = handle.album.read().len();
        // SAFETY: not NULL, writable by the header's word.
        unsafe { out.write_unaligned(count) };
        DONE
    })
}
