//! Boxes and points that a model's words name in a picture: in the picture's own pixels, and lifted to the world.

use super::frame::{gnomon_frame, read_frame};
use super::growth::{self, growing};
use super::guard::{DONE, Handle, Poison, guard, release};
use super::question::coded;
use super::scene::empty_place;
use super::shapes::gnomon_box;
use super::status::*;
use super::text::{MAX_LONG_TEXT_BYTES, gnomon_str};
use super::triplets::{fill_rejected, gnomon_rejected};
use crate::prepare::Fit;
use crate::vlm::grounding::{Convention, Grounded2d, GroundedText, Region, read};

/// What was read of a model's words about one picture. Never changes; any thread, any number at a time. Depends on no
/// other handle.
pub struct gnomon_grounding {
    poison: Poison,
    read: GroundedText,
    placed: Fit,
}

impl Handle for gnomon_grounding {
    const NAME: &'static str = "grounding";
    fn poison(&self) -> &Poison {
        &self.poison
    }
}

const _: () = {
    const fn any_thread<T: Send + Sync>() {}
    any_thread::<gnomon_grounding>();
};

/// Where a picture lies in what a model saw of it: the whole picture was resized, and its first pixel put at the offset of
/// the network's input. Pixels; sides 1 to 16384. Final: does not grow.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_fit {
    /// Size of the picture.
    pub from_width: u32,
    /// Size of the picture.
    pub from_height: u32,
    /// Size that it was resized to.
    pub scaled_width: u32,
    /// Size that it was resized to.
    pub scaled_height: u32,
    /// Column of the resized picture's first pixel in the input; negative where it is cropped.
    pub offset_x: i32,
    /// Row of the resized picture's first pixel in the input; negative where it is cropped.
    pub offset_y: i32,
    /// Size of the network's input.
    pub network_width: u32,
    /// Size of the network's input.
    pub network_height: u32,
}

/// Something that a model says is in a picture.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_grounded {
    /// What it is called; empty where the words do not say. Lives as long as the grounding.
    pub label: gnomon_str,
    /// Pixels of the picture, counted from its edges: pixel u covers u to u + 1. Of a box left, top, right, bottom, cut off
    /// where the picture ends; of a point x, y, 0, 0.
    pub region: [f64; 4],
    /// GNOMON_REGION_*.
    pub kind: i32,
    /// 0.
    pub reserved: u32,
}

growing! {
    gnomon_grounded 56;
}

impl gnomon_fit {
    pub(super) fn of(fit: &Fit) -> Self {
        let (from, scaled, offset, network) = (fit.from(), fit.scaled(), fit.offset(), fit.network());
        // Sides are bounded to 16384, and an offset beyond the sides leaves nothing of the picture.
        Self {
            from_width: from.0 as u32,
            from_height: from.1 as u32,
            scaled_width: scaled.0 as u32,
            scaled_height: scaled.1 as u32,
            offset_x: offset.0 as i32,
            offset_y: offset.1 as i32,
            network_width: network.0 as u32,
            network_height: network.1 as u32,
        }
    }

    fn read(&self) -> Result<Fit, Fault> {
        let size = |width: u32, height: u32| (width as usize, height as usize);
        Ok(Fit::of(
            size(self.from_width, self.from_height),
            size(self.scaled_width, self.scaled_height),
            (self.offset_x.into(), self.offset_y.into()),
            size(self.network_width, self.network_height),
        )?)
    }
}

impl gnomon_grounded {
    fn of(found: &Grounded2d) -> Self {
        let (kind, region) = match found.region {
            Region::Box(edges) => (GNOMON_REGION_BOX, edges),
            Region::Point([x, y]) => (GNOMON_REGION_POINT, [x, y, 0.0, 0.0]),
        };
        Self { label: gnomon_str::of(&found.label), region, kind, reserved: 0 }
    }
}

const CONVENTIONS: [Convention; 6] = [
    Convention::ThousandthTags,
    Convention::PixelJson,
    Convention::ThousandthJson,
    Convention::Shares,
    Convention::PercentTags,
    Convention::LocTags,
];

/// Reads all places of a model's words about one picture, and takes them back to the picture's own pixels. fit says where
/// the picture lies in what the model saw: gnomon_job_fit tells it of a reply; of another model's words that are in shares,
/// thousandths or percent of a whole picture, all sizes are the picture's. convention is GNOMON_CONVENTION_*, how the
/// family writes places:
///
/// - _THOUSANDTH_TAGS: Qwen2-VL's `<|box_start|>(x1,y1),(x2,y2)<|box_end|>`, thousandths of the sides, with or without tags;
/// - _PIXEL_JSON: Qwen2.5-VL's `{"bbox_2d":[x1,y1,x2,y2],"label":"chair"}` or `"point_2d":[x,y]`, pixels of what it saw;
/// - _THOUSANDTH_JSON: Qwen3-VL's, the same in thousandths of the sides;
/// - _SHARES: the same in shares of the sides, or bare lists, as LLaVA writes;
/// - _PERCENT_TAGS: Molmo's `<point x="10.5" y="20.0" alt="chair">`, percent of the sides;
/// - _LOC_TAGS: PaliGemma's `<loc0123><loc0456><loc0789><loc1000> chair`, 1024ths of the sides.
///
/// What cannot be meant is left out, and gnomon_grounding_rejected tells why. A text of which nothing can be read is
/// GNOMON_OK with no places. Free it with gnomon_grounding_free.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_grounding_read(
    text: gnomon_str,
    convention: i32,
    fit: *const gnomon_fit,
    out: *mut *mut gnomon_grounding,
) -> gnomon_status {
    guard("gnomon_grounding_read", |_| {
        // SAFETY: the caller's place.
        unsafe { empty_place(out, "grounding") }?;
        // SAFETY: the caller's text, borrowed for this call.
        let text = unsafe { text.read("text", MAX_LONG_TEXT_BYTES) }?;
        let convention = coded(convention, &CONVENTIONS, "convention", "GNOMON_CONVENTION_*")?;
        if fit.is_null() {
            return Err(Fault::argument("fit is NULL"));
        }
        // SAFETY: not NULL; read as bytes, so alignment does not matter.
        let placed = unsafe { fit.read_unaligned() }.read()?;
        let read = read(text, convention, &placed)?;
        let handle = Box::new(gnomon_grounding { poison: Poison::default(), read, placed });
        // SAFETY: checked by empty_place.
        unsafe { out.write_unaligned(Box::into_raw(handle)) };
        DONE
    })
}

/// The places, in the order of the text, at most 4096. out, grounded_size and n as in gnomon_snapshot_objects.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_grounding_list(
    grounding: *const gnomon_grounding,
    out: *mut gnomon_grounded,
    grounded_size: usize,
    n: *mut usize,
) -> gnomon_status {
    guard("gnomon_grounding_list", |call| {
        // SAFETY: the caller's handle.
        let handle = unsafe { call.handle(grounding) }?;
        // SAFETY: the caller's room.
        unsafe { growth::fill(handle.read.found.iter().map(gnomon_grounded::of), out, grounded_size, n) }?;
        DONE
    })
}

/// What was left out, in the order of the text; the first 1000 of it. *in_all becomes how much it was; in_all may be NULL.
/// out, rejected_size and n as in gnomon_snapshot_objects.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_grounding_rejected(
    grounding: *const gnomon_grounding,
    out: *mut gnomon_rejected,
    rejected_size: usize,
    n: *mut usize,
    in_all: *mut usize,
) -> gnomon_status {
    guard("gnomon_grounding_rejected", |call| {
        // SAFETY: the caller's handle.
        let read = &unsafe { call.handle(grounding) }?.read;
        // SAFETY: the caller's room and place.
        unsafe { fill_rejected((&read.rejected, read.rejected_in_all), out, rejected_size, n, in_all) }
    })
}

/// Lifts one of the places, counted from 0 as gnomon_grounding_list tells them, through the depth of the same picture to an
/// upright box in the world that frame.world_from_camera leads to, which has Z up; metres. frame's intrinsics are those of
/// the picture. The box ends where the camera saw the thing end. Fails with GNOMON_E_STATE where there is too little depth
/// at the place.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_grounding_lift(
    grounding: *const gnomon_grounding,
    index: usize,
    frame: *const gnomon_frame,
    out: *mut gnomon_box,
) -> gnomon_status {
    guard("gnomon_grounding_lift", |call| {
        // SAFETY: the caller's frame, borrowed for this call.
        let frame = unsafe { read_frame(frame) }?;
        if out.is_null() {
            return Err(Fault::argument("place for the box is NULL"));
        }
        // SAFETY: the caller's handle.
        let handle = unsafe { call.handle(grounding) }?;
        let obb = handle.read.lift(index, &handle.placed, &frame)?.oriented();
        // SAFETY: not NULL, writable by the header's word.
        unsafe { out.write_unaligned(gnomon_box::of(&obb)) };
        DONE
    })
}

/// Frees a grounding and every view into it. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_grounding_free(grounding: *mut gnomon_grounding) {
    release(|| {
        if !grounding.is_null() {
            // SAFETY: came from gnomon_grounding_read, freed once, by the header's word.
            drop(unsafe { Box::from_raw(grounding) });
        }
    })
}
