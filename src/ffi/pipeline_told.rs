//! What a pipeline tells: what it published, its figures, and why nothing comes out.

use super::growth::{self, Headed, growing};
use super::guard::{DONE, guard};
use super::pipeline::{gnomon_pipeline, gnomon_published};
use super::scene::{empty_place, gnomon_frame_report};
use super::snapshot::{gnomon_snapshot, hand_out};
use super::status::*;
use super::text::gnomon_str;
use super::text_handle::{gnomon_text, hand_out_text};
use crate::pipeline::Link;
use std::time::Duration;

/// Counts since a pipeline was opened. Set up with GNOMON_INIT. pushed is published, under_way and all dropped_* together.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_pipeline_statistics {
    /// Set by GNOMON_INIT.
    pub struct_size: u32,
    /// Set by GNOMON_INIT.
    pub abi_version: u32,
    /// Frames taken by a push.
    pub pushed: u64,
    /// Frames that a reader can see in the scene.
    pub published: u64,
    /// Frames in queues and stages now.
    pub under_way: u64,
    /// Frames pushed out of a queue by a newer one.
    pub dropped_overload: u64,
    /// Frames older than the deadline.
    pub dropped_deadline: u64,
    /// Frames without a pose of their stamp within the wait.
    pub dropped_no_pose: u64,
    /// Frames that had no depth, and none was made.
    pub dropped_no_depth: u64,
    /// Frames of which a later one of their camera was taken in before.
    pub dropped_overtaken: u64,
    /// Frames that the scene refused: their numbers, their stamp.
    pub dropped_refused: u64,
    /// Frames looked at while no floor had shown which way is up.
    pub dropped_up_unknown: u64,
    /// Frames at which the scene failed by a defect.
    pub dropped_panic: u64,
    /// Frames under way when the pipeline closed.
    pub dropped_closed: u64,
    /// Published frames that on_published was told of.
    pub told: u64,
    /// Published frames that were overtaken before on_published was free.
    pub untold: u64,
    /// Poses handed in by stamp.
    pub poses: u64,
    /// Sets of detections handed in by stamp.
    pub detections: u64,
    /// Of these, how many were displaced or came too late.
    pub detections_unused: u64,
    /// Buffers that copies took anew from memory.
    pub buffers_made: u64,
    /// How often the scene was begun anew, after defects.
    pub scenes_begun_anew: u64,
}

/// What a stage of a pipeline did. Its size is an argument.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_stage {
    /// depth, detect, scene, tell, or whole: from the push until published. Lives as long as the library.
    pub name: gnomon_str,
    /// Frames it was done with, well or not.
    pub runs: u64,
    /// Of these, how many it failed.
    pub errors: u64,
    /// Of these, at how many it failed by a defect.
    pub panics: u64,
    /// The middle time of the newest runs, seconds; 0 before the first.
    pub p50_s: f64,
    /// The time that 99 of 100 of the newest runs did not exceed, seconds.
    pub p99_s: f64,
    /// How long it has been busy with one frame, seconds; 0: it is not.
    pub busy_s: f64,
}

growing! {
    gnomon_pipeline_statistics 160;
    gnomon_stage 64;
}

// SAFETY: struct_size and abi_version come first.
unsafe impl Headed for gnomon_pipeline_statistics {
    fn defaults() -> Self {
        Self {
            struct_size: 0,
            abi_version: 0,
            pushed: 0,
            published: 0,
            under_way: 0,
            dropped_overload: 0,
            dropped_deadline: 0,
            dropped_no_pose: 0,
            dropped_no_depth: 0,
            dropped_overtaken: 0,
            dropped_refused: 0,
            dropped_up_unknown: 0,
            dropped_panic: 0,
            dropped_closed: 0,
            told: 0,
            untold: 0,
            poses: 0,
            detections: 0,
            detections_unused: 0,
            buffers_made: 0,
            scenes_begun_anew: 0,
        }
    }
}

/// Fills in empty statistics; never writes past size. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_pipeline_statistics_init(statistics: *mut gnomon_pipeline_statistics, size: usize) {
    // SAFETY: the caller's pointer and size.
    unsafe { growth::init(statistics, size) }
}

/// Hands out the newest that was published since the last poll; GNOMON_PENDING, and nothing written but NULL for snapshot,
/// if nothing was. Each of published, report (both set up with GNOMON_INIT) and snapshot may be NULL; free the snapshot
/// with gnomon_snapshot_free. Never waits.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_pipeline_poll(
    pipeline: *const gnomon_pipeline,
    published: *mut gnomon_published,
    report: *mut gnomon_frame_report,
    snapshot: *mut *mut gnomon_snapshot,
) -> gnomon_status {
    guard("gnomon_pipeline_poll", |call| {
        if !snapshot.is_null() {
            // SAFETY: the caller's place.
            unsafe { empty_place(snapshot, "snapshot") }?;
        }
        // SAFETY: the caller's handle.
        let handle = unsafe { call.handle(pipeline) }?;
        // SAFETY: the caller's places, set up with GNOMON_INIT.
        let (place, report) = unsafe { (growth::place(published)?, growth::place(report)?) };
        let Some(newest) = handle.pipeline.poll() else { return Ok(GNOMON_PENDING) };
        let told = gnomon_published {
            struct_size: 0,
            abi_version: 0,
            stamp_ns: newest.stamp_ns,
            latency_ns: i64::try_from(newest.latency.as_nanos()).unwrap_or(i64::MAX),
            camera_id: newest.camera_id,
            reserved: 0,
        };
        if let Some(place) = place {
            // SAFETY: checked above.
            unsafe { place.write(&told) };
        }
        if let Some(report) = report {
            // SAFETY: checked above.
            unsafe { report.write(&gnomon_frame_report::of(&newest.report)) };
        }
        if !snapshot.is_null() {
            // SAFETY: checked above.
            unsafe { hand_out(newest.snapshot, snapshot) };
        }
        DONE
    })
}

/// Hands out the newest published snapshot, an empty one before the first, whether it was polled or not. Free it with
/// gnomon_snapshot_free. Never waits.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_pipeline_snapshot(
    pipeline: *const gnomon_pipeline,
    out: *mut *mut gnomon_snapshot,
) -> gnomon_status {
    guard("gnomon_pipeline_snapshot", |call| {
        // SAFETY: the caller's place.
        unsafe { empty_place(out, "snapshot") }?;
        // SAFETY: the caller's handle.
        let snapshot = unsafe { call.handle(pipeline) }?.pipeline.snapshot();
        // SAFETY: checked by empty_place.
        unsafe { hand_out(snapshot, out) };
        DONE
    })
}

/// Waits until no frame is under way, at most timeout_ns; GNOMON_PENDING if some still are. From a callback of the pipeline
/// it does not wait.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_pipeline_settle(pipeline: *const gnomon_pipeline, timeout_ns: i64) -> gnomon_status {
    guard("gnomon_pipeline_settle", |call| {
        // SAFETY: the caller's handle.
        let handle = unsafe { call.handle(pipeline) }?;
        let timeout = u64::try_from(timeout_ns)
            .map_err(|_| Fault::argument(format!("timeout_ns is {timeout_ns}, expected 0 or more")))?;
        Ok(if handle.pipeline.settle(Duration::from_nanos(timeout)) { GNOMON_OK } else { GNOMON_PENDING })
    })
}

/// Why nothing comes out, or that all is well, in sentences: the chain with its counts, the first broken link with what to
/// do, what else is lost. link may be NULL; else the broken link is written there, GNOMON_LINK_*. Free the text with
/// gnomon_text_free. Never waits.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_pipeline_explain(
    pipeline: *const gnomon_pipeline,
    link: *mut i32,
    out: *mut *mut gnomon_text,
) -> gnomon_status {
    guard("gnomon_pipeline_explain", |call| {
        let mut broken = GNOMON_LINK_NONE;
        // SAFETY: the caller's place.
        let status = unsafe {
            hand_out_text(out, || {
                let explanation = call.handle(pipeline)?.pipeline.explain();
                broken = explanation.broken.as_ref().map_or(GNOMON_LINK_NONE, |broken| code_of(broken.link));
                Ok(explanation.to_string())
            })
        }?;
        if !link.is_null() {
            // SAFETY: not NULL, writable by the header's word.
            unsafe { link.write_unaligned(broken) };
        }
        Ok(status)
    })
}

fn code_of(link: Link) -> i32 {
    match link {
        Link::Frames => GNOMON_LINK_FRAMES,
        Link::Posed => GNOMON_LINK_POSED,
        Link::DepthValid => GNOMON_LINK_DEPTH_VALID,
        Link::Detections => GNOMON_LINK_DETECTIONS,
        Link::Associated => GNOMON_LINK_ASSOCIATED,
        Link::Published => GNOMON_LINK_PUBLISHED,
    }
}

/// As gnomon_pipeline_explain, as JSON: links, each with link, frames, judged, passed; broken, null or link and hint;
/// remarks.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_pipeline_explain_json(
    pipeline: *const gnomon_pipeline,
    out: *mut *mut gnomon_text,
) -> gnomon_status {
    guard("gnomon_pipeline_explain_json", |call| {
        // SAFETY: the caller's handle and place.
        unsafe { hand_out_text(out, || Ok(call.handle(pipeline)?.pipeline.explain().to_json())) }
    })
}

/// Writes a pipeline's counts to out, set up with GNOMON_INIT. Never waits.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_pipeline_count(
    pipeline: *const gnomon_pipeline,
    out: *mut gnomon_pipeline_statistics,
) -> gnomon_status {
    guard("gnomon_pipeline_count", |call| {
        // SAFETY: the caller's handle.
        let handle = unsafe { call.handle(pipeline) }?;
        // SAFETY: the caller's place, set up with GNOMON_INIT.
        let place = unsafe { growth::place(out) }?;
        let place = place.ok_or_else(|| Fault::argument("place for the statistics is NULL"))?;
        let of = handle.pipeline.statistics();
        let statistics = gnomon_pipeline_statistics {
            struct_size: 0,
            abi_version: 0,
            pushed: of.pushed,
            published: of.published,
            under_way: of.under_way,
            dropped_overload: of.dropped.overload,
            dropped_deadline: of.dropped.deadline,
            dropped_no_pose: of.dropped.no_pose,
            dropped_no_depth: of.dropped.no_depth,
            dropped_overtaken: of.dropped.overtaken,
            dropped_refused: of.dropped.refused,
            dropped_up_unknown: of.dropped.up_unknown,
            dropped_panic: of.dropped.panic,
            dropped_closed: of.dropped.closed,
            told: of.told,
            untold: of.untold,
            poses: of.poses,
            detections: of.detections,
            detections_unused: of.detections_unused,
            buffers_made: of.buffers_made,
            scenes_begun_anew: of.scenes_begun_anew,
        };
        // SAFETY: checked above.
        unsafe { place.write(&statistics) };
        DONE
    })
}

/// What the stages did: depth, detect, scene, tell, whole. out, stage_size and n as in gnomon_snapshot_objects.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_pipeline_stages(
    pipeline: *const gnomon_pipeline,
    out: *mut gnomon_stage,
    stage_size: usize,
    n: *mut usize,
) -> gnomon_status {
    guard("gnomon_pipeline_stages", |call| {
        // SAFETY: the caller's handle.
        let stages = unsafe { call.handle(pipeline) }?.pipeline.statistics().stages;
        let stages = stages.iter().map(|of| gnomon_stage {
            name: gnomon_str::of(of.stage),
            runs: of.runs,
            errors: of.errors,
            panics: of.panics,
            p50_s: of.p50_s,
            p99_s: of.p99_s,
            busy_s: of.busy_s,
        });
        // SAFETY: the caller's room.
        unsafe { growth::fill(stages, out, stage_size, n) }?;
        DONE
    })
}
