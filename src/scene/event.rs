//! What happened to things, and the receipts of what was removed.

use super::ObjectId;
use nalgebra::Point3;

/// How many events a scene remembers; older ones fall out and are counted.
pub const EVENT_RING: usize = 1024;

/// Something that happened to one thing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Event {
    /// Rises by one from event to event, never reused.
    pub sequence: u64,
    /// Stamp of the frame in which it happened.
    pub stamp_ns: i64,
    /// The thing.
    pub object: ObjectId,
    /// What happened.
    pub kind: EventKind,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum EventKind {
    /// Seen often enough to be believed.
    Born,
    /// Found again elsewhere; it kept its id.
    Moved {
        /// Where it was.
        from: Point3<f64>,
        /// Where it is.
        to: Point3<f64>,
    },
    /// Turned out to be the same thing as `into`, which lives on.
    Merged {
        /// The thing that lives on.
        into: ObjectId,
    },
    /// Its place was seen and was empty: the receipt. Or an operator deleted it: then an edit says so, and the receipt has
    /// no frames and no points.
    Removed(Receipt),
}

/// Why a thing was removed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Receipt {
    /// Where it was.
    pub place: Point3<f64>,
    /// How many frames saw its place empty in a row of doubt; 0 when something else was seen to stand there.
    pub frames_seen_empty: u32,
    /// Points of it that the last of these frames looked at without obstruction.
    pub points_in_view: u32,
    /// How many of those had nothing there: depth went on behind them.
    pub points_empty: u32,
    /// Stamp of the last frame that had seen it there.
    pub last_seen_ns: i64,
}

impl Receipt {
    /// Of what was taken out for another reason than an empty place.
    pub(super) fn without_looking(place: Point3<f64>, last_seen_ns: i64) -> Self {
        Self { place, frames_seen_empty: 0, points_in_view: 0, points_empty: 0, last_seen_ns }
    }
}
