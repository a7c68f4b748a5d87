//! The end of the process while the runtime is at work.
//!
//! `exit` destroys what ONNX Runtime keeps for the whole process, and a load or a run that another thread is in would read
//! what is gone. So the calls into it are listed here, and what `exit` calls first stops them, lets no new one begin and
//! waits until they are out, no longer than [`GRACE`]: a load before ONNX Runtime 1.22 cannot be told, and TensorRT does
//! not hear it while it builds an engine.
//!
//! `exit` goes backwards through what was made, and a load makes more of what is kept; so it is asked to call at each load.
//! Only what the first load of a process makes is not safe from an end in that load.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ort::session::RunOptions;
use parking_lot::{Condvar, Mutex};

use super::raw::{self, LoadFlag};
use crate::error::{Error, ErrorKind, Result};

/// The longest that the end of the process is put off.
const GRACE: Duration = Duration::from_secs(2);

/// A call into the runtime that others may stop.
pub(super) enum Work {
    Load(Arc<LoadFlag>),
    Run(Arc<RunOptions>),
}

struct AtWork {
    is_ending: bool,
    next: u64,
    calls: Vec<(u64, Work)>,
}

static AT_WORK: Mutex<AtWork> = Mutex::new(AtWork { is_ending: false, next: 0, calls: Vec::new() });
static OUT: Condvar = Condvar::new();

/// A call that is listed, until dropped.
pub(super) struct Listed(u64);

/// Lists a call that begins now. Fails when the process is ending.
pub(super) fn list(work: Work) -> Result<Listed> {
    if matches!(work, Work::Load(_)) {
        raw::at_exit(end);
    }
    let mut at_work = AT_WORK.lock();
    if at_work.is_ending {
        return Err(Error::new(ErrorKind::Cancelled, "the process is ending"));
    }
    let number = at_work.next;
    at_work.next += 1;
    at_work.calls.push((number, work));
    Ok(Listed(number))
}

impl Drop for Listed {
    fn drop(&mut self) {
        AT_WORK.lock().calls.retain(|(number, _)| *number != self.0);
        OUT.notify_all();
    }
}

extern "C" fn end() {
    let until = Instant::now() + GRACE;
    // A process that was forked has the list, perhaps locked, and not the threads.
    let Some(mut at_work) = AT_WORK.try_lock_until(until) else { return };
    at_work.is_ending = true;
    while !at_work.calls.is_empty() {
        // Again and again: a load can be told only once it is inside.
        at_work.calls.iter().for_each(|(_, work)| work.stop());
        if Instant::now() >= until {
            return;
        }
        let _ = OUT.wait_for(&mut at_work, Duration::from_millis(5));
    }
}

impl Work {
    fn stop(&self) {
        match self {
            Self::Load(flag) => flag.stop(),
            Self::Run(options) => {
                // It fails on no library that we know of; the run then goes on.
                let _ = options.terminate();
            }
        }
    }
}
