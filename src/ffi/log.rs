//! Log lines to a C callback. Nothing is logged, and no logger installed, until `gnomon_set_log` is first called; the
//! shared object has its own copy of `log`, so the host's loggers are not touched.
//!
//! The callback runs under a shared lock that setting another waits for: once `gnomon_set_log` has returned, the old
//! callback is not running and will not run again. Lines logged from inside a callback are dropped.

use super::guard::{DONE, guard};
use super::status::*;
use super::text::gnomon_str;
use log::{LevelFilter, Log, Metadata, Record};
use parking_lot::RwLock;
use std::cell::Cell;
use std::ffi::c_void;

/// Takes one log line. The texts are borrowed for the call. Called on the thread that logs, inside the call that logs:
/// another call on the same scene answers GNOMON_E_BUSY. Must return (no longjmp, no exception), must not call
/// gnomon_set_log.
pub type gnomon_log_fn =
    Option<unsafe extern "C" fn(user: *mut c_void, level: i32, target: gnomon_str, text: gnomon_str)>;

struct Sink {
    callback: gnomon_log_fn,
    user: *mut c_void,
}
// SAFETY: `user` is only handed back; the header says that the callback may be called on any thread.
unsafe impl Send for Sink {}
// SAFETY: as above.
unsafe impl Sync for Sink {}

struct Forwarder;

static FORWARDER: Forwarder = Forwarder;
static SINK: RwLock<Sink> = RwLock::new(Sink { callback: None, user: std::ptr::null_mut() });

thread_local! {
    static IN_CALLBACK: Cell<bool> = const { Cell::new(false) };
}

impl Log for Forwarder {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= log::max_level()
    }

    fn log(&self, record: &Record<'_>) {
        if !self.enabled(record.metadata()) || IN_CALLBACK.try_with(|inside| inside.replace(true)).unwrap_or(true) {
            return;
        }
        let text = record.args().to_string();
        let sink = SINK.read();
        if let Some(callback) = sink.callback {
            // SAFETY: the function and the pointer the caller gave together; both texts live through the call.
            unsafe {
                callback(sink.user, record.level() as i32, gnomon_str::of(record.target()), gnomon_str::of(&text));
            }
        }
        drop(sink);
        let _ = IN_CALLBACK.try_with(|inside| inside.set(false));
    }

    fn flush(&self) {}
}

/// Sends log lines up to level (GNOMON_LOG_*) to callback, with user as its first argument; NULL or GNOMON_LOG_OFF ends
/// it. Process-wide. When it returns, the callback set before is not running and is not called again; from inside a
/// callback it answers GNOMON_E_STATE.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_set_log(callback: gnomon_log_fn, user: *mut c_void, level: i32) -> gnomon_status {
    guard("gnomon_set_log", |_| {
        let filter = match level {
            GNOMON_LOG_OFF => LevelFilter::Off,
            GNOMON_LOG_ERROR => LevelFilter::Error,
            GNOMON_LOG_WARN => LevelFilter::Warn,
            GNOMON_LOG_INFO => LevelFilter::Info,
            GNOMON_LOG_DEBUG => LevelFilter::Debug,
            GNOMON_LOG_TRACE => LevelFilter::Trace,
            other => return Err(Fault::argument(format!("level is {other}, expected one of GNOMON_LOG_*"))),
        };
        if IN_CALLBACK.try_with(Cell::get).unwrap_or(true) {
            return Err(Fault::new(GNOMON_E_STATE, "called from inside a log callback"));
        }
        let ours = log::set_logger(&FORWARDER).is_ok() || std::ptr::addr_eq(log::logger(), &FORWARDER);
        if !ours {
            return Err(Fault::new(GNOMON_E_STATE, "this process has another logger in gnomon's copy of log"));
        }
        let off = callback.is_none() || filter == LevelFilter::Off;
        *SINK.write() = if off { Sink { callback: None, user: std::ptr::null_mut() } } else { Sink { callback, user } };
        log::set_max_level(if off { LevelFilter::Off } else { filter });
        DONE
    })
}
