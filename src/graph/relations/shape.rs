//! What several relations ask of boxes: extents along a direction, heights above a place, depth within an outline.

use super::Asked;
use crate::geom::{OrientedBox, polygon};
use nalgebra::Vector3;

/// A direction on the ground is as good as vertical to a face whose normal is nearer to it than this.
const PARALLEL: f64 = 1e-12;

/// Least and greatest coordinate of a box along a unit vector on the ground, metres.
pub fn extent_along(obb: &OrientedBox, [x, y]: [f64; 2]) -> (f64, f64) {
    let along = Vector3::new(x, y, 0.0);
    let reach = obb.axes().into_iter().zip(obb.size.iter()).map(|(axis, side)| (axis.dot(&along) * side).abs());
    let (middle, reach) = (obb.centre.coords.dot(&along), reach.sum::<f64>() * 0.5);
    (middle - reach, middle + reach)
}

/// By how much A comes before B along a unit vector: from the end of A to the begin of B, an overlap up to the allowed
/// share of the narrower extent being no overlap.
pub fn before_along(asked: &Asked<'_>, direction: [f64; 2]) -> f64 {
    let (a, b) = (extent_along(asked.a, direction), extent_along(asked.b, direction));
    b.0 - a.1 + asked.options.side_overlap * (a.1 - a.0).min(b.1 - b.0)
}

/// Lowest and highest point of a box, metres.
pub fn heights(obb: &OrientedBox) -> (f64, f64) {
    let (low, high) = obb.bounds();
    (low.z, high.z)
}

/// The highest point of a box over a place on the ground, or of the whole box where it has nothing there.
pub fn top_over(obb: &OrientedBox, at: [f64; 2]) -> f64 {
    let from = obb.to_box(&[at[0], at[1], obb.centre.z].into());
    let up = obb.world_from_box.inverse_transform_vector(&Vector3::z());
    let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
    for k in 0..3 {
        let half = obb.size[k] * 0.5;
        if up[k].abs() < PARALLEL {
            if from[k].abs() > half {
                return heights(obb).1;
            }
            continue;
        }
        let ends = [(-half - from[k]) / up[k], (half - from[k]) / up[k]];
        low = low.max(ends[0].min(ends[1]));
        high = high.min(ends[0].max(ends[1]));
    }
    if low <= high { obb.centre.z + high } else { heights(obb).1 }
}

/// How far inside a convex outline a place lies, metres: the way to the nearest edge, negative outside.
pub fn depth_within(outline: &[[f64; 2]], at: [f64; 2]) -> f64 {
    let edges = || (0..outline.len()).map(|i| (outline[i], outline[(i + 1) % outline.len()]));
    let nearest_m = edges().map(|(p, q)| distance_to_segment(at, p, q)).fold(f64::INFINITY, f64::min);
    let is_left = |(p, q): ([f64; 2], [f64; 2])| (q[0] - p[0]) * (at[1] - p[1]) - (q[1] - p[1]) * (at[0] - p[0]) >= 0.0;
    if edges().all(is_left) { nearest_m } else { -nearest_m }
}

/// Its middle on the ground.
pub fn middle(obb: &OrientedBox) -> [f64; 2] {
    [obb.centre.x, obb.centre.y]
}

/// How far the middle of one of two boxes lies within the outline of the other, whichever is more.
pub fn overlap_depth(a: &OrientedBox, b: &OrientedBox) -> f64 {
    depth_within(&a.footprint(), middle(b)).max(depth_within(&b.footprint(), middle(a)))
}

/// The outline round two boxes.
pub fn outline_of_both(a: &OrientedBox, b: &OrientedBox) -> Vec<[f64; 2]> {
    polygon::convex_hull(a.footprint().into_iter().chain(b.footprint()).collect())
}

fn distance_to_segment(at: [f64; 2], p: [f64; 2], q: [f64; 2]) -> f64 {
    let (along, from) = ([q[0] - p[0], q[1] - p[1]], [at[0] - p[0], at[1] - p[1]]);
    let length2 = along[0] * along[0] + along[1] * along[1];
    let share = if length2 > 0.0 { ((from[0] * along[0] + from[1] * along[1]) / length2).clamp(0.0, 1.0) } else { 0.0 };
    (from[0] - share * along[0]).hypot(from[1] - share * along[1])
}

#[cfg(test)]
mod tests {
    use super::super::testing::{any_box, block, tilted};
    use super::*;
    use nalgebra::Point3;
    use proptest::prelude::*;

    #[test]
    fn the_depth_within_a_square_is_the_way_to_its_nearest_edge() {
        let square = [[0.0, 0.0], [2.0, 0.0], [2.0, 2.0], [0.0, 2.0]];
        assert_eq!(depth_within(&square, [0.5, 1.0]), 0.5);
        assert_eq!(depth_within(&square, [3.0, 3.0]), -2f64.sqrt());
        assert_eq!(depth_within(&square, [2.0, 1.0]), 0.0);
    }

    #[test]
    fn a_leaning_board_is_lower_over_its_foot_than_over_its_head() {
        let board = tilted([0.0, 0.0, 1.0], [2.0, 0.5, 0.02], [0.0, -0.5, 0.0]);
        assert!(top_over(&board, [-0.7, 0.0]) < 0.75 && top_over(&board, [0.7, 0.0]) > 1.25);
        assert_eq!(top_over(&board, [5.0, 0.0]), heights(&board).1);
        assert!((top_over(&block([0.0, 0.0, 0.5], [1.0, 1.0, 1.0]), [0.2, 0.3]) - 1.0).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn the_top_over_a_place_is_on_the_box(a in any_box(), share in prop::array::uniform2(-0.9..0.9f64)) {
            let inner = a.centre + a.world_from_box * a.size.component_mul(&Vector3::new(share[0], share[1], 0.3)) * 0.5;
            let top = Point3::new(inner.x, inner.y, top_over(&a, [inner.x, inner.y]));
            prop_assert!(top.z >= inner.z - 1e-9 && a.distance_m(&top) < 1e-9);
            prop_assert!(a.distance_m(&(top + Vector3::z() * 1e-3)) > 0.0);
            prop_assert!(depth_within(&a.footprint(), [inner.x, inner.y]) > 0.0);
        }
    }
}
