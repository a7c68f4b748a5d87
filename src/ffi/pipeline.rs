//! The handle of a live pipeline: frames go in and are never waited for, scenes come out.

use super::frame::{gnomon_detection, gnomon_frame, read_detections, read_live_frame, read_pose};
use super::growth::{self, Headed, growing};
use super::guard::{Call, DONE, Handle, Poison, guard, release};
use super::options::{gnomon_scene_options, read_options};
use super::scene::empty_place;
use super::snapshot::{gnomon_snapshot, hand_out};
use super::status::*;
use crate::lift::{Detection, OwnedDetection};
use crate::pipeline::{BorrowedFrame, Listener, LiveFrame, Pipeline, PipelineOptions, Release, Stages};
use crate::scene::{Scene, SceneOptions};
use std::ffi::c_void;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// A scene behind live cameras, with threads of its own. Any thread, any number at a time: every call may overlap every
/// other but gnomon_pipeline_free. No call waits but gnomon_pipeline_settle, _close and _free. A forked child leaves it alone.
pub struct gnomon_pipeline {
    poison: Poison,
    pub(super) pipeline: Pipeline,
}

impl Handle for gnomon_pipeline {
    const NAME: &'static str = "pipeline";
    fn poison(&self) -> &Poison {
        &self.poison
    }
}

const _: () = {
    const fn any_thread<T: Send + Sync>() {}
    any_thread::<gnomon_pipeline>();
};

/// Gives a frame's buffers back. Called once, on any thread, no lock held; may call anything of gnomon. Must return (no
/// longjmp, no exception).
pub type gnomon_release_fn = Option<unsafe extern "C" fn(user: *mut c_void)>;

/// Told that a scene was published, on a thread of the pipeline, never twice at a time, no lock held. snapshot is borrowed
/// for the call: gnomon_snapshot_clone keeps it. May call anything of gnomon, gnomon_pipeline_close and _free of its own
/// pipeline too. Must return (no longjmp, no exception).
pub type gnomon_published_fn =
    Option<unsafe extern "C" fn(user: *mut c_void, stamp_ns: i64, camera_id: u32, snapshot: *const gnomon_snapshot)>;

/// What a pipeline may be told. Set up with GNOMON_INIT, which fills in the defaults.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_pipeline_options {
    /// Set by GNOMON_INIT.
    pub struct_size: u32,
    /// Set by GNOMON_INIT.
    pub abi_version: u32,
    /// Frames of one camera that may stand before a stage, complete, 1 to 64. Default 1: the newest alone.
    pub queue: u32,
    /// Frames of all cameras that may wait for a pose or detections, 1 to 256. Default 32.
    pub waiting: u32,
    /// Poses kept for frames yet to come, 1 to 65536. Default 1024.
    pub poses: u32,
    /// Newest frames that an explanation judges, 1 to 65536. Default 64.
    pub judged: u32,
    /// 1: a frame without detections waits for gnomon_pipeline_push_detections. Default 0.
    pub late_detections: u32,
    /// 0.
    pub reserved: u32,
    /// How long a frame waits, from its push, for what is handed in by stamp, nanoseconds. Default 200 ms.
    pub wait_ns: i64,
    /// A frame older than this, from its push, is dropped before its next stage, nanoseconds; 0: never. Default 1 s.
    pub deadline_ns: i64,
    /// How far the stamp of a pose may be from its frame's, nanoseconds; 0: they are equal. Default 20 ms.
    pub pose_tolerance_ns: i64,
    /// How far the stamp of detections may be from their frame's, nanoseconds. Default 0: they are equal.
    pub detection_tolerance_ns: i64,
    /// A stage busy with one frame for longer, or cameras silent for longer, are told as stalled, nanoseconds. Default 2 s.
    pub stalled_after_ns: i64,
}

/// A frame that was published. Set up with GNOMON_INIT.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_published {
    /// Set by GNOMON_INIT.
    pub struct_size: u32,
    /// Set by GNOMON_INIT.
    pub abi_version: u32,
    /// The frame's stamp.
    pub stamp_ns: i64,
    /// From its push until the snapshot was there, nanoseconds.
    pub latency_ns: i64,
    /// Which camera took it.
    pub camera_id: u32,
    /// 0.
    pub reserved: u32,
}

growing! {
    gnomon_pipeline_options 72;
    gnomon_published 32;
}

// SAFETY: struct_size and abi_version come first.
unsafe impl Headed for gnomon_pipeline_options {
    fn defaults() -> Self {
        let ours = PipelineOptions::default();
        let ns = |time: Duration| time.as_nanos() as i64;
        Self {
            struct_size: 0,
            abi_version: 0,
            queue: ours.queue as u32,
            waiting: ours.waiting as u32,
            poses: ours.poses as u32,
            judged: ours.judged as u32,
            late_detections: u32::from(ours.late_detections),
            reserved: 0,
            wait_ns: ns(ours.wait),
            deadline_ns: ours.deadline.map_or(0, ns),
            pose_tolerance_ns: ours.pose_tolerance_ns,
            detection_tolerance_ns: ours.detection_tolerance_ns,
            stalled_after_ns: ns(ours.stalled_after),
        }
    }
}

// SAFETY: struct_size and abi_version come first.
unsafe impl Headed for gnomon_published {
    fn defaults() -> Self {
        Self { struct_size: 0, abi_version: 0, stamp_ns: 0, latency_ns: 0, camera_id: 0, reserved: 0 }
    }
}

/// The caller's options, checked; NULL means all defaults.
///
/// # Safety
/// As [`growth::read`].
unsafe fn read_live_options(options: *const gnomon_pipeline_options) -> Result<PipelineOptions, Fault> {
    if options.is_null() {
        return Ok(PipelineOptions::default());
    }
    // SAFETY: passed on to the caller.
    let raw = unsafe { growth::read(options) }?;
    let time = |name: &str, ns: i64| {
        let ns = u64::try_from(ns).map_err(|_| Fault::argument(format!("{name} is {ns}, expected 0 or more")))?;
        Ok::<_, Fault>(Duration::from_nanos(ns))
    };
    if raw.late_detections > 1 || raw.reserved != 0 {
        return Err(Fault::argument(format!(
            "late_detections is {} and reserved {}, expected 0 or 1, and 0",
            raw.late_detections, raw.reserved
        )));
    }
    let deadline = time("deadline_ns", raw.deadline_ns)?;
    let options = PipelineOptions {
        queue: raw.queue as usize,
        waiting: raw.waiting as usize,
        wait: time("wait_ns", raw.wait_ns)?,
        deadline: (!deadline.is_zero()).then_some(deadline),
        pose_tolerance_ns: raw.pose_tolerance_ns,
        poses: raw.poses as usize,
        late_detections: raw.late_detections == 1,
        detection_tolerance_ns: raw.detection_tolerance_ns,
        judged: raw.judged as usize,
        stalled_after: time("stalled_after_ns", raw.stalled_after_ns)?,
    };
    options.check()?;
    Ok(options)
}

/// Who is told, and what ends it.
struct Hearer {
    told: gnomon_published_fn,
    user: *mut c_void,
    user_free: gnomon_release_fn,
    /// Whether the pipeline was opened: else the pointer stays the caller's.
    ours: Arc<AtomicBool>,
}

// SAFETY: `user` is only handed back; the header says that the callback runs on a thread of the pipeline.
unsafe impl Send for Hearer {}

impl Hearer {
    fn hear(&self, published: &crate::pipeline::Published) {
        let Some(told) = self.told else { return };
        let mut snapshot = std::ptr::null_mut();
        // SAFETY: a local place.
        unsafe { hand_out(published.snapshot.clone(), &raw mut snapshot) };
        // SAFETY: the function and the pointer the caller gave together; the snapshot lives through the call.
        unsafe { told(self.user, published.stamp_ns, published.camera_id, snapshot) };
        // SAFETY: made above, freed once; the header says that it is borrowed for the call.
        drop(unsafe { Box::from_raw(snapshot) });
    }
}

impl Drop for Hearer {
    fn drop(&mut self) {
        if let Some(user_free) = self.user_free.filter(|_| self.ours.load(Ordering::SeqCst)) {
            // SAFETY: the function and the pointer the caller gave together, once.
            unsafe { user_free(self.user) };
        }
    }
}

/// What [`open`] is given by C.
pub(super) struct Opening {
    scene: SceneOptions,
    options: PipelineOptions,
}

/// The caller's options.
///
/// # Safety
/// As [`read_options`] and [`read_live_options`].
pub(super) unsafe fn read_opening(
    scene: *const gnomon_scene_options,
    options: *const gnomon_pipeline_options,
) -> Result<Opening, Fault> {
    // SAFETY: passed on to the caller.
    unsafe { Ok(Opening { scene: read_options(scene)?, options: read_live_options(options)? }) }
}

/// Opens a pipeline and writes its handle to `out`.
///
/// # Safety
/// `out` was emptied; the functions may be called with `user` until `user_free` was.
pub(super) unsafe fn open(
    opening: Opening,
    stages: Stages,
    told: gnomon_published_fn,
    user: *mut c_void,
    user_free: gnomon_release_fn,
    out: *mut *mut gnomon_pipeline,
) -> Result<gnomon_status, Fault> {
    let ours = Arc::new(AtomicBool::new(false));
    let hearer = Hearer { told, user, user_free, ours: ours.clone() };
    let is_heard = told.is_some() || user_free.is_some();
    let listener: Option<Listener> =
        is_heard.then(|| -> Listener { Box::new(move |published| hearer.hear(published)) });
    let pipeline = Pipeline::open(Scene::new(opening.scene)?, opening.options, Stages { listener, ..stages })?;
    ours.store(true, Ordering::SeqCst);
    let handle = Box::new(gnomon_pipeline { poison: Poison::default(), pipeline });
    // SAFETY: emptied by the caller, so not NULL.
    unsafe { out.write_unaligned(Box::into_raw(handle)) };
    DONE
}

/// Fills in the defaults of a pipeline's options; never writes past size. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_pipeline_options_init(options: *mut gnomon_pipeline_options, size: usize) {
    // SAFETY: the caller's pointer and size.
    unsafe { growth::init(options, size) }
}

/// Fills in an empty place for a published frame; never writes past size. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_published_init(published: *mut gnomon_published, size: usize) {
    // SAFETY: the caller's pointer and size.
    unsafe { growth::init(published, size) }
}

/// Opens a pipeline with an empty scene; scene and options may be NULL: all defaults. on_published may be NULL: poll.
/// user_free may be NULL; else it is called once with user, when on_published is called no more and before
/// gnomon_pipeline_close returns, or after the on_published that closed it; not if this call fails. Fails with
/// GNOMON_E_NOMEM if there is no thread to be had. Free it with gnomon_pipeline_free.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_pipeline_open(
    scene: *const gnomon_scene_options,
    options: *const gnomon_pipeline_options,
    on_published: gnomon_published_fn,
    user: *mut c_void,
    user_free: gnomon_release_fn,
    out: *mut *mut gnomon_pipeline,
) -> gnomon_status {
    guard("gnomon_pipeline_open", |_| {
        // SAFETY: the caller's place.
        unsafe { empty_place(out, "pipeline") }?;
        // SAFETY: the caller's options, borrowed for this call.
        let opening = unsafe { read_opening(scene, options) }?;
        // SAFETY: emptied above; the functions and the pointer by the header's word.
        unsafe { open(opening, Stages::default(), on_published, user, user_free, out) }
    })
}

/// Closes a pipeline, as gnomon_pipeline_close, and frees it; its snapshots live on. No other call on it may be running,
/// but that it may be freed by its own callbacks. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_pipeline_free(pipeline: *mut gnomon_pipeline) {
    release(|| {
        if !pipeline.is_null() {
            // SAFETY: came from gnomon_pipeline_open, freed once, by the header's word.
            drop(unsafe { Box::from_raw(pipeline) });
        }
    })
}

/// What gives the caller's buffers back, whatever happens to the call: even one that panics before its body drops it.
fn given_back<'h, R>(
    release: gnomon_release_fn,
    user: *mut c_void,
    body: impl FnOnce(&mut Call<'h>, Release) -> R,
) -> impl FnOnce(&mut Call<'h>) -> R {
    struct User(*mut c_void);
    // SAFETY: only handed back; the header says that the release runs on any thread.
    unsafe impl Send for User {}
    impl User {
        fn get(&self) -> *mut c_void {
            self.0
        }
    }
    let user = User(user);
    let release = release.map_or_else(Release::default, |release| {
        Release::new(move || {
            // SAFETY: the function and the pointer the caller gave together, once.
            unsafe { release(user.get()) }
        })
    });
    move |call| body(call, release)
}

/// A frame that is pushed, and its detections where it has any said of it.
struct Pushed<'a> {
    frame: BorrowedFrame<'a>,
    detections: Option<Vec<Detection<'a>>>,
}

/// What a push is given.
///
/// # Safety
/// As [`read_live_frame`] and [`read_detections`].
unsafe fn read_pushed<'a>(
    frame: *const gnomon_frame,
    has: u32,
    (detections, detection_size, n): (*const gnomon_detection, usize, usize),
) -> Result<Pushed<'a>, Fault> {
    let [has_pose, has_detections] = [GNOMON_LIVE_POSE, GNOMON_LIVE_DETECTIONS].map(|bit| has & bit as u32 != 0);
    if has > (GNOMON_LIVE_POSE | GNOMON_LIVE_DETECTIONS) as u32 {
        return Err(Fault::argument(format!("has is {has}, expected GNOMON_LIVE_*, added up")));
    }
    if n > 0 && !has_detections {
        return Err(Fault::argument(format!("{n} detections, and has lacks GNOMON_LIVE_DETECTIONS")));
    }
    // SAFETY: passed on to the caller.
    let (frame, detections) =
        unsafe { (read_live_frame(frame, has_pose)?, read_detections(detections, detection_size, n)?) };
    Ok(Pushed { frame, detections: has_detections.then_some(detections) })
}

/// Takes a frame. Its images, and its detections with their texts and masks, stay the caller's and are copied nowhere:
/// they must stay as they are until release(user), which is called once, whatever this call returns, on this thread or
/// another, perhaps before this call returns; release may be NULL. The structs themselves are borrowed for the call.
/// depth or colour of length 0: there is none. has: GNOMON_LIVE_*, added up. Never waits: what is too much is dropped and
/// counted. It may release older frames on this thread. Fails with GNOMON_E_STATE after gnomon_pipeline_close.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_pipeline_push(
    pipeline: *const gnomon_pipeline,
    frame: *const gnomon_frame,
    has: u32,
    detections: *const gnomon_detection,
    detection_size: usize,
    n: usize,
    release: gnomon_release_fn,
    user: *mut c_void,
) -> gnomon_status {
    guard(
        "gnomon_pipeline_push",
        given_back(release, user, |call, release| {
            // SAFETY: the caller's handle.
            let handle = unsafe { call.handle(pipeline) }?;
            // SAFETY: the caller's frame and detections, whose images, texts and masks stay readable until the release, which
            // the frame runs last.
            let Pushed { frame, detections } =
                unsafe { read_pushed::<'static>(frame, has, (detections, detection_size, n)) }?;
            handle.pipeline.push(LiveFrame::lent(frame, detections, release))?;
            DONE
        }),
    )
}

/// As gnomon_pipeline_push for buffers that are borrowed for the call: they are copied into buffers of the pipeline, which
/// are used again.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_pipeline_push_copy(
    pipeline: *const gnomon_pipeline,
    frame: *const gnomon_frame,
    has: u32,
    detections: *const gnomon_detection,
    detection_size: usize,
    n: usize,
) -> gnomon_status {
    guard("gnomon_pipeline_push_copy", |call| {
        // SAFETY: the caller's handle.
        let handle = unsafe { call.handle(pipeline) }?;
        // SAFETY: the caller's frame and detections, borrowed for this call.
        let Pushed { frame, detections } = unsafe { read_pushed(frame, has, (detections, detection_size, n)) }?;
        handle.pipeline.push_copy(&BorrowedFrame { detections: detections.as_deref(), ..frame })?;
        DONE
    })
}

/// Hands in where a camera stood at a stamp, 4 x 4 numbers: for a frame that waits or is yet to come. Never waits.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_pipeline_push_pose(
    pipeline: *const gnomon_pipeline,
    camera_id: u32,
    stamp_ns: i64,
    world_from_camera: *const f64,
) -> gnomon_status {
    guard("gnomon_pipeline_push_pose", |call| {
        // SAFETY: the caller's handle.
        let handle = unsafe { call.handle(pipeline) }?;
        if world_from_camera.is_null() {
            return Err(Fault::argument("world_from_camera is NULL"));
        }
        // SAFETY: not NULL, 16 numbers by the header's word.
        let matrix = unsafe { world_from_camera.cast::<[f64; 16]>().read_unaligned() };
        handle.pipeline.push_pose(camera_id, stamp_ns, read_pose(&matrix, "world_from_camera")?)?;
        DONE
    })
}

/// Hands in what a detector found in a frame that waits or is yet to come; copied. Of use with late_detections alone: fails
/// with GNOMON_E_STATE without. Never waits.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_pipeline_push_detections(
    pipeline: *const gnomon_pipeline,
    camera_id: u32,
    stamp_ns: i64,
    detections: *const gnomon_detection,
    detection_size: usize,
    n: usize,
) -> gnomon_status {
    guard("gnomon_pipeline_push_detections", |call| {
        // SAFETY: the caller's handle.
        let handle = unsafe { call.handle(pipeline) }?;
        // SAFETY: the caller's detections, borrowed for this call.
        let detections = unsafe { read_detections(detections, detection_size, n) }?;
        let owned = detections.iter().map(OwnedDetection::of).collect();
        handle.pipeline.push_detections(camera_id, stamp_ns, owned)?;
        DONE
    })
}

/// Ends a pipeline: frames on their way are dropped and released; returns when on_published runs no more and is called no
/// more, and every frame is released. Called from on_published or a release it waits for the other threads alone. What
/// was published can still be asked for. May be called again.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_pipeline_close(pipeline: *const gnomon_pipeline) -> gnomon_status {
    guard("gnomon_pipeline_close", |call| {
        // SAFETY: the caller's handle.
        unsafe { call.handle(pipeline) }?.pipeline.close();
        DONE
    })
}
