//! The writer.

use crate::bridge::{self, Detection, Frame, FrameReport, KeyframePose, SceneOptions};
use crate::convert::{detections_of, frame_of, no_such, pose_of};
use crate::held::{Failure, Whole, held};
use crate::snapshot::Snapshot;
use gnomon::frame::Up;
use gnomon::scene;

/// The map of things, for one writer.
pub struct Scene(Whole<scene::Scene>);

/// The defaults of a scene.
pub fn default_scene_options() -> SceneOptions {
    let ours = scene::SceneOptions::default();
    SceneOptions {
        up: bridge::Up::Z,
        up_vector: [0.0; 3],
        source: bridge::Source::Detections,
        movable_labels: ours.movable_labels,
        movable_memory_ns: ours.movable_memory_ns,
        confirm_after: ours.confirm_after,
        confirm_proposed_after: ours.confirm_proposed_after,
        remove_after: ours.remove_after,
        relocate_within_ns: ours.relocate_within_ns,
        keyframe_distance_m: ours.keyframe_distance_m,
        keyframe_angle_rad: ours.keyframe_angle_rad,
    }
}

fn options_of(given: &SceneOptions) -> gnomon::Result<scene::SceneOptions> {
    Ok(scene::SceneOptions {
        up: match given.up {
            bridge::Up::Z => Up::Z,
            bridge::Up::X => Up::X,
            bridge::Up::Y => Up::Y,
            bridge::Up::NegX => Up::NegX,
            bridge::Up::NegY => Up::NegY,
            bridge::Up::NegZ => Up::NegZ,
            bridge::Up::Vector => Up::Vector(given.up_vector),
            bridge::Up::Auto => Up::Auto,
            other => return Err(no_such("up", other.repr)),
        },
        source: match given.source {
            bridge::Source::Detections => scene::ObjectSource::Detections,
            bridge::Source::Geometry => scene::ObjectSource::Geometry,
            other => return Err(no_such("source", other.repr)),
        },
        movable_labels: given.movable_labels.clone(),
        movable_memory_ns: given.movable_memory_ns,
        confirm_after: given.confirm_after,
        confirm_proposed_after: given.confirm_proposed_after,
        remove_after: given.remove_after,
        relocate_within_ns: given.relocate_within_ns,
        keyframe_distance_m: given.keyframe_distance_m,
        keyframe_angle_rad: given.keyframe_angle_rad,
        ..Default::default()
    })
}

fn report_of(report: &scene::FrameReport) -> FrameReport {
    FrameReport {
        frame: report.frame,
        keyframe: report.keyframe.map_or(-1, i64::from),
        up_known: report.up_known,
        depth_pixels: report.depth_pixels,
        detections: report.detections,
        lifted: report.lifted,
        associated: report.associated,
        begun: report.begun,
        born: report.born,
        moved: report.moved,
        merged: report.merged,
        removed: report.removed,
    }
}

impl Scene {
    /// An empty scene. Errors: options out of range.
    pub fn create(options: &SceneOptions) -> Result<Box<Self>, Failure> {
        let scene = held(|| scene::Scene::new(options_of(options)?))?;
        Ok(Box::new(Self(Whole::new(scene))))
    }

    /// Takes in one frame. Errors: a frame or detections that cannot be meant, a stamp that does not rise.
    pub fn integrate(&mut self, frame: &Frame<'_>, detections: &[Detection<'_>]) -> Result<FrameReport, Failure> {
        self.0.change(|scene| Ok(report_of(&scene.integrate(&frame_of(frame)?, &detections_of(detections)?)?)))
    }

    /// Makes what is believed now visible.
    pub fn publish(&mut self) -> Result<Box<Snapshot>, Failure> {
        self.0.change(|scene| Ok(Box::new(Snapshot(scene.publish()))))
    }

    /// What was published last.
    pub fn snapshot(&self) -> Box<Snapshot> {
        Box::new(Snapshot(self.0.get().snapshot()))
    }

    /// Moves keyframes to corrected poses. Errors: unknown keyframes, poses that are none.
    pub fn update_poses(&mut self, poses: &[KeyframePose]) -> Result<(), Failure> {
        self.0.change(|scene| {
            let one = |pose: &KeyframePose| {
                Ok((pose.id, pose_of(&pose.world_from_camera, &format!("pose of keyframe {}", pose.id))?))
            };
            scene.update_poses(&poses.iter().map(one).collect::<gnomon::Result<Vec<_>>>()?)
        })
    }
}
