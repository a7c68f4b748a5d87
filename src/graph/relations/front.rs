//! In front and behind, as the observer faces.
//!
//! With the extents of both boxes along the observer's heading, A is in front of B by the way from A's far end to B's near
//! end; an overlap of up to `side_overlap` of the narrower extent is none. The nearer one is in front, as in a picture;
//! where the observer stands does not matter, only where it faces. Behind is in front, swapped.

use super::shape::before_along;
use super::{Asked, Definition, Measure, Needs, RelationKind};

pub static FRONT: Definition = Definition {
    kind: RelationKind::Front,
    name: "front",
    words: "{a} is in front of {b}",
    measure: Measure::Metres,
    needs: Needs::Observer,
    margin: front,
};

pub static BEHIND: Definition = Definition {
    kind: RelationKind::Behind,
    name: "behind",
    words: "{a} is behind {b}",
    margin: |asked| front(&asked.swapped()),
    ..FRONT
};

fn front(asked: &Asked<'_>) -> f64 {
    before_along(asked, asked.ahead)
}

#[cfg(test)]
mod tests {
    use super::super::testing::block;
    use super::super::{RelationOptions, relation_margin};
    use super::*;
    use crate::cogmap::LocalFrame;

    #[test]
    fn the_nearer_one_is_in_front() {
        let (chair, wall) = (block([3.0, 0.0, 0.5], [0.4, 0.4, 1.0]), block([5.0, 0.0, 1.0], [0.2, 4.0, 2.0]));
        let east = LocalFrame::new([0.0, 0.0], 0.0).expect("a heading");
        let ask = |kind, pair, overlap| {
            let options = RelationOptions { side_overlap: overlap, ..RelationOptions::default() };
            relation_margin(kind, pair, None, Some(&east), &options).expect("asked rightly")
        };
        assert!((ask(RelationKind::Front, [&chair, &wall], 0.0) - 1.7).abs() < 1e-12);
        assert!((ask(RelationKind::Front, [&chair, &wall], 0.5) - 1.8).abs() < 1e-12);
        assert!(ask(RelationKind::Behind, [&chair, &wall], 0.5) < 0.0);
        assert!(ask(RelationKind::Behind, [&wall, &chair], 0.5) > 0.0);
    }
}
