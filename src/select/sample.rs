//! Points of one frame from its depth and pose.

use crate::error::Result;
use crate::frame::{DepthGrid, Frame, Registrar};
use multiversion::multiversion;
use nalgebra::{Point3, Vector3};

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
        let grid = &self.grid;
        let turn = frame.world_from_camera.rotation.to_rotation_matrix().cast::<f32>();
        let t: [f32; 3] = frame.world_from_camera.translation.vector.cast().into();
        let mut along: [Vec<f32>; 3] = std::array::from_fn(|_| vec![0.0; grid.width]);
        out.resize(grid.z.len(), [0.0; 3]);
        let lines = out.chunks_mut(grid.width).zip(grid.z.chunks(grid.width)).zip(grid.rays.chunks(grid.width));
        for (v, ((points, depth), rays)) in lines.enumerate() {
            // Without a lens all pixels of a row look as far down, and those of a column as far to the right.
            let down = if grid.is_bent { 0.0 } else { rays[0][1] };
            if grid.is_bent || v == 0 {
                for (u, [a, b]) in rays.iter().enumerate() {
                    let turned = turn * Vector3::new(*a, b - down, 1.0);
                    (0..3).for_each(|k| along[k][u] = turned[k]);
                }
            }
            place(depth, along.each_ref(), (turn.matrix().column(1) * down).into(), t, points);
        }
        Ok(())
    }
}

/// Points of a row's pixels, whose depths lie along these directions, each moved by `down`, from `t`; not a number where there
/// is no depth.
#[multiversion(targets("x86_64+avx2"))]
fn place(depth: &[f32], [x, y, z]: [&Vec<f32>; 3], down: [f32; 3], t: [f32; 3], out: &mut [[f32; 3]]) {
    for ((((point, &depth), x), y), z) in out.iter_mut().zip(depth).zip(x).zip(y).zip(z) {
        let depth = if depth > 0.0 { depth } else { f32::NAN };
        *point = [(x + down[0]) * depth + t[0], (y + down[1]) * depth + t[1], (z + down[2]) * depth + t[2]];
    }
}

/// Every how many pixels one is taken, along rows and columns.
fn stride_of(width: usize, height: usize) -> usize {
    (1..).find(|step| width.div_ceil(*step) * height.div_ceil(*step) <= MAX_SAMPLES).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{Distortion, Intrinsics, MetricZ, Pose};
    use nalgebra::{Translation3, UnitQuaternion};

    #[test]
    fn the_point_map_has_the_points_and_none_where_there_is_no_depth() {
        let pinhole = Intrinsics::pinhole(80, 60, 70.0, 71.0, 39.0, 30.5).expect("a camera");
        let bent =
            Intrinsics { distortion: Distortion::equidistant([0.01, 0.0, 0.0, 0.0]).expect("a lens"), ..pinhole };
        let metres: Vec<f32> = (0..80 * 60).map(|at| if at % 7 == 0 { 0.0 } else { 1.0 + at as f32 * 1e-3 }).collect();
        for intrinsics in [pinhole, bent] {
            let frame = Frame {
                colour: None,
                depth: MetricZ::from_metres(&metres, 80, 60).expect("80x60"),
                intrinsics,
                depth_camera: None,
                world_from_camera: Pose::from_parts(
                    Translation3::new(3.0, -2.0, 1.0),
                    UnitQuaternion::from_euler_angles(0.3, -1.1, 2.0),
                ),
                stamp_ns: 0,
                camera_id: 0,
            };
            let (mut sampler, mut map) = (PointSampler::default(), Vec::new());
            let points = sampler.points(&frame).expect("it fits");
            sampler.point_map(&frame, &mut map).expect("it fits");
            assert_eq!(map.len(), metres.len());
            assert!(map.iter().zip(&metres).all(|(p, z)| p.iter().all(|k| k.is_nan() == (*z == 0.0))));
            let there: Vec<&[f32; 3]> = map.iter().filter(|p| p[0].is_finite()).collect();
            assert_eq!(there.len(), points.len());
            for (p, q) in there.into_iter().zip(&points) {
                assert!((0..3).all(|k| (f64::from(p[k]) - q[k]).abs() < 1e-4), "{p:?} {q:?}");
            }
        }
    }

    #[test]
    fn a_larger_image_gives_no_more_points() {
        assert_eq!(stride_of(160, 120), 1);
        assert_eq!(stride_of(640, 480), 4);
        assert_eq!(stride_of(1, 16_384), 1);
        let step = stride_of(16_384, 16_384);
        assert!((16_384usize.div_ceil(step)).pow(2) <= MAX_SAMPLES);
    }
}
