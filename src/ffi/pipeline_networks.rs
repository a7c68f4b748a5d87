//! A pipeline with networks in it.

use super::depth::gnomon_depth_net;
use super::detector::{gnomon_detect_options, gnomon_detector, read_wanted};
use super::guard::guard;
use super::options::gnomon_scene_options;
use super::pipeline::{
    gnomon_pipeline, gnomon_pipeline_options, gnomon_published_fn, gnomon_release_fn, open, read_opening,
};
use super::scene::empty_place;
use super::status::*;
use crate::pipeline::{DepthStage, Detect, DetectorStage, EstimateDepth, Stages};
use std::ffi::c_void;

/// As gnomon_pipeline_open, with networks on threads of their own: frames without depth get it from depth, frames without
/// detections from detector, asked for wanted. Each of depth, detector and wanted may be NULL; both networks may be freed
/// while the pipeline goes on. Fails with GNOMON_E_UNSUPPORTED for a depth network that gives no metres.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_pipeline_open_with(
    scene: *const gnomon_scene_options,
    options: *const gnomon_pipeline_options,
    depth: *const gnomon_depth_net,
    detector: *const gnomon_detector,
    wanted: *const gnomon_detect_options,
    on_published: gnomon_published_fn,
    user: *mut c_void,
    user_free: gnomon_release_fn,
    out: *mut *mut gnomon_pipeline,
) -> gnomon_status {
    guard("gnomon_pipeline_open_with", |call| {
        // SAFETY: the caller's place.
        unsafe { empty_place(out, "pipeline") }?;
        // SAFETY: the caller's options, borrowed for this call.
        let (opening, wanted) = unsafe { (read_opening(scene, options)?, read_wanted(wanted)?) };
        let mut stages = Stages::default();
        if !depth.is_null() {
            // SAFETY: the caller's handle.
            let net = unsafe { call.handle(depth) }?.net.clone();
            net.expect_metric()?;
            stages.depth = Some(Box::new(DepthStage::new(net)) as Box<dyn EstimateDepth>);
        }
        if !detector.is_null() {
            // SAFETY: the caller's handle.
            let detector = unsafe { call.handle(detector) }?.detector.clone();
            stages.detect = Some(Box::new(DetectorStage::new(detector, wanted)) as Box<dyn Detect>);
        }
        // SAFETY: emptied above; the functions and the pointer by the header's word.
        unsafe { open(opening, stages, on_published, user, user_free, out) }
    })
}
