//! The oriented box.

use super::polygon::{convex_hull, rectangle_hull};
use nalgebra::{Isometry3, Point3, Translation3, UnitQuaternion, Vector3};
use std::f64::consts::{FRAC_PI_2, PI};

/// A box tilted by more than this has no 7-number form (centre, size, yaw).
pub const MAX_UPRIGHT_TILT_RAD: f64 = 5.0 * PI / 180.0;

/// A box with rotation: `centre` in the world, `size` (l, w, h) along its own x, y, z, metres.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OrientedBox {
    /// Geometric centre in the world, metres.
    pub centre: Point3<f64>,
    /// Full side lengths (l, w, h) along the box's own x, y, z, metres, each > 0.
    pub size: Vector3<f64>,
    /// Turns box axes into world axes.
    pub world_from_box: UnitQuaternion<f64>,
}

/// An angle brought into [−π, π).
pub fn wrap_turn(angle_rad: f64) -> f64 {
    (angle_rad + PI).rem_euclid(2.0 * PI) - PI
}

/// An angle of something that looks the same turned by half a turn, brought into [−π/2, π/2).
pub fn wrap_half_turn(angle_rad: f64) -> f64 {
    (angle_rad + FRAC_PI_2).rem_euclid(PI) - FRAC_PI_2
}

impl OrientedBox {
    /// A box turned by `yaw_rad` about +Z, counter-clockwise from world +X to the box's x.
    pub fn upright(centre: Point3<f64>, size: Vector3<f64>, yaw_rad: f64) -> Self {
        Self { centre, size, world_from_box: UnitQuaternion::from_axis_angle(&Vector3::z_axis(), yaw_rad) }
    }

    /// The pose of the box: box coordinates to world coordinates.
    pub fn pose(&self) -> Isometry3<f64> {
        Isometry3::from_parts(Translation3::from(self.centre.coords), self.world_from_box)
    }

    /// Angle between the box's z axis and the world's, radians.
    pub fn tilt_rad(&self) -> f64 {
        (self.world_from_box * Vector3::z()).z.clamp(-1.0, 1.0).acos()
    }

    /// Counter-clockwise angle about +Z from world +X to the box's x projected on the ground, in (−π, π].
    pub fn yaw_rad(&self) -> f64 {
        let x_in_world = self.world_from_box * Vector3::x();
        x_in_world.y.atan2(x_in_world.x)
    }

    /// The 7-number form [x, y, z, l, w, h, yaw], or `None` for a box tilted by more than
    /// [`MAX_UPRIGHT_TILT_RAD`].
    pub fn to_seven(&self) -> Option<[f64; 7]> {
        let (c, s) = (self.centre, self.size);
        (self.tilt_rad() <= MAX_UPRIGHT_TILT_RAD).then(|| [c.x, c.y, c.z, s.x, s.y, s.z, self.yaw_rad()])
    }

    /// The same upright box in the canonical form of things without a heading: l ≥ w, yaw in [−π/2, π/2).
    pub fn canonical_upright(centre: Point3<f64>, size: Vector3<f64>, yaw_rad: f64) -> Self {
        let swap = size.x < size.y;
        let size = if swap { Vector3::new(size.y, size.x, size.z) } else { size };
        let yaw_rad = if swap { yaw_rad + FRAC_PI_2 } else { yaw_rad };
        Self::upright(centre, size, wrap_half_turn(yaw_rad))
    }

    /// The box's own unit axes in the world.
    pub fn axes(&self) -> [Vector3<f64>; 3] {
        [Vector3::x(), Vector3::y(), Vector3::z()].map(|axis| self.world_from_box * axis)
    }

    /// The eight corners in the world; bit k of the index says on which side of axis k the corner lies.
    pub fn corners(&self) -> [Point3<f64>; 8] {
        std::array::from_fn(|i| self.corner(i))
    }

    fn corner(&self, i: usize) -> Point3<f64> {
        let half = self.size * 0.5;
        let sign = |bit: usize| if i & (1 << bit) != 0 { 1.0 } else { -1.0 };
        let in_box = Vector3::new(sign(0) * half.x, sign(1) * half.y, sign(2) * half.z);
        self.centre + self.world_from_box * in_box
    }

    /// How far its corners are from its centre, metres.
    pub fn reach_m(&self) -> f64 {
        self.size.norm() * 0.5
    }

    /// Smallest and largest world coordinate per axis.
    pub fn bounds(&self) -> (Point3<f64>, Point3<f64>) {
        let [x, y, z] = self.axes();
        let reach = (x * self.size.x).abs() + (y * self.size.y).abs() + (z * self.size.z).abs();
        (self.centre - reach * 0.5, self.centre + reach * 0.5)
    }

    /// Whether the upright bounds of the box touch the rectangle between two corners, seen from above; metres in the
    /// world's x and y.
    pub fn touches_from_above(&self, low: [f64; 2], high: [f64; 2]) -> bool {
        // The middle of a box is in its bounds, which reach no farther than its corners, and both are found quicker.
        let middle = [self.centre.x, self.centre.y];
        if (0..2).all(|k| (low[k]..=high[k]).contains(&middle[k])) {
            return true;
        }
        let reach_m = self.size.norm() * (0.5 + 1e-9) + 1e-9;
        if (0..2).any(|k| middle[k] + reach_m < low[k] || middle[k] - reach_m > high[k]) {
            return false;
        }
        let (least, most) = self.bounds();
        least.x <= high[0] && most.x >= low[0] && least.y <= high[1] && most.y >= low[1]
    }

    /// A world point in box coordinates.
    pub fn to_box(&self, point_in_world: &Point3<f64>) -> Vector3<f64> {
        self.world_from_box.inverse_transform_vector(&(point_in_world - self.centre))
    }

    /// Distance from a world point to the box, 0 inside, metres.
    pub fn distance_m(&self, point_in_world: &Point3<f64>) -> f64 {
        let beyond = self.to_box(point_in_world).abs() - self.size * 0.5;
        beyond.map(|d| d.max(0.0)).norm()
    }

    /// Volume, m³.
    pub fn volume_m3(&self) -> f64 {
        self.size.product()
    }

    /// Convex outline of the box seen from above, counter-clockwise.
    pub fn footprint(&self) -> Vec<[f64; 2]> {
        // Of an upright box the corners above lie over those below.
        let (tilt_x, tilt_y) = (self.world_from_box.i, self.world_from_box.j);
        let from_above = |i: usize| {
            let corner = self.corner(i);
            [corner.x, corner.y]
        };
        if tilt_x == 0.0 && tilt_y == 0.0 {
            rectangle_hull([0, 1, 3, 2].map(from_above))
        } else {
            convex_hull((0..8).map(from_above).collect())
        }
    }

    /// True when every number is finite, every side is positive and the rotation is a unit quaternion.
    pub fn is_valid(&self) -> bool {
        self.centre.iter().chain(self.size.iter()).chain(self.world_from_box.coords.iter()).all(|v| v.is_finite())
            && self.size.iter().all(|&s| s > 0.0)
            && (self.world_from_box.norm() - 1.0).abs() < 1e-6
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_form_keeps_the_volume_in_place() {
        let a = OrientedBox::upright(Point3::new(1.0, 2.0, 0.5), Vector3::new(0.4, 1.2, 0.7), 2.9);
        let b = OrientedBox::canonical_upright(a.centre, a.size, a.yaw_rad());
        assert!(b.size.x >= b.size.y && (-FRAC_PI_2..FRAC_PI_2).contains(&b.yaw_rad()));
        assert!((crate::geom::iou(&a, &b) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn the_seven_numbers_refuse_a_tilted_box() {
        let mut tilted = OrientedBox::upright(Point3::origin(), Vector3::new(1.0, 1.0, 1.0), 0.3);
        assert!(tilted.to_seven().is_some());
        tilted.world_from_box = UnitQuaternion::from_axis_angle(&Vector3::x_axis(), 0.1) * tilted.world_from_box;
        assert!(tilted.to_seven().is_none());
    }

    #[test]
    fn bounds_hold_every_corner_and_touch_one() {
        let rotation = UnitQuaternion::from_euler_angles(0.4, -0.7, 1.1);
        let b = OrientedBox {
            centre: Point3::new(1.0, -2.0, 3.0),
            size: Vector3::new(0.5, 2.0, 1.0),
            world_from_box: rotation,
        };
        let (low, high) = b.bounds();
        for k in 0..3 {
            let most = b.corners().iter().map(|c| c[k]).fold(f64::MIN, f64::max);
            let least = b.corners().iter().map(|c| c[k]).fold(f64::MAX, f64::min);
            assert!((most - high[k]).abs() < 1e-12 && (least - low[k]).abs() < 1e-12);
        }
    }
}
