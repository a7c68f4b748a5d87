//! Boxes, and what is asked of two of them.

use super::growth::growing;
use super::guard::{DONE, guard};
use super::status::{Fault, gnomon_status};
use crate::frame::MAX_COORDINATE_M;
use crate::geom::{OrientedBox, gap, iou};
use nalgebra::{Matrix4, Point3, Quaternion, UnitQuaternion, Vector3};

/// How far a quaternion from outside may be from unit length.
const MAX_NORM_ERROR: f64 = 1e-3;

/// The pose that changes nothing, row by row.
pub(super) const IDENTITY: [f64; 16] = [1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0];

/// A point in the world, metres. Final: does not grow.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_point {
    /// Metres.
    pub x: f64,
    /// Metres.
    pub y: f64,
    /// Metres, up.
    pub z: f64,
}

/// A box with rotation, in a world of metres with Z up. Final: does not grow.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gnomon_box {
    /// Geometric centre, metres.
    pub centre: [f64; 3],
    /// Full side lengths l, w, h along the box's own x, y, z, metres, each above 0.
    pub size: [f64; 3],
    /// Unit quaternion x, y, z, w that turns box axes into world axes.
    pub world_from_box: [f64; 4],
}

growing! {
    gnomon_point 24;
}

impl gnomon_point {
    pub(super) fn of(p: &Point3<f64>) -> Self {
        Self { x: p.x, y: p.y, z: p.z }
    }
}

impl gnomon_box {
    pub(super) fn of(obb: &OrientedBox) -> Self {
        let q = obb.world_from_box.coords;
        Self { centre: obb.centre.coords.into(), size: obb.size.into(), world_from_box: q.into() }
    }

    pub(super) fn read(&self, what: &str) -> Result<OrientedBox, Fault> {
        if !self.centre.iter().all(|v| v.abs() <= MAX_COORDINATE_M) {
            return Err(Fault::argument(format!(
                "centre of {what} is {:?} m, expected finite and within {MAX_COORDINATE_M:e}",
                self.centre
            )));
        }
        if !self.size.iter().all(|&v| v > 0.0 && v <= MAX_COORDINATE_M) {
            return Err(Fault::argument(format!(
                "size of {what} is {:?} m, expected above 0 and at most {MAX_COORDINATE_M:e}",
                self.size
            )));
        }
        let [x, y, z, w] = self.world_from_box;
        let rotation = Quaternion::new(w, x, y, z);
        let norm = rotation.norm();
        if !(0.0..=MAX_NORM_ERROR).contains(&(norm - 1.0).abs()) {
            return Err(Fault::argument(format!("world_from_box of {what} has length {norm}, expected 1")));
        }
        Ok(OrientedBox {
            centre: Point3::from(self.centre),
            size: Vector3::from(self.size),
            world_from_box: UnitQuaternion::from_quaternion(rotation),
        })
    }
}

/// A pose as 4 x 4 numbers, row by row.
pub(super) fn rows_of(pose: &crate::frame::Pose) -> [f64; 16] {
    let m: Matrix4<f64> = pose.to_homogeneous();
    std::array::from_fn(|i| m[(i / 4, i % 4)])
}

/// Reads two boxes and writes the number that `measure` makes of them.
unsafe fn measured(
    first: *const gnomon_box,
    second: *const gnomon_box,
    out: *mut f64,
    measure: impl FnOnce(&OrientedBox, &OrientedBox) -> f64,
) -> Result<gnomon_status, Fault> {
    let missing = |what: &str| Fault::argument(format!("{what} is NULL"));
    if out.is_null() {
        return Err(missing("place for the result"));
    }
    // SAFETY: NULL or a readable box, by the header's word; read as bytes, so alignment does not matter.
    let read = |p: *const gnomon_box| (!p.is_null()).then(|| unsafe { p.read_unaligned() });
    let first = read(first).ok_or_else(|| missing("first box"))?.read("first box")?;
    let second = read(second).ok_or_else(|| missing("second box"))?.read("second box")?;
    let value = measure(&first, &second);
    // SAFETY: not NULL, writable by the header's word.
    unsafe { out.write_unaligned(value) };
    DONE
}

/// Distance between the closest points of two boxes, metres; 0 where they touch or overlap. No pointer may be NULL.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_box_gap(
    first: *const gnomon_box,
    second: *const gnomon_box,
    out_m: *mut f64,
) -> gnomon_status {
    guard("gnomon_box_gap", |_| {
        // SAFETY: the caller's pointers, as the header asks for them.
        unsafe { measured(first, second, out_m, |a, b| gap(a, b).distance_m) }
    })
}

/// Volume two boxes share over the volume they fill together, 0 to 1. No pointer may be NULL.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gnomon_box_iou(
    first: *const gnomon_box,
    second: *const gnomon_box,
    out: *mut f64,
) -> gnomon_status {
    guard("gnomon_box_iou", |_| {
        // SAFETY: the caller's pointers, as the header asks for them.
        unsafe { measured(first, second, out, iou) }
    })
}
