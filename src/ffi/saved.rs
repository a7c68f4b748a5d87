//! Scenes as files: what readers see, and what the readers of a chain were told.

use super::chain::{gnomon_chain, gnomon_chain_options, read_chain_options};
use super::guard::{DONE, guard};
use super::scene::empty_place;
use super::snapshot::{gnomon_snapshot, hand_out};
use super::status::*;
use super::text::{MAX_NAME_BYTES, gnomon_str};
use crate::graph::ToldScene;
use crate::keep::{load_scene, load_snapshot, save_scene};
use std::path::Path;

/// The caller's path of a file, not empty.
///
/// # Safety
/// As [`gnomon_str::read`].
pub(super) unsafe fn read_file_path<'a>(path: &gnomon_str) -> Result<&'a Path, Fault> {
    // SAFETY: passed on to the caller.
    match unsafe { path.read("path", MAX_NAME_BYTES) }? {
        "" => Err(Fault::argument("path is empty, expected that of a file")),
        path => Ok(Path::new(path)),
    }
}

/// Saves the snapshot as scene.json, packed where path ends with .zst. The file is there whole and synced when the call
/// returns; whatever happens before, what was there stays as it was. chain may be NULL; otherwise what its readers were
/// told is saved too, for gnomon_chain_load (GNOMON_E_BUSY while the chain is updated). *file_bytes becomes the size of
/// the file; it may be NULL. GNOMON_E_STATE: another saves that file just now.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_snapshot_save(
    snapshot: *const gnomon_snapshot,
    chain: *const gnomon_chain,
    path: gnomon_str,
    file_bytes: *mut u64,
) -> gnomon_status {
    guard("gnomon_snapshot_save", |call| {
        // SAFETY: the caller's text, borrowed for this call.
        let path = unsafe { read_file_path(&path) }?;
        let published = match chain.is_null() {
            true => None,
            // SAFETY: the caller's handle.
            false => Some(unsafe { call.handle(chain) }?.told()?),
        };
        // SAFETY: the caller's handle; asked for last, so that it is the one a panic makes unusable.
        let snapshot = unsafe { call.handle(snapshot) }?.snapshot.clone();
        let saved = save_scene(path, &ToldScene { snapshot, published })?;
        log::debug!("scene saved: {} bytes of text, {} in the file", saved.text_bytes, saved.file_bytes);
        if !file_bytes.is_null() {
            // SAFETY: not NULL, writable by the header's word.
            unsafe { file_bytes.write_unaligned(saved.file_bytes as u64) };
        }
        DONE
    })
}

/// Reads a saved scene, packed or not, at most 256 MiB of text. It is what readers saw: everything may be asked of it, and
/// frames cannot go on from it (gnomon_replay makes a scene that can). A file that is missing, cut, altered, larger, of a
/// newer version or not what a scene can be is refused with a sentence that begins with its path. Free the snapshot with
/// gnomon_snapshot_free.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_snapshot_load(path: gnomon_str, out: *mut *mut gnomon_snapshot) -> gnomon_status {
    guard("gnomon_snapshot_load", |_| {
        // SAFETY: the caller's place.
        unsafe { empty_place(out, "snapshot") }?;
        // SAFETY: the caller's text, borrowed for this call.
        let snapshot = load_snapshot(unsafe { read_file_path(&path) }?)?;
        // SAFETY: checked by empty_place.
        unsafe { hand_out(snapshot, out) };
        DONE
    })
}

/// Makes the chain that was saved with a scene, with the lines it had: updates go on from there, and what did not change
/// keeps its bytes. options may be NULL: all defaults; its bounds are not looked at, the file has those that were used.
/// GNOMON_E_STATE where nobody was told anything when the scene was saved. Free it with gnomon_chain_free.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_chain_load(
    path: gnomon_str,
    options: *const gnomon_chain_options,
    out: *mut *mut gnomon_chain,
) -> gnomon_status {
    guard("gnomon_chain_load", |_| {
        // SAFETY: the caller's place.
        unsafe { empty_place(out, "chain") }?;
        // SAFETY: the caller's text, borrowed for this call.
        let path = unsafe { read_file_path(&path) }?;
        // SAFETY: the caller's options.
        let asked = unsafe { read_chain_options(options) }?;
        asked.check()?;
        let list = load_scene(path)?.published.ok_or_else(|| {
            Fault::new(GNOMON_E_STATE, format!("{} was saved without what readers were told", path.display()))
        })?;
        let chain = Box::new(gnomon_chain::continuing(&asked, list)?);
        // SAFETY: checked by empty_place.
        unsafe { out.write_unaligned(Box::into_raw(chain)) };
        DONE
    })
}
