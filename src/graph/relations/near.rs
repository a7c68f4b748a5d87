//! Near: A and B are within reach of each other.
//!
//! `near_m` less the gap between the closest points of the two boxes, so that a cup is near the long table at whichever
//! end it stands.

use super::{Asked, Definition, Measure, Needs, RelationKind};
use crate::geom::gap;

pub static NEAR: Definition = Definition {
    kind: RelationKind::Near,
    name: "near",
    words: "{a} is near {b}",
    measure: Measure::Metres,
    needs: Needs::NothingAndIsMutual,
    margin: near,
};

fn near(asked: &Asked<'_>) -> f64 {
    asked.options.near_m - gap(asked.a, asked.b).distance_m
}

#[cfg(test)]
mod tests {
    use super::super::testing::{block, margin};
    use super::*;

    #[test]
    fn nearness_is_from_side_to_side_and_not_from_middle_to_middle() {
        let sofa = block([0.0, 0.0, 0.4], [3.0, 1.0, 0.8]);
        let lamp = |x: f64| block([x, 0.0, 0.8], [0.2, 0.2, 1.6]);
        assert!((margin(RelationKind::Near, &lamp(1.9), &sofa) - 0.2).abs() < 1e-12);
        assert!((margin(RelationKind::Near, &lamp(2.3), &sofa) + 0.2).abs() < 1e-12);
    }
}
