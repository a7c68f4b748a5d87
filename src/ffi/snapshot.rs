//! What readers hold, and everything that is asked of it.
//!
//! Texts and features handed out are views into the snapshot's own, so they live exactly as long as its handle.

use super::growth::{self, Headed, growing};
use super::guard::{DONE, Handle, Poison, guard, release};
use super::options::up_code;
use super::scene::empty_place;
use super::shapes::{gnomon_box, gnomon_point, rows_of};
use super::status::*;
use super::text::{MAX_NAME_BYTES, gnomon_str};
use super::text_handle::view_of;
use crate::frame::Up;
use crate::scene::{Event, EventKind, Keyframe, LabelShare, Object, ObjectId, ObjectState};
use crate::scene::{Snapshot, Support, SupportKind, scene_to_json};
use std::sync::{Arc, OnceLock};

/// The scene at one moment: never changes, needs no lock. Any thread, any number at a time. Outlives its scene.
pub struct gnomon_snapshot {
    poison: Poison,
    pub(super) snapshot: Snapshot,
    json: OnceLock<String>,
}

impl Handle for gnomon_snapshot {
    const NAME: &'static str = "snapshot";
    fn poison(&self) -> &Poison {
        &self.poison
    }
}

/// Writes a new handle to `out`.
///
/// # Safety
/// `out` is writable.
pub(super) unsafe fn hand_out(snapshot: Snapshot, out: *mut *mut gnomon_snapshot) {
    let handle = Box::new(gnomon_snapshot { poison: Poison::default(), snapshot, json: OnceLock::new() });
    // SAFETY: passed on to the caller.
    unsafe { out.write_unaligned(Box::into_raw(handle)) };
}

/// A snapshot in numbers. Set up with GNOMON_INIT.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_scene_info {
    /// Set by GNOMON_INIT.
    pub struct_size: u32,
    /// Set by GNOMON_INIT.
    pub abi_version: u32,
    /// Stamp of the newest frame taken in; INT64_MIN before the first.
    pub stamp_ns: i64,
    /// Frames taken in so far.
    pub frames: u64,
    /// How many things are believed to be there.
    pub objects: u64,
    /// How many floors, walls and table tops.
    pub supports: u64,
    /// How many kept frames.
    pub keyframes: u64,
    /// How many events are remembered, at most 1024.
    pub events: u64,
    /// Sequence number that the next event will have.
    pub next_event: u64,
    /// The up axis asked for: GNOMON_UP_*.
    pub up: i32,
    /// 1 when a floor was seen, else 0.
    pub has_floor: u32,
    /// Height of the largest floor, metres; 0 without one.
    pub floor_height_m: f64,
    /// The up direction asked for with GNOMON_UP_VECTOR, else 0.
    pub up_vector: [f64; 3],
    /// The input's world to gnomon's (Z up); 4 x 4, row by row.
    pub world_from_input: [f64; 16],
    /// Pose of the camera that took the newest frame, in gnomon's world; 4 x 4, row by row.
    pub world_from_camera: [f64; 16],
    /// Length of the path walked so far, metres.
    pub path_m: f64,
}

/// One physical thing, as believed at the snapshot's moment, in gnomon's world (metres, Z up).
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_object {
    /// Its id, never used again for another.
    pub id: u64,
    /// The most probable label; lives as long as the snapshot.
    pub label: gnomon_str,
    /// "label#k": the k-th thing that was given this label; lives as long as the snapshot.
    pub name: gnomon_str,
    /// Where it is and how large.
    pub obb: gnomon_box,
    /// Counter-clockwise angle about +Z from world +X to the box's x, radians.
    pub yaw_rad: f64,
    /// Covariance of the centre, m^2: xx, xy, xz, yy, yz, zz.
    pub centre_cov_m2: [f64; 6],
    /// Standard deviation of l, w, h, metres.
    pub size_sigma_m: [f64; 3],
    /// Standard deviation of the yaw, radians.
    pub yaw_sigma_rad: f64,
    /// Probability that it is there, 0 to 1.
    pub existence: f64,
    /// GNOMON_OBJECT_*.
    pub state: i32,
    /// 1 when part of it has always been cut off by the image border, so that it may be larger; else 0.
    pub truncated: u32,
    /// Stamp of the first frame that saw it.
    pub first_seen_ns: i64,
    /// Stamp of the newest frame that saw it.
    pub last_seen_ns: i64,
    /// How many frames saw it.
    pub observations: u32,
    /// How many labels have evidence: gnomon_snapshot_labels.
    pub labels: u32,
    /// Path the camera had walked when it was last seen, metres.
    pub last_seen_path_m: f64,
    /// The detector's feature of its best view, or NULL; lives as long as the snapshot.
    pub feature: *const f32,
    /// Numbers in feature.
    pub feature_len: usize,
}

/// One label and the share of the evidence that speaks for it.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_label {
    /// As detections gave it; lives as long as the snapshot.
    pub label: gnomon_str,
    /// 0 to 1; the shares of an object add up to 1.
    pub probability: f64,
}

/// A floor, wall or table top: the plane normal . p = offset_m, in gnomon's world.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_support {
    /// Its id: gnomon_snapshot_polygon.
    pub id: u32,
    /// GNOMON_SUPPORT_*.
    pub kind: i32,
    /// Unit normal, towards the side it was seen from.
    pub normal: [f64; 3],
    /// Distance of the plane from the world's origin along the normal, metres.
    pub offset_m: f64,
    /// Standard deviation of the offset, metres.
    pub sigma_m: f64,
    /// Area seen, m^2.
    pub area_m2: f64,
    /// Corners of its outline.
    pub corners: u64,
}

/// A kept frame.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_keyframe {
    /// Its number, from 0.
    pub id: u32,
    /// Which camera took it.
    pub camera_id: u32,
    /// When it was taken.
    pub stamp_ns: i64,
    /// Path walked until it, metres.
    pub path_m: f64,
    /// Its pose in gnomon's world; 4 x 4, row by row.
    pub world_from_camera: [f64; 16],
}

/// Something that happened to one thing. What its kind does not have is 0.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_event {
    /// Rises by one from event to event, never used again.
    pub sequence: u64,
    /// Stamp of the frame in which it happened.
    pub stamp_ns: i64,
    /// Id of the thing.
    pub object: u64,
    /// _MERGED: id of the thing that lives on.
    pub into: u64,
    /// GNOMON_EVENT_*.
    pub kind: i32,
    /// _REMOVED: how many frames saw its place empty; 0 when something else was seen to stand there.
    pub frames_seen_empty: u32,
    /// _REMOVED: points of it that the last of these frames looked at without obstruction.
    pub points_in_view: u32,
    /// _REMOVED: how many of those had nothing there.
    pub points_empty: u32,
    /// _REMOVED: stamp of the last frame that had seen it there.
    pub last_seen_ns: i64,
    /// _MOVED, _REMOVED: where it was.
    pub from: gnomon_point,
    /// _MOVED: where it is.
    pub to: gnomon_point,
}

growing! {
    gnomon_scene_info 368;
    gnomon_object 272;
    gnomon_label 24;
    gnomon_support 64;
    gnomon_keyframe 152;
    gnomon_event 104;
}

// SAFETY: struct_size and abi_version come first.
unsafe impl Headed for gnomon_scene_info {
    fn defaults() -> Self {
        Self {
            struct_size: 0,
            abi_version: 0,
            stamp_ns: 0,
            frames: 0,
            objects: 0,
            supports: 0,
            keyframes: 0,
            events: 0,
            next_event: 0,
            up: 0,
            has_floor: 0,
            floor_height_m: 0.0,
            up_vector: [0.0; 3],
            world_from_input: [0.0; 16],
            world_from_camera: [0.0; 16],
            path_m: 0.0,
        }
    }
}

impl gnomon_scene_info {
    fn of(snapshot: &Snapshot) -> Self {
        let floor = snapshot.floor_height_m();
        let up_vector = if let Up::Vector(v) = snapshot.up() { v } else { [0.0; 3] };
        Self {
            stamp_ns: snapshot.stamp_ns(),
            frames: snapshot.frames(),
            objects: snapshot.len() as u64,
            supports: snapshot.supports().len() as u64,
            keyframes: snapshot.keyframes().count() as u64,
            events: snapshot.events().len() as u64,
            next_event: snapshot.events().last().map_or(0, |newest| newest.sequence + 1),
            up: up_code(snapshot.up()),
            has_floor: u32::from(floor.is_some()),
            floor_height_m: floor.unwrap_or(0.0),
            up_vector,
            world_from_input: rows_of(&snapshot.world_from_input()),
            world_from_camera: rows_of(&snapshot.world_from_camera()),
            path_m: snapshot.path_m(),
            ..Self::defaults()
        }
    }
}

impl gnomon_object {
    /// Views into `object`, which the snapshot shares.
    fn of(object: &Object) -> Self {
        let feature = object.feature.as_deref().unwrap_or_default();
        Self {
            id: object.id.0,
            label: gnomon_str::of(&object.label),
            name: gnomon_str::of(&object.name),
            obb: gnomon_box::of(&object.obb),
            yaw_rad: object.obb.yaw_rad(),
            centre_cov_m2: object.centre_cov_m2,
            size_sigma_m: object.size_sigma_m,
            yaw_sigma_rad: object.yaw_sigma_rad,
            existence: object.existence,
            state: match object.state {
                ObjectState::Confirmed => GNOMON_OBJECT_CONFIRMED,
                ObjectState::Doubted => GNOMON_OBJECT_DOUBTED,
            },
            truncated: u32::from(object.truncated),
            first_seen_ns: object.first_seen_ns,
            last_seen_ns: object.last_seen_ns,
            observations: object.observations,
            labels: object.labels.len().try_into().unwrap_or(u32::MAX),
            last_seen_path_m: object.last_seen_path_m,
            feature: if feature.is_empty() { std::ptr::null() } else { feature.as_ptr() },
            feature_len: feature.len(),
        }
    }
}

impl gnomon_label {
    fn of(share: &LabelShare) -> Self {
        Self { label: gnomon_str::of(&share.label), probability: f64::from(share.probability) }
    }
}

impl gnomon_support {
    fn of(support: &Support) -> Self {
        Self {
            id: support.id.0,
            kind: match support.kind {
                SupportKind::Floor => GNOMON_SUPPORT_FLOOR,
                SupportKind::Wall => GNOMON_SUPPORT_WALL,
                SupportKind::Table => GNOMON_SUPPORT_TABLE,
            },
            normal: support.normal.into(),
            offset_m: support.offset_m,
            sigma_m: support.sigma_m,
            area_m2: support.area_m2,
            corners: support.polygon.len() as u64,
        }
    }
}

impl gnomon_keyframe {
    fn of(keyframe: &Keyframe) -> Self {
        Self {
            id: keyframe.id,
            camera_id: keyframe.camera_id,
            stamp_ns: keyframe.stamp_ns,
            path_m: keyframe.path_m,
            world_from_camera: rows_of(&keyframe.world_from_camera),
        }
    }
}

impl gnomon_event {
    fn of(event: &Event) -> Self {
        let nowhere = gnomon_point { x: 0.0, y: 0.0, z: 0.0 };
        let bare = Self {
            sequence: event.sequence,
            stamp_ns: event.stamp_ns,
            object: event.object.0,
            into: 0,
            kind: GNOMON_EVENT_BORN,
            frames_seen_empty: 0,
            points_in_view: 0,
            points_empty: 0,
            last_seen_ns: 0,
            from: nowhere,
            to: nowhere,
        };
        match &event.kind {
            EventKind::Born => bare,
            EventKind::Moved { from, to } => {
                Self { kind: GNOMON_EVENT_MOVED, from: gnomon_point::of(from), to: gnomon_point::of(to), ..bare }
            }
            EventKind::Merged { into } => Self { kind: GNOMON_EVENT_MERGED, into: into.0, ..bare },
            EventKind::Removed(receipt) => Self {
                kind: GNOMON_EVENT_REMOVED,
                from: gnomon_point::of(&receipt.place),
                frames_seen_empty: receipt.frames_seen_empty,
                points_in_view: receipt.points_in_view,
                points_empty: receipt.points_empty,
                last_seen_ns: receipt.last_seen_ns,
                ..bare
            },
        }
    }
}

/// Fills in an empty info; never writes past size. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_scene_info_init(info: *mut gnomon_scene_info, size: usize) {
    // SAFETY: the caller's pointer and size.
    unsafe { growth::init(info, size) }
}

/// Frees a snapshot and every view into it. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_snapshot_free(snapshot: *mut gnomon_snapshot) {
    release(|| {
        if !snapshot.is_null() {
            // SAFETY: came from this library, freed once, by the header's word.
            drop(unsafe { Box::from_raw(snapshot) });
        }
    })
}

/// Hands out another handle to the same moment, to be freed on its own. Shares, copies nothing.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_snapshot_clone(
    snapshot: *const gnomon_snapshot,
    out: *mut *mut gnomon_snapshot,
) -> gnomon_status {
    guard("gnomon_snapshot_clone", |call| {
        // SAFETY: the caller's place.
        unsafe { empty_place(out, "snapshot") }?;
        // SAFETY: the caller's handle.
        let handle = unsafe { call.handle(snapshot) }?;
        // SAFETY: checked by empty_place.
        unsafe { hand_out(handle.snapshot.clone(), out) };
        DONE
    })
}

/// Writes the snapshot's numbers to out, set up with GNOMON_INIT.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_snapshot_info(
    snapshot: *const gnomon_snapshot,
    out: *mut gnomon_scene_info,
) -> gnomon_status {
    guard("gnomon_snapshot_info", |call| {
        // SAFETY: the caller's handle.
        let handle = unsafe { call.handle(snapshot) }?;
        // SAFETY: the caller's place, set up with GNOMON_INIT.
        let place = unsafe { growth::place(out) }?.ok_or_else(|| Fault::argument("place for the info is NULL"))?;
        // SAFETY: checked above.
        unsafe { place.write(&gnomon_scene_info::of(&handle.snapshot)) };
        DONE
    })
}

/// Every thing, by ascending id. With out NULL: *n becomes their number. Else *n is the room in out, of object_size
/// bytes each, and becomes their number; too little room is GNOMON_E_ARGUMENT and nothing is written.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_snapshot_objects(
    snapshot: *const gnomon_snapshot,
    out: *mut gnomon_object,
    object_size: usize,
    n: *mut usize,
) -> gnomon_status {
    guard("gnomon_snapshot_objects", |call| {
        // SAFETY: the caller's handle.
        let handle = unsafe { call.handle(snapshot) }?;
        let objects: Vec<&Arc<Object>> = handle.snapshot.objects().collect();
        // SAFETY: the caller's room.
        unsafe { growth::fill(objects.into_iter().map(|o| gnomon_object::of(o)), out, object_size, n) }?;
        DONE
    })
}

fn known(snapshot: &Snapshot, id: u64) -> Result<&Arc<Object>, Fault> {
    snapshot
        .object(ObjectId(id))
        .ok_or_else(|| Fault::new(GNOMON_E_STATE, format!("this snapshot has no object with id {id}")))
}

/// The thing with this id, written to out of object_size bytes. GNOMON_E_STATE when the snapshot has none.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_snapshot_object(
    snapshot: *const gnomon_snapshot,
    id: u64,
    out: *mut gnomon_object,
    object_size: usize,
) -> gnomon_status {
    guard("gnomon_snapshot_object", |call| {
        // SAFETY: the caller's handle.
        let handle = unsafe { call.handle(snapshot) }?;
        let object = known(&handle.snapshot, id)?;
        // SAFETY: the caller's room.
        unsafe { growth::write_one(&gnomon_object::of(object), out, object_size) }?;
        DONE
    })
}

/// The thing with this name ("chair#2"), at most 64 KiB, written to out of object_size bytes. GNOMON_E_STATE when the
/// snapshot has none.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_snapshot_object_named(
    snapshot: *const gnomon_snapshot,
    name: gnomon_str,
    out: *mut gnomon_object,
    object_size: usize,
) -> gnomon_status {
    guard("gnomon_snapshot_object_named", |call| {
        // SAFETY: the caller's handle.
        let handle = unsafe { call.handle(snapshot) }?;
        // SAFETY: the caller's text, borrowed for this call.
        let name = unsafe { name.read("name", MAX_NAME_BYTES) }?;
        let object = handle
            .snapshot
            .object_named(name)
            .ok_or_else(|| Fault::new(GNOMON_E_STATE, format!("this snapshot has no object named {name:?}")))?;
        // SAFETY: the caller's room.
        unsafe { growth::write_one(&gnomon_object::of(object), out, object_size) }?;
        DONE
    })
}

/// Every label of one thing, most probable first. out, label_size and n as in gnomon_snapshot_objects.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_snapshot_labels(
    snapshot: *const gnomon_snapshot,
    id: u64,
    out: *mut gnomon_label,
    label_size: usize,
    n: *mut usize,
) -> gnomon_status {
    guard("gnomon_snapshot_labels", |call| {
        // SAFETY: the caller's handle.
        let handle = unsafe { call.handle(snapshot) }?;
        let labels = &known(&handle.snapshot, id)?.labels;
        // SAFETY: the caller's room.
        unsafe { growth::fill(labels.iter().map(gnomon_label::of), out, label_size, n) }?;
        DONE
    })
}

/// Floors, walls and table tops, by ascending id. out, support_size and n as in gnomon_snapshot_objects.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_snapshot_supports(
    snapshot: *const gnomon_snapshot,
    out: *mut gnomon_support,
    support_size: usize,
    n: *mut usize,
) -> gnomon_status {
    guard("gnomon_snapshot_supports", |call| {
        // SAFETY: the caller's handle.
        let handle = unsafe { call.handle(snapshot) }?;
        let supports = handle.snapshot.supports();
        // SAFETY: the caller's room.
        unsafe { growth::fill(supports.iter().map(|s| gnomon_support::of(s)), out, support_size, n) }?;
        DONE
    })
}

/// Outline of one support, counter-clockwise seen from its normal's side. out, point_size and n as in
/// gnomon_snapshot_objects. GNOMON_E_STATE when the snapshot has no such support.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_snapshot_polygon(
    snapshot: *const gnomon_snapshot,
    support_id: u32,
    out: *mut gnomon_point,
    point_size: usize,
    n: *mut usize,
) -> gnomon_status {
    guard("gnomon_snapshot_polygon", |call| {
        // SAFETY: the caller's handle.
        let handle = unsafe { call.handle(snapshot) }?;
        let support =
            handle.snapshot.supports().iter().find(|s| s.id.0 == support_id).ok_or_else(|| {
                Fault::new(GNOMON_E_STATE, format!("this snapshot has no support with id {support_id}"))
            })?;
        // SAFETY: the caller's room.
        unsafe { growth::fill(support.polygon.iter().map(gnomon_point::of), out, point_size, n) }?;
        DONE
    })
}

/// Kept frames, oldest first. out, keyframe_size and n as in gnomon_snapshot_objects.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_snapshot_keyframes(
    snapshot: *const gnomon_snapshot,
    out: *mut gnomon_keyframe,
    keyframe_size: usize,
    n: *mut usize,
) -> gnomon_status {
    guard("gnomon_snapshot_keyframes", |call| {
        // SAFETY: the caller's handle.
        let handle = unsafe { call.handle(snapshot) }?;
        let keyframes: Vec<&Keyframe> = handle.snapshot.keyframes().collect();
        // SAFETY: the caller's room.
        unsafe { growth::fill(keyframes.into_iter().map(gnomon_keyframe::of), out, keyframe_size, n) }?;
        DONE
    })
}

/// Events with sequence number since and later, oldest first; gnomon_scene_info.next_event tells where to go on. out,
/// event_size and n as in gnomon_snapshot_objects.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_snapshot_events(
    snapshot: *const gnomon_snapshot,
    since: u64,
    out: *mut gnomon_event,
    event_size: usize,
    n: *mut usize,
) -> gnomon_status {
    guard("gnomon_snapshot_events", |call| {
        // SAFETY: the caller's handle.
        let handle = unsafe { call.handle(snapshot) }?;
        let events = handle.snapshot.events();
        let first = events.partition_point(|event| event.sequence < since);
        // SAFETY: the caller's room.
        unsafe { growth::fill(events[first..].iter().map(gnomon_event::of), out, event_size, n) }?;
        DONE
    })
}

/// The whole snapshot as the text of a scene.json, written when first asked for; lives as long as the snapshot.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_snapshot_json(snapshot: *const gnomon_snapshot, out: *mut gnomon_str) -> gnomon_status {
    guard("gnomon_snapshot_json", |call| {
        // SAFETY: the caller's handle and place.
        unsafe { view_of(call, snapshot, out, |h| h.json.get_or_init(|| scene_to_json(&h.snapshot))) }
    })
}
