//! Detectors: a picture goes in, detections for a scene come out.

use super::frame::{NO_DETECTION, gnomon_detection, gnomon_image, read_picture};
use super::growth::{self, Headed, growing};
use super::guard::{DONE, Handle, Poison, guard, release};
use super::network::{
    Told, gnomon_network_facts, gnomon_network_options, gnomon_run_options, read_control, read_opening, read_path,
};
use super::scene::empty_place;
use super::status::*;
use super::text::gnomon_str;
use crate::detect::{DetectOptions, Detector, Found};
use std::sync::Arc;

/// What stands for "as the folder or the family has it".
const AS_IS: f32 = -1.0;

/// A detector that is loaded. Any thread, any number at a time: pictures are looked at one after another, first come first
/// served. Depends on no other handle.
pub struct gnomon_detector {
    poison: Poison,
    pub(super) detector: Arc<Detector>,
    told: Told,
}

/// What was found in one picture. Never changes; any thread, any number at a time. Outlives its detector.
pub struct gnomon_found {
    poison: Poison,
    found: Vec<Found>,
}

impl Handle for gnomon_detector {
    const NAME: &'static str = "detector";
    fn poison(&self) -> &Poison {
        &self.poison
    }
}

impl Handle for gnomon_found {
    const NAME: &'static str = "found";
    fn poison(&self) -> &Poison {
        &self.poison
    }
}

const _: () = {
    const fn any_thread<T: Send + Sync>() {}
    any_thread::<gnomon_detector>();
    any_thread::<gnomon_found>();
};

/// What is wanted of one picture. Set up with GNOMON_INIT.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_detect_options {
    /// Set by GNOMON_INIT.
    pub struct_size: u32,
    /// Set by GNOMON_INIT.
    pub abi_version: u32,
    /// Only what has a score above this is told, 0 to 1; -1, the default: as the folder or the family has it.
    pub min_score: f32,
    /// Of two boxes of one class that overlap by more than this (intersection over union) the weaker is dropped, 0 to 1; -1,
    /// the default: as the folder or the family has it. Families whose boxes do not repeat pass it over.
    pub iou: f32,
    /// The most that are told, surest first, 1 to 4096. Default 300.
    pub most: u32,
}

growing! {
    gnomon_detect_options 20;
}

// SAFETY: struct_size and abi_version come first.
unsafe impl Headed for gnomon_detect_options {
    fn defaults() -> Self {
        let most = DetectOptions::default().max as u32;
        Self { struct_size: 0, abi_version: 0, min_score: AS_IS, iou: AS_IS, most }
    }
}

/// The caller's options, checked; NULL means all defaults.
///
/// # Safety
/// As [`growth::read`].
pub(super) unsafe fn read_wanted(options: *const gnomon_detect_options) -> Result<DetectOptions, Fault> {
    if options.is_null() {
        return Ok(DetectOptions::default());
    }
    // SAFETY: passed on to the caller.
    let raw = unsafe { growth::read(options) }?;
    let said = |number: f32| (number != AS_IS).then_some(number);
    let options = DetectOptions { min_score: said(raw.min_score), iou: said(raw.iou), max: raw.most as usize };
    options.check()?;
    Ok(options)
}

impl gnomon_detection {
    fn of(found: &Found) -> Self {
        let bare = Self { label: gnomon_str::of(&found.label), bbox: found.bbox, score: found.score, ..NO_DETECTION };
        let Some(mask) = &found.mask else { return bare };
        Self {
            mask_x: mask.x,
            mask_y: mask.y,
            mask_width: mask.width,
            mask_height: mask.height,
            mask: mask.data.as_ptr(),
            mask_len: mask.data.len(),
            ..bare
        }
    }
}

/// Fills in the defaults of what is wanted; never writes past size. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_detect_options_init(options: *mut gnomon_detect_options, size: usize) {
    // SAFETY: the caller's pointer and size.
    unsafe { growth::init(options, size) }
}

/// Loads a detector of a model folder, or of an .onnx file whose family options name; options may be NULL. Takes as long as
/// ONNX Runtime takes: seconds, on some GPUs minutes. Fails with GNOMON_E_RUNTIME where there is no ONNX Runtime (the
/// places that were tried are told), _IO or _MODEL for the folder, _NOMEM beyond the budget, _DEVICE for a provider that
/// is required and cannot be had, _UNSUPPORTED for a network that is no detector. Free it with gnomon_detector_free.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_detector_open(
    path: gnomon_str,
    options: *const gnomon_network_options,
    out: *mut *mut gnomon_detector,
) -> gnomon_status {
    guard("gnomon_detector_open", |_| {
        // SAFETY: the caller's place.
        unsafe { empty_place(out, "detector") }?;
        // SAFETY: the caller's options and text, borrowed for this call.
        let (opening, path) = unsafe { (read_opening(options)?, read_path(&path)?) };
        let ready = opening.ready(path)?;
        let detector = Detector::open(&ready.runtime, &ready.folder, ready.precision, &ready.session)?;
        let told = Told::of(&ready, detector.session(), detector.has_masks(), false)?;
        let handle = Box::new(gnomon_detector { poison: Poison::default(), detector: Arc::new(detector), told });
        // SAFETY: checked by empty_place.
        unsafe { out.write_unaligned(Box::into_raw(handle)) };
        DONE
    })
}

/// Frees a detector and every view into it; no other call on it may be running. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_detector_free(detector: *mut gnomon_detector) {
    release(|| {
        if !detector.is_null() {
            // SAFETY: came from gnomon_detector_open, freed once, by the header's word.
            drop(unsafe { Box::from_raw(detector) });
        }
    })
}

/// Writes what the detector is and what really runs it to out, set up with GNOMON_INIT.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_detector_info(
    detector: *const gnomon_detector,
    out: *mut gnomon_network_facts,
) -> gnomon_status {
    guard("gnomon_detector_info", |call| {
        // SAFETY: the caller's handle and place.
        unsafe { call.handle(detector)?.told.write(out) }
    })
}

/// Finds what is in a picture of any format of colour, surest first: nothing is a result too. options and run may be NULL.
/// Fails with GNOMON_E_CANCELLED if run stopped it, _MODEL if the network gives what no detector does. Free what was found
/// with gnomon_found_free.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_detector_detect(
    detector: *const gnomon_detector,
    image: *const gnomon_image,
    options: *const gnomon_detect_options,
    run: *const gnomon_run_options,
    out: *mut *mut gnomon_found,
) -> gnomon_status {
    guard("gnomon_detector_detect", |call| {
        // SAFETY: the caller's place.
        unsafe { empty_place(out, "found") }?;
        // SAFETY: the caller's picture and options, borrowed for this call.
        let (picture, options, control) = unsafe { (read_picture(image)?, read_wanted(options)?, read_control(run)?) };
        // SAFETY: the caller's handle.
        let detector = &unsafe { call.handle(detector) }?.detector;
        let found = detector.detect(&picture, &options, &control)?;
        let handle = Box::new(gnomon_found { poison: Poison::default(), found });
        // SAFETY: checked by empty_place.
        unsafe { out.write_unaligned(Box::into_raw(handle)) };
        DONE
    })
}

/// What was found, as gnomon_scene_integrate takes it; labels and masks live as long as found. out, detection_size and n as
/// in gnomon_snapshot_objects.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_found_detections(
    found: *const gnomon_found,
    out: *mut gnomon_detection,
    detection_size: usize,
    n: *mut usize,
) -> gnomon_status {
    guard("gnomon_found_detections", |call| {
        // SAFETY: the caller's handle.
        let found = &unsafe { call.handle(found) }?.found;
        // SAFETY: the caller's room.
        unsafe { growth::fill(found.iter().map(gnomon_detection::of), out, detection_size, n) }?;
        DONE
    })
}

/// Frees what was found and every view into it. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_found_free(found: *mut gnomon_found) {
    release(|| {
        if !found.is_null() {
            // SAFETY: came from gnomon_detector_detect, freed once, by the header's word.
            drop(unsafe { Box::from_raw(found) });
        }
    })
}
