//! Processes that end while sessions are open, runs are running and models are loading: each ends at once, with the code
//! that it was to end with. Each case is a process of its own: this program again, with the case in its environment.

#![cfg(all(feature = "onnx", target_os = "linux"))]
#![allow(clippy::disallowed_methods, reason = "what runs for ever cannot be joined")]

#[path = "../src/runtime/testing.rs"]
mod testing;

use std::cell::RefCell;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use gnomon::runtime::{Binding, Control, FindOptions, PATH_VARIABLE, Runtime, Session, SessionOptions, TensorView};
use testing::{Dim, F32, Graph};

const CASE: &str = "GNOMON_TEST_EXIT";
/// What a process that was to end with it ends with, and no signal does.
const CODE: i32 = 7;

fn load(model: &[u8]) -> Arc<Session> {
    let runtime = Runtime::find(&FindOptions::default()).expect("what GNOMON_ORT_PATH names");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("model.onnx");
    std::fs::write(&path, model).expect("a file");
    let options = SessionOptions { threads: 4, ..SessionOptions::default() };
    Arc::new(Session::open(&runtime, &path, &options).expect("it loads"))
}

fn run_for_ever(session: &Session) {
    let mut x = vec![0.0f32; 64 * 64];
    (0..64).for_each(|i| x[i * 64 + i] = 1.0);
    let rounds = TensorView::new(&[], &[1i64 << 40]).expect("one");
    let x = TensorView::new(&[64, 64], &x).expect("64 x 64");
    let _ = session.run_with(&[("rounds", rounds.into()), ("x", x.into())], &Control::default());
}

fn many_nodes() -> Vec<u8> {
    let names: Vec<String> = (0..10_000).map(|node| format!("v{node}")).collect();
    let shape = [Dim::Is(1)];
    let mut graph = Graph::new("chain").input("v0", F32, &shape).output(&names[names.len() - 1], F32, &shape);
    for pair in names.windows(2) {
        graph = graph.node("Sin", &[&pair[0]], &[&pair[1]]);
    }
    graph.model()
}

static OPEN: Mutex<Vec<(Arc<Session>, Binding)>> = Mutex::new(Vec::new());

thread_local! {
    static OF_THREAD: RefCell<Option<Arc<Session>>> = const { RefCell::new(None) };
}

/// Not a test: what the processes of the other tests do.
#[test]
#[ignore = "run by the others, in a process of its own"]
fn in_a_process_of_its_own() {
    let case = std::env::var(CASE).expect("a case");
    let session = load(&testing::affine());
    let binding = session.bind().expect("it binds");
    OPEN.lock().expect("no panic").push((session.clone(), binding));
    match case.as_str() {
        "sessions open" => {}
        "a run running and seven in line" => {
            let session = load(&testing::long());
            for _ in 0..8 {
                let session = session.clone();
                std::thread::spawn(move || run_for_ever(&session));
            }
            std::thread::sleep(Duration::from_millis(200));
        }
        "a model loading" => {
            let model = many_nodes();
            std::thread::spawn(move || load(&model));
            std::thread::sleep(Duration::from_millis(150));
        }
        "a session of a thread that ends" => {
            let keep = move || OF_THREAD.with(|slot| *slot.borrow_mut() = Some(session));
            std::thread::spawn(keep).join().expect("no panic");
            OPEN.lock().expect("no panic").clear();
        }
        other => panic!("no case {other:?}"),
    }
    std::process::exit(CODE);
}

/// Runs a case and fails if it does not end as it was to.
fn ends(case: &str) {
    if std::env::var_os(PATH_VARIABLE).is_none() {
        println!("not run: no ONNX Runtime");
        return;
    }
    let own = std::env::current_exe().expect("a path");
    ends_well(Command::new(own).args(["--ignored", "--exact", "in_a_process_of_its_own", "--nocapture"]), case, CODE);
}

fn ends_well(command: &mut Command, case: &str, code: i32) {
    let begun = Instant::now();
    let mut child = command.env(CASE, case).stdout(Stdio::null()).spawn().expect("it starts");
    let status = loop {
        match child.try_wait().expect("a child") {
            Some(status) => break status,
            None if begun.elapsed() > Duration::from_secs(20) => {
                child.kill().expect("ours");
                let _ = child.wait();
                panic!("{case}: the process does not end");
            }
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    };
    assert_eq!(status.code(), Some(code), "{case}: {status}");
    println!("{case}: ended after {:?}", begun.elapsed());
}

#[test]
fn a_process_ends_with_sessions_open() {
    ends("sessions open");
}

#[test]
fn a_process_ends_with_a_run_running_and_seven_in_line() {
    ends("a run running and seven in line");
}

/// Again and again, as a load is somewhere else each time.
#[test]
fn a_process_ends_with_a_model_loading() {
    (0..10).for_each(|_| ends("a model loading"));
}

#[test]
fn a_session_of_a_thread_ends_with_it() {
    ends("a session of a thread that ends");
}

/// A host in C that loads the shared object, does nothing else but ask for its version, and lets it go, with ONNX Runtime loaded
/// by itself before; `dlclose` of either leaves the process whole.
#[test]
fn a_host_in_c_lets_both_libraries_go_and_ends() {
    let Some(library) = std::env::var_os(PATH_VARIABLE) else {
        println!("not run: no ONNX Runtime");
        return;
    };
    let own = std::env::current_exe().expect("a path");
    let shared = own.with_file_name("libgnomon.so");
    if !shared.is_file() {
        println!("not run: no {}", shared.display());
        return;
    }
    let runtime = Runtime::find(&FindOptions { path: Some(library.into()), python: false }).expect("named");
    let folder = tempfile::tempdir().expect("a folder");
    let (source, program) = (folder.path().join("host.c"), folder.path().join("host"));
    let text = r#"#include <dlfcn.h>
#include <stdio.h>
int main(int count, char **names) {
    for (int round = 0; round < 3; round++) {
        void *runtime = dlopen(names[1], RTLD_NOW), *gnomon = dlopen(names[2], RTLD_NOW);
        if (count != 3 || !runtime || !gnomon) { fprintf(stderr, "%s\n", dlerror()); return 1; }
        const void *(*base)(void) = (const void *(*)(void))dlsym(runtime, "OrtGetApiBase");
        unsigned (*abi)(void) = (unsigned (*)(void))dlsym(gnomon, "gnomon_abi_version");
        if (!base || !base() || !abi || !abi()) return 2;
        if (round % 2 ? dlclose(gnomon) || dlclose(runtime) : dlclose(runtime) || dlclose(gnomon)) return 3;
    }
    return 7;
}
"#;
    std::fs::write(&source, text).expect("a file");
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".into());
    let made = Command::new(compiler).arg("-o").arg(&program).arg(&source).arg("-ldl").status();
    if !made.is_ok_and(|status| status.success()) {
        println!("not run: no C compiler");
        return;
    }
    ends_well(Command::new(program).arg(runtime.path()).arg(shared), "dlclose", CODE);
}
