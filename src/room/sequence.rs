//! A walk through a room, frame by frame.

use nalgebra::Isometry3;

use super::camera::RoomCamera;
use super::detect::{RoomDetection, detect};
use super::layout::Room;
use super::noise::degrade;
use super::path::LAP_FRAMES;
use super::render::Rendered;

/// Nanoseconds from frame to frame.
pub const FRAME_NS: i64 = 33_333_333;
/// Pixels an object must show for a frame to count as a good view of it.
pub const COUNTED_PX: u32 = 400;
/// Good views an object must have had for an evaluation to ask for it.
pub const COUNTED_FRAMES: u32 = 5;

/// How to walk a room.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RoomOptions {
    /// Seed of the noise; the room and its path have their own.
    pub seed: u64,
    /// Number of frames; 120 make a lap.
    pub frames: usize,
    /// Whether [`RoomSequence::frame`] degrades what it renders.
    pub noisy: bool,
    /// The camera.
    pub camera: RoomCamera,
}

impl Default for RoomOptions {
    fn default() -> Self {
        Self { seed: 0, frames: LAP_FRAMES, noisy: false, camera: RoomCamera::default() }
    }
}

/// One posed frame with its truth. Images are row-major and of the camera's size.
#[derive(Clone, Debug)]
pub struct RoomFrame {
    /// The camera it was taken with.
    pub camera: RoomCamera,
    /// Three bytes a pixel.
    pub rgb: Vec<u8>,
    /// Depth along the camera's z, metres; NaN where there is none.
    pub depth_m: Vec<f32>,
    /// 0 for floor, walls and ceiling; else the object's index + 1. True even in a degraded frame.
    pub ids: Vec<u16>,
    /// Cosine between the ray back to the camera and the true surface's normal.
    pub incidence_cos: Vec<f32>,
    /// Where the camera was.
    pub true_world_from_camera: Isometry3<f64>,
    /// Where the camera is said to have been.
    pub world_from_camera: Isometry3<f64>,
    /// Time of the frame, nanoseconds from the first.
    pub stamp_ns: i64,
    /// What the detector said.
    pub detections: Vec<RoomDetection>,
    /// Pixels that show each object, in the order of [`Room::objects`].
    pub visible_px: Vec<u32>,
}

/// Renders the frames of a walk when asked for them.
#[derive(Clone, Debug)]
pub struct RoomSequence<'r> {
    room: &'r Room,
    options: RoomOptions,
    path: Vec<Isometry3<f64>>,
    rendered: Rendered,
}

impl<'r> RoomSequence<'r> {
    /// Plans the walk.
    pub fn new(room: &'r Room, options: RoomOptions) -> Self {
        Self { room, options, path: room.camera_path(options.frames), rendered: Rendered::default() }
    }

    /// The room walked through.
    pub fn room(&self) -> &'r Room {
        self.room
    }

    /// The options it was made with.
    pub fn options(&self) -> &RoomOptions {
        &self.options
    }

    /// Number of frames.
    pub fn len(&self) -> usize {
        self.path.len()
    }

    /// Whether there is no frame at all.
    pub fn is_empty(&self) -> bool {
        self.path.is_empty()
    }

    /// A frame, degraded where the options say so. Frames may be asked for in any order.
    ///
    /// # Panics
    /// Where `index` is not below [`RoomSequence::len`].
    pub fn frame(&mut self, index: usize) -> RoomFrame {
        let clean = self.render(index);
        if self.options.noisy { degrade(&clean, self.options.seed, index) } else { clean }
    }

    /// A frame without any noise, whatever the options say.
    ///
    /// # Panics
    /// Where `index` is not below [`RoomSequence::len`].
    pub fn render(&mut self, index: usize) -> RoomFrame {
        let pose = self.path[index];
        let camera = self.options.camera;
        self.rendered.render(self.room, &camera, &pose);
        let rendered = &self.rendered;
        RoomFrame {
            camera,
            rgb: rendered.rgb.clone(),
            depth_m: rendered.depth_m.clone(),
            ids: rendered.ids.clone(),
            incidence_cos: rendered.incidence_cos.clone(),
            true_world_from_camera: pose,
            world_from_camera: pose,
            stamp_ns: index as i64 * FRAME_NS,
            detections: detect(self.room, &camera, &rendered.ids, &rendered.visible_px),
            visible_px: rendered.visible_px.clone(),
        }
    }
}

/// In how many frames each object showed enough of itself to be asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeenCounter {
    frames: Vec<u32>,
}

impl SeenCounter {
    /// Counts one more frame.
    pub fn add(&mut self, frame: &RoomFrame) {
        self.frames.resize(frame.visible_px.len(), 0);
        for (frames, &pixels) in self.frames.iter_mut().zip(&frame.visible_px) {
            *frames += u32::from(pixels >= COUNTED_PX);
        }
    }

    /// Frames with at least [`COUNTED_PX`] pixels of each object.
    pub fn frames(&self) -> &[u32] {
        &self.frames
    }

    /// Whether each object had at least [`COUNTED_FRAMES`] such frames.
    pub fn counted(&self) -> Vec<bool> {
        self.frames.iter().map(|&n| n >= COUNTED_FRAMES).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn most_objects_are_seen_well_on_one_lap() {
        let reduction = 4;
        let mut total = 0.0;
        for seed in 0..10 {
            let room = Room::generate(seed);
            let camera = RoomCamera::default().reduced(reduction);
            let mut frames = vec![0; room.objects().len()];
            let mut rendered = Rendered::default();
            for world_from_camera in room.camera_path(LAP_FRAMES) {
                rendered.render(&room, &camera, &world_from_camera);
                for (frames, &pixels) in frames.iter_mut().zip(&rendered.visible_px) {
                    *frames += u32::from(pixels * reduction * reduction >= COUNTED_PX);
                }
            }
            let counted = frames.iter().filter(|&&n| n >= COUNTED_FRAMES).count();
            total += counted as f64 / frames.len() as f64;
        }
        assert!(total / 10.0 >= 0.85, "{}", total / 10.0);
    }

    #[test]
    fn frames_come_in_any_order_and_noise_only_where_asked_for() {
        let room = Room::generate(3);
        let camera = RoomCamera::default().reduced(4);
        let options = |noisy| RoomOptions { camera, noisy, frames: 20, seed: 9 };
        let mut clean = RoomSequence::new(&room, options(false));
        let mut noisy = RoomSequence::new(&room, options(true));
        let late = clean.frame(11);
        let early = clean.frame(3);
        assert_eq!(late.depth_m, noisy.render(11).depth_m);
        assert_eq!(early.stamp_ns, 99_999_999);
        assert_eq!(early.world_from_camera, early.true_world_from_camera);
        let (once, again) = (noisy.frame(3), noisy.frame(3));
        assert_eq!(once.detections, again.detections);
        assert_eq!(once.world_from_camera, again.world_from_camera);
        assert_ne!(once.world_from_camera, once.true_world_from_camera);
        assert_eq!(once.true_world_from_camera, early.true_world_from_camera);
    }

    #[test]
    fn an_object_counts_from_its_fifth_good_frame() {
        let room = Room::generate(0);
        let options = RoomOptions { camera: RoomCamera::default().reduced(8), ..RoomOptions::default() };
        let mut frame = RoomSequence::new(&room, options).render(0);
        let mut seen = SeenCounter::default();
        frame.visible_px.fill(COUNTED_PX);
        frame.visible_px[1] = COUNTED_PX - 1;
        for good in 1..=COUNTED_FRAMES {
            seen.add(&frame);
            assert_eq!(seen.counted()[0], good == COUNTED_FRAMES);
        }
        assert!(!seen.counted()[1]);
        assert_eq!(&seen.frames()[..2], [COUNTED_FRAMES, 0]);
    }
}
