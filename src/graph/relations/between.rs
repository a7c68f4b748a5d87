//! Between: A stands where one passes from B to C.
//!
//! On the ground: how far A's middle lies within the outline round B and C together, but no more than it lies outside the
//! outline of each. It needs no threshold; heights do not count.

use super::shape::{depth_within, middle, outline_of_both};
use super::{Asked, Definition, Measure, Needs, RelationKind};

pub static BETWEEN: Definition = Definition {
    kind: RelationKind::Between,
    name: "between",
    words: "{a} is between {b} and {c}",
    measure: Measure::Metres,
    needs: Needs::Third,
    margin: between,
};

fn between(asked: &Asked<'_>) -> f64 {
    let at = middle(asked.a);
    let outside_m = |outline: &[[f64; 2]]| -depth_within(outline, at);
    let in_both_m = depth_within(&outline_of_both(asked.b, asked.c), at);
    in_both_m.min(outside_m(&asked.b.footprint())).min(outside_m(&asked.c.footprint()))
}

#[cfg(test)]
mod tests {
    use super::super::testing::block;
    use super::super::{RelationOptions, relation_margin};
    use super::*;

    #[test]
    fn what_stands_in_the_way_is_between_and_what_stands_beside_is_not() {
        let (sofa, shelf) = (block([0.0, 0.0, 0.4], [1.0, 2.0, 0.8]), block([4.0, 0.0, 1.0], [0.4, 1.0, 2.0]));
        let ask = |x: f64, y: f64| {
            let table = block([x, y, 0.3], [0.5, 0.5, 0.6]);
            relation_margin(RelationKind::Between, [&table, &sofa], Some(&shelf), None, &RelationOptions::default())
                .expect("asked rightly")
        };
        assert!((ask(1.0, 0.0) - 0.5).abs() < 1e-12, "half a metre off the sofa");
        assert!(ask(2.0, 0.6) > 0.0 && ask(2.0, 0.9) < 0.0);
        assert!(ask(-1.0, 0.0) < 0.0 && ask(5.0, 0.0) < 0.0);
        assert!((ask(0.4, 0.0) + 0.1).abs() < 1e-12, "in the sofa");
    }
}
