//! A host that uses ONNX Runtime by itself, before, while and after gnomon does, out of the same file, out of a copy of it
//! and, where `GNOMON_TEST_OTHER_ORT` names one, out of another version; and leaves while gnomon's session still stands. One
//! test, because a process has one runtime and one end.

#![cfg(feature = "onnx")]
#![allow(unsafe_code, reason = "the host speaks C")]

#[path = "../src/runtime/testing.rs"]
mod testing;

use std::path::Path;

use gnomon::runtime::{FindOptions, PATH_VARIABLE, Runtime, Session, SessionOptions, TensorView};
use ort::sys;

/// What a host in C would hold.
struct Host {
    api: &'static sys::OrtApi,
    environment: *mut sys::OrtEnv,
}

/// The table of functions of a library.
fn own_table(library: &Path) -> &'static sys::OrtApi {
    // SAFETY: ONNX Runtime is loaded and asked for its table as its header says; it stays loaded.
    unsafe {
        let library = libloading::Library::new(library).expect("the loader takes it");
        let base: libloading::Symbol<'_, unsafe extern "C" fn() -> *const sys::OrtApiBase> =
            library.get(b"OrtGetApiBase\0").expect("its entry");
        let api = ((*base()).GetApi)(sys::ORT_API_VERSION).as_ref().expect("the table");
        std::mem::forget(library);
        api
    }
}

impl Host {
    fn new(library: &Path) -> Self {
        let api = own_table(library);
        // SAFETY: the table is asked as its header says.
        unsafe {
            let mut environment = std::ptr::null_mut();
            let level = sys::OrtLoggingLevel::ORT_LOGGING_LEVEL_ERROR;
            let status = (api.CreateEnv)(level, c"host".as_ptr(), &mut environment);
            assert!(status.0.is_null() && !environment.is_null());
            Self { api, environment }
        }
    }

    /// Loads the model and lets it go.
    fn loads(&self, model: &[u8]) -> bool {
        // SAFETY: each pointer is one that the table gave, used as its header says.
        unsafe {
            let (mut options, mut session) = (std::ptr::null_mut(), std::ptr::null_mut());
            assert!((self.api.CreateSessionOptions)(&mut options).0.is_null());
            let create = self.api.CreateSessionFromArray;
            let status = create(self.environment, model.as_ptr().cast(), model.len(), options, &mut session);
            (self.api.ReleaseSessionOptions)(options);
            let is_loaded = status.0.is_null();
            (self.api.ReleaseSession)(session);
            is_loaded
        }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        // SAFETY: made by `CreateEnv`, released once.
        unsafe { (self.api.ReleaseEnv)(self.environment) }
    }
}

fn answer(session: &Session) -> Vec<f32> {
    let x = [1.0f32, 1.0, 1.0];
    let view = TensorView::new(&[1, 3], &x).expect("three");
    let outputs = session.run(&[("x", view.into())]).expect("it runs");
    outputs.get("y").expect("y").numbers::<f32>().expect("f32").to_vec()
}

#[test]
fn hosts_with_the_same_or_another_onnx_runtime_are_left_alone_and_may_leave_first() {
    let Some(named) = std::env::var_os(PATH_VARIABLE) else {
        println!("not run: no ONNX Runtime");
        return;
    };
    let named = Path::new(&named);
    let is_it = |path: &std::path::PathBuf| path.to_string_lossy().contains("/libonnxruntime.so");
    let library = match named.is_file() {
        true => named.to_path_buf(),
        false => {
            std::fs::read_dir(named).expect("a folder").flatten().map(|entry| entry.path()).find(is_it).expect("it")
        }
    };
    let first = Host::new(&library);
    assert!(first.loads(&testing::affine()), "before gnomon");
    let runtime = Runtime::find(&FindOptions::default()).expect("what GNOMON_ORT_PATH names");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("model.onnx");
    std::fs::write(&path, testing::affine()).expect("a file");
    let session = Session::open(&runtime, &path, &SessionOptions::default()).expect("it loads");
    assert_eq!(answer(&session), [19.0, 32.0]);
    assert!(first.loads(&testing::affine()), "beside gnomon");
    drop(first);
    assert_eq!(answer(&session), [19.0, 32.0], "after the host left");
    let second = Host::new(&library);
    assert!(second.loads(&testing::affine()), "a host that comes later");
    drop(second);
    assert_eq!(answer(&session), [19.0, 32.0]);
    let copy = folder.path().join("libonnxruntime.so");
    std::fs::copy(&library, &copy).expect("a copy");
    let other = std::env::var_os("GNOMON_TEST_OTHER_ORT").map(std::path::PathBuf::from);
    if other.is_none() {
        println!("not run: no other version named by GNOMON_TEST_OTHER_ORT");
    }
    let others: Vec<Host> = [Some(copy), other].into_iter().flatten().map(|library| Host::new(&library)).collect();
    assert!(others.iter().all(|host| !std::ptr::eq(host.api, own_table(&library))), "libraries of their own");
    for round in 0..3 {
        for host in &others {
            assert!(host.loads(&testing::affine()), "in turns with gnomon, round {round}");
        }
        assert_eq!(answer(&session), [19.0, 32.0], "in turns with others, round {round}");
    }
    drop(others);
    assert_eq!(answer(&session), [19.0, 32.0], "after the others left");
    // A session that stands at the end of the process is nobody's to free.
    std::mem::forget(session);
}
