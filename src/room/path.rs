//! Where the camera walks and where it looks.
//!
//! The feet follow the room's [`Walk`](super::walk::Walk), one lap in [`LAP_FRAMES`] frames: longer sequences are
//! more laps, and a shorter path is the beginning of a longer one. The gaze is planned a lap at a time: turn rates
//! and pitches at knots along the lap, improved by random changes that are kept when more objects are seen, more
//! often, from more sides. What a pixel would show is only estimated here; truth about that is the renderer's.

use std::f64::consts::{PI, TAU};

use nalgebra::{Isometry3, Matrix3, Rotation3, Translation3, UnitQuaternion, Vector3};
use rand::{Rng, RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::layout::Room;

/// Frames in one lap.
pub const LAP_FRAMES: usize = 120;
/// Height of the camera, metres.
pub const CAMERA_HEIGHT_M: f64 = 1.3;

const KNOTS: usize = 12;
const KNOT_FRAMES: usize = LAP_FRAMES / KNOTS;
/// Fastest turn about the vertical, radians a frame.
const MAX_TURN_RAD: f64 = 6.8 * PI / 180.0;
const PITCH_RAD: [f64; 2] = [10.0 * PI / 180.0, 35.0 * PI / 180.0];
/// Largest change of pitch from knot to knot, radians.
const MAX_PITCH_STEP_RAD: f64 = 8.0 * PI / 180.0;
const ROLL_RAD: f64 = 0.8 * PI / 180.0;
const CHANGES: usize = 4000;
/// Loss of worth that a change is forgiven at first, at most.
const FORGIVEN: f64 = 60.0;
/// Line of sight is worked out on every so many frames.
const SIGHT_STRIDE: usize = 4;
/// An object counts as seen where it should cover this many pixels.
const SEEN_PX: f64 = 450.0;
/// The focal length the plan is made for, pixels, and the tangents at the edges of its view.
const FOCAL_PX: f64 = 525.0;
const VIEW: [f64; 2] = [0.52, 0.38];
/// Sides an object can be seen from.
const SIDES: usize = 8;

impl Room {
    /// Poses `world_from_camera` (camera x right, y down, z forward) of so many frames, looking at what is in the
    /// room now. The camera stays 1.3 m high, give or take a step's sway.
    pub fn camera_path(&self, frames: usize) -> Vec<Isometry3<f64>> {
        let mut rng = Pcg64Mcg::seed_from_u64(self.seed() ^ 0x70617468);
        let positions: Vec<_> = (0..LAP_FRAMES).map(|i| self.camera_position(i)).collect();
        let sights = Sights::of(self, &positions);
        let mut seen = Tally::new(sights.objects);
        let mut last_lap: Option<Gaze> = None;
        let mut path = Vec::new();
        for lap in 0..frames.div_ceil(LAP_FRAMES) {
            let gaze = plan_lap(lap, last_lap.as_ref(), &sights, &mut seen, &mut rng);
            for (frame, [yaw, pitch]) in gaze.angles().into_iter().enumerate() {
                let roll = ROLL_RAD * (TAU * frame as f64 / 60.0).sin();
                path.push(pose(positions[frame], yaw, pitch, roll));
            }
            last_lap = Some(gaze);
        }
        path.truncate(frames);
        path
    }

    fn camera_position(&self, frame: usize) -> Vector3<f64> {
        let lap = frame as f64 / LAP_FRAMES as f64;
        let feet = self.walk().at(lap * self.walk().length_m());
        let sway = 0.01 * (TAU * 12.0 * lap).sin();
        Vector3::new(feet.x, feet.y, CAMERA_HEIGHT_M + sway)
    }
}

/// The pose of a camera at a place, looking `yaw` round from world x and `pitch` down.
pub(super) fn pose(position: Vector3<f64>, yaw: f64, pitch: f64, roll: f64) -> Isometry3<f64> {
    let level_from_world = Rotation3::from_matrix_unchecked(axes(yaw, pitch));
    let rotation = level_from_world * Rotation3::from_axis_angle(&Vector3::z_axis(), roll);
    Isometry3::from_parts(Translation3::from(position), UnitQuaternion::from_rotation_matrix(&rotation))
}

/// Right, down and forward of the camera as columns, in the world.
fn axes(yaw: f64, pitch: f64) -> Matrix3<f64> {
    let ((sy, cy), (sp, cp)) = (yaw.sin_cos(), pitch.sin_cos());
    let forward = Vector3::new(cy * cp, sy * cp, -sp);
    let right = Vector3::new(sy, -cy, 0.0);
    Matrix3::from_columns(&[right, forward.cross(&right), forward])
}

/// Where one lap looks: turn rates and pitches at its knots, radians.
#[derive(Clone)]
struct Gaze {
    start_yaw: f64,
    start: [f64; 2],
    turn: [f64; KNOTS],
    pitch: [f64; KNOTS],
}

impl Gaze {
    fn new(last: Option<&Gaze>, rng: &mut impl Rng) -> Self {
        let turn = [if rng.random_bool(0.5) { 0.05 } else { -0.05 }; KNOTS];
        let pitch = [0.4; KNOTS];
        match last {
            Some(last) => {
                Self { start_yaw: last.end_yaw(), start: [last.turn[KNOTS - 1], last.pitch[KNOTS - 1]], turn, pitch }
                    .within_limits()
            }
            None => Self { start_yaw: rng.random_range(-PI..PI), start: [0.0, 0.4], turn, pitch },
        }
    }

    /// The next frame's yaw, so that the lap after goes on from here.
    fn end_yaw(&self) -> f64 {
        let total: f64 = (0..LAP_FRAMES).map(|frame| self.rates_at(frame)[0]).sum();
        self.start_yaw + total
    }

    /// Turn rate and pitch at a frame, between the knots before and after it.
    fn rates_at(&self, frame: usize) -> [f64; 2] {
        let knot = frame / KNOT_FRAMES;
        let part = (frame % KNOT_FRAMES) as f64 / KNOT_FRAMES as f64;
        let smooth = 0.5 - 0.5 * (PI * part).cos();
        let before = match knot {
            0 => self.start,
            _ => [self.turn[knot - 1], self.pitch[knot - 1]],
        };
        let after = [self.turn[knot], self.pitch[knot]];
        [0, 1].map(|i| before[i] + (after[i] - before[i]) * smooth)
    }

    /// Yaw and pitch of each frame.
    fn angles(&self) -> Vec<[f64; 2]> {
        let mut yaw = self.start_yaw;
        (0..LAP_FRAMES)
            .map(|frame| {
                let [turn, pitch] = self.rates_at(frame);
                let here = [yaw, pitch];
                yaw += turn;
                here
            })
            .collect()
    }

    fn changed(&self, may_turn_start: bool, rng: &mut impl Rng) -> Self {
        let mut gaze = self.clone();
        let knot = rng.random_range(0..KNOTS);
        let by = rng.random_range(-0.1..0.1);
        match rng.random_range(0..4) {
            0 => gaze.turn[knot] += by,
            1 => {
                // Look elsewhere for a while, and the same way again afterwards.
                gaze.turn[knot] += by;
                gaze.turn[(knot + 1) % KNOTS] -= by;
            }
            2 => gaze.pitch[knot] += 2.0 * by,
            _ if may_turn_start => gaze.start_yaw += 10.0 * by,
            _ => gaze.turn.iter_mut().for_each(|turn| *turn += by / 3.0),
        }
        gaze.within_limits()
    }

    fn within_limits(mut self) -> Self {
        let mut before = self.start[1];
        for (turn, pitch) in self.turn.iter_mut().zip(&mut self.pitch) {
            *turn = turn.clamp(-MAX_TURN_RAD, MAX_TURN_RAD);
            *pitch =
                pitch.clamp(before - MAX_PITCH_STEP_RAD, before + MAX_PITCH_STEP_RAD).clamp(PITCH_RAD[0], PITCH_RAD[1]);
            before = *pitch;
        }
        self
    }
}

/// What can be seen of each object from each place of the lap, whichever way the camera looks.
struct Sights {
    objects: usize,
    /// Frame-major: the way to the object, and the side it shows, where enough of it is in sight.
    seen: Vec<Option<Sight>>,
}

#[derive(Clone, Copy)]
struct Sight {
    to_object: Vector3<f64>,
    side: usize,
}

impl Sights {
    fn of(room: &Room, positions: &[Vector3<f64>]) -> Self {
        let objects = room.objects().len();
        let mut seen = Vec::new();
        for group in positions.chunks(SIGHT_STRIDE) {
            let shares: Vec<f64> = (0..objects).map(|index| share_in_sight(room, index, &group[0])).collect();
            for position in group {
                seen.extend((0..objects).map(|index| {
                    let to_object = room.objects()[index].centre() - position;
                    let pixels = face_px(room, index, &to_object) * shares[index];
                    let azimuth = to_object.y.atan2(to_object.x) + PI;
                    let side = (azimuth / TAU * SIDES as f64) as usize % SIDES;
                    let seen = room.objects()[index].present && pixels >= SEEN_PX;
                    seen.then_some(Sight { to_object, side })
                }));
            }
        }
        Self { objects, seen }
    }
}

/// Pixels that the box's faces towards the camera would cover, less what a real shape leaves open.
fn face_px(room: &Room, index: usize, to_object: &Vector3<f64>) -> f64 {
    let object = &room.objects()[index];
    let [l, w, h] = object.model.size;
    let world_from_object = Rotation3::from_axis_angle(&Vector3::z_axis(), object.place.yaw);
    let local = world_from_object.inverse_transform_vector(to_object);
    let distance_2 = local.norm_squared();
    let area_m2 = (local.x.abs() * w * h + local.y.abs() * l * h + local.z.abs() * l * w) / distance_2.sqrt();
    let solid = if object.is_compound() { 0.6 } else { 0.8 };
    solid * area_m2 * FOCAL_PX * FOCAL_PX / distance_2
}

/// The share of a few points of an object that no other object hides.
fn share_in_sight(room: &Room, index: usize, from: &Vector3<f64>) -> f64 {
    const POINTS: [[f64; 3]; 5] =
        [[0.0, 0.0, 0.3], [0.3, 0.3, 0.3], [-0.3, 0.3, 0.3], [-0.3, -0.3, 0.3], [0.3, -0.3, 0.0]];
    let object = &room.objects()[index];
    let world_from_object = Rotation3::from_axis_angle(&Vector3::z_axis(), object.place.yaw);
    let size = Vector3::from(object.model.size);
    let in_sight = POINTS.iter().filter(|point| {
        let offset = Vector3::from(**point).component_mul(&size);
        let to_point = object.centre() + world_from_object * offset - from;
        !room
            .objects()
            .iter()
            .enumerate()
            .any(|(other, blocker)| other != index && blocker.present && blocks(blocker, from, &to_point))
    });
    in_sight.count() as f64 / POINTS.len() as f64
}

fn blocks(blocker: &super::object::PlacedObject, from: &Vector3<f64>, to_point: &Vector3<f64>) -> bool {
    let base = blocker.centre() - Vector3::z() * (blocker.model.size[2] / 2.0);
    let reach = Vector3::from(blocker.model.size).norm() / 2.0;
    let to_centre = blocker.centre() - from;
    let nearest = (to_centre.dot(to_point) / to_point.norm_squared()).clamp(0.0, 1.0);
    if (to_centre - to_point * nearest).norm() > reach {
        return false;
    }
    let object_from_world = Rotation3::from_axis_angle(&Vector3::z_axis(), -blocker.place.yaw);
    let origin = object_from_world * (from - base);
    let direction = object_from_world * to_point;
    blocker.model.parts.iter().any(|part| part.shape.hit(&(origin - part.centre), &direction).is_some_and(|t| t < 1.0))
}

/// How often each object was seen, and from which sides.
#[derive(Clone)]
struct Tally {
    frames: Vec<u32>,
    sides: Vec<[u32; SIDES]>,
}

impl Tally {
    fn new(objects: usize) -> Self {
        Self { frames: vec![0; objects], sides: vec![[0; SIDES]; objects] }
    }

    /// Adds what a gaze sees on its lap.
    fn add(&mut self, gaze: &Gaze, sights: &Sights) {
        let frames = sights.seen.chunks(sights.objects.max(1));
        for (in_frame, [yaw, pitch]) in frames.zip(gaze.angles()) {
            let world_from_camera = axes(yaw, pitch);
            for (index, sight) in in_frame.iter().enumerate() {
                let Some(sight) = sight else { continue };
                let in_camera = world_from_camera.tr_mul(&sight.to_object);
                let [x, y] = VIEW.map(|tangent| tangent * in_camera.z);
                if in_camera.x.abs() < x && in_camera.y.abs() < y {
                    self.frames[index] += 1;
                    self.sides[index][sight.side] += 1;
                }
            }
        }
    }

    /// The worth of it after so many laps: the first frames of an object and its first sides count most.
    fn worth(&self, laps: u32) -> u32 {
        let objects = self.frames.iter().zip(&self.sides);
        objects
            .map(|(&frames, sides)| {
                let sides = sides.iter().filter(|&&frames| frames >= 2).count() as u32;
                16 * frames.min(6) + 2 * frames.min(12 * laps) + frames.min(40 * laps) + 6 * sides
            })
            .sum()
    }
}

fn plan_lap(lap: usize, last: Option<&Gaze>, sights: &Sights, seen: &mut Tally, rng: &mut impl Rng) -> Gaze {
    let laps = lap as u32 + 1;
    let look = |gaze: &Gaze| {
        let mut after = seen.clone();
        after.add(gaze, sights);
        after
    };
    let mut gaze = Gaze::new(last, rng);
    let mut gaze_worth = look(&gaze).worth(laps);
    let (mut best, mut best_worth) = (gaze.clone(), gaze_worth);
    for change in 0..CHANGES {
        // Early on a loss is forgiven, so that the plan does not stay on the first hill it finds.
        let forgiven = FORGIVEN * (1.0 - change as f64 / (0.8 * CHANGES as f64)).max(0.0);
        let changed = gaze.changed(last.is_none(), rng);
        let worth = look(&changed).worth(laps);
        if f64::from(worth) + forgiven * rng.random::<f64>() >= f64::from(gaze_worth) {
            (gaze, gaze_worth) = (changed, worth);
        }
        if gaze_worth > best_worth {
            (best, best_worth) = (gaze.clone(), gaze_worth);
        }
    }
    *seen = look(&best);
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(frames: usize) -> impl Iterator<Item = (Room, Vec<Isometry3<f64>>)> {
        (0..30).map(move |seed| {
            let room = Room::generate(seed);
            let path = room.camera_path(frames);
            (room, path)
        })
    }

    #[test]
    fn steps_and_turns_are_those_of_a_calm_walk() {
        for (room, path) in paths(3 * LAP_FRAMES) {
            for (index, pair) in path.windows(2).enumerate() {
                let step = (pair[1].translation.vector - pair[0].translation.vector).norm();
                assert!((0.05..=0.12).contains(&step), "{} {step}", room.seed());
                let turn = pair[0].rotation.angle_to(&pair[1].rotation).to_degrees();
                assert!(turn <= 8.0, "{} frame {index}: {turn}", room.seed());
            }
        }
    }

    #[test]
    fn the_camera_is_at_eye_height_upright_and_looks_down_a_little() {
        for (_, path) in paths(LAP_FRAMES) {
            let mut pitches = Vec::new();
            for world_from_camera in &path {
                assert!((world_from_camera.translation.z - CAMERA_HEIGHT_M).abs() <= 0.02);
                let right = world_from_camera * Vector3::x();
                let down = world_from_camera * Vector3::y();
                assert!(right.z.abs() < 0.02 && down.z < -0.8);
                let forward = world_from_camera * Vector3::z();
                pitches.push((-forward.z).asin().to_degrees());
            }
            let lowest = pitches.iter().copied().fold(f64::INFINITY, f64::min);
            let highest = pitches.iter().copied().fold(0.0, f64::max);
            assert!(lowest >= 9.99 && highest <= 35.01);
            assert!(highest - lowest > 3.0, "{lowest} to {highest}");
        }
    }

    #[test]
    fn the_camera_keeps_a_quarter_metre_from_everything() {
        for (room, path) in paths(LAP_FRAMES) {
            for world_from_camera in &path {
                let feet = world_from_camera.translation.vector.xy();
                for object in room.objects() {
                    let distance = object.footprint().distance_to(&feet);
                    assert!(distance >= 0.25, "{} {distance}", object.label());
                }
            }
        }
    }

    #[test]
    fn a_shorter_path_is_the_beginning_of_a_longer_one() {
        let room = Room::generate(1);
        let long = room.camera_path(300);
        assert_eq!(long.len(), 300);
        assert_eq!(room.camera_path(120), long[..120]);
        assert_eq!(room.camera_path(7), long[..7]);
        assert!(room.camera_path(0).is_empty());
    }

    #[test]
    fn a_second_lap_walks_the_same_way_and_looks_another() {
        let path = Room::generate(2).camera_path(2 * LAP_FRAMES);
        let (first, second) = path.split_at(LAP_FRAMES);
        let pairs = || first.iter().zip(second);
        assert!(pairs().all(|(a, b)| a.translation == b.translation));
        let turned = |(a, b): &(&Isometry3<f64>, &Isometry3<f64>)| a.rotation.angle_to(&b.rotation) > 0.35;
        assert!(pairs().filter(turned).count() > LAP_FRAMES / 4);
    }
}
