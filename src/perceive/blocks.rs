//! Depth thinned to blocks of 4 × 4 pixels, each a point with a normal.
//!
//! A block's depth is the mean of its pixels with depth, so noise is a quarter and small holes close; a block whose
//! pixels differ too much (an edge) takes the mean of those near its nearest pixel and gets no normal. Normals come from
//! the blocks two steps away. Points are metres from the camera centre, in axes turned as the caller says.

use crate::frame::{DepthGrid, DepthNoise};
use crate::lift::rotate;
use multiversion::multiversion;

/// Side of a block, pixels.
pub const BLOCK_PX: usize = 4;

/// Steps between the blocks whose difference gives a normal.
const REACH: usize = 2;

/// One block.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Block {
    /// Metres from the camera centre.
    pub point: [f32; 3],
    /// Unit normal towards the camera; zero where the surface is not smooth enough.
    pub normal: [f32; 3],
    /// Depth along the optical axis, metres; 0 where no pixel has depth.
    pub z: f32,
    /// Area of surface it stands for, m²; 0 without a normal.
    pub area_m2: f32,
    /// How much wider it is than [`Blocks::side_at_1m`] says, at the same depth: 1 but for cameras with a lens.
    pub stretch: f32,
}

impl Block {
    /// True when it has depth.
    pub fn has_depth(&self) -> bool {
        self.z > 0.0
    }

    /// True when it has a normal.
    pub fn has_normal(&self) -> bool {
        self.area_m2 > 0.0
    }
}

/// All blocks of a frame, row-major.
#[derive(Debug, Clone, Default)]
pub struct Blocks {
    /// Columns of blocks.
    pub width: usize,
    /// Rows of blocks.
    pub height: usize,
    /// Row-major.
    pub blocks: Vec<Block>,
    /// Side of a block of surface facing the camera at 1 m, metres; of a camera with a lens, in the middle of its image.
    pub side_at_1m: f32,
    pixels: PixelsOfBlocks,
}

impl Blocks {
    /// Thins a frame's depth. `axes_from_camera` turns camera axes into the axes wanted (row-major).
    pub fn fill(&mut self, grid: &DepthGrid, axes_from_camera: &[[f32; 3]; 3], noise: &DepthNoise) {
        self.width = grid.width / BLOCK_PX;
        self.height = grid.height / BLOCK_PX;
        self.blocks.clear();
        self.blocks.resize(self.width * self.height, Block::default());
        // Rays are even but for lenses: any row has the step of the middle one.
        let middle = grid.height / 2 * grid.width + (grid.width / 2).min(grid.width.saturating_sub(2));
        let pixel = match grid.rays.get(middle..middle + 2) {
            Some(&[[a, _], [next_a, _]]) if a.is_finite() && next_a.is_finite() => (next_a - a).abs(),
            _ => 0.0,
        };
        self.side_at_1m = pixel * BLOCK_PX as f32;
        self.pixels.resize(self.width);
        for row in 0..self.height {
            self.pixels.take_row(grid, row);
            for column in 0..self.width {
                let (z, smooth) = block_depth(grid, &self.pixels, column, row, noise);
                if z > 0.0 {
                    let block = &mut self.blocks[row * self.width + column];
                    let at = (row * BLOCK_PX + BLOCK_PX / 2) * grid.width + column * BLOCK_PX + BLOCK_PX / 2;
                    let ([a, b], [a0, b0]) = (grid.rays[at], grid.rays[at - grid.width - 1]);
                    block.stretch = if grid.is_bent { stretch(grid, at, pixel) } else { 1.0 };
                    if !block.stretch.is_finite() {
                        continue; // at the rim of what the lens sees
                    }
                    block.point = rotate(axes_from_camera, [0.5 * (a + a0) * z, 0.5 * (b + b0) * z, z]);
                    block.z = z;
                    block.area_m2 = if smooth { 1.0 } else { 0.0 };
                }
            }
        }
        self.fill_normals();
    }

    fn fill_normals(&mut self) {
        let (width, height, side) = (self.width, self.height, self.side_at_1m);
        for row in 0..height {
            for column in 0..width {
                let at = row * width + column;
                if !self.blocks[at].has_normal() {
                    continue;
                }
                let normal = self.normal(column, row);
                let block = &mut self.blocks[at];
                match normal {
                    Some(normal) => {
                        let towards: f32 =
                            -(0..3).map(|k| normal[k] * block.point[k]).sum::<f32>() / length(block.point).max(1e-6);
                        block.normal = if towards < 0.0 { normal.map(|n| -n) } else { normal };
                        block.area_m2 = (side * block.z * block.stretch).powi(2) / towards.abs().max(0.1);
                    }
                    None => block.area_m2 = 0.0,
                }
            }
        }
    }

    fn normal(&self, column: usize, row: usize) -> Option<[f32; 3]> {
        let (left, right) = (column.checked_sub(REACH)?, column + REACH);
        let (above, below) = (row.checked_sub(REACH)?, row + REACH);
        if right >= self.width || below >= self.height {
            return None;
        }
        let here = &self.blocks[row * self.width + column];
        let limit = 0.06 * here.z;
        let near = |at: usize| Some(&self.blocks[at]).filter(|b| b.has_depth() && (b.z - here.z).abs() < limit);
        // A neighbour lost in a hole is replaced by the block itself: half the reach on that side.
        let pair = |a: Option<&Block>, b: Option<&Block>| match (a, b) {
            (Some(a), Some(b)) => Some(subtract(b.point, a.point)),
            (Some(a), None) => Some(subtract(here.point, a.point)),
            (None, Some(b)) => Some(subtract(b.point, here.point)),
            (None, None) => None,
        };
        let across = pair(near(row * self.width + left), near(row * self.width + right))?;
        let down = pair(near(above * self.width + column), near(below * self.width + column))?;
        let normal = cross(across, down);
        let norm = length(normal);
        (norm > 1e-9).then(|| normal.map(|n| n / norm))
    }
}

/// How much wider the pixel there is than one in the middle of the image: the root of the areas' ratio. Not finite where
/// it or a neighbour has no ray.
fn stretch(grid: &DepthGrid, at: usize, middle: f32) -> f32 {
    let [[a, b], [left_a, left_b], [above_a, above_b], [both_a, _]] =
        [at, at - 1, at - grid.width, at - grid.width - 1].map(|at| grid.rays[at]);
    let area = ((a - left_a) * (b - above_b) - (b - left_b) * (a - above_a)).abs();
    // The fourth is looked at for being there: the block's point is half way to it.
    if both_a.is_nan() { f32::NAN } else { area.sqrt() / middle }
}

/// What the pixels with depth of a row of blocks say, block by block.
#[derive(Debug, Clone, Default)]
struct PixelsOfBlocks {
    /// Metres.
    sum: Vec<f32>,
    count: Vec<u32>,
    /// Metres, `f32::MAX` without any.
    nearest: Vec<f32>,
    /// Metres, 0 without any.
    farthest: Vec<f32>,
}

impl PixelsOfBlocks {
    fn resize(&mut self, blocks: usize) {
        [&mut self.sum, &mut self.nearest, &mut self.farthest].into_iter().for_each(|each| each.resize(blocks, 0.0));
        self.count.resize(blocks, 0);
    }

    /// Looks at the pixels of a row of blocks.
    fn take_row(&mut self, grid: &DepthGrid, row: usize) {
        self.sum.fill(0.0);
        self.count.fill(0);
        self.nearest.fill(f32::MAX);
        self.farthest.fill(0.0);
        for v in row * BLOCK_PX..(row + 1) * BLOCK_PX {
            take_line(grid.z[v * grid.width..][..grid.width].as_chunks().0, self);
        }
    }
}

/// Takes in one line of pixels.
#[multiversion(targets("x86_64+avx2"))]
fn take_line(line: &[[f32; BLOCK_PX]], blocks: &mut PixelsOfBlocks) {
    let PixelsOfBlocks { sum, count, nearest, farthest } = blocks;
    let blocks = sum.iter_mut().zip(count).zip(nearest).zip(farthest);
    for (pixels, (((sum, count), nearest), farthest)) in line.iter().zip(blocks) {
        for &z in pixels {
            let has_depth = z > 0.0;
            *sum += if has_depth { z } else { 0.0 };
            *count += u32::from(has_depth);
            *nearest = if has_depth && z < *nearest { z } else { *nearest };
            *farthest = if z > *farthest { z } else { *farthest };
        }
    }
}

/// Mean depth of a block, and whether its pixels lie on one smooth surface.
fn block_depth(
    grid: &DepthGrid,
    pixels: &PixelsOfBlocks,
    column: usize,
    row: usize,
    noise: &DepthNoise,
) -> (f32, bool) {
    let (sum, count) = (pixels.sum[column], pixels.count[column]);
    let (near, far) = (pixels.nearest[column], pixels.farthest[column]);
    if count == 0 {
        return (0.0, false);
    }
    let tolerance = 0.05 * near + 5.0 * noise.sigma_m(f64::from(near)) as f32;
    if far - near <= tolerance {
        return (sum / count as f32, true);
    }
    let (mut sum, mut count) = (0.0f32, 0u32);
    for v in row * BLOCK_PX..(row + 1) * BLOCK_PX {
        for &z in &grid.z[v * grid.width + column * BLOCK_PX..][..BLOCK_PX] {
            if z > 0.0 && z - near <= tolerance {
                sum += z;
                count += 1;
            }
        }
    }
    (sum / count as f32, false)
}

fn subtract(a: [f32; 3], b: [f32; 3]) -> [f32; 3] {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

fn cross(a: [f32; 3], b: [f32; 3]) -> [f32; 3] {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

fn length(a: [f32; 3]) -> f32 {
    (a[0] * a[0] + a[1] * a[1] + a[2] * a[2]).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{Distortion, Frame, Intrinsics, MetricZ, Pose, Registrar};

    const FOCAL: f64 = 60.0;

    fn blocks_of(distortion: Distortion) -> Blocks {
        let pinhole = Intrinsics::pinhole(160, 120, FOCAL, FOCAL, 79.5, 59.5).expect("a camera");
        let metres = vec![2.0f32; 160 * 120];
        let frame = Frame::of_depth(
            MetricZ::from_metres(&metres, 160, 120).expect("160x120"),
            Intrinsics { distortion, ..pinhole },
            Pose::identity(),
        );
        let (mut grid, mut blocks) = (Default::default(), Blocks::default());
        Registrar::default().register(&frame, &mut grid).expect("it fits");
        let axes = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        blocks.fill(&grid, &axes, &DepthNoise::default());
        blocks
    }

    #[test]
    fn blocks_of_a_fisheye_are_as_wide_as_its_rays_lie_apart() {
        let fisheye = blocks_of(Distortion::equidistant([0.0; 4]).expect("a lens"));
        let mut with_depth = 0;
        for block in fisheye.blocks.iter().filter(|block| block.has_depth()) {
            with_depth += 1;
            let slope = f64::from(block.point[0].hypot(block.point[1]) / block.z);
            let theta = slope.atan();
            if (0.1..1.2).contains(&theta) {
                // A ring at θ is dθ wide and θ about on the image, d(tan θ) and tan θ on a wall.
                let truth = ((theta.tan() / theta) / theta.cos().powi(2)).sqrt();
                assert!((f64::from(block.stretch) / truth - 1.0).abs() < 0.1, "{theta}: {} {truth}", block.stretch);
            }
        }
        assert!(with_depth > 1000 && with_depth < 1200, "{with_depth}: the corners have no rays");
        assert!(blocks_of(Distortion::default()).blocks.iter().all(|block| block.stretch == 1.0));
    }
}
