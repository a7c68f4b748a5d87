//! On: A rests on B.
//!
//! The lesser of two lengths: how much nearer than `on_gap_m` A's lowest point is to B's top under A's middle, from above
//! or from below; and how far A's middle lies within B's outline, for what is not held under its middle falls.

use super::shape::{depth_within, heights, middle, top_over};
use super::{Asked, Definition, Measure, Needs, RelationKind};

pub static ON: Definition = Definition {
    kind: RelationKind::On,
    name: "on",
    words: "{a} is on {b}",
    measure: Measure::Metres,
    needs: Needs::Nothing,
    margin: on,
};

fn on(asked: &Asked<'_>) -> f64 {
    let (a, b) = (asked.a, asked.b);
    let gap_m = heights(a).0 - top_over(b, middle(a));
    (asked.options.on_gap_m - gap_m.abs()).min(depth_within(&b.footprint(), middle(a)))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{block, margin, tilted};
    use super::*;

    #[test]
    fn a_cup_is_on_the_table_until_it_is_lifted_or_pushed_off() {
        let table = block([0.0, 0.0, 0.375], [1.6, 0.8, 0.75]);
        let cup = |x: f64, bottom: f64| block([x, 0.0, bottom + 0.05], [0.08, 0.08, 0.1]);
        let on = |x, bottom| margin(RelationKind::On, &cup(x, bottom), &table);
        assert!((on(0.0, 0.76) - 0.04).abs() < 1e-12);
        assert!((on(0.79, 0.75) - 0.01).abs() < 1e-12, "held under its middle");
        assert!(on(0.81, 0.75) < 0.0);
        assert!((on(0.0, 0.85) + 0.05).abs() < 1e-12);
        assert!((on(0.0, 0.65) + 0.05).abs() < 1e-12, "sunk in");
        assert!(margin(RelationKind::On, &table, &cup(0.0, 0.75)) < 0.0);
    }

    #[test]
    fn what_lies_on_a_slope_is_measured_where_it_lies() {
        let slope = tilted([0.0, 0.0, 1.0], [2.0, 1.0, 0.02], [0.0, -0.4, 0.0]);
        let height_m = 1.0 + 0.5 * 0.4f64.tan() + 0.01 / 0.4f64.cos();
        let book = block([0.5, 0.0, height_m + 0.02], [0.2, 0.2, 0.04]);
        assert!((margin(RelationKind::On, &book, &slope) - 0.05).abs() < 1e-9);
    }
}
