//! The handle: what callers' threads do.

use super::explain::{self, Explanation};
use super::frame::{BorrowedFrame, Detections, LiveFrame, Release};
use super::networks::{Detect, EstimateDepth, Stopper};
use super::options::PipelineOptions;
use super::pool::Pool;
use super::published::{Listener, Published};
use super::state::{Item, Shared, State};
use super::statistics::{PipelineStatistics, Stage, StageStatistics};
use super::work::{self, TakeIn, attempt};
use crate::error::{Error, ErrorKind, Result};
use crate::frame::Pose;
use crate::lift::{Detection, OwnedDetection};
use crate::scene::{ObjectSource, Scene, Snapshot};
use crate::silhouette::{SilhouetteOptions, Silhouettes};
use parking_lot::{Condvar, Mutex};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Who works in a pipeline beside the scene, and who is told.
#[derive(Default)]
pub struct Stages {
    /// Makes depth for frames that come without.
    pub depth: Option<Box<dyn EstimateDepth>>,
    /// Finds things in frames that come without detections.
    pub detect: Option<Box<dyn Detect>>,
    /// Places what is detected by its outlines, in depth that [`Self::depth`] made: where the scene knows which way is up.
    pub silhouettes: Option<SilhouetteOptions>,
    /// Is told of what is published.
    pub listener: Option<Listener>,
}

impl std::fmt::Debug for Stages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stages")
            .field("depth", &self.depth.is_some())
            .field("detect", &self.detect.is_some())
            .field("silhouettes", &self.silhouettes)
            .field("listener", &self.listener.is_some())
            .finish()
    }
}

/// A scene behind live cameras. Any thread may call anything, at any time; no call waits but [`close`](Self::close) and
/// [`settle`](Self::settle). Dropping it closes it.
pub struct Pipeline {
    shared: Arc<Shared>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    stoppers: Mutex<Vec<Stopper>>,
    /// The scene before the first frame.
    first: Snapshot,
}

impl std::fmt::Debug for Pipeline {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pipeline").field("threads", &self.threads.lock().len()).finish_non_exhaustive()
    }
}

impl Pipeline {
    /// Starts a thread for the scene and one for each stage there is. Fails with [`ErrorKind::Argument`] for numbers that
    /// cannot be meant, [`ErrorKind::NoMemory`] if there is no thread to be had.
    pub fn open(scene: Scene, options: PipelineOptions, stages: Stages) -> Result<Self> {
        Self::open_with(scene, options, stages, Scene::integrate)
    }

    pub(super) fn open_with(scene: Scene, options: PipelineOptions, stages: Stages, take_in: TakeIn) -> Result<Self> {
        options.check()?;
        let Stages { depth, detect, silhouettes, listener } = stages;
        let silhouettes = silhouettes.map(Silhouettes::new).transpose()?;
        let deadline = options.deadline;
        // In two queues and three stages, waiting, and one more that is being copied.
        let buffers = 2 * options.queue + 3 + options.waiting + options.queue + 1;
        let mut state = State::new(options);
        state.has_depth_stage = depth.is_some();
        state.has_detect_stage = detect.is_some();
        state.has_listener = listener.is_some();
        state.takes_detections = scene.options().source == ObjectSource::Detections;
        let shared = Arc::new(Shared {
            state: Mutex::new(state),
            depth_moved: Condvar::new(),
            detect_moved: Condvar::new(),
            scene_moved: Condvar::new(),
            tell_moved: Condvar::new(),
            ended: Condvar::new(),
            closing: AtomicBool::new(false),
            colours: Pool::new(buffers),
            depths: Pool::new(buffers),
        });
        let stoppers = [depth.as_ref().and_then(|d| d.stopper()), detect.as_ref().and_then(|d| d.stopper())];
        let pipeline = Self {
            shared,
            threads: Mutex::default(),
            stoppers: Mutex::new(stoppers.into_iter().flatten().collect()),
            first: scene.snapshot(),
        };
        pipeline.start("gnomon-scene", move |shared| work::scene(shared, scene, silhouettes, take_in))?;
        if let Some(mut depth) = depth {
            pipeline.start("gnomon-depth", move |shared| work::depth(shared, depth.as_mut(), deadline))?;
        }
        if let Some(mut detect) = detect {
            pipeline.start("gnomon-detect", move |shared| work::detect(shared, detect.as_mut(), deadline))?;
        }
        if let Some(listener) = listener {
            pipeline.start("gnomon-tell", move |shared| work::tell(shared, listener))?;
        }
        Ok(pipeline)
    }

    fn start(&self, name: &str, work: impl FnOnce(&Shared) + Send + 'static) -> Result<()> {
        let shared = self.shared.clone();
        // Under the lock: the thread cannot end before it is on the list.
        let mut state = self.shared.state.lock();
        let thread = std::thread::Builder::new().name(name.into()).spawn(move || {
            // A network's end may panic.
            let _ = attempt(|| {
                work(&shared);
                Ok(())
            });
            let own = std::thread::current().id();
            shared.state.lock().alive.retain(|thread| *thread != own);
            shared.ended.notify_all();
        });
        let thread = thread.map_err(|error| Error::new(ErrorKind::NoMemory, format!("no thread {name}: {error}")))?;
        state.alive.push(thread.thread().id());
        drop(state);
        self.threads.lock().push(thread);
        Ok(())
    }

    /// Takes a frame whose buffers stay their owner's until its release runs; copies nothing of them. Never waits: what
    /// is too much is dropped and counted. Fails with [`ErrorKind::Argument`] for a frame that cannot be meant,
    /// [`ErrorKind::State`] after [`close`](Self::close); the frame is released then too. It may release older frames on
    /// this thread, those it pushes out.
    pub fn push(&self, frame: LiveFrame) -> Result<()> {
        frame.check()?;
        let item = Item { frame, arrived: Instant::now(), made_depth: None };
        let shared = self.held();
        let next = shared.change(|state, dead| {
            if state.closing {
                dead.bury(item);
                return Err(closed());
            }
            state.account.pushed += 1;
            state.last_push = Some(item.arrived);
            state.last_stamp = Some((item.frame.camera_id, item.frame.stamp_ns));
            Ok(state.route(item, dead))
        })?;
        shared.wake(next);
        Ok(())
    }

    /// What a call that hands something in works on: who hears of it may free the pipeline before the call has ended.
    fn held(&self) -> Arc<Shared> {
        self.shared.clone()
    }

    /// As [`push`](Self::push) for a frame whose buffers are borrowed for the call: they are copied into buffers of the
    /// pipeline, which are used again.
    pub fn push_copy(&self, frame: &BorrowedFrame<'_>) -> Result<()> {
        if self.shared.is_closing() {
            return Err(closed());
        }
        let copied =
            |detections: &[Detection<'_>]| Detections::Own(detections.iter().map(OwnedDetection::of).collect());
        self.push(LiveFrame {
            colour: frame.colour.map(|picture| self.shared.colours.copy_colour(&picture)).transpose()?,
            depth: frame.depth.map(|depth| self.shared.depths.copy_depth(&depth)).transpose()?,
            intrinsics: frame.intrinsics,
            depth_camera: frame.depth_camera,
            world_from_camera: frame.world_from_camera,
            stamp_ns: frame.stamp_ns,
            camera_id: frame.camera_id,
            detections: frame.detections.map(copied),
            release: Release::default(),
        })
    }

    /// Hands in where a camera stood at a stamp, for a frame that waits or is yet to come: `world_from_camera`.
    pub fn push_pose(&self, camera_id: u32, stamp_ns: i64, world_from_camera: Pose) -> Result<()> {
        let shared = self.held();
        shared.change(|state, dead| {
            if state.closing {
                return Err(closed());
            }
            state.poses_pushed += 1;
            let now = Instant::now();
            state.last_pose = Some(now);
            state.poses.push(camera_id, stamp_ns, world_from_camera);
            state.tidy(now, dead);
            Ok(())
        })?;
        shared.wake(Some(Stage::Scene));
        Ok(())
    }

    /// Hands in what was found in a frame, for one that waits or is yet to come. Of use with
    /// [`PipelineOptions::late_detections`] alone; fails with [`ErrorKind::State`] without it.
    pub fn push_detections(&self, camera_id: u32, stamp_ns: i64, detections: Vec<OwnedDetection>) -> Result<()> {
        let set = Detections::Own(detections);
        set.check()?;
        let Detections::Own(detections) = set else { return Ok(()) };
        let shared = self.held();
        shared.change(|state, dead| {
            if state.closing {
                return Err(closed());
            }
            if !state.options.late_detections || state.has_detect_stage {
                return Err(Error::state(
                    "no frame waits for detections: the option late_detections is off, or there is a detector",
                ));
            }
            state.push_detections(camera_id, stamp_ns, detections, dead);
            Ok(())
        })?;
        shared.wake(Some(Stage::Scene));
        Ok(())
    }

    /// The newest that was published since the last time it was asked; `None` if nothing was.
    pub fn poll(&self) -> Option<Published> {
        let mut state = self.shared.state.lock();
        if std::mem::replace(&mut state.polled, true) { None } else { state.newest.clone() }
    }

    /// The newest published scene; what it was opened with before the first frame.
    pub fn snapshot(&self) -> Snapshot {
        let state = self.shared.state.lock();
        state.newest.as_ref().map_or_else(|| self.first.clone(), |newest| newest.snapshot.clone())
    }

    /// Why nothing comes out, or that all is well: judged on the newest frames that ended.
    pub fn explain(&self) -> Explanation {
        explain::explain(&self.shared.state.lock(), Instant::now())
    }

    /// Counts and times.
    pub fn statistics(&self) -> PipelineStatistics {
        let buffers_made = self.shared.colours.made() + self.shared.depths.made();
        let state = self.shared.state.lock();
        let of = |stage: Stage| {
            let work = &state.work[stage as usize];
            let [p50_s, p99_s] = work.times.p50_p99_s();
            StageStatistics {
                stage: stage.word(),
                runs: work.runs,
                errors: work.errors,
                panics: work.panics,
                p50_s,
                p99_s,
                busy_s: work.since.map_or(0.0, |since| since.elapsed().as_secs_f64()),
                last_error: work.last_error.clone(),
            }
        };
        PipelineStatistics {
            pushed: state.account.pushed,
            published: state.account.published,
            under_way: state.account.under_way(),
            dropped: state.account.dropped,
            told: state.told,
            untold: state.untold,
            poses: state.poses_pushed,
            detections: state.sets_pushed,
            detections_unused: state.sets_unused,
            buffers_made,
            scenes_begun_anew: state.scenes_begun_anew,
            stages: Stage::ALL.map(of).to_vec(),
        }
    }

    /// Waits until no frame is under way, at most so long; says whether that came. From a thread of the pipeline it does
    /// not wait.
    pub fn settle(&self, at_most: Duration) -> bool {
        let until = Instant::now().checked_add(at_most);
        let own = std::thread::current().id();
        let mut state = self.shared.state.lock();
        loop {
            if state.account.under_way() == 0 || state.alive.contains(&own) {
                return state.account.under_way() == 0;
            }
            match until {
                None => self.shared.ended.wait(&mut state),
                Some(until) if self.shared.ended.wait_until(&mut state, until).timed_out() => {
                    return state.account.under_way() == 0;
                }
                Some(_) => {}
            }
        }
    }

    /// Ends it: frames in queues are dropped and released, what runs is stopped where it can be, and the call returns
    /// when every thread has ended: then every frame is released and the listener is called no more. May be called from
    /// the listener, a stage or a release: then it waits for the other threads alone, and the frame or call that it was
    /// called from ends after it. May be called again.
    pub fn close(&self) {
        self.shared.closing.store(true, Ordering::SeqCst);
        self.shared.change(|state, dead| {
            state.closing = true;
            state.clear(dead);
        });
        let stoppers = std::mem::take(&mut *self.stoppers.lock());
        for stop in &stoppers {
            let _ = attempt(|| {
                stop();
                Ok(())
            });
        }
        let shared = &self.shared;
        for moved in [&shared.depth_moved, &shared.detect_moved, &shared.scene_moved, &shared.tell_moved] {
            moved.notify_all();
        }
        let own = std::thread::current().id();
        let mut state = shared.state.lock();
        if state.alive.contains(&own) {
            state.closing_inside += 1;
            shared.ended.notify_all();
            // Others that close from inside wait likewise: for each other they would wait for ever.
            while state.alive.len() > state.closing_inside {
                shared.ended.wait(&mut state);
            }
            state.closing_inside -= 1;
            return;
        }
        while !state.alive.is_empty() {
            shared.ended.wait(&mut state);
        }
        drop(state);
        let threads = std::mem::take(&mut *self.threads.lock());
        for thread in threads {
            // Its panics are caught.
            let _ = thread.join();
        }
    }
}

impl Drop for Pipeline {
    fn drop(&mut self) {
        self.close();
    }
}

fn closed() -> Error {
    Error::state("the pipeline is closed")
}
