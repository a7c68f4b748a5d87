//! The one writer.

use super::ground::GroundWriter;
use super::index::Index;
use super::slots::Slots;
use super::snapshot::SnapshotData;
use super::{FrameReport, Keyframe, Object, SceneOptions, Snapshot, StageTimes, Support};
use crate::error::{Error, Result};
use crate::frame::{Clock, DepthGrid, Frame, Pose, Registrar};
use crate::lift::{Detection, MAX_DETECTIONS};
use parking_lot::Mutex;
use std::sync::Arc;

/// The map of things, written by one thread. Readers hold [`Snapshot`]s.
pub struct Scene {
    options: SceneOptions,
    clock: Clock,
    registrar: Registrar,
    grid: DepthGrid,
    ground: GroundWriter,
    times: StageTimes,
    state: SnapshotData,
    published: Mutex<Snapshot>,
}

impl Scene {
    /// An empty scene.
    pub fn new(options: SceneOptions) -> Result<Self> {
        options.check()?;
        let rotation = options.up.rotation()?.unwrap_or_default();
        let state = SnapshotData::empty(options.up, Pose::from_parts(Default::default(), rotation));
        Ok(Self {
            options,
            clock: Clock::default(),
            registrar: Registrar::default(),
            grid: DepthGrid::default(),
            ground: GroundWriter::default(),
            times: StageTimes::default(),
            published: Mutex::new(Snapshot(Arc::new(state.clone()))),
            state,
        })
    }

    /// Takes in one frame and what a detector found in it. On an error the scene is as it was.
    pub fn integrate(&mut self, frame: &Frame<'_>, detections: &[Detection<'_>]) -> Result<FrameReport> {
        if detections.len() > MAX_DETECTIONS {
            return Err(Error::argument(format!("{} detections, expected at most {MAX_DETECTIONS}", detections.len())));
        }
        detections.iter().try_for_each(Detection::check)?;
        self.clock.check(frame.camera_id, frame.stamp_ns)?;
        self.registrar.register(frame, &mut self.grid)?;
        self.clock.advance(frame.camera_id, frame.stamp_ns);
        Ok(FrameReport::default())
    }

    /// Moves keyframes (and with them what hangs on them) to corrected poses, in the input's world.
    pub fn update_poses(&mut self, corrected: &[(u32, Pose)]) -> Result<()> {
        let _ = corrected;
        Ok(())
    }

    /// Makes what is believed now visible to readers, and returns it.
    pub fn publish(&mut self) -> Snapshot {
        self.state.ground = self.ground.publish();
        let snapshot = Snapshot(Arc::new(self.state.clone()));
        *self.published.lock() = snapshot.clone();
        snapshot
    }

    /// The newest published snapshot; any thread, never waits for [`Self::integrate`].
    pub fn snapshot(&self) -> Snapshot {
        self.published.lock().clone()
    }

    /// How long the stages of the newest frame took.
    pub fn stage_times(&self) -> StageTimes {
        self.times
    }
}
