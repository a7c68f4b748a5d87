//! The ONNX Runtime that tests are run with.

#![allow(dead_code, reason = "each test that takes it in uses a part")]

use gnomon::runtime::{FindOptions, PATH_VARIABLE, Runtime};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Whether `GNOMON_ORT_PATH` names a library; prints `not run: no ONNX Runtime` where it does not.
pub fn has_runtime() -> bool {
    let is_named = std::env::var_os(PATH_VARIABLE).is_some();
    if !is_named {
        println!("not run: no ONNX Runtime");
    }
    is_named
}

/// The library that `GNOMON_ORT_PATH` names; a library named there must do.
pub fn runtime() -> Option<Arc<Runtime>> {
    has_runtime().then(|| Runtime::find(&FindOptions::default()).expect("what GNOMON_ORT_PATH names"))
}

/// The same for tests that take turns.
pub fn runtime_in_turn() -> Option<(Arc<Runtime>, MutexGuard<'static, ()>)> {
    static TURN: Mutex<()> = Mutex::new(());
    Some((runtime()?, TURN.lock().unwrap_or_else(PoisonError::into_inner)))
}
