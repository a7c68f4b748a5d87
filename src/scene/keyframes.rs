//! Kept frames: when a new one is due, and what moves when their poses are corrected.

use super::{Keyframe, SceneOptions};
use crate::frame::Pose;
use rpds::VectorSync;
use std::collections::BTreeMap;

/// Bookkeeping of keyframes and of the path walked.
#[derive(Default)]
pub(super) struct Keyframes {
    list: VectorSync<Keyframe>,
    newest_of_camera: BTreeMap<u32, u32>,
    last_position: BTreeMap<u32, nalgebra::Point3<f64>>,
    path_m: f64,
}

impl Keyframes {
    pub fn list(&self) -> &VectorSync<Keyframe> {
        &self.list
    }

    /// Path walked so far, metres: that of the camera that walked farthest at each step.
    pub fn path_m(&self) -> f64 {
        self.path_m
    }

    /// Takes note of a frame; returns the keyframe it hangs on and whether it is a new one.
    pub fn note(
        &mut self,
        camera_id: u32,
        stamp_ns: i64,
        world_from_camera: &Pose,
        options: &SceneOptions,
    ) -> (u32, bool) {
        let position = nalgebra::Point3::from(world_from_camera.translation.vector);
        // Cameras of one rig walk together: the first camera's path is the path.
        let leads = self.last_position.keys().next().is_none_or(|&first| first == camera_id);
        if let Some(last) = self.last_position.insert(camera_id, position)
            && leads
        {
            self.path_m += (position - last).norm();
        }
        if let Some(&newest) = self.newest_of_camera.get(&camera_id)
            && let Some(keyframe) = self.list.get(newest as usize)
        {
            let moved = (keyframe.world_from_camera.translation.vector - world_from_camera.translation.vector).norm();
            let turned = keyframe.world_from_camera.rotation.angle_to(&world_from_camera.rotation);
            if moved < options.keyframe_distance_m && turned < options.keyframe_angle_rad {
                return (newest, false);
            }
        }
        let id = self.list.len() as u32;
        self.list.push_back_mut(Keyframe {
            id,
            stamp_ns,
            camera_id,
            world_from_camera: *world_from_camera,
            path_m: self.path_m,
        });
        self.newest_of_camera.insert(camera_id, id);
        (id, true)
    }

    pub fn get(&self, id: u32) -> Option<&Keyframe> {
        self.list.get(id as usize)
    }

    /// Sets a corrected pose; returns the motion that takes what hung on the old pose to the new one.
    pub fn correct(&mut self, id: u32, world_from_camera: Pose) -> Option<Pose> {
        let keyframe = self.list.get(id as usize)?;
        let new_from_old = world_from_camera * keyframe.world_from_camera.inverse();
        let corrected = Keyframe { world_from_camera, ..*keyframe };
        self.list.set_mut(id as usize, corrected);
        Some(new_from_old)
    }
}
