//! A scene behind live cameras: frames are pushed and never waited for, and the pipeline says why when nothing comes out.
//!
//! A frame goes through up to three stages, each on a thread of its own, so that the next frame's depth and detections
//! are made while the scene takes this one in:
//!
//! ```text
//! push ─┬─> depth (a network, where the frame has none) ─┬─> detect (a detector, where it has none) ─┐
//!       └────────────────────────────────────────────────┴───────────────────────────────────────────┴─> waits for
//!                              what is handed in by stamp (poses, detections) ─> scene ─> poll, callback
//! ```
//!
//! **Nothing waits, the latest wins.** Before each stage stand at most [`PipelineOptions::queue`] frames of a camera, and
//! at most [`PipelineOptions::waiting`] for their pose; who comes too many pushes the oldest out. What is dropped is
//! counted by its reason ([`Drops`]), and at every moment pushed = published + dropped + under way.
//!
//! **A frame is owned by one place at a time** (a queue, a stage), so that its [`Release`] runs exactly once: where the
//! frame ends, whoever ends it. Never while a lock of the pipeline is held: a release, a callback, a detector may call
//! anything here, [`Pipeline::close`] too.
//!
//! **A panic ends a frame, not the pipeline.** It is counted at its stage with its text. A scene that panics three frames
//! in a row is begun anew.
//!
//! **By stamp.** A pose is that of a frame when their stamps are equal, or else the nearest one within
//! [`PipelineOptions::pose_tolerance_ns`], once a later one shows that no nearer one will come, or the frame's wait is
//! over. Nothing is interpolated: who has a better pose for a stamp pushes it. A frame whose successor was taken in first
//! is dropped: a scene's stamps rise.
//!
//! [`Pipeline::explain`] judges the newest frames that ended (`explain.rs`): frames in, posed, depth valid, detections,
//! associated, published; and names the first broken link with what to do about it.
//!
//! Not here: what is done with a frame (`scene`), how depth and detections are made ([`EstimateDepth`], [`Detect`]).
//! Times are of a clock that only goes on; the scene sees the caller's stamps alone, so that the frames that were taken
//! in, in their order, give the same map again.

mod account;
mod explain;
mod frame;
mod live;
mod networks;
mod options;
mod pool;
mod published;
mod stamped;
mod state;
mod statistics;
mod work;

#[cfg(test)]
mod breaks;
#[cfg(test)]
mod rig;
#[cfg(test)]
mod tests;

pub use account::Drops;
pub use explain::{Broken, Explanation, Link, LinkCount};
pub use frame::{BorrowedFrame, Bytes, DepthPicture, Detections, LiveFrame, Picture, Release};
pub use live::{Pipeline, Stages};
#[cfg(feature = "onnx")]
pub use networks::{DepthStage, DetectorStage};
pub use networks::{Detect, EstimateDepth, MadeDepth, Stopper, Turn};
pub use options::PipelineOptions;
pub use published::{Listener, Published};
pub use statistics::{PipelineStatistics, Stage, StageStatistics};
