//! The tops of tables, cabinets and shelves that a frame may see, and which blocks lie over them.

use super::blocks::{Block, Blocks};
use super::propose::Known;
use crate::geom::polygon::smallest_rectangle;

/// Tops at least this high over the floor carry things; lower ones may be seats, metres.
const HIGH_M: f64 = 0.55;

/// A low top of this area without anything rising beside it is a table, m².
const LOW_TABLE_M2: f64 = 0.3;

/// A frame says itself how high a top is, within so many bins either way, if it shows so many blocks of it that are
/// level.
const LEVEL_BIN_M: f32 = 0.004;
const LEVEL_BINS: usize = 5;
const LEVEL_LEAST_BLOCKS: u32 = 12;
const LEVEL_COS: f32 = 0.94;

/// A level surface that may carry things.
#[derive(Debug, Clone, PartialEq)]
pub struct TopPlane {
    /// Convex outline, world x and y, counter-clockwise, metres.
    pub outline: Vec<[f64; 2]>,
    /// World height, metres.
    pub height_m: f64,
    /// Height over the floor, metres.
    pub above_floor_m: f64,
    /// Sides of the smallest rectangle, longer first, metres.
    pub side_m: [f64; 2],
    /// Yaw of the longer side, radians.
    pub yaw_rad: f64,
    /// Area seen, m².
    pub area_m2: f64,
}

impl TopPlane {
    /// `None` for an outline without area.
    pub fn new(outline: &[[f64; 2]], height_m: f64, floor_m: f64, area_m2: f64) -> Option<Self> {
        let (_, side_m, yaw_rad) = smallest_rectangle(outline)?;
        Some(Self { outline: outline.to_vec(), height_m, above_floor_m: height_m - floor_m, side_m, yaw_rad, area_m2 })
    }

    /// True for a top that carries things; a lower one may be a seat.
    pub fn is_high(&self) -> bool {
        self.above_floor_m >= HIGH_M
    }
}

/// A top seen from the camera: its corners are `first .. first + count` of all.
#[derive(Debug, Clone, Copy)]
pub(super) struct LocalTop {
    pub height: f32,
    first: usize,
    count: usize,
    low: [f32; 2],
    high: [f32; 2],
    pub axis: [f32; 2],
    pub side: [f32; 2],
    pub is_high: bool,
    /// Low, but large enough for a table.
    pub is_low_table: bool,
}

/// The tops of a frame, metres from the camera centre.
#[derive(Debug, Clone, Default)]
pub(super) struct LocalTops {
    list: Vec<LocalTop>,
    corners: Vec<[f32; 2]>,
}

impl std::ops::Deref for LocalTops {
    type Target = [LocalTop];

    fn deref(&self) -> &[LocalTop] {
        &self.list
    }
}

impl LocalTops {
    pub fn place(&mut self, known: &Known<'_>) {
        self.list.clear();
        self.corners.clear();
        let camera = known.camera_in_world;
        for top in known.tops.iter().take(usize::from(u8::MAX)) {
            let first = self.corners.len();
            let (mut low, mut high) = ([f32::MAX; 2], [f32::MIN; 2]);
            for corner in &top.outline {
                let corner = [(corner[0] - camera.x) as f32, (corner[1] - camera.y) as f32];
                for k in 0..2 {
                    low[k] = low[k].min(corner[k]);
                    high[k] = high[k].max(corner[k]);
                }
                self.corners.push(corner);
            }
            self.list.push(LocalTop {
                height: (top.height_m - camera.z) as f32,
                first,
                count: self.corners.len() - first,
                low,
                high,
                axis: [top.yaw_rad.cos() as f32, top.yaw_rad.sin() as f32],
                side: top.side_m.map(|side| side as f32),
                is_high: top.is_high(),
                is_low_table: !top.is_high() && top.area_m2 >= LOW_TABLE_M2,
            });
        }
    }

    /// Puts every top where this frame sees it: a pose that is a little off lifts or sinks all of a top alike, and what
    /// lies flat on it would be lost.
    pub fn level(&mut self, blocks: &Blocks) {
        for at in 0..self.list.len() {
            let top = self.list[at];
            let heights = blocks
                .blocks
                .iter()
                .filter(|b| b.has_normal() && b.normal[2] > LEVEL_COS && self.is_over(&top, b, 0.0))
                .map(|b| b.point[2] - top.height);
            if let Some(off) = most_common(heights) {
                self.list[at].height += off;
            }
        }
    }

    pub fn is_over(&self, top: &LocalTop, block: &Block, margin_m: f32) -> bool {
        let [x, y, _] = block.point;
        if x < top.low[0] - margin_m
            || y < top.low[1] - margin_m
            || x > top.high[0] + margin_m
            || y > top.high[1] + margin_m
        {
            return false;
        }
        let corners = &self.corners[top.first..top.first + top.count];
        (0..corners.len()).all(|i| {
            let (a, b) = (corners[i], corners[(i + 1) % corners.len()]);
            let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
            dx * (y - a[1]) - dy * (x - a[0]) >= -margin_m * dx.hypot(dy)
        })
    }
}

/// Mean of the heights about the commonest one, if enough lie there.
fn most_common(heights: impl Iterator<Item = f32>) -> Option<f32> {
    let mut bins = [(0u32, 0.0f32); 2 * LEVEL_BINS + 1];
    for height in heights {
        let at = (height / LEVEL_BIN_M).round() + LEVEL_BINS as f32;
        if (0.0..bins.len() as f32).contains(&at) {
            let bin = &mut bins[at as usize];
            *bin = (bin.0 + 1, bin.1 + height);
        }
    }
    let around = |at: usize| {
        let near = bins[at.saturating_sub(1)..(at + 2).min(bins.len())].iter();
        near.fold((0, 0.0), |sum, bin| (sum.0 + bin.0, sum.1 + bin.1))
    };
    let most = (0..bins.len()).map(around).fold((0, 0.0), |best, b| if b.0 > best.0 { b } else { best });
    (most.0 >= LEVEL_LEAST_BLOCKS).then(|| most.1 / most.0 as f32)
}
