//! The life of a network in one process, for `tests/abi/networks.sh` to watch under valgrind: a library that will not do, models
//! that will not load, sessions opened, bound, run, stopped by another thread and by the clock, a model that speaks and is
//! stopped, let go and dropped while it does, a load stopped, and the end.
//! With the argument `leak` a session is lost on purpose, which must be noticed; with `exit` the process ends with it open.

#[path = "../../src/runtime/testing.rs"]
mod testing;

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gnomon::ErrorKind;
use gnomon::prepare::Rgb;
use gnomon::runtime::{
    Cancel, Control, FindOptions, LoadState, Place, Progress, Provider, Runtime, Session, SessionOptions, TensorView,
};
use gnomon::vlm::{Engine, Flow, Folder, Listener, Request, Vlm, VlmOptions, WhenBusy};

static OPEN: Mutex<Vec<Session>> = Mutex::new(Vec::new());

fn open(runtime: &Arc<Runtime>, folder: &Path, model: &[u8], options: &SessionOptions) -> gnomon::Result<Session> {
    let path = folder.join("model.onnx");
    std::fs::write(&path, model).map_err(|error| gnomon::Error::new(ErrorKind::Io, error.to_string()))?;
    Session::open(runtime, &path, options)
}

fn run_and_stop(runtime: &Arc<Runtime>, folder: &Path) -> gnomon::Result<()> {
    let session = open(runtime, folder, &testing::long(), &SessionOptions::default())?;
    let x = [0.5f32; 64 * 64];
    let (rounds, x) = ([1i64 << 40], TensorView::new(&[64, 64], &x)?);
    let run = |control: &Control| {
        let rounds = TensorView::new(&[], &rounds)?;
        session.run_with(&[("rounds", rounds.into()), ("x", x.into())], control).map(|_| ())
    };
    let within = Control { within: Some(Duration::from_millis(50)), cancel: None };
    assert_eq!(run(&within).expect_err("too long").kind(), ErrorKind::Cancelled);
    let cancel = Cancel::new();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(50));
            cancel.stop();
        });
        let control = Control { within: None, cancel: Some(cancel.clone()) };
        assert_eq!(run(&control).expect_err("stopped").kind(), ErrorKind::Cancelled);
    });
    Ok(())
}

fn bind(runtime: &Arc<Runtime>, folder: &Path) -> gnomon::Result<()> {
    let told = Progress::new(Duration::from_millis(10), |state: &LoadState| {
        std::hint::black_box(state);
    });
    let providers = ["cuda", "tensorrt", "cpu"].map(Provider::named).to_vec();
    let options = SessionOptions { providers, warm_up: true, progress: Some(told), ..SessionOptions::default() };
    let session = Arc::new(open(runtime, folder, &testing::affine(), &options)?);
    let mut binding = session.bind()?;
    for round in 0..20u8 {
        binding.set("x", TensorView::new(&[1, 3], &[f32::from(round), 0.0, 0.0])?)?;
        if round == 10 {
            binding.hold("y", &[1, 2], Place::Host)?;
        }
        binding.run(&Control::default())?;
        assert_eq!(binding.output("y")?.numbers::<f32>()?[0], f32::from(round) + 10.0);
    }
    binding.take("y")?;
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| session.warm_up(&[("n", 7)], &Control::default()).expect("it runs"));
        }
    });
    Ok(())
}

/// A model that speaks, is stopped while it does, and is let go with requests in line.
fn talk(runtime: &Arc<Runtime>) -> gnomon::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vlm/qwen2_5_vl_genai_int4");
    let vlm = Vlm::open(runtime, Folder::read(&folder)?, &VlmOptions::default())?;
    let engine = Engine::start(Box::new(vlm), 8)?;
    let picture = Arc::new(Rgb::new(112, 84, vec![90; 3 * 112 * 84])?);
    let submit = |within, stops_at: usize| {
        let mut pieces = 0;
        let listener: Listener = Box::new(move |_| {
            pieces += 1;
            if pieces > stops_at { Flow::Stop } else { Flow::GoOn }
        });
        let request = Request { max_new_tokens: 6, ..Request::question("Where?", vec![picture.clone()]) };
        engine.submit(request, within, WhenBusy::Queue, listener)
    };
    assert!(submit(None, usize::MAX)?.wait(None)?.is_some_and(|reply| reply.token_ids.len() == 6));
    assert!(submit(None, 2)?.wait(None)?.is_some());
    assert_eq!(submit(Some(Duration::ZERO), 2)?.wait(None).expect_err("late").kind(), ErrorKind::Cancelled);
    let (cancelled, let_go) = (submit(None, usize::MAX)?, submit(None, usize::MAX)?);
    std::thread::sleep(Duration::from_millis(20));
    cancelled.cancel();
    drop(let_go);
    let left = submit(None, usize::MAX)?;
    drop(engine);
    assert_eq!(left.wait(None).expect_err("the model is gone").kind(), ErrorKind::Cancelled);
    Ok(())
}

fn main() -> gnomon::Result<()> {
    let what = std::env::args().nth(1).unwrap_or_default();
    let folder = tempfile::tempdir().expect("a folder");
    let nowhere = FindOptions { path: Some(folder.path().join("libonnxruntime.so")), python: false };
    assert!(Runtime::find(&nowhere).is_err());
    let runtime = Runtime::find(&FindOptions::default())?;
    let whole = testing::affine();
    for model in [&whole[..whole.len() / 2], b"no model"] {
        assert!(open(&runtime, folder.path(), model, &SessionOptions::default()).is_err());
    }
    let unknown = testing::Graph::new("g").output("y", testing::F32, &[]).node("Nonsense", &[], &["y"]).model();
    assert!(open(&runtime, folder.path(), &unknown, &SessionOptions::default()).is_err());
    bind(&runtime, folder.path())?;
    run_and_stop(&runtime, folder.path())?;
    talk(&runtime)?;
    let control = Control { within: Some(Duration::ZERO), cancel: None };
    let late = SessionOptions { control, ..SessionOptions::default() };
    assert_eq!(open(&runtime, folder.path(), &whole, &late).expect_err("late").kind(), ErrorKind::Cancelled);
    match what.as_str() {
        "leak" => std::mem::forget(open(&runtime, folder.path(), &whole, &SessionOptions::default())?),
        "exit" => {
            let session = open(&runtime, folder.path(), &whole, &SessionOptions::default())?;
            session.warm_up(&[], &Control::default())?;
            // What stays reachable at the end is nobody's loss.
            OPEN.lock().expect("no panic").push(session);
        }
        _ => {}
    }
    drop(folder);
    println!("a life of a network: {} {}", runtime.version(), what);
    Ok(())
}
