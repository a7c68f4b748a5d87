//! Left and right, as the observer faces.
//!
//! With the extents of both boxes to the observer's right, A is left of B by the way from A's right end to B's left end;
//! an overlap of up to `side_overlap` of the narrower extent is none. So a cup over the left end of a table is not left
//! of it, and two chairs of one width are left and right of each other from half a width on. Right is left, swapped.

use super::shape::before_along;
use super::{Asked, Definition, Measure, Needs, RelationKind};

pub static LEFT: Definition = Definition {
    kind: RelationKind::Left,
    name: "left",
    words: "{a} is left of {b}",
    measure: Measure::Metres,
    needs: Needs::Observer,
    margin: left,
};

pub static RIGHT: Definition = Definition {
    kind: RelationKind::Right,
    name: "right",
    words: "{a} is right of {b}",
    margin: |asked| left(&asked.swapped()),
    ..LEFT
};

fn left(asked: &Asked<'_>) -> f64 {
    before_along(asked, asked.right)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{block, tilted};
    use super::super::{RelationOptions, relation_margin};
    use super::*;
    use crate::cogmap::LocalFrame;
    use crate::geom::OrientedBox;
    use std::f64::consts::FRAC_PI_2;

    fn seen_from(heading_rad: f64, kind: RelationKind, a: &OrientedBox, b: &OrientedBox) -> f64 {
        let observer = LocalFrame::new([9.0, 9.0], heading_rad).expect("a heading");
        relation_margin(kind, [a, b], None, Some(&observer), &RelationOptions::default()).expect("asked rightly")
    }

    #[test]
    fn who_turns_round_swaps_left_and_right() {
        let (chair, lamp) = (block([0.0, 0.0, 0.5], [0.4, 0.4, 1.0]), block([1.0, 0.0, 0.5], [0.2, 0.2, 1.0]));
        let north = seen_from(FRAC_PI_2, RelationKind::Left, &chair, &lamp);
        assert!((north - (0.9 - 0.2 + 0.5 * 0.2)).abs() < 1e-12, "{north}");
        let south = seen_from(-FRAC_PI_2, RelationKind::Right, &chair, &lamp);
        assert!((north - south).abs() < 1e-12);
        assert!(seen_from(FRAC_PI_2, RelationKind::Right, &chair, &lamp) < 0.0);
    }

    #[test]
    fn a_cup_over_the_left_end_of_a_table_is_not_left_of_it() {
        let (cup, table) = (block([-0.7, 0.0, 0.8], [0.1, 0.1, 0.1]), block([0.0, 0.0, 0.4], [1.6, 0.8, 0.8]));
        assert!(seen_from(FRAC_PI_2, RelationKind::Left, &cup, &table) < 0.0);
        let beside = block([-0.81, 0.0, 0.8], [0.1, 0.1, 0.1]);
        assert!(seen_from(FRAC_PI_2, RelationKind::Left, &beside, &table) > 0.0);
    }

    #[test]
    fn a_tilted_box_reaches_as_far_as_its_corners() {
        let leaning = tilted([0.0, 0.0, 0.0], [2.0, 0.2, 0.2], [0.0, 0.5, 0.0]);
        let wall = block([2.0, 0.0, 0.0], [0.2, 2.0, 2.0]);
        let reach = 0.5f64.cos() + 0.1 * 0.5f64.sin();
        let expected = 1.9 - reach + 0.5 * 0.2;
        assert!((seen_from(FRAC_PI_2, RelationKind::Left, &leaning, &wall) - expected).abs() < 1e-12);
    }
}
