//! Which way is up: the normal of the dominant plane under the camera.
//!
//! Blocks are taken in the camera's own axes. A plane is "under" when it faces against the image's down direction within
//! 60° and lies at least [`LEAST_BELOW_M`] below the camera. Every so many blocks propose their plane; the one with the
//! most area within 10° and 3 cm wins and is refined over its inliers.

use super::blocks::Blocks;
use nalgebra::Vector3;

/// A floor is at least so far below the camera, metres.
const LEAST_BELOW_M: f32 = 0.3;

/// The least area that is taken for a floor, m².
const LEAST_AREA_M2: f32 = 0.3;

const NEAR_NORMAL_COS: f32 = 0.985;
const NEAR_PLANE_M: f32 = 0.03;
const PROPOSALS: usize = 150;

/// Up in camera axes and the height of the camera above the plane, metres; `None` when no such plane is in view.
///
/// `blocks` must have been filled with the identity: axes of the camera.
pub fn find_up(blocks: &Blocks) -> Option<(Vector3<f64>, f64)> {
    let under: Vec<_> = blocks.blocks.iter().filter(|b| b.has_normal() && b.normal[1] < -0.5).collect();
    let stride = under.len().div_ceil(PROPOSALS).max(1);
    let dot = |a: [f32; 3], b: [f32; 3]| a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
    let mut best = (LEAST_AREA_M2, [0.0; 3], 0.0);
    for seed in under.iter().step_by(stride) {
        let mut plane = (seed.normal, dot(seed.normal, seed.point));
        let mut area = 0.0;
        for _ in 0..3 {
            let (mut normal, mut offset) = ([0.0; 3], 0.0);
            area = 0.0;
            for b in under.iter().filter(|b| {
                dot(b.normal, plane.0) > NEAR_NORMAL_COS && (dot(plane.0, b.point) - plane.1).abs() < NEAR_PLANE_M
            }) {
                (0..3).for_each(|k| normal[k] += b.normal[k] * b.area_m2);
                area += b.area_m2;
            }
            let norm = dot(normal, normal).sqrt();
            if norm <= 0.0 {
                break;
            }
            let normal = normal.map(|n| n / norm);
            for b in under.iter().filter(|b| {
                dot(b.normal, plane.0) > NEAR_NORMAL_COS && (dot(plane.0, b.point) - plane.1).abs() < NEAR_PLANE_M
            }) {
                offset += dot(normal, b.point) * b.area_m2 / area;
            }
            plane = (normal, offset);
        }
        if area > best.0 && plane.1 < -LEAST_BELOW_M {
            best = (area, plane.0, plane.1);
        }
    }
    (best.0 > LEAST_AREA_M2).then(|| (Vector3::from(best.1.map(f64::from)).normalize(), f64::from(-best.2)))
}
