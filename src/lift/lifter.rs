//! Detections to points: the depth pixels of each thing, moved to world axes.
//!
//! Points are metres from the camera centre in world axes, so that f32 is exact enough far from the world's origin.
//! With a mask its pixels are taken; without one, [`super::segment`] tells the thing from its background by depth.
//! A pixel whose depth few of its neighbours share is a flying pixel (a mix of front and back) and is left out; so is
//! what lies far behind or in front of the thing's main body.
//!
//! Cost: at most [`MAX_POINTS`] points a detection. No allocation once the buffers have their size.

use super::Detection;
use super::segment::{SegmentScratch, segment};
use crate::frame::{DepthGrid, DepthNoise, MaskView, Pose};

/// The most points taken from one detection.
pub const MAX_POINTS: usize = 2500;

/// Fewer points than this do not make a thing.
pub const MIN_POINTS: usize = 12;

/// A pixel needs this many of its eight neighbours at its own depth.
const LEAST_NEIGHBOURS: u32 = 3;

/// Depths further apart than this are different bodies, unless points lie between, metres.
const BODY_GAP_M: f32 = 0.35;

const DEPTH_BINS: usize = 512;

/// What one detection gave.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Observation {
    /// Which detection of the frame.
    pub detection: usize,
    /// Its points: `first .. first + count` of the frame's points.
    pub first: usize,
    /// How many.
    pub count: usize,
    /// Mean of its points, metres from the camera centre, world axes.
    pub mean: [f32; 3],
    /// Smallest and largest coordinates of its points, likewise.
    pub low: [f32; 3],
    /// See `low`.
    pub high: [f32; 3],
    /// Mean depth, metres.
    pub depth_m: f32,
    /// The 2D box touches the image border.
    pub cut_off: bool,
}

/// The points of all detections of a frame.
#[derive(Debug, Clone, Default)]
pub struct Lifted {
    /// Metres from the camera centre, world axes.
    pub points: Vec<[f32; 3]>,
    /// One for each detection with depth enough.
    pub observations: Vec<Observation>,
}

/// Buffers of the lifter; one per thread.
#[derive(Debug, Clone, Default)]
pub struct LiftScratch {
    pixels: Vec<(u32, u32)>,
    bins: Vec<u32>,
    segment: SegmentScratch,
}

/// A wall from above: the line `normal · p = offset_m`, between two ends along `axis`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WallLine {
    /// Unit normal on the ground, into the room.
    pub normal: [f64; 2],
    /// Of the line, metres.
    pub offset_m: f64,
    /// Unit direction along which the ends are measured.
    pub axis: [f64; 2],
    /// Where it begins and ends, metres.
    pub ends_m: [f64; 2],
}

/// A frame as the lifter needs it.
#[derive(Clone, Copy)]
pub struct LiftView<'a> {
    /// Depth in the detections' pixels.
    pub grid: &'a DepthGrid,
    /// Camera to world (Z up).
    pub world_from_camera: &'a Pose,
    /// How good the depth is.
    pub noise: &'a DepthNoise,
    /// Heights (world z) of known level planes, for telling things from what they stand on.
    pub level_heights_m: &'a [f64],
    /// Height of the floor, one of these, once it is known.
    pub floor_m: Option<f64>,
    /// Known walls, for telling things from what is behind them.
    pub walls: &'a [WallLine],
}

/// The rotation of a pose, row-major.
pub(crate) fn rotation_rows(pose: &Pose) -> [[f32; 3]; 3] {
    let m = pose.rotation.to_rotation_matrix();
    std::array::from_fn(|r| std::array::from_fn(|c| m[(r, c)] as f32))
}

/// Turns `[x, y, z]` by a row-major rotation.
#[inline]
pub(crate) fn rotate(rotation: &[[f32; 3]; 3], p: [f32; 3]) -> [f32; 3] {
    rotation.map(|row| row[0] * p[0] + row[1] * p[1] + row[2] * p[2])
}

/// Lifts every detection of a frame.
pub fn lift(view: &LiftView<'_>, detections: &[Detection<'_>], out: &mut Lifted, scratch: &mut LiftScratch) {
    out.points.clear();
    out.observations.clear();
    for (at, detection) in detections.iter().enumerate() {
        choose_pixels(view, detection, scratch);
        if let Some(observation) = take_points(view, at, detection, out, scratch) {
            out.observations.push(observation);
        }
    }
}

/// The integer pixel rectangle of a 2D box inside an image of this width and height: u0, v0, u1, v1, ends exclusive.
pub(crate) fn pixel_rectangle(bbox: [f32; 4], [width, height]: [usize; 2]) -> [usize; 4] {
    let clamp = |v: f32, most: usize| (v.max(0.0) as usize).min(most);
    [
        clamp(bbox[0].floor(), width),
        clamp(bbox[1].floor(), height),
        clamp(bbox[2].ceil(), width),
        clamp(bbox[3].ceil(), height),
    ]
}

fn choose_pixels(view: &LiftView<'_>, detection: &Detection<'_>, scratch: &mut LiftScratch) {
    let rectangle = pixel_rectangle(detection.bbox, [view.grid.width, view.grid.height]);
    scratch.pixels.clear();
    match &detection.mask {
        Some(mask) => pixels_of_mask(view, mask, rectangle, &mut scratch.pixels),
        None => segment(view, rectangle, &mut scratch.segment, &mut scratch.pixels),
    }
}

fn pixels_of_mask(
    view: &LiftView<'_>,
    mask: &MaskView<'_>,
    [u0, v0, u1, v1]: [usize; 4],
    pixels: &mut Vec<(u32, u32)>,
) {
    let (u0, u1) = (u0.max(mask.x as usize), u1.min((mask.x + mask.width) as usize));
    let (v0, v1) = (v0.max(mask.y as usize), v1.min((mask.y + mask.height) as usize));
    if u0 >= u1 || v0 >= v1 {
        return;
    }
    let set: usize = (v0..v1)
        .map(|v| mask.row(v as u32)[u0 - mask.x as usize..u1 - mask.x as usize].iter().filter(|&&m| m != 0).count())
        .sum();
    let stride = ((set as f64 / MAX_POINTS as f64).sqrt().ceil() as usize).max(1);
    for v in (v0..v1).step_by(stride) {
        let row = mask.row(v as u32);
        // Rows begin at alternating columns, so that thin upright parts are not stepped over.
        let first = u0 + (v / stride) % 2 * (stride / 2);
        for u in (first..u1).step_by(stride) {
            if row[u - mask.x as usize] != 0 && is_solid(view, u, v) {
                pixels.push((u as u32, v as u32));
            }
        }
    }
}

/// True when the pixel has depth that enough of its neighbours share.
pub(crate) fn is_solid(view: &LiftView<'_>, u: usize, v: usize) -> bool {
    let grid = view.grid;
    let z = grid.z[v * grid.width + u];
    if z <= 0.0 || u == 0 || v == 0 || u + 1 >= grid.width || v + 1 >= grid.height {
        return z > 0.0;
    }
    let tolerance = 3.0 * view.noise.sigma_m(f64::from(z)) as f32 + 0.012 * z;
    let mut alike = 0;
    for row in [v - 1, v, v + 1] {
        let start = row * grid.width + u - 1;
        alike += grid.z[start..start + 3].iter().filter(|&&other| other > 0.0 && (other - z).abs() <= tolerance).count()
            as u32;
    }
    alike > LEAST_NEIGHBOURS // the pixel itself is one of them
}

fn take_points(
    view: &LiftView<'_>,
    at: usize,
    detection: &Detection<'_>,
    out: &mut Lifted,
    scratch: &mut LiftScratch,
) -> Option<Observation> {
    let grid = view.grid;
    let z_of = |&(u, v): &(u32, u32)| grid.z[v as usize * grid.width + u as usize];
    let [near, far] = main_body(scratch.pixels.iter().map(z_of), &mut scratch.bins)?;
    let rotation = rotation_rows(view.world_from_camera);
    let first = out.points.len();
    let (mut low, mut high, mut sum, mut depth) = ([f32::MAX; 3], [f32::MIN; 3], [0.0; 3], 0.0);
    for pixel in &scratch.pixels {
        let z = z_of(pixel);
        if z < near || z > far {
            continue;
        }
        let [a, b] = grid.rays[pixel.1 as usize * grid.width + pixel.0 as usize];
        let p = rotate(&rotation, [a * z, b * z, z]);
        for k in 0..3 {
            low[k] = low[k].min(p[k]);
            high[k] = high[k].max(p[k]);
            sum[k] += p[k];
        }
        depth += z;
        out.points.push(p);
    }
    let count = out.points.len() - first;
    if count < MIN_POINTS {
        out.points.truncate(first);
        return None;
    }
    let [x0, y0, x1, y1] = detection.bbox;
    let cut_off = x0 < 1.0 || y0 < 1.0 || x1 > grid.width as f32 - 1.0 || y1 > grid.height as f32 - 1.0;
    let share = 1.0 / count as f32;
    Some(Observation {
        detection: at,
        first,
        count,
        mean: sum.map(|s| s * share),
        low,
        high,
        depth_m: depth * share,
        cut_off,
    })
}

/// The range of depth of the largest group of points without a gap of [`BODY_GAP_M`].
fn main_body(depths: impl Iterator<Item = f32> + Clone, bins: &mut Vec<u32>) -> Option<[f32; 2]> {
    let (mut near, mut far, mut count) = (f32::MAX, f32::MIN, 0u32);
    for z in depths.clone() {
        near = near.min(z);
        far = far.max(z);
        count += 1;
    }
    if (count as usize) < MIN_POINTS {
        return None;
    }
    let width = ((far - near) / DEPTH_BINS as f32).max(0.01);
    bins.clear();
    bins.resize(DEPTH_BINS + 1, 0);
    for z in depths {
        bins[((z - near) / width) as usize] += 1;
    }
    let least = 1 + count / 1000;
    let (mut best, mut group) = ((0, 0usize, 0usize), (0, 0usize, 0usize));
    for (i, &n) in bins.iter().enumerate().filter(|(_, n)| **n >= least) {
        if group.0 > 0 && (i - group.2) as f32 * width <= BODY_GAP_M {
            group = (group.0 + n, group.1, i);
        } else {
            group = (n, i, i);
        }
        if group.0 > best.0 {
            best = group;
        }
    }
    (best.0 > 0).then(|| [near + best.1 as f32 * width - 0.01, near + (best.2 + 1) as f32 * width + 0.01])
}
