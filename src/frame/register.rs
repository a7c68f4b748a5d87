//! Depth brought into the colour camera: one working image of metres, in the pixels that detections are given in.
//!
//! Registered depth is only decoded. Depth of another camera is carried over point by point: unprojected, moved by
//! `colour_from_depth`, projected, the nearest winning; pixels that nothing fell on are holes.

use super::{Distortion, Frame, Intrinsics, MetricZ, Pose};
use crate::error::{Error, Result};
use nalgebra::Point3;

/// A depth camera of its own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DepthCamera {
    /// Its intrinsics, at the size of the depth image.
    pub intrinsics: Intrinsics,
    /// Depth camera coordinates to colour camera coordinates.
    pub colour_from_depth: Pose,
}

/// Depth in the pixels of the colour camera, metres, 0 = none, with the direction of every pixel.
#[derive(Debug, Clone, Default)]
pub struct DepthGrid {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Metres along the optical axis, row-major; 0 = none.
    pub z: Vec<f32>,
    /// (x/z, y/z) of every pixel, row-major.
    pub rays: Vec<[f32; 2]>,
}

impl DepthGrid {
    /// The point of pixel (u, v) in camera coordinates, metres; `None` where there is no depth.
    #[inline]
    pub fn point(&self, u: usize, v: usize) -> Option<[f32; 3]> {
        let at = v * self.width + u;
        let z = self.z[at];
        let [a, b] = self.rays[at];
        (z > 0.0).then_some([a * z, b * z, z])
    }
}

/// Makes [`DepthGrid`]s; keeps the pixel directions of the camera it saw last. One per thread.
#[derive(Debug, Clone, Default)]
pub struct Registrar {
    rays_of: Option<Intrinsics>,
    own_z: Vec<f32>,
}

impl Registrar {
    /// Fills `grid` from the frame's depth. Refuses a depth image whose size is not its camera's.
    pub fn register(&mut self, frame: &Frame<'_>, grid: &mut DepthGrid) -> Result<()> {
        let colour = &frame.intrinsics;
        colour.check()?;
        let depth_intrinsics = frame.depth_camera.as_ref().map_or(colour, |camera| &camera.intrinsics);
        depth_intrinsics.check()?;
        check_size("depth image", frame.depth.width(), frame.depth.height(), depth_intrinsics)?;
        if let Some(image) = &frame.colour {
            check_size("colour image", image.width(), image.height(), colour)?;
        }
        grid.width = colour.width as usize;
        grid.height = colour.height as usize;
        if self.rays_of.as_ref() != Some(colour) || grid.rays.len() != grid.width * grid.height {
            fill_rays(colour, &mut grid.rays);
            self.rays_of = Some(*colour);
        }
        match &frame.depth_camera {
            None => frame.depth.decode_into(&mut grid.z),
            Some(camera) => self.carry_over(&frame.depth, camera, colour, grid),
        }
        Ok(())
    }

    fn carry_over(&mut self, depth: &MetricZ<'_>, camera: &DepthCamera, colour: &Intrinsics, grid: &mut DepthGrid) {
        depth.decode_into(&mut self.own_z);
        grid.z.clear();
        grid.z.resize(grid.width * grid.height, 0.0);
        let columns = depth.width() as usize;
        for (i, &z) in self.own_z.iter().enumerate().filter(|(_, z)| **z > 0.0) {
            let ray = camera.intrinsics.ray((i % columns) as f64, (i / columns) as f64);
            let in_colour = camera.colour_from_depth * Point3::from(ray * f64::from(z));
            let Some([u, v]) = colour.project(&in_colour) else { continue };
            let (u, v) = (u.round(), v.round());
            if u < 0.0 || v < 0.0 || u >= grid.width as f64 || v >= grid.height as f64 {
                continue;
            }
            let cell = &mut grid.z[v as usize * grid.width + u as usize];
            let z = in_colour.z as f32;
            if *cell == 0.0 || z < *cell {
                *cell = z;
            }
        }
    }
}

fn check_size(what: &str, width: u32, height: u32, camera: &Intrinsics) -> Result<()> {
    if (width, height) != (camera.width, camera.height) {
        return Err(Error::argument(format!(
            "{what} is {width}x{height} pixels, its intrinsics are for {}x{}",
            camera.width, camera.height
        )));
    }
    Ok(())
}

fn fill_rays(camera: &Intrinsics, rays: &mut Vec<[f32; 2]>) {
    let (width, height) = (camera.width as usize, camera.height as usize);
    rays.clear();
    rays.reserve(width * height);
    if camera.distortion == Distortion::default() {
        for v in 0..height {
            let b = ((v as f64 - camera.cy) / camera.fy) as f32;
            rays.extend((0..width).map(|u| [((u as f64 - camera.cx) / camera.fx) as f32, b]));
        }
    } else {
        rays.extend((0..width * height).map(|i| {
            let ray = camera.ray((i % width) as f64, (i / width) as f64);
            [ray.x as f32, ray.y as f32]
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::Translation3;

    fn frame<'a>(depth: MetricZ<'a>, intrinsics: Intrinsics, depth_camera: Option<DepthCamera>) -> Frame<'a> {
        Frame {
            colour: None,
            depth,
            intrinsics,
            depth_camera,
            world_from_camera: Pose::identity(),
            stamp_ns: 0,
            camera_id: 0,
        }
    }

    #[test]
    fn a_wall_seen_by_a_shifted_depth_camera_lands_where_the_colour_camera_sees_it() {
        let colour = Intrinsics::pinhole(64, 48, 50.0, 50.0, 31.5, 23.5).expect("a camera");
        let small = Intrinsics::pinhole(128, 96, 100.0, 100.0, 63.5, 47.5).expect("a camera");
        let metres = vec![2.0f32; 128 * 96];
        let depth = MetricZ::from_metres(&metres, 128, 96).expect("128x96");
        let camera = DepthCamera {
            intrinsics: small,
            colour_from_depth: Pose::from_parts(Translation3::new(0.4, 0.0, -0.5), Default::default()),
        };
        let mut grid = DepthGrid::default();
        Registrar::default().register(&frame(depth, colour, Some(camera)), &mut grid).expect("fits");
        let seen: Vec<_> = grid.z.iter().filter(|z| **z > 0.0).collect();
        assert!(seen.len() > 1500 && seen.iter().all(|z| (**z - 1.5).abs() < 1e-6));
        // The wall's left edge (x = −1.27 m) stands at −0.87 m seen from the colour camera: column 31.5 − 50·0.87/1.5.
        let first = (0..64).find(|&u| grid.z[24 * 64 + u] > 0.0).expect("some depth");
        assert!((1..=4).contains(&first), "{first}");
    }

    #[test]
    fn a_depth_image_of_another_size_is_refused_with_both_sizes() {
        let colour = Intrinsics::pinhole(64, 48, 50.0, 50.0, 31.5, 23.5).expect("a camera");
        let metres = vec![2.0f32; 32 * 24];
        let depth = MetricZ::from_metres(&metres, 32, 24).expect("32x24");
        let error =
            Registrar::default().register(&frame(depth, colour, None), &mut DepthGrid::default()).expect_err("no fit");
        assert!(error.to_string().contains("32x24") && error.to_string().contains("64x48"), "{error}");
    }
}
