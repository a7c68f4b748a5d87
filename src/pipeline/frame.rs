//! Frames that outlive the call: bytes that stay their owner's, or copies in buffers used again.

use super::pool::Pooled;
use crate::error::{Error, Result};
use crate::frame::{DepthCamera, DepthFormat, Frame, ImageView, Intrinsics, MetricZ, PixelFormat, Pose};
use crate::lift::{Detection, MAX_DETECTIONS, OwnedDetection};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What gives a frame's buffers back: runs once, when it is dropped, on any thread. A panic in it is caught and logged.
#[derive(Default)]
pub struct Release(Option<Box<dyn FnOnce() + Send>>);

impl Release {
    /// Runs `release` when the frame has ended.
    pub fn new(release: impl FnOnce() + Send + 'static) -> Self {
        Self(Some(Box::new(release)))
    }
}

impl std::fmt::Debug for Release {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Release({})", if self.0.is_some() { "to run" } else { "none" })
    }
}

impl Drop for Release {
    fn drop(&mut self) {
        let Some(release) = self.0.take() else { return };
        if let Err(payload) = catch_unwind(AssertUnwindSafe(release)) {
            log::error!("the release of a frame panicked");
            // Dropping it could panic again.
            std::mem::forget(payload);
        }
    }
}

/// Bytes of an image, wherever they lie.
pub struct Bytes(Held);

enum Held {
    Owner(Box<dyn AsRef<[u8]> + Send + Sync>),
    Pooled(Pooled),
}

impl Bytes {
    /// Bytes that stay where `owner` has them; the owner is dropped when the frame has ended.
    pub fn of(owner: impl AsRef<[u8]> + Send + Sync + 'static) -> Self {
        Self(Held::Owner(Box::new(owner)))
    }

    pub(super) fn pooled(bytes: Pooled) -> Self {
        Self(Held::Pooled(bytes))
    }

    fn as_slice(&self) -> &[u8] {
        match &self.0 {
            Held::Owner(owner) => (**owner).as_ref(),
            Held::Pooled(bytes) => bytes.as_slice(),
        }
    }
}

impl std::fmt::Debug for Bytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (kind, len) = match &self.0 {
            Held::Owner(_) => ("an owner's", self.as_slice().len()),
            Held::Pooled(bytes) => ("pooled", bytes.as_slice().len()),
        };
        write!(f, "Bytes({len}, {kind})")
    }
}

/// A colour image that a frame holds.
#[derive(Debug)]
pub struct Picture(Image<ImageView<'static>, PixelFormat>);

/// A depth image that a frame holds.
#[derive(Debug)]
pub struct DepthPicture(Image<MetricZ<'static>, DepthFormat>);

#[derive(Debug)]
enum Image<View, Format> {
    Lent(View),
    Held { bytes: Bytes, width: u32, height: u32, stride: usize, format: Format },
}

impl Picture {
    /// As [`ImageView::new`], and refused as there.
    pub fn new(bytes: Bytes, width: u32, height: u32, stride: usize, format: PixelFormat) -> Result<Self> {
        let picture = Self(Image::Held { bytes, width, height, stride, format });
        picture.view()?;
        Ok(picture)
    }

    /// One whose bytes stay for ever, or until the frame's [`Release`] has run.
    pub fn lent(view: ImageView<'static>) -> Self {
        Self(Image::Lent(view))
    }

    /// Borrows it.
    pub fn view(&self) -> Result<ImageView<'_>> {
        match &self.0 {
            Image::Lent(view) => Ok(*view),
            Image::Held { bytes, width, height, stride, format } => {
                ImageView::new(bytes.as_slice(), *width, *height, *stride, *format)
            }
        }
    }
}

impl DepthPicture {
    /// As [`MetricZ::new`], and refused as there.
    pub fn new(bytes: Bytes, width: u32, height: u32, stride: usize, format: DepthFormat) -> Result<Self> {
        let picture = Self(Image::Held { bytes, width, height, stride, format });
        picture.view()?;
        Ok(picture)
    }

    /// One whose bytes stay for ever, or until the frame's [`Release`] has run.
    pub fn lent(view: MetricZ<'static>) -> Self {
        Self(Image::Lent(view))
    }

    /// Borrows it.
    pub fn view(&self) -> Result<MetricZ<'_>> {
        match &self.0 {
            Image::Lent(view) => Ok(*view),
            Image::Held { bytes, width, height, stride, format } => {
                MetricZ::new(bytes.as_slice(), *width, *height, *stride, *format)
            }
        }
    }
}

/// Detections that a frame holds.
#[derive(Debug)]
pub enum Detections {
    /// They own what they say.
    Own(Vec<OwnedDetection>),
    /// What they say stays its owner's until the frame's [`Release`] has run.
    Lent(Vec<Detection<'static>>),
}

impl Detections {
    pub(super) fn views(&self) -> Result<Vec<Detection<'_>>> {
        match self {
            Self::Own(own) => own.iter().map(OwnedDetection::as_detection).collect(),
            Self::Lent(lent) => Ok(lent.clone()),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Own(own) => own.len(),
            Self::Lent(lent) => lent.len(),
        }
    }

    /// Refuses what no detector can mean, before the frame is taken.
    pub(super) fn check(&self) -> Result<()> {
        if self.len() > MAX_DETECTIONS {
            return Err(Error::argument(format!("{} detections, expected at most {MAX_DETECTIONS}", self.len())));
        }
        match self {
            Self::Own(own) => own.iter().try_for_each(|one| one.as_detection()?.check()),
            Self::Lent(lent) => lent.iter().try_for_each(Detection::check),
        }
    }
}

/// What one camera saw at one moment, to be pushed: what it lacks is found by stages or by stamp. Dropped once, whatever
/// becomes of it; its release runs last.
#[derive(Debug)]
pub struct LiveFrame {
    /// The picture.
    pub colour: Option<Picture>,
    /// Metric depth along the optical axis; without it the pipeline's depth network makes it from the picture.
    pub depth: Option<DepthPicture>,
    /// The colour camera: detections are given in its pixels.
    pub intrinsics: Intrinsics,
    /// The depth camera, when its image is not already registered to the colour image.
    pub depth_camera: Option<DepthCamera>,
    /// Camera coordinates to coordinates of the input's world; without it the frame waits for [`super::Pipeline::push_pose`].
    pub world_from_camera: Option<Pose>,
    /// When the picture was taken, nanoseconds on the caller's clock.
    pub stamp_ns: i64,
    /// Which camera took it: stamps must rise per camera.
    pub camera_id: u32,
    /// What a detector found; `None` where none looked yet, which is not the same as that it found nothing.
    pub detections: Option<Detections>,
    /// Gives the buffers back.
    pub release: Release,
}

impl LiveFrame {
    /// The buffers of a frame, and `detections` in place of its own, as they lie until `release` is called.
    pub fn lent(frame: BorrowedFrame<'static>, detections: Option<Vec<Detection<'static>>>, release: Release) -> Self {
        Self {
            colour: frame.colour.map(Picture::lent),
            depth: frame.depth.map(DepthPicture::lent),
            intrinsics: frame.intrinsics,
            depth_camera: frame.depth_camera,
            world_from_camera: frame.world_from_camera,
            stamp_ns: frame.stamp_ns,
            camera_id: frame.camera_id,
            detections: detections.map(Detections::Lent),
            release,
        }
    }

    pub(super) fn check(&self) -> Result<()> {
        self.intrinsics.check()?;
        self.detections.as_ref().map_or(Ok(()), Detections::check)
    }
}

/// A frame whose buffers are borrowed for the call, to be copied.
#[derive(Debug, Clone, Copy)]
pub struct BorrowedFrame<'a> {
    /// As [`LiveFrame::colour`].
    pub colour: Option<ImageView<'a>>,
    /// As [`LiveFrame::depth`].
    pub depth: Option<MetricZ<'a>>,
    /// As [`LiveFrame::intrinsics`].
    pub intrinsics: Intrinsics,
    /// As [`LiveFrame::depth_camera`].
    pub depth_camera: Option<DepthCamera>,
    /// As [`LiveFrame::world_from_camera`].
    pub world_from_camera: Option<Pose>,
    /// As [`LiveFrame::stamp_ns`].
    pub stamp_ns: i64,
    /// As [`LiveFrame::camera_id`].
    pub camera_id: u32,
    /// As [`LiveFrame::detections`].
    pub detections: Option<&'a [Detection<'a>]>,
}

impl<'a> From<Frame<'a>> for BorrowedFrame<'a> {
    fn from(frame: Frame<'a>) -> Self {
        Self {
            colour: frame.colour,
            depth: Some(frame.depth),
            intrinsics: frame.intrinsics,
            depth_camera: frame.depth_camera,
            world_from_camera: Some(frame.world_from_camera),
            stamp_ns: frame.stamp_ns,
            camera_id: frame.camera_id,
            detections: None,
        }
    }
}
