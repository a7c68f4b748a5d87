//! Requests to a vision-language model on their way: handed in, heard piece by piece, waited for, cancelled, let go.
//!
//! A caller's `user` goes with the listener to the thread that answers; its `release` is called once, when nothing can call
//! the listener any more and before the job counts as done. A request that was refused is not released: it never was ours.

use super::grounding::gnomon_fit;
use super::growth::{self, Headed, growing};
use super::guard::{DONE, Handle, Poison, guard, release};
use super::request::{Asked, gnomon_vlm_request, read_request};
use super::scene::empty_place;
use super::status::*;
use super::text::gnomon_str;
use super::vlm::gnomon_vlm;
use crate::error::ErrorKind;
use crate::vlm::{Ended, Flow, Job, Listener, Piece, Reply, Statistics};
use std::ffi::c_void;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// Hears a reply piece by piece, in order, on the model's own thread. text is the next words, whole characters, borrowed for
/// the call; while the prompt is read it is empty, and done of the of tokens that must went through the decoder, else both
/// are 0. Returns 0 to go on, anything else to end the reply here. Must return (no longjmp, no exception). May call
/// anything but gnomon_job_wait on a job of the same model, also gnomon_job_free and gnomon_vlm_free.
pub type gnomon_piece_fn =
    Option<unsafe extern "C" fn(user: *mut c_void, text: gnomon_str, done: usize, of: usize) -> i32>;

/// Lets go of what a callback was given. Called once, on any thread. Must return.
pub type gnomon_release_fn = Option<unsafe extern "C" fn(user: *mut c_void)>;

/// A request on its way, and its reply. Any thread, any number at a time. Outlives its model, whose end cancels it.
pub struct gnomon_job {
    poison: Poison,
    job: Job,
    told: OnceLock<Told>,
}

impl Handle for gnomon_job {
    const NAME: &'static str = "job";
    fn poison(&self) -> &Poison {
        &self.poison
    }
}

const _: () = {
    const fn any_thread<T: Send + Sync>() {}
    any_thread::<gnomon_job>();
};

/// What a reply took. Final: does not grow.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_reply_statistics {
    /// Tokens of the prompt, pictures' among them.
    pub prompt_tokens: u64,
    /// How many of them were in the model's cache already.
    pub reused_tokens: u64,
    /// Tokens of the reply.
    pub new_tokens: u64,
    /// Pictures that the vision graph saw; the others were known.
    pub images_seen: u64,
    /// Bytes of the decoder's cache at the end, with the room that was made, and with other conversations that are kept.
    pub cache_bytes: u64,
    /// Template, pictures and token numbers, nanoseconds.
    pub prepare_ns: i64,
    /// The vision graph, nanoseconds.
    pub vision_ns: i64,
    /// The prompt through embedding and decoder, nanoseconds.
    pub prefill_ns: i64,
    /// From its turn to the first token, nanoseconds.
    pub first_token_ns: i64,
    /// All tokens after the first, nanoseconds.
    pub decode_ns: i64,
    /// Of prefill and decode, inside the decoder's graph, nanoseconds.
    pub run_ns: i64,
}

/// What a model replied. Set up with GNOMON_INIT; text and lists live as long as the job.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_reply_facts {
    /// Set by GNOMON_INIT.
    pub struct_size: u32,
    /// Set by GNOMON_INIT.
    pub abi_version: u32,
    /// The words.
    pub text: gnomon_str,
    /// The reply's tokens, the one that ended it included.
    pub token_ids: *const u32,
    /// How many.
    pub token_ids_len: usize,
    /// The prompt's tokens, pictures' among them.
    pub prompt_ids: *const u32,
    /// How many.
    pub prompt_ids_len: usize,
    /// Of families that cut pictures into patches, three numbers for each picture and video: frames, rows, columns.
    pub grids: *const u32,
    /// How many pictures and videos.
    pub grids_len: usize,
    /// GNOMON_ENDED_*: why the reply ended.
    pub ended: i32,
    /// 0.
    pub reserved: u32,
    /// What it took.
    pub statistics: gnomon_reply_statistics,
}

growing! {
    gnomon_reply_facts 168;
}

// SAFETY: struct_size and abi_version come first.
unsafe impl Headed for gnomon_reply_facts {
    fn defaults() -> Self {
        Self {
            struct_size: 0,
            abi_version: 0,
            text: gnomon_str::NONE,
            token_ids: std::ptr::null(),
            token_ids_len: 0,
            prompt_ids: std::ptr::null(),
            prompt_ids_len: 0,
            grids: std::ptr::null(),
            grids_len: 0,
            ended: GNOMON_ENDED_END_TOKEN,
            reserved: 0,
            statistics: gnomon_reply_statistics::of(&Statistics::default()),
        }
    }
}

fn nanoseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)
}

pub(super) fn ended_code(ended: Ended) -> i32 {
    match ended {
        Ended::EndToken => GNOMON_ENDED_END_TOKEN,
        Ended::StopString => GNOMON_ENDED_STOP_STRING,
        Ended::MaxTokens => GNOMON_ENDED_MAX_TOKENS,
        Ended::Caller => GNOMON_ENDED_CALLER,
        Ended::Constraint => GNOMON_ENDED_CONSTRAINT,
    }
}

impl gnomon_reply_statistics {
    pub(super) fn of(ours: &Statistics) -> Self {
        Self {
            prompt_tokens: ours.prompt_tokens as u64,
            reused_tokens: ours.reused_tokens as u64,
            new_tokens: ours.new_tokens as u64,
            images_seen: ours.pictures_seen as u64,
            cache_bytes: ours.cache_bytes,
            prepare_ns: nanoseconds(ours.prepare),
            vision_ns: nanoseconds(ours.vision),
            prefill_ns: nanoseconds(ours.prefill),
            first_token_ns: nanoseconds(ours.first_token),
            decode_ns: nanoseconds(ours.decode),
            run_ns: nanoseconds(ours.run),
        }
    }
}

/// A reply, kept for the views into it.
struct Told {
    reply: Reply,
    grids: Vec<[u32; 3]>,
}

impl Told {
    fn of(reply: Reply) -> Self {
        let grids = reply.grids.iter().map(|grid| grid.map(|side| side as u32)).collect();
        Self { reply, grids }
    }

    fn facts(&self) -> gnomon_reply_facts {
        let Self { reply, grids } = self;
        gnomon_reply_facts {
            text: gnomon_str::of(&reply.text),
            token_ids: reply.token_ids.as_ptr(),
            token_ids_len: reply.token_ids.len(),
            prompt_ids: reply.prompt_ids.as_ptr(),
            prompt_ids_len: reply.prompt_ids.len(),
            grids: grids.as_ptr().cast(),
            grids_len: grids.len(),
            ended: ended_code(reply.ended),
            statistics: gnomon_reply_statistics::of(&reply.statistics),
            ..gnomon_reply_facts::defaults()
        }
    }
}

impl gnomon_job {
    /// The reply, which is not waited for.
    fn told(&self) -> Result<&Told, Fault> {
        if let Some(told) = self.told.get() {
            return Ok(told);
        }
        let reply = match self.job.is_done() {
            true => self.job.wait(Some(Duration::ZERO))?,
            false => None,
        };
        let pending = || Fault::new(GNOMON_E_STATE, "the reply is not there yet: gnomon_job_wait waits for it");
        let reply = reply.ok_or_else(pending)?;
        Ok(self.told.get_or_init(|| Told::of(reply)))
    }
}

/// What the caller gave with a request; its end releases it, once it is ours.
struct User {
    user: *mut c_void,
    release: gnomon_release_fn,
    is_ours: AtomicBool,
}
// SAFETY: `user` is only handed back; the header says that the callbacks are called on other threads.
unsafe impl Send for User {}
// SAFETY: as above.
unsafe impl Sync for User {}

impl Drop for User {
    fn drop(&mut self) {
        if let Some(release) = self.release.filter(|_| *self.is_ours.get_mut()) {
            // SAFETY: the function and the pointer that the caller gave together, by the last who has them.
            unsafe { release(self.user) };
        }
    }
}

/// Held while a request is handed in: unless that works, the caller keeps what it gave.
struct HandingIn(Arc<User>);

impl HandingIn {
    /// The request is taken.
    fn done(&self) {
        self.0.is_ours.store(true, Ordering::Release);
    }
}

/// One that passes pieces on to the caller's function.
fn listener(piece: gnomon_piece_fn, user: Arc<User>) -> Listener {
    Box::new(move |told| {
        let Some(piece) = piece else { return Flow::GoOn };
        let (text, done, of) = match told {
            Piece::Text(text) => (text, 0, 0),
            Piece::Prefill { done, of } => ("", done, of),
        };
        // SAFETY: the function and the pointer that the caller gave together; the text lives through the call.
        match unsafe { piece(user.user, gnomon_str::of(text), done, of) } {
            0 => Flow::GoOn,
            _ => Flow::Stop,
        }
    })
}

/// Fills in the defaults of a request; never writes past size. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_vlm_request_init(request: *mut gnomon_vlm_request, size: usize) {
    // SAFETY: the caller's pointer and size.
    unsafe { growth::init(request, size) }
}

/// Fills in an empty reply; never writes past size. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_reply_facts_init(facts: *mut gnomon_reply_facts, size: usize) {
    // SAFETY: the caller's pointer and size.
    unsafe { growth::init(facts, size) }
}

/// Hands in a request, copies all of it and returns at once; pictures are prepared on the model's thread. piece hears the
/// reply and may be NULL; user goes to it. Where this returns GNOMON_OK, release(user) is called exactly once: after the last
/// piece, before gnomon_job_wait says that it is done, whichever way the job ends; where it fails, never. release may be
/// NULL. Fails with GNOMON_E_BUSY where another request is answered and request refuses to stand in line, or the line is
/// full. Free the job with gnomon_job_free.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_vlm_submit(
    vlm: *const gnomon_vlm,
    request: *const gnomon_vlm_request,
    piece: gnomon_piece_fn,
    release: gnomon_release_fn,
    user: *mut c_void,
    out: *mut *mut gnomon_job,
) -> gnomon_status {
    guard("gnomon_vlm_submit", |call| {
        // SAFETY: the caller's place.
        unsafe { empty_place(out, "job") }?;
        // SAFETY: the caller's request, borrowed for this call.
        let Asked { request, within, when_busy } = unsafe { read_request(request) }?;
        // SAFETY: the caller's handle.
        let engine = &unsafe { call.handle(vlm) }?.engine;
        let handing_in = HandingIn(Arc::new(User { user, release, is_ours: AtomicBool::new(false) }));
        let listener = listener(piece, handing_in.0.clone());
        let job = engine.submit(request, within, when_busy, listener).map_err(|error| match error.kind() {
            ErrorKind::State => Fault::new(GNOMON_E_BUSY, error.to_string()),
            _ => error.into(),
        })?;
        let handle = Box::new(gnomon_job { poison: Poison::default(), job, told: OnceLock::new() });
        handing_in.done();
        // SAFETY: checked by empty_place.
        unsafe { out.write_unaligned(Box::into_raw(handle)) };
        DONE
    })
}

/// Waits for the reply, timeout_ns at most: 0 looks only, -1 waits as long as it takes. GNOMON_OK: the reply is there
/// (gnomon_job_reply). GNOMON_PENDING: not yet. Else how the job failed: GNOMON_E_CANCELLED when it was cancelled or its time
/// was up, _ARGUMENT for a request that cannot be meant, _UNSUPPORTED for pictures that the graphs do not take. Each call
/// says so again. From a callback of the same model it fails with GNOMON_E_STATE: it would wait for itself.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_job_wait(job: *const gnomon_job, timeout_ns: i64) -> gnomon_status {
    guard("gnomon_job_wait", |call| {
        let at_most = match u64::try_from(timeout_ns) {
            Ok(timeout_ns) => Some(Duration::from_nanos(timeout_ns)),
            Err(_) if timeout_ns == -1 => None,
            Err(_) => return Err(Fault::argument(format!("timeout_ns is {timeout_ns}, expected -1 or more"))),
        };
        // SAFETY: the caller's handle.
        let job = &unsafe { call.handle(job) }?.job;
        Ok(if job.wait(at_most)?.is_some() { GNOMON_OK } else { GNOMON_PENDING })
    })
}

/// Ends a job: in line at once, while it is answered within one node of a graph. Returns at once. After the reply is there it
/// does nothing.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_job_cancel(job: *const gnomon_job) -> gnomon_status {
    guard("gnomon_job_cancel", |call| {
        // SAFETY: the caller's handle.
        unsafe { call.handle(job) }?.job.cancel();
        DONE
    })
}

/// Writes the reply to out, set up with GNOMON_INIT. Does not wait: fails with GNOMON_E_STATE while it is not there, and as
/// gnomon_job_wait does where the job failed.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_job_reply(job: *const gnomon_job, out: *mut gnomon_reply_facts) -> gnomon_status {
    guard("gnomon_job_reply", |call| {
        // SAFETY: the caller's handle.
        let job = unsafe { call.handle(job) }?;
        // SAFETY: the caller's place, set up with GNOMON_INIT.
        let place = unsafe { growth::place(out) }?.ok_or_else(|| Fault::argument("place for the reply is NULL"))?;
        // SAFETY: checked above.
        unsafe { place.write(&job.told()?.facts()) };
        DONE
    })
}

/// Writes where the picture or video at this place of the prompt, from 0, lies in what the model saw of it to out:
/// gnomon_grounding_read takes it. Does not wait, and fails as gnomon_job_reply does, with GNOMON_E_ARGUMENT for a place
/// that the prompt has not.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_job_fit(job: *const gnomon_job, image: usize, out: *mut gnomon_fit) -> gnomon_status {
    guard("gnomon_job_fit", |call| {
        // SAFETY: the caller's handle.
        let job = unsafe { call.handle(job) }?;
        if out.is_null() {
            return Err(Fault::argument("place for the fit is NULL"));
        }
        let placed = &job.told()?.reply.placed;
        let beyond = || Fault::argument(format!("picture {image} of {}: they count from 0", placed.len()));
        let fit = gnomon_fit::of(placed.get(image).ok_or_else(beyond)?);
        // SAFETY: not NULL, writable by the header's word.
        unsafe { out.write_unaligned(fit) };
        DONE
    })
}

/// Frees a job and every view into it. One that is not done is cancelled, and the end of its callback is waited for: neither
/// piece nor release is called after this returned. From a callback of the same model it returns at once, and release is called
/// when that callback has returned. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_job_free(job: *mut gnomon_job) {
    release(|| {
        if !job.is_null() {
            // SAFETY: came from gnomon_vlm_submit, freed once, by the header's word.
            drop(unsafe { Box::from_raw(job) });
        }
    })
}
