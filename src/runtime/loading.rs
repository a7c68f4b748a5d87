//! What a load is at, told while it lasts, and stopping it.
//!
//! Loading takes milliseconds for a detector on the processor, and minutes where TensorRT builds an engine. A [`Progress`]
//! is called at each phase and, in long ones, at the interval that it was made with, so that nobody takes a build for a
//! hang. A load is stopped by the same [`Control`] as a run: between two phases always, and inside ONNX Runtime's own
//! part from version 1.22 on, where it can be told ([`super::Runtime::can_stop_loading`]). An older one ends its part first.
//! TensorRT is not asked by it while one engine is being built.
//!
//! The watcher is a thread that lives for the load, and only where somebody listens or may stop it.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use super::control::Control;
use super::raw::LoadFlag;
use crate::error::{Error, ErrorKind, Result};

/// How often the watcher looks whether to stop.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// What a load is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Phase {
    /// The file is walked, and hashed where an engine is looked for by it.
    Reading,
    /// The plan is held against the budget, the providers are asked for.
    Checking,
    /// ONNX Runtime loads the graph, rewrites it and lays it out for its providers.
    Loading,
    /// As before, with an engine to build that no cache holds: minutes.
    Building,
    /// The first run, on zeros, if asked for. Engines of graphs with open sides are built here.
    WarmingUp,
    /// Done.
    Ready,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Reading => "reading",
            Self::Checking => "checking",
            Self::Loading => "loading",
            Self::Building => "building an engine",
            Self::WarmingUp => "warming up",
            Self::Ready => "ready",
        })
    }
}

/// Where a load stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoadState {
    /// What it is at.
    pub phase: Phase,
    /// Since the call that loads.
    pub elapsed: Duration,
    /// Since this phase began.
    pub in_phase: Duration,
}

/// Who is told how a load goes on. Never called twice at a time; on the thread that loads when a phase begins, on another in
/// between. What is called must return soon: the load waits for it at the next phase.
#[derive(Clone)]
pub struct Progress {
    tell: Arc<dyn Fn(&LoadState) + Send + Sync>,
    every: Duration,
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Progress(every {:?})", self.every)
    }
}

impl Progress {
    /// Calls `tell` at each phase, and after `every` (10 ms at least) without a new one again.
    pub fn new(every: Duration, tell: impl Fn(&LoadState) + Send + Sync + 'static) -> Self {
        Self { tell: Arc::new(tell), every: every.max(Duration::from_millis(10)) }
    }
}

/// The load that is watched.
pub(super) struct Watch<'a> {
    progress: Option<&'a Progress>,
    control: &'a Control,
    begun: Instant,
    at: Mutex<At>,
    ended: Condvar,
    pub flag: Arc<LoadFlag>,
}

struct At {
    phase: Phase,
    since: Instant,
    told: Instant,
    is_done: bool,
}

/// Runs `load` with a watcher beside it, if there is something to watch for.
pub(super) fn watched<T>(
    progress: Option<&Progress>,
    control: &Control,
    load: impl FnOnce(&Watch<'_>) -> Result<T>,
) -> Result<T> {
    let begun = Instant::now();
    let at = At { phase: Phase::Reading, since: begun, told: begun, is_done: false };
    let (at, ended) = (Mutex::new(at), Condvar::new());
    let watch = Watch { progress, control, begun, at, ended, flag: Arc::default() };
    if progress.is_none() && !watch.may_stop() {
        return load(&watch);
    }
    std::thread::scope(|scope| {
        let watcher = std::thread::Builder::new().name("gnomon-loading".into()).spawn_scoped(scope, || watch.look());
        if let Err(error) = watcher {
            return Err(Error::new(ErrorKind::NoMemory, format!("no thread to watch the load: {error}")));
        }
        let _finish = Finish(&watch);
        load(&watch)
    })
}

/// Lets the watcher go, also when the load panics: the scope would wait for it.
struct Finish<'a>(&'a Watch<'a>);

impl Drop for Finish<'_> {
    fn drop(&mut self) {
        self.0.at.lock().is_done = true;
        self.0.ended.notify_all();
    }
}

impl Watch<'_> {
    fn may_stop(&self) -> bool {
        self.control.cancel.is_some() || self.control.within.is_some()
    }

    /// Enters a phase. Fails if the load is to end.
    pub fn enter(&self, phase: Phase) -> Result<()> {
        self.check()?;
        let mut at = self.at.lock();
        (at.phase, at.since) = (phase, Instant::now());
        self.tell(&mut at);
        Ok(())
    }

    /// Fails if the load is to end.
    pub fn check(&self) -> Result<()> {
        self.control.check(self.begun)
    }

    /// What is left of the control, for a call inside the load.
    pub fn rest(&self) -> Control {
        let within = self.control.within.map(|within| within.saturating_sub(self.begun.elapsed()));
        Control { cancel: self.control.cancel.clone(), within }
    }

    fn tell(&self, at: &mut At) {
        if let Some(progress) = self.progress {
            at.told = Instant::now();
            (progress.tell)(&LoadState {
                phase: at.phase,
                elapsed: self.begun.elapsed(),
                in_phase: at.since.elapsed(),
            });
        }
    }

    fn look(&self) {
        let every = self.progress.map(|progress| progress.every);
        let step = if self.may_stop() { LOOK_EVERY } else { every.unwrap_or(LOOK_EVERY) };
        let mut at = self.at.lock();
        while !at.is_done {
            let _ = self.ended.wait_for(&mut at, step);
            if at.is_done {
                return;
            }
            if self.check().is_err() {
                self.flag.stop();
            }
            // What waits may wake a little early.
            if every.is_some_and(|every| at.told.elapsed() + Duration::from_millis(1) >= every) {
                self.tell(&mut at);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::Cancel;

    fn recorded(every: Duration) -> (Progress, Arc<Mutex<Vec<LoadState>>>) {
        let told = Arc::new(Mutex::new(Vec::new()));
        let into = told.clone();
        (Progress::new(every, move |state| into.lock().push(*state)), told)
    }

    #[test]
    fn a_long_phase_is_told_again_and_again_with_the_time_that_it_takes() {
        let (progress, told) = recorded(Duration::from_millis(20));
        watched(Some(&progress), &Control::default(), |watch| {
            watch.enter(Phase::Reading)?;
            watch.enter(Phase::Building)?;
            std::thread::sleep(Duration::from_millis(250));
            watch.enter(Phase::Ready)
        })
        .expect("nobody stops it");
        let told = told.lock();
        let building: Vec<&LoadState> = told.iter().filter(|state| state.phase == Phase::Building).collect();
        assert!(building.len() >= 4, "{told:?}");
        assert!(building.is_sorted_by_key(|state| state.in_phase), "{told:?}");
        assert!(building.last().expect("some").in_phase >= Duration::from_millis(60), "{told:?}");
        assert_eq!((told[0].phase, told.last().expect("some").phase), (Phase::Reading, Phase::Ready));
        assert!(told.is_sorted_by_key(|state| state.phase), "{told:?}");
    }

    #[test]
    fn a_load_is_stopped_between_two_phases_by_the_caller_and_by_the_clock() {
        let cancel = Cancel::new();
        cancel.stop();
        let control = Control { cancel: Some(cancel), within: None };
        let error = watched(None, &control, |watch| watch.enter(Phase::Checking)).expect_err("stopped");
        assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Cancelled, "stopped by the caller"));
        let control = Control { cancel: None, within: Some(Duration::from_millis(10)) };
        let error = watched(None, &control, |watch| {
            std::thread::sleep(Duration::from_millis(30));
            watch.enter(Phase::Checking)
        });
        assert_eq!(error.expect_err("too late").to_string(), "not done within 10 ms");
    }

    #[test]
    fn a_load_that_panics_does_not_leave_its_watcher_behind() {
        let (progress, _) = recorded(Duration::from_millis(20));
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            watched::<()>(Some(&progress), &Control::default(), |_| panic!("planted"))
        }));
        assert!(outcome.is_err());
    }
}
