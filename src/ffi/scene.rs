//! The writer's handle.
//!
//! Calls that change the scene take its lock or answer GNOMON_E_BUSY at once; calls that read go to the newest published
//! snapshot, kept beside that lock, so they never wait for a frame.

use super::frame::{gnomon_detection, gnomon_frame, read_detections, read_frame, read_pose};
use super::growth::{self, Headed, growing};
use super::guard::{Call, DONE, Handle, Poison, guard, release};
use super::options::{gnomon_scene_options, read_options};
use super::snapshot::{gnomon_snapshot, hand_out};
use super::status::*;
use super::text::gnomon_str;
use crate::keep::Recorder;
use crate::scene::{FrameReport, SnapshotReader};
use parking_lot::{Mutex, MutexGuard};
use std::time::Duration;

/// The most poses in one gnomon_scene_update_poses.
const MAX_KEYFRAMES: usize = 1 << 20;

/// The map of things, for one writer. Any thread, one at a time (GNOMON_E_BUSY); const calls at any time.
pub struct gnomon_scene {
    poison: Poison,
    writer: Mutex<Recorder>,
    published: SnapshotReader,
}

impl Handle for gnomon_scene {
    const NAME: &'static str = "scene";
    fn poison(&self) -> &Poison {
        &self.poison
    }
}

/// What became of one frame. Set up with GNOMON_INIT.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_frame_report {
    /// Set by GNOMON_INIT.
    pub struct_size: u32,
    /// Set by GNOMON_INIT.
    pub abi_version: u32,
    /// Number of the frame in this scene, from 0.
    pub frame: u64,
    /// The keyframe this frame became, or -1.
    pub keyframe: i64,
    /// 0 while GNOMON_UP_AUTO has not found the floor: the frame was looked at and set aside. Else 1.
    pub up_known: u32,
    /// Pixels with depth.
    pub depth_pixels: u32,
    /// Detections that came in, or were proposed from geometry.
    pub detections: u32,
    /// Of these, how many had depth enough to become a box.
    pub lifted: u32,
    /// Of these, how many were recognised as a thing already known.
    pub associated: u32,
    /// How many began a new thing, not yet published.
    pub begun: u32,
    /// Things that became believed.
    pub born: u32,
    /// Things found again elsewhere.
    pub moved: u32,
    /// Things that turned out to be one with another.
    pub merged: u32,
    /// Things removed because their place was empty.
    pub removed: u32,
}

growing! {
    gnomon_frame_report 64;
    gnomon_keyframe_pose 136;
    gnomon_stage_time 24;
}

// SAFETY: struct_size and abi_version come first.
unsafe impl Headed for gnomon_frame_report {
    fn defaults() -> Self {
        Self::of(&FrameReport::default())
    }
}

impl gnomon_frame_report {
    pub(super) fn of(report: &FrameReport) -> Self {
        Self {
            struct_size: 0,
            abi_version: 0,
            frame: report.frame,
            keyframe: report.keyframe.map_or(-1, i64::from),
            up_known: u32::from(report.up_known),
            depth_pixels: report.depth_pixels,
            detections: report.detections,
            lifted: report.lifted,
            associated: report.associated,
            begun: report.begun,
            born: report.born,
            moved: report.moved,
            merged: report.merged,
            removed: report.removed,
        }
    }
}

/// A keyframe's corrected pose. Set to zero before use; its size is an argument.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_keyframe_pose {
    /// The keyframe's number.
    pub id: u32,
    /// 0.
    pub reserved: u32,
    /// Camera to the input's world; 4 x 4, row by row.
    pub world_from_camera: [f64; 16],
}

/// How long one stage of a scene took with the newest frame. Its size is an argument.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_stage_time {
    /// register, perceive, lift, associate, fuse, doubt or publish. Lives as long as the library.
    pub name: gnomon_str,
    /// Seconds; 0 before the first frame.
    pub time_s: f64,
}

impl gnomon_scene {
    pub(super) fn write(&self) -> Result<MutexGuard<'_, Recorder>, Fault> {
        self.writer
            .try_lock()
            .ok_or_else(|| Fault::new(GNOMON_E_BUSY, "another call that changes this scene is running"))
    }
}

/// Writes a new handle to `out`.
///
/// # Safety
/// `out` is writable.
pub(super) unsafe fn hand_out_scene(scene: Recorder, out: *mut *mut gnomon_scene) {
    let published = scene.scene().reader();
    let handle = Box::new(gnomon_scene { poison: Poison::default(), writer: Mutex::new(scene), published });
    // SAFETY: passed on to the caller.
    unsafe { out.write_unaligned(Box::into_raw(handle)) };
}

/// The handle to write to, once it is neither NULL nor unusable.
pub(super) unsafe fn writable<'h>(call: &mut Call<'h>, scene: *mut gnomon_scene) -> Result<&'h gnomon_scene, Fault> {
    // SAFETY: passed on to the caller.
    unsafe { call.handle(scene.cast_const()) }
}

/// Checks a place for a handle and empties it, so that a failed call leaves NULL.
pub(super) unsafe fn empty_place<T>(out: *mut *mut T, what: &str) -> Result<(), Fault> {
    if out.is_null() {
        return Err(Fault::argument(format!("place for the {what} is NULL")));
    }
    // SAFETY: not NULL, writable by the header's word.
    unsafe { out.write_unaligned(std::ptr::null_mut()) };
    Ok(())
}

/// Fills in an empty report; never writes past size. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_frame_report_init(report: *mut gnomon_frame_report, size: usize) {
    // SAFETY: the caller's pointer and size.
    unsafe { growth::init(report, size) }
}

/// Makes an empty scene. options may be NULL: all defaults. Free it with gnomon_scene_free.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_scene_new(
    options: *const gnomon_scene_options,
    out: *mut *mut gnomon_scene,
) -> gnomon_status {
    guard("gnomon_scene_new", |_| {
        // SAFETY: the caller's place.
        unsafe { empty_place(out, "scene") }?;
        // SAFETY: the caller's options.
        let scene = Recorder::new(unsafe { read_options(options) }?, &[])?;
        // SAFETY: checked by empty_place.
        unsafe { hand_out_scene(scene, out) };
        DONE
    })
}

/// Frees a scene; its snapshots live on. No other call on it may be running. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_scene_free(scene: *mut gnomon_scene) {
    release(|| {
        if !scene.is_null() {
            // SAFETY: came from gnomon_scene_new, freed once, by the header's word.
            drop(unsafe { Box::from_raw(scene) });
        }
    })
}

/// Takes in one frame and what a detector found in it: n detections (at most 4096) of detection_size bytes each. On
/// failure the scene is as it was. report may be NULL. What is new is seen by readers after gnomon_scene_publish.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_scene_integrate(
    scene: *mut gnomon_scene,
    frame: *const gnomon_frame,
    detections: *const gnomon_detection,
    detection_size: usize,
    n: usize,
    report: *mut gnomon_frame_report,
) -> gnomon_status {
    guard("gnomon_scene_integrate", |call| {
        // SAFETY: the caller's handle.
        let scene = unsafe { writable(call, scene) }?;
        // SAFETY: the caller's place, set up with GNOMON_INIT.
        let place = unsafe { growth::place(report) }?;
        // SAFETY: the caller's frame, borrowed for this call.
        let frame = unsafe { read_frame(frame) }?;
        // SAFETY: the caller's detections, borrowed for this call.
        let detections = unsafe { read_detections(detections, detection_size, n) }?;
        let mut writer = scene.write()?;
        let done = writer.integrate(&frame, &detections)?;
        log::debug!(
            "frame {}: {} of {} detections lifted, {} known, {} born, {} removed",
            done.frame,
            done.lifted,
            done.detections,
            done.associated,
            done.born,
            done.removed
        );
        if let Some(place) = place {
            // SAFETY: checked above.
            unsafe { place.write(&gnomon_frame_report::of(&done)) };
        }
        DONE
    })
}

/// How long each stage of the scene took with the newest frame, and with the newest publication: a diagnosis. out,
/// time_size and n as in gnomon_snapshot_objects. GNOMON_E_BUSY while a call that changes the scene runs.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_scene_stage_times(
    scene: *mut gnomon_scene,
    out: *mut gnomon_stage_time,
    time_size: usize,
    n: *mut usize,
) -> gnomon_status {
    guard("gnomon_scene_stage_times", |call| {
        // SAFETY: the caller's handle.
        let times = unsafe { writable(call, scene) }?.write()?.scene().stage_times();
        let told = |(name, time): (&'static str, Duration)| gnomon_stage_time {
            name: gnomon_str::of(name),
            time_s: time.as_secs_f64(),
        };
        // SAFETY: the caller's room.
        unsafe { growth::fill(times.stages().into_iter().map(told), out, time_size, n) }?;
        DONE
    })
}

/// Makes what is believed now visible to readers. With out, also hands out the snapshot: free it with
/// gnomon_snapshot_free. out may be NULL.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_scene_publish(
    scene: *mut gnomon_scene,
    out: *mut *mut gnomon_snapshot,
) -> gnomon_status {
    guard("gnomon_scene_publish", |call| {
        if !out.is_null() {
            // SAFETY: the caller's place.
            unsafe { empty_place(out, "snapshot") }?;
        }
        // SAFETY: the caller's handle.
        let scene = unsafe { writable(call, scene) }?;
        let mut writer = scene.write()?;
        let snapshot = writer.publish();
        if !out.is_null() {
            // SAFETY: checked above.
            unsafe { hand_out(snapshot, out) };
        }
        DONE
    })
}

/// Hands out the newest published snapshot (an empty one before the first). Any thread, any number at a time: this is how
/// readers follow a writer, and neither waits for the other's frame or answer. Free it with gnomon_snapshot_free.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_scene_snapshot(
    scene: *const gnomon_scene,
    out: *mut *mut gnomon_snapshot,
) -> gnomon_status {
    guard("gnomon_scene_snapshot", |call| {
        // SAFETY: the caller's place.
        unsafe { empty_place(out, "snapshot") }?;
        // SAFETY: the caller's handle.
        let scene = unsafe { call.handle(scene) }?;
        let snapshot = scene.published.latest();
        // SAFETY: checked by empty_place.
        unsafe { hand_out(snapshot, out) };
        DONE
    })
}

/// Moves keyframes, and with them what hangs on them, to n corrected poses (at most 1048576) of pose_size bytes each.
/// On failure the scene is as it was.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_scene_update_poses(
    scene: *mut gnomon_scene,
    poses: *const gnomon_keyframe_pose,
    pose_size: usize,
    n: usize,
) -> gnomon_status {
    guard("gnomon_scene_update_poses", |call| {
        // SAFETY: the caller's handle.
        let scene = unsafe { writable(call, scene) }?;
        let zero = gnomon_keyframe_pose { id: 0, reserved: 0, world_from_camera: [0.0; 16] };
        // SAFETY: the caller's array, borrowed for this call.
        let raw = unsafe { growth::read_array(poses, pose_size, n, MAX_KEYFRAMES, zero) }?;
        let one = |(i, raw): (usize, &gnomon_keyframe_pose)| {
            if raw.reserved != 0 {
                return Err(Fault::argument(format!("reserved of pose {i} is {}, expected 0", raw.reserved)));
            }
            Ok((raw.id, read_pose(&raw.world_from_camera, &format!("pose {i}"))?))
        };
        let corrected = raw.iter().enumerate().map(one).collect::<Result<Vec<_>, _>>()?;
        let mut writer = scene.write()?;
        writer.update_poses(&corrected)?;
        DONE
    })
}

const _: () = {
    const fn any_thread<T: Send + Sync>() {}
    any_thread::<gnomon_scene>();
    any_thread::<gnomon_snapshot>();
};
