//! Touching: no wider a gap between A and B than boxes can tell.
//!
//! `touching_m` less the gap between the closest points of the two boxes; boxes that overlap have no gap.

use super::{Asked, Definition, Measure, Needs, RelationKind};
use crate::geom::gap;

pub static TOUCHING: Definition = Definition {
    kind: RelationKind::Touching,
    name: "touching",
    words: "{a} touches {b}",
    measure: Measure::Metres,
    needs: Needs::NothingAndIsMutual,
    margin: touching,
};

fn touching(asked: &Asked<'_>) -> f64 {
    asked.options.touching_m - gap(asked.a, asked.b).distance_m
}

#[cfg(test)]
mod tests {
    use super::super::testing::{block, margin, tilted};
    use super::*;

    #[test]
    fn a_board_that_leans_touches_with_its_edge() {
        let wall = block([1.0, 0.0, 1.0], [0.2, 4.0, 2.0]);
        let reach_m = 0.5 * 0.3f64.sin() + 0.01 * 0.3f64.cos();
        let board = |gap_m: f64| tilted([0.9 - reach_m - gap_m, 0.0, 0.5], [0.02, 0.4, 1.0], [0.0, 0.3, 0.0]);
        assert!((margin(RelationKind::Touching, &board(0.02), &wall) - 0.03).abs() < 1e-9);
        assert!((margin(RelationKind::Touching, &wall, &board(0.07)) + 0.02).abs() < 1e-9);
        assert_eq!(margin(RelationKind::Touching, &board(-0.1), &wall), 0.05);
    }
}
