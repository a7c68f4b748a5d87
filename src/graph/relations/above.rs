//! Above and below: one wholly over the other.
//!
//! The lesser of two lengths: the way from B's highest point up to A's lowest, `height_slack_m` given; and how far the
//! middle of one lies within the outline of the other, whichever is more. What rests on a thing is above it too. Below is
//! above, swapped.

use super::shape::{heights, overlap_depth};
use super::{Asked, Definition, Measure, Needs, RelationKind};

pub static ABOVE: Definition = Definition {
    kind: RelationKind::Above,
    name: "above",
    words: "{a} is above {b}",
    measure: Measure::Metres,
    needs: Needs::Nothing,
    margin: above,
};

pub static BELOW: Definition = Definition {
    kind: RelationKind::Below,
    name: "below",
    words: "{a} is below {b}",
    margin: |asked| above(&asked.swapped()),
    ..ABOVE
};

fn above(asked: &Asked<'_>) -> f64 {
    let rise_m = heights(asked.a).0 - heights(asked.b).1 + asked.options.height_slack_m;
    rise_m.min(overlap_depth(asked.a, asked.b))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{block, margin, tilted};
    use super::*;

    #[test]
    fn a_lamp_is_above_the_table_it_hangs_over_and_not_above_the_one_beside() {
        let lamp = block([0.0, 0.0, 2.0], [0.4, 0.4, 0.4]);
        let table = block([0.3, 0.0, 0.4], [1.6, 1.0, 0.8]);
        assert!((margin(RelationKind::Above, &lamp, &table) - 0.5).abs() < 1e-12);
        assert!((margin(RelationKind::Below, &table, &lamp) - 0.5).abs() < 1e-12);
        assert!(margin(RelationKind::Above, &lamp, &block([1.5, 0.0, 0.4], [1.0, 1.0, 0.8])) < 0.0);
        assert!(margin(RelationKind::Above, &table, &lamp) < 0.0);
    }

    #[test]
    fn a_tilted_box_is_as_low_as_its_lowest_corner() {
        let leaning = tilted([0.0, 0.0, 1.0], [1.0, 0.2, 0.2], [0.0, 0.6, 0.0]);
        let low_m = 1.0 - 0.5 * 0.6f64.sin() - 0.1 * 0.6f64.cos();
        let mat = block([0.0, 0.0, 0.3], [2.0, 2.0, 0.6]);
        assert!((margin(RelationKind::Above, &leaning, &mat) - (low_m - 0.6 + 0.05)).abs() < 1e-12);
    }
}
