//! How far a box is turned from the truth.

use crate::geom::{OrientedBox, wrap_half_turn};
use std::f64::consts::FRAC_PI_4;

/// Footprints less elongated than this may be turned by a quarter.
const SQUARE_RATIO: f64 = 1.15;

/// Yaw error mod 180°, mod 90° for square footprints, degrees.
pub(super) fn yaw_error_deg(truth: &OrientedBox, found: &OrientedBox) -> f64 {
    let turn = wrap_half_turn(found.yaw_rad() - truth.yaw_rad()).abs();
    let square = truth.size.x / truth.size.y < SQUARE_RATIO;
    let error = if square { FRAC_PI_4 - (turn % (2.0 * FRAC_PI_4) - FRAC_PI_4).abs() } else { turn };
    error.to_degrees()
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::{Point3, Vector3};

    fn turned(size: [f64; 3], yaw_deg: f64) -> OrientedBox {
        OrientedBox::upright(Point3::origin(), Vector3::from(size), yaw_deg.to_radians())
    }

    #[test]
    fn a_half_turn_is_none_and_a_quarter_is_none_for_what_is_square() {
        let (long, square) = ([2.0, 1.0, 1.0], [1.0, 1.0, 1.0]);
        let off = |size, yaw_deg| yaw_error_deg(&turned(size, 10.0), &turned(size, 10.0 + yaw_deg));
        assert!((off(long, 180.0)).abs() < 1e-9 && (off(long, 90.0) - 90.0).abs() < 1e-9);
        assert!((off(long, -3.0) - 3.0).abs() < 1e-9);
        assert!((off(square, 90.0)).abs() < 1e-9 && (off(square, 87.0) - 3.0).abs() < 1e-9);
    }
}
