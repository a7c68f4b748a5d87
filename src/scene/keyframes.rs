//! Kept frames: when a new one is due, and what moves when their poses are corrected.
//!
//! They are a ring: a robot that walks for weeks keeps the newest [`KEYFRAME_RING`], an hour of walking straight on. What
//! hangs on one that fell out stays where it is when poses are corrected.

use super::{Keyframe, SceneOptions};
use crate::frame::Pose;
use rpds::RedBlackTreeMapSync;
use std::collections::BTreeMap;

/// How many keyframes a scene remembers; older ones fall out. Their number is the id of the first that is left.
pub const KEYFRAME_RING: usize = 8_192;

/// Keyframes by id.
pub(super) type KeyframeMap = RedBlackTreeMapSync<u32, Keyframe>;

/// Bookkeeping of keyframes and of the path walked.
pub(super) struct Keyframes {
    list: KeyframeMap,
    next: u32,
    newest_of_camera: BTreeMap<u32, u32>,
    last_position: BTreeMap<u32, nalgebra::Point3<f64>>,
    path_m: f64,
}

impl Default for Keyframes {
    fn default() -> Self {
        Self {
            list: KeyframeMap::new_sync(),
            next: 0,
            newest_of_camera: BTreeMap::new(),
            last_position: BTreeMap::new(),
            path_m: 0.0,
        }
    }
}

impl Keyframes {
    pub fn list(&self) -> &KeyframeMap {
        &self.list
    }

    pub fn iter(&self) -> impl Iterator<Item = &Keyframe> {
        self.list.values()
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
            && let Some(keyframe) = self.list.get(&newest)
        {
            let moved = (keyframe.world_from_camera.translation.vector - world_from_camera.translation.vector).norm();
            let turned = keyframe.world_from_camera.rotation.angle_to(&world_from_camera.rotation);
            if moved < options.keyframe_distance_m && turned < options.keyframe_angle_rad {
                return (newest, false);
            }
        }
        let id = self.next;
        self.next = id.saturating_add(1);
        let (world_from_camera, path_m) = (*world_from_camera, self.path_m);
        self.list.insert_mut(id, Keyframe { id, stamp_ns, camera_id, world_from_camera, path_m });
        if self.list.size() > KEYFRAME_RING
            && let Some(&oldest) = self.list.keys().next()
        {
            self.list.remove_mut(&oldest);
        }
        self.newest_of_camera.insert(camera_id, id);
        (id, true)
    }

    pub fn get(&self, id: u32) -> Option<&Keyframe> {
        self.list.get(&id)
    }

    /// Sets a corrected pose; returns the motion that takes what hung on the old pose to the new one.
    pub fn correct(&mut self, id: u32, world_from_camera: Pose) -> Option<Pose> {
        let keyframe = self.list.get(&id)?;
        let new_from_old = world_from_camera * keyframe.world_from_camera.inverse();
        let corrected = Keyframe { world_from_camera, ..*keyframe };
        self.list.insert_mut(id, corrected);
        Some(new_from_old)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keyframes_are_a_ring_whose_first_id_counts_what_fell_out() {
        let (mut keyframes, options) = (Keyframes::default(), SceneOptions::default());
        let walked = KEYFRAME_RING as u32 + 7;
        for k in 0..walked {
            let pose = Pose::translation(f64::from(k), 0.0, 1.0);
            assert_eq!(keyframes.note(0, i64::from(k), &pose, &options), (k, true));
        }
        assert_eq!((keyframes.list().size(), keyframes.iter().next().map(|k| k.id)), (KEYFRAME_RING, Some(7)));
        assert!(keyframes.get(6).is_none() && keyframes.correct(6, Pose::identity()).is_none());
        assert!(keyframes.get(7).is_some() && keyframes.get(walked - 1).is_some());
        assert_eq!(
            keyframes.note(0, 1 << 40, &Pose::translation(f64::from(walked - 1), 0.0, 1.0), &options).0,
            walked - 1
        );
        assert_eq!(keyframes.path_m(), f64::from(walked - 1));
    }
}
