//! Sessions with what goes in and comes out kept between runs; and the borrowed memory that the crate underneath waits for
//! ever on, which must not reach it. Tests print `not run: no ONNX Runtime` where there is none.

#![cfg(feature = "onnx")]
#![allow(clippy::disallowed_methods, reason = "what hangs cannot be joined")]

mod common;
#[path = "../src/runtime/testing.rs"]
mod testing;

use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;

use common::runtime;
use gnomon::ErrorKind;
use gnomon::runtime::{Cancel, Control, Place, Runtime, Session, SessionOptions, TensorView};
use testing::{Dim, F32, Graph};

fn open(runtime: &Arc<Runtime>, bytes: &[u8]) -> Arc<Session> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("model.onnx");
    std::fs::write(&path, bytes).expect("a file");
    Arc::new(Session::open(runtime, &path, &SessionOptions::default()).expect("it loads"))
}

/// Fails where `test` would hang.
fn in_time(test: impl FnOnce() + Send + 'static) {
    let (done, waits) = mpsc::channel();
    let runs = std::thread::spawn(move || {
        test();
        let _ = done.send(());
    });
    if waits.recv_timeout(Duration::from_secs(20)) == Err(mpsc::RecvTimeoutError::Timeout) {
        panic!("it hangs");
    }
    runs.join().expect("no panic");
}

/// y = x + x, z = 3 sides that the graph does not tell.
fn doubling(shape: &[Dim<'_>]) -> Vec<u8> {
    Graph::new("doubling").input("x", F32, shape).output("y", F32, shape).node("Add", &["x", "x"], &["y"]).model()
}

fn numbers(tensor: &gnomon::runtime::Tensor) -> &[f32] {
    tensor.numbers::<f32>().expect("f32")
}

#[test]
fn an_output_of_known_shape_is_written_into_the_same_memory_at_every_run() {
    let Some(runtime) = runtime() else { return };
    let session = open(&runtime, &doubling(&[Dim::Is(256), Dim::Is(1024)]));
    let mut binding = session.bind().expect("it binds");
    let mut places = std::collections::BTreeSet::new();
    for round in 0..50u16 {
        let x = binding.input_mut::<f32>("x", &[256, 1024]).expect("x");
        x.fill(f32::from(round));
        places.insert(("x", x.as_ptr() as usize));
        binding.run(&Control::default()).expect("it runs");
        let y = numbers(binding.output("y").expect("y"));
        places.insert(("y", y.as_ptr() as usize));
        assert!(y.iter().all(|y| *y == 2.0 * f32::from(round)), "round {round}");
    }
    assert_eq!(places.len(), 2, "one place for x, one for y: {places:?}");
}

#[test]
fn borrowed_numbers_are_bound_again_and_again_and_nothing_waits_for_ever() {
    let Some(runtime) = runtime() else { return };
    in_time(move || {
        let session = open(&runtime, &testing::affine());
        let mut binding = session.bind().expect("it binds");
        for round in 0..100u16 {
            // On the stack, gone after this round.
            let x = [f32::from(round), 0.0, 1.0];
            binding.set("x", TensorView::new(&[1, 3], &x).expect("three")).expect("x");
            binding.run(&Control::default()).expect("it runs");
            let a = f32::from(round);
            assert_eq!(numbers(binding.output("y").expect("y")), [a + 15.0, 2.0 * a + 26.0]);
        }
        let given = [("x", TensorView::new(&[1, 3], &[1.0f32, 0.0, 0.0]).expect("three").into())];
        binding.run_on(&given, &Control::default()).expect("it runs");
        assert_eq!(numbers(binding.output("y").expect("y")), [11.0, 22.0]);
    });
}

#[test]
fn what_comes_out_goes_in_again_without_a_copy_and_leaves_its_maker_behind() {
    let Some(runtime) = runtime() else { return };
    in_time(move || {
        let session = open(&runtime, &doubling(&[Dim::Named("n")]));
        let mut binding = session.bind().expect("it binds");
        binding.release("y", Place::Device).expect("known");
        binding.set("x", TensorView::new(&[3], &[1.0f32, 2.0, 3.0]).expect("three")).expect("x");
        for _ in 0..10 {
            binding.run(&Control::default()).expect("it runs");
            let y = binding.take("y").expect("made");
            let place = numbers(&y).as_ptr();
            binding.give("x", y).expect("it fits");
            assert_eq!(binding.input_mut::<f32>("x", &[3]).expect("x").as_ptr(), place);
        }
        binding.run(&Control::default()).expect("it runs");
        assert_eq!(numbers(binding.output("y").expect("made")), [2048.0, 4096.0, 6144.0]);
        let y = binding.take("y").expect("made");
        assert_eq!(binding.output("y").expect_err("taken").kind(), ErrorKind::State);
        drop((binding, session));
        assert_eq!(numbers(&y), [2048.0, 4096.0, 6144.0]);
    });
}

#[test]
fn a_held_output_that_was_taken_is_not_written_again() {
    let Some(runtime) = runtime() else { return };
    let session = open(&runtime, &doubling(&[Dim::Is(2)]));
    let mut binding = session.bind().expect("it binds");
    let mut run = |x: f32| {
        binding.set("x", TensorView::new(&[2], &[x, x]).expect("two")).expect("x");
        binding.run(&Control::default()).expect("it runs");
        binding.take("y").expect("made")
    };
    let (first, second) = (run(1.0), run(2.0));
    assert_eq!((numbers(&first), numbers(&second)), (&[2.0f32, 2.0][..], &[4.0f32, 4.0][..]));
}

#[test]
fn an_output_of_open_shape_follows_its_input_until_it_is_held() {
    let Some(runtime) = runtime() else { return };
    let session = open(&runtime, &doubling(&[Dim::Named("n")]));
    let mut binding = session.bind().expect("it binds");
    let ones = [1.0f32; 8];
    for count in [1usize, 8, 3, 0, 5] {
        binding.set("x", TensorView::new(&[count], &ones[..count]).expect("so many")).expect("x");
        binding.run(&Control::default()).expect("it runs");
        assert_eq!(binding.output("y").expect("made").shape(), [count]);
    }
    binding.hold("y", &[5], Place::Host).expect("it may be");
    binding.run(&Control::default()).expect("it fits");
    assert_eq!(numbers(binding.output("y").expect("made")), [2.0; 5]);
    binding.set("x", TensorView::new(&[3], &ones[..3]).expect("three")).expect("x");
    let error = binding.run(&Control::default()).expect_err("three do not fit five");
    assert_eq!(error.kind(), ErrorKind::Runtime, "{error}");
    binding.hold("y", &[3], Place::Host).expect("it may be");
    binding.run(&Control::default()).expect("it fits");
    assert_eq!(numbers(binding.output("y").expect("made")), [2.0; 3]);
}

#[test]
fn what_does_not_fit_the_graph_is_refused_when_it_is_bound() {
    let Some(runtime) = runtime() else { return };
    let session = open(&runtime, &testing::affine());
    let mut binding = session.bind().expect("it binds");
    let four = [0.0f32; 4];
    let said = |error: gnomon::Error| {
        assert_eq!(error.kind(), ErrorKind::Argument);
        error.to_string()
    };
    let view = TensorView::new(&[1, 4], &four).expect("four");
    assert_eq!(said(binding.set("x", view).expect_err("four")), "input \"x\" takes f32 [n, 3], f32 [1, 4] was given");
    assert_eq!(said(binding.set("w", view).expect_err("no w")), "the graph takes x, not \"w\"");
    assert_eq!(
        said(binding.input_mut::<i64>("x", &[1, 3]).expect_err("f32")),
        "input \"x\" takes f32 [n, 3], i64 [1, 3] was given"
    );
    assert_eq!(said(binding.run(&Control::default()).expect_err("no x")), "input \"x\" is missing: f32 [n, 3]");
    let error = said(binding.hold("y", &[1, 3], Place::Host).expect_err("two"));
    assert_eq!(error, "output \"y\" is f32 [n, 2], [1, 3] was asked for");
    assert_eq!(said(binding.output("z").expect_err("no z")), "the graph gives y, not \"z\"");
    assert_eq!(binding.output("y").expect_err("not run").kind(), ErrorKind::State);
    let error = binding.hold("y", &[1 << 60, 2], Place::Host).expect_err("beyond all bounds");
    assert_eq!(error.kind(), ErrorKind::NoMemory, "{error}");
}

#[test]
fn inputs_of_a_shared_side_are_held_against_each_other_when_run() {
    let Some(runtime) = runtime() else { return };
    let n = [Dim::Named("n")];
    let graph = Graph::new("sum").input("a", F32, &n).input("b", F32, &n).output("y", F32, &n);
    let session = open(&runtime, &graph.node("Add", &["a", "b"], &["y"]).model());
    let mut binding = session.bind().expect("it binds");
    let ones = [1.0f32; 3];
    binding.set("a", TensorView::new(&[3], &ones).expect("three")).expect("a");
    binding.set("b", TensorView::new(&[1], &ones[..1]).expect("one")).expect("b");
    let error = binding.run(&Control::default()).expect_err("three and one").to_string();
    assert_eq!(error, "side \"n\" is 3 in input \"a\" and 1 in input \"b\"");
    binding.set("b", TensorView::new(&[3], &ones).expect("three")).expect("b");
    binding.run(&Control::default()).expect("three and three");
}

#[test]
fn a_bound_run_is_stopped_and_runs_again() {
    let Some(runtime) = runtime() else { return };
    let session = open(&runtime, &testing::long());
    let mut binding = session.bind().expect("it binds");
    binding.set("rounds", TensorView::new(&[], &[1i64 << 40]).expect("one")).expect("rounds");
    let x = binding.input_mut::<f32>("x", &[64, 64]).expect("x");
    (0..64).for_each(|i| x[i * 64 + i] = 1.0);
    let within = Control { within: Some(Duration::from_millis(50)), cancel: None };
    assert_eq!(binding.run(&within).expect_err("too long").kind(), ErrorKind::Cancelled);
    let cancel = Cancel::new();
    let control = Control { within: None, cancel: Some(cancel.clone()) };
    std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(50));
            cancel.stop();
        });
        assert_eq!(binding.run(&control).expect_err("stopped").kind(), ErrorKind::Cancelled);
    });
    binding.set("rounds", TensorView::new(&[], &[3i64]).expect("one")).expect("rounds");
    binding.run(&Control::default()).expect("it lives on");
    let y = numbers(binding.output("y").expect("made"));
    assert!((0..64).all(|i| y[i * 64 + i] == 1.0));
}

#[test]
fn bindings_and_plain_runs_of_one_session_stand_in_one_line_and_each_gets_its_own_answer() {
    let Some(runtime) = runtime() else { return };
    let session = open(&runtime, &testing::affine());
    std::thread::scope(|scope| {
        for thread in 0..8u8 {
            let session = &session;
            scope.spawn(move || {
                let mut binding = session.bind().expect("it binds");
                for round in 0..100u16 {
                    let a = f32::from(thread) + 8.0 * f32::from(round);
                    let x = [a, 0.0, 0.0];
                    let view = TensorView::new(&[1, 3], &x).expect("three");
                    let expected = [a + 10.0, 2.0 * a + 20.0];
                    if thread % 2 == 0 {
                        binding.set("x", view).expect("x");
                        binding.run(&Control::default()).expect("it runs");
                        assert_eq!(numbers(binding.output("y").expect("y")), expected);
                    } else {
                        let outputs = session.run(&[("x", view.into())]).expect("it runs");
                        assert_eq!(numbers(outputs.get("y").expect("y")), expected);
                    }
                }
            });
        }
    });
}
