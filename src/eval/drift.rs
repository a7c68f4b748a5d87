//! Why a local map: how well what is near is placed while odometry drifts, against the same map taken as a global one.
//!
//! A room is walked lap after lap with poses that drift as wheels do: lengths are off by [`SCALE_ERROR`] and the heading
//! turns by [`HEADING_DEG_PER_M`] all the while, always the same way; the usual noise of depth, poses and detections
//! comes on top. Nobody closes a loop.
//!
//! Every tenth frame the truth within [`NEAR_M`] of the true camera is compared with the map. *Local*: the thing's grid
//! coordinates seen from the reported pose against its grid coordinates seen from the true pose. *Global*: its place in
//! the drifted world against its place in the true one. Both in cells of [`CELL_M`]. What was not seen for
//! [`MAX_PATH_AGE_M`] of path is left out of the local map; the share that this leaves is the coverage.

use super::room::{integrate_room_frame, truth_box};
use super::seeds::Seeds;
use crate::cogmap::{CogMapOptions, LocalCogMap, LocalFrame, Scale};
use crate::error::Result;
use crate::frame::Pose;
use crate::room::{Room, RoomCamera, RoomOptions, RoomSequence, SeenCounter, TruthObject, degrade};
use crate::scene::{PoseNoise, Scene, SceneOptions, Snapshot};
use nalgebra::{Isometry3, Translation3, UnitQuaternion, Vector3};

/// Share by which reported lengths are off.
pub const SCALE_ERROR: f64 = 0.01;

/// Degrees by which the reported heading turns a metre walked.
pub const HEADING_DEG_PER_M: f64 = 0.5;

/// Things this near the camera are asked for, metres.
pub const NEAR_M: f64 = 2.5;

/// Side of a cell, metres.
pub const CELL_M: f64 = 0.5;

/// Things not seen for this much walked path are left out of the local map: at the drift above their place is off by
/// 4 cm and by 2° of their distance, a quarter of a cell at the border of the map.
pub const MAX_PATH_AGE_M: f64 = 4.0;

/// An estimate farther from the truth than this is not it, metres.
const MATCH_M: f64 = 0.75;

/// The map is asked every so many frames, after this much path.
const EVERY: usize = 10;
const FIRST_M: f64 = 1.0;

const BIN_M: f64 = 2.5;

/// What was found along one stretch of path.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct DriftBin {
    /// Things asked for: near, and seen well before.
    pub asked: usize,
    /// Of these, how many the local map held.
    pub held: usize,
    local_cells: f64,
    global_cells: f64,
}

impl DriftBin {
    /// Mean error of the local map, cells.
    pub fn local_mean_cells(&self) -> f64 {
        self.local_cells / self.held as f64
    }

    /// Mean error of the global map for the same things, cells.
    pub fn global_mean_cells(&self) -> f64 {
        self.global_cells / self.held as f64
    }

    /// Share of the things asked for that the local map held.
    pub fn coverage(&self) -> f64 {
        super::room::share(self.held, self.asked)
    }
}

/// Errors over the path walked.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DriftCurve {
    bins: Vec<DriftBin>,
}

impl DriftCurve {
    /// Where each stretch begins, metres, and what was found on it; stretches on which the map held nothing left out.
    pub fn bins(&self) -> impl Iterator<Item = (f64, &DriftBin)> {
        self.bins.iter().enumerate().filter(|(_, bin)| bin.held > 0).map(|(at, bin)| (at as f64 * BIN_M, bin))
    }

    /// The curve as JSON.
    pub fn to_json(&self) -> serde_json::Value {
        let bins = self.bins().map(|(from_m, bin)| {
            serde_json::json!({
                "path_m": [from_m, from_m + BIN_M], "n": bin.held, "local_mean_cells": bin.local_mean_cells(),
                "global_mean_cells": bin.global_mean_cells(), "coverage": bin.coverage(),
            })
        });
        serde_json::json!({ "cell_m": CELL_M, "max_path_age_m": MAX_PATH_AGE_M, "bins": bins.collect::<Vec<_>>() })
    }

    fn bin(&mut self, path_m: f64) -> &mut DriftBin {
        let at = (path_m / BIN_M) as usize;
        self.bins.resize(self.bins.len().max(at + 1), DriftBin::default());
        &mut self.bins[at]
    }

    fn add(&mut self, other: &Self) {
        self.bins.resize(self.bins.len().max(other.bins.len()), DriftBin::default());
        for (bin, more) in self.bins.iter_mut().zip(&other.bins) {
            bin.asked += more.asked;
            bin.held += more.held;
            bin.local_cells += more.local_cells;
            bin.global_cells += more.global_cells;
        }
    }
}

/// Walks every room for so many frames with drifting poses.
pub fn eval_drift(seeds: &Seeds, frames: usize) -> Result<DriftCurve> {
    let mut total = DriftCurve::default();
    seeds.measure(|seed| eval_room(seed, frames, RoomCamera::default()))?.iter().for_each(|one| total.add(one));
    Ok(total)
}

/// What a scene is told of such poses.
fn options() -> SceneOptions {
    let pose_noise = PoseNoise {
        drift_per_m: SCALE_ERROR,
        heading_drift_rad_per_m: HEADING_DEG_PER_M.to_radians(),
        ..PoseNoise::default()
    };
    SceneOptions { pose_noise, ..SceneOptions::default() }
}

fn eval_room(seed: u64, frames: usize, camera: RoomCamera) -> Result<DriftCurve> {
    let room = Room::generate(seed);
    let truths = room.truth();
    let mut walk = RoomSequence::new(&room, RoomOptions { seed, frames, noisy: false, camera });
    let mut scene = Scene::new(options())?;
    let (mut seen, mut odometry, mut curve) = (SeenCounter::default(), Odometry::default(), DriftCurve::default());
    for index in 0..walk.len() {
        let clean = walk.render(index);
        seen.add(&clean);
        let mut frame = degrade(&clean, seed, index);
        let pose_error = clean.true_world_from_camera.inverse() * frame.world_from_camera;
        frame.world_from_camera = odometry.report(&clean.true_world_from_camera) * pose_error;
        integrate_room_frame(&mut scene, &frame, true)?;
        if index % EVERY == 0 && odometry.path_m >= FIRST_M {
            let asked = |at: &usize| seen.counted()[*at];
            let asked: Vec<&TruthObject> = (0..truths.len()).filter(asked).map(|at| &truths[at]).collect();
            let view = View { world_from_camera: clean.true_world_from_camera, reported: frame.world_from_camera };
            view.compare(&scene.publish(), &asked, curve.bin(odometry.path_m))?;
        }
    }
    Ok(curve)
}

/// Poses as drifting wheels report them.
#[derive(Default)]
struct Odometry {
    last: Option<(Isometry3<f64>, Vector3<f64>)>,
    turned_rad: f64,
    path_m: f64,
}

impl Odometry {
    /// The pose reported for a camera that stands here in truth. The first is right.
    fn report(&mut self, world_from_camera: &Isometry3<f64>) -> Isometry3<f64> {
        let here = world_from_camera.translation.vector;
        let reported = match &self.last {
            None => here,
            Some((last, reported)) => {
                let step = here - last.translation.vector;
                let step_m = step.x.hypot(step.y);
                self.path_m += step_m;
                self.turned_rad += HEADING_DEG_PER_M.to_radians() * step_m;
                let turn = UnitQuaternion::from_axis_angle(&Vector3::z_axis(), self.turned_rad);
                let scaled = Vector3::new(step.x * (1.0 + SCALE_ERROR), step.y * (1.0 + SCALE_ERROR), step.z);
                reported + turn * scaled
            }
        };
        self.last = Some((*world_from_camera, reported));
        let turn = UnitQuaternion::from_axis_angle(&Vector3::z_axis(), self.turned_rad);
        Isometry3::from_parts(Translation3::from(reported), turn * world_from_camera.rotation)
    }
}

/// Where the camera is and where it is said to be.
struct View {
    world_from_camera: Pose,
    reported: Pose,
}

/// One thing of the local map: its label, metres right and ahead, and its place in the drifted world.
struct Told {
    label: std::sync::Arc<str>,
    local_m: [f64; 2],
    world_m: [f64; 2],
}

impl View {
    /// Compares what is near with the local map and the global one.
    fn compare(&self, snapshot: &Snapshot, truths: &[&TruthObject], bin: &mut DriftBin) -> Result<()> {
        let true_frame = LocalFrame::from_pose(&self.world_from_camera)?;
        let told = told(snapshot, &LocalFrame::from_pose(&self.reported)?)?;
        let truth_m = |truth: &TruthObject| {
            let centre = truth_box(truth).centre;
            [centre.x, centre.y]
        };
        let local_m = |truth: &TruthObject| true_frame.to_local(truth_m(truth));
        let near: Vec<&&TruthObject> = truths.iter().filter(|truth| length(local_m(truth)) <= NEAR_M).collect();
        let mut pairs: Vec<(f64, usize, usize)> = Vec::new();
        for (at, truth) in near.iter().enumerate() {
            let own = told.iter().enumerate().filter(|(_, told)| *told.label == *truth.label);
            pairs.extend(own.map(|(k, told)| (distance(told.local_m, local_m(truth)), at, k)));
        }
        pairs.retain(|(apart_m, ..)| *apart_m <= MATCH_M);
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (mut truth_taken, mut told_taken) = (vec![false; near.len()], vec![false; told.len()]);
        bin.asked += near.len();
        for (apart_m, at, k) in pairs {
            if !truth_taken[at] && !told_taken[k] {
                (truth_taken[at], told_taken[k]) = (true, true);
                bin.held += 1;
                bin.local_cells += apart_m / CELL_M;
                bin.global_cells += distance(told[k].world_m, truth_m(near[at])) / CELL_M;
            }
        }
        Ok(())
    }
}

/// What the local map tells, inside the grid and beyond it.
fn told(snapshot: &Snapshot, frame: &LocalFrame) -> Result<Vec<Told>> {
    let options =
        CogMapOptions { scale: Scale::Fixed(CELL_M), beyond_m: NEAR_M + MATCH_M, max_path_age_m: Some(MAX_PATH_AGE_M) };
    let map = LocalCogMap::build(snapshot, frame, &options)?;
    let inside = map.objects.iter().map(|object| (object.thing.id, crate::cogmap::grid::local_of(object.grid, CELL_M)));
    let beyond = map.beyond.iter().map(|far| {
        let (sin, cos) = far.bearing_deg.to_radians().sin_cos();
        (far.thing.id, [far.distance_m * sin, far.distance_m * cos])
    });
    let told = inside.chain(beyond).filter_map(|(id, local_m)| {
        let object = snapshot.object(id)?;
        Some(Told { label: object.label.clone(), local_m, world_m: [object.obb.centre.x, object.obb.centre.y] })
    });
    Ok(told.collect())
}

fn length(v: [f64; 2]) -> f64 {
    v[0].hypot(v[1])
}

fn distance(a: [f64; 2], b: [f64; 2]) -> f64 {
    length([a[0] - b[0], a[1] - b[1]])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_near_stays_placed_while_the_world_drifts_away() {
        let curve = eval_room(1, 200, RoomCamera::default().reduced(2)).expect("a walk");
        assert!(curve.bins().any(|(from_m, _)| from_m >= 15.0), "{curve:?}");
        for (from_m, bin) in curve.bins().filter(|(_, bin)| bin.held >= 10) {
            assert!(bin.local_mean_cells() <= 0.3, "from {from_m} m: {bin:?}");
            assert!(from_m < 10.0 || bin.local_mean_cells() < bin.global_mean_cells(), "from {from_m} m: {bin:?}");
            assert!(bin.coverage() > 0.5, "from {from_m} m: {bin:?}");
        }
    }

    #[test]
    fn odometry_is_off_by_as_much_as_it_says() {
        let mut odometry = Odometry::default();
        for step in 0..=100 {
            odometry.report(&Isometry3::translation(0.1 * f64::from(step), 0.0, 1.0));
        }
        let last = odometry.report(&Isometry3::translation(10.0, 0.0, 1.0));
        assert!((odometry.path_m - 10.0).abs() < 1e-9);
        assert!((odometry.turned_rad.to_degrees() - 5.0).abs() < 1e-9);
        let reported = last.translation.vector;
        // A circle of 5 degrees, walked along 10.1 m: it ends 0.44 m beside the straight line.
        assert!((reported.x - 10.087).abs() < 0.01 && (reported.y - 0.4428).abs() < 0.01, "{reported}");
    }
}
