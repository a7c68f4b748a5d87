//! The words everything else speaks in: images, metric depth, cameras, poses, stamps, and which way is up.
//!
//! A [`Frame`] is what one camera saw at one moment. Its images are borrowed for the call and nothing is copied that
//! need not be. Camera coordinates are OpenCV's (x right, y down, z forward, metres), pixel centres are at integer
//! (u, v), a pose is `world_from_camera`, and the input's world may have any axis up: [`Up`] says which.
//!
//! Everything from outside is bounded here before use: sizes, strides, focal lengths, rotations, stamps.
//! Not here: what is done with a frame (`lift`, `perceive`, `scene`).

mod clock;
mod colour;
mod depth;
mod distortion;
mod image;
mod intrinsics;
mod mask;
mod noise;
mod pose;
mod register;
mod up;

pub use self::image::{ImageView, PixelFormat};
pub use clock::{Clock, MAX_DISORDER_NS};
pub use depth::{DepthFormat, MAX_DEPTH_M, MetricZ};
pub use distortion::{Distortion, DistortionModel, MAX_SLOPE};
pub use intrinsics::Intrinsics;
pub use mask::{Mask, MaskView, decode_coco_rle};
pub use noise::DepthNoise;
pub use pose::{MAX_COORDINATE_M, Pose, pose_from_matrix, pose_from_parts};
pub use register::{DepthCamera, DepthGrid, Registrar};
pub use up::Up;
pub(crate) use up::rotation_to_z;

/// The largest width or height of any image, pixels.
pub const MAX_SIDE_PX: u32 = 16_384;

/// What one camera saw at one moment.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    /// The picture, if the caller has it at hand. The geometry does not look at its colours.
    pub colour: Option<ImageView<'a>>,
    /// Depth along the optical axis, metric.
    pub depth: MetricZ<'a>,
    /// The colour camera: detections are given in its pixels.
    pub intrinsics: Intrinsics,
    /// The depth camera, when its image is not already registered to the colour image.
    pub depth_camera: Option<DepthCamera>,
    /// Camera coordinates to coordinates of the input's world.
    pub world_from_camera: Pose,
    /// When the picture was taken, nanoseconds on the caller's clock.
    pub stamp_ns: i64,
    /// Which camera took it: stamps must rise per camera.
    pub camera_id: u32,
}

impl<'a> Frame<'a> {
    /// Depth alone, in the pixels of the camera of `intrinsics`: no picture, stamp 0, camera 0.
    pub fn of_depth(depth: MetricZ<'a>, intrinsics: Intrinsics, world_from_camera: Pose) -> Self {
        Self { colour: None, depth, intrinsics, depth_camera: None, world_from_camera, stamp_ns: 0, camera_id: 0 }
    }
}
