//! Threads of a session: asleep when there is nothing to do, as many as asked for, on the processors given. The processor
//! time of the whole process is measured, so its tests take turns.

#![cfg(all(feature = "onnx", target_os = "linux"))]
#![allow(unsafe_code, reason = "getrusage")]

mod common;
#[path = "../src/runtime/testing.rs"]
mod testing;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use common::runtime_in_turn;
use gnomon::ErrorKind;
use gnomon::runtime::{Control, Runtime, Session, SessionOptions};
use testing::{Dim, F32, Graph};

fn open(runtime: &Arc<Runtime>, options: &SessionOptions) -> gnomon::Result<Session> {
    let side = [Dim::Is(1024), Dim::Is(1024)];
    let graph = Graph::new("square").input("x", F32, &side).output("y", F32, &side).node("MatMul", &["x", "x"], &["y"]);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("model.onnx");
    std::fs::write(&path, graph.model()).expect("a file");
    Session::open(runtime, &path, options)
}

/// Seconds of processor time that this process took so far.
fn processor_s() -> f64 {
    // Two times of two numbers each, and fourteen numbers more.
    let mut usage = [0i64; 18];
    unsafe extern "C" {
        fn getrusage(who: i32, usage: *mut i64) -> i32;
    }
    // SAFETY: the kernel fills 18 numbers of 64 bits, as many as there are.
    assert_eq!(unsafe { getrusage(0, usage.as_mut_ptr()) }, 0);
    (usage[0] + usage[2]) as f64 + (usage[1] + usage[3]) as f64 * 1e-6
}

#[test]
fn a_session_that_has_nothing_to_do_takes_less_than_a_hundredth_of_a_processor() {
    let Some((runtime, _turn)) = runtime_in_turn() else { return };
    let session = open(&runtime, &SessionOptions { threads: 4, ..SessionOptions::default() }).expect("it loads");
    session.warm_up(&[], &Control::default()).expect("it runs");
    let (begun, before) = (Instant::now(), processor_s());
    assert!(before > 0.001, "time is counted: {before}");
    std::thread::sleep(Duration::from_secs(5));
    let share = (processor_s() - before) / begun.elapsed().as_secs_f64();
    println!("idle: {:.3} % of a processor", share * 100.0);
    assert!(share < 0.01, "{share}");
}

/// The threads that this one made, and those that they made, by their name, which they have from it; and the processors that
/// each may run on. Other tests make threads meanwhile.
fn threads() -> BTreeMap<String, String> {
    let tasks = std::fs::read_dir("/proc/self/task").expect("Linux");
    let own = std::fs::read_to_string("/proc/thread-self/comm").expect("Linux");
    let mut threads = BTreeMap::new();
    for task in tasks.flatten() {
        let Ok(status) = std::fs::read_to_string(task.path().join("status")) else { continue };
        if std::fs::read_to_string(task.path().join("comm")).ok().as_ref() != Some(&own) {
            continue;
        }
        let allowed = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
        let id = task.file_name().to_string_lossy().into_owned();
        threads.insert(id, allowed.expect("a list").trim().to_string());
    }
    threads
}

/// What threads the session has that were not there before, once they are as expected, or do not become so.
fn added(runtime: &Arc<Runtime>, options: &SessionOptions, expected: &[&str]) -> Vec<String> {
    let before = threads();
    let session = open(runtime, options).expect("it loads");
    let begun = Instant::now();
    loop {
        let now = threads().into_iter().filter(|(id, _)| !before.contains_key(id)).map(|(_, allowed)| allowed);
        let now: Vec<String> = now.collect();
        // Some versions have each thread place itself, when it first runs.
        if now == expected || begun.elapsed() > Duration::from_secs(2) {
            drop(session);
            return now;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_session_starts_as_many_threads_as_asked_for_beside_the_callers() {
    let Some((runtime, _turn)) = runtime_in_turn() else { return };
    let everywhere = &threads().into_values().next().expect("this one");
    for threads in [1, 2, 4] {
        let options = SessionOptions { threads, ..SessionOptions::default() };
        let expected = vec![everywhere.as_str(); threads - 1];
        assert_eq!(added(&runtime, &options, &expected), expected);
    }
    let options = SessionOptions { threads: 2, parallel_nodes: 3, ..SessionOptions::default() };
    let expected = [everywhere.as_str(); 1 + 2];
    assert_eq!(added(&runtime, &options, &expected), expected, "one inside nodes, two of nodes");
}

#[test]
fn threads_stay_on_the_processors_that_they_are_given() {
    let Some((runtime, _turn)) = runtime_in_turn() else { return };
    let options = SessionOptions { threads: 3, affinity: vec![vec![0], vec![0]], ..SessionOptions::default() };
    assert_eq!(added(&runtime, &options, &["0", "0"]), ["0", "0"]);
}

#[test]
fn lists_of_processors_that_do_not_fit_the_threads_are_refused() {
    let Some((runtime, _turn)) = runtime_in_turn() else { return };
    for (affinity, said) in [
        (vec![vec![0]], "3 threads take 2 lists of processors, not 1"),
        (vec![vec![0], vec![]], "a thread is given no processor to run on"),
    ] {
        let options = SessionOptions { threads: 3, affinity, ..SessionOptions::default() };
        let error = open(&runtime, &options).expect_err("refused");
        assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Argument, said));
    }
}
