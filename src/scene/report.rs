//! What became of one frame.

use std::time::Duration;

/// Counts of one frame, for whoever asks why nothing came out.
#[derive(Debug, Clone, Copy, PartialEq, Default, serde::Serialize, serde::Deserialize)]
pub struct FrameReport {
    /// Number of the frame in this scene, from 0.
    pub frame: u64,
    /// False while [`crate::frame::Up::Auto`] has not found the floor: the frame was looked at and set aside.
    pub up_known: bool,
    /// Pixels with depth.
    pub depth_pixels: u32,
    /// Detections that came in (or were proposed from geometry).
    pub detections: u32,
    /// Of these, how many had depth enough to become a box.
    pub lifted: u32,
    /// Of these, how many were recognised as a thing already known.
    pub associated: u32,
    /// Of these, how many were called otherwise than their thing is called, by all that was said of it so far.
    pub outvoted: u32,
    /// How many began a new thing, not yet published.
    pub begun: u32,
    /// Things dropped without a word: begun but never believed, or movable and not seen lately.
    pub given_up: u32,
    /// Things that became believed.
    pub born: u32,
    /// Things found again elsewhere.
    pub moved: u32,
    /// Things that turned out to be one with another.
    pub merged: u32,
    /// Things removed because their place was empty.
    pub removed: u32,
    /// The keyframe this frame became, if it did.
    pub keyframe: Option<u32>,
}

/// How long the stages of the newest frame took. A diagnosis: nothing depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StageTimes {
    /// Depth decoded and brought into the colour camera.
    pub register: Duration,
    /// Planes and ground.
    pub perceive: Duration,
    /// Detections, or what geometry proposes in their place, to points.
    pub lift: Duration,
    /// Who is who.
    pub associate: Duration,
    /// Evidence taken in, boxes fitted.
    pub fuse: Duration,
    /// Doubt, removal, merging, finding again.
    pub doubt: Duration,
    /// The newest snapshot.
    pub publish: Duration,
}

impl StageTimes {
    /// Stage names and times, in order.
    pub fn stages(&self) -> [(&'static str, Duration); 7] {
        [
            ("register", self.register),
            ("perceive", self.perceive),
            ("lift", self.lift),
            ("associate", self.associate),
            ("fuse", self.fuse),
            ("doubt", self.doubt),
            ("publish", self.publish),
        ]
    }
}
