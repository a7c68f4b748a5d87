//! What a scene is given, written to a file, and a scene made of such a file.

use super::growth::{self, Headed, growing};
use super::guard::{DONE, guard};
use super::saved::read_file_path;
use super::scene::{empty_place, gnomon_scene, hand_out_scene, writable};
use super::status::*;
use super::text::gnomon_str;
use super::text_handle::{gnomon_text, hand_out_text};
use crate::error::Error;
use crate::keep::{Recorder, Replay, Replayed, Tail};
use std::fs::File;
use std::io::BufReader;

/// How a recording stands. Set up with GNOMON_INIT.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_recording_facts {
    /// Set by GNOMON_INIT.
    pub struct_size: u32,
    /// Set by GNOMON_INIT.
    pub abi_version: u32,
    /// Bytes written; 0 where there never was a recording.
    pub bytes: u64,
    /// Records written.
    pub records: u64,
    /// 1 while what is done goes into it, else 0.
    pub is_open: u32,
    /// 1 when it ended before it was asked to: full, or the file could not be written. Else 0.
    pub has_failed: u32,
}

/// What a replay made. Set up with GNOMON_INIT.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_replay_facts {
    /// Set by GNOMON_INIT.
    pub struct_size: u32,
    /// Set by GNOMON_INIT.
    pub abi_version: u32,
    /// Frames replayed, those refused included.
    pub frames: u64,
    /// How the recording ended: GNOMON_TAIL_*.
    pub tail: i32,
    /// 1 when something was decided otherwise than when it was recorded; else 0.
    pub differs: u32,
    /// GNOMON_TAIL_CUT: how many bytes were whole; else 0.
    pub whole_bytes: u64,
}

growing! {
    gnomon_recording_facts 32;
    gnomon_replay_facts 32;
}

// SAFETY: struct_size and abi_version come first.
unsafe impl Headed for gnomon_recording_facts {
    fn defaults() -> Self {
        Self { struct_size: 0, abi_version: 0, bytes: 0, records: 0, is_open: 0, has_failed: 0 }
    }
}

// SAFETY: struct_size and abi_version come first.
unsafe impl Headed for gnomon_replay_facts {
    fn defaults() -> Self {
        Self { struct_size: 0, abi_version: 0, frames: 0, tail: GNOMON_TAIL_WHOLE, differs: 0, whole_bytes: 0 }
    }
}

impl gnomon_recording_facts {
    fn of(scene: &Recorder) -> Self {
        let recording = scene.recording();
        Self {
            bytes: recording.bytes,
            records: recording.records,
            is_open: u32::from(scene.is_recording()),
            has_failed: u32::from(recording.ended.is_some()),
            ..Self::defaults()
        }
    }
}

impl gnomon_replay_facts {
    fn of(replayed: &Replayed) -> Self {
        let (tail, whole_bytes) = match replayed.tail {
            Tail::Whole => (GNOMON_TAIL_WHOLE, 0),
            Tail::Full => (GNOMON_TAIL_FULL, 0),
            Tail::Cut { whole_bytes, .. } => (GNOMON_TAIL_CUT, whole_bytes),
        };
        let differs = u32::from(replayed.differs.is_some());
        Self { frames: replayed.frames, tail, differs, whole_bytes, ..Self::defaults() }
    }
}

/// Records from here on what the scene is given and what it decides, into the file at path, which is made anew, and into
/// at most most_bytes of it. Before the first frame, once (else GNOMON_E_STATE). A frame is written before it is taken in.
/// Whatever becomes of the file later, the scene goes on: gnomon_scene_recording tells. What is recorded is depth, poses,
/// detections, edits, and when it was published; no colours.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_scene_record(
    scene: *mut gnomon_scene,
    path: gnomon_str,
    most_bytes: u64,
) -> gnomon_status {
    guard("gnomon_scene_record", |call| {
        // SAFETY: the caller's handle.
        let scene = unsafe { writable(call, scene) }?;
        // SAFETY: the caller's text, borrowed for this call.
        let path = unsafe { read_file_path(&path) }?;
        let mut writer = scene.write()?;
        writer.check_may_record()?; // before a file of that name is emptied
        let failed = |error| Error::io(format!("{} cannot be written: {error}", path.display()));
        let file = File::create(path).map_err(failed)?;
        writer.record_into(Box::new(file), most_bytes).map_err(|error| error.within(path.display()))?;
        DONE
    })
}

/// Fills in empty facts; never writes past size. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_recording_facts_init(facts: *mut gnomon_recording_facts, size: usize) {
    // SAFETY: the caller's pointer and size.
    unsafe { growth::init(facts, size) }
}

/// Writes how the scene's recording stands to facts, set up with GNOMON_INIT, and hands out why it ended before it was
/// asked to, or an empty text; why may be NULL. Free the text with gnomon_text_free. GNOMON_E_BUSY
/// while a call that changes the scene runs.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_scene_recording(
    scene: *mut gnomon_scene,
    facts: *mut gnomon_recording_facts,
    why: *mut *mut gnomon_text,
) -> gnomon_status {
    guard("gnomon_scene_recording", |call| {
        if !why.is_null() {
            // SAFETY: the caller's place.
            unsafe { empty_place(why, "text") }?;
        }
        // SAFETY: the caller's handle.
        let scene = unsafe { writable(call, scene) }?;
        // SAFETY: the caller's place, set up with GNOMON_INIT.
        let place = unsafe { growth::place(facts) }?;
        let place = place.ok_or_else(|| Fault::argument("place for the facts is NULL"))?;
        let writer = scene.write()?;
        // SAFETY: checked above.
        unsafe { place.write(&gnomon_recording_facts::of(&writer)) };
        if !why.is_null() {
            let ended = writer.recording().ended.as_ref().map(ToString::to_string);
            // SAFETY: the caller's place.
            unsafe { hand_out_text(why, || Ok(ended.unwrap_or_default())) }?;
        }
        DONE
    })
}

/// Ends the recording with a digest of what was published last; the scene goes on without it. A scene that is freed
/// without this leaves a recording that lacks its end, and can be replayed all the same. GNOMON_E_STATE where there was
/// none; GNOMON_E_IO where it had ended before, with the reason.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_scene_record_end(scene: *mut gnomon_scene) -> gnomon_status {
    guard("gnomon_scene_record_end", |call| {
        // SAFETY: the caller's handle.
        let scene = unsafe { writable(call, scene) }?;
        scene.write()?.end_recording()?;
        DONE
    })
}

/// Fills in empty facts; never writes past size. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_replay_facts_init(facts: *mut gnomon_replay_facts, size: usize) {
    // SAFETY: the caller's pointer and size.
    unsafe { growth::init(facts, size) }
}

/// Makes the scene of a recording again, byte for byte with the version that recorded; frames may go on from there. What
/// is cut or broken at its end is left out, and facts say so, as they say when something is decided otherwise now. facts
/// may be NULL, and words too: a text that says the same, a line each. What is no recording, or of another version, is
/// refused. Free the scene with gnomon_scene_free, the text with gnomon_text_free.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_replay(
    path: gnomon_str,
    facts: *mut gnomon_replay_facts,
    words: *mut *mut gnomon_text,
    out: *mut *mut gnomon_scene,
) -> gnomon_status {
    guard("gnomon_replay", |_| {
        // SAFETY: the caller's place.
        unsafe { empty_place(out, "scene") }?;
        if !words.is_null() {
            // SAFETY: the caller's place.
            unsafe { empty_place(words, "text") }?;
        }
        // SAFETY: the caller's place, set up with GNOMON_INIT.
        let place = unsafe { growth::place(facts) }?;
        // SAFETY: the caller's text, borrowed for this call.
        let path = unsafe { read_file_path(&path) }?;
        let file =
            File::open(path).map_err(|error| Error::io(format!("{} cannot be read: {error}", path.display())))?;
        let replayed = Replay::open(BufReader::new(file)).and_then(Replay::finish_with_scene);
        let (replayed, scene) = replayed.map_err(|error| error.within(path.display()))?;
        if let Some(place) = place {
            // SAFETY: checked above.
            unsafe { place.write(&gnomon_replay_facts::of(&replayed)) };
        }
        if !words.is_null() {
            // SAFETY: the caller's place.
            unsafe { hand_out_text(words, || Ok(replayed.words())) }?;
        }
        // SAFETY: checked by empty_place.
        unsafe { hand_out_scene(scene, out) };
        DONE
    })
}
