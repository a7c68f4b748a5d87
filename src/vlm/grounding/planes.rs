//! What one frame shows of the room itself: floor, tables, walls.
//!
//! A scene learns its planes over many frames; one frame shows enough of them to tell a thing from what it stands on and
//! hangs at. Levels are heights at which much level surface lies; the floor is the lowest, if next to nothing lies below
//! it. A wall is an upright patch with next to nothing seen behind it, as the front of a cupboard in a room has not.

use crate::frame::{DepthGrid, DepthNoise, Pose};
use crate::lift::{WallLine, rotation_rows};
use crate::perceive::{Block, Blocks, UprightScratch, upright_patches};

/// Heights are gathered in bins, metres.
const BIN_M: f64 = 0.02;

/// The farthest height from the camera that is looked at, metres.
const REACH_M: f64 = 6.0;

/// Level surface that makes a level, m².
const LEAST_LEVEL_M2: f32 = 0.08;

/// Level surface that makes a floor, m².
const LEAST_FLOOR_M2: f32 = 0.3;

/// Cosine between a normal and up from which surface is level.
const LEVEL_COS: f32 = 0.96;

/// What may lie below a floor or behind a wall: mirrors, noise, the view out of a door.
const BEYOND_SHARE: f64 = 0.02;

/// How far beyond a plane a point must be to count, metres.
const BEYOND_M: f64 = 0.12;

/// The planes of one frame.
#[derive(Debug, Clone, Default)]
pub(super) struct Planes {
    /// World heights of levels, the floor's among them.
    pub heights_m: Vec<f64>,
    /// World height of the floor.
    pub floor_m: Option<f64>,
    /// Walls.
    pub walls: Vec<WallLine>,
}

impl Planes {
    /// Looks at a frame.
    pub fn of(grid: &DepthGrid, world_from_camera: &Pose, noise: &DepthNoise) -> Self {
        let mut blocks = Blocks::default();
        blocks.fill(grid, &rotation_rows(world_from_camera), noise);
        let camera = world_from_camera.translation.vector;
        let mut planes = Self::default();
        planes.find_levels(&blocks, camera.z);
        planes.find_walls(&blocks, [camera.x, camera.y]);
        planes
    }

    fn find_levels(&mut self, blocks: &Blocks, camera_z_m: f64) {
        let bins = (2.0 * REACH_M / BIN_M) as usize;
        let mut area = vec![0.0f32; bins];
        let mut sum = vec![0.0f64; bins];
        for block in blocks.blocks.iter().filter(|block| block.has_normal() && block.normal[2] > LEVEL_COS) {
            let height = f64::from(block.point[2]);
            let bin = ((height + REACH_M) / BIN_M) as usize;
            if height > -REACH_M && bin < bins {
                area[bin] += block.area_m2;
                sum[bin] += height * f64::from(block.area_m2);
            }
        }
        for at in 1..bins - 1 {
            let around = area[at - 1] + area[at] + area[at + 1];
            let is_peak = area[at] > area[at - 1] && area[at] >= area[at + 1];
            if !is_peak || around < LEAST_LEVEL_M2 {
                continue;
            }
            let height = (sum[at - 1] + sum[at] + sum[at + 1]) / f64::from(around);
            if self.heights_m.is_empty() && around >= LEAST_FLOOR_M2 {
                let is_below = |block: &Block| f64::from(block.point[2]) < height - BEYOND_M;
                self.floor_m = (share(blocks, is_below) <= BEYOND_SHARE).then_some(camera_z_m + height);
            }
            self.heights_m.push(camera_z_m + height);
        }
    }

    fn find_walls(&mut self, blocks: &Blocks, camera: [f64; 2]) {
        let mut patches = Vec::new();
        upright_patches(blocks, &mut patches, &mut UprightScratch::default());
        for patch in patches {
            let off = |block: &Block| {
                f64::from(patch.normal[0] * block.point[0] + patch.normal[1] * block.point[1] - patch.offset_m)
            };
            if share(blocks, |block| off(block) < -BEYOND_M) > BEYOND_SHARE {
                continue;
            }
            let normal = patch.normal.map(f64::from);
            self.walls.push(WallLine {
                normal,
                offset_m: f64::from(patch.offset_m) + normal[0] * camera[0] + normal[1] * camera[1],
                axis: [-normal[1], normal[0]],
                ends_m: [f64::MIN, f64::MAX],
            });
        }
    }
}

/// The share of blocks with depth of which this is true.
fn share(blocks: &Blocks, is_so: impl Fn(&Block) -> bool) -> f64 {
    let seen = || blocks.blocks.iter().filter(|block| block.has_depth());
    seen().filter(|block| is_so(block)).count() as f64 / seen().count().max(1) as f64
}
