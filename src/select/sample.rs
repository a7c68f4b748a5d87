//! Points of one frame from its depth and pose.

use crate::error::Result;
use crate::frame::{DepthGrid, Frame, Registrar};
use nalgebra::Point3;

/// The most points that are taken of one frame: about 160 × 120.
pub const MAX_SAMPLES: usize = 19_200;

/// Takes points of frames, every n-th pixel of every n-th row, so that no frame gives more than [`MAX_SAMPLES`].
/// Keeps what it needs from frame to frame; one per thread.
#[derive(Debug, Default)]
pub struct PointSampler {
    registrar: Registrar,
    grid: DepthGrid,
}

impl PointSampler {
    /// The points of a frame in the input's world, metres.
    ///
    /// # Errors
    /// An image that is not its camera's size, a camera out of range.
    pub fn points(&mut self, frame: &Frame<'_>) -> Result<Vec<[f64; 3]>> {
        self.registrar.register(frame, &mut self.grid)?;
        let grid = &self.grid;
        let step = stride_of(grid.width, grid.height);
        let pixels = (0..grid.height).step_by(step).flat_map(|v| (0..grid.width).step_by(step).map(move |u| (u, v)));
        let points = pixels.filter_map(|(u, v)| grid.point(u, v));
        Ok(points.map(|point| (frame.world_from_camera * Point3::from(point.map(f64::from))).coords.into()).collect())
    }

    /// The point of every pixel in the input's world, metres, row-major as [`PointMap`](super::PointMap) takes them; not a
    /// number where there is no depth. `out` is resized to the image.
    ///
    /// # Errors
    /// As [`Self::points`].
    pub fn point_map(&mut self, frame: &Frame<'_>, out: &mut Vec<[f32; 3]>) -> Result<()> {
        self.registrar.register(frame, &mut self.grid)?;
        let turn = frame.world_from_camera.rotation.to_rotation_matrix();
        let [x, y, z]: [[f32; 3]; 3] = std::array::from_fn(|r| std::array::from_fn(|c| turn[(r, c)] as f32));
        let t: [f32; 3] = frame.world_from_camera.translation.vector.cast::<f32>().into();
        out.resize(self.grid.z.len(), [0.0; 3]);
        for ((point, &depth), &[a, b]) in out.iter_mut().zip(&self.grid.z).zip(self.grid.rays.iter()) {
            let depth = if depth > 0.0 { depth } else { f32::NAN };
            let along = |row: [f32; 3]| row[0] * (a * depth) + row[1] * (b * depth) + row[2] * depth;
            *point = [along(x) + t[0], along(y) + t[1], along(z) + t[2]];
        }
        Ok(())
    }
}

/// Every how many pixels one is taken, along rows and columns.
fn stride_of(width: usize, height: usize) -> usize {
    (1..).find(|step| width.div_ceil(*step) * height.div_ceil(*step) <= MAX_SAMPLES).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_larger_image_gives_no_more_points() {
        assert_eq!(stride_of(160, 120), 1);
        assert_eq!(stride_of(640, 480), 4);
        assert_eq!(stride_of(1, 16_384), 1);
        let step = stride_of(16_384, 16_384);
        assert!((16_384usize.div_ceil(step)).pow(2) <= MAX_SAMPLES);
    }
}
