//! The gap between two full oriented boxes: the distance between their closest points, 0 where they touch or overlap.
//!
//! Two convex bodies that do not overlap are closest at a corner of one and the body of the other, or at an edge of
//! each. There are 8 corners and 12 edges a box, so all pairs are tried: exact, without iteration, some microseconds.

use super::{OrientedBox, overlap::boxes_overlap};
use nalgebra::{Point3, Vector3};

/// What [`gap`] found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gap {
    /// Distance between the closest points, metres; 0 when the boxes touch or overlap.
    pub distance_m: f64,
    /// The closest point of the first box, in the world. Where the boxes overlap: a point between the centres.
    pub on_first: Point3<f64>,
    /// The closest point of the second box, in the world.
    pub on_second: Point3<f64>,
}

/// Corner indices of the twelve edges, each differing in one bit.
const EDGES: [(usize, usize); 12] =
    [(0, 1), (2, 3), (4, 5), (6, 7), (0, 2), (1, 3), (4, 6), (5, 7), (0, 4), (1, 5), (2, 6), (3, 7)];

/// Closest points of two boxes.
pub fn gap(first: &OrientedBox, second: &OrientedBox) -> Gap {
    if boxes_overlap(first, second) {
        let between = nalgebra::center(&first.centre, &second.centre);
        return Gap { distance_m: 0.0, on_first: between, on_second: between };
    }
    let (corners_first, corners_second) = (first.corners(), second.corners());
    let mut best = Gap { distance_m: f64::INFINITY, on_first: first.centre, on_second: second.centre };
    let mut offer = |on_first: Point3<f64>, on_second: Point3<f64>| {
        let distance_m = (on_first - on_second).norm();
        if distance_m < best.distance_m {
            best = Gap { distance_m, on_first, on_second };
        }
    };
    for corner in corners_first {
        offer(corner, closest_in_box(second, &corner));
    }
    for corner in corners_second {
        offer(closest_in_box(first, &corner), corner);
    }
    for (a0, a1) in EDGES {
        for (b0, b1) in EDGES {
            let (on_first, on_second) =
                closest_of_segments(corners_first[a0], corners_first[a1], corners_second[b0], corners_second[b1]);
            offer(on_first, on_second);
        }
    }
    best
}

fn closest_in_box(oriented_box: &OrientedBox, point: &Point3<f64>) -> Point3<f64> {
    let half = oriented_box.size * 0.5;
    let p = oriented_box.to_box(point);
    let clamped = Vector3::from_fn(|k, _| p[k].clamp(-half[k], half[k]));
    oriented_box.centre + oriented_box.world_from_box * clamped
}

fn closest_of_segments(
    a0: Point3<f64>,
    a1: Point3<f64>,
    b0: Point3<f64>,
    b1: Point3<f64>,
) -> (Point3<f64>, Point3<f64>) {
    let (a, b, between) = (a1 - a0, b1 - b0, a0 - b0);
    let (aa, bb, ab) = (a.norm_squared(), b.norm_squared(), a.dot(&b));
    let denominator = aa * bb - ab * ab;
    let along = |numerator: f64, length2: f64| if length2 > 0.0 { (numerator / length2).clamp(0.0, 1.0) } else { 0.0 };
    // Parallel edges: any point of the first will do, the clamping below finds its partner.
    let s = if denominator > 1e-12 * aa * bb {
        ((ab * b.dot(&between) - bb * a.dot(&between)) / denominator).clamp(0.0, 1.0)
    } else {
        0.0
    };
    let t = along(ab * s + b.dot(&between), bb);
    let s = along(ab * t - a.dot(&between), aa);
    (a0 + a * s, b0 + b * t)
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::UnitQuaternion;
    use proptest::prelude::*;

    /// Alternating projection between the two convex bodies, the slow meaning of the gap.
    fn gap_by_projection(a: &OrientedBox, b: &OrientedBox) -> f64 {
        let mut on_b = b.centre;
        let mut on_a = a.centre;
        for _ in 0..20_000 {
            on_a = closest_in_box(a, &on_b);
            on_b = closest_in_box(b, &on_a);
        }
        (on_a - on_b).norm()
    }

    fn any_box() -> impl Strategy<Value = OrientedBox> {
        (prop::array::uniform3(-1.5..1.5f64), prop::array::uniform3(0.02..1.5f64), prop::array::uniform3(-3.1..3.1f64))
            .prop_map(|(centre, size, turn)| OrientedBox {
                centre: Point3::from(centre),
                size: Vector3::from(size),
                world_from_box: UnitQuaternion::from_euler_angles(turn[0], turn[1], turn[2]),
            })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn tilted_boxes_agree_with_alternating_projection(a in any_box(), b in any_box()) {
            let exact = gap(&a, &b).distance_m;
            let slow = gap_by_projection(&a, &b);
            prop_assert!((exact - slow).abs() < 2e-3, "exact {exact} slow {slow}");
            prop_assert!(exact <= slow + 1e-9);
        }
    }

    #[test]
    fn faces_twenty_centimetres_apart_are_twenty_centimetres_apart() {
        let a = OrientedBox::upright(Point3::new(0.0, 0.0, 0.5), Vector3::new(1.0, 1.0, 1.0), 0.0);
        let b = OrientedBox::upright(Point3::new(1.2, 0.1, 0.5), Vector3::new(1.0, 1.0, 1.0), 0.0);
        let found = gap(&a, &b);
        assert!((found.distance_m - 0.2).abs() < 1e-12);
        assert!((found.on_first.x - 0.5).abs() < 1e-12 && (found.on_second.x - 0.7).abs() < 1e-12);
    }
}
