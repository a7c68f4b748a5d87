//! Rectangles on the floor plan: what an upright box covers, and how far two of them are apart.

use nalgebra::{Rotation2, Vector2};

/// An oriented rectangle in world x and y, metres and radians.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Footprint {
    /// Middle.
    pub centre: Vector2<f64>,
    /// Half extents along the rectangle's own axes.
    pub half: Vector2<f64>,
    /// Angle from world x to the rectangle's x.
    pub yaw: f64,
}

impl Footprint {
    /// The four corners, counter-clockwise.
    pub fn corners(&self) -> [Vector2<f64>; 4] {
        let world_from_local = Rotation2::new(self.yaw);
        [(1.0, 1.0), (-1.0, 1.0), (-1.0, -1.0), (1.0, -1.0)]
            .map(|(x, y)| self.centre + world_from_local * Vector2::new(x * self.half.x, y * self.half.y))
    }

    /// The same rectangle, larger by `margin_m` on each side.
    pub fn grown(&self, margin_m: f64) -> Self {
        Self { half: self.half.add_scalar(margin_m), ..*self }
    }

    /// Whether the two share area: no side of either separates them.
    pub fn overlaps(&self, other: &Self) -> bool {
        !self.separates(other) && !other.separates(self)
    }

    /// Distance from a point to the rectangle, 0 inside, metres.
    pub fn distance_to(&self, point: &Vector2<f64>) -> f64 {
        let local = Rotation2::new(-self.yaw) * (point - self.centre);
        let outside = (local.abs() - self.half).sup(&Vector2::zeros());
        outside.norm()
    }

    /// Distance between the two rectangles, 0 where they touch or overlap, metres.
    pub fn gap_to(&self, other: &Self) -> f64 {
        if self.overlaps(other) {
            return 0.0;
        }
        // Between disjoint convex polygons the shortest way has a corner at one end.
        let from_self = self.corners().map(|c| other.distance_to(&c));
        let from_other = other.corners().map(|c| self.distance_to(&c));
        from_self.into_iter().chain(from_other).fold(f64::INFINITY, f64::min)
    }

    fn separates(&self, other: &Self) -> bool {
        let local_from_world = Rotation2::new(-self.yaw);
        let corners = other.corners().map(|c| local_from_world * (c - self.centre));
        (0..2).any(|axis| {
            corners.iter().all(|c| c[axis] >= self.half[axis]) || corners.iter().all(|c| c[axis] <= -self.half[axis])
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::FRAC_PI_4;

    fn square(x: f64, y: f64, yaw: f64) -> Footprint {
        Footprint { centre: Vector2::new(x, y), half: Vector2::new(0.5, 0.5), yaw }
    }

    #[test]
    fn turning_a_square_brings_its_corner_nearer() {
        let still = square(0.0, 0.0, 0.0);
        assert!((still.gap_to(&square(2.0, 0.0, 0.0)) - 1.0).abs() < 1e-12);
        let turned = still.gap_to(&square(2.0, 0.0, FRAC_PI_4));
        assert!((turned - (1.5 - 0.5f64.sqrt())).abs() < 1e-12);
    }

    #[test]
    fn only_shared_area_is_overlap() {
        let still = square(0.0, 0.0, 0.0);
        assert!(still.overlaps(&square(0.9, 0.0, 0.0)));
        assert!(!still.overlaps(&square(1.0, 0.0, 0.0)));
        assert!(still.overlaps(&square(1.1, 0.0, FRAC_PI_4)));
        assert!(still.overlaps(&square(0.0, 0.0, 0.3)));
    }
}
