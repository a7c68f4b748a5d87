//! The gap between two boxes by alternating projection: from a point of one to the nearest of the other and back, until
//! neither moves. For convex bodies this ends at a closest pair. Slower than a formula, and independent of one.

use nalgebra::{Rotation2, Vector3};

use super::super::object::TruthObject;

/// Ends where a round trip moves the point by less, metres.
const STILL_M: f64 = 1e-9;
/// Faces that are nearly parallel take longest.
const MAX_ROUNDS: usize = 20_000;

/// Shortest distance between the boxes of two objects, metres; 0 where they touch.
pub(super) fn gap_m(one: &TruthObject, other: &TruthObject) -> f64 {
    let mut on_one = Vector3::from(one.centre);
    let mut on_other = nearest_in(other, &on_one);
    for _ in 0..MAX_ROUNDS {
        let next = nearest_in(one, &on_other);
        let moved = (next - on_one).norm();
        on_one = next;
        on_other = nearest_in(other, &on_one);
        if moved < STILL_M {
            break;
        }
    }
    (on_one - on_other).norm()
}

/// The point of an object's box nearest to a point.
fn nearest_in(object: &TruthObject, point: &Vector3<f64>) -> Vector3<f64> {
    let centre = Vector3::from(object.centre);
    let world_from_box = Rotation2::new(object.yaw);
    let offset = point - centre;
    let in_plan = world_from_box.inverse() * offset.xy();
    let half = Vector3::from(object.size) / 2.0;
    let clamped = Vector3::new(in_plan.x, in_plan.y, offset.z).zip_map(&half, |x, half| x.clamp(-half, half));
    let in_plan = world_from_box * clamped.xy();
    centre + Vector3::new(in_plan.x, in_plan.y, clamped.z)
}

#[cfg(test)]
mod tests {
    use super::super::super::Room;
    use super::*;

    #[test]
    fn boxes_are_as_far_apart_as_the_layout_says() {
        for seed in 0..4 {
            let room = Room::generate(seed);
            for (i, one) in room.objects().iter().enumerate() {
                for other in &room.objects()[..i] {
                    let found = gap_m(&one.truth(), &other.truth());
                    let expected = one.gap_m(other);
                    assert!((found - expected).abs() < 1e-4, "{} {}: {found} {expected}", one.label(), other.label());
                }
            }
        }
    }
}
