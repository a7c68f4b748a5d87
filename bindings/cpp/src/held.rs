//! What crosses to C++ when something goes wrong: one sentence, never an unwinding panic.
//!
//! cxx ends the process when a panic reaches it. A robot must not end for a map, so whatever computes runs in [`held`],
//! and what may be changed by halves lives in [`Whole`], which stays shut after a panic.

use gnomon::ErrorKind;
use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, TryLockError};

/// What `rust::Error::what()` says: the name that gnomon.h gives the kind, and the sentence.
#[derive(Debug, Clone)]
pub struct Failure {
    name: &'static str,
    sentence: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.sentence)
    }
}

impl From<gnomon::Error> for Failure {
    fn from(error: gnomon::Error) -> Self {
        let name = match error.kind() {
            ErrorKind::Argument => "GNOMON_E_ARGUMENT",
            ErrorKind::State => "GNOMON_E_STATE",
            ErrorKind::Io => "GNOMON_E_IO",
            ErrorKind::Unsupported => "GNOMON_E_UNSUPPORTED",
            ErrorKind::NoMemory => "GNOMON_E_NOMEM",
            ErrorKind::Model => "GNOMON_E_MODEL",
            ErrorKind::Runtime => "GNOMON_E_RUNTIME",
            ErrorKind::Device => "GNOMON_E_DEVICE",
            ErrorKind::Cancelled => "GNOMON_E_CANCELLED",
            _ => "GNOMON_E_FAIL",
        };
        Self { name, sentence: error.to_string() }
    }
}

impl Failure {
    /// Somebody else is at it.
    pub fn busy(sentence: String) -> Self {
        Self { name: "GNOMON_E_BUSY", sentence }
    }

    /// Something of C++ threw; `what` it says.
    pub fn thrown(what: &str) -> Self {
        Self { name: "GNOMON_E_FAIL", sentence: what.to_owned() }
    }

    fn panic(payload: Box<dyn Any + Send>) -> Self {
        let text = payload.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("of an unknown kind");
        Self { name: "GNOMON_E_PANIC", sentence: format!("a panic: {text}") }
    }
}

/// Runs what may fail; a panic is a failure like another.
pub fn held<T>(work: impl FnOnce() -> gnomon::Result<T>) -> Result<T, Failure> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(done) => done.map_err(Failure::from),
        Err(payload) => Err(Failure::panic(payload)),
    }
}

/// Something that is whole: once a panic may have left it otherwise, it refuses.
#[derive(Debug)]
pub struct Whole<T> {
    inside: T,
    broken: Option<Failure>,
}

impl<T> Whole<T> {
    /// Holds `inside`.
    pub fn new(inside: T) -> Self {
        Self { inside, broken: None }
    }

    /// For reading what no panic can leave by halves.
    pub fn get(&self) -> &T {
        &self.inside
    }

    /// Changes it; after a panic this and every later call fail.
    pub fn change<R>(&mut self, work: impl FnOnce(&mut T) -> gnomon::Result<R>) -> Result<R, Failure> {
        if let Some(broken) = &self.broken {
            let sentence = format!("unusable since {}", broken.sentence);
            return Err(Failure { name: "GNOMON_E_PANIC", sentence });
        }
        let inside = &mut self.inside;
        match catch_unwind(AssertUnwindSafe(|| work(inside))) {
            Ok(done) => done.map_err(Failure::from),
            Err(payload) => {
                let failure = Failure::panic(payload);
                self.broken = Some(failure.clone());
                Err(failure)
            }
        }
    }
}

/// Something whole that any thread may change, one at a time: who comes second is refused at once.
#[derive(Debug)]
pub struct Single<T> {
    /// What it is called in sentences.
    name: &'static str,
    inside: Mutex<Whole<T>>,
}

impl<T> Single<T> {
    /// Holds `inside`, called `name`.
    pub fn new(name: &'static str, inside: T) -> Self {
        Self { name, inside: Mutex::new(Whole::new(inside)) }
    }

    /// As [`Whole::change`]; fails while another thread is at it.
    pub fn change<R>(&self, work: impl FnOnce(&mut T) -> gnomon::Result<R>) -> Result<R, Failure> {
        match self.inside.try_lock() {
            Ok(mut inside) => inside.change(work),
            // Panics are caught inside: what it holds says itself whether it is whole.
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner().change(work),
            Err(TryLockError::WouldBlock) => {
                Err(Failure::busy(format!("another call that changes this {} is running", self.name)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_failure_with_its_text() {
        let failure = held::<()>(|| panic!("{} legs", 3)).expect_err("it panics");
        assert_eq!(failure.to_string(), "GNOMON_E_PANIC: a panic: 3 legs");
    }

    #[test]
    fn what_a_panic_may_have_left_by_halves_refuses_from_then_on() {
        let more = |number: &mut i32| {
            *number += 1;
            Ok(())
        };
        let mut whole = Whole::new(1);
        assert!(whole.change(|_| Err::<(), _>(gnomon::Error::state("not now"))).is_err());
        whole.change(more).expect("a failure is no panic");
        whole.change::<()>(|_| panic!("in the middle")).expect_err("it panics");
        let refused = whole.change(more).expect_err("it is broken");
        assert_eq!(refused.to_string(), "GNOMON_E_PANIC: unusable since a panic: in the middle");
        assert_eq!(*whole.get(), 2);
    }

    #[test]
    fn who_changes_what_another_is_changing_is_refused_at_once() {
        let single = Single::new("scene", 1);
        let (inner, number) = single
            .change(|number| {
                *number += 1;
                Ok((single.change(|_| Ok(())), *number))
            })
            .expect("alone");
        let refused = inner.expect_err("busy").to_string();
        assert_eq!(refused, "GNOMON_E_BUSY: another call that changes this scene is running");
        assert_eq!(single.change(|number| Ok(*number)).expect("free again"), number);
    }
}
