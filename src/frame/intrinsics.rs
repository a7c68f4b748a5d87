//! The pinhole camera with radial-tangential distortion (ROS `plumb_bob`, OpenCV `radtan`).
//!
//! Pixel (u, v) of a point (x, y, z) in camera coordinates: with a = x/z, b = y/z, r² = a² + b²,
//! radial = 1 + k1 r² + k2 r⁴ + k3 r⁶,
//! a' = a·radial + 2 p1 a b + p2 (r² + 2a²), b' = b·radial + p1 (r² + 2b²) + 2 p2 a b, u = fx a' + cx, v = fy b' + cy.

use super::MAX_SIDE_PX;
use crate::error::{Error, Result};
use nalgebra::{Point3, Vector3};

/// Coefficients of `plumb_bob` distortion; all zero is a pinhole.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Distortion {
    /// Radial, r².
    pub k1: f64,
    /// Radial, r⁴.
    pub k2: f64,
    /// Tangential.
    pub p1: f64,
    /// Tangential.
    pub p2: f64,
    /// Radial, r⁶.
    pub k3: f64,
}

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

/// Rounds of the fixed-point inversion; real lenses settle to 1e-9 in fewer than ten.
const UNDISTORT_ROUNDS: usize = 25;

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
        let d = &self.distortion;
        for (name, k) in [("k1", d.k1), ("k2", d.k2), ("p1", d.p1), ("p2", d.p2), ("k3", d.k3)] {
            if !(k.is_finite() && k.abs() <= 100.0) {
                return Err(Error::argument(format!("distortion {name} is {k}, expected −100 to 100")));
            }
        }
        Ok(())
    }

    /// Pixel of a point in camera coordinates; `None` for a point not in front of the camera.
    pub fn project(&self, point_in_camera: &Point3<f64>) -> Option<[f64; 2]> {
        if point_in_camera.z <= 1e-6 {
            return None;
        }
        let [a, b] = self.distort([point_in_camera.x / point_in_camera.z, point_in_camera.y / point_in_camera.z]);
        Some([self.fx * a + self.cx, self.fy * b + self.cy])
    }

    /// Direction of a pixel with z = 1, camera coordinates: multiply by depth to have the point.
    pub fn ray(&self, u: f64, v: f64) -> Vector3<f64> {
        let distorted = [(u - self.cx) / self.fx, (v - self.cy) / self.fy];
        let [a, b] = if self.distortion == Distortion::default() { distorted } else { self.undistort(distorted) };
        Vector3::new(a, b, 1.0)
    }

    fn distort(&self, [a, b]: [f64; 2]) -> [f64; 2] {
        let d = &self.distortion;
        let r2 = a * a + b * b;
        let radial = 1.0 + r2 * (d.k1 + r2 * (d.k2 + r2 * d.k3));
        [
            a * radial + 2.0 * d.p1 * a * b + d.p2 * (r2 + 2.0 * a * a),
            b * radial + d.p1 * (r2 + 2.0 * b * b) + 2.0 * d.p2 * a * b,
        ]
    }

    fn undistort(&self, distorted: [f64; 2]) -> [f64; 2] {
        let mut guess = distorted;
        for _ in 0..UNDISTORT_ROUNDS {
            let again = self.distort(guess);
            let next = [guess[0] + distorted[0] - again[0], guess[1] + distorted[1] - again[1]];
            if !(next[0].is_finite() && next[1].is_finite()) {
                break;
            }
            guess = next;
        }
        guess
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_distorted_pixel_comes_back_to_itself() {
        let mut camera = Intrinsics::pinhole(640, 480, 525.0, 520.0, 319.5, 239.5).expect("a camera");
        camera.distortion = Distortion { k1: -0.28, k2: 0.07, p1: 1e-3, p2: -5e-4, k3: 0.0 };
        for (u, v) in [(0.0, 0.0), (639.0, 479.0), (320.0, 10.0), (100.5, 300.25)] {
            let point = Point3::from(camera.ray(u, v) * 2.0);
            let [u2, v2] = camera.project(&point).expect("in front");
            assert!((u - u2).abs() < 1e-3 && (v - v2).abs() < 1e-3, "{u} {v} became {u2} {v2}");
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
