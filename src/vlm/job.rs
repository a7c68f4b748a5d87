//! A talker on a thread of its own: requests stand in line, replies are waited for, cancelled, let go.
//!
//! An [`Engine`] has one worker, which answers one request after the other. A [`Job`] is one request: any thread may wait
//! for it or cancel it. Its listener hears the pieces on the worker's thread and is dropped there, once, before the job
//! counts as done; a job that is taken out of the line drops it at once. After [`Job`] was dropped, nobody calls the
//! listener any more.
//!
//! A listener may do anything but wait: it may cancel its own job or drop it, hand in another request, drop the engine.

use super::model::{Flow, Piece, Reply, Request};
use super::talker::{Counter, Talker};
use crate::error::{Error, ErrorKind, Result};
use crate::runtime::{Cancel, Control};
use parking_lot::{Condvar, Mutex};
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::{JoinHandle, ThreadId};
use std::time::{Duration, Instant};

/// What to do with a request that comes while another is being answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhenBusy {
    /// It stands in line.
    Queue,
    /// It is refused, with [`ErrorKind::State`].
    Refuse,
}

/// Who hears the pieces of a reply.
pub type Listener = Box<dyn FnMut(Piece<'_>) -> Flow + Send>;

/// A talker and its worker.
pub struct Engine {
    shared: Arc<Shared>,
    counter: Counter,
    context: usize,
    worker: Option<JoinHandle<()>>,
}

struct Shared {
    line: Mutex<Line>,
    moved: Condvar,
    most_waiting: usize,
}

#[derive(Default)]
struct Line {
    waiting: VecDeque<Arc<Inner>>,
    /// The one being answered.
    current: Option<Arc<Inner>>,
    closing: bool,
    worker: Option<ThreadId>,
}

/// One request.
pub struct Job {
    inner: Arc<Inner>,
    shared: Arc<Shared>,
}

struct Inner {
    state: Mutex<State>,
    done: Condvar,
    cancel: Cancel,
    begun: Instant,
    within: Option<Duration>,
}

enum State {
    Waiting(Box<Work>),
    Answering,
    Done(Box<Result<Reply>>),
}

struct Work {
    request: Request,
    listener: Listener,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("waiting", &self.waiting()).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Job {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Job").field("is_done", &self.is_done()).finish_non_exhaustive()
    }
}

impl Engine {
    /// Starts the worker. At most `most_waiting` requests stand in line, one more being answered.
    pub fn start(talker: Box<dyn Talker>, most_waiting: usize) -> Result<Self> {
        let shared = Arc::new(Shared { line: Mutex::default(), moved: Condvar::new(), most_waiting });
        let (counter, context) = (talker.counter(), talker.context());
        let worker = std::thread::Builder::new().name("gnomon-vlm".into()).spawn({
            let shared = shared.clone();
            move || work(&shared, talker)
        });
        let worker =
            worker.map_err(|error| Error::new(ErrorKind::NoMemory, format!("no thread for the model: {error}")))?;
        Ok(Self { shared, counter, context, worker: Some(worker) })
    }

    /// Hands in a request. `within` counts from here on, the time in line included. Fails with [`ErrorKind::State`] if
    /// the line is full, or the model busy and that is to be refused; the listener is dropped then.
    pub fn submit(
        &self,
        request: Request,
        within: Option<Duration>,
        when_busy: WhenBusy,
        listener: Listener,
    ) -> Result<Job> {
        let inner = Arc::new(Inner {
            state: Mutex::new(State::Waiting(Box::new(Work { request, listener }))),
            done: Condvar::new(),
            cancel: Cancel::new(),
            begun: Instant::now(),
            within,
        });
        let mut line = self.shared.line.lock();
        let is_busy = line.current.is_some() || !line.waiting.is_empty();
        if is_busy && when_busy == WhenBusy::Refuse {
            return Err(Error::state("the model is answering another request"));
        }
        if is_busy && line.waiting.len() >= self.shared.most_waiting {
            let waiting = line.waiting.len();
            return Err(Error::state(format!("{waiting} requests stand in line already, no more are taken")));
        }
        line.waiting.push_back(inner.clone());
        self.shared.moved.notify_one();
        Ok(Job { inner, shared: self.shared.clone() })
    }

    /// How many requests stand in line.
    pub fn waiting(&self) -> usize {
        self.shared.line.lock().waiting.len()
    }

    /// What counts tokens as the model does.
    pub fn counter(&self) -> &Counter {
        &self.counter
    }

    /// The most tokens of prompt and reply together.
    pub fn context(&self) -> usize {
        self.context
    }
}

impl Drop for Engine {
    /// Cancels what is answered and what stands in line, and waits for the worker; called by a listener it does not wait.
    fn drop(&mut self) {
        let (jobs, is_worker) = {
            let mut line = self.shared.line.lock();
            line.closing = true;
            let current = line.current.clone();
            let jobs: Vec<Arc<Inner>> = line.waiting.drain(..).chain(current).collect();
            self.shared.moved.notify_all();
            (jobs, line.worker == Some(std::thread::current().id()))
        };
        for job in jobs {
            job.cancel.stop();
            job.leave(cancelled());
        }
        if let Some(worker) = self.worker.take().filter(|_| !is_worker) {
            // What it answers is caught; there is nothing else that panics.
            let _ = worker.join();
        }
    }
}

impl Job {
    /// Ends it: in line at once, while it is answered within one node of a graph.
    pub fn cancel(&self) {
        self.inner.cancel.stop();
        self.shared.line.lock().waiting.retain(|waiting| !Arc::ptr_eq(waiting, &self.inner));
        self.inner.leave(cancelled());
    }

    /// Whether the reply is there, or the error.
    pub fn is_done(&self) -> bool {
        matches!(*self.inner.state.lock(), State::Done(_))
    }

    /// Waits for the reply, at most so long; `None` if it is not there then. Fails with [`ErrorKind::State`] when a
    /// listener asks, which would wait for itself.
    pub fn wait(&self, at_most: Option<Duration>) -> Result<Option<Reply>> {
        if self.shared.line.lock().worker == Some(std::thread::current().id()) && !self.is_done() {
            return Err(Error::state("a listener cannot wait for a reply: the model answers on this thread"));
        }
        let until = at_most.and_then(|at_most| Instant::now().checked_add(at_most));
        let due = self.inner.within.and_then(|within| self.inner.begun.checked_add(within));
        loop {
            let is_late = due.is_some_and(|due| Instant::now() >= due);
            if is_late {
                // In line nobody looks at the clock but who waits.
                self.inner.leave(late(self.inner.within));
            }
            let mut state = self.inner.state.lock();
            if let State::Done(outcome) = &*state {
                return outcome.as_ref().clone().map(Some);
            }
            let next = [until, due.filter(|_| !is_late)].into_iter().flatten().min();
            match next {
                None => self.inner.done.wait(&mut state),
                Some(next) => drop(self.inner.done.wait_until(&mut state, next)),
            }
            if let State::Done(outcome) = &*state {
                return outcome.as_ref().clone().map(Some);
            }
            if until.is_some_and(|until| Instant::now() >= until) {
                return Ok(None);
            }
        }
    }
}

impl Drop for Job {
    /// Cancels it, and waits until its listener is gone; called by a listener it does not wait.
    fn drop(&mut self) {
        self.cancel();
        if self.shared.line.lock().worker == Some(std::thread::current().id()) {
            return;
        }
        let mut state = self.inner.state.lock();
        while !matches!(*state, State::Done(_)) {
            self.inner.done.wait(&mut state);
        }
    }
}

impl Inner {
    /// Ends it with `why` if it still stands in line.
    fn leave(&self, why: Error) {
        let mut state = self.state.lock();
        if !matches!(*state, State::Waiting(_)) {
            return;
        }
        let work = std::mem::replace(&mut *state, State::Answering);
        drop(state);
        // The listener's end may call anything.
        drop(work);
        self.finish(Err(why));
    }

    fn finish(&self, outcome: Result<Reply>) {
        *self.state.lock() = State::Done(Box::new(outcome));
        self.done.notify_all();
    }
}

fn cancelled() -> Error {
    Error::new(ErrorKind::Cancelled, "stopped by the caller")
}

fn late(within: Option<Duration>) -> Error {
    let within = within.unwrap_or_default().as_secs_f64() * 1e3;
    Error::new(ErrorKind::Cancelled, format!("not done within {within} ms"))
}

/// The worker: one request after the other until the engine is dropped.
fn work(shared: &Shared, mut talker: Box<dyn Talker>) {
    shared.line.lock().worker = Some(std::thread::current().id());
    loop {
        let job = {
            let mut line = shared.line.lock();
            loop {
                if line.closing {
                    return;
                }
                if let Some(job) = line.waiting.pop_front() {
                    line.current = Some(job.clone());
                    break job;
                }
                shared.moved.wait(&mut line);
            }
        };
        answer(&job, talker.as_mut());
        shared.line.lock().current = None;
    }
}

fn answer(job: &Inner, talker: &mut dyn Talker) {
    let work = {
        let mut state = job.state.lock();
        match std::mem::replace(&mut *state, State::Answering) {
            State::Waiting(work) => work,
            other => {
                *state = other;
                return;
            }
        }
    };
    let Work { request, mut listener } = *work;
    let within = job.within.map(|within| within.saturating_sub(job.begun.elapsed()));
    let control = Control { cancel: Some(job.cancel.clone()), within };
    let mut tell = |piece: Piece<'_>| if job.cancel.is_stopped() { Flow::Stop } else { listener(piece) };
    let outcome = catch_unwind(AssertUnwindSafe(|| talker.answer(&request, &control, &mut tell)));
    let outcome = match outcome {
        Ok(Ok(_)) if job.cancel.is_stopped() => Err(cancelled()),
        Ok(Err(_)) if within.is_some_and(|within| within.is_zero()) => Err(late(job.within)),
        Ok(outcome) => outcome,
        Err(_) => Err(Error::new(ErrorKind::Runtime, "answering ended in a defect of the program: see its output")),
    };
    let end = catch_unwind(AssertUnwindSafe(|| drop(listener)));
    job.finish(match end {
        Ok(()) => outcome,
        Err(_) => Err(Error::new(ErrorKind::Runtime, "the listener's end panicked")),
    });
}

#[cfg(test)]
mod tests {
    use super::super::talker::{Script, Scripted};
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    const HANG: Duration = Duration::from_secs(20);

    fn engine(scripts: Vec<Script>, pause_ms: u64, most_waiting: usize) -> Engine {
        let scripted = Scripted::new(scripts, Duration::from_millis(pause_ms)).expect("scripts");
        Engine::start(Box::new(scripted), most_waiting).expect("a worker")
    }

    fn question() -> Request {
        Request { max_new_tokens: usize::MAX, ..Request::question("Where is the cup?", Vec::new()) }
    }

    /// Counts how often a listener is called, and how often it ends.
    #[derive(Default)]
    struct Counts {
        pieces: AtomicUsize,
        ends: AtomicUsize,
    }

    struct End(Arc<Counts>);

    impl Drop for End {
        fn drop(&mut self) {
            self.0.ends.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn listener(counts: &Arc<Counts>) -> Listener {
        let end = End(counts.clone());
        Box::new(move |_| {
            end.0.pieces.fetch_add(1, Ordering::SeqCst);
            Flow::GoOn
        })
    }

    #[test]
    fn replies_come_in_the_order_of_asking_and_each_listener_ends_once() {
        let engine = engine(vec![Script::Say("one two".into()), Script::Say("three".into())], 0, 16);
        let counts = Arc::new(Counts::default());
        let jobs: Vec<Job> = (0..8)
            .map(|_| engine.submit(question(), None, WhenBusy::Queue, listener(&counts)).expect("room"))
            .collect();
        let texts: Vec<String> =
            jobs.iter().map(|job| job.wait(Some(HANG)).expect("no error").expect("in time").text).collect();
        assert_eq!(texts, ["one two", "three"].repeat(4));
        assert_eq!((counts.pieces.load(Ordering::SeqCst), counts.ends.load(Ordering::SeqCst)), (12, 8));
    }

    #[test]
    fn a_busy_model_refuses_or_queues_as_asked_and_the_line_is_bounded() {
        let engine = engine(vec![Script::Endless("on ".into())], 1, 1);
        let counts = Arc::new(Counts::default());
        let submit = |when| engine.submit(question(), None, when, listener(&counts));
        let first = submit(WhenBusy::Refuse).expect("free");
        while counts.pieces.load(Ordering::SeqCst) == 0 {
            std::thread::yield_now();
        }
        let busy = submit(WhenBusy::Refuse).expect_err("busy");
        assert_eq!(busy.kind(), ErrorKind::State);
        let second = submit(WhenBusy::Queue).expect("room for one");
        let full = submit(WhenBusy::Queue).expect_err("full").to_string();
        assert!(full.contains("1 requests stand in line"), "{full}");
        assert_eq!(counts.ends.load(Ordering::SeqCst), 2);
        assert_eq!(second.wait(Some(Duration::from_millis(5))).expect("not yet"), None);
        second.cancel();
        assert_eq!(second.wait(Some(HANG)).expect_err("cancelled").kind(), ErrorKind::Cancelled);
        assert_eq!(counts.ends.load(Ordering::SeqCst), 3, "at once, though the first goes on");
        drop(first);
        assert_eq!(counts.ends.load(Ordering::SeqCst), 4);
    }

    #[test]
    fn a_time_that_is_up_ends_what_is_answered_and_what_stands_in_line() {
        let engine = engine(vec![Script::Endless("on ".into())], 1, 4);
        let counts = Arc::new(Counts::default());
        let soon = Some(Duration::from_millis(30));
        let first = engine.submit(question(), soon, WhenBusy::Queue, listener(&counts)).expect("room");
        let second = engine.submit(question(), Some(Duration::from_millis(10)), WhenBusy::Queue, listener(&counts));
        for job in [second.expect("room"), first] {
            let error = job.wait(Some(HANG)).expect_err("late");
            assert_eq!(error.kind(), ErrorKind::Cancelled);
            assert!(error.to_string().contains("not done within"), "{error}");
        }
        assert_eq!(counts.ends.load(Ordering::SeqCst), 2);
    }

    #[test]
    fn cancelled_at_random_moments_nothing_hangs_and_no_listener_is_called_late() {
        let engine = engine(vec![Script::Endless("on ".into()), Script::Say("a b c".into())], 0, 64);
        for round in 0..200u64 {
            let counts = Arc::new(Counts::default());
            let job = engine.submit(question(), None, WhenBusy::Queue, listener(&counts)).expect("room");
            // Moments from before the first word to long after it.
            for _ in 0..(round * 7919) % 4001 {
                std::hint::spin_loop();
            }
            if round % 2 == 0 {
                job.cancel();
                let outcome = job.wait(Some(HANG));
                assert!(!matches!(outcome, Ok(None)), "hangs");
            }
            drop(job);
            let told = counts.pieces.load(Ordering::SeqCst);
            assert_eq!(counts.ends.load(Ordering::SeqCst), 1);
            std::thread::yield_now();
            assert_eq!(counts.pieces.load(Ordering::SeqCst), told);
        }
    }

    #[test]
    fn dropped_while_it_speaks_an_engine_ends_200_times() {
        for round in 0..200u64 {
            let engine = engine(vec![Script::Endless("on ".into())], 0, 8);
            let counts = Arc::new(Counts::default());
            let jobs: Vec<Job> = (0..3)
                .map(|_| engine.submit(question(), None, WhenBusy::Queue, listener(&counts)).expect("room"))
                .collect();
            for _ in 0..(round * 104_729) % 3001 {
                std::hint::spin_loop();
            }
            drop(engine);
            for job in &jobs {
                assert!(job.wait(Some(HANG)).is_err(), "cancelled");
            }
            assert_eq!(counts.ends.load(Ordering::SeqCst), 3);
        }
    }

    #[test]
    fn a_listener_may_stop_ask_again_and_drop_the_engine_but_not_wait() {
        let engine = Arc::new(Mutex::new(Some(engine(vec![Script::Endless("on ".into())], 0, 8))));
        let (seen, inner) = (Arc::new(Mutex::new(Vec::new())), engine.clone());
        let said = seen.clone();
        let listener: Listener = Box::new(move |_| {
            let Some(engine) = inner.lock().take() else { return Flow::Stop };
            let again = engine.submit(question(), None, WhenBusy::Queue, Box::new(|_| Flow::Stop)).expect("room");
            said.lock().push(again.wait(None).expect_err("it would wait for itself").kind());
            drop(again);
            drop(engine);
            Flow::Stop
        });
        let job = engine.lock().as_ref().expect("there").submit(question(), None, WhenBusy::Queue, listener);
        let job = job.expect("room");
        // The engine was dropped while it answered, so this counts as cancelled.
        assert_eq!(job.wait(Some(HANG)).expect_err("dropped").kind(), ErrorKind::Cancelled);
        assert_eq!(*seen.lock(), [ErrorKind::State]);
    }

    #[test]
    fn a_defect_in_one_answer_is_an_error_and_the_next_is_answered() {
        let engine = engine(vec![Script::Panic, Script::Say("well".into())], 0, 8);
        let counts = Arc::new(Counts::default());
        let mut outcomes = Vec::new();
        for _ in 0..2 {
            let job = engine.submit(question(), None, WhenBusy::Queue, listener(&counts)).expect("room");
            outcomes.push(job.wait(Some(HANG)).map(|reply| reply.expect("in time").text));
        }
        assert_eq!(outcomes[0].as_ref().expect_err("a panic").kind(), ErrorKind::Runtime);
        assert_eq!(outcomes[1].as_deref().expect("a reply"), "well");
        assert_eq!(counts.ends.load(Ordering::SeqCst), 2);
    }

    #[test]
    fn eight_clients_of_one_model_all_get_their_replies() {
        let engine = engine(vec![Script::Say("a b c d".into())], 0, 64);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..20 {
                        let job =
                            engine.submit(question(), None, WhenBusy::Queue, Box::new(|_| Flow::GoOn)).expect("room");
                        assert_eq!(job.wait(Some(HANG)).expect("no error").expect("in time").text, "a b c d");
                    }
                });
            }
        });
    }
}
