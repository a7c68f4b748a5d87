//! What the threads do: take the next frame, work without the lock, send it on.

use super::account::End;
use super::frame::Detections;
use super::networks::{Detect, EstimateDepth, MadeDepth, Turn};
use super::published::{Listener, Published};
use super::state::{Dead, Item, Shared};
use super::statistics::Stage;
use crate::error::{Error, Result, panic_text};
use crate::frame::Frame;
use crate::lift::Detection;
use crate::scene::{FrameReport, Scene};
use crate::silhouette::Silhouettes;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

/// A scene that panics at so many frames in a row is begun anew.
const BEGUN_ANEW_AFTER: u32 = 3;

/// What the scene's thread calls for each frame.
pub(super) type TakeIn = fn(&mut Scene, &Frame<'_>, &[Detection<'_>]) -> Result<FrameReport>;

/// How a piece of work went.
pub(super) enum Outcome<T> {
    Done(T),
    Failed(String),
    Panicked(String),
}

/// Runs work that may panic.
pub(super) fn attempt<T>(work: impl FnOnce() -> Result<T>) -> Outcome<T> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(value)) => Outcome::Done(value),
        Ok(Err(error)) => Outcome::Failed(error.to_string()),
        Err(payload) => Outcome::Panicked(panic_text(payload)),
    }
}

impl Shared {
    /// The next frame for a network; `None` when the pipeline closes.
    fn next(&self, stage: Stage) -> Option<Item> {
        let moved = if stage == Stage::Depth { &self.depth_moved } else { &self.detect_moved };
        loop {
            let mut dead = Dead::default();
            let mut state = self.state.lock();
            if state.closing {
                return None;
            }
            let item = state.next_for(stage, &mut dead);
            if item.is_some() {
                state.work(stage).since = Some(Instant::now());
            } else if dead.is_empty() {
                moved.wait(&mut state);
            }
            drop(state);
            self.bury(dead);
            if item.is_some() {
                return item;
            }
        }
    }

    /// The next frame for the scene; `None` when the pipeline closes.
    fn next_for_scene(&self) -> Option<Item> {
        loop {
            let mut dead = Dead::default();
            let mut state = self.state.lock();
            if state.closing {
                return None;
            }
            let now = Instant::now();
            let next = state.next_for_scene(now, &mut dead);
            match &next {
                Ok(_) => state.work(Stage::Scene).since = Some(now),
                Err(_) if !dead.is_empty() => {}
                Err(None) => self.scene_moved.wait(&mut state),
                Err(Some(until)) => drop(self.scene_moved.wait_until(&mut state, *until)),
            }
            drop(state);
            self.bury(dead);
            if let Ok(item) = next {
                return Some(item);
            }
        }
    }

    fn bury(&self, dead: Dead) {
        if !dead.is_empty() {
            self.ended.notify_all();
        }
        drop(dead);
    }

    fn turn(&self, item: &Item, deadline: Option<Duration>) -> Turn<'_> {
        let within = deadline.map(|deadline| deadline.saturating_sub(item.arrived.elapsed()));
        Turn { within, closing: &self.closing }
    }
}

impl super::state::State {
    /// Notes how a stage's run went, and that it is free.
    fn note<T>(&mut self, stage: Stage, took: Duration, outcome: &Outcome<T>) {
        let work = self.work(stage);
        work.since = None;
        work.runs += 1;
        work.times.note(took);
        match outcome {
            Outcome::Done(_) => return,
            Outcome::Failed(why) => {
                work.errors += 1;
                work.last_error = Some(why.clone());
            }
            Outcome::Panicked(text) => {
                work.panics += 1;
                work.last_error = Some(format!("a panic: {text}"));
            }
        }
        log::warn!("{} failed: {}", stage.word(), work.last_error.as_deref().unwrap_or_default());
    }
}

/// The thread of the depth network.
pub(super) fn depth(shared: &Shared, network: &mut dyn EstimateDepth, deadline: Option<Duration>) {
    while let Some(mut item) = shared.next(Stage::Depth) {
        let started = Instant::now();
        let turn = shared.turn(&item, deadline);
        let outcome = attempt(|| {
            let frame = &item.frame;
            let picture = frame.colour.as_ref().ok_or_else(|| Error::argument("no picture"))?.view()?;
            let mut made = MadeDepth::default();
            network.estimate(&picture, &frame.intrinsics, &turn, &mut made)?;
            made.view()?;
            Ok(made)
        });
        let next = shared.change(|state, dead| {
            state.note(Stage::Depth, started.elapsed(), &outcome);
            if let Outcome::Done(made) = outcome {
                item.made_depth = Some(made);
                return state.route(item, dead);
            }
            let end = if state.closing { End::Closed } else { End::NoDepth };
            state.end(item, end, None, dead);
            None
        });
        shared.wake(next);
    }
}

/// The thread of the detector.
pub(super) fn detect(shared: &Shared, detector: &mut dyn Detect, deadline: Option<Duration>) {
    while let Some(mut item) = shared.next(Stage::Detect) {
        let started = Instant::now();
        let turn = shared.turn(&item, deadline);
        let outcome = attempt(|| {
            let picture = item.frame.colour.as_ref().ok_or_else(|| Error::argument("no picture"))?.view()?;
            let mut found = Vec::new();
            detector.detect(&picture, &turn, &mut found)?;
            let found = Detections::Own(found);
            found.check()?;
            Ok(found)
        });
        shared.change(|state, dead| {
            state.note(Stage::Detect, started.elapsed(), &outcome);
            if let Outcome::Done(found) = outcome {
                item.frame.detections = Some(found);
            }
            state.route_to_scene(item, dead);
        });
        shared.wake(Some(Stage::Scene));
    }
}

/// The thread of the scene.
pub(super) fn scene(shared: &Shared, mut scene: Scene, mut silhouettes: Option<Silhouettes>, take_in: TakeIn) {
    let mut panics_in_a_row = 0;
    while let Some(mut item) = shared.next_for_scene() {
        let started = Instant::now();
        let outcome = attempt(|| {
            let report = integrate(&mut scene, silhouettes.as_mut(), &mut item, take_in)?;
            let snapshot = report.up_known.then(|| scene.publish());
            Ok((report, snapshot))
        });
        panics_in_a_row = if matches!(outcome, Outcome::Panicked(_)) { panics_in_a_row + 1 } else { 0 };
        let anew = if panics_in_a_row < BEGUN_ANEW_AFTER { None } else { Scene::new(scene.options().clone()).ok() };
        shared.change(|state, dead| {
            let took = started.elapsed();
            state.note(Stage::Scene, took, &outcome);
            state.scenes_begun_anew += u64::from(anew.is_some());
            let (stamp_ns, camera_id) = (item.frame.stamp_ns, item.frame.camera_id);
            let latency = item.arrived.elapsed();
            match outcome {
                Outcome::Done((report, Some(snapshot))) => {
                    state.end(item, End::Published, Some(report), dead);
                    state.publish(Published { snapshot, report, stamp_ns, camera_id, latency }, dead);
                }
                Outcome::Done((report, None)) => state.end(item, End::UpUnknown, Some(report), dead),
                Outcome::Failed(why) => {
                    state.last_refusal = Some(why);
                    state.end(item, End::Refused, None, dead);
                }
                Outcome::Panicked(_) => state.end(item, End::Panic, None, dead),
            }
        });
        if let Some(anew) = anew {
            // What is left of the old one may be in any state: its end must not end the thread.
            let old = std::mem::replace(&mut scene, anew);
            let _ = catch_unwind(AssertUnwindSafe(|| drop(old)));
            panics_in_a_row = 0;
        }
        shared.wake(Some(Stage::Tell));
    }
}

fn integrate(
    scene: &mut Scene,
    silhouettes: Option<&mut Silhouettes>,
    item: &mut Item,
    take_in: TakeIn,
) -> Result<FrameReport> {
    let Item { frame, made_depth, .. } = item;
    let brought = frame.depth.as_ref().map(|depth| depth.view());
    let views = frame.detections.as_ref().map(Detections::views).transpose()?.unwrap_or_default();
    let world_from_camera = frame.world_from_camera.ok_or_else(|| Error::argument("no pose"))?;
    if let (Some(silhouettes), Some(made)) = (silhouettes, made_depth.as_mut())
        && let Some(upright_from_input) = scene.options().up.rotation()?
    {
        silhouettes.refine(&frame.intrinsics, &(upright_from_input * world_from_camera), &views, &mut made.metres)?;
    }
    let made = made_depth.as_ref().map(MadeDepth::view);
    let posed = Frame {
        colour: frame.colour.as_ref().map(|picture| picture.view()).transpose()?,
        depth: brought.or(made).ok_or_else(|| Error::argument("no depth"))??,
        intrinsics: frame.intrinsics,
        depth_camera: frame.depth_camera.filter(|_| made_depth.is_none()),
        world_from_camera,
        stamp_ns: frame.stamp_ns,
        camera_id: frame.camera_id,
    };
    take_in(scene, &posed, &views)
}

/// The thread of the listener.
pub(super) fn tell(shared: &Shared, mut listener: Listener) {
    loop {
        let published = {
            let mut state = shared.state.lock();
            loop {
                if state.closing {
                    drop(state);
                    // Its end may call anything, and panic.
                    let _ = attempt(|| {
                        drop(listener);
                        Ok(())
                    });
                    return;
                }
                if let Some(published) = state.to_tell.take() {
                    state.work(Stage::Tell).since = Some(Instant::now());
                    break published;
                }
                shared.tell_moved.wait(&mut state);
            }
        };
        let started = Instant::now();
        let outcome = attempt(|| {
            listener(&published);
            Ok(())
        });
        shared.change(|state, dead| {
            state.note(Stage::Tell, started.elapsed(), &outcome);
            state.told += 1;
            dead.keep(published);
        });
    }
}
