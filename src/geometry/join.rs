//! Windows, and the similarity that brings each to those before it.

use super::track::{Joint, PLACE_SIGMA, Track, TrackFrame};
use crate::depth::{Depth, View};
use crate::error::{Error, ErrorKind, Result};
use crate::frame::Pose;
use crate::scale::{Cue, ScaleEstimate, SparsePoint, UnitDepth, median};
use nalgebra::{Quaternion, Translation3, UnitQuaternion, Vector3};
use std::ops::Range;

/// Pixels of a shared picture whose depths are compared, along its width.
const COLUMNS: usize = 64;

/// How far two windows' depths of one pixel differ, as a share: beyond what their spread shows, they are not surer.
const DEPTH_SIGMA: f64 = 0.02;

/// The share of a picture's pixels whose depth is taken for none: those of which the network is least sure.
const UNSURE_SHARE: f64 = 0.1;

/// `count` pictures cut into windows of `size` that share at least `shared` with the one before; the last begins earlier where
/// too few are left, so that all are as large. Fewer pictures than `size` are one window. Fails for windows that cannot be.
pub fn windows(count: usize, size: usize, shared: usize) -> Result<Vec<Range<usize>>> {
    if size < 2 || shared == 0 || shared >= size {
        return Err(Error::argument(format!(
            "windows of {size} pictures that share {shared}, expected 2 or more that share 1 or more, and fewer than all"
        )));
    }
    let last = count.saturating_sub(size);
    let mut begins: Vec<usize> = (0..last).step_by(size - shared).collect();
    begins.push(last);
    Ok(if count == 0 { Vec::new() } else { begins.into_iter().map(|at| at..(at + size).min(count)).collect() })
}

/// Joins windows in order.
#[derive(Debug, Default)]
pub struct Joiner {
    track: Track,
}

/// From a window's gauge to the track's: scaled, turned, moved.
struct TrackFromWindow {
    scale: f64,
    rotation: UnitQuaternion<f64>,
    shift: Vector3<f64>,
}

impl Joiner {
    /// Takes in what a network says of the pictures from `first` on. Of those that are there already, the pose and depth that came
    /// first stay.
    ///
    /// # Errors
    /// [`ErrorKind::Argument`] for a window that shares no picture with those before or leaves a gap;
    /// [`ErrorKind::Unsupported`] for depth that is inverse; [`ErrorKind::Model`] where the shared pictures tell no similarity.
    pub fn add(&mut self, first: usize, views: Vec<View>) -> Result<()> {
        let known = self.track.frames.len();
        if views.is_empty() || first > known || (known > 0 && (first == known || first + views.len() <= known)) {
            return Err(Error::argument(format!(
                "a window of {} pictures from {first} on after {known}, expected one that shares some and goes on",
                views.len()
            )));
        }
        let pictures = first..first + views.len();
        let metric = views.iter().all(|view| matches!(view.depth, Depth::MetricZ(_)));
        let window: Vec<TrackFrame> =
            views.into_iter().zip(pictures.clone()).map(|(view, at)| frame_of(view, at)).collect::<Result<_>>()?;
        if known == 0 {
            self.track = Track { frames: window, joints: Vec::new(), is_metric: metric };
            return Ok(());
        }
        let named = |error: Error| error.within(format_args!("pictures {} to {}", pictures.start, pictures.end - 1));
        let shared = known - first;
        let (track_from_window, joint) =
            join(&self.track.frames[first..], &window[..shared], pictures.clone()).map_err(named)?;
        self.track.frames.extend(window.into_iter().skip(shared).map(|frame| track_from_window.bring(frame)));
        self.track.joints.push(joint);
        self.track.is_metric &= metric;
        Ok(())
    }

    /// What was joined.
    pub fn finish(self) -> Track {
        self.track
    }
}

fn frame_of(view: View, picture: usize) -> Result<TrackFrame> {
    let map = match &view.depth {
        Depth::MetricZ(_) | Depth::UpToScaleZ(_) => view.depth.map(),
        Depth::AffineInverseDepth(_) => {
            let words = format!("the network gives {}, expected depth along the axis", view.depth.words());
            return Err(Error::new(ErrorKind::Unsupported, words));
        }
    };
    let (width, height) = (view.intrinsics.width as usize, view.intrinsics.height as usize);
    if (map.width(), map.height()) != (width, height) {
        let size = (map.width(), map.height());
        return Err(Error::new(ErrorKind::Model, format!("depth of {size:?} pixels, camera of {width}x{height}")));
    }
    let mut depth = map.values().to_vec();
    if let Some(sure) = &view.confidence {
        let mut known: Vec<f32> = sure.values().to_vec();
        known.sort_unstable_by(f32::total_cmp);
        let least = known.get((UNSURE_SHARE * known.len() as f64) as usize).copied().unwrap_or(0.0);
        depth.iter_mut().zip(sure.values()).filter(|(_, sure)| **sure < least).for_each(|(z, _)| *z = 0.0);
    }
    Ok(TrackFrame { picture, intrinsics: view.intrinsics, world_from_camera: view.world_from_camera, depth })
}

fn join(track: &[TrackFrame], window: &[TrackFrame], pictures: Range<usize>) -> Result<(TrackFromWindow, Joint)> {
    let pairs: Vec<(&TrackFrame, &TrackFrame)> = track.iter().zip(window).collect();
    let scale = scale_of(&pairs)?;
    let turns: Vec<UnitQuaternion<f64>> = pairs
        .iter()
        .map(|(to, from)| to.world_from_camera.rotation * from.world_from_camera.rotation.inverse())
        .collect();
    let rotation = mean_turn(&turns);
    let shifts: Vec<Vector3<f64>> =
        pairs.iter().map(|(to, from)| to.centre() - rotation * (from.centre() * scale.factor)).collect();
    let shift = middle(&shifts);
    let depth = pairs.iter().filter_map(|(to, _)| to.middle_depth()).fold(0.0, f64::max).max(f64::MIN_POSITIVE);
    let joint = Joint {
        pictures,
        shared: pairs.len(),
        rotation_rad: turns.iter().map(|turn| turn.angle_to(&rotation)).fold(0.0, f64::max),
        offset: shifts.iter().map(|one| (one - shift).norm()).fold(0.0, f64::max) / depth,
        scale: scale.clone(),
    };
    Ok((TrackFromWindow { scale: scale.factor, rotation, shift }, joint))
}

/// The track's unit over the window's: from the depths of the pixels that both have, and from the ways between cameras.
fn scale_of(pairs: &[(&TrackFrame, &TrackFrame)]) -> Result<ScaleEstimate> {
    let mut cues = Vec::new();
    for (to, from) in pairs {
        if (to.intrinsics.width, to.intrinsics.height) != (from.intrinsics.width, from.intrinsics.height) {
            return Err(Error::argument(format!("picture {} comes in two sizes", to.picture)));
        }
        let points = points_of(to);
        cues.extend(Cue::from_points(&UnitDepth::new(&from.depth, &from.intrinsics)?, &points)?);
    }
    for two in pairs.windows(2) {
        let [(a_to, a_from), (b_to, b_from)] = two else { continue };
        let depths = (a_to.middle_depth(), a_from.middle_depth());
        let ways = [(b_to.centre() - a_to.centre()).norm(), (b_from.centre() - a_from.centre()).norm()];
        let (Some(to_depth), Some(from_depth)) = depths else { continue };
        // Cameras that hardly moved tell nothing.
        if ways[0] > PLACE_SIGMA * to_depth && ways[1] > PLACE_SIGMA * from_depth {
            cues.push(Cue::from_odometry(ways[1], PLACE_SIGMA * from_depth, ways[0], PLACE_SIGMA * to_depth)?);
        }
    }
    let none =
        |error: Error| Error::new(ErrorKind::Model, format!("the shared pictures have no depth in common: {error}"));
    ScaleEstimate::of(&cues).map_err(none)
}

fn points_of(frame: &TrackFrame) -> Vec<SparsePoint> {
    let (width, height) = (frame.intrinsics.width as usize, frame.intrinsics.height as usize);
    let step = width.div_ceil(COLUMNS).max(1);
    let pixels = (0..height).step_by(step).flat_map(|v| (0..width).step_by(step).map(move |u| (u, v)));
    let point = |(u, v): (usize, usize)| {
        let z_m = frame.at(u, v)?;
        Some(SparsePoint { pixel: [u as f64, v as f64], z_m, sigma_m: DEPTH_SIGMA * z_m })
    };
    pixels.filter_map(point).collect()
}

/// The mean of the turns that are near the one which the others are nearest to.
fn mean_turn(turns: &[UnitQuaternion<f64>]) -> UnitQuaternion<f64> {
    let away = |turn: &UnitQuaternion<f64>| turns.iter().map(|other| turn.angle_to(other)).sum::<f64>();
    let Some(central) = turns.iter().min_by(|a, b| away(a).total_cmp(&away(b))) else {
        return UnitQuaternion::identity();
    };
    let mut angles: Vec<f64> = turns.iter().map(|turn| turn.angle_to(central)).collect();
    angles.sort_unstable_by(f64::total_cmp);
    let near = 3.0 * angles[angles.len() / 2] + 1e-9;
    let mut sum = Quaternion::new(0.0, 0.0, 0.0, 0.0);
    for turn in turns.iter().filter(|turn| turn.angle_to(central) <= near) {
        // A quaternion and its opposite are one turn.
        let sign = if turn.coords.dot(&central.coords) < 0.0 { -1.0 } else { 1.0 };
        sum += turn.quaternion() * sign;
    }
    UnitQuaternion::try_new(sum, 1e-9).unwrap_or(*central)
}

/// The middle of each coordinate.
fn middle(points: &[Vector3<f64>]) -> Vector3<f64> {
    let along = |k: usize| median(points.iter().map(|point| point[k]).collect()).unwrap_or(0.0);
    Vector3::new(along(0), along(1), along(2))
}

impl TrackFromWindow {
    fn bring(&self, mut frame: TrackFrame) -> TrackFrame {
        let from = frame.world_from_camera;
        let centre = self.rotation * (from.translation.vector * self.scale) + self.shift;
        frame.world_from_camera = Pose::from_parts(Translation3::from(centre), self.rotation * from.rotation);
        frame.depth.iter_mut().for_each(|z| *z = (f64::from(*z) * self.scale) as f32);
        frame
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::depth::DepthMap;
    use crate::frame::{Intrinsics, pose_from_parts};

    const WIDTH: usize = 48;
    const HEIGHT: usize = 36;

    /// The `at`-th picture of a walk along a wall that is not flat, in a window that began at picture `first` with this unit.
    fn view(at: usize, first: usize, unit: f64, wrong: f64) -> View {
        let place = |at: usize| {
            let turn = UnitQuaternion::from_euler_angles(0.02 * at as f64, 0.05 * at as f64, 0.01);
            Pose::from_parts(Translation3::new(0.2 * at as f64, 0.03 * (at * at % 7) as f64, 0.1), turn)
        };
        let mut world_from_camera = place(first).inverse() * place(at);
        world_from_camera.translation.vector *= unit;
        let z = |k: usize| (2.0 + 0.5 * (((k % WIDTH) * 3 + k / WIDTH + at) as f64 * 0.2).sin()) * unit * wrong;
        let depth = (0..WIDTH * HEIGHT).map(|k| z(k) as f32).collect();
        View {
            depth: Depth::UpToScaleZ(DepthMap::new(WIDTH, HEIGHT, depth).expect("a map")),
            confidence: None,
            points_in_world: None,
            points_confidence: None,
            intrinsics: Intrinsics::pinhole(WIDTH as u32, HEIGHT as u32, 40.0, 40.0, 23.5, 17.5).expect("a camera"),
            world_from_camera,
        }
    }

    fn window(pictures: Range<usize>, unit: f64) -> Vec<View> {
        pictures.clone().map(|at| view(at, pictures.start, unit, 1.0)).collect()
    }

    #[test]
    fn windows_share_what_is_asked_and_the_last_is_as_large_as_the_others() {
        assert_eq!(windows(10, 4, 1).expect("windows"), [0..4, 3..7, 6..10]);
        assert_eq!(windows(11, 4, 2).expect("windows"), [0..4, 2..6, 4..8, 6..10, 7..11]);
        for (count, size) in [(4, 4), (3, 8)] {
            let one = windows(count, size, 2).expect("windows");
            assert!(one.len() == 1 && one[0] == (0..count), "{one:?}");
        }
        assert!(windows(0, 8, 2).expect("windows").is_empty());
        for (size, shared) in [(1, 1), (4, 0), (4, 4)] {
            assert!(windows(9, size, shared).is_err(), "{size}, {shared}");
        }
    }

    #[test]
    fn windows_of_other_units_and_worlds_become_one_track() {
        let mut joiner = Joiner::default();
        for (pictures, unit) in windows(20, 6, 2).expect("windows").into_iter().zip([0.37, 1.9, 0.05, 7.0, 0.37]) {
            joiner.add(pictures.start, window(pictures, unit)).expect("joined");
        }
        let track = joiner.finish();
        assert_eq!((track.frames().len(), track.joints().len()), (20, 4));
        for (frame, truth) in track.frames().iter().zip(window(0..20, 0.37)) {
            let off = frame.world_from_camera.translation.vector - truth.world_from_camera.translation.vector;
            assert!(off.norm() < 1e-3, "picture {}: {off}", frame.picture);
            assert!(frame.world_from_camera.rotation.angle_to(&truth.world_from_camera.rotation) < 1e-4);
            let ratio = f64::from(frame.depth[700]) / f64::from(truth.depth.map().values()[700]);
            assert!((ratio - 1.0).abs() < 1e-3, "picture {}: {ratio}", frame.picture);
        }
        assert!(track.joints().iter().all(|joint| joint.offset < 1e-3 && joint.scale.conflicts.is_empty()));
    }

    #[test]
    fn a_shared_picture_that_lies_moves_the_track_little() {
        let mut second = window(3..9, 2.0);
        second[1] = view(4, 3, 2.0, 3.0);
        second[1].world_from_camera.rotation *= UnitQuaternion::from_euler_angles(0.0, 0.4, 0.0);
        let mut joiner = Joiner::default();
        joiner.add(0, window(0..6, 0.5)).expect("the first");
        joiner.add(3, second).expect("joined");
        let track = joiner.finish();
        let truth = window(0..9, 0.5);
        let off =
            track.frames()[8].world_from_camera.translation.vector - truth[8].world_from_camera.translation.vector;
        assert!(off.norm() < 0.05, "{off}");
        assert!(track.joints()[0].rotation_rad > 0.3, "and is told");
    }

    #[test]
    fn windows_that_share_nothing_are_refused() {
        let mut joiner = Joiner::default();
        joiner.add(0, window(0..4, 1.0)).expect("the first");
        // Nothing new, nothing shared, a gap.
        for first in [1, 4, 5] {
            assert!(joiner.add(first, window(first..first + 3, 1.0)).is_err(), "{first}");
        }
        let mut blind = window(3..7, 1.0);
        for view in &mut blind {
            let mut none = vec![0.0; WIDTH * HEIGHT];
            none[0] = 1.0;
            view.depth = Depth::UpToScaleZ(DepthMap::new(WIDTH, HEIGHT, none).expect("a map"));
            view.world_from_camera = pose_from_parts([0.0; 3], [0.0, 0.0, 0.0, 1.0]).expect("a pose");
        }
        let error = joiner.add(3, blind).expect_err("no depth in common");
        assert!(error.to_string().contains("no depth in common"), "{error}");
    }
}
