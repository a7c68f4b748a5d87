//! What a scene may be told before its first frame. Every threshold that decides something has its name here.

use crate::error::{Error, Result};
use crate::frame::{DepthNoise, Up};

/// Where things come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ObjectSource {
    /// From the detections that come with each frame.
    #[default]
    Detections,
    /// From geometry alone: planes are found and taken away, the rest is clustered. Detections are refused.
    Geometry,
}

/// How far the caller's poses may be off.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PoseNoise {
    /// Independent from frame to frame: translation per axis, metres.
    pub translation_m: f64,
    /// Independent from frame to frame: rotation per axis, radians.
    pub rotation_rad: f64,
    /// Growing with the path: translation per metre walked. 0 for poses of a map.
    pub drift_per_m: f64,
    /// Growing with the path: heading, radians per metre walked. 0 for poses of a map.
    pub heading_drift_rad_per_m: f64,
}

impl Default for PoseNoise {
    fn default() -> Self {
        Self { translation_m: 0.005, rotation_rad: 0.2f64.to_radians(), drift_per_m: 0.0, heading_drift_rad_per_m: 0.0 }
    }
}

/// What a scene may be told.
#[derive(Debug, Clone, PartialEq)]
pub struct SceneOptions {
    /// Which way is up in the input's world.
    pub up: Up,
    /// Where things come from.
    pub source: ObjectSource,
    /// How good the depth is.
    pub depth_noise: DepthNoise,
    /// How good the poses are.
    pub pose_noise: PoseNoise,
    /// Labels of what moves by itself: doubted sooner, forgotten after [`Self::movable_memory_ns`] unseen.
    pub movable_labels: Vec<String>,
    /// How long a movable thing is believed without being seen.
    pub movable_memory_ns: i64,
    /// Frames that must see a thing before it is published.
    pub confirm_after: u32,
    /// Frames that must see a thing found by geometry alone before it is published: pieces come and go.
    pub confirm_proposed_after: u32,
    /// Frames that must see its place empty before it is removed.
    pub remove_after: u32,
    /// How long a thing that left its place may be found again elsewhere.
    pub relocate_within_ns: i64,
    /// Largest relative difference of sizes of a thing found again elsewhere.
    pub relocate_size_ratio: f64,
    /// A new keyframe after the camera moved this far, metres.
    pub keyframe_distance_m: f64,
    /// A new keyframe after the camera turned this far, radians.
    pub keyframe_angle_rad: f64,
    /// Path after which evidence from drifting poses is dropped for newer; used only with drift.
    pub drift_memory_m: f64,
}

impl Default for SceneOptions {
    fn default() -> Self {
        Self {
            up: Up::Z,
            source: ObjectSource::Detections,
            depth_noise: DepthNoise::default(),
            pose_noise: PoseNoise::default(),
            movable_labels: vec!["person".into()],
            movable_memory_ns: 2_000_000_000,
            confirm_after: 3,
            confirm_proposed_after: 6,
            remove_after: 4,
            relocate_within_ns: 60_000_000_000,
            relocate_size_ratio: 0.2,
            keyframe_distance_m: 0.3,
            keyframe_angle_rad: 15f64.to_radians(),
            drift_memory_m: 3.0,
        }
    }
}

impl SceneOptions {
    /// Refuses numbers that cannot be meant.
    pub fn check(&self) -> Result<()> {
        self.up.rotation()?;
        let at_least_zero = [
            ("depth_noise.base_m", self.depth_noise.base_m),
            ("depth_noise.per_m2", self.depth_noise.per_m2),
            ("depth_noise.nearest_m", self.depth_noise.nearest_m),
            ("pose_noise.translation_m", self.pose_noise.translation_m),
            ("pose_noise.rotation_rad", self.pose_noise.rotation_rad),
            ("pose_noise.drift_per_m", self.pose_noise.drift_per_m),
            ("pose_noise.heading_drift_rad_per_m", self.pose_noise.heading_drift_rad_per_m),
            ("relocate_size_ratio", self.relocate_size_ratio),
            ("keyframe_distance_m", self.keyframe_distance_m),
            ("keyframe_angle_rad", self.keyframe_angle_rad),
            ("drift_memory_m", self.drift_memory_m),
        ];
        for (name, value) in at_least_zero {
            if !(0.0..=1000.0).contains(&value) {
                return Err(Error::argument(format!("{name} is {value}, expected 0 to 1000")));
            }
        }
        let frames = [
            ("confirm_after", self.confirm_after),
            ("confirm_proposed_after", self.confirm_proposed_after),
            ("remove_after", self.remove_after),
        ];
        for (name, value) in frames {
            if !(1..=1000).contains(&value) {
                return Err(Error::argument(format!("{name} is {value} frames, expected 1 to 1000")));
            }
        }
        for (name, value) in
            [("movable_memory_ns", self.movable_memory_ns), ("relocate_within_ns", self.relocate_within_ns)]
        {
            if value < 0 {
                return Err(Error::argument(format!("{name} is {value}, expected 0 or more")));
            }
        }
        if self.movable_labels.iter().any(|label| label.is_empty() || label.len() > crate::lift::MAX_LABEL_BYTES) {
            return Err(Error::argument("a movable label is empty or longer than 65536 bytes"));
        }
        Ok(())
    }
}
