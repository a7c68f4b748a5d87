//! The loop the camera walks: a rectangle with round corners, parallel to the walls, that furniture keeps off.

use std::f64::consts::PI;

use nalgebra::Vector2;

/// Furniture stays this far from the loop, metres.
pub const CLEARANCE_M: f64 = 0.3;

/// A rectangle with round corners about the world's origin, walked counter-clockwise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Walk {
    half: Vector2<f64>,
    radius: f64,
}

impl Walk {
    /// The loop for a room of this plan, metres: between what stands at the walls and what stands in the middle.
    pub fn in_room(width: f64, depth: f64) -> Self {
        let inset = 1.35 + 0.08 * (width - 6.0) + 0.1 * (depth - 5.0);
        let half = Vector2::new(width / 2.0 - inset, depth / 2.0 - inset);
        let radius = half.min().min(0.9);
        Self { half, radius }
    }

    /// Half extents of the rectangle, metres.
    pub fn half(&self) -> Vector2<f64> {
        self.half
    }

    /// Once round, metres.
    pub fn length_m(&self) -> f64 {
        let straight = self.half.add_scalar(-self.radius);
        4.0 * straight.sum() + 2.0 * PI * self.radius
    }

    /// The point after walking this far from the start on the +x side, metres.
    pub fn at(&self, walked_m: f64) -> Vector2<f64> {
        let straight = self.half.add_scalar(-self.radius);
        let quarter = PI / 2.0 * self.radius;
        let mut left = walked_m.rem_euclid(self.length_m());
        let sides = [straight.y, straight.x, straight.y, straight.x];
        for (side, along) in sides.into_iter().enumerate() {
            let turned = side as f64 * PI / 2.0;
            let (sin, cos) = turned.sin_cos();
            let (outward, tangent) = (Vector2::new(cos, sin), Vector2::new(-sin, cos));
            let across = if side % 2 == 0 { straight.x } else { straight.y };
            if left <= 2.0 * along {
                return outward * (across + self.radius) + tangent * (left - along);
            }
            left -= 2.0 * along;
            if left <= quarter {
                let angle = turned + left / self.radius;
                let corner = outward * across + tangent * along;
                return corner + Vector2::new(angle.cos(), angle.sin()) * self.radius;
            }
            left -= quarter;
        }
        self.at(0.0)
    }

    /// Points all along the loop, 5 cm apart.
    pub fn points(&self) -> Vec<Vector2<f64>> {
        let count = (self.length_m() / 0.05).ceil() as usize;
        let step = self.length_m() / count as f64;
        (0..count).map(|i| self.at(i as f64 * step)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loop_is_walked_at_even_steps_and_closes() {
        for (width, depth) in [(6.0, 5.0), (8.0, 6.0), (6.4, 5.9)] {
            let walk = Walk::in_room(width, depth);
            let step = walk.length_m() / 500.0;
            for i in 0..500 {
                let here = walk.at(f64::from(i) * step);
                let there = walk.at(f64::from(i + 1) * step);
                let moved = (there - here).norm();
                assert!(moved <= step + 1e-12 && moved > 0.98 * step, "{i}: {moved} {step}");
            }
        }
    }
}
