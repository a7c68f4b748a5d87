//! What a frame's depth says of the points of known things: there, empty, hidden, or unknown.
//!
//! A point is *empty* when depth goes on behind it, at its own pixel and at the pixels around it, by more than noise and
//! pose can explain; *hidden* when something stands in front; *there* when depth agrees. Holes and points outside the
//! image say nothing. Only this tells absence from not looking.

use super::SceneOptions;
use super::track::Track;
use super::writer::Moment;
use crate::frame::{DepthGrid, DepthNoise, Intrinsics, Pose};
use nalgebra::Point3;

/// Points of each thing that are looked at.
const SAMPLES: usize = 48;

/// When fewer than this part of them lie inside the image, so many times as many are looked at.
const FEW_IN_IMAGE: usize = 4;

/// Pixels round a point that must lie behind it too before it is empty.
const ROUND_PX: i32 = 3;

/// Less gain of depth than this is noise, metres.
const LEAST_DEEPER_M: f32 = 0.01;

/// What depth says of one point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sight {
    There,
    Empty,
    Hidden,
    Unknown,
}

/// One looked-at point: its pixel, and what depth says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sample {
    pub u: i32,
    pub v: i32,
    pub z: f32,
    pub sight: Sight,
}

/// One thing in the frame's view.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct InView {
    pub slot: u32,
    /// Corners of the upright bounds of its box, world, and the standard deviation of its points, metres.
    pub bounds: [Point3<f64>; 2],
    pub sigma_m: f32,
    pub first: usize,
    pub count: usize,
    pub there: u32,
    pub empty: u32,
    pub hidden: u32,
    /// Points found there and empty so far from what the thing rests on that depth tells the one from the other.
    pub telling_there: u32,
    pub telling_empty: u32,
    /// Points freely seen whose place is deeper than expected by at least half the thing's thickness and 1 cm.
    pub deeper: u32,
    /// Less than half of it lies inside the image.
    pub is_partly_in_image: bool,
    /// About how many pixels the thing would cover.
    pub pixels: f32,
}

impl InView {
    /// Points that were looked at without obstruction.
    pub fn looked_at(&self) -> u32 {
        self.there + self.empty
    }

    /// Points whose sight tells the thing from its place without it.
    pub fn telling(&self) -> u32 {
        self.telling_there + self.telling_empty
    }

    /// Hardly anything stands in front of it, and most of it lies inside the image.
    pub fn is_unobstructed(&self) -> bool {
        !self.is_partly_in_image && self.count >= 8 && self.hidden as usize * 4 <= self.count
    }

    /// Enough of the thing is in free view to speak of it.
    pub fn is_clear(&self) -> bool {
        self.looked_at() >= 6 && self.looked_at() as usize * 2 >= self.count
    }
}

/// The camera as the looking needs it.
#[derive(Clone, Copy)]
pub(super) struct Eye<'a> {
    pub grid: &'a DepthGrid,
    pub intrinsics: &'a Intrinsics,
    pub camera_from_world: Pose,
    /// Height of the camera in the world, metres.
    pub height_m: f64,
    pub noise: &'a DepthNoise,
    /// How far a pose may turn and shift a point at 1 m, metres.
    pub pose_slack_m: f32,
}

impl<'a> Eye<'a> {
    /// The eye of one frame.
    pub fn new(grid: &'a DepthGrid, moment: &'a Moment, options: &'a SceneOptions) -> Self {
        let pose = &options.pose_noise;
        Self {
            grid,
            intrinsics: &moment.intrinsics,
            camera_from_world: moment.world_from_camera.inverse(),
            height_m: moment.camera_in_world().z,
            noise: &options.depth_noise,
            pose_slack_m: pose.translation_m.max(pose.rotation_rad) as f32,
        }
    }

    /// Looks at the points of one thing. `None` when it lies wholly outside the image.
    pub fn look(&self, slot: u32, track: &Track, samples: &mut Vec<Sample>) -> Option<InView> {
        let camera_from_world = &self.camera_from_world;
        let centre = camera_from_world * track.obb.centre;
        let radius = track.obb.reach_m();
        if centre.z < -radius || !self.may_see(&centre, radius) {
            return None;
        }
        track.cloud.call_up();
        let cells = track.cloud.cells();
        let first = samples.len();
        let (low, high) = track.obb.bounds();
        let unseen = InView { slot, bounds: [low, high], sigma_m: track.sigma_m, first, ..InView::default() };
        let mut view = unseen;
        let stride = cells.len().div_ceil(SAMPLES).max(1);
        let asked = self.look_at_cells(track, stride, &mut view, samples);
        let in_image = samples.len() - first;
        view.is_partly_in_image = in_image * 2 < asked;
        if view.is_partly_in_image && stride > 1 && in_image > 0 && in_image * FEW_IN_IMAGE < SAMPLES {
            // Of what is mostly outside the image, what is inside is looked at more closely.
            samples.truncate(first);
            view = InView { is_partly_in_image: true, ..unseen };
            self.look_at_cells(track, (stride / FEW_IN_IMAGE).max(1), &mut view, samples);
        }
        view.count = samples.len() - first;
        let scale = self.intrinsics.fx / centre.z.max(0.2);
        let size = track.obb.size;
        view.pixels = (scale * scale * size.z.max(0.5 * size.y) * size.x) as f32;
        Some(view)
    }

    /// Looks at every so many cells; returns how many were looked for, inside the image or not.
    fn look_at_cells(&self, track: &Track, stride: usize, view: &mut InView, samples: &mut Vec<Sample>) -> usize {
        let least_frames = if track.observations >= 4 { 2 } else { 1 };
        let deeper_m = LEAST_DEEPER_M.max(0.5 * track.obb.size.min() as f32);
        let mut asked = 0;
        for cell in track.cloud.cells().iter().step_by(stride).filter(|c| c.frames >= least_frames) {
            asked += 1;
            let point_in_world = track.cloud.in_world(cell);
            let Some((sample, behind)) = self.look_at(&(self.camera_from_world * point_in_world)) else { continue };
            let tells = || u32::from(!self.is_near_support(track, &point_in_world, sample.z));
            match sample.sight {
                Sight::There => {
                    view.there += 1;
                    view.telling_there += tells();
                }
                Sight::Empty => {
                    view.empty += 1;
                    view.telling_empty += tells();
                }
                Sight::Hidden => view.hidden += 1,
                Sight::Unknown => {}
            }
            view.deeper += u32::from(matches!(sample.sight, Sight::There | Sight::Empty) && behind > deeper_m);
            samples.push(sample);
        }
        asked
    }

    /// Quick refusal of what lies wholly outside the image.
    fn may_see(&self, centre: &Point3<f64>, radius: f64) -> bool {
        let outside = |along: f64, low: f64, high: f64| {
            let far = centre.z + radius;
            along + radius * 1.5 < low * far.max(0.0) - radius.max(0.0)
                || along - radius * 1.5 > high * far.max(0.0) + radius.max(0.0)
        };
        let (low, high) = (self.grid.low, self.grid.high);
        !outside(centre.x, low[0].min(0.0), high[0].max(0.0)) && !outside(centre.y, low[1].min(0.0), high[1].max(0.0))
    }

    /// What depth says of one point in camera coordinates, and by how much it goes on behind it, metres.
    pub fn look_at(&self, point_in_camera: &Point3<f64>) -> Option<(Sample, f32)> {
        let [u, v] = self.intrinsics.project(point_in_camera)?;
        let (u, v) = (u.round(), v.round());
        let (width, height) = (self.grid.width as f64, self.grid.height as f64);
        if u < 0.0 || v < 0.0 || u >= width || v >= height {
            return None;
        }
        let z = point_in_camera.z as f32;
        let (u, v) = (u as i32, v as i32);
        let measured = self.grid.z[v as usize * self.grid.width + u as usize];
        let slack = self.slack_m(z);
        let sight = match measured - z {
            _ if measured <= 0.0 => Sight::Unknown,
            behind if behind < -slack => Sight::Hidden,
            behind if behind <= slack => Sight::There,
            _ if self.all_behind(u, v, z + slack) => Sight::Empty,
            _ => Sight::There,
        };
        Some((Sample { u, v, z, sight }, measured - z))
    }

    /// How far behind a point at this depth noise and pose may put what is there, metres.
    fn slack_m(&self, z: f32) -> f32 {
        0.012 + 2.5 * self.noise.sigma_m(f64::from(z)) as f32 + self.pose_slack_m * (1.0 + z)
    }

    /// True when the surface that a thing rests on lies so little behind one of its points that the point would be found
    /// there without the thing.
    fn is_near_support(&self, track: &Track, point_in_world: &Point3<f64>, z: f32) -> bool {
        let bottom_m = track.obb.centre.z - 0.5 * track.obb.size.z;
        let (above_m, below_eye_m) = (point_in_world.z - bottom_m, self.height_m - point_in_world.z);
        // Pixels below look at the surface nearer by.
        let nearer_m = f64::from(ROUND_PX) * f64::from(z).powi(2) / self.intrinsics.fy;
        let least_m = f64::from(self.slack_m(z)) * below_eye_m + nearer_m;
        track.stands() && below_eye_m > 0.0 && above_m * f64::from(z) <= least_m
    }

    /// True when depth goes on behind `limit_m` around the pixel too, so that a turned camera cannot explain it.
    fn all_behind(&self, u: i32, v: i32, limit_m: f32) -> bool {
        [(-ROUND_PX, 0), (ROUND_PX, 0), (0, -ROUND_PX), (0, ROUND_PX)].iter().all(|(du, dv)| {
            let (u, v) = (u + du, v + dv);
            if u < 0 || v < 0 || u as usize >= self.grid.width || v as usize >= self.grid.height {
                return true;
            }
            let z = self.grid.z[v as usize * self.grid.width + u as usize];
            z <= 0.0 || z > limit_m
        })
    }
}
