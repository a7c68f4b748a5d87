//! What a pipeline may be told before its first frame.

use crate::error::{Error, Result};
use std::time::Duration;

/// What a pipeline may be told.
#[derive(Debug, Clone, PartialEq)]
pub struct PipelineOptions {
    /// Frames of one camera that may stand before a stage, complete; 1 to 64. 1: the newest alone.
    pub queue: usize,
    /// Frames of all cameras that may wait for a pose or detections, 1 to 256.
    pub waiting: usize,
    /// How long a frame waits, from its push, for a pose or detections that are handed in by stamp.
    pub wait: Duration,
    /// A frame older than this, from its push, is dropped before its next stage; `None`: never.
    pub deadline: Option<Duration>,
    /// How far the stamp of a pose may be from its frame's, nanoseconds; 0: they are equal.
    pub pose_tolerance_ns: i64,
    /// Poses kept for frames yet to come, of all cameras, 1 to 65,536; the oldest handed in goes first.
    pub poses: usize,
    /// Whether a frame without detections waits for detections handed in by stamp. With a detector it does not.
    pub late_detections: bool,
    /// How far the stamp of detections may be from their frame's, nanoseconds; 0: they are equal.
    pub detection_tolerance_ns: i64,
    /// Newest frames that an explanation judges, 1 to 65,536.
    pub judged: usize,
    /// A stage that is busy with one frame for longer, or a camera that is silent for longer, is told as stalled.
    pub stalled_after: Duration,
}

impl Default for PipelineOptions {
    fn default() -> Self {
        Self {
            queue: 1,
            waiting: 32,
            wait: Duration::from_millis(200),
            deadline: Some(Duration::from_secs(1)),
            pose_tolerance_ns: 20_000_000,
            poses: 1024,
            late_detections: false,
            detection_tolerance_ns: 0,
            judged: 64,
            stalled_after: Duration::from_secs(2),
        }
    }
}

impl PipelineOptions {
    /// Refuses numbers that cannot be meant.
    pub fn check(&self) -> Result<()> {
        let counts = [
            ("queue", self.queue, 64),
            ("waiting", self.waiting, 256),
            ("poses", self.poses, 65_536),
            ("judged", self.judged, 65_536),
        ];
        for (name, count, most) in counts {
            if !(1..=most).contains(&count) {
                return Err(Error::argument(format!("{name} is {count}, expected 1 to {most}")));
            }
        }
        let tolerances =
            [("pose_tolerance_ns", self.pose_tolerance_ns), ("detection_tolerance_ns", self.detection_tolerance_ns)];
        for (name, tolerance) in tolerances {
            if tolerance < 0 {
                return Err(Error::argument(format!("{name} is {tolerance}, expected 0 or more")));
            }
        }
        Ok(())
    }
}
