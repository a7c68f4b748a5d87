//! Loads that take a while: what is told of them, and stopping them. And what ONNX Runtime says to its log, which is kept.
//! Times are compared, so the tests take turns. They print `not run: no ONNX Runtime` where there is none.

#![cfg(feature = "onnx")]

mod common;
#[path = "../src/runtime/testing.rs"]
mod testing;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use common::runtime_in_turn;
use gnomon::ErrorKind;
use gnomon::runtime::{
    Cancel, Control, LoadState, Phase, Progress, Provider, Runtime, Session, SessionOptions, TensorRt, recent_log,
};
use testing::{Dim, F32, Graph};

fn put(folder: &tempfile::TempDir, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join("model.onnx");
    std::fs::write(&path, bytes).expect("a file");
    path
}

/// A chain of many nodes, which takes the runtime a second or so to load; and how long it took here.
fn many_nodes(runtime: &Arc<Runtime>) -> (&'static Path, Duration) {
    static MANY: OnceLock<(tempfile::TempDir, PathBuf, Duration)> = OnceLock::new();
    let (_, path, whole) = MANY.get_or_init(|| {
        let names: Vec<String> = (0..10_000).map(|node| format!("v{node}")).collect();
        let shape = [Dim::Is(1)];
        let mut graph = Graph::new("chain").input("v0", F32, &shape).output(&names[names.len() - 1], F32, &shape);
        for pair in names.windows(2) {
            graph = graph.node("Sin", &[&pair[0]], &[&pair[1]]);
        }
        let folder = tempfile::tempdir().expect("a folder");
        let path = put(&folder, &graph.model());
        let begun = Instant::now();
        Session::open(runtime, &path, &SessionOptions::default()).expect("it loads");
        (folder, path, begun.elapsed())
    });
    (path, *whole)
}

fn recorded(every: Duration) -> (Option<Progress>, Arc<Mutex<Vec<LoadState>>>) {
    let told = Arc::new(Mutex::new(Vec::new()));
    let into = told.clone();
    (Some(Progress::new(every, move |state| into.lock().expect("no panic").push(*state))), told)
}

#[test]
fn the_phases_of_a_load_are_told_in_order_and_a_long_one_again_and_again() {
    let Some((runtime, _turn)) = runtime_in_turn() else { return };
    let (path, whole) = many_nodes(&runtime);
    let (progress, told) = recorded(Duration::from_millis(10));
    let options = SessionOptions { progress, warm_up: true, ..SessionOptions::default() };
    Session::open(&runtime, path, &options).expect("it loads");
    let told = told.lock().expect("no panic");
    let mut phases: Vec<Phase> = told.iter().map(|state| state.phase).collect();
    let loading = phases.iter().filter(|phase| **phase == Phase::Loading).count();
    println!("{} words in {whole:?}, {loading} of them while loading", phases.len());
    phases.dedup();
    assert_eq!(phases, [Phase::Reading, Phase::Checking, Phase::Loading, Phase::WarmingUp, Phase::Ready]);
    assert!(told.is_sorted_by_key(|state| state.elapsed));
    assert!(loading >= 3, "{loading} in {whole:?}");
}

#[test]
fn a_load_is_stopped_in_the_middle_where_the_runtime_can_be_told_and_else_at_its_end() {
    let Some((runtime, _turn)) = runtime_in_turn() else { return };
    let (path, whole) = many_nodes(&runtime);
    let cancel = Cancel::new();
    let control = Control { cancel: Some(cancel.clone()), within: None };
    let options = SessionOptions { control, ..SessionOptions::default() };
    let begun = Instant::now();
    let error = std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(whole / 10);
            cancel.stop();
        });
        Session::open(&runtime, path, &options).expect_err("stopped")
    });
    let taken = begun.elapsed();
    assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Cancelled, "stopped by the caller"));
    println!("stopped after {taken:?} of {whole:?}; told inside: {}", runtime.can_stop_loading());
    if runtime.can_stop_loading() {
        assert!(taken < whole.mul_f64(0.8), "{taken:?} of {whole:?}");
    }
    Session::open(&runtime, path, &SessionOptions::default()).expect("the next one loads");
}

#[test]
fn a_load_has_a_deadline() {
    let Some((runtime, _turn)) = runtime_in_turn() else { return };
    let (path, whole) = many_nodes(&runtime);
    let control = Control { cancel: None, within: Some(whole / 10) };
    let options = SessionOptions { control, ..SessionOptions::default() };
    let error = Session::open(&runtime, path, &options).expect_err("too long");
    assert_eq!(error.kind(), ErrorKind::Cancelled, "{error}");
    assert!(error.to_string().starts_with("not done within"), "{error}");
}

#[test]
fn a_warm_up_that_does_not_end_is_stopped_with_the_load() {
    let Some((runtime, _turn)) = runtime_in_turn() else { return };
    let body = Graph::new("body")
        .input("round", testing::I64, &[])
        .input("go", testing::BOOL, &[])
        .input("before", F32, &[Dim::Is(1)])
        .output("go_on", testing::BOOL, &[])
        .output("after", F32, &[Dim::Is(1)])
        .node("Identity", &["go"], &["go_on"])
        .node("Cos", &["before"], &["after"]);
    let body = vec![("body", testing::Attribute::Graph(body))];
    let graph = Graph::new("endless")
        .input("x", F32, &[Dim::Is(1)])
        .output("y", F32, &[Dim::Is(1)])
        .weight_i64("rounds", &[], &[i64::MAX])
        .node_with("Loop", &["rounds", "", "x"], &["y"], body);
    let folder = tempfile::tempdir().expect("a folder");
    let path = put(&folder, &graph.model());
    let control = Control { cancel: None, within: Some(Duration::from_millis(300)) };
    let options = SessionOptions { warm_up: true, control, ..SessionOptions::default() };
    let error = Session::open(&runtime, &path, &options).expect_err("too long");
    assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Cancelled, "not done within 300 ms"));
}

#[test]
fn engines_are_not_looked_for_where_there_is_no_tensorrt_and_two_keepers_are_refused() {
    let Some((runtime, _turn)) = runtime_in_turn() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let path = put(&folder, &testing::affine());
    let cache = folder.path().join("engines");
    let tensorrt = TensorRt { folder: Some(cache.clone()), fp16: true, ..TensorRt::default() };
    let providers = vec![Provider::named("tensorrt"), Provider::named("cpu")];
    let options = SessionOptions { providers, tensorrt, ..SessionOptions::default() };
    let session = Session::open(&runtime, &path, &options).expect("it falls back");
    if session.providers()[0].starts_with("Tensorrt") {
        println!("not run: this machine has TensorRT");
        return;
    }
    println!("{:?}", session.remarks());
    assert!(session.engines().is_none());
    assert!(session.remarks().iter().any(|remark| remark.starts_with("tensorrt is not used: ")));
    assert!(!cache.exists() || std::fs::read_dir(&cache).expect("a folder").next().is_none());
    let mut options = options;
    options.providers[0].options.push(("trt_engine_cache_path".into(), "/somewhere".into()));
    let error = Session::open(&runtime, &path, &options).expect_err("two keepers");
    assert_eq!(error.to_string(), "engines are kept by gnomon or by trt_engine_cache_path, not by both");
}

#[test]
fn what_the_runtime_says_and_what_is_remarked_is_among_the_last_lines_of_the_log() {
    let Some((runtime, _turn)) = runtime_in_turn() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let gather = Graph::new("gather")
        .input("at", testing::I64, &[Dim::Is(1)])
        .output("y", F32, &[Dim::Is(1)])
        .weight("table", &[2], &[3.0, 4.0])
        .node("Gather", &["table", "at"], &["y"])
        .model();
    let options = SessionOptions { providers: vec![Provider::named("NoSuch")], ..SessionOptions::default() };
    let session = Session::open(&runtime, &put(&folder, &gather), &options).expect("it loads");
    let at = gnomon::runtime::TensorView::new(&[1], &[7i64]).expect("one");
    session.run(&[("at", at.into())]).expect_err("there are two");
    let lines = recent_log();
    let says = |target: &str, text: &str| lines.iter().any(|line| line.target == target && line.text.contains(text));
    assert!(says("gnomon::runtime::session", "NoSuch is not used"), "{lines:?}");
    assert!(says("onnxruntime", "Gather"), "{lines:?}");
}
