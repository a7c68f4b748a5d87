//! Depth networks: a picture goes in, depth that says what it means comes out, and a frame's depth where it is metres.

use super::frame::{NO_CAMERA, gnomon_image, gnomon_intrinsics, read_picture};
use super::growth::{self, Headed, growing};
use super::guard::{DONE, Handle, Poison, guard, release};
use super::network::{
    Told, gnomon_network_facts, gnomon_network_options, gnomon_run_options, read_control, read_opening, read_path,
};
use super::scene::empty_place;
use super::status::*;
use super::text::gnomon_str;
use crate::depth::{Depth, DepthNet, Estimate, MetricDepth};
use std::sync::Arc;

/// A depth network that is loaded. Any thread, any number at a time: pictures are looked at one after another, first come
/// first served. Depends on no other handle.
pub struct gnomon_depth_net {
    poison: Poison,
    pub(super) net: Arc<DepthNet>,
    told: Told,
}

/// Depth of one picture, pixel for pixel. Never changes; any thread, any number at a time. Outlives its network.
pub struct gnomon_depth_map {
    poison: Poison,
    estimate: Estimate,
    /// The same without depth in the sky, where there is any.
    without_sky: Option<Estimate>,
    remarks: Remarks,
}

/// Views of an estimate's remarks.
struct Remarks(Vec<gnomon_str>);
// SAFETY: the views are of texts that stand beside them and never change.
unsafe impl Send for Remarks {}
// SAFETY: as above.
unsafe impl Sync for Remarks {}

impl Handle for gnomon_depth_net {
    const NAME: &'static str = "depth network";
    fn poison(&self) -> &Poison {
        &self.poison
    }
}

impl Handle for gnomon_depth_map {
    const NAME: &'static str = "depth map";
    fn poison(&self) -> &Poison {
        &self.poison
    }
}

const _: () = {
    const fn any_thread<T: Send + Sync>() {}
    any_thread::<gnomon_depth_net>();
    any_thread::<gnomon_depth_map>();
};

/// A depth map. Set up with GNOMON_INIT; numbers and texts live as long as the map. Numbers lie row after row.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_depth_facts {
    /// Set by GNOMON_INIT.
    pub struct_size: u32,
    /// Set by GNOMON_INIT.
    pub abi_version: u32,
    /// GNOMON_DEPTH_*: what values are.
    pub meaning: i32,
    /// Pixels, as the picture's.
    pub width: u32,
    /// Pixels, as the picture's.
    pub height: u32,
    /// 1 when the network told a camera, in .intrinsics, else 0.
    pub has_camera: u32,
    /// One number a pixel; 0: none there.
    pub values: *const f32,
    /// How sure the network is of each pixel, in its own measure, more being surer; or NULL.
    pub confidence: *const f32,
    /// 1 for each pixel that is sky, else 0; or NULL. values there are those of what is farthest.
    pub sky: *const u8,
    /// How many pixels: width * height.
    pub pixels: usize,
    /// The camera that the network believes to see through.
    pub intrinsics: gnomon_intrinsics,
    /// What was not as it could be, in sentences.
    pub remarks: *const gnomon_str,
    /// How many.
    pub remarks_len: usize,
}

growing! {
    gnomon_depth_facts 184;
}

// SAFETY: struct_size and abi_version come first.
unsafe impl Headed for gnomon_depth_facts {
    fn defaults() -> Self {
        Self {
            struct_size: 0,
            abi_version: 0,
            meaning: GNOMON_DEPTH_METRIC_Z,
            width: 0,
            height: 0,
            has_camera: 0,
            values: std::ptr::null(),
            confidence: std::ptr::null(),
            sky: std::ptr::null(),
            pixels: 0,
            intrinsics: NO_CAMERA,
            remarks: std::ptr::null(),
            remarks_len: 0,
        }
    }
}

impl gnomon_depth_facts {
    fn of(handle: &gnomon_depth_map) -> Self {
        let (estimate, remarks) = (&handle.estimate, &handle.remarks.0);
        let map = estimate.depth.map();
        let camera = estimate.intrinsics.as_ref();
        Self {
            meaning: meaning_of(&estimate.depth),
            width: map.width() as u32,
            height: map.height() as u32,
            has_camera: u32::from(camera.is_some()),
            values: map.values().as_ptr(),
            confidence: estimate.confidence.as_ref().map_or(std::ptr::null(), |map| map.values().as_ptr()),
            // A bool is one byte, 0 or 1.
            sky: estimate.sky.as_ref().map_or(std::ptr::null(), |sky| sky.as_ptr().cast()),
            pixels: map.values().len(),
            intrinsics: camera.map_or(NO_CAMERA, gnomon_intrinsics::of_pinhole),
            remarks: remarks.as_ptr(),
            remarks_len: remarks.len(),
            ..Self::defaults()
        }
    }
}

/// GNOMON_DEPTH_*.
pub(super) fn meaning_of(depth: &Depth) -> i32 {
    match depth {
        Depth::MetricZ(_) => GNOMON_DEPTH_METRIC_Z,
        Depth::UpToScaleZ(_) => GNOMON_DEPTH_UP_TO_SCALE_Z,
        Depth::AffineInverseDepth(_) => GNOMON_DEPTH_AFFINE_INVERSE,
    }
}

/// Metres as the depth of a frame; the data are the map's.
pub(super) fn metres_image(metres: &MetricDepth) -> gnomon_image {
    let map = metres.map();
    gnomon_image {
        data: map.values().as_ptr().cast(),
        len: size_of_val(map.values()),
        stride: 0,
        width: map.width() as u32,
        height: map.height() as u32,
        format: GNOMON_PIXEL_DEPTH_F32_M,
        reserved: 0,
    }
}

/// Fills in empty facts; never writes past size. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_depth_facts_init(facts: *mut gnomon_depth_facts, size: usize) {
    // SAFETY: the caller's pointer and size.
    unsafe { growth::init(facts, size) }
}

/// Loads the depth network of a model folder, or of an .onnx file whose family options name; options may be NULL. Fails as
/// gnomon_detector_open does, with GNOMON_E_UNSUPPORTED for a network that gives no depth. Free it with
/// gnomon_depth_net_free.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_depth_net_open(
    path: gnomon_str,
    options: *const gnomon_network_options,
    out: *mut *mut gnomon_depth_net,
) -> gnomon_status {
    guard("gnomon_depth_net_open", |_| {
        // SAFETY: the caller's place.
        unsafe { empty_place(out, "depth network") }?;
        // SAFETY: the caller's options and text, borrowed for this call.
        let (opening, path) = unsafe { (read_opening(options)?, read_path(&path)?) };
        let ready = opening.ready(path)?;
        let net = DepthNet::open(&ready.runtime, &ready.folder, ready.precision, &ready.session)?;
        let told = Told::of(&ready, net.session(), false, net.expect_metric().is_ok())?;
        let handle = Box::new(gnomon_depth_net { poison: Poison::default(), net: Arc::new(net), told });
        // SAFETY: checked by empty_place.
        unsafe { out.write_unaligned(Box::into_raw(handle)) };
        DONE
    })
}

/// Frees a depth network and every view into it; no other call on it may be running. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_depth_net_free(net: *mut gnomon_depth_net) {
    release(|| {
        if !net.is_null() {
            // SAFETY: came from gnomon_depth_net_open, freed once, by the header's word.
            drop(unsafe { Box::from_raw(net) });
        }
    })
}

/// Writes what the network is and what really runs it to out, set up with GNOMON_INIT.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_depth_net_info(
    net: *const gnomon_depth_net,
    out: *mut gnomon_network_facts,
) -> gnomon_status {
    guard("gnomon_depth_net_info", |call| {
        // SAFETY: the caller's handle and place.
        unsafe { call.handle(net)?.told.write(out) }
    })
}

/// Estimates the depth of a picture of any format of colour, at its size. intrinsics are the picture's, or NULL where they
/// are not known: some networks then find a camera themselves, some give no metres, some refuse. run may be NULL. Fails
/// with GNOMON_E_CANCELLED if run stopped it, _MODEL if the network gives no depth at all. Free the map with
/// gnomon_depth_map_free.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_depth_net_estimate(
    net: *const gnomon_depth_net,
    image: *const gnomon_image,
    intrinsics: *const gnomon_intrinsics,
    run: *const gnomon_run_options,
    out: *mut *mut gnomon_depth_map,
) -> gnomon_status {
    guard("gnomon_depth_net_estimate", |call| {
        // SAFETY: the caller's place.
        unsafe { empty_place(out, "depth map") }?;
        // SAFETY: the caller's picture and options, borrowed for this call.
        let (picture, control) = unsafe { (read_picture(image)?, read_control(run)?) };
        // SAFETY: NULL or a readable camera, by the header's word; read as bytes, so alignment does not matter.
        let camera = (!intrinsics.is_null()).then(|| unsafe { intrinsics.read_unaligned() });
        let camera = camera.map(|camera| camera.read("intrinsics")).transpose()?;
        // SAFETY: the caller's handle.
        let net = &unsafe { call.handle(net) }?.net;
        let estimate = net.estimate(&picture, camera.as_ref(), &control)?;
        let without_sky = estimate.sky.is_some().then(|| estimate.clone().without_sky());
        let remarks = Remarks(estimate.remarks.iter().map(|text| gnomon_str::of(text)).collect());
        let handle = Box::new(gnomon_depth_map { poison: Poison::default(), estimate, without_sky, remarks });
        // SAFETY: checked by empty_place.
        unsafe { out.write_unaligned(Box::into_raw(handle)) };
        DONE
    })
}

/// Writes the map's numbers, and what they mean, to out, set up with GNOMON_INIT.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_depth_map_info(
    map: *const gnomon_depth_map,
    out: *mut gnomon_depth_facts,
) -> gnomon_status {
    guard("gnomon_depth_map_info", |call| {
        // SAFETY: the caller's handle.
        let map = unsafe { call.handle(map) }?;
        // SAFETY: the caller's place, set up with GNOMON_INIT.
        let place = unsafe { growth::place(out) }?.ok_or_else(|| Fault::argument("place for the facts is NULL"))?;
        // SAFETY: checked above.
        unsafe { place.write(&gnomon_depth_facts::of(map)) };
        DONE
    })
}

/// Writes the map to out as gnomon_frame.depth takes it: GNOMON_PIXEL_DEPTH_F32_M, nothing in the sky. Its data live as
/// long as the map. Fails with GNOMON_E_UNSUPPORTED for depth that is not metres, and tells what would be.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_depth_map_image(map: *const gnomon_depth_map, out: *mut gnomon_image) -> gnomon_status {
    guard("gnomon_depth_map_image", |call| {
        // SAFETY: the caller's handle.
        let map = unsafe { call.handle(map) }?;
        if out.is_null() {
            return Err(Fault::argument("place for the image is NULL"));
        }
        let image = metres_image(map.without_sky.as_ref().unwrap_or(&map.estimate).metric()?);
        // SAFETY: not NULL, writable by the header's word.
        unsafe { out.write_unaligned(image) };
        DONE
    })
}

/// Frees a depth map and every view into it. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_depth_map_free(map: *mut gnomon_depth_map) {
    release(|| {
        if !map.is_null() {
            // SAFETY: came from gnomon_depth_net_estimate, freed once, by the header's word.
            drop(unsafe { Box::from_raw(map) });
        }
    })
}
