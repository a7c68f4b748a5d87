//! What ONNX Runtime says to its log, and what is remarked on sessions, as a host in C hears it by `gnomon_set_log`. Prints
//! `not run: no ONNX Runtime` where there is none.

#![cfg(feature = "onnx")]
#![allow(unsafe_code, reason = "the host speaks C")]

mod common;
#[path = "../src/runtime/testing.rs"]
mod testing;

use std::ffi::{c_char, c_void};
use std::sync::Mutex;

use common::runtime;
use gnomon::runtime::{Provider, Session, SessionOptions, TensorView};
use testing::{Dim, F32, Graph};

#[repr(C)]
struct Text {
    data: *const c_char,
    len: usize,
}

type Hear = unsafe extern "C" fn(*mut c_void, i32, Text, Text);

unsafe extern "C" {
    fn gnomon_set_log(callback: Option<Hear>, user: *mut c_void, level: i32) -> i32;
}

const OFF: i32 = 0;
const WARN: i32 = 2;
const INFO: i32 = 3;

static HEARD: Mutex<Vec<(i32, String, String)>> = Mutex::new(Vec::new());

unsafe extern "C" fn hear(_: *mut c_void, level: i32, target: Text, text: Text) {
    let owned = |text: Text| {
        // SAFETY: the texts are borrowed for the call.
        let bytes = unsafe { std::slice::from_raw_parts(text.data.cast::<u8>(), text.len) };
        String::from_utf8_lossy(bytes).into_owned()
    };
    HEARD.lock().expect("no panic").push((level, owned(target), owned(text)));
}

fn set(callback: Option<Hear>, level: i32) {
    // SAFETY: the callback takes no user pointer and lives as long as the process.
    assert_eq!(unsafe { gnomon_set_log(callback, std::ptr::null_mut(), level) }, 0);
}

#[test]
fn what_onnx_runtime_and_sessions_say_reaches_the_callback_until_it_is_taken_away() {
    let Some(runtime) = runtime() else { return };
    let gather = Graph::new("gather")
        .input("at", testing::I64, &[Dim::Is(1)])
        .output("y", F32, &[Dim::Is(1)])
        .weight("table", &[2], &[3.0, 4.0])
        .node("Gather", &["table", "at"], &["y"])
        .model();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("gather.onnx");
    std::fs::write(&path, gather).expect("a file");
    let open_and_fail = || {
        let options = SessionOptions { providers: vec![Provider::named("NoSuch")], ..SessionOptions::default() };
        let session = Session::open(&runtime, &path, &options).expect("it loads");
        let at = TensorView::new(&[1], &[7i64]).expect("one");
        session.run(&[("at", at.into())]).expect_err("there are two");
        std::mem::take(&mut *HEARD.lock().expect("no panic"))
    };
    set(Some(hear), INFO);
    let heard = open_and_fail();
    let has = |level: i32, target: &str, text: &str| {
        heard.iter().any(|line| line.0 == level && line.1 == target && line.2.contains(text))
    };
    assert!(has(WARN, "gnomon::runtime::session", "NoSuch is not used"), "{heard:?}");
    assert!(has(INFO, "onnxruntime", "Gather"), "{heard:?}");
    set(Some(hear), WARN);
    let graver = open_and_fail();
    assert!(graver.len() < heard.len() && graver.iter().all(|line| line.0 <= WARN), "{graver:?}");
    set(None, OFF);
    assert!(open_and_fail().is_empty(), "it was taken away");
}
