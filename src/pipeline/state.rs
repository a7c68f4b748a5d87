//! What the threads of a pipeline share: queues, what came by stamp, counts; under one lock, held for moments.
//!
//! Under the lock nothing of the caller's runs: frames that end are counted there and handed out in a list ([`Dead`]),
//! and dropped, which releases them, when the lock is free again.

use super::account::{Account, End, Ended};
use super::frame::{Detections, LiveFrame};
use super::networks::MadeDepth;
use super::options::PipelineOptions;
use super::pool::Pool;
use super::published::Published;
use super::stamped::Stamped;
use super::statistics::{Stage, Times};
use crate::frame::Pose;
use crate::lift::OwnedDetection;
use parking_lot::{Condvar, Mutex};
use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::ThreadId;
use std::time::Instant;

/// Sets of detections kept for frames yet to come.
const LATE_SETS: usize = 64;

/// Cameras whose newest stamp is remembered: as many as a scene takes.
const MAX_CAMERAS: usize = 1024;

/// Differences between stamps of poses and frames that a wait ended with.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct PoseMiss {
    /// The nearest pose's stamp less the frame's, nanoseconds.
    pub nearest_off_ns: Option<i64>,
    /// The newest pose's stamp less the frame's, nanoseconds.
    pub newest_off_ns: Option<i64>,
}

/// A frame on its way.
pub(super) struct Item {
    pub frame: LiveFrame,
    pub arrived: Instant,
    pub made_depth: Option<MadeDepth>,
}

/// What ended under the lock and is to be dropped without the lock.
#[derive(Default)]
pub(super) struct Dead {
    items: Vec<Item>,
    sets: Vec<Vec<OwnedDetection>>,
    published: Vec<Published>,
}

impl Dead {
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Drops an item later that was never counted.
    pub fn bury(&mut self, item: Item) {
        self.items.push(item);
    }

    /// Drops a publication later: who holds it last frees a scene.
    pub fn keep(&mut self, published: Published) {
        self.published.push(published);
    }
}

/// What a stage is doing and did.
#[derive(Default)]
pub(super) struct Work {
    pub since: Option<Instant>,
    pub runs: u64,
    pub errors: u64,
    pub panics: u64,
    pub last_error: Option<String>,
    pub times: Times,
}

pub(super) struct State {
    pub options: PipelineOptions,
    pub has_depth_stage: bool,
    pub has_detect_stage: bool,
    pub has_listener: bool,
    pub takes_detections: bool,
    pub closing: bool,
    /// Threads of the pipeline that have not ended, and those of them that are inside `close`.
    pub alive: Vec<ThreadId>,
    pub closing_inside: usize,
    depth: VecDeque<Item>,
    detect: VecDeque<Item>,
    waiting: VecDeque<Item>,
    /// Complete frames by camera, for one look through those that wait.
    counts: Vec<(u32, usize)>,
    pub poses: Stamped<Pose>,
    late: Stamped<Vec<OwnedDetection>>,
    taken_ns: BTreeMap<u32, i64>,
    pub account: Account,
    pub work: [Work; Stage::ALL.len()],
    pub poses_pushed: u64,
    pub sets_pushed: u64,
    pub sets_unused: u64,
    pub last_push: Option<Instant>,
    pub last_pose: Option<Instant>,
    pub last_stamp: Option<(u32, i64)>,
    pub last_set_ns: Option<i64>,
    pub pose_miss: PoseMiss,
    pub last_refusal: Option<String>,
    pub colourless: u64,
    pub newest: Option<Published>,
    pub polled: bool,
    pub to_tell: Option<Published>,
    pub told: u64,
    pub untold: u64,
    pub scenes_begun_anew: u64,
    pub things: usize,
}

pub(super) struct Shared {
    pub state: Mutex<State>,
    pub depth_moved: Condvar,
    pub detect_moved: Condvar,
    pub scene_moved: Condvar,
    pub tell_moved: Condvar,
    /// A frame or a thread ended.
    pub ended: Condvar,
    pub closing: AtomicBool,
    pub colours: Pool,
    pub depths: Pool,
}

impl Shared {
    /// Runs `change` under the lock and drops what ended after it.
    pub fn change<T>(&self, change: impl FnOnce(&mut State, &mut Dead) -> T) -> T {
        let mut dead = Dead::default();
        let mut state = self.state.lock();
        let before = state.account.under_way();
        let result = change(&mut state, &mut dead);
        let ended = state.account.under_way() < before;
        drop(state);
        if ended {
            self.ended.notify_all();
        }
        drop(dead);
        result
    }

    pub fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Relaxed)
    }

    /// Wakes whoever stands before this queue.
    pub fn wake(&self, stage: Option<Stage>) {
        match stage {
            Some(Stage::Depth) => self.depth_moved.notify_one(),
            Some(Stage::Detect) => self.detect_moved.notify_one(),
            Some(Stage::Scene) => self.scene_moved.notify_one(),
            Some(Stage::Tell) => self.tell_moved.notify_one(),
            Some(Stage::Whole) | None => false,
        };
    }
}

impl Item {
    fn needs_depth(&self) -> bool {
        self.frame.depth.is_none() && self.made_depth.is_none()
    }

    fn needs_detections(&self) -> bool {
        self.frame.detections.is_none()
    }
}

impl State {
    pub fn new(options: PipelineOptions) -> Self {
        Self {
            has_depth_stage: false,
            has_detect_stage: false,
            has_listener: false,
            takes_detections: true,
            closing: false,
            alive: Vec::new(),
            closing_inside: 0,
            depth: VecDeque::new(),
            detect: VecDeque::new(),
            waiting: VecDeque::new(),
            counts: Vec::new(),
            poses: Stamped::new(options.poses),
            late: Stamped::new(LATE_SETS),
            taken_ns: BTreeMap::new(),
            account: Account::new(options.judged),
            work: Default::default(),
            poses_pushed: 0,
            sets_pushed: 0,
            sets_unused: 0,
            last_push: None,
            last_pose: None,
            last_stamp: None,
            last_set_ns: None,
            pose_miss: PoseMiss::default(),
            last_refusal: None,
            colourless: 0,
            newest: None,
            polled: true,
            to_tell: None,
            told: 0,
            untold: 0,
            scenes_begun_anew: 0,
            things: 0,
            options,
        }
    }

    /// Counts a frame's end. It is dropped after the lock.
    pub fn end(&mut self, item: Item, end: End, report: Option<crate::scene::FrameReport>, dead: &mut Dead) {
        let frame = &item.frame;
        let by_stamp = || self.poses.near(frame.camera_id, frame.stamp_ns, self.options.pose_tolerance_ns).is_some();
        let ended = Ended {
            end,
            posed: frame.world_from_camera.is_some() || by_stamp(),
            has_detections: frame.detections.is_some(),
            report,
        };
        self.account.end(ended);
        dead.items.push(item);
    }

    /// Sends a frame to the stage it needs next; says which that is.
    pub fn route(&mut self, mut item: Item, dead: &mut Dead) -> Option<Stage> {
        if self.closing {
            self.end(item, End::Closed, None, dead);
            return None;
        }
        if item.needs_depth() {
            if !self.has_depth_stage || item.frame.colour.is_none() {
                self.end(item, End::NoDepth, None, dead);
                return None;
            }
            self.depth.push_back(item);
            self.evict(Stage::Depth, dead);
            return Some(Stage::Depth);
        }
        if self.has_detect_stage && self.takes_detections && item.needs_detections() {
            if item.frame.colour.is_some() {
                self.detect.push_back(item);
                self.evict(Stage::Detect, dead);
                return Some(Stage::Detect);
            }
            self.colourless += 1;
        }
        self.attach_pose(&mut item);
        self.waiting.push_back(item);
        self.tidy(Instant::now(), dead);
        Some(Stage::Scene)
    }

    /// As [`route`](Self::route) for a frame that its detector is done with, with or without success.
    pub fn route_to_scene(&mut self, item: Item, dead: &mut Dead) {
        if self.closing {
            self.end(item, End::Closed, None, dead);
            return;
        }
        self.waiting.push_back(item);
        self.tidy(Instant::now(), dead);
    }

    /// The newest frame of a camera pushes out its oldest one beyond `queue`.
    fn evict(&mut self, stage: Stage, dead: &mut Dead) {
        let most = self.options.queue;
        let queue = if stage == Stage::Depth { &mut self.depth } else { &mut self.detect };
        let Some(camera) = queue.back().map(|item| item.frame.camera_id) else { return };
        let of_camera = |item: &Item| item.frame.camera_id == camera;
        if queue.iter().filter(|item| of_camera(item)).count() <= most {
            return;
        }
        if let Some(item) = queue.iter().position(of_camera).and_then(|at| queue.remove(at)) {
            self.end(item, End::Overload, None, dead);
        }
    }

    /// The next frame for a network, those that are late dropped.
    pub fn next_for(&mut self, stage: Stage, dead: &mut Dead) -> Option<Item> {
        loop {
            let queue = if stage == Stage::Depth { &mut self.depth } else { &mut self.detect };
            let item = queue.pop_front()?;
            if !self.is_late(&item, Instant::now()) {
                return Some(item);
            }
            self.end(item, End::Deadline, None, dead);
        }
    }

    fn is_late(&self, item: &Item, now: Instant) -> bool {
        self.options.deadline.is_some_and(|deadline| now.saturating_duration_since(item.arrived) > deadline)
    }

    fn is_waited_out(&self, item: &Item, now: Instant) -> bool {
        now.saturating_duration_since(item.arrived) >= self.options.wait || self.is_late(item, now)
    }

    fn attach_pose(&self, item: &mut Item) {
        self.attach_pose_at(item, false);
    }

    /// Gives a frame its pose if it is there; when the wait is over, also one that a nearer one might have followed.
    fn attach_pose_at(&self, item: &mut Item, waited_out: bool) {
        let frame = &mut item.frame;
        if frame.world_from_camera.is_some() {
            return;
        }
        let near = self.poses.near(frame.camera_id, frame.stamp_ns, self.options.pose_tolerance_ns);
        if let Some(near) = near.filter(|near| near.is_final || waited_out) {
            frame.world_from_camera = self.poses.get(near.at).copied();
        }
    }

    fn waits_for_detections(&self, item: &Item) -> bool {
        self.options.late_detections && !self.has_detect_stage && self.takes_detections && item.needs_detections()
    }

    fn is_complete(&self, item: &Item, now: Instant) -> bool {
        item.frame.world_from_camera.is_some() && (!self.waits_for_detections(item) || self.is_waited_out(item, now))
    }

    /// Gives waiting frames what came for them, drops those whose time is over, those that were overtaken, and those that
    /// are too many.
    pub fn tidy(&mut self, now: Instant, dead: &mut Dead) {
        let mut kept = std::mem::take(&mut self.waiting);
        for _ in 0..kept.len() {
            let Some(mut item) = kept.pop_front() else { break };
            let waited_out = self.is_waited_out(&item, now);
            self.attach_pose_at(&mut item, waited_out);
            self.attach_detections(&mut item);
            let overtaken = self.taken_ns.get(&item.frame.camera_id).is_some_and(|taken| item.frame.stamp_ns <= *taken);
            if item.frame.world_from_camera.is_none() && waited_out {
                self.note_pose_miss(&item);
                self.end(item, End::NoPose, None, dead);
            } else if overtaken {
                self.end(item, End::Overtaken, None, dead);
            } else if self.is_late(&item, now) {
                self.end(item, End::Deadline, None, dead);
            } else {
                kept.push_back(item);
            }
        }
        self.waiting = kept;
        self.drop_surplus(now, dead);
    }

    fn attach_detections(&mut self, item: &mut Item) {
        if !self.waits_for_detections(item) {
            return;
        }
        let frame = &mut item.frame;
        let near = self.late.near(frame.camera_id, frame.stamp_ns, self.options.detection_tolerance_ns);
        frame.detections = near.and_then(|near| self.late.take(near.at)).map(Detections::Own);
    }

    fn note_pose_miss(&mut self, item: &Item) {
        let frame = &item.frame;
        let nearest = self.poses.near(frame.camera_id, frame.stamp_ns, i64::MAX);
        self.pose_miss = PoseMiss {
            nearest_off_ns: nearest.map(|near| near.off_ns),
            newest_off_ns: self.poses.newest_ns(frame.camera_id).map(|newest| newest.saturating_sub(frame.stamp_ns)),
        };
    }

    /// Keeps `queue` complete frames of each camera, and `waiting` frames that lack something.
    fn drop_surplus(&mut self, now: Instant, dead: &mut Dead) {
        let mut at = self.waiting.len();
        let mut counts = std::mem::take(&mut self.counts);
        counts.clear();
        let mut incomplete = 0;
        // From the newest on.
        while at > 0 {
            at -= 1;
            let item = &self.waiting[at];
            let is_complete = self.is_complete(item, now);
            let count = if is_complete { count_of(&mut counts, item.frame.camera_id) } else { &mut incomplete };
            *count += 1;
            let most = if is_complete { self.options.queue } else { self.options.waiting };
            if *count > most
                && let Some(item) = self.waiting.remove(at)
            {
                let lacks_pose = item.frame.world_from_camera.is_none();
                if lacks_pose {
                    self.note_pose_miss(&item);
                }
                self.end(item, if lacks_pose { End::NoPose } else { End::Overload }, None, dead);
            }
        }
        self.counts = counts;
    }

    /// The next frame for the scene, or when to look again.
    pub fn next_for_scene(&mut self, now: Instant, dead: &mut Dead) -> Result<Item, Option<Instant>> {
        self.tidy(now, dead);
        let complete = self.waiting.iter().position(|item| self.is_complete(item, now));
        if let Some(item) = complete.and_then(|at| self.waiting.remove(at)) {
            // From now on an older one of this camera is overtaken. Of more cameras than a scene takes it tells them.
            if self.taken_ns.len() < MAX_CAMERAS || self.taken_ns.contains_key(&item.frame.camera_id) {
                self.taken_ns.insert(item.frame.camera_id, item.frame.stamp_ns);
            }
            return Ok(item);
        }
        let wait = self.options.deadline.map_or(self.options.wait, |deadline| deadline.min(self.options.wait));
        Err(self.waiting.iter().filter_map(|item| item.arrived.checked_add(wait)).min())
    }

    pub fn push_detections(&mut self, camera_id: u32, stamp_ns: i64, set: Vec<OwnedDetection>, dead: &mut Dead) {
        self.sets_pushed += 1;
        self.last_set_ns = Some(stamp_ns);
        if self.taken_ns.get(&camera_id).is_some_and(|taken| stamp_ns < *taken) {
            self.sets_unused += 1;
            dead.sets.push(set);
            return;
        }
        if let Some(displaced) = self.late.push(camera_id, stamp_ns, set) {
            self.sets_unused += 1;
            dead.sets.push(displaced);
        }
        self.tidy(Instant::now(), dead);
    }

    /// Ends all that stands in queues.
    pub fn clear(&mut self, dead: &mut Dead) {
        let queued = [&mut self.depth, &mut self.detect, &mut self.waiting].map(std::mem::take);
        for item in queued.into_iter().flatten() {
            self.end(item, End::Closed, None, dead);
        }
        dead.sets.extend(self.late.drain());
        dead.published.extend(self.to_tell.take());
    }

    /// Shows what is newest to who polls and who is told.
    pub fn publish(&mut self, published: Published, dead: &mut Dead) {
        self.things = published.snapshot.len();
        let whole = self.work(Stage::Whole);
        whole.runs += 1;
        whole.times.note(published.latency);
        if self.has_listener {
            let untold = self.to_tell.replace(published.clone());
            self.untold += u64::from(untold.is_some());
            dead.published.extend(untold);
        }
        dead.published.extend(self.newest.replace(published));
        self.polled = false;
    }

    pub fn work(&mut self, stage: Stage) -> &mut Work {
        &mut self.work[stage as usize]
    }
}

fn count_of(counts: &mut Vec<(u32, usize)>, camera_id: u32) -> &mut usize {
    let at = counts.iter().position(|(camera, _)| *camera == camera_id).unwrap_or_else(|| {
        counts.push((camera_id, 0));
        counts.len() - 1
    });
    &mut counts[at].1
}
