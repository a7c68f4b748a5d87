//! Models that answer while others stop them: cancelled and let go at random moments, out of time, stopped and called by
//! their listeners, asked by many at once. Small models of `tests/vlm` answer; tests print `not run: no ONNX Runtime` where
//! there is none.

#![cfg(feature = "onnx")]
#![allow(clippy::disallowed_methods, reason = "clients are threads, and moments are measured")]

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use gnomon::ErrorKind;
use gnomon::prepare::Rgb;
use gnomon::runtime::{FindOptions, PATH_VARIABLE, Runtime};
use gnomon::vlm::{
    Ended, Engine, Flow, Folder, Job, Listener, Message, Part, Piece, Reply, Request, Role, Vlm, VlmOptions, WhenBusy,
};

/// Longer than anything here takes, however busy the machine.
const HANG: Duration = Duration::from_secs(60);
const ROUNDS: u64 = 200;

fn engine(family: &str) -> Option<Engine> {
    if std::env::var_os(PATH_VARIABLE).is_none() {
        println!("not run: no ONNX Runtime");
        return None;
    }
    let runtime = Runtime::find(&FindOptions::default()).expect("what GNOMON_ORT_PATH names");
    let folder = Folder::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vlm").join(family)).expect("a folder");
    // Parts so small that a prompt has several moments to be stopped at, and one conversation alone that is kept.
    let options = VlmOptions { prefill_tokens: 8, feature_bytes: 0, prefixes: 1, ..VlmOptions::default() };
    let vlm = Vlm::open(&runtime, folder, &options).expect("a model");
    Some(Engine::start(Box::new(vlm), 64).expect("a worker"))
}

fn picture() -> Arc<Rgb> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vlm/pictures/odd.png");
    let image = image::load_from_memory(&std::fs::read(file).expect("a picture")).expect("a PNG").to_rgb8();
    let (width, height) = (image.width() as usize, image.height() as usize);
    Arc::new(Rgb::new(width, height, image.into_raw()).expect("a picture"))
}

/// A question whose reply has so many tokens at most.
fn question(picture: &Arc<Rgb>, most: usize) -> Request {
    Request { max_new_tokens: most, ..Request::question("Where is the chair?", vec![picture.clone()]) }
}

/// What a listener heard, and how often it ended.
#[derive(Default)]
struct Counts {
    pieces: AtomicUsize,
    ends: AtomicUsize,
}

impl Counts {
    fn now(&self) -> (usize, usize) {
        (self.pieces.load(Ordering::SeqCst), self.ends.load(Ordering::SeqCst))
    }
}

struct End(Arc<Counts>);

impl Drop for End {
    fn drop(&mut self) {
        self.0.ends.fetch_add(1, Ordering::SeqCst);
    }
}

fn counting(counts: &Arc<Counts>) -> Listener {
    let end = End(counts.clone());
    Box::new(move |_| {
        assert_eq!(end.0.ends.load(Ordering::SeqCst), 0, "called after its end");
        end.0.pieces.fetch_add(1, Ordering::SeqCst);
        Flow::GoOn
    })
}

fn told(job: &Job) -> gnomon::Result<Reply> {
    job.wait(Some(HANG)).map(|reply| reply.expect("it hangs"))
}

/// Numbers that are as good as random, the same each time.
fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *state >> 33
}

/// Waits for some part of `whole`.
fn some_of(whole: Duration, state: &mut u64) {
    let wait = whole.mul_f64((random(state) % 1000) as f64 / 1000.0);
    let begun = Instant::now();
    while begun.elapsed() < wait {
        std::thread::yield_now();
    }
}

/// The same question after other words of a system: nothing of one is in the cache for another.
fn questions(picture: &Arc<Rgb>, most: usize) -> Vec<Request> {
    let told = |who: &str| {
        let mut request = question(picture, most);
        request.messages.insert(0, Message { role: Role::System, content: vec![Part::text(who)] });
        request
    };
    ["You are a robot.", "Be brief.", "Look well."].map(told).to_vec()
}

/// How long one whole reply takes.
fn whole_reply(engine: &Engine, request: &Request) -> (Duration, Reply) {
    let begun = Instant::now();
    let job = engine.submit(request.clone(), None, WhenBusy::Queue, Box::new(|_| Flow::GoOn)).expect("room");
    let reply = told(&job).expect("a reply");
    (begun.elapsed(), reply)
}

#[test]
fn cancelled_at_random_moments_a_model_ends_at_once_and_answers_the_next_as_ever() {
    for (family, rounds) in [("qwen2_5_vl", ROUNDS), ("qwen2_5_vl_genai_int4", ROUNDS / 4)] {
        let Some(engine) = engine(family) else { return };
        let requests = questions(&picture(), 24);
        let _ = whole_reply(&engine, &requests[0]);
        let replies: Vec<(Duration, Reply)> = requests.iter().map(|request| whole_reply(&engine, request)).collect();
        let mut whole = replies.iter().map(|(whole, _)| *whole).min().expect("three");
        let (mut state, mut ended, mut slowest) = (7, [0; 2], Duration::ZERO);
        for round in 0..rounds {
            let at = round as usize % requests.len();
            let (request, expected) = (&requests[at], &replies[at].1);
            let counts = Arc::new(Counts::default());
            let job = engine.submit(request.clone(), None, WhenBusy::Queue, counting(&counts)).expect("room");
            some_of(whole, &mut state);
            let begun = Instant::now();
            job.cancel();
            let outcome = told(&job);
            slowest = slowest.max(begun.elapsed());
            match outcome {
                Ok(reply) => {
                    assert_eq!(reply.token_ids, expected.token_ids, "{family} {round}");
                    ended[0] += 1;
                    // What else the machine did is over: replies take less long than they did.
                    whole = whole.mul_f64(0.9);
                }
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::Cancelled, "{error}");
                    ended[1] += 1;
                }
            }
            let heard = counts.now();
            assert_eq!(heard.1, 1, "{family} {round}");
            drop(job);
            if round % 20 == 0 {
                assert_eq!(whole_reply(&engine, request).1.token_ids, expected.token_ids, "{family} {round}");
            }
            assert_eq!(counts.now(), heard, "{family} {round}: called late");
        }
        println!("{family}: {} replies, {} cancelled, the slowest within {slowest:?}", ended[0], ended[1]);
        assert!(ended[1] > rounds / 4, "{family}: next to nothing was cancelled");
        for (request, (_, expected)) in requests.iter().zip(&replies) {
            assert_eq!(whole_reply(&engine, request).1.token_ids, expected.token_ids);
        }
    }
}

#[test]
fn let_go_while_it_streams_a_job_is_gone_when_that_returns() {
    let Some(engine) = engine("qwen2_5_vl") else { return };
    let picture = picture();
    let requests = questions(&picture, 48);
    let request = &requests[0];
    let _ = whole_reply(&engine, &requests[1]);
    let (whole, expected) = whole_reply(&engine, request);
    let mut state = 11;
    for round in 0..ROUNDS {
        let request = &requests[round as usize % requests.len()];
        let counts = Arc::new(Counts::default());
        let job = engine.submit(request.clone(), None, WhenBusy::Queue, counting(&counts)).expect("room");
        some_of(whole, &mut state);
        drop(job);
        let heard = counts.now();
        assert_eq!(heard.1, 1);
        some_of(whole / 16, &mut state);
        assert_eq!(counts.now(), heard, "called late");
    }
    assert_eq!(whole_reply(&engine, request).1.token_ids, expected.token_ids);
}

#[test]
fn let_go_while_it_streams_a_model_is_gone_when_that_returns() {
    let Some(first) = engine("qwen2_5_vl_genai_int4") else { return };
    let picture = picture();
    let request = question(&picture, 48);
    let (whole, _) = whole_reply(&first, &request);
    let mut state = 13;
    // Opening takes longer than answering: fewer rounds.
    for _ in 0..ROUNDS / 10 {
        let Some(engine) = engine("qwen2_5_vl_genai_int4") else { return };
        let counts = Arc::new(Counts::default());
        let jobs: Vec<Job> = (0..3)
            .map(|_| engine.submit(request.clone(), None, WhenBusy::Queue, counting_many(&counts)).expect("room"))
            .collect();
        some_of(whole * 2, &mut state);
        drop(engine);
        let heard = counts.now();
        assert_eq!(heard.1, 3);
        for job in &jobs {
            // The first may have come to its end.
            let outcome = told(job);
            assert!(outcome.is_ok() || outcome.is_err_and(|error| error.kind() == ErrorKind::Cancelled));
        }
        drop(jobs);
        assert_eq!(counts.now(), heard, "called late");
    }
}

/// As `counting`, where several share the counts.
fn counting_many(counts: &Arc<Counts>) -> Listener {
    let end = End(counts.clone());
    Box::new(move |_| {
        end.0.pieces.fetch_add(1, Ordering::SeqCst);
        Flow::GoOn
    })
}

#[test]
fn a_time_that_is_up_ends_a_reply_wherever_it_is() {
    let Some(engine) = engine("qwen2_5_vl") else { return };
    let picture = picture();
    let request = question(&picture, 24);
    let (whole, expected) = whole_reply(&engine, &request);
    let mut late = 0;
    for step in 0..40 {
        let counts = Arc::new(Counts::default());
        let within = whole.mul_f64(f64::from(step) / 40.0);
        let job = engine.submit(request.clone(), Some(within), WhenBusy::Queue, counting(&counts)).expect("room");
        match told(&job) {
            Ok(reply) => assert_eq!(reply.token_ids, expected.token_ids),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Cancelled, "{error}");
                assert!(error.to_string().contains("not done within"), "{error}");
                late += 1;
            }
        }
        assert_eq!(counts.now().1, 1);
    }
    assert!(late > 0);
    assert_eq!(whole_reply(&engine, &request).1.token_ids, expected.token_ids);
}

#[test]
fn a_listener_that_says_stop_has_what_came_so_far() {
    let Some(engine) = engine("qwen2_5_vl") else { return };
    let picture = picture();
    let request = question(&picture, 24);
    let (_, expected) = whole_reply(&engine, &request);
    for stop_at in 0..12 {
        let mut heard = String::new();
        let text = Arc::new(Mutex::new(String::new()));
        let kept = text.clone();
        let mut pieces = 0;
        let listener: Listener = Box::new(move |piece| {
            if let Piece::Text(words) = piece {
                heard.push_str(words);
                kept.lock().expect("no panic").clone_from(&heard);
            }
            pieces += 1;
            if pieces > stop_at { Flow::Stop } else { Flow::GoOn }
        });
        let job = engine.submit(request.clone(), None, WhenBusy::Queue, listener).expect("room");
        let reply = told(&job).expect("a reply");
        assert_eq!(reply.ended, Ended::Caller);
        assert_eq!(reply.text, *text.lock().expect("no panic"));
        assert!(expected.text.starts_with(&reply.text));
        assert!(expected.token_ids.starts_with(&reply.token_ids));
    }
    assert_eq!(whole_reply(&engine, &request).1.token_ids, expected.token_ids);
}

#[test]
fn a_listener_may_call_back_in() {
    let Some(engine) = engine("qwen2_5_vl") else { return };
    let engine = Arc::new(engine);
    let picture = picture();
    let request = question(&picture, 8);
    let jobs = Arc::new(Mutex::new(Vec::new()));
    let (again, inner, kept) = (request.clone(), engine.clone(), jobs.clone());
    let listener: Listener = Box::new(move |piece| {
        if let Piece::Text(_) = piece {
            let next = inner.submit(again.clone(), None, WhenBusy::Queue, Box::new(|_| Flow::GoOn)).expect("room");
            assert_eq!(next.wait(None).expect_err("it would wait for itself").kind(), ErrorKind::State);
            assert_eq!(inner.counter()("a b").expect("a count"), inner.counter()("a b").expect("a count"));
            let mut jobs = kept.lock().expect("no panic");
            if jobs.len() % 2 == 1 {
                next.cancel();
            }
            jobs.push(next);
        }
        Flow::GoOn
    });
    let first = engine.submit(request, None, WhenBusy::Queue, listener).expect("room");
    let expected = told(&first).expect("a reply");
    let jobs = std::mem::take(&mut *jobs.lock().expect("no panic"));
    assert!(jobs.len() > 1);
    for (at, job) in jobs.iter().enumerate() {
        match told(job) {
            Ok(reply) => assert_eq!((at % 2, reply.token_ids), (0, expected.token_ids.clone())),
            Err(error) => assert_eq!((at % 2, error.kind()), (1, ErrorKind::Cancelled)),
        }
    }
}

#[test]
fn a_listener_that_drops_the_model_hears_no_more() {
    let Some(engine) = engine("qwen2_5_vl") else { return };
    let engine = Arc::new(Mutex::new(Some(engine)));
    let counts = Arc::new(Counts::default());
    let (inner, end) = (engine.clone(), End(counts.clone()));
    let listener: Listener = Box::new(move |piece| {
        end.0.pieces.fetch_add(1, Ordering::SeqCst);
        if let Piece::Text(_) = piece {
            drop(inner.lock().expect("no panic").take());
        }
        Flow::GoOn
    });
    let request = question(&picture(), 24);
    let job =
        engine.lock().expect("no panic").as_ref().expect("there").submit(request, None, WhenBusy::Queue, listener);
    let outcome = told(&job.expect("room"));
    assert_eq!(outcome.expect_err("its model is gone").kind(), ErrorKind::Cancelled);
    assert_eq!(counts.now().1, 1);
}

#[test]
fn eight_clients_of_one_model_all_get_what_one_gets() {
    let Some(engine) = engine("qwen2_5_vl") else { return };
    let picture = picture();
    let requests: Vec<Request> = ["Where is the chair?", "What is on the table?", "How many doors?"]
        .iter()
        .map(|words| Request { max_new_tokens: 8, ..Request::question(*words, vec![picture.clone()]) })
        .collect();
    let expected: Vec<Vec<u32>> = requests.iter().map(|request| whole_reply(&engine, request).1.token_ids).collect();
    std::thread::scope(|scope| {
        for client in 0..8u64 {
            let (engine, requests, expected) = (&engine, &requests, &expected);
            scope.spawn(move || {
                let mut state = client;
                for _ in 0..6 {
                    let at = random(&mut state) as usize % requests.len();
                    let counts = Arc::new(Counts::default());
                    let job =
                        engine.submit(requests[at].clone(), None, WhenBusy::Queue, counting(&counts)).expect("room");
                    if random(&mut state).is_multiple_of(4) {
                        job.cancel();
                    }
                    match told(&job) {
                        Ok(reply) => assert_eq!(reply.token_ids, expected[at]),
                        Err(error) => assert_eq!(error.kind(), ErrorKind::Cancelled),
                    }
                    assert_eq!(counts.now().1, 1);
                }
            });
        }
    });
}
