//! Figures of a pipeline: how long its stages take, how often they fail.

use super::account::Drops;
use std::time::Duration;

/// Newest runs of a stage whose times are kept.
const KEPT: usize = 512;

/// Where time goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Depth made from the picture.
    Depth,
    /// Things found in the picture.
    Detect,
    /// The frame taken in by the scene and published.
    Scene,
    /// The listener, told.
    Tell,
    /// From the push until published: all of it, queues included.
    Whole,
}

impl Stage {
    /// All there are, in order.
    pub const ALL: [Self; 5] = [Self::Depth, Self::Detect, Self::Scene, Self::Tell, Self::Whole];

    /// Its name in sentences.
    pub fn word(self) -> &'static str {
        match self {
            Self::Depth => "depth",
            Self::Detect => "detect",
            Self::Scene => "scene",
            Self::Tell => "tell",
            Self::Whole => "whole",
        }
    }
}

/// What a stage did so far.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct StageStatistics {
    /// Its name: `depth`, `detect`, `scene`, `tell`, `whole`.
    pub stage: &'static str,
    /// Frames it was done with, well or not.
    pub runs: u64,
    /// Of these, how many it failed.
    pub errors: u64,
    /// Of these, how many it panicked at.
    pub panics: u64,
    /// The middle time of the newest runs, seconds; 0 before the first.
    pub p50_s: f64,
    /// The time that 99 of 100 of the newest runs did not exceed, seconds.
    pub p99_s: f64,
    /// How long it has been busy with one frame, seconds; 0: it is not.
    pub busy_s: f64,
    /// What its newest error or panic said.
    pub last_error: Option<String>,
}

/// A pipeline's counts since it was opened. `pushed` = `published` + the sum of `dropped` + `under_way`.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct PipelineStatistics {
    /// Frames taken by a push.
    pub pushed: u64,
    /// Frames that a reader can see in the scene.
    pub published: u64,
    /// Frames in queues and stages now.
    pub under_way: u64,
    /// Frames that ended otherwise, by reason.
    pub dropped: Drops,
    /// Published frames that the listener was told of.
    pub told: u64,
    /// Published frames that were overtaken before the listener was free.
    pub untold: u64,
    /// Poses handed in by stamp.
    pub poses: u64,
    /// Sets of detections handed in by stamp.
    pub detections: u64,
    /// Of these, how many found no frame that waited for them, and were displaced or too late.
    pub detections_unused: u64,
    /// Buffers that copies took anew from memory.
    pub buffers_made: u64,
    /// How often the scene was begun anew after panics.
    pub scenes_begun_anew: u64,
    /// The stages, in the order of [`Stage::ALL`].
    pub stages: Vec<StageStatistics>,
}

/// The newest times of a stage: fixed memory.
pub(super) struct Times {
    micros: Box<[u32]>,
    next: usize,
    len: usize,
}

impl Default for Times {
    fn default() -> Self {
        Self { micros: vec![0; KEPT].into_boxed_slice(), next: 0, len: 0 }
    }
}

impl Times {
    pub fn note(&mut self, took: Duration) {
        self.micros[self.next] = u32::try_from(took.as_micros()).unwrap_or(u32::MAX);
        self.next = (self.next + 1) % self.micros.len();
        self.len = (self.len + 1).min(self.micros.len());
    }

    /// The times that half and 99 of 100 did not exceed, seconds.
    pub fn p50_p99_s(&self) -> [f64; 2] {
        let mut sorted = self.micros[..self.len].to_vec();
        sorted.sort_unstable();
        [50, 99].map(|percent| {
            let at = (self.len * percent).div_ceil(100).saturating_sub(1);
            sorted.get(at).map_or(0.0, |micros| f64::from(*micros) * 1e-6)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_the_newest_runs() {
        let mut times = Times::default();
        assert_eq!(times.p50_p99_s(), [0.0, 0.0]);
        for _ in 0..KEPT {
            times.note(Duration::from_secs(9));
        }
        for milliseconds in 0..KEPT as u64 {
            times.note(Duration::from_millis(milliseconds));
        }
        let [p50, p99] = times.p50_p99_s();
        assert!((p50 - 0.255).abs() < 1e-9 && (p99 - 0.506).abs() < 1e-9, "{p50} {p99}");
    }
}
