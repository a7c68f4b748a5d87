//! How frames ended: counts since the beginning, and the newest ones one by one.

use crate::scene::FrameReport;
use std::collections::VecDeque;

/// How a frame ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Published,
    Overload,
    Deadline,
    NoPose,
    NoDepth,
    Overtaken,
    Refused,
    UpUnknown,
    Panic,
    Closed,
}

/// Frames that were not published, by reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Drops {
    /// Pushed out of a queue by a newer one.
    pub overload: u64,
    /// Older than the deadline.
    pub deadline: u64,
    /// No pose of its stamp within the wait.
    pub no_pose: u64,
    /// It had no depth, and none was made.
    pub no_depth: u64,
    /// A later one of its camera was taken in before.
    pub overtaken: u64,
    /// The scene refused it: its numbers, its stamp.
    pub refused: u64,
    /// Looked at while no floor had shown which way is up.
    pub up_unknown: u64,
    /// The scene panicked at it.
    pub panic: u64,
    /// Under way when the pipeline closed.
    pub closed: u64,
}

impl Drops {
    /// Reasons by name, with their counts.
    pub fn by_reason(&self) -> [(&'static str, u64); 9] {
        [
            ("overload", self.overload),
            ("deadline", self.deadline),
            ("no_pose", self.no_pose),
            ("no_depth", self.no_depth),
            ("overtaken", self.overtaken),
            ("refused", self.refused),
            ("up_unknown", self.up_unknown),
            ("panic", self.panic),
            ("closed", self.closed),
        ]
    }

    /// All of them.
    pub fn sum(&self) -> u64 {
        self.by_reason().iter().map(|(_, count)| count).sum()
    }

    fn count(&mut self, end: End) {
        let counter = match end {
            End::Published => return,
            End::Overload => &mut self.overload,
            End::Deadline => &mut self.deadline,
            End::NoPose => &mut self.no_pose,
            End::NoDepth => &mut self.no_depth,
            End::Overtaken => &mut self.overtaken,
            End::Refused => &mut self.refused,
            End::UpUnknown => &mut self.up_unknown,
            End::Panic => &mut self.panic,
            End::Closed => &mut self.closed,
        };
        *counter += 1;
    }
}

/// What is remembered of a frame that ended.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ended {
    pub end: End,
    pub posed: bool,
    /// It came with a set of detections, or got one by stamp or from a detector, perhaps empty.
    pub has_detections: bool,
    /// Of a frame that the scene took in or set aside.
    pub report: Option<FrameReport>,
}

/// Ends of frames since the beginning, and the newest.
pub(super) struct Account {
    pub pushed: u64,
    pub published: u64,
    pub dropped: Drops,
    newest: VecDeque<Ended>,
    most: usize,
    /// Sums over all frames, for the chain.
    pub posed: u64,
    pub with_depth: u64,
    pub with_detections: u64,
    pub associated: u64,
}

impl Account {
    /// One that remembers the newest `most`.
    pub fn new(most: usize) -> Self {
        Self {
            pushed: 0,
            published: 0,
            dropped: Drops::default(),
            newest: VecDeque::with_capacity(most),
            most,
            posed: 0,
            with_depth: 0,
            with_detections: 0,
            associated: 0,
        }
    }

    pub fn end(&mut self, ended: Ended) {
        self.published += u64::from(ended.end == End::Published);
        self.dropped.count(ended.end);
        self.posed += u64::from(ended.posed);
        if let Some(report) = &ended.report {
            self.with_depth += u64::from(report.depth_pixels > 0);
            self.with_detections += u64::from(report.detections > 0);
            self.associated += u64::from(report.associated > 0);
        }
        if self.newest.len() >= self.most {
            self.newest.pop_front();
        }
        self.newest.push_back(ended);
    }

    /// Pushed and not yet ended.
    pub fn under_way(&self) -> u64 {
        self.pushed - self.published - self.dropped.sum()
    }

    pub fn newest(&self) -> impl Iterator<Item = &Ended> {
        self.newest.iter()
    }
}
