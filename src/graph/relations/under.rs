//! Under: A has B over it.
//!
//! The least of three lengths: how far A's middle lies within B's outline; how much lower A's highest point is than B's;
//! and how much lower than B's lowest point A's lowest is, `height_slack_m` given. So shoes under a table, which reaches
//! down to the floor as they do, are under it as is a rug; the table under a lamp is, if the lamp reaches over its middle.
//! What lies on a shelf is not under the shelf's box, whose foot is lower. It is not the opposite of on.

use super::shape::{depth_within, heights, middle};
use super::{Asked, Definition, Measure, Needs, RelationKind};

pub static UNDER: Definition = Definition {
    kind: RelationKind::Under,
    name: "under",
    words: "{a} is under {b}",
    measure: Measure::Metres,
    needs: Needs::Nothing,
    margin: under,
};

fn under(asked: &Asked<'_>) -> f64 {
    let (a, b) = (asked.a, asked.b);
    let ((low_a, high_a), (low_b, high_b)) = (heights(a), heights(b));
    let covered_m = depth_within(&b.footprint(), middle(a));
    covered_m.min(high_b - high_a).min(low_b + asked.options.height_slack_m - low_a)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{block, margin};
    use super::*;

    #[test]
    fn shoes_and_a_rug_are_under_the_table_and_a_cup_is_not() {
        let table = block([0.0, 0.0, 0.375], [1.6, 0.8, 0.75]);
        let shoes = block([0.3, 0.1, 0.06], [0.3, 0.2, 0.1]);
        assert!((margin(RelationKind::Under, &shoes, &table) - 0.04).abs() < 1e-12);
        assert!(margin(RelationKind::Under, &block([0.0, 0.0, 0.005], [2.0, 1.4, 0.01]), &table) > 0.0);
        assert!(margin(RelationKind::Under, &block([0.0, 0.0, 0.8], [0.1, 0.1, 0.1]), &table) < 0.0);
        assert!(margin(RelationKind::Under, &block([0.9, 0.0, 0.06], [0.3, 0.2, 0.1]), &table) < 0.0, "beside it");
        assert!(margin(RelationKind::Under, &table, &shoes) < 0.0);
    }

    #[test]
    fn what_hangs_has_things_under_it() {
        let lamp = block([0.0, 0.0, 2.2], [0.5, 0.5, 0.3]);
        assert!((margin(RelationKind::Under, &block([0.1, 0.0, 0.4], [1.0, 1.0, 0.8]), &lamp) - 0.15).abs() < 1e-12);
    }
}
