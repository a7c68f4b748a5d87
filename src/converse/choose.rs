//! Which pictures to show: those that see what is asked about.
//!
//! How well a picture sees a thing is counted in the rays of its depth that go through the thing's box and end in it: what
//! is hidden, and what left its place, counts for nothing. Rays without depth, as on black or slanting surfaces, count half.
//! A picture is better the more of the thing it has and the larger it is there.
//!
//! Pictures are taken greedily: first that which newly shows the most things well, which is at least half as well as any
//! picture does; then by how well all are seen together, then the newest. None is taken that adds next to nothing.

use super::album::{Album, Shot};
use crate::frame::Pose;
use crate::geom::OrientedBox;
use crate::geom::polygon::{area_m2, convex_hull};
use crate::scene::{ObjectId, Snapshot};
use nalgebra::{UnitQuaternion, Vector3};
use std::sync::Arc;

/// A thing has to have so many points in a picture to be seen in it.
const LEAST_POINTS: usize = 4;

/// A thing that fills this share of a picture is large enough.
const LARGE_SHARE: f64 = 0.03;

/// What a box may be too small by, metres.
const BORDER_M: f64 = 0.01;

/// What depth and pose may be off: metres, and metres by the square of the distance.
const DEPTH_OFF_M: f64 = 0.03;
const DEPTH_OFF_PER_M2: f64 = 0.006;

/// A thing is shown well by a picture that sees it so well, as a share of what the best one does.
const WELL: f64 = 0.5;

/// A picture must show what was asked better by this, of 1, to be worth its tokens.
const LEAST_GAIN: f64 = 0.1;

/// A picture that is shown.
#[derive(Debug, Clone)]
pub struct Chosen {
    /// The picture.
    pub shot: Arc<Shot>,
    /// What it sees of what was asked for, each with how well, 0 to 1.
    pub sees: Vec<(ObjectId, f64)>,
}

/// How well a picture sees a box of gnomon's world, 0 to 1; 0 where it does not.
pub fn sight(shot: &Shot, world_from_input: &Pose, obb: &OrientedBox) -> f64 {
    let world_from_camera = world_from_input * shot.world_from_camera;
    let camera_from_world = world_from_camera.inverse();
    let outline = Outline::of(&(obb.pose().inverse() * world_from_camera), obb);
    let seen = shot.points.iter().filter(|point| outline.is_seen_at(Vector3::from(point.map(f64::from)))).count();
    let ray = |[x, y]: &[f32; 2]| Vector3::new(f64::from(*x), f64::from(*y), 1.0);
    let blind = shot.blind.iter().filter(|direction| outline.crossed(&ray(direction)).is_some()).count();
    let seen = seen + blind / 2;
    if seen < LEAST_POINTS {
        return 0.0;
    }
    let (width, height) = (shot.intrinsics.width as usize, shot.intrinsics.height as usize);
    let all = (width.div_ceil(shot.step) * height.div_ceil(shot.step)) as f64;
    let corners: Option<Vec<[f64; 2]>> =
        obb.corners().iter().map(|corner| shot.intrinsics.project(&(camera_from_world * corner))).collect();
    // A box that reaches behind the camera would fill the picture.
    let whole = corners.map_or(all, |corners| area_m2(&convex_hull(corners)) / (shot.step * shot.step) as f64);
    let share = (seen as f64 / whole.max(1.0)).min(1.0);
    let size = (seen as f64 / (LARGE_SHARE * all)).min(1.0);
    size * (0.5 + 0.5 * share)
}

/// A box as a camera looks at it, in the box's own coordinates.
struct Outline {
    half: Vector3<f64>,
    eye: Vector3<f64>,
    box_from_camera: UnitQuaternion<f64>,
    reach2: f64,
}

impl Outline {
    fn of(box_from_camera: &Pose, obb: &OrientedBox) -> Self {
        let half = obb.size * 0.5 + Vector3::repeat(BORDER_M);
        let eye = box_from_camera.translation.vector;
        Self { half, eye, box_from_camera: box_from_camera.rotation, reach2: half.norm_squared() }
    }

    /// Whether the ray to a point that depth measured goes through the box, and ends in it as far as depth can tell:
    /// before it something hides it, behind it is what stands there now.
    fn is_seen_at(&self, point_in_camera: Vector3<f64>) -> bool {
        let z = point_in_camera.z;
        let off = DEPTH_OFF_M + DEPTH_OFF_PER_M2 * z * z;
        let crossed = self.crossed(&(point_in_camera / z));
        crossed.is_some_and(|[enters, leaves]| (enters - off..=leaves + off).contains(&z))
    }

    /// How far along the camera's axis a ray, of z = 1, enters the box and leaves it.
    fn crossed(&self, direction: &Vector3<f64>) -> Option<[f64; 2]> {
        let along = self.box_from_camera * direction;
        // Where the ray is nearest to the centre; most rays pass far off.
        let nearest = self.eye - along * (self.eye.dot(&along) / along.norm_squared());
        if nearest.norm_squared() > self.reach2 {
            return None;
        }
        let (mut enters, mut leaves) = (0.0f64, f64::INFINITY);
        for axis in 0..3 {
            let (eye, way, half) = (self.eye[axis], along[axis], self.half[axis]);
            if way.abs() < 1e-12 {
                if eye.abs() > half {
                    return None;
                }
                continue;
            }
            let (one, other) = ((-half - eye) / way, (half - eye) / way);
            enters = enters.max(one.min(other));
            leaves = leaves.min(one.max(other));
        }
        (enters <= leaves).then_some([enters, leaves])
    }
}

/// The pictures that together see these things best, at most so many.
pub fn choose(snapshot: &Snapshot, album: &Album, things: &[ObjectId], most: usize) -> Vec<Chosen> {
    let world_from_input = snapshot.world_from_input();
    let boxes: Vec<(ObjectId, OrientedBox)> =
        things.iter().filter_map(|id| Some((*id, snapshot.object(*id)?.obb))).collect();
    let sights: Vec<(&Arc<Shot>, Vec<f64>)> = album
        .shots()
        .map(|shot| (shot, boxes.iter().map(|(_, obb)| sight(shot, &world_from_input, obb)).collect()))
        .collect();
    let top = |thing: usize| sights.iter().map(|(_, sees)| sees[thing]).fold(0.0, f64::max);
    let well: Vec<f64> = (0..boxes.len()).map(|thing| WELL * top(thing)).collect();
    let mut best = vec![0.0f64; boxes.len()];
    let mut chosen: Vec<Chosen> = Vec::new();
    while chosen.len() < most {
        let gains = sights.iter().map(|(shot, sees)| {
            let is_new =
                |thing: &usize| sees[*thing] > 0.0 && best[*thing] < well[*thing] && sees[*thing] >= well[*thing];
            let new = (0..boxes.len()).filter(is_new).count();
            let better: f64 = best.iter().zip(sees).map(|(best, sees)| (sees - best).max(0.0)).sum();
            (new, better, shot, sees)
        });
        let next = gains.max_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.id.cmp(&b.2.id)));
        let Some((new, better, shot, sees)) = next else { break };
        if new == 0 && better < LEAST_GAIN {
            break;
        }
        best.iter_mut().zip(sees).for_each(|(best, sees)| *best = best.max(*sees));
        let sees = boxes.iter().zip(sees).filter(|(_, sees)| **sees > 0.0).map(|((id, _), sees)| (*id, *sees));
        chosen.push(Chosen { shot: (*shot).clone(), sees: sees.collect() });
    }
    chosen
}
