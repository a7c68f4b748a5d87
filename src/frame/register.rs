//! Depth brought into the colour camera: one working image of metres, in the pixels that detections are given in.
//!
//! Registered depth is only decoded. Depth of another camera is carried over point by point: unprojected by the depth
//! camera's lens, moved by `colour_from_depth`, projected by the colour camera's, the nearest winning; pixels that nothing
//! fell on are holes. What is kept is z in the colour camera, along its axis, for every lens.
//!
//! A pixel without a ray (the black rim of a fisheye) has no depth, whatever its image says.

use super::{Frame, Intrinsics, MetricZ, Pose};
use crate::error::{Error, Result};
use nalgebra::Point3;
use std::sync::Arc;

/// Pixels whose directions are kept for cameras that take turns: 64 MiB, more than eight of 1280 × 720.
const KEPT_PIXELS: usize = 1 << 23;

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
    /// (x/z, y/z) of every pixel, row-major; not a number where the camera has no ray, and then there is no depth.
    pub rays: Arc<[[f32; 2]]>,
    /// Least (x/z, y/z) of the image, its right and lower border included.
    pub low: [f64; 2],
    /// Greatest (x/z, y/z) of the image.
    pub high: [f64; 2],
    /// True when the rays are not evenly spaced: the camera has a lens.
    pub is_bent: bool,
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

/// What a camera's pixels look at.
#[derive(Debug, Clone)]
struct Rays {
    of: Intrinsics,
    rays: Arc<[[f32; 2]]>,
    low: [f64; 2],
    high: [f64; 2],
    has_blind: bool,
}

/// Makes [`DepthGrid`]s; keeps the pixel directions of the cameras it saw last. One per thread.
#[derive(Debug, Clone, Default)]
pub struct Registrar {
    /// The newest first.
    known: Vec<Rays>,
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
        match &frame.depth_camera {
            None => frame.depth.decode_into(&mut grid.z),
            Some(camera) => self.carry_over(&frame.depth, camera, colour, grid),
        }
        let seen = self.rays_of(colour);
        (grid.low, grid.high, grid.is_bent) = (seen.low, seen.high, !colour.distortion.is_none());
        if !Arc::ptr_eq(&grid.rays, &seen.rays) {
            grid.rays = Arc::clone(&seen.rays);
        }
        if seen.has_blind {
            let blind = grid.z.iter_mut().zip(seen.rays.iter()).filter(|(_, ray)| ray[0].is_nan());
            blind.for_each(|(z, _)| *z = 0.0);
        }
        Ok(())
    }

    fn carry_over(&mut self, depth: &MetricZ<'_>, camera: &DepthCamera, colour: &Intrinsics, grid: &mut DepthGrid) {
        depth.decode_into(&mut self.own_z);
        grid.z.clear();
        grid.z.resize(grid.width * grid.height, 0.0);
        let rays = Arc::clone(&self.rays_of(&camera.intrinsics).rays);
        for (&z, ray) in self.own_z.iter().zip(rays.iter()).filter(|(z, ray)| **z > 0.0 && !ray[0].is_nan()) {
            let [x, y, z] = [ray[0], ray[1], 1.0].map(|along| f64::from(along) * f64::from(z));
            let in_colour = camera.colour_from_depth * Point3::new(x, y, z);
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

    /// The directions of this camera's pixels: kept ones, or made anew in place of those not asked for the longest.
    fn rays_of(&mut self, camera: &Intrinsics) -> &Rays {
        match self.known.iter().position(|rays| rays.of == *camera) {
            Some(at) => self.known[..=at].rotate_right(1),
            None => {
                let pixels = |rays: &[Rays]| rays.iter().map(|rays| rays.rays.len()).sum::<usize>();
                let more = camera.width as usize * camera.height as usize;
                while self.known.len() > 1 && pixels(&self.known) + more > KEPT_PIXELS {
                    self.known.pop();
                }
                self.known.insert(0, Rays::new(camera));
            }
        }
        &self.known[0]
    }
}

impl Rays {
    fn new(camera: &Intrinsics) -> Self {
        let (width, height) = (f64::from(camera.width), f64::from(camera.height));
        if camera.distortion.is_none() {
            let (low, high) = (pinhole_ray(camera, 0.0, 0.0), pinhole_ray(camera, width, height));
            let rays = (0..camera.height).flat_map(|v| (0..camera.width).map(move |u| [u, v].map(f64::from)));
            let rays = rays.map(|[u, v]| pinhole_ray(camera, u, v).map(|along| along as f32)).collect();
            return Self { of: *camera, rays, low, high, has_blind: false };
        }
        let rays: Arc<[[f32; 2]]> = (0..camera.height)
            .flat_map(|v| (0..camera.width).map(move |u| [u, v].map(f64::from)))
            .map(|[u, v]| camera.ray(u, v).map_or([f32::NAN; 2], |ray| [ray.x as f32, ray.y as f32]))
            .collect();
        let has_blind = rays.iter().any(|ray| ray[0].is_nan());
        let of_axis = |k: usize| rays.iter().map(move |ray| f64::from(ray[k]));
        // `min` and `max` pass over what is not a number.
        let low = [0, 1].map(|k| of_axis(k).fold(0.0, f64::min));
        let high = [0, 1].map(|k| of_axis(k).fold(0.0, f64::max));
        Self { of: *camera, rays, low, high, has_blind }
    }
}

fn pinhole_ray(camera: &Intrinsics, u: f64, v: f64) -> [f64; 2] {
    [(u - camera.cx) / camera.fx, (v - camera.cy) / camera.fy]
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

#[cfg(test)]
mod tests {
    use super::super::Distortion;
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

    /// 64 × 48 pixels of a fisheye whose image circle has a radius of 25 pixels.
    fn fisheye() -> Intrinsics {
        let distortion = Distortion::equidistant([0.0; 4]).expect("a lens");
        let focal = 25.0 / std::f64::consts::FRAC_PI_2;
        Intrinsics { distortion, ..Intrinsics::pinhole(64, 48, focal, focal, 31.5, 23.5).expect("a camera") }
    }

    #[test]
    fn the_rim_of_a_fisheye_has_no_depth_and_its_middle_all_of_it() {
        let metres = vec![2.0f32; 64 * 48];
        let depth = MetricZ::from_metres(&metres, 64, 48).expect("64x48");
        let mut grid = DepthGrid::default();
        Registrar::default().register(&frame(depth, fisheye(), None), &mut grid).expect("fits");
        for (at, (z, ray)) in grid.z.iter().zip(grid.rays.iter()).enumerate() {
            let (u, v) = ((at % 64) as f64 - 31.5, (at / 64) as f64 - 23.5);
            let from_middle = u.hypot(v);
            if (from_middle - 25.0).abs() > 0.2 {
                assert_eq!(*z > 0.0, from_middle < 25.0, "{u} {v}");
                assert_eq!(ray[0].is_nan(), from_middle > 25.0, "{u} {v}");
            }
        }
        assert!(grid.is_bent && grid.low[0] < -5.0 && grid.high[1] > 5.0, "{:?} {:?}", grid.low, grid.high);
    }

    #[test]
    fn cameras_that_take_turns_keep_their_rays() {
        let metres = vec![2.0f32; 64 * 48];
        let depth = MetricZ::from_metres(&metres, 64, 48).expect("64x48");
        let pinhole = Intrinsics::pinhole(64, 48, 50.0, 50.0, 31.5, 23.5).expect("a camera");
        let (mut registrar, mut grid) = (Registrar::default(), DepthGrid::default());
        let mut rays_of = |camera| {
            registrar.register(&frame(depth, camera, None), &mut grid).expect("fits");
            Arc::clone(&grid.rays)
        };
        let first = [rays_of(pinhole), rays_of(fisheye())];
        let second = [rays_of(pinhole), rays_of(fisheye())];
        assert!(first.iter().zip(&second).all(|(a, b)| Arc::ptr_eq(a, b)));
        assert!(!Arc::ptr_eq(&first[0], &first[1]));
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
