//! Corrected poses: what moves when a loop closure moves keyframes.
//!
//! Points of things hang on keyframes, each on its own, and move exactly as it does. Planes and the ground map are sums
//! over many frames that remember no keyframe: each piece of them (a cell of a level, a whole wall, 0.8 m of ground)
//! moves as the keyframe does that looked nearest to it, or stays when that one was not corrected. Levels stay level
//! and walls upright. Where two pieces part, the ground between them is unseen again; where they meet, the map shows
//! that of the nearer keyframe.

use super::keyframes::Keyframes;
use super::writer::Scene;
use crate::error::{Error, Result};
use crate::frame::Pose;
use nalgebra::Point3;
use std::collections::BTreeMap;

/// How far ahead of the camera what a keyframe shows is supposed to lie, metres.
const AHEAD_M: f64 = 1.5;

/// One correction of any number of keyframes.
pub(super) struct Correction {
    /// What takes the old place of a corrected keyframe to the new one, by keyframe.
    motions: BTreeMap<u32, Pose>,
    /// Of every keyframe, corrected or not.
    sights: Vec<KeyframeSight>,
}

/// Where a keyframe looked, before and after, and its motion.
struct KeyframeSight {
    before: Point3<f64>,
    after: Point3<f64>,
    motion: Pose,
}

impl Correction {
    /// Corrects the keyframes; poses in gnomon's world. When one is named twice the last pose holds.
    fn of(keyframes: &mut Keyframes, corrected: impl Iterator<Item = (u32, Pose)>) -> Self {
        let before: Vec<Point3<f64>> = keyframes.iter().map(|k| ahead(&k.world_from_camera)).collect();
        let mut motions = BTreeMap::<u32, Pose>::new();
        for (id, world_from_camera) in corrected {
            if let Some(motion) = keyframes.correct(id, world_from_camera) {
                motions.entry(id).and_modify(|m| *m = motion * *m).or_insert(motion);
            }
        }
        let sights = keyframes.iter().zip(before).map(|(keyframe, before)| KeyframeSight {
            before,
            after: ahead(&keyframe.world_from_camera),
            motion: motions.get(&keyframe.id).copied().unwrap_or_default(),
        });
        Self { sights: sights.collect(), motions }
    }

    /// The motion of what lay here before the correction.
    pub fn motion_from(&self, place: &Point3<f64>) -> Pose {
        self.motion_of_nearest(place, |sight| &sight.before)
    }

    /// The motion of what lies here after the correction.
    pub fn motion_to(&self, place: &Point3<f64>) -> Pose {
        self.motion_of_nearest(place, |sight| &sight.after)
    }

    fn motion_of_nearest(&self, place: &Point3<f64>, of: impl Fn(&KeyframeSight) -> &Point3<f64>) -> Pose {
        let distance_m2 = |sight: &&KeyframeSight| (of(sight) - place).norm_squared();
        let nearest = self.sights.iter().min_by(|a, b| distance_m2(a).total_cmp(&distance_m2(b)));
        nearest.map(|sight| sight.motion).unwrap_or_default()
    }
}

/// The middle of what a camera sees.
fn ahead(world_from_camera: &Pose) -> Point3<f64> {
    world_from_camera * Point3::new(0.0, 0.0, AHEAD_M)
}

impl Scene {
    /// Moves keyframes to corrected poses, given in the input's world, and with them everything that was seen from
    /// them: things by their points; floors, tables, walls and the ground map piece by piece, as the nearest keyframe.
    ///
    /// Later frames must come with poses of the corrected world. On an error (a keyframe that is not known) the scene
    /// is as it was.
    pub fn update_poses(&mut self, corrected: &[(u32, Pose)]) -> Result<()> {
        if let Some((id, _)) = corrected.iter().find(|(id, _)| self.keyframes.get(*id).is_none()) {
            let ids = self.keyframes.list();
            let known = match (ids.first().map(|(id, _)| id), ids.last().map(|(id, _)| id)) {
                (Some(first), Some(last)) => format!("those known are {first} to {last}"),
                _ => "none is".into(),
            };
            return Err(Error::argument(format!("keyframe {id} is not known, {known}")));
        }
        let world_from_input = self.state.world_from_input;
        let in_world = corrected.iter().map(|(id, pose)| (*id, world_from_input * pose));
        let correction = Correction::of(&mut self.keyframes, in_world);
        if let Some(floor_m) = self.supports.floor_m() {
            self.ground.correct(&correction, floor_m);
        }
        self.supports.correct(&correction);
        self.correct_things(&correction);
        Ok(())
    }

    fn correct_things(&mut self, correction: &Correction) {
        let motions = &correction.motions;
        let mut slots = Vec::new();
        for (slot, track) in self.store.iter_mut() {
            if track.cloud.cells().iter().any(|cell| motions.contains_key(&cell.keyframe)) {
                track.cloud.transform(|cell, point| motions.get(&cell.keyframe).map_or(point, |motion| motion * point));
                track.fit(&self.supports, &mut self.scratch.fit);
                slots.push(slot);
            }
        }
        for slot in slots {
            self.store.relist(slot, &mut self.state.index);
            self.mark_changed(slot);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{SceneOptions, Snapshot, SupportKind};
    use super::*;
    use crate::frame::{Frame, Intrinsics, MetricZ};
    use nalgebra::{Translation3, UnitQuaternion, Vector3};

    const WIDTH: u32 = 320;
    const HEIGHT: u32 = 240;
    const EYE_M: f64 = 1.4;

    /// A camera on a tripod that looks along x, tilted down, at a floor, a wall 3 m ahead and a table before it.
    fn view() -> (Vec<f32>, Intrinsics, Pose) {
        let camera = Intrinsics::pinhole(WIDTH, HEIGHT, 240.0, 240.0, 159.5, 119.5).expect("a camera");
        let forward = Vector3::new(1.0, 0.0, -0.2).normalize();
        let right = -Vector3::y();
        let down = forward.cross(&right);
        let rotation =
            nalgebra::Rotation3::from_matrix_unchecked(nalgebra::Matrix3::from_columns(&[right, down, forward]));
        let pose =
            Pose::from_parts(Translation3::new(0.0, 0.0, EYE_M), UnitQuaternion::from_rotation_matrix(&rotation));
        let depth = (0..WIDTH * HEIGHT).map(|i| {
            let ray = pose.rotation * camera.ray(f64::from(i % WIDTH), f64::from(i / WIDTH)).expect("a pinhole");
            let floor = if ray.z < 0.0 { -EYE_M / ray.z } else { f64::INFINITY };
            let table = if ray.z < 0.0 { (0.7 - EYE_M) / ray.z } else { f64::INFINITY };
            let on_table = (1.3..2.1).contains(&(ray.x * table)) && (ray.y * table).abs() < 0.5;
            let hit = (3.0 / ray.x).min(floor);
            (if on_table { hit.min(table) } else { hit }) as f32
        });
        (depth.collect(), camera, pose)
    }

    fn scene() -> (Scene, Pose) {
        let (depth, intrinsics, pose) = view();
        let mut scene = Scene::new(SceneOptions::default()).expect("a scene");
        for k in 0..12 {
            let frame = Frame {
                colour: None,
                depth: MetricZ::from_metres(&depth, WIDTH, HEIGHT).expect("depth"),
                intrinsics,
                depth_camera: None,
                world_from_camera: pose,
                stamp_ns: k * 33_000_000,
                camera_id: 0,
            };
            scene.integrate(&frame, &[]).expect("a frame");
        }
        (scene, pose)
    }

    fn kinds(snapshot: &Snapshot) -> Vec<(SupportKind, super::super::SupportId)> {
        snapshot.supports().iter().map(|support| (support.kind, support.id)).collect()
    }

    fn seen_floor(snapshot: &Snapshot, x_m: f64, y_m: f64) -> bool {
        snapshot.ground().cell(x_m, y_m).is_some_and(|cell| cell.floor_seen)
    }

    #[test]
    fn planes_and_ground_move_with_the_keyframe_that_saw_them() {
        let (mut scene, pose) = scene();
        let before = scene.publish();
        assert!(kinds(&before).iter().any(|(kind, _)| *kind == SupportKind::Table), "{:?}", kinds(&before));
        let quarter = UnitQuaternion::from_axis_angle(&Vector3::z_axis(), std::f64::consts::FRAC_PI_2);
        let motion = Pose::from_parts(Translation3::new(2.0, -1.0, 0.1), quarter);
        scene.update_poses(&[(0, motion * pose)]).expect("a known keyframe");
        let after = scene.publish();
        assert_eq!(kinds(&after), kinds(&before));
        for (old, new) in before.supports().iter().zip(after.supports().iter()) {
            let normal = motion.rotation * old.normal;
            assert!((normal - new.normal).norm() < 0.02, "{old:?} {new:?}");
            for p in &new.polygon {
                assert!(
                    (old.normal.dot(&(motion.inverse() * p).coords) - old.offset_m).abs() < 0.02,
                    "{old:?} {new:?}"
                );
            }
        }
        let (mut floor_cells, mut left) = (0, 0);
        for (x, y) in
            (0..40).flat_map(|i| (-15..15).map(move |j| (0.1 * f64::from(i) + 0.05, 0.1 * f64::from(j) + 0.05)))
        {
            let moved = motion * Point3::new(x, y, 0.0);
            assert_eq!(seen_floor(&before, x, y), seen_floor(&after, moved.x, moved.y), "{x} {y}");
            floor_cells += u32::from(seen_floor(&before, x, y));
            left += u32::from(seen_floor(&before, x, y) && !seen_floor(&after, x, y));
        }
        assert!(floor_cells > 100, "{floor_cells}");
        assert!(left > 50, "{left}");
    }

    #[test]
    fn what_no_corrected_keyframe_saw_stays() {
        let (mut scene, pose) = scene();
        let before = scene.publish();
        scene.update_poses(&[(0, pose)]).expect("a known keyframe");
        let after = scene.publish();
        assert_eq!(kinds(&after), kinds(&before));
        for (old, new) in before.supports().iter().zip(after.supports().iter()) {
            assert!((old.offset_m - new.offset_m).abs() < 1e-3, "{old:?} {new:?}");
        }
        assert!(scene.update_poses(&[(7, pose)]).is_err());
    }
}
