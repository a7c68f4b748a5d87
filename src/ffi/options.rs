//! What a scene may be told before its first frame.

use super::growth::{self, Headed, growing};
use super::status::*;
use super::text::{MAX_NAME_BYTES, gnomon_str, slice_of};
use crate::frame::Up;
use crate::scene::{DepthNoise, ObjectSource, PoseNoise, SceneOptions};

/// The most movable labels.
const MAX_LABELS: usize = 4096;

/// What a scene may be told. Set up with GNOMON_INIT, which fills in the defaults.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_scene_options {
    /// Set by GNOMON_INIT.
    pub struct_size: u32,
    /// Set by GNOMON_INIT.
    pub abi_version: u32,
    /// Which way is up in the input's world: GNOMON_UP_*.
    pub up: i32,
    /// Where things come from: GNOMON_SOURCE_*.
    pub source: i32,
    /// The up direction with GNOMON_UP_VECTOR, any length but 0; else not looked at.
    pub up_vector: [f64; 3],
    /// Standard deviation of depth is base + growth * (z - nearest)^2: metres.
    pub depth_noise_base_m: f64,
    /// Growth of the standard deviation of depth, 1/m.
    pub depth_noise_per_m2: f64,
    /// Where the growth begins, metres.
    pub depth_noise_nearest_m: f64,
    /// Independent error of every pose: translation per axis, metres.
    pub pose_noise_translation_m: f64,
    /// Independent error of every pose: rotation per axis, radians.
    pub pose_noise_rotation_rad: f64,
    /// Error growing with the path: metres per metre. 0 for poses of a map.
    pub drift_per_m: f64,
    /// Error growing with the path: heading, radians per metre. 0 for poses of a map.
    pub heading_drift_rad_per_m: f64,
    /// Labels of what moves by itself; borrowed for the call. Default: "person".
    pub movable_labels: *const gnomon_str,
    /// How many, at most 4096.
    pub movable_labels_len: usize,
    /// How long a movable thing is believed without being seen, nanoseconds.
    pub movable_memory_ns: i64,
    /// How long a thing that left its place may be found again elsewhere, nanoseconds.
    pub relocate_within_ns: i64,
    /// Largest relative difference of sizes of a thing found again elsewhere.
    pub relocate_size_ratio: f64,
    /// A new keyframe after the camera moved this far, metres.
    pub keyframe_distance_m: f64,
    /// A new keyframe after the camera turned this far, radians.
    pub keyframe_angle_rad: f64,
    /// Path after which evidence from drifting poses is dropped for newer, metres; used only with drift.
    pub drift_memory_m: f64,
    /// Frames that must see a thing before it is published.
    pub confirm_after: u32,
    /// Frames that must see its place empty before it is removed.
    pub remove_after: u32,
    /// Frames that must see a thing found by geometry alone before it is published.
    pub confirm_proposed_after: u32,
    /// 0.
    pub reserved: u32,
}

struct StaticLabels([gnomon_str; 1]);
// SAFETY: views of static texts, never written.
unsafe impl Sync for StaticLabels {}
static MOVABLE: StaticLabels = StaticLabels([gnomon_str::of("person")]);

growing! {
    gnomon_scene_options 176;
}

// SAFETY: struct_size and abi_version come first.
unsafe impl Headed for gnomon_scene_options {
    fn defaults() -> Self {
        let ours = SceneOptions::default();
        Self {
            struct_size: 0,
            abi_version: 0,
            up: GNOMON_UP_Z,
            source: GNOMON_SOURCE_DETECTIONS,
            up_vector: [0.0, 0.0, 1.0],
            depth_noise_base_m: ours.depth_noise.base_m,
            depth_noise_per_m2: ours.depth_noise.per_m2,
            depth_noise_nearest_m: ours.depth_noise.nearest_m,
            pose_noise_translation_m: ours.pose_noise.translation_m,
            pose_noise_rotation_rad: ours.pose_noise.rotation_rad,
            drift_per_m: ours.pose_noise.drift_per_m,
            heading_drift_rad_per_m: ours.pose_noise.heading_drift_rad_per_m,
            movable_labels: MOVABLE.0.as_ptr(),
            movable_labels_len: MOVABLE.0.len(),
            movable_memory_ns: ours.movable_memory_ns,
            relocate_within_ns: ours.relocate_within_ns,
            relocate_size_ratio: ours.relocate_size_ratio,
            keyframe_distance_m: ours.keyframe_distance_m,
            keyframe_angle_rad: ours.keyframe_angle_rad,
            drift_memory_m: ours.drift_memory_m,
            confirm_after: ours.confirm_after,
            remove_after: ours.remove_after,
            confirm_proposed_after: ours.confirm_proposed_after,
            reserved: 0,
        }
    }
}

/// Fills in the defaults of a scene's options; never writes past size. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_scene_options_init(options: *mut gnomon_scene_options, size: usize) {
    // SAFETY: the caller's pointer and size.
    unsafe { growth::init(options, size) }
}

/// The code of an up axis.
pub(super) fn up_code(up: Up) -> i32 {
    match up {
        Up::X => GNOMON_UP_X,
        Up::Y => GNOMON_UP_Y,
        Up::Z => GNOMON_UP_Z,
        Up::NegX => GNOMON_UP_NEG_X,
        Up::NegY => GNOMON_UP_NEG_Y,
        Up::NegZ => GNOMON_UP_NEG_Z,
        Up::Vector(_) => GNOMON_UP_VECTOR,
        Up::Auto => GNOMON_UP_AUTO,
    }
}

fn up_of(code: i32, vector: [f64; 3]) -> Result<Up, Fault> {
    Ok(match code {
        GNOMON_UP_X => Up::X,
        GNOMON_UP_Y => Up::Y,
        GNOMON_UP_Z => Up::Z,
        GNOMON_UP_NEG_X => Up::NegX,
        GNOMON_UP_NEG_Y => Up::NegY,
        GNOMON_UP_NEG_Z => Up::NegZ,
        GNOMON_UP_VECTOR => Up::Vector(vector),
        GNOMON_UP_AUTO => Up::Auto,
        other => return Err(Fault::argument(format!("up is {other}, expected one of GNOMON_UP_*"))),
    })
}

/// The caller's options, checked; NULL means all defaults.
///
/// # Safety
/// `options` is NULL or points to options whose labels are readable.
pub(super) unsafe fn read_options(options: *const gnomon_scene_options) -> Result<SceneOptions, Fault> {
    if options.is_null() {
        return Ok(SceneOptions::default());
    }
    // SAFETY: passed on to the caller.
    let raw = unsafe { growth::read(options) }?;
    if raw.reserved != 0 {
        return Err(Fault::argument(format!("reserved is {}, expected 0", raw.reserved)));
    }
    let source = match raw.source {
        GNOMON_SOURCE_DETECTIONS => ObjectSource::Detections,
        GNOMON_SOURCE_GEOMETRY => ObjectSource::Geometry,
        other => return Err(Fault::argument(format!("source is {other}, expected one of GNOMON_SOURCE_*"))),
    };
    // SAFETY: passed on to the caller.
    let labels = unsafe { slice_of(raw.movable_labels, raw.movable_labels_len, "movable_labels", MAX_LABELS) }?;
    // SAFETY: passed on to the caller.
    let label = |label: &gnomon_str| unsafe { label.read("movable label", MAX_NAME_BYTES) }.map(str::to_string);
    let options = SceneOptions {
        up: up_of(raw.up, raw.up_vector)?,
        source,
        depth_noise: DepthNoise {
            base_m: raw.depth_noise_base_m,
            per_m2: raw.depth_noise_per_m2,
            nearest_m: raw.depth_noise_nearest_m,
        },
        pose_noise: PoseNoise {
            translation_m: raw.pose_noise_translation_m,
            rotation_rad: raw.pose_noise_rotation_rad,
            drift_per_m: raw.drift_per_m,
            heading_drift_rad_per_m: raw.heading_drift_rad_per_m,
        },
        movable_labels: labels.iter().map(label).collect::<Result<_, _>>()?,
        movable_memory_ns: raw.movable_memory_ns,
        confirm_after: raw.confirm_after,
        remove_after: raw.remove_after,
        confirm_proposed_after: raw.confirm_proposed_after,
        relocate_within_ns: raw.relocate_within_ns,
        relocate_size_ratio: raw.relocate_size_ratio,
        keyframe_distance_m: raw.keyframe_distance_m,
        keyframe_angle_rad: raw.keyframe_angle_rad,
        drift_memory_m: raw.drift_memory_m,
    };
    options.check()?;
    Ok(options)
}
