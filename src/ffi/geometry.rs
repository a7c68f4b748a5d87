//! Networks that look at many pictures at once: depth, points, cameras and poses come out, picture by picture.

use super::depth::{meaning_of, metres_image};
use super::frame::{gnomon_image, gnomon_intrinsics, read_pictures};
use super::growth::{self, growing};
use super::guard::{DONE, Handle, Poison, guard, release};
use super::network::{
    Told, gnomon_network_facts, gnomon_network_options, gnomon_run_options, read_control, read_opening, read_path,
};
use super::scene::empty_place;
use super::shapes::rows_of;
use super::status::*;
use super::text::gnomon_str;
use crate::depth::{GeometryNet, View};

/// A network of many pictures that is loaded. Any thread, any number at a time: calls are served one after another, first
/// come first served. Depends on no other handle.
pub struct gnomon_geometry_net {
    poison: Poison,
    net: GeometryNet,
    told: Told,
}

/// What a network says of pictures that it saw together. Never changes; any thread, any number at a time. Outlives its
/// network.
pub struct gnomon_views {
    poison: Poison,
    views: Vec<View>,
}

impl Handle for gnomon_geometry_net {
    const NAME: &'static str = "geometry network";
    fn poison(&self) -> &Poison {
        &self.poison
    }
}

impl Handle for gnomon_views {
    const NAME: &'static str = "views";
    fn poison(&self) -> &Poison {
        &self.poison
    }
}

const _: () = {
    const fn any_thread<T: Send + Sync>() {}
    any_thread::<gnomon_geometry_net>();
    any_thread::<gnomon_views>();
};

/// What a network says of one of the pictures. Its size is an argument. Numbers lie row after row, and live as long as the
/// views.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_view {
    /// GNOMON_DEPTH_*: what values are. All views share the factor.
    pub meaning: i32,
    /// Pixels, as the picture's.
    pub width: u32,
    /// Pixels, as the picture's.
    pub height: u32,
    /// 0.
    pub reserved: u32,
    /// One number a pixel; 0: none there.
    pub values: *const f32,
    /// How sure the network is of each pixel, in its own measure, more being surer; or NULL.
    pub confidence: *const f32,
    /// x, y, z of each pixel's point in the network's world, in units of values; NaN: none there; or NULL.
    pub points: *const f32,
    /// How sure it is of each point; or NULL.
    pub points_confidence: *const f32,
    /// How many pixels: width * height.
    pub pixels: usize,
    /// The camera that the network believes to see through, at the picture's size.
    pub intrinsics: gnomon_intrinsics,
    /// Camera to the network's world, which is about the first camera's; 4 x 4, row by row, the translation in units of
    /// values. Which way is up, the network does not say.
    pub world_from_camera: [f64; 16],
}

growing! {
    gnomon_view 296;
}

impl gnomon_view {
    fn of(view: &View) -> Self {
        let (map, none) = (view.depth.map(), std::ptr::null());
        Self {
            meaning: meaning_of(&view.depth),
            width: map.width() as u32,
            height: map.height() as u32,
            reserved: 0,
            values: map.values().as_ptr(),
            confidence: view.confidence.as_ref().map_or(none, |map| map.values().as_ptr()),
            points: view.points_in_world.as_ref().map_or(none, |points| points.as_flattened().as_ptr()),
            points_confidence: view.points_confidence.as_ref().map_or(none, |map| map.values().as_ptr()),
            pixels: map.values().len(),
            intrinsics: gnomon_intrinsics::of_pinhole(&view.intrinsics),
            world_from_camera: rows_of(&view.world_from_camera),
        }
    }
}

/// Loads the network of many pictures of a model folder, or of an .onnx file whose family options name (depth_anything_3,
/// vggt); options may be NULL. Fails as gnomon_detector_open does, with GNOMON_E_UNSUPPORTED for a network of other
/// families, with _MODEL for a graph that gives no cameras. Free it with gnomon_geometry_net_free.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_geometry_net_open(
    path: gnomon_str,
    options: *const gnomon_network_options,
    out: *mut *mut gnomon_geometry_net,
) -> gnomon_status {
    guard("gnomon_geometry_net_open", |_| {
        // SAFETY: the caller's place.
        unsafe { empty_place(out, "geometry network") }?;
        // SAFETY: the caller's options and text, borrowed for this call.
        let (opening, path) = unsafe { (read_opening(options)?, read_path(&path)?) };
        let ready = opening.ready(path)?;
        let net = GeometryNet::open(&ready.runtime, &ready.folder, ready.precision, &ready.session)?;
        let told = Told::of(&ready, net.session(), false, net.expect_metric().is_ok())?;
        let handle = Box::new(gnomon_geometry_net { poison: Poison::default(), net, told });
        // SAFETY: checked by empty_place.
        unsafe { out.write_unaligned(Box::into_raw(handle)) };
        DONE
    })
}

/// Frees a network of many pictures and every view into it; no other call on it may be running. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_geometry_net_free(net: *mut gnomon_geometry_net) {
    release(|| {
        if !net.is_null() {
            // SAFETY: came from gnomon_geometry_net_open, freed once, by the header's word.
            drop(unsafe { Box::from_raw(net) });
        }
    })
}

/// Writes what the network is and what really runs it to out, set up with GNOMON_INIT.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_geometry_net_info(
    net: *const gnomon_geometry_net,
    out: *mut gnomon_network_facts,
) -> gnomon_status {
    guard("gnomon_geometry_net_info", |call| {
        // SAFETY: the caller's handle and place.
        unsafe { call.handle(net)?.told.write(out) }
    })
}

/// Looks at n pictures of one place at once, 1 to 256 of any format of colour and any size, or as many as the graph takes:
/// one view for each comes out, in order. run may be NULL. Fails with GNOMON_E_CANCELLED if run stopped it, _MODEL for
/// depth, cameras and poses that cannot be. Free the views with gnomon_views_free.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_geometry_net_estimate(
    net: *const gnomon_geometry_net,
    images: *const gnomon_image,
    n: usize,
    run: *const gnomon_run_options,
    out: *mut *mut gnomon_views,
) -> gnomon_status {
    guard("gnomon_geometry_net_estimate", |call| {
        // SAFETY: the caller's place.
        unsafe { empty_place(out, "views") }?;
        // SAFETY: the caller's pictures and options, borrowed for this call.
        let (pictures, control) = unsafe { (read_pictures(images, n, GeometryNet::MAX_PICTURES)?, read_control(run)?) };
        // SAFETY: the caller's handle.
        let views = unsafe { call.handle(net) }?.net.estimate(&pictures, &control)?;
        let handle = Box::new(gnomon_views { poison: Poison::default(), views });
        // SAFETY: checked by empty_place.
        unsafe { out.write_unaligned(Box::into_raw(handle)) };
        DONE
    })
}

/// The views, in the order of their pictures. out, view_size and n as in gnomon_snapshot_objects.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_views_list(
    views: *const gnomon_views,
    out: *mut gnomon_view,
    view_size: usize,
    n: *mut usize,
) -> gnomon_status {
    guard("gnomon_views_list", |call| {
        // SAFETY: the caller's handle.
        let views = &unsafe { call.handle(views) }?.views;
        // SAFETY: the caller's room.
        unsafe { growth::fill(views.iter().map(gnomon_view::of), out, view_size, n) }?;
        DONE
    })
}

/// Writes the depth of view at (from 0) to out as gnomon_frame.depth takes it: GNOMON_PIXEL_DEPTH_F32_M. Its data live as
/// long as the views. Fails with GNOMON_E_UNSUPPORTED for depth that is not metres, _ARGUMENT for a view that is not there.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_views_image(
    views: *const gnomon_views,
    at: usize,
    out: *mut gnomon_image,
) -> gnomon_status {
    guard("gnomon_views_image", |call| {
        // SAFETY: the caller's handle.
        let views = &unsafe { call.handle(views) }?.views;
        if out.is_null() {
            return Err(Fault::argument("place for the image is NULL"));
        }
        let there = views.len();
        let missing = || Fault::argument(format!("view {at} of {there}, expected one below that"));
        let image = metres_image(views.get(at).ok_or_else(missing)?.depth.metric()?);
        // SAFETY: not NULL, writable by the header's word.
        unsafe { out.write_unaligned(image) };
        DONE
    })
}

/// Frees views and every view into them. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_views_free(views: *mut gnomon_views) {
    release(|| {
        if !views.is_null() {
            // SAFETY: came from gnomon_geometry_net_estimate, freed once, by the header's word.
            drop(unsafe { Box::from_raw(views) });
        }
    })
}
