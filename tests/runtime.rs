//! ONNX Runtime as it is found, and as it is not: missing, too old, for another machine; models that lie; providers that are
//! not there; runs that are stopped. Tests that need the library print `not run: no ONNX Runtime` where there is none.

#![cfg(feature = "onnx")]

mod common;
#[path = "../src/runtime/testing.rs"]
mod testing;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use common::runtime;
use gnomon::ErrorKind;
use gnomon::runtime::{
    Cancel, Control, DType, FindOptions, ModelFile, ModelLimits, OLDEST_MINOR, Plan, Provider, Runtime, Session,
    SessionOptions, TensorView,
};
use testing::{Dim, F32, Graph};

/// What takes so long hangs.
const HANGS: Duration = Duration::from_secs(20);

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn put(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(&path, bytes).expect("a file");
        path
    }
}

fn open(runtime: &Arc<Runtime>, bytes: &[u8], options: &SessionOptions) -> gnomon::Result<Session> {
    let folder = Folder::new();
    Session::open(runtime, &folder.put("model.onnx", bytes), options)
}

/// What is said of a library that will not do, and how long it took.
fn refused(path: &Path) -> String {
    let begun = Instant::now();
    let options = FindOptions { path: Some(path.to_path_buf()), python: false };
    let error = Runtime::find(&options).expect_err("it will not do");
    assert!(begun.elapsed() < HANGS, "at once, not {:?}", begun.elapsed());
    assert_eq!(error.kind(), ErrorKind::Runtime);
    assert!(error.to_string().contains(&path.display().to_string()), "names the place: {error}");
    error.to_string()
}

#[test]
fn a_library_that_will_not_do_is_refused_at_once_with_the_reason() {
    let folder = Folder::new();
    assert!(refused(&folder.0.path().join("libonnxruntime.so")).contains("is not there"));
    assert!(refused(folder.0.path()).contains("libonnxruntime.so: is not there"), "an empty folder");
    assert!(refused(&folder.put("text.so", b"not a library\n")).contains("no ELF header"));
    assert!(refused(&std::env::current_exe().expect("a path")).contains("does not export OrtGetApiBase"));
}

#[test]
fn a_library_of_another_machine_is_refused_by_its_header() {
    let folder = Folder::new();
    let mut bytes = std::fs::read(std::env::current_exe().expect("a path")).expect("an ELF file");
    let (machine, name) = if cfg!(target_arch = "aarch64") { (0x3eu16, "x86_64") } else { (0xb7, "aarch64") };
    bytes[18..20].copy_from_slice(&machine.to_ne_bytes());
    let error = refused(&folder.put("libonnxruntime.so", &bytes));
    assert!(error.contains(&format!("is built for {name}, this process is {}", std::env::consts::ARCH)), "{error}");
}

#[test]
fn a_library_that_may_not_be_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let path = folder.put("libonnxruntime.so", b"\x7fELF");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).expect("ours");
    if std::fs::File::open(&path).is_ok() {
        println!("not run: this user may read everything");
        return;
    }
    assert!(refused(&path).contains("may not be read: permission denied"));
}

/// Makes a shared library with the C compiler.
fn compiled(folder: &Folder, name: &str, source: &str, flags: &[&str]) -> Option<PathBuf> {
    let source = folder.put("source.c", source.as_bytes());
    let library = folder.0.path().join(name);
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".into());
    let mut command = std::process::Command::new(compiler);
    let made = command.args(["-shared", "-fPIC", "-o"]).arg(&library).arg(&source).args(flags).status();
    if !made.is_ok_and(|status| status.success()) {
        println!("not run: no C compiler");
        return None;
    }
    Some(library)
}

#[test]
fn a_library_that_lacks_another_is_refused_with_the_name_of_what_is_missing() {
    let folder = Folder::new();
    let Some(needed) = compiled(&folder, "libneeded.so", "int needed(void) { return 1; }", &[]) else { return };
    let source = "int needed(void); const void *OrtGetApiBase(void) { return needed() ? (void *)0 : (void *)0; }";
    let flags = [&format!("-L{}", folder.0.path().display()), "-lneeded"];
    let Some(library) = compiled(&folder, "libonnxruntime.so", source, &flags) else { return };
    std::fs::remove_file(needed).expect("ours");
    assert!(refused(&library).contains("libneeded.so: cannot open shared object file"));
}

/// A library with the two functions of the base, that says what version it likes.
fn made_up_library(folder: &Folder, version: &str, has_api: bool) -> Option<PathBuf> {
    let source = format!(
        r#"static const char *version(void) {{ return "{version}"; }}
static int table;
static const void *api(unsigned number) {{ (void)number; return {} ? &table : 0; }}
static const struct {{ const void *(*api)(unsigned); const char *(*version)(void); }} base = {{ api, version }};
const void *OrtGetApiBase(void) {{ return &base; }}
"#,
        i32::from(has_api)
    );
    compiled(folder, "libonnxruntime.so", &source, &[])
}

#[test]
fn a_library_that_is_too_old_is_refused_with_both_versions() {
    let folder = Folder::new();
    let Some(library) = made_up_library(&folder, "1.14.1", false) else { return };
    let error = refused(&library);
    assert!(error.contains(&format!("is ONNX Runtime 1.14.1, 1.{OLDEST_MINOR} or later is needed")), "{error}");
}

#[test]
fn a_library_that_lies_about_its_version_is_refused_by_what_it_offers() {
    let folder = Folder::new();
    let Some(library) = made_up_library(&folder, "1.99.0", false) else { return };
    let error = refused(&library);
    assert!(error.contains("does not offer the interface"), "{error}");
}

#[test]
fn the_runtime_of_a_process_is_one() {
    let Some(runtime) = runtime() else { return };
    assert!(runtime.version().starts_with("1."), "{}", runtime.version());
    assert!(runtime.providers().iter().any(|name| name == "CPUExecutionProvider"));
    let again =
        Runtime::find(&FindOptions { path: Some(runtime.path().to_path_buf()), python: false }).expect("the same");
    assert!(Arc::ptr_eq(&runtime, &again));
    let folder = Folder::new();
    let other = folder.0.path().join("libonnxruntime.so");
    std::fs::copy(runtime.path(), &other).expect("a copy");
    assert!(refused(&other).contains("this process already uses ONNX Runtime"));
}

#[test]
fn a_small_graph_gives_the_numbers_worked_out_by_hand() {
    let Some(runtime) = runtime() else { return };
    let session = open(&runtime, &testing::affine(), &SessionOptions::default()).expect("it loads");
    assert_eq!(session.inputs()[0].to_string(), "f32 [n, 3]");
    assert_eq!(session.outputs()[0].to_string(), "f32 [n, 2]");
    let x = [1.0f32, 0.0, 0.0, 1.0, 1.0, 1.0];
    let view = TensorView::new(&[2, 3], &x).expect("six");
    let mut outputs = session.run(&[("x", view.into())]).expect("it runs");
    let y = outputs.get("y").expect("y");
    assert_eq!((y.shape(), y.dtype()), (&[2usize, 2][..], DType::F32));
    assert_eq!(y.numbers::<f32>().expect("f32"), [11.0, 22.0, 19.0, 32.0]);
    assert!(y.numbers::<i64>().expect_err("f32").to_string().contains("holds f32, not i64"));
    assert!(outputs.get("z").is_err() && outputs.take("y").is_some() && outputs.take("y").is_none());
    session.warm_up(&[("n", 4)], &Control::default()).expect("it runs on zeros");
}

#[test]
fn sessions_are_shared_between_threads_and_what_they_give_may_leave_its_thread() {
    fn is_shared<T: Send + Sync>() {}
    fn may_leave<T: Send>() {}
    is_shared::<(Session, Runtime, Cancel, Control)>();
    may_leave::<(gnomon::runtime::Outputs, gnomon::runtime::Tensor)>();
}

#[test]
fn half_floats_and_whole_numbers_go_in_and_come_out() {
    let Some(runtime) = runtime() else { return };
    let casts = Graph::new("casts")
        .input("bytes", testing::U8, &[Dim::Is(3)])
        .output("halves", 10, &[Dim::Is(3)])
        .output("whole", testing::I64, &[Dim::Is(3)])
        .node_with("Cast", &["bytes"], &["halves"], vec![("to", testing::Attribute::Int(10))])
        .node_with("Cast", &["bytes"], &["whole"], vec![("to", testing::Attribute::Int(7))])
        .model();
    let session = open(&runtime, &casts, &SessionOptions::default()).expect("it loads");
    let view = TensorView::new(&[3], &[1u8, 2, 255]).expect("three");
    let outputs = session.run(&[("bytes", view.into())]).expect("it runs");
    let halves = outputs.get("halves").expect("halves").numbers::<gnomon::runtime::f16>().expect("f16");
    assert_eq!(halves.iter().map(|half| half.to_f32()).collect::<Vec<_>>(), [1.0, 2.0, 255.0]);
    assert_eq!(outputs.get("whole").expect("whole").numbers::<i64>().expect("i64"), [1, 2, 255]);
}

#[test]
fn a_node_that_cannot_be_computed_is_an_error_and_the_session_lives_on() {
    let Some(runtime) = runtime() else { return };
    let gather = Graph::new("gather")
        .input("at", testing::I64, &[Dim::Is(1)])
        .output("y", F32, &[Dim::Is(1)])
        .weight("table", &[2], &[3.0, 4.0])
        .node("Gather", &["table", "at"], &["y"])
        .model();
    let session = open(&runtime, &gather, &SessionOptions::default()).expect("it loads");
    let run = |at: i64| {
        let at = [at];
        let view = TensorView::new(&[1], &at).expect("one");
        session
            .run(&[("at", view.into())])
            .map(|outputs| outputs.get("y").expect("y").numbers::<f32>().expect("f32")[0])
    };
    let error = run(7).expect_err("there are two");
    assert_eq!(error.kind(), ErrorKind::Runtime);
    assert!(error.to_string().starts_with("the network fails: "), "{error}");
    assert_eq!(run(1).expect("the second"), 4.0);
}

#[test]
fn an_operator_that_nobody_knows_is_an_error_of_the_model() {
    let Some(runtime) = runtime() else { return };
    let graph = Graph::new("g").input("x", F32, &[Dim::Is(1)]).output("y", F32, &[Dim::Is(1)]);
    let error = open(&runtime, &graph.node("Nonsense", &["x"], &["y"]).model(), &SessionOptions::default());
    let error = error.expect_err("nobody knows it");
    assert_eq!(error.kind(), ErrorKind::Model);
    assert!(error.to_string().contains("does not load it") && error.to_string().contains("Nonsense"), "{error}");
}

#[test]
fn no_rows_at_all_are_a_tensor_too() {
    let Some(runtime) = runtime() else { return };
    let session = open(&runtime, &testing::affine(), &SessionOptions::default()).expect("it loads");
    let view = TensorView::new::<f32>(&[0, 3], &[]).expect("none");
    let outputs = session.run(&[("x", view.into())]).expect("it runs");
    assert_eq!(outputs.get("y").expect("y").shape(), [0, 2]);
}

#[test]
fn what_a_network_gave_goes_in_again_without_a_copy() {
    let Some(runtime) = runtime() else { return };
    let doubling = Graph::new("doubling")
        .input("x", F32, &[Dim::Named("n")])
        .output("y", F32, &[Dim::Named("n")])
        .node("Add", &["x", "x"], &["y"])
        .model();
    let session = open(&runtime, &doubling, &SessionOptions::default()).expect("it loads");
    let ones = [1.0f32; 3];
    let view = TensorView::new(&[3], &ones).expect("three");
    let mut given = session.run(&[("x", view.into())]).expect("it runs").take("y").expect("y");
    for _ in 0..9 {
        given = session.run(&[("x", (&given).into())]).expect("it runs").take("y").expect("y");
    }
    assert_eq!(given.numbers::<f32>().expect("f32"), [1024.0; 3]);
}

#[test]
fn inputs_that_are_not_the_graphs_are_refused_by_name_type_and_shape() {
    let Some(runtime) = runtime() else { return };
    let session = open(&runtime, &testing::affine(), &SessionOptions::default()).expect("it loads");
    let (floats, whole) = ([0.0f32; 8], [0i64; 3]);
    let three = TensorView::new(&[1, 3], &floats[..3]).expect("three");
    let four = TensorView::new(&[1, 4], &floats[..4]).expect("four");
    let flat = TensorView::new(&[3], &floats[..3]).expect("three");
    let integers = TensorView::new(&[1, 3], &whole).expect("three");
    let said = |inputs: &[(&str, gnomon::runtime::Input<'_>)]| {
        let error = session.run(inputs).expect_err("refused");
        assert_eq!(error.kind(), ErrorKind::Argument);
        error.to_string()
    };
    assert_eq!(said(&[]), "input \"x\" is missing: f32 [n, 3]");
    assert_eq!(said(&[("z", three.into())]), "the graph takes x, not \"z\"");
    assert_eq!(said(&[("x", three.into()), ("x", three.into())]), "input \"x\" is given twice");
    assert_eq!(said(&[("x", four.into())]), "input \"x\" takes f32 [n, 3], f32 [1, 4] was given");
    assert_eq!(said(&[("x", flat.into())]), "input \"x\" takes f32 [n, 3], f32 [3] was given");
    assert_eq!(said(&[("x", integers.into())]), "input \"x\" takes f32 [n, 3], i64 [1, 3] was given");
    assert!(
        TensorView::new(&[2, 3], &floats).expect_err("eight").to_string().contains("holds 6 numbers, 8 were given")
    );
    assert!(TensorView::new(&[usize::MAX, 2], &floats).is_err());
}

#[test]
fn a_side_of_one_name_is_one_number_in_all_inputs() {
    let Some(runtime) = runtime() else { return };
    let sum = Graph::new("sum")
        .input("a", F32, &[Dim::Named("n")])
        .input("b", F32, &[Dim::Named("n")])
        .output("y", F32, &[Dim::Named("n")])
        .node("Add", &["a", "b"], &["y"])
        .model();
    let session = open(&runtime, &sum, &SessionOptions::default()).expect("it loads");
    let ones = [1.0f32; 3];
    let (one, three) = (TensorView::new(&[1], &ones[..1]).expect("one"), TensorView::new(&[3], &ones).expect("three"));
    let error = session.run(&[("a", three.into()), ("b", one.into())]).expect_err("refused").to_string();
    assert_eq!(error, "side \"n\" is 3 in input \"a\" and 1 in input \"b\"");
}

#[test]
fn a_gpu_that_is_not_there_is_a_remark_and_if_required_an_error_that_names_what_is_missing() {
    let Some(runtime) = runtime() else { return };
    for (name, full) in [("cuda", "CUDAExecutionProvider"), ("tensorrt", "TensorrtExecutionProvider")] {
        let asked = |require| SessionOptions {
            providers: [name, "cpu"].map(Provider::named).to_vec(),
            require,
            ..SessionOptions::default()
        };
        let session = open(&runtime, &testing::affine(), &asked(false)).expect("it falls back");
        if session.providers()[0] == full {
            println!("not run: this machine has {full}");
            continue;
        }
        println!("{:?}", session.remarks());
        assert_eq!(session.providers(), ["CPUExecutionProvider"]);
        assert_eq!(session.remarks().len(), 1, "{:?}", session.remarks());
        assert!(session.remarks()[0].starts_with(&format!("{name} is not used: ")), "{:?}", session.remarks());
        let error = open(&runtime, &testing::affine(), &asked(true)).expect_err("required");
        assert_eq!(error.kind(), ErrorKind::Device);
        let is_built_in = runtime.providers().iter().any(|name| name == full);
        let missing = if is_built_in { ".so".to_string() } else { format!("is built without {full}") };
        assert!(error.to_string().contains(&missing), "{error}");
    }
}

#[test]
fn every_provider_asked_for_has_its_remark_and_words_of_any_spelling_are_understood() {
    let Some(runtime) = runtime() else { return };
    let names = ["NoSuch", "nosuchExecutionProvider", "CPU", "CPUExecutionProvider"];
    let providers = names.map(Provider::named).to_vec();
    let options = SessionOptions { providers, ..SessionOptions::default() };
    let session = open(&runtime, &testing::affine(), &options).expect("it loads");
    assert!(session.remarks()[0].contains("is built without NoSuchExecutionProvider"), "{:?}", session.remarks());
    assert_eq!(session.remarks().len(), 2);
    assert!(session.providers().iter().all(|name| name == "CPUExecutionProvider"));
    let zero = Provider { name: "cpu".into(), options: vec![("a\0b".into(), "1".into())] };
    let options = SessionOptions { providers: vec![zero], require: true, ..SessionOptions::default() };
    let error = open(&runtime, &testing::affine(), &options).expect_err("a zero byte");
    assert!(error.to_string().contains("holds a zero byte"), "{error}");
}

#[test]
fn where_the_nodes_went_is_read_back() {
    let Some(runtime) = runtime() else { return };
    let session = open(&runtime, &testing::affine(), &SessionOptions::default()).expect("it loads");
    let minor: u32 = runtime.version().split('.').nth(1).and_then(|minor| minor.parse().ok()).expect("a minor number");
    match session.nodes_by_provider() {
        Some(nodes) => {
            // MatMul and Add may have become one.
            let on_cpu = nodes.get("CPUExecutionProvider").copied().unwrap_or(0);
            assert!((1..=2).contains(&on_cpu) && nodes.len() == 1, "{nodes:?}");
        }
        None => assert!(minor < 24, "{} tells", runtime.version()),
    }
}

fn rounds(count: i64) -> ([i64; 1], Vec<f32>) {
    let mut x = vec![0.0; 64 * 64];
    (0..64).for_each(|i| x[i * 64 + i] = 1.0);
    ([count], x)
}

fn run_long(session: &Session, count: i64, control: &Control) -> gnomon::Result<gnomon::runtime::Outputs> {
    let (count, x) = rounds(count);
    let count = TensorView::new(&[], &count).expect("one");
    let x = TensorView::new(&[64, 64], &x).expect("64 x 64");
    session.run_with(&[("rounds", count.into()), ("x", x.into())], control)
}

const FOR_EVER: i64 = 1 << 40;

#[test]
fn a_run_is_stopped_from_another_thread_and_the_session_lives_on() {
    let Some(runtime) = runtime() else { return };
    let session = open(&runtime, &testing::long(), &SessionOptions::default()).expect("it loads");
    let cancel = Cancel::new();
    let control = Control { cancel: Some(cancel.clone()), within: None };
    let stopped_at = std::thread::scope(|scope| {
        let stopper = scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(100));
            let now = Instant::now();
            cancel.stop();
            now
        });
        let error = run_long(&session, FOR_EVER, &control).expect_err("stopped");
        assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Cancelled, "stopped by the caller"));
        stopper.join().expect("no panic")
    });
    let latency = stopped_at.elapsed();
    println!("stopped after {latency:?}");
    assert!(latency < HANGS, "{latency:?}");
    assert_eq!(run_long(&session, 3, &control).expect_err("still stopped").kind(), ErrorKind::Cancelled);
    run_long(&session, 3, &Control::default()).expect("the session lives on");
}

#[test]
fn a_run_ends_at_its_deadline() {
    let Some(runtime) = runtime() else { return };
    let session = open(&runtime, &testing::long(), &SessionOptions::default()).expect("it loads");
    let control = Control { cancel: None, within: Some(Duration::from_millis(100)) };
    let begun = Instant::now();
    let error = run_long(&session, FOR_EVER, &control).expect_err("too long");
    assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Cancelled, "not done within 100 ms"));
    let taken = begun.elapsed();
    assert!(taken >= Duration::from_millis(100) && taken < HANGS, "{taken:?}");
    run_long(&session, 3, &Control { cancel: None, within: Some(Duration::from_secs(60)) }).expect("in time");
}

#[test]
fn eight_threads_share_a_session_and_each_gets_its_own_answer() {
    let Some(runtime) = runtime() else { return };
    let session = open(&runtime, &testing::affine(), &SessionOptions::default()).expect("it loads");
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for thread in 0..8u8 {
            let session = &session;
            scope.spawn(move || {
                for round in 0..200u16 {
                    let a = f32::from(thread) + 8.0 * f32::from(round);
                    let x = [a, 0.0, 0.0];
                    let view = TensorView::new(&[1, 3], &x).expect("three");
                    let outputs = session.run(&[("x", view.into())]).expect("it runs");
                    assert_eq!(outputs.get("y").expect("y").numbers::<f32>().expect("f32"), [a + 10.0, 2.0 * a + 20.0]);
                }
            });
        }
    });
    println!("1600 runs in {:?}", begun.elapsed());
}

#[test]
fn who_waits_behind_a_long_run_may_give_up() {
    let Some(runtime) = runtime() else { return };
    let session = open(&runtime, &testing::long(), &SessionOptions::default()).expect("it loads");
    let cancel = Cancel::new();
    std::thread::scope(|scope| {
        let endless = Control { cancel: Some(cancel.clone()), within: None };
        let session = &session;
        let first = scope.spawn(move || run_long(session, FOR_EVER, &endless).map(|_| ()));
        std::thread::sleep(Duration::from_millis(50));
        let hurried = Control { cancel: None, within: Some(Duration::from_millis(50)) };
        let begun = Instant::now();
        assert_eq!(run_long(session, 1, &hurried).expect_err("behind").kind(), ErrorKind::Cancelled);
        assert!(begun.elapsed() < HANGS);
        cancel.stop();
        assert_eq!(first.join().expect("no panic").expect_err("stopped").kind(), ErrorKind::Cancelled);
    });
}

/// What is said of a model that will not do.
fn refused_model(folder: &Folder, bytes: &[u8]) -> String {
    let path = folder.put("model.onnx", bytes);
    let begun = Instant::now();
    let error = ModelFile::read(&path, &ModelLimits::default()).expect_err("refused");
    assert!(begun.elapsed() < HANGS, "{:?}", begun.elapsed());
    assert_eq!(error.kind(), ErrorKind::Model, "{error}");
    if let Some(runtime) = runtime() {
        let said = Session::open(&runtime, &path, &SessionOptions::default()).expect_err("refused").to_string();
        assert_eq!(said, error.to_string(), "before the runtime sees it");
    }
    error.to_string()
}

#[test]
fn a_model_that_is_not_there_or_no_model_is_refused() {
    let folder = Folder::new();
    let missing = ModelFile::read(&folder.0.path().join("no.onnx"), &ModelLimits::default()).expect_err("missing");
    assert_eq!(missing.kind(), ErrorKind::Io);
    assert!(missing.to_string().ends_with("no.onnx: is not there"), "{missing}");
    let is_folder = ModelFile::read(folder.0.path(), &ModelLimits::default()).expect_err("a folder");
    assert!(is_folder.to_string().ends_with("is not a file"), "{is_folder}");
    let pipe = folder.0.path().join("pipe.onnx");
    if std::process::Command::new("mkfifo").arg(&pipe).status().is_ok_and(|status| status.success()) {
        let is_pipe = ModelFile::read(&pipe, &ModelLimits::default()).expect_err("nobody writes into it");
        assert!(is_pipe.to_string().ends_with("is not a file"), "{is_pipe}");
    }
    assert!(refused_model(&folder, b"").contains("has no graph"));
    assert!(refused_model(&folder, b"The quick brown fox").contains("is no whole ONNX model"));
    assert!(refused_model(&folder, b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n").contains("Git LFS"));
    assert!(refused_model(&folder, &Graph::new("g").model()).contains("gives nothing"));
}

#[test]
fn a_model_cut_at_any_length_is_refused() {
    let folder = Folder::new();
    let whole = testing::affine();
    for length in 0..whole.len() {
        let path = folder.put("cut.onnx", &whole[..length]);
        let error = ModelFile::read(&path, &ModelLimits::default()).err();
        let error = error.unwrap_or_else(|| panic!("cut to {length} of {}", whole.len()));
        assert_eq!(error.kind(), ErrorKind::Model);
    }
    ModelFile::read(&folder.put("whole.onnx", &whole), &ModelLimits::default()).expect("the whole of it");
}

#[test]
fn any_one_byte_changed_is_read_or_refused_and_never_more() {
    let folder = Folder::new();
    let whole = testing::long();
    for at in 0..whole.len() {
        for value in [0xff, whole[at] ^ 1] {
            let mut bytes = whole.clone();
            bytes[at] = value;
            let begun = Instant::now();
            let _ = ModelFile::read(&folder.put("changed.onnx", &bytes), &ModelLimits::default());
            assert!(begun.elapsed() < HANGS, "byte {at} = {value}");
        }
    }
}

fn with_weight(make: impl FnOnce(Graph) -> Graph) -> Vec<u8> {
    let graph = Graph::new("g").input("x", F32, &[Dim::Is(2)]).output("y", F32, &[Dim::Is(2)]);
    make(graph).node("Add", &["x", "w"], &["y"]).model()
}

#[test]
fn four_gigabytes_claimed_and_not_held_are_refused() {
    let folder = Folder::new();
    let claims = |make: &dyn Fn(Graph) -> Graph| refused_model(&folder, &with_weight(make));
    let said = claims(&|graph| graph.raw_weight("w", F32, &[1 << 15, 1 << 15], &[0; 8]));
    assert!(said.contains("weight \"w\": claims 4294967296 bytes, holds 8"), "{said}");
    assert!(claims(&|graph| graph.raw_weight("w", F32, &[1 << 40, 1 << 40], &[0; 8])).contains("beyond all bounds"));
    assert!(claims(&|graph| graph.raw_weight("w", 99, &[2], &[0; 8])).contains("no known type"));
    folder.put("w.bin", &[0; 8]);
    let entries = [("location", "w.bin"), ("offset", "0"), ("length", "4294967296")];
    let said = claims(&|graph| graph.external_weight("w", &[1 << 15, 1 << 15], &entries));
    assert!(said.contains("names 4294967296 bytes at 0 of \"w.bin\", which has 8"), "{said}");
    let entries = [("location", "w.bin"), ("offset", "18446744073709551615")];
    assert!(claims(&|graph| graph.external_weight("w", &[2], &entries)).contains("which has 8"));
    let entries = [("location", "w.bin"), ("length", "-1")];
    assert!(claims(&|graph| graph.external_weight("w", &[2], &entries)).contains("is no whole number"));
    let mut lies = testing::affine();
    // The length of the graph, as five bytes of a varint: 4 GB.
    let at = lies.iter().position(|byte| *byte == (7 << 3 | 2)).expect("the graph") + 1;
    lies.splice(at..at + 1, [0x80, 0x80, 0x80, 0x80, 0x10]);
    assert!(refused_model(&folder, &lies).contains("field 7 claims 4294967296 bytes"));
}

#[test]
fn weights_outside_the_folder_of_the_model_are_refused() {
    let folder = Folder::new();
    let outside = Folder::new();
    let elsewhere = outside.put("w.bin", &[0; 8]);
    let named = |location: &str| {
        refused_model(&folder, &with_weight(|graph| graph.external_weight("w", &[2], &[("location", location)])))
    };
    for location in ["../w.bin", "a/../../w.bin", "/etc/passwd", "", "..\\w.bin", "a/.."] {
        let said = named(location);
        assert!(said.contains("weights must lie in the model's folder"), "{location}: {said}");
    }
    assert!(named("no.bin").contains("cannot be found"));
    std::os::unix::fs::symlink(&elsewhere, folder.0.path().join("link.bin")).expect("a link");
    assert!(named("link.bin").contains("a link to"), "{}", named("link.bin"));
    std::os::unix::fs::symlink(outside.0.path(), folder.0.path().join("linked")).expect("a link");
    assert!(named("linked/w.bin").contains("a link to"));
    std::fs::create_dir(folder.0.path().join("sub")).expect("a folder");
    assert!(named("sub").contains("is not a file"));
    assert!(named(".").contains("is not a file"));
}

#[test]
fn weights_beside_the_model_are_counted_and_used() {
    let folder = Folder::new();
    let numbers: Vec<u8> = [0.0f32, 0.0, 5.0, 7.0].iter().flat_map(|number| number.to_le_bytes()).collect();
    folder.put("data/w.bin", &numbers);
    let entries = [("location", "data/w.bin"), ("offset", "8"), ("length", "8")];
    let path = folder.put("model.onnx", &with_weight(|graph| graph.external_weight("w", &[2], &entries)));
    let model = ModelFile::read(&path, &ModelLimits::default()).expect("it is whole");
    assert_eq!((model.weight_bytes, model.external_bytes), (8, 8));
    assert_eq!(model.external_files, [Path::new("data/w.bin")]);
    let Some(runtime) = runtime() else { return };
    let session = Session::open(&runtime, &path, &SessionOptions::default()).expect("it loads");
    let ones = [1.0f32; 2];
    let view = TensorView::new(&[2], &ones).expect("two");
    let outputs = session.run(&[("x", view.into())]).expect("it runs");
    assert_eq!(outputs.get("y").expect("y").numbers::<f32>().expect("f32"), [6.0, 8.0]);
}

#[test]
fn a_file_above_its_bound_is_refused() {
    let folder = Folder::new();
    let path = folder.put("model.onnx", &testing::affine());
    let limits = ModelLimits { file_bytes: 100, ..ModelLimits::default() };
    let error = ModelFile::read(&path, &limits).expect_err("too long");
    assert!(error.to_string().contains("at most 100 are taken"), "{error}");
    let limits = ModelLimits { nodes: 1, ..ModelLimits::default() };
    assert!(ModelFile::read(&path, &limits).expect_err("two nodes").to_string().contains("more than 1 nodes"));
}

#[test]
fn graphs_in_graphs_without_end_are_refused() {
    let folder = Folder::new();
    let mut inner = Graph::new("inner");
    for _ in 0..100 {
        let attributes = vec![("body", testing::Attribute::Graph(inner))];
        inner = Graph::new("outer").node_with("Loop", &[], &["y"], attributes);
    }
    let said = refused_model(&folder, &inner.output("y", F32, &[]).model());
    assert!(said.contains("too deep"), "{said}");
}

#[test]
fn the_plan_counts_weights_to_the_byte_and_what_lives_at_one_time() {
    let folder = Folder::new();
    let path = folder.put("model.onnx", &testing::affine());
    let model = ModelFile::read(&path, &ModelLimits::default()).expect("it is whole");
    assert_eq!((model.nodes, model.tensors, model.graph.as_str()), (2, 2, "affine"));
    assert_eq!(
        (model.producer.as_str(), model.opsets.clone()),
        ("gnomon tests", BTreeMap::from([(String::new(), 17)]))
    );
    let plan = Plan::of(&model, &[("n", 1000)]);
    // Eight weights; at the second node x (3 a row), xW and y (2 a row each) are alive.
    assert_eq!((plan.weight_bytes, plan.activation_bytes), (32, 4 * 7000));
    assert_eq!((plan.values, plan.unknown_values), (3, 0));
    let blind = Plan::of(&model, &[]);
    assert_eq!((blind.activation_bytes, blind.unknown_values), (0, 3));
    assert!(blind.to_string().contains("3 of 3 values without a shape"), "{blind}");
}

#[test]
fn a_model_over_its_budget_is_refused_with_the_numbers_before_it_is_loaded() {
    let Some(runtime) = runtime() else { return };
    let options = SessionOptions {
        sides: vec![("n".into(), 1_000_000)],
        budget_bytes: Some(10_000_000),
        ..SessionOptions::default()
    };
    let error = open(&runtime, &testing::affine(), &options).expect_err("28 MB");
    assert_eq!(error.kind(), ErrorKind::NoMemory);
    assert!(error.to_string().contains("needs 28.0 MB"), "{error}");
    assert!(error.to_string().contains("the budget of 10.0 MB"), "{error}");
}

#[test]
fn a_detector_of_the_world_opens_and_runs() {
    let data = std::env::var_os("GNOMON_TEST_DATA").map(PathBuf::from);
    let Some(path) = data.map(|data| data.join("models/FastestDet.onnx")).filter(|path| path.is_file()) else {
        println!("not run: no GNOMON_TEST_DATA/models/FastestDet.onnx");
        return;
    };
    let model = ModelFile::read(&path, &ModelLimits::default()).expect("it is whole");
    assert!(model.weight_bytes > 900_000 && model.weight_bytes < model.file_bytes, "{}", model.weight_bytes);
    println!("plan: {}", Plan::of(&model, &[]));
    let Some(runtime) = runtime() else { return };
    let begun = Instant::now();
    let session = Session::open(&runtime, &path, &SessionOptions::default()).expect("it loads");
    println!("loaded in {:?}, nodes {:?}", begun.elapsed(), session.nodes_by_provider());
    assert_eq!(session.inputs().len(), 1);
    assert_eq!(session.inputs()[0].dtype, DType::F32);
    println!("takes {} {}, gives {}", session.inputs()[0].name, session.inputs()[0], session.outputs()[0]);
    println!("first run {:?}", session.warm_up(&[], &Control::default()).expect("it runs"));
    println!("second run {:?}", session.warm_up(&[], &Control::default()).expect("it runs"));
}
