//! Stopping what runs, and waiting for one's turn.
//!
//! A run can be stopped from another thread ([`Cancel`]) and by the clock (a deadline). Both are heard between two nodes of
//! the graph: a single long node runs to its end. A session runs one call at a time; who comes while it is busy stands
//! in line, first come first served, and may be stopped there too.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use ort::session::RunOptions;
use parking_lot::{Condvar, Mutex};

use crate::error::{Error, ErrorKind, Result};

/// How often who stands in line looks whether it was stopped.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// Stops runs from another thread. Clones stop the same runs. Once stopped, it stays so: take a new one for new runs.
#[derive(Clone, Default)]
pub struct Cancel {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    stopped: AtomicBool,
    running: Mutex<Vec<Arc<RunOptions>>>,
}

impl std::fmt::Debug for Cancel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Cancel(stopped: {})", self.is_stopped())
    }
}

impl Cancel {
    /// One that stops nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Stops every run that was given this or a clone of it, those in line and those yet to come. Returns at once.
    pub fn stop(&self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        for run in self.shared.running.lock().iter() {
            // It fails on no library that we know of; the run then goes on to its end.
            let _ = run.terminate();
        }
    }

    /// Whether it was told to stop.
    pub fn is_stopped(&self) -> bool {
        self.shared.stopped.load(Ordering::SeqCst)
    }

    /// From now on [`stop`](Self::stop) reaches this run, until what is returned is dropped.
    pub(super) fn watch(&self, run: &Arc<RunOptions>) -> Watched<'_> {
        self.shared.running.lock().push(run.clone());
        Watched { shared: &self.shared, run: run.clone() }
    }
}

pub(super) struct Watched<'a> {
    shared: &'a Shared,
    run: Arc<RunOptions>,
}

impl Drop for Watched<'_> {
    fn drop(&mut self) {
        self.shared.running.lock().retain(|run| !Arc::ptr_eq(run, &self.run));
    }
}

/// What may end a run early.
#[derive(Debug, Clone, Default)]
pub struct Control {
    /// Another thread's say.
    pub cancel: Option<Cancel>,
    /// How long it may take from the call, the wait in line included.
    pub within: Option<Duration>,
}

impl Control {
    /// The moment that `within` means, for a call that begins now.
    pub(super) fn deadline(&self, begun: Instant) -> Option<Instant> {
        self.within.and_then(|within| begun.checked_add(within))
    }

    /// Fails if what began then is to end now.
    pub(crate) fn check(&self, begun: Instant) -> Result<()> {
        if self.cancel.as_ref().is_some_and(Cancel::is_stopped) {
            return Err(Error::new(ErrorKind::Cancelled, "stopped by the caller"));
        }
        match self.within {
            Some(within) if begun.elapsed() >= within => {
                Err(Error::new(ErrorKind::Cancelled, format!("not done within {} ms", within.as_secs_f64() * 1e3)))
            }
            _ => Ok(()),
        }
    }
}

/// A line of callers.
#[derive(Default)]
pub(super) struct Line {
    waiting: Mutex<Waiting>,
    moved: Condvar,
}

#[derive(Default)]
struct Waiting {
    /// The first is being served.
    tickets: VecDeque<u64>,
    next: u64,
}

/// The right to go ahead, until dropped.
pub(super) struct Turn<'a> {
    line: &'a Line,
    ticket: u64,
}

impl Line {
    /// Waits until all who came before are done. Fails if `control` says so first.
    pub(super) fn enter(&self, control: &Control, begun: Instant) -> Result<Turn<'_>> {
        let mut waiting = self.waiting.lock();
        let ticket = waiting.next;
        waiting.next += 1;
        waiting.tickets.push_back(ticket);
        let turn = Turn { line: self, ticket };
        let looks = control.cancel.is_some() || control.within.is_some();
        while waiting.tickets.front() != Some(&ticket) {
            if looks {
                if let Err(error) = control.check(begun) {
                    // Leaving the line takes its lock.
                    drop(waiting);
                    return Err(error);
                }
                let _ = self.moved.wait_for(&mut waiting, LOOK_EVERY);
            } else {
                self.moved.wait(&mut waiting);
            }
        }
        Ok(turn)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.line.waiting.lock().tickets.retain(|ticket| *ticket != self.ticket);
        self.line.moved.notify_all();
    }
}

/// Runs `call` and terminates `run` if it is not done by `deadline`.
pub(super) fn by_deadline<T>(deadline: Instant, run: &RunOptions, call: impl FnOnce() -> T) -> Result<T> {
    let (done, ended) = (Mutex::new(false), Condvar::new());
    std::thread::scope(|scope| {
        let watchdog = std::thread::Builder::new().name("gnomon-deadline".into()).spawn_scoped(scope, || {
            let mut done = done.lock();
            while !*done {
                if ended.wait_until(&mut done, deadline).timed_out() {
                    if !*done {
                        let _ = run.terminate();
                    }
                    return;
                }
            }
        });
        if let Err(error) = watchdog {
            return Err(Error::new(ErrorKind::NoMemory, format!("no thread to keep the deadline: {error}")));
        }
        let finish = Finish { done: &done, ended: &ended };
        let result = call();
        drop(finish);
        Ok(result)
    })
}

/// Lets the watchdog go, also when the call panics: the scope would wait for it.
struct Finish<'a> {
    done: &'a Mutex<bool>,
    ended: &'a Condvar,
}

impl Drop for Finish<'_> {
    fn drop(&mut self) {
        *self.done.lock() = true;
        self.ended.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_serves_in_the_order_of_coming() {
        let line = Line::default();
        let served = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            let first = line.enter(&Control::default(), Instant::now()).expect("free");
            for caller in 0..8u64 {
                let (line, served) = (&line, &served);
                scope.spawn(move || {
                    let _turn = line.enter(&Control::default(), Instant::now()).expect("in time");
                    served.lock().push(caller);
                });
                while line.waiting.lock().tickets.len() < caller as usize + 2 {
                    std::thread::yield_now();
                }
            }
            drop(first);
        });
        assert_eq!(served.into_inner(), (0..8).collect::<Vec<_>>());
    }

    #[test]
    fn who_stands_in_line_may_be_stopped_or_run_out_of_time_and_holds_up_nobody() {
        let line = Line::default();
        let first = line.enter(&Control::default(), Instant::now()).expect("free");
        let hurried = Control { within: Some(Duration::from_millis(20)), cancel: None };
        let error = line.enter(&hurried, Instant::now()).err().expect("too late");
        assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Cancelled, "not done within 20 ms"));
        let cancel = Cancel::new();
        std::thread::scope(|scope| {
            let stopped = Control { cancel: Some(cancel.clone()), within: None };
            let waiter = scope.spawn({
                let line = &line;
                move || line.enter(&stopped, Instant::now()).err().map(|error| error.kind())
            });
            cancel.stop();
            assert_eq!(waiter.join().expect("no panic"), Some(ErrorKind::Cancelled));
        });
        drop(first);
        assert!(line.enter(&Control::default(), Instant::now()).is_ok());
        assert!(line.waiting.lock().tickets.is_empty());
    }
}
