//! What comes out.

use crate::scene::{FrameReport, Snapshot};
use std::time::Duration;

/// The scene after a frame, and what became of that frame.
#[derive(Debug, Clone)]
pub struct Published {
    /// The scene, the frame taken in.
    pub snapshot: Snapshot,
    /// What became of the frame.
    pub report: FrameReport,
    /// The frame's stamp, nanoseconds on the caller's clock.
    pub stamp_ns: i64,
    /// Which camera took it.
    pub camera_id: u32,
    /// From its push until the snapshot was there.
    pub latency: Duration,
}

/// Who is told of what is published, on a thread of its own, never twice at a time. One that is slow misses what is
/// overtaken, which is counted, and holds nobody up. It may call anything of the pipeline, [`close`](super::Pipeline::close)
/// too. Dropped after its last call, before `close` returns, unless it is it that closes.
pub type Listener = Box<dyn FnMut(&Published) + Send>;
