//! What is asked of two boxes.

use crate::bridge::OrientedBox;
use crate::held::{Failure, held};
use gnomon::geom::{gap, iou};

/// How far apart two boxes are. Errors: boxes that are none.
pub fn box_gap(first: &OrientedBox, second: &OrientedBox) -> Result<f64, Failure> {
    held(|| Ok(gap(&first.read("first")?, &second.read("second")?).distance_m))
}

/// How much two boxes have in common. Errors: boxes that are none.
pub fn box_iou(first: &OrientedBox, second: &OrientedBox) -> Result<f64, Failure> {
    held(|| Ok(iou(&first.read("first")?, &second.read("second")?)))
}
