//! Facing: A's front is turned to B.
//!
//! From A's middle on the ground, `facing_rad` to either side of A's front is a cone. The margin is the way from B's middle
//! to the border of the cone, positive inside; what is in A's very middle has margin 0. The front is the direction of the
//! box that `front` names, and is worth asking for only of boxes with a heading; one that points straight up or down
//! faces nothing, and the margin is then the whole distance, negative.

use super::shape::middle;
use super::{Asked, BoxAxis, Definition, Measure, Needs, RelationKind};
use std::f64::consts::FRAC_PI_2;

/// A front whose horizontal part is shorter than this points straight up or down.
const MIN_HORIZONTAL: f64 = 1e-6;

pub static FACING: Definition = Definition {
    kind: RelationKind::Facing,
    name: "facing",
    words: "{a} faces {b}",
    measure: Measure::Metres,
    needs: Needs::Nothing,
    margin: facing,
};

fn facing(asked: &Asked<'_>) -> f64 {
    let [x, y, _] = asked.a.axes();
    let front = match asked.options.front {
        BoxAxis::PlusX => x,
        BoxAxis::MinusX => -x,
        BoxAxis::PlusY => y,
        BoxAxis::MinusY => -y,
    };
    let (a, b) = (middle(asked.a), middle(asked.b));
    let to_b = [b[0] - a[0], b[1] - a[1]];
    let distance_m = to_b[0].hypot(to_b[1]);
    if front.x.hypot(front.y) < MIN_HORIZONTAL {
        return -distance_m;
    }
    let (across, along) = (front.x * to_b[1] - front.y * to_b[0], front.x * to_b[0] + front.y * to_b[1]);
    let inside_rad = asked.options.facing_rad - across.atan2(along).abs();
    // Past a right angle the nearest point of the border is where it begins.
    distance_m * inside_rad.clamp(-FRAC_PI_2, FRAC_PI_2).sin()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{block, margin, tilted};
    use super::super::{RelationOptions, relation_margin};
    use super::*;

    #[test]
    fn a_chair_faces_what_is_before_it_and_not_what_is_behind() {
        let chair = tilted([1.0, 1.0, 0.5], [0.5, 0.5, 1.0], [0.0, 0.0, FRAC_PI_2]);
        let screen = |x: f64, y: f64| block([x, y, 1.0], [0.1, 1.0, 0.6]);
        let facing = |x, y| margin(RelationKind::Facing, &chair, &screen(x, y));
        assert!((facing(1.0, 3.0) - 2.0 * 0.5f64.sqrt()).abs() < 1e-12);
        assert!(facing(3.0, 3.0).abs() < 1e-12, "on the border");
        assert!((facing(4.0, 1.0) + 3.0 * 0.5f64.sqrt()).abs() < 1e-12);
        assert!((facing(1.0, -1.0) + 2.0).abs() < 1e-12);
        assert_eq!(facing(1.0, 1.0), 0.0);
    }

    #[test]
    fn the_front_is_the_side_that_the_options_name() {
        let (sofa, screen) = (block([0.0; 3], [2.0, 0.8, 0.8]), block([0.0, -3.0, 1.0], [1.0, 0.1, 0.6]));
        for (front, faces) in
            [(BoxAxis::PlusX, false), (BoxAxis::MinusX, false), (BoxAxis::PlusY, false), (BoxAxis::MinusY, true)]
        {
            let options = RelationOptions { front, ..RelationOptions::default() };
            let margin = relation_margin(RelationKind::Facing, [&sofa, &screen], None, None, &options);
            assert_eq!(margin.expect("asked rightly") >= 0.0, faces, "{front:?}");
        }
    }

    #[test]
    fn what_lies_on_its_back_faces_nothing() {
        let fallen = tilted([0.0; 3], [1.0, 0.5, 0.5], [0.0, -FRAC_PI_2, 0.0]);
        assert_eq!(margin(RelationKind::Facing, &fallen, &block([3.0, 0.0, 0.0], [0.1; 3])), -3.0);
    }
}
