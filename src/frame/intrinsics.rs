//! A camera: from points to pixels and back. Its lens is a [`Distortion`].
//!
//! Pixel (u, v) of a point (x, y, z) in camera coordinates: the direction (x/z, y/z) is moved by the lens to (a', b'),
//! and u = fx a' + cx, v = fy b' + cy. Depth along the axis, z, is what the depth image holds, whatever the lens: the
//! point of a pixel is its ray, scaled to z = 1, times its depth.

use super::{Distortion, MAX_SIDE_PX};
use crate::error::{Error, Result};
use nalgebra::{Point3, Vector3};

/// A camera: size in pixels, focal lengths and principal point in pixels, distortion.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Intrinsics {
    /// Width of its images, pixels.
    pub width: u32,
    /// Height of its images, pixels.
    pub height: u32,
    /// Focal length along u, pixels.
    pub fx: f64,
    /// Focal length along v, pixels.
    pub fy: f64,
    /// Principal point, pixels from the centre of the leftmost pixel.
    pub cx: f64,
    /// Principal point, pixels from the centre of the topmost pixel.
    pub cy: f64,
    /// Lens distortion.
    pub distortion: Distortion,
}

impl Intrinsics {
    /// A camera without distortion.
    pub fn pinhole(width: u32, height: u32, fx: f64, fy: f64, cx: f64, cy: f64) -> Result<Self> {
        let camera = Self { width, height, fx, fy, cx, cy, distortion: Distortion::default() };
        camera.check()?;
        Ok(camera)
    }

    /// Refuses what no camera can have.
    pub fn check(&self) -> Result<()> {
        if self.width == 0 || self.height == 0 || self.width > MAX_SIDE_PX || self.height > MAX_SIDE_PX {
            return Err(Error::argument(format!(
                "intrinsics are for {}x{} pixels, expected 1 to {MAX_SIDE_PX} a side",
                self.width, self.height
            )));
        }
        let side = f64::from(self.width.max(self.height));
        for (name, focal) in [("fx", self.fx), ("fy", self.fy)] {
            if !(focal.is_finite() && focal >= 0.01 * side && focal <= 1000.0 * side) {
                return Err(Error::argument(format!(
                    "{name} is {focal} pixels, expected {:.1} to {:.0} for a side of {side} pixels",
                    0.01 * side,
                    1000.0 * side
                )));
            }
        }
        for (name, centre, size) in [("cx", self.cx, self.width), ("cy", self.cy, self.height)] {
            let size = f64::from(size);
            if !(centre.is_finite() && centre >= -size && centre <= 2.0 * size) {
                return Err(Error::argument(format!(
                    "{name} is {centre} pixels, expected {} to {}",
                    -size,
                    2.0 * size
                )));
            }
        }
        Ok(())
    }

    /// Pixel of a point in camera coordinates; `None` for a point that is not in front of the camera or beyond the reach
    /// of its lens. It may lie outside the image.
    #[inline]
    pub fn project(&self, point_in_camera: &Point3<f64>) -> Option<[f64; 2]> {
        if point_in_camera.z <= 1e-6 {
            return None;
        }
        let direction = [point_in_camera.x / point_in_camera.z, point_in_camera.y / point_in_camera.z];
        let [a, b] = self.distortion.distort(direction)?;
        Some([self.fx * a + self.cx, self.fy * b + self.cy])
    }

    /// Direction of a pixel with z = 1, camera coordinates: multiply by depth to have the point. `None` where the lens
    /// brings no light from before the camera to.
    pub fn ray(&self, u: f64, v: f64) -> Option<Vector3<f64>> {
        let [a, b] = self.distortion.undistort([(u - self.cx) / self.fx, (v - self.cy) / self.fy])?;
        Some(Vector3::new(a, b, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_distorted_pixel_comes_back_to_itself() {
        let mut camera = Intrinsics::pinhole(640, 480, 525.0, 520.0, 319.5, 239.5).expect("a camera");
        camera.distortion = Distortion::plumb_bob([-0.28, 0.07, 1e-3, -5e-4, 0.0]).expect("a lens");
        for (u, v) in [(0.0, 0.0), (639.0, 479.0), (320.0, 10.0), (100.5, 300.25)] {
            let point = Point3::from(camera.ray(u, v).expect("in reach") * 2.0);
            let [u2, v2] = camera.project(&point).expect("in front");
            assert!((u - u2).abs() < 1e-9 && (v - v2).abs() < 1e-9, "{u} {v} became {u2} {v2}");
        }
    }

    #[test]
    fn what_is_behind_the_camera_is_seen_through_no_lens() {
        let fisheye = Distortion::equidistant([0.0; 4]).expect("a lens");
        for distortion in [Distortion::default(), fisheye] {
            let camera = Intrinsics {
                distortion,
                ..Intrinsics::pinhole(640, 480, 200.0, 200.0, 319.5, 239.5).expect("a camera")
            };
            for behind in [[0.1, 0.2, -1.0], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0], [f64::NAN, 0.0, 1.0]] {
                let seen = camera.project(&Point3::from(behind)).filter(|pixel| pixel[0].is_finite());
                assert!(seen.is_none(), "{behind:?}");
            }
            assert!(camera.project(&Point3::new(0.1, 0.2, 1.0)).is_some());
        }
    }

    #[test]
    fn impossible_cameras_are_refused() {
        assert!(Intrinsics::pinhole(640, 480, f64::NAN, 525.0, 320.0, 240.0).is_err());
        assert!(Intrinsics::pinhole(640, 480, 0.0, 525.0, 320.0, 240.0).is_err());
        assert!(Intrinsics::pinhole(640, 480, 525.0, 525.0, 1e9, 240.0).is_err());
        assert!(Intrinsics::pinhole(0, 480, 525.0, 525.0, 320.0, 240.0).is_err());
    }
}
