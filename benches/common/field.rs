//! A camera that looks straight down on twenty low boxes, set down anywhere on a grid of places: a map of any size of
//! which each frame sees the same much.

use gnomon::frame::{Frame, Intrinsics, MaskView, MetricZ, Pose};
use gnomon::lift::Detection;
use gnomon::scene::{FrameReport, Scene, SceneOptions};
use nalgebra::{Matrix3, Translation3, UnitQuaternion};
use rand::{RngExt, SeedableRng};

/// Things in view of one place.
pub const THINGS: usize = COLUMNS * ROWS;

const COLUMNS: usize = 5;
const ROWS: usize = 4;
const CAMERA_HEIGHT_M: f64 = 1.0;

/// Side and height of a box, and how far boxes stand apart, metres.
const SIDE_M: f64 = 0.06;
const BOX_M: f64 = 0.1;
const APART_M: [f64; 2] = [0.19, 0.17];

/// Places in a row, and how far they lie apart, metres.
const PLACES_IN_ROW: usize = 75;
const STEP_M: [f64; 2] = [4.0, 4.0];

/// Frames of noise that take turns; its standard deviation, metres; how far the camera shakes, metres.
const NOISES: usize = 8;
const NOISE_M: f32 = 0.002;
const SHAKE_M: f64 = 0.01;

/// Labels that things have.
const LABELS: usize = 1000;

/// A camera of one size over the field.
pub struct Field {
    size: [usize; 2],
    focal: f64,
    noisy_m: Vec<Vec<f32>>,
    boxes: Vec<[u32; 4]>,
    mask: Vec<u8>,
    labels: Vec<String>,
    random: rand_pcg::Pcg64,
    pub stamp_ns: i64,
}

impl Field {
    /// A camera of `width` pixels, three quarters as high.
    pub fn new(width: usize) -> Self {
        let size = [width, width * 3 / 4];
        let focal = 0.94 * width as f64;
        let mut random = rand_pcg::Pcg64::seed_from_u64(7);
        let boxes: Vec<[u32; 4]> = (0..THINGS).map(|at| pixels_of(at, size, focal)).collect();
        let mut clean_m = vec![CAMERA_HEIGHT_M as f32; size[0] * size[1]];
        for &[u0, v0, u1, v1] in &boxes {
            for v in v0..v1 {
                clean_m[v as usize * width..][u0 as usize..u1 as usize].fill((CAMERA_HEIGHT_M - BOX_M) as f32);
            }
        }
        let mut noise = || (0..12).map(|_| random.random::<f32>()).sum::<f32>() - 6.0;
        let noisy_m = (0..NOISES).map(|_| clean_m.iter().map(|z| z + NOISE_M * noise()).collect()).collect();
        let most = boxes.iter().map(|[u0, v0, u1, v1]| (u1 - u0) * (v1 - v0)).max().unwrap_or(0);
        let labels = (0..LABELS).map(label).collect();
        Self { size, focal, noisy_m, boxes, mask: vec![255; most as usize], labels, random, stamp_ns: 0 }
    }

    /// Takes one frame of a place into the scene, `after_ns` after the one before.
    pub fn see(&mut self, scene: &mut Scene, place: usize, after_ns: i64) -> FrameReport {
        self.stamp_ns += after_ns;
        let mut shake = || SHAKE_M * (2.0 * self.random.random::<f64>() - 1.0);
        let at = [place % PLACES_IN_ROW, place / PLACES_IN_ROW];
        let shift = [0, 1].map(|k| at[k] as f64 * STEP_M[k] + shake());
        let noisy_m = &self.noisy_m[(self.stamp_ns / 1_000_000) as usize % NOISES];
        let down = Matrix3::new(1.0, 0.0, 0.0, 0.0, -1.0, 0.0, 0.0, 0.0, -1.0);
        let [width, height] = self.size.map(|side| side as u32);
        let middle = self.size.map(|side| 0.5 * (side as f64 - 1.0));
        let frame = Frame {
            colour: None,
            depth: MetricZ::from_metres(noisy_m, width, height).expect("its size"),
            intrinsics: Intrinsics::pinhole(width, height, self.focal, self.focal, middle[0], middle[1]).expect("one"),
            depth_camera: None,
            world_from_camera: Pose::from_parts(
                Translation3::new(shift[0], shift[1], CAMERA_HEIGHT_M),
                UnitQuaternion::from_matrix(&down),
            ),
            stamp_ns: self.stamp_ns,
            camera_id: 0,
        };
        let detections: [Detection<'_>; THINGS] = std::array::from_fn(|at| {
            let [u0, v0, u1, v1] = self.boxes[at];
            let mask = MaskView::new(&self.mask, u0, v0, u1 - u0, v1 - v0, 0).expect("it fits");
            Detection {
                label: &self.labels[(place * THINGS + at) % LABELS],
                score: 0.9,
                bbox: self.boxes[at].map(|edge| edge as f32),
                mask: Some(mask),
                feature: None,
            }
        });
        scene.integrate(&frame, &detections).expect("a frame")
    }
}

/// A map of `things` things, a multiple of [`THINGS`], each seen three times and believed, published once.
pub fn map_of(things: usize) -> Scene {
    let mut scene = Scene::new(SceneOptions { confirm_after: 2, ..SceneOptions::default() }).expect("options");
    let mut field = Field::new(160);
    for place in 0..things / THINGS {
        for _ in 0..3 {
            field.see(&mut scene, place, 5_000_000_000);
        }
    }
    assert_eq!(scene.publish().len(), things);
    scene
}

/// Stamps of a map of so many things end before this.
pub fn end_ns(things: usize) -> i64 {
    (things / THINGS * 3 + 1) as i64 * 5_000_000_000
}

fn pixels_of(at: usize, size: [usize; 2], focal: f64) -> [u32; 4] {
    let middle_m = [at % COLUMNS, at / COLUMNS].map(|k| k as f64);
    let middle_m = [(middle_m[0] - 2.0) * APART_M[0], (middle_m[1] - 1.5) * APART_M[1]];
    let pixel = |k: usize, side: f64| {
        let along = (middle_m[k] + side * 0.5 * SIDE_M) / (CAMERA_HEIGHT_M - BOX_M);
        (focal * along + 0.5 * size[k] as f64).round() as u32
    };
    [pixel(0, -1.0), pixel(1, -1.0), pixel(0, 1.0), pixel(1, 1.0)]
}

/// Words of three syllables, a thousand of them.
fn label(of: usize) -> String {
    let syllable = |k: usize| [b"bcdfglmnpr"[k % 10], b"aeiou"[k / 10 % 5]].map(char::from);
    syllable(of).into_iter().chain(syllable(of / 10 + of % 7)).chain(syllable(of / 50)).collect()
}
