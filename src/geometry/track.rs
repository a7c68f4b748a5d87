//! What the windows say together: pictures with poses, cameras and depth in one gauge.

use super::Floor;
use crate::frame::{Intrinsics, Pose, rotation_to_z};
use crate::scale::ScaleEstimate;
use nalgebra::{Point3, Translation3, UnitVector3, Vector3};
use std::ops::Range;

/// How high a camera is over the floor where nothing tells, metres: between a small robot's and a head's.
const LIKELY_HEIGHT_M: f64 = 1.4;

/// How far the middle of what indoor pictures show is, where no floor is seen either, metres.
const LIKELY_DEPTH_M: f64 = 2.5;

/// How far a network's cameras are off, as a share of the middle depth.
pub(super) const PLACE_SIGMA: f64 = 0.01;

/// One picture of a track.
#[derive(Debug, Clone, PartialEq)]
pub struct TrackFrame {
    /// Its place among the pictures.
    pub picture: usize,
    /// Its camera.
    pub intrinsics: Intrinsics,
    /// Camera coordinates to the track's world; the translation is in the track's unit.
    pub world_from_camera: Pose,
    /// Depth along the optical axis, row-major at the size of the camera, the track's unit, 0 for "none".
    pub depth: Vec<f32>,
}

/// How a window was joined to those before it.
#[derive(Debug, Clone, PartialEq)]
pub struct Joint {
    /// The window's pictures.
    pub pictures: Range<usize>,
    /// How many of them it shares with those before.
    pub shared: usize,
    /// The track's unit over the window's: `KnownSize` and `CameraHeight` do not occur in it, `SensorPoints` are the shared
    /// pixels, `Odometry` the ways between shared cameras.
    pub scale: ScaleEstimate,
    /// How far a shared camera is turned at most from where it was, radians.
    pub rotation_rad: f64,
    /// How far a shared camera is at most from where it was, as a share of the middle depth.
    pub offset: f64,
}

/// Pictures with poses, cameras and depth in one gauge.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Track {
    pub(super) frames: Vec<TrackFrame>,
    pub(super) joints: Vec<Joint>,
    pub(super) is_metric: bool,
}

impl TrackFrame {
    /// The depth at column `u`, row `v`, if there is one.
    pub(super) fn at(&self, u: usize, v: usize) -> Option<f64> {
        let width = self.intrinsics.width as usize;
        let z = *self.depth.get(v * width + u).filter(|_| u < width)?;
        (z > 0.0 && z.is_finite()).then_some(f64::from(z))
    }

    /// The point of a pixel, camera axes, the track's unit.
    pub(super) fn point(&self, u: usize, v: usize) -> Option<Point3<f64>> {
        let ray = self.intrinsics.ray(u as f64, v as f64).filter(|ray| ray.z > 1e-6)?;
        self.at(u, v).map(|z| Point3::from(ray * (z / ray.z)))
    }

    /// The middle depth of a few hundred pixels.
    pub(super) fn middle_depth(&self) -> Option<f64> {
        let step = (self.depth.len() / 997).max(1);
        let mut known: Vec<f32> = self.depth.iter().copied().step_by(step).filter(|z| *z > 0.0).collect();
        known.sort_unstable_by(f32::total_cmp);
        known.get(known.len() / 2).map(|z| f64::from(*z))
    }

    /// Where the camera is.
    pub(super) fn centre(&self) -> Vector3<f64> {
        self.world_from_camera.translation.vector
    }
}

impl Track {
    /// The pictures, by their place.
    pub fn frames(&self) -> &[TrackFrame] {
        &self.frames
    }

    /// How each window but the first was joined.
    pub fn joints(&self) -> &[Joint] {
        &self.joints
    }

    /// Whether the network itself gives metres.
    pub fn is_metric(&self) -> bool {
        self.is_metric
    }

    /// The middle of the pictures' middle depths.
    pub fn middle_depth(&self) -> Option<f64> {
        let mut all: Vec<f64> = self.frames.iter().filter_map(TrackFrame::middle_depth).collect();
        all.sort_unstable_by(f64::total_cmp);
        all.get(all.len() / 2).copied()
    }

    /// How high the cameras are over the floor, mean, the track's unit.
    pub fn mean_height(&self, floor: &Floor) -> f64 {
        let sum: f64 = self.frames.iter().map(|frame| floor.height_of(&frame.centre())).sum();
        sum / (self.frames.len() as f64).max(1.0)
    }

    /// A factor that makes it about as large as rooms are, where nothing tells one: no measurement.
    pub fn likely_factor(&self, floor: Option<&Floor>) -> f64 {
        let height = floor.map(|floor| LIKELY_HEIGHT_M / self.mean_height(floor));
        let depth = || self.middle_depth().map(|depth| LIKELY_DEPTH_M / depth);
        height.or_else(depth).filter(|factor| factor.is_finite() && *factor > 0.0).unwrap_or(1.0)
    }

    /// Turned so that `up`, a direction of its world, is +Z, moved so that the first camera is over the origin and the floor
    /// at 0 (without one the first camera), and made larger by `factor`, metres a unit.
    pub fn upright(mut self, up: UnitVector3<f64>, floor: Option<&Floor>, factor: f64) -> Self {
        // A unit vector has a length; opposite to z it is turned about x.
        let turn = rotation_to_z(up.into_inner()).unwrap_or_default();
        let first = self.frames.first().map_or(Vector3::zeros(), TrackFrame::centre);
        let ground = floor.map_or(up.dot(&first), |floor| floor.offset);
        let over = turn * first;
        let shift = Vector3::new(-over.x, -over.y, -ground);
        let world_from_track = Pose::from_parts(Translation3::from(shift), turn);
        for frame in &mut self.frames {
            frame.world_from_camera = world_from_track * frame.world_from_camera;
            frame.world_from_camera.translation.vector *= factor;
            frame.depth.iter_mut().for_each(|z| *z = (f64::from(*z) * factor) as f32);
        }
        self
    }
}
