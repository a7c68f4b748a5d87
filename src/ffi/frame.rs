//! Frames and detections as they come from C, checked into the crate's own.

use super::growth::{self, Headed, growing};
use super::shapes::IDENTITY;
use super::status::*;
use super::text::{MAX_NAME_BYTES, gnomon_str, slice_of};
use crate::frame::{
    DepthCamera, DepthFormat, Distortion, Frame, ImageView, Intrinsics, MaskView, MetricZ, PixelFormat, Pose,
    pose_from_matrix,
};
use crate::lift::{Detection, MAX_DETECTIONS, MAX_FEATURE_LEN};
use crate::pipeline::BorrowedFrame;

/// The most bytes of one image.
const MAX_IMAGE_BYTES: usize = 1 << 32;

/// An image: rows of stride bytes, the last of which may end with its pixels. As many rows as height; of NV12 half as
/// many again, of chroma, follow at the same stride. Final: does not grow.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_image {
    /// The first pixel; borrowed for the call. Need not be aligned.
    pub data: *const u8,
    /// Bytes in data, at most 4 GiB; 0: no image.
    pub len: usize,
    /// Bytes from row to row; 0: rows follow each other closely.
    pub stride: usize,
    /// Pixels, 1 to 16384; even for YUYV, UYVY and NV12.
    pub width: u32,
    /// Pixels, 1 to 16384; even for NV12.
    pub height: u32,
    /// GNOMON_PIXEL_*.
    pub format: i32,
    /// 0.
    pub reserved: u32,
}

/// A camera; pixel centres are at integer (u, v). Coefficients that its model does not have are 0. Final: does not grow.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_intrinsics {
    /// Size of its images, pixels, 1 to 16384.
    pub width: u32,
    /// Size of its images, pixels, 1 to 16384.
    pub height: u32,
    /// GNOMON_LENS_*: what the coefficients mean. 0: plumb_bob.
    pub model: i32,
    /// 0.
    pub reserved: u32,
    /// Focal length along u, pixels.
    pub fx: f64,
    /// Focal length along v, pixels.
    pub fy: f64,
    /// Principal point, pixels from the centre of the leftmost pixel.
    pub cx: f64,
    /// Principal point, pixels from the centre of the topmost pixel.
    pub cy: f64,
    /// Radial distortion, r^2; of a fisheye, the angle to the third.
    pub k1: f64,
    /// Radial distortion, r^4; of a fisheye, the angle to the fifth.
    pub k2: f64,
    /// Tangential distortion.
    pub p1: f64,
    /// Tangential distortion.
    pub p2: f64,
    /// Radial distortion, r^6; of a fisheye, the angle to the seventh.
    pub k3: f64,
    /// Radial distortion, the divisor's r^2; of a fisheye, the angle to the ninth.
    pub k4: f64,
    /// Radial distortion, the divisor's r^4.
    pub k5: f64,
    /// Radial distortion, the divisor's r^6.
    pub k6: f64,
}

/// What one camera saw at one moment. Set up with GNOMON_INIT. Images are borrowed for the call.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_frame {
    /// Set by GNOMON_INIT.
    pub struct_size: u32,
    /// Set by GNOMON_INIT.
    pub abi_version: u32,
    /// When the picture was taken, nanoseconds on the caller's clock; rises per camera.
    pub stamp_ns: i64,
    /// Which camera took it.
    pub camera_id: u32,
    /// Metres per count of GNOMON_PIXEL_DEPTH_U16, above 0 and at most 1. Default 0.001: millimetres.
    pub depth_unit_m: f32,
    /// The colour camera: detections are given in its pixels.
    pub intrinsics: gnomon_intrinsics,
    /// Camera (x right, y down, z forward) to the input's world, metres; 4 x 4, row by row, last row 0 0 0 1.
    pub world_from_camera: [f64; 16],
    /// Depth along the optical axis: GNOMON_PIXEL_DEPTH_U16 (0 and 65535: none) or _F32_M (NaN, infinite, <= 0: none).
    pub depth: gnomon_image,
    /// The picture: GNOMON_PIXEL_RGB8 to _MONO16. With len 0: none.
    pub colour: gnomon_image,
    /// The depth camera where it is not the colour camera. Width 0: depth is registered to colour.
    pub depth_intrinsics: gnomon_intrinsics,
    /// Depth camera to colour camera, as world_from_camera; looked at only with depth_intrinsics.
    pub colour_from_depth: [f64; 16],
}

/// What a detector says of one thing in a frame. Set to zero before use; its size is an argument.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_detection {
    /// What the detector calls it: 1 byte to 64 KiB of UTF-8.
    pub label: gnomon_str,
    /// x0, y0, x1, y1 in pixels of the colour image, x1 and y1 exclusive. May reach over the border.
    pub bbox: [f32; 4],
    /// How sure the detector is, 0 to 1.
    pub score: f32,
    /// Column of the mask's first byte in the colour image.
    pub mask_x: u32,
    /// Row of the mask's first byte in the colour image.
    pub mask_y: u32,
    /// Width of the mask, pixels.
    pub mask_width: u32,
    /// Height of the mask, pixels.
    pub mask_height: u32,
    /// 0.
    pub reserved: u32,
    /// Bytes from row to row of the mask; 0: rows follow each other closely.
    pub mask_stride: usize,
    /// One byte a pixel, not 0 inside the thing.
    pub mask: *const u8,
    /// Bytes in mask, at most 4 GiB; 0: no mask, depth tells the thing from its background.
    pub mask_len: usize,
    /// The detector's feature of the thing, finite numbers.
    pub feature: *const f32,
    /// Numbers in feature, at most 65536; 0: no feature.
    pub feature_len: usize,
}

const NO_IMAGE: gnomon_image =
    gnomon_image { data: std::ptr::null(), len: 0, stride: 0, width: 0, height: 0, format: 0, reserved: 0 };

pub(super) const NO_CAMERA: gnomon_intrinsics = gnomon_intrinsics {
    width: 0,
    height: 0,
    model: 0,
    reserved: 0,
    fx: 0.0,
    fy: 0.0,
    cx: 0.0,
    cy: 0.0,
    k1: 0.0,
    k2: 0.0,
    p1: 0.0,
    p2: 0.0,
    k3: 0.0,
    k4: 0.0,
    k5: 0.0,
    k6: 0.0,
};

growing! {
    gnomon_frame 584;
    gnomon_detection 96;
}

// SAFETY: struct_size and abi_version come first.
unsafe impl Headed for gnomon_frame {
    fn defaults() -> Self {
        Self {
            struct_size: 0,
            abi_version: 0,
            stamp_ns: 0,
            camera_id: 0,
            depth_unit_m: 0.001,
            intrinsics: NO_CAMERA,
            world_from_camera: IDENTITY,
            depth: NO_IMAGE,
            colour: NO_IMAGE,
            depth_intrinsics: NO_CAMERA,
            colour_from_depth: IDENTITY,
        }
    }
}
pub(super) const NO_DETECTION: gnomon_detection = gnomon_detection {
    label: gnomon_str::of(""),
    bbox: [0.0; 4],
    score: 0.0,
    mask_x: 0,
    mask_y: 0,
    mask_width: 0,
    mask_height: 0,
    reserved: 0,
    mask_stride: 0,
    mask: std::ptr::null(),
    mask_len: 0,
    feature: std::ptr::null(),
    feature_len: 0,
};

/// Fills in the defaults of a frame; never writes past size. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_frame_init(frame: *mut gnomon_frame, size: usize) {
    // SAFETY: the caller's pointer and size.
    unsafe { growth::init(frame, size) }
}

fn within(what: &str) -> impl FnOnce(crate::Error) -> Fault {
    let what = what.to_string();
    move |error| error.within(what).into()
}

impl gnomon_intrinsics {
    /// The lens its model makes of its coefficients; those the model does not have must be 0.
    fn lens(&self) -> Result<Distortion, Fault> {
        let Self { k1, k2, p1, p2, k3, k4, k5, k6, .. } = *self;
        let (lens, spare) = match self.model {
            GNOMON_LENS_PLUMB_BOB => (Distortion::plumb_bob([k1, k2, p1, p2, k3])?, [k4, k5, k6, 0.0]),
            GNOMON_LENS_RATIONAL_POLYNOMIAL => {
                (Distortion::rational_polynomial([k1, k2, p1, p2, k3, k4, k5, k6])?, [0.0; 4])
            }
            GNOMON_LENS_EQUIDISTANT => (Distortion::equidistant([k1, k2, k3, k4])?, [p1, p2, k5, k6]),
            other => {
                return Err(Fault::argument(format!(
                    "model is {other}, expected GNOMON_LENS_PLUMB_BOB, _RATIONAL_POLYNOMIAL or _EQUIDISTANT"
                )));
            }
        };
        if spare != [0.0; 4] {
            let names = lens.model().coefficient_names().join(", ");
            return Err(Fault::argument(format!(
                "a coefficient is given that {} does not have, expected {names} and 0 for the others",
                lens.model().word()
            )));
        }
        Ok(lens)
    }

    /// A camera without distortion.
    #[cfg(feature = "onnx")]
    pub(super) fn of_pinhole(camera: &Intrinsics) -> Self {
        let Intrinsics { width, height, fx, fy, cx, cy, .. } = *camera;
        Self { width, height, fx, fy, cx, cy, ..NO_CAMERA }
    }

    pub(super) fn read(&self, what: &str) -> Result<Intrinsics, Fault> {
        if self.reserved != 0 {
            return Err(Fault::argument(format!("{what}.reserved is {}, expected 0", self.reserved)));
        }
        let camera = Intrinsics {
            width: self.width,
            height: self.height,
            fx: self.fx,
            fy: self.fy,
            cx: self.cx,
            cy: self.cy,
            distortion: self.lens().map_err(|f| Fault::new(f.status, format!("{what}: {}", f.sentence)))?,
        };
        camera.check().map_err(within(what))?;
        Ok(camera)
    }
}

impl gnomon_image {
    /// # Safety
    /// `data` points to `len` bytes that stay readable for `'a`.
    unsafe fn bytes<'a>(&self, what: &str) -> Result<&'a [u8], Fault> {
        if self.reserved != 0 {
            return Err(Fault::argument(format!("{what}.reserved is {}, expected 0", self.reserved)));
        }
        // SAFETY: passed on to the caller.
        unsafe { slice_of(self.data, self.len, what, MAX_IMAGE_BYTES) }
    }

    unsafe fn read_colour<'a>(&self, what: &str) -> Result<Option<ImageView<'a>>, Fault> {
        if self.len == 0 {
            return Ok(None);
        }
        let format = match self.format {
            GNOMON_PIXEL_RGB8 => PixelFormat::Rgb8,
            GNOMON_PIXEL_BGR8 => PixelFormat::Bgr8,
            GNOMON_PIXEL_MONO8 => PixelFormat::Mono8,
            GNOMON_PIXEL_RGBA8 => PixelFormat::Rgba8,
            GNOMON_PIXEL_BGRA8 => PixelFormat::Bgra8,
            GNOMON_PIXEL_YUYV => PixelFormat::Yuyv,
            GNOMON_PIXEL_UYVY => PixelFormat::Uyvy,
            GNOMON_PIXEL_NV12 => PixelFormat::Nv12,
            GNOMON_PIXEL_MONO16 => PixelFormat::Mono16,
            other => {
                return Err(Fault::argument(format!(
                    "{what}.format is {other}, expected one of colour: GNOMON_PIXEL_RGB8 to GNOMON_PIXEL_MONO16"
                )));
            }
        };
        // SAFETY: passed on to the caller.
        let bytes = unsafe { self.bytes(what) }?;
        ImageView::new(bytes, self.width, self.height, self.stride, format).map(Some).map_err(within(what))
    }

    unsafe fn read_depth<'a>(&self, metres_per_unit: f32) -> Result<MetricZ<'a>, Fault> {
        let format = match self.format {
            GNOMON_PIXEL_DEPTH_U16 => DepthFormat::U16 { metres_per_unit },
            GNOMON_PIXEL_DEPTH_F32_M => DepthFormat::F32Metres,
            other => {
                return Err(Fault::argument(format!(
                    "depth.format is {other}, expected GNOMON_PIXEL_DEPTH_U16 or GNOMON_PIXEL_DEPTH_F32_M"
                )));
            }
        };
        // SAFETY: passed on to the caller.
        let bytes = unsafe { self.bytes("depth") }?;
        MetricZ::new(bytes, self.width, self.height, self.stride, format).map_err(within("depth"))
    }
}

/// The caller's picture, checked. Its pixels are borrowed.
///
/// # Safety
/// `image` is NULL or points to an image that stays readable for `'a`.
#[cfg(feature = "onnx")]
pub(super) unsafe fn read_picture<'a>(image: *const gnomon_image) -> Result<ImageView<'a>, Fault> {
    if image.is_null() {
        return Err(Fault::argument("image is NULL"));
    }
    // SAFETY: not NULL, readable by the caller's word; read as bytes, so alignment does not matter.
    let image = unsafe { image.read_unaligned() };
    // SAFETY: passed on to the caller.
    let picture = unsafe { image.read_colour("image") }?;
    picture.ok_or_else(|| Fault::argument("image has length 0, expected a picture"))
}

/// The caller's pictures, checked: 1 to `most`. Their pixels are borrowed.
///
/// # Safety
/// `images` is NULL or points to `n` images, where `n` is at most `most`, that stay readable for `'a`.
#[cfg(feature = "onnx")]
pub(super) unsafe fn read_pictures<'a>(
    images: *const gnomon_image,
    n: usize,
    most: usize,
) -> Result<Vec<ImageView<'a>>, Fault> {
    if !(1..=most).contains(&n) {
        return Err(Fault::argument(format!("{n} images, expected 1 to {most}")));
    }
    if images.is_null() {
        return Err(Fault::argument(format!("images is NULL with length {n}")));
    }
    let read = |at: usize| {
        let what = format!("images[{at}]");
        // SAFETY: below n; read as bytes, so alignment does not matter.
        let image = unsafe { images.add(at).read_unaligned() };
        // SAFETY: passed on to the caller.
        let picture = unsafe { image.read_colour(&what) }?;
        picture.ok_or_else(|| Fault::argument(format!("{what} has length 0, expected a picture")))
    };
    (0..n).map(read).collect()
}

pub(super) fn read_pose(matrix: &[f64; 16], what: &str) -> Result<Pose, Fault> {
    pose_from_matrix(matrix).map_err(within(what))
}

/// The caller's frame, checked. Images are borrowed.
///
/// # Safety
/// `frame` is NULL or points to a frame whose images stay readable for `'a`.
pub(super) unsafe fn read_frame<'a>(frame: *const gnomon_frame) -> Result<Frame<'a>, Fault> {
    // SAFETY: passed on to the caller.
    let frame = unsafe { growth::read(frame) }?;
    // SAFETY: passed on to the caller.
    let (depth, colour) = unsafe { (frame.depth.read_depth(frame.check_unit()?), frame.colour.read_colour("colour")) };
    Ok(Frame {
        colour: colour?,
        depth: depth?,
        intrinsics: frame.intrinsics.read("intrinsics")?,
        depth_camera: frame.read_depth_camera()?,
        world_from_camera: read_pose(&frame.world_from_camera, "world_from_camera")?,
        stamp_ns: frame.stamp_ns,
        camera_id: frame.camera_id,
    })
}

/// The caller's frame for a pipeline, checked: without depth where its length is 0, without a pose where it has none.
///
/// # Safety
/// As [`read_frame`].
pub(super) unsafe fn read_live_frame<'a>(
    frame: *const gnomon_frame,
    has_pose: bool,
) -> Result<BorrowedFrame<'a>, Fault> {
    // SAFETY: passed on to the caller.
    let frame = unsafe { growth::read(frame) }?;
    let unit = frame.check_unit()?;
    // SAFETY: passed on to the caller.
    let depth = (frame.depth.len > 0).then(|| unsafe { frame.depth.read_depth(unit) });
    let pose = has_pose.then(|| read_pose(&frame.world_from_camera, "world_from_camera"));
    Ok(BorrowedFrame {
        // SAFETY: passed on to the caller.
        colour: unsafe { frame.colour.read_colour("colour") }?,
        depth: depth.transpose()?,
        intrinsics: frame.intrinsics.read("intrinsics")?,
        depth_camera: frame.read_depth_camera()?,
        world_from_camera: pose.transpose()?,
        stamp_ns: frame.stamp_ns,
        camera_id: frame.camera_id,
        detections: None,
    })
}

impl gnomon_frame {
    fn check_unit(&self) -> Result<f32, Fault> {
        let unit = self.depth_unit_m;
        if !(unit > 0.0 && unit <= 1.0) {
            return Err(Fault::argument(format!("depth_unit_m is {unit}, expected above 0 and at most 1")));
        }
        Ok(unit)
    }

    fn read_depth_camera(&self) -> Result<Option<DepthCamera>, Fault> {
        Ok(match self.depth_intrinsics.width {
            0 => None,
            _ => Some(DepthCamera {
                intrinsics: self.depth_intrinsics.read("depth_intrinsics")?,
                colour_from_depth: read_pose(&self.colour_from_depth, "colour_from_depth")?,
            }),
        })
    }
}

/// The caller's detections, checked. Texts, masks and features are borrowed.
///
/// # Safety
/// `first` is NULL or points to `n` detections of `element_size` bytes, whose parts stay readable for `'a`.
pub(super) unsafe fn read_detections<'a>(
    first: *const gnomon_detection,
    element_size: usize,
    n: usize,
) -> Result<Vec<Detection<'a>>, Fault> {
    // SAFETY: passed on to the caller.
    let raw = unsafe { growth::read_array(first, element_size, n, MAX_DETECTIONS, NO_DETECTION) }?;
    let one = |(i, raw): (usize, &gnomon_detection)| {
        // SAFETY: passed on to the caller.
        unsafe { raw.read() }.map_err(|f| Fault::new(f.status, format!("detection {i}: {}", f.sentence)))
    };
    raw.iter().enumerate().map(one).collect()
}

impl gnomon_detection {
    unsafe fn read<'a>(&self) -> Result<Detection<'a>, Fault> {
        if self.reserved != 0 {
            return Err(Fault::argument(format!("reserved is {}, expected 0", self.reserved)));
        }
        // SAFETY: passed on to the caller.
        let mask = unsafe { slice_of(self.mask, self.mask_len, "mask", MAX_IMAGE_BYTES) }?;
        // SAFETY: passed on to the caller.
        let feature = unsafe { slice_of(self.feature, self.feature_len, "feature", MAX_FEATURE_LEN) }?;
        let mask = match mask {
            [] => None,
            bytes => Some(MaskView::new(
                bytes,
                self.mask_x,
                self.mask_y,
                self.mask_width,
                self.mask_height,
                self.mask_stride,
            )?),
        };
        let detection = Detection {
            // SAFETY: passed on to the caller.
            label: unsafe { self.label.read("label", MAX_NAME_BYTES) }?,
            score: self.score,
            bbox: self.bbox,
            mask,
            feature: (!feature.is_empty()).then_some(feature),
        };
        detection.check()?;
        Ok(detection)
    }
}
