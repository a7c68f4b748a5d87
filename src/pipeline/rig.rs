//! A camera that stands before a box before a wall, and stages that do as they are told.

use super::*;
use crate::error::{Error, Result};
use crate::frame::{DepthFormat, ImageView, Intrinsics, PixelFormat, Pose};
use crate::lift::{Detection, OwnedDetection};
use crate::scene::{Scene, SceneOptions};
use nalgebra::{Rotation3, Translation3, UnitQuaternion, Vector3};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

pub const HANG: Duration = Duration::from_secs(20);
pub const WIDTH: u32 = 80;
pub const HEIGHT: u32 = 60;
/// Nanoseconds from frame to frame.
pub const STEP_NS: i64 = 33_000_000;

/// Times that each frame was released.
#[derive(Clone, Default)]
pub struct Releases(pub Arc<parking_lot::Mutex<Vec<Arc<AtomicU32>>>>);

impl Releases {
    pub fn one(&self) -> Release {
        let count = Arc::new(AtomicU32::new(0));
        self.0.lock().push(count.clone());
        Release::new(move || {
            count.fetch_add(1, Ordering::SeqCst);
        })
    }

    /// Every frame so far, once.
    pub fn assert_once(&self) {
        for (at, count) in self.0.lock().iter().enumerate() {
            assert_eq!(count.load(Ordering::SeqCst), 1, "frame {at}");
        }
    }
}

pub fn camera() -> Intrinsics {
    Intrinsics::pinhole(WIDTH, HEIGHT, 60.0, 60.0, 39.5, 29.5).expect("a camera")
}

/// At 1.2 m, looking along x, z up.
pub fn pose() -> Pose {
    let rows = [Vector3::new(0.0, -1.0, 0.0), Vector3::new(0.0, 0.0, -1.0), Vector3::new(1.0, 0.0, 0.0)];
    let rotation = Rotation3::from_matrix_unchecked(nalgebra::Matrix3::from_columns(&rows));
    Pose::from_parts(Translation3::new(0.0, 0.0, 1.2), UnitQuaternion::from_rotation_matrix(&rotation))
}

/// A wall at 3 m, before it a box at 2 m.
pub fn metres() -> Vec<f32> {
    let at = |v: u32, u: u32| if (20..40).contains(&v) && (30..50).contains(&u) { 2.0 } else { 3.0 };
    (0..HEIGHT).flat_map(|v| (0..WIDTH).map(move |u| at(v, u))).collect()
}

pub fn depth_of(metres: &[f32]) -> DepthPicture {
    let bytes: Arc<[u8]> = bytemuck::cast_slice(metres).into();
    DepthPicture::new(Bytes::of(bytes), WIDTH, HEIGHT, 0, DepthFormat::F32Metres).expect("depth")
}

pub fn colour() -> Picture {
    static GREY: [u8; 3 * (WIDTH * HEIGHT) as usize] = [128; 3 * (WIDTH * HEIGHT) as usize];
    Picture::lent(ImageView::new(&GREY, WIDTH, HEIGHT, 0, PixelFormat::Rgb8).expect("a picture"))
}

pub fn the_box() -> OwnedDetection {
    OwnedDetection::of(&Detection {
        label: "box",
        score: 0.9,
        bbox: [30.0, 20.0, 50.0, 40.0],
        mask: None,
        feature: None,
    })
}

/// Frame `at`, with all that a frame can have.
pub fn frame(at: i64) -> LiveFrame {
    LiveFrame {
        colour: Some(colour()),
        depth: Some(depth_of(&metres())),
        intrinsics: camera(),
        depth_camera: None,
        world_from_camera: Some(pose()),
        stamp_ns: at * STEP_NS,
        camera_id: 0,
        detections: Some(Detections::Own(vec![the_box()])),
        release: Release::default(),
    }
}

/// Frame `at` without detections.
pub fn undetected(at: i64) -> LiveFrame {
    LiveFrame { detections: None, ..frame(at) }
}

/// Frame `at` without a pose.
pub fn unposed(at: i64) -> LiveFrame {
    LiveFrame { world_from_camera: None, ..frame(at) }
}

pub fn scene() -> Scene {
    Scene::new(SceneOptions::default()).expect("a scene")
}

/// Stalls are told after 40 ms.
pub fn options() -> PipelineOptions {
    PipelineOptions { stalled_after: Duration::from_millis(40), deadline: None, ..PipelineOptions::default() }
}

pub fn open(options: PipelineOptions, stages: Stages) -> Pipeline {
    Pipeline::open(scene(), options, stages).expect("a pipeline")
}

/// A detector that does what a closure says.
pub struct Does<F>(pub F);

impl<F: FnMut() -> Result<Vec<OwnedDetection>> + Send> Detect for Does<F> {
    fn detect(&mut self, _: &ImageView<'_>, _: &Turn<'_>, out: &mut Vec<OwnedDetection>) -> Result<()> {
        out.extend((self.0)()?);
        Ok(())
    }
}

impl<F: FnMut() -> Result<Vec<f32>> + Send> EstimateDepth for Does<F> {
    fn estimate(&mut self, _: &ImageView<'_>, _: &Intrinsics, _: &Turn<'_>, out: &mut MadeDepth) -> Result<()> {
        *out = MadeDepth { width: WIDTH, height: HEIGHT, metres: (self.0)()? };
        Ok(())
    }
}

pub fn detecting(does: impl FnMut() -> Result<Vec<OwnedDetection>> + Send + 'static) -> Stages {
    Stages { detect: Some(Box::new(Does(does))), ..Stages::default() }
}

pub fn estimating(does: impl FnMut() -> Result<Vec<f32>> + Send + 'static) -> Stages {
    Stages { depth: Some(Box::new(Does(does))), ..Stages::default() }
}

pub fn listening(listener: impl FnMut(&Published) + Send + 'static) -> Stages {
    Stages { listener: Some(Box::new(listener)), ..Stages::default() }
}

pub fn dead() -> Error {
    Error::new(crate::error::ErrorKind::Device, "the device fell off the bus")
}

/// Pushes frames one by one, each waited for.
pub fn push_all(pipeline: &Pipeline, frames: impl Iterator<Item = LiveFrame>) {
    for frame in frames {
        pipeline.push(frame).expect("open");
        assert!(pipeline.settle(HANG), "hangs");
    }
}

/// Waits until it is so.
pub fn until(mut is_so: impl FnMut() -> bool) {
    let begun = std::time::Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < HANG, "never came");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Pushed = published + dropped + under way, and nothing is under way.
pub fn assert_balanced(pipeline: &Pipeline) -> PipelineStatistics {
    let statistics = pipeline.statistics();
    assert_eq!(statistics.under_way, 0);
    assert_eq!(statistics.pushed, statistics.published + statistics.dropped.sum(), "{statistics:?}");
    statistics
}
