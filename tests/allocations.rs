//! What the writer asks of the heap: nothing for a frame without news, and what changed for a publication.
//!
//! Every allocation of the measuring thread goes through [`Counting`], which hands it to the system and counts it.
#![cfg(feature = "cli")]
#![allow(unsafe_code, reason = "an allocator is made of it")]

use gnomon::eval::frame_of;
use gnomon::frame::{Frame, Intrinsics, MaskView, MetricZ, Pose};
use gnomon::lift::Detection;
use gnomon::room::{Room, RoomFrame, RoomOptions, RoomSequence};
use gnomon::scene::{FrameReport, Scene, SceneOptions};
use nalgebra::{Matrix3, Translation3, UnitQuaternion};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

struct Counting;

thread_local! {
    static CALLS: Cell<u64> = const { Cell::new(0) };
    static BYTES: Cell<u64> = const { Cell::new(0) };
    static HELD: Cell<i64> = const { Cell::new(0) };
}

fn count(bytes: usize) {
    CALLS.set(CALLS.get() + 1);
    BYTES.set(BYTES.get() + bytes as u64);
    HELD.set(HELD.get() + bytes as i64);
}

// SAFETY: every call goes to `System` unchanged; the counters are plain cells of the thread, which never allocate.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: the caller's promises are those that `System` asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        HELD.set(HELD.get() - layout.size() as i64);
        // SAFETY: as above; the block came from `System`.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        HELD.set(HELD.get() - layout.size() as i64);
        count(new_size);
        // SAFETY: as above; the block came from `System`.
        unsafe { System.realloc(pointer, layout, new_size) }
    }
}

#[global_allocator]
static HEAP: Counting = Counting;

/// What `work` asked for: calls and bytes.
fn counted<T>(work: impl FnOnce() -> T) -> (T, u64, u64) {
    let before = (CALLS.get(), BYTES.get());
    let result = work();
    (result, CALLS.get() - before.0, BYTES.get() - before.1)
}

fn detections(frame: &RoomFrame) -> Vec<Detection<'_>> {
    let mask = |d: &gnomon::room::RoomDetection| (d.mask_x, d.mask_y, d.mask_w, d.mask_h);
    frame
        .detections
        .iter()
        .map(|d| {
            let (x, y, w, h) = mask(d);
            let mask = MaskView::new(&d.mask, x, y, w, h, 0).expect("a rendered mask fits");
            Detection { label: &d.label, score: d.score, bbox: d.bbox, mask: Some(mask), feature: None }
        })
        .collect()
}

fn posed(frame: &RoomFrame, stamp_ns: i64) -> Frame<'_> {
    Frame { stamp_ns, ..frame_of(frame).expect("a rendered frame fits") }
}

fn brings_no_news(report: &FrameReport) -> bool {
    let changes = [report.begun, report.given_up, report.born, report.moved, report.merged, report.removed];
    changes == [0; 6] && report.keyframe.is_none()
}

#[test]
fn a_frame_that_brings_no_news_allocates_nothing() {
    let room = Room::generate(3);
    let mut walk = RoomSequence::new(&room, RoomOptions { seed: 3, noisy: true, ..RoomOptions::default() });
    // A standing robot that looks about: the same sixty frames, a keyframe apart no more after the first lap.
    let frames: Vec<RoomFrame> = (0..60).map(|index| walk.frame(index)).collect();
    let options = SceneOptions { keyframe_distance_m: 100.0, keyframe_angle_rad: 3.0, ..SceneOptions::default() };
    let mut scene = Scene::new(options).expect("options");
    let (mut quiet, mut guilty) = (0, Vec::new());
    for lap in 0..5i64 {
        for (index, frame) in (0i64..).zip(&frames) {
            let (frame, detections) = (posed(frame, (lap * 60 + index) * 33_333_333), detections(frame));
            let (report, calls, bytes) = counted(|| scene.integrate(&frame, &detections).expect("a frame"));
            if lap >= 3 && brings_no_news(&report) {
                quiet += 1;
                if calls > 0 {
                    guilty.push((lap, index, calls, bytes));
                }
            }
            scene.publish();
        }
    }
    assert!(guilty.is_empty(), "of {quiet} quiet frames these allocated (lap, frame, calls, bytes): {guilty:?}");
    assert!(quiet >= 20, "only {quiet} frames brought no news");
}

const COLUMNS: usize = 5;
const ROWS: usize = 4;
const WIDTH: usize = 64;
const HEIGHT: usize = 48;
/// Side of a thing's picture, pixels.
const SIDE: usize = 4;
const CAMERA_HEIGHT_M: f64 = 1.0;

/// A camera looking straight down on twenty low boxes, set down anywhere on a grid of places.
struct Field {
    depth_m: Vec<f32>,
    mask: Vec<u8>,
    boxes: Vec<[f32; 4]>,
    stamp_ns: i64,
}

impl Field {
    fn new() -> Self {
        let mut depth_m = vec![CAMERA_HEIGHT_M as f32; WIDTH * HEIGHT];
        let mut boxes = Vec::new();
        for at in 0..COLUMNS * ROWS {
            let (u, v) = (4 + at % COLUMNS * 12, 4 + at / COLUMNS * 11);
            for row in v..v + SIDE {
                depth_m[row * WIDTH + u..][..SIDE].fill(CAMERA_HEIGHT_M as f32 - 0.1);
            }
            boxes.push([u, v, u + SIDE, v + SIDE].map(|edge| edge as f32));
        }
        Self { depth_m, mask: vec![255; SIDE * SIDE], boxes, stamp_ns: 0 }
    }

    fn see(&mut self, scene: &mut Scene, place: usize) -> FrameReport {
        self.stamp_ns += 5_000_000_000;
        let down = Matrix3::new(1.0, 0.0, 0.0, 0.0, -1.0, 0.0, 0.0, 0.0, -1.0);
        let at = Translation3::new((place % 75) as f64 * 1.3, (place / 75) as f64 * 1.1, CAMERA_HEIGHT_M);
        let frame = Frame {
            stamp_ns: self.stamp_ns,
            ..Frame::of_depth(
                MetricZ::from_metres(&self.depth_m, WIDTH as u32, HEIGHT as u32).expect("64x48"),
                Intrinsics::pinhole(WIDTH as u32, HEIGHT as u32, 60.0, 60.0, 31.5, 23.5).expect("a camera"),
                Pose::from_parts(at, UnitQuaternion::from_matrix(&down)),
            )
        };
        let side = SIDE as u32;
        let mask = |b: &[f32; 4]| MaskView::new(&self.mask, b[0] as u32, b[1] as u32, side, side, 0).expect("4x4");
        let thing = |b: &[f32; 4]| Detection { label: "box", score: 0.9, bbox: *b, mask: Some(mask(b)), feature: None };
        let detections: [Detection<'_>; COLUMNS * ROWS] = std::array::from_fn(|at| thing(&self.boxes[at]));
        scene.integrate(&frame, &detections).expect("a frame")
    }

    /// Sees every place below `places` three times from `from` on, which is enough to believe what is there.
    fn fill(&mut self, scene: &mut Scene, places: std::ops::Range<usize>) {
        for place in places {
            for _ in 0..3 {
                self.see(scene, place);
            }
        }
    }
}

/// Calls and bytes of publishing after one more frame of the first place.
fn cost_of_publishing(field: &mut Field, scene: &mut Scene) -> (u64, u64) {
    for _ in 0..2 {
        field.see(scene, 0);
        scene.publish();
    }
    let report = field.see(scene, 0);
    assert_eq!((report.associated, report.begun), (20, 0));
    let (_, calls, bytes) = counted(|| scene.publish());
    (calls, bytes)
}

#[test]
fn publishing_costs_what_changed_and_not_what_is_there() {
    let mut field = Field::new();
    let options = SceneOptions { confirm_after: 2, ..SceneOptions::default() };
    let mut scene = Scene::new(options).expect("options");
    field.fill(&mut scene, 0..5);
    assert_eq!(scene.publish().len(), 100);
    let (few_calls, few_bytes) = cost_of_publishing(&mut field, &mut scene);
    let before = HELD.get();
    field.fill(&mut scene, 5..5000);
    assert_eq!(scene.publish().len(), 100_000);
    let each = (HELD.get() - before) / 99_900;
    let (many_calls, many_bytes) = cost_of_publishing(&mut field, &mut scene);
    println!("100: {few_calls} calls, {few_bytes} bytes; 100,000: {many_calls}, {many_bytes}; {each} bytes an object");
    assert!(few_calls <= 8 * 20 && many_calls <= 8 * 20, "{few_calls} and {many_calls} calls for 20 changed objects");
    assert!(many_bytes * 5 <= few_bytes * 6, "{few_bytes} bytes with 100 objects, {many_bytes} with 100,000");
    assert!(each <= 4096, "{each} bytes an object");
}
