//! Depth whose factor drifts from frame to frame, held to what the frames before have shown.
//!
//! Points of the last frame are carried into the new one by their poses; where both look at the same surface, the ratio of
//! depths is the drift, whatever moved elsewhere. Most of the points must agree on one ratio: otherwise another place is seen,
//! and the frame is taken as it is. A small part of each correction is let go, so that errors do not add up: what is left of a
//! drift is that of a mean over [`StabiliserOptions::memory`] frames.

use super::cues::UnitDepth;
use super::robust::median;
use crate::error::{Error, Result};
use crate::frame::{Intrinsics, Pose};
use nalgebra::Point3;

/// How depth is held.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StabiliserOptions {
    /// Frames over which the factor is held, 1 or more. Default: 40.
    pub memory: f64,
    /// Points of a frame that are carried over, along its width. Default: 48.
    pub columns: usize,
    /// Share of the points that must agree on one ratio. Default: 0.4.
    pub agreeing: f64,
}

impl Default for StabiliserOptions {
    fn default() -> Self {
        Self { memory: 40.0, columns: 48, agreeing: 0.4 }
    }
}

/// What was done to a frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stabilised {
    /// What its depth was multiplied by.
    pub factor: f64,
    /// Points of the frame before that it looks at too.
    pub shared: usize,
    /// Share of them that agree on the ratio; 0 where it was taken as it is.
    pub agreeing: f64,
}

/// Holds the factor of one camera's depth.
#[derive(Debug, Clone)]
pub struct Stabiliser {
    options: StabiliserOptions,
    /// Points of the last frame as it was held, world axes.
    points: Vec<Point3<f64>>,
}

/// Fewer points tell nothing.
const LEAST_SHARED: usize = 24;
/// Ratios within this of each other agree, `ln`.
const AGREE_LN: f64 = 0.04;

impl Stabiliser {
    /// One that has seen nothing. Fails for options that cannot be.
    pub fn new(options: StabiliserOptions) -> Result<Self> {
        let StabiliserOptions { memory, columns, agreeing } = options;
        if !(memory >= 1.0 && memory.is_finite() && (2..=1024).contains(&columns) && (0.0..=1.0).contains(&agreeing)) {
            return Err(Error::argument(format!(
                "{options:?}, expected memory of 1 or more, 2 to 1024 columns, agreeing 0 to 1"
            )));
        }
        Ok(Self { options, points: Vec::new() })
    }

    /// Holds the next frame's depth, in place: along the optical axis, row-major at the size of `intrinsics`, 0 for "none". Fails
    /// for depth of another size.
    pub fn hold(&mut self, z: &mut [f32], intrinsics: &Intrinsics, world_from_camera: &Pose) -> Result<Stabilised> {
        let depth = UnitDepth::new(z, intrinsics)?;
        let mut ratios = self.ratios(&depth, intrinsics, world_from_camera);
        let shared = ratios.len();
        let told = if shared >= LEAST_SHARED { mode(&mut ratios) } else { None };
        let told = told.filter(|(_, count)| *count as f64 >= self.options.agreeing * shared as f64);
        let ln_factor = told.map_or(0.0, |(ln, _)| ln * (1.0 - self.options.memory.recip()));
        let factor = ln_factor.exp();
        z.iter_mut().for_each(|z| *z *= factor as f32);
        self.remember(&UnitDepth::new(z, intrinsics)?, intrinsics, world_from_camera);
        Ok(Stabilised { factor, shared, agreeing: told.map_or(0.0, |(_, count)| count as f64 / shared as f64) })
    }

    /// `ln` of the depth that was held over the new one, at each point that both see.
    fn ratios(&self, depth: &UnitDepth<'_>, intrinsics: &Intrinsics, world_from_camera: &Pose) -> Vec<f64> {
        let camera_from_world = world_from_camera.inverse();
        let ratio = |point: &Point3<f64>| {
            let point = camera_from_world * point;
            let [u, v] = intrinsics.project(&point).filter(|_| point.z > 0.0)?;
            depth.between(u, v).map(|z| (point.z / z).ln())
        };
        self.points.iter().filter_map(ratio).collect()
    }

    fn remember(&mut self, depth: &UnitDepth<'_>, intrinsics: &Intrinsics, world_from_camera: &Pose) {
        let step = (f64::from(intrinsics.width) / self.options.columns as f64).max(1.0);
        let along =
            |side: u32| (0..).map(move |k| (f64::from(k) + 0.5) * step).take_while(move |x| *x < f64::from(side) - 0.5);
        self.points.clear();
        for v in along(intrinsics.height) {
            for u in along(intrinsics.width) {
                let [u, v] = [u.floor(), v.floor()];
                let Some(ray) = intrinsics.ray(u, v).filter(|ray| ray.z > 1e-6) else { continue };
                self.points.extend(depth.at(u, v).map(|z| world_from_camera * Point3::from(ray * (z / ray.z))));
            }
        }
    }
}

/// The value on which most agree, and how many.
fn mode(values: &mut [f64]) -> Option<(f64, usize)> {
    values.sort_unstable_by(f64::total_cmp);
    let (mut from, mut best) = (0, 0..0);
    for to in 0..values.len() {
        while values[to] - values[from] > 2.0 * AGREE_LN {
            from += 1;
        }
        if to + 1 - from > best.len() {
            best = from..to + 1;
        }
    }
    // Round the middle of those, not of where the window happened to begin.
    let middle = *values.get(best.start + best.len() / 2)?;
    let agreeing: Vec<f64> = values.iter().copied().filter(|value| (value - middle).abs() <= AGREE_LN).collect();
    let count = agreeing.len();
    median(agreeing).map(|median| (median, count))
}
