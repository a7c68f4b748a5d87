//! The writer.
//!
//! The newest published snapshot is kept beside the writer's lock, so that who reads never waits for a frame.

use crate::bridge::{
    self, Detection, Edit, Frame, FrameReport, KeyframePose, Recording, Replayed, SceneOptions, StageTime,
};
use crate::convert::{detections_of, edit_of, file_path, frame_of, no_such, pose_of};
use crate::held::{Failure, Single, held};
use crate::snapshot::Snapshot;
use gnomon::Error;
use gnomon::frame::Up;
use gnomon::keep::{self, Recorder, Replay, Tail};
use gnomon::scene::{self, DepthNoise, PoseNoise, SnapshotReader};
use std::fs::File;
use std::io::BufReader;
use std::time::Duration;

/// The map of things.
pub struct Scene {
    writer: Single<Recorder>,
    published: SnapshotReader,
}

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
        relocate_size_ratio: ours.relocate_size_ratio,
        depth_noise_base_m: ours.depth_noise.base_m,
        depth_noise_per_m2: ours.depth_noise.per_m2,
        depth_noise_nearest_m: ours.depth_noise.nearest_m,
        pose_noise_translation_m: ours.pose_noise.translation_m,
        pose_noise_rotation_rad: ours.pose_noise.rotation_rad,
        drift_per_m: ours.pose_noise.drift_per_m,
        heading_drift_rad_per_m: ours.pose_noise.heading_drift_rad_per_m,
        drift_memory_m: ours.drift_memory_m,
    }
}

/// The crate's own. Errors: codes without a name; numbers are checked where a scene is made.
pub fn options_of(given: &SceneOptions) -> gnomon::Result<scene::SceneOptions> {
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
        relocate_size_ratio: given.relocate_size_ratio,
        depth_noise: DepthNoise {
            base_m: given.depth_noise_base_m,
            per_m2: given.depth_noise_per_m2,
            nearest_m: given.depth_noise_nearest_m,
        },
        pose_noise: PoseNoise {
            translation_m: given.pose_noise_translation_m,
            rotation_rad: given.pose_noise_rotation_rad,
            drift_per_m: given.drift_per_m,
            heading_drift_rad_per_m: given.heading_drift_rad_per_m,
        },
        drift_memory_m: given.drift_memory_m,
    })
}

/// A report as both languages see it.
pub fn report_of(report: &scene::FrameReport) -> FrameReport {
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

fn recording_of(recorder: &Recorder) -> Recording {
    let keep::Recording { bytes, records, ended } = recorder.recording();
    Recording {
        bytes: *bytes,
        records: *records,
        is_open: recorder.is_recording(),
        ended: ended.as_ref().map_or_else(String::new, ToString::to_string),
    }
}

fn replayed_of(replayed: keep::Replayed, scene: Recorder) -> Replayed {
    let words = replayed.words();
    let (tail, whole_bytes) = match replayed.tail {
        Tail::Whole => (bridge::Tail::Whole, 0),
        Tail::Full => (bridge::Tail::Full, 0),
        Tail::Cut { whole_bytes, .. } => (bridge::Tail::Cut, whole_bytes),
    };
    let differs = replayed.differs.unwrap_or_default();
    Replayed { scene: Box::new(Scene::of(scene)), frames: replayed.frames, tail, whole_bytes, differs, words }
}

impl Scene {
    fn of(recorder: Recorder) -> Self {
        let published = recorder.scene().reader();
        Self { writer: Single::new("scene", recorder), published }
    }

    /// An empty scene. Errors: options out of range.
    pub fn create(options: &SceneOptions) -> Result<Box<Self>, Failure> {
        held(|| Ok(Box::new(Self::of(Recorder::new(options_of(options)?, &[])?))))
    }

    /// Takes in one frame. Errors: a frame or detections that cannot be meant, a stamp that does not rise.
    pub fn integrate(&self, frame: &Frame<'_>, detections: &[Detection<'_>]) -> Result<FrameReport, Failure> {
        self.writer.change(|scene| Ok(report_of(&scene.integrate(&frame_of(frame)?, &detections_of(detections)?)?)))
    }

    /// Makes what is believed now visible.
    pub fn publish(&self) -> Result<Box<Snapshot>, Failure> {
        self.writer.change(|scene| Ok(Box::new(Snapshot(scene.publish()))))
    }

    /// How long each stage took with the newest frame, and with the newest publication.
    pub fn stage_times(&self) -> Result<Vec<StageTime>, Failure> {
        self.writer.change(|scene| {
            let told = |(name, time): (&str, Duration)| StageTime { name: name.into(), time_s: time.as_secs_f64() };
            Ok(scene.scene().stage_times().stages().map(told).into())
        })
    }

    /// What was published last.
    pub fn snapshot(&self) -> Box<Snapshot> {
        Box::new(Snapshot(self.published.latest()))
    }

    /// Moves keyframes to corrected poses. Errors: unknown keyframes, poses that are none.
    pub fn update_poses(&self, poses: &[KeyframePose]) -> Result<(), Failure> {
        self.writer.change(|scene| {
            let one = |pose: &KeyframePose| {
                Ok((pose.id, pose_of(&pose.world_from_camera, &format!("pose of keyframe {}", pose.id))?))
            };
            scene.update_poses(&poses.iter().map(one).collect::<gnomon::Result<Vec<_>>>()?)
        })
    }

    /// Takes in what an operator says. Errors: unknown things, words that cannot be meant.
    pub fn edit(&self, said: &Edit) -> Result<(), Failure> {
        self.writer.change(|scene| scene.edit(edit_of(said)?, &said.who, said.stamp_ns))
    }

    /// Names what goes in. Errors: too many, after recording began.
    pub fn set_inputs(&self, inputs: &[&str]) -> Result<(), Failure> {
        self.writer.change(|scene| scene.set_inputs(inputs))
    }

    /// Records into a new file. Errors: after the first frame, twice, a file that cannot be written.
    pub fn record(&self, path: &str, most_bytes: u64) -> Result<(), Failure> {
        self.writer.change(|scene| {
            let path = file_path(path)?;
            scene.check_may_record()?; // before a file of that name is emptied
            let failed = |error| Error::io(format!("{} cannot be written: {error}", path.display()));
            let file = File::create(path).map_err(failed)?;
            scene.record_into(Box::new(file), most_bytes).map_err(|error| error.within(path.display()))
        })
    }

    /// How the recording stands.
    pub fn recording(&self) -> Result<Recording, Failure> {
        self.writer.change(|scene| Ok(recording_of(scene)))
    }

    /// Ends the recording. Errors: there is none, a file that cannot be written.
    pub fn end_recording(&self) -> Result<(), Failure> {
        self.writer.change(Recorder::end_recording)
    }

    /// Makes the scene of a recording again. Errors: a file that is missing or no recording.
    pub fn replay(path: &str) -> Result<Replayed, Failure> {
        held(|| {
            let path = file_path(path)?;
            let failed = |error| Error::io(format!("{} cannot be read: {error}", path.display()));
            let file = File::open(path).map_err(failed)?;
            let replayed = Replay::open(BufReader::new(file)).and_then(Replay::finish_with_scene);
            let (replayed, scene) = replayed.map_err(|error| error.within(path.display()))?;
            Ok(replayed_of(replayed, scene))
        })
    }
}
