//! What things are to each other: one file a relation, in which name, words, formula, margin and test stand together.
//!
//! A relation holds when its margin is 0 or more. Margins are metres a thing would have to move, or the size by which it
//! would have to change, for the answer to turn; that of `larger` is a ratio. They work on full boxes, tilted ones too.
//! Left, right, in front and behind are asked for an observer ([`crate::cogmap::LocalFrame`]), of whom the heading counts; all
//! others are the same for everyone. Thresholds are in [`RelationOptions`] and nowhere else.
//!
//! Boxes hide what things are made of: what stands under a table is inside its box, what lies on the seat of a chair with
//! a back lies below its top.

mod above;
mod between;
mod facing;
mod front;
mod inside;
mod larger;
mod left;
mod near;
mod on;
mod options;
mod shape;
mod taller;
#[cfg(test)]
mod testing;
mod touching;
mod under;

pub use options::{BoxAxis, RelationOptions};

use crate::cogmap::LocalFrame;
use crate::error::{Error, Result};
use crate::geom::OrientedBox;
use crate::scene::{ObjectId, Snapshot};

/// A relation of two things, or of three.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RelationKind {
    /// A is left of B, as the observer faces.
    Left,
    /// A is right of B, as the observer faces.
    Right,
    /// A is in front of B: nearer, along the observer's heading.
    Front,
    /// A is behind B: farther, along the observer's heading.
    Behind,
    /// A rests on B.
    On,
    /// A is under B: within its outline, as low as it and not as high, or beneath it.
    Under,
    /// A is above B.
    Above,
    /// A is below B.
    Below,
    /// A is inside B.
    Inside,
    /// A and B touch.
    Touching,
    /// A and B are near each other.
    Near,
    /// A is between B and C.
    Between,
    /// A is larger than B, by volume.
    Larger,
    /// A is taller than B.
    Taller,
    /// A's front faces B.
    Facing,
}

/// What a margin counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Metres.
    Metres,
    /// A ratio, without unit.
    Ratio,
}

/// Whom a relation needs besides A and B.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Nobody.
    Nothing,
    /// Nobody, and A and B may be swapped.
    NothingAndIsMutual,
    /// An observer.
    Observer,
    /// A third thing.
    Third,
}

/// Everything about a relation; one in each file.
struct Definition {
    kind: RelationKind,
    name: &'static str,
    words: &'static str,
    measure: Measure,
    needs: Needs,
    margin: fn(&Asked<'_>) -> f64,
}

/// The boxes that are asked about. Where a relation needs an observer or a third box, they are those given.
struct Asked<'q> {
    a: &'q OrientedBox,
    b: &'q OrientedBox,
    c: &'q OrientedBox,
    /// The observer's unit vectors to the right and ahead.
    right: [f64; 2],
    ahead: [f64; 2],
    options: &'q RelationOptions,
}

impl Asked<'_> {
    /// The same with A and B swapped.
    fn swapped(&self) -> Self {
        Self { a: self.b, b: self.a, ..*self }
    }
}

/// By ascending kind.
static DEFINITIONS: [&Definition; 15] = [
    &left::LEFT,
    &left::RIGHT,
    &front::FRONT,
    &front::BEHIND,
    &on::ON,
    &under::UNDER,
    &above::ABOVE,
    &above::BELOW,
    &inside::INSIDE,
    &touching::TOUCHING,
    &near::NEAR,
    &between::BETWEEN,
    &larger::LARGER,
    &taller::TALLER,
    &facing::FACING,
];

impl RelationKind {
    /// Every kind, ascending.
    pub fn all() -> impl Iterator<Item = Self> {
        DEFINITIONS.iter().map(|definition| definition.kind)
    }

    /// The kind of this name.
    pub fn named(name: &str) -> Option<Self> {
        DEFINITIONS.iter().find(|definition| definition.name == name).map(|definition| definition.kind)
    }

    /// Its name, one word in lower case.
    pub fn name(self) -> &'static str {
        self.definition().name
    }

    /// How it is said, with `{a}`, `{b}` and `{c}` for the things: "{a} is on {b}".
    pub fn words(self) -> &'static str {
        self.definition().words
    }

    /// What its margin counts.
    pub fn measure(self) -> Measure {
        self.definition().measure
    }

    /// Whom it needs besides A and B.
    pub fn needs(self) -> Needs {
        self.definition().needs
    }

    fn definition(self) -> &'static Definition {
        DEFINITIONS[self as usize]
    }
}

/// A relation of things of a scene, whether it holds, and by how much.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Relation {
    /// Which relation.
    pub kind: RelationKind,
    /// Of what it is said.
    pub a: ObjectId,
    /// To what.
    pub b: ObjectId,
    /// And to what third thing, for `between`.
    pub c: Option<ObjectId>,
    /// The answer: `margin >= 0`.
    pub holds: bool,
    /// How far from the border of the answer, in metres or as a ratio ([`RelationKind::measure`]).
    pub margin: f64,
}

/// Asks one relation of things of a snapshot. A third thing is given for `between` and for nothing else; the observer may
/// be left out where none is needed. Refused: unknown things, one thing twice, a missing observer, options out of range.
pub fn relation(
    kind: RelationKind,
    snapshot: &Snapshot,
    [a, b]: [ObjectId; 2],
    c: Option<ObjectId>,
    observer: Option<&LocalFrame>,
    options: &RelationOptions,
) -> Result<Relation> {
    let obb = |id: ObjectId| {
        let object = snapshot.object(id);
        object
            .map(|object| &object.obb)
            .ok_or_else(|| Error::argument(format!("no object with id {id} is believed to be there")))
    };
    if a == b || c.is_some_and(|c| c == a || c == b) {
        return Err(Error::argument(format!(
            "{} is asked of one object twice, expected different objects",
            kind.name()
        )));
    }
    let third = c.map(obb).transpose()?;
    let margin = relation_margin(kind, [obb(a)?, obb(b)?], third, observer, options)?;
    Ok(Relation { kind, a, b, c, holds: margin >= 0.0, margin })
}

/// The margin of a relation of boxes: it holds where this is 0 or more. See [`relation`].
pub fn relation_margin(
    kind: RelationKind,
    [a, b]: [&OrientedBox; 2],
    c: Option<&OrientedBox>,
    observer: Option<&LocalFrame>,
    options: &RelationOptions,
) -> Result<f64> {
    options.check()?;
    if ![Some(a), Some(b), c].into_iter().flatten().all(OrientedBox::is_valid) {
        return Err(Error::argument("a box is not finite, positive and rotated by a unit quaternion"));
    }
    if (kind.needs() == Needs::Third) != c.is_some() {
        return Err(Error::argument(format!("{} needs a third object or takes none", kind.name())));
    }
    if kind.needs() == Needs::Observer && observer.is_none() {
        return Err(Error::argument(format!("{} needs an observer, expected one", kind.name())));
    }
    Ok(margin_of(kind, [a, b], c, observer, options))
}

/// The same for what was checked before.
pub(super) fn margin_of(
    kind: RelationKind,
    [a, b]: [&OrientedBox; 2],
    c: Option<&OrientedBox>,
    observer: Option<&LocalFrame>,
    options: &RelationOptions,
) -> f64 {
    let (right, ahead) = observer.map_or(([1.0, 0.0], [0.0, 1.0]), |frame| (frame.right(), frame.forward()));
    let asked = Asked { a, b, c: c.unwrap_or(b), right, ahead, options };
    (kind.definition().margin)(&asked)
}

#[cfg(test)]
mod tests {
    use super::testing::{block, tilted};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_kind_stands_at_its_own_place_under_its_own_name() {
        for (at, kind) in RelationKind::all().enumerate() {
            assert_eq!((kind as usize, RelationKind::named(kind.name())), (at, Some(kind)));
            let has_third = kind.words().contains("{c}");
            assert_eq!(has_third, kind.needs() == Needs::Third);
            assert!(kind.words().starts_with("{a} ") && kind.words().contains("{b}"));
        }
        assert_eq!(RelationKind::named("beside"), None);
    }

    #[test]
    fn what_cannot_be_asked_is_refused_with_a_sentence() {
        let cup = crate::cogmap::testing::boxed(1, "cup#1", [0.0, 0.0], [0.1, 0.1], 0.0);
        let table = crate::cogmap::testing::boxed(2, "table#1", [1.0, 0.0], [0.9, 0.9], 0.0);
        let scene = Snapshot::of(vec![cup, table], vec![], 1).expect("two things");
        let options = RelationOptions::default();
        let ask = |kind, ids: [u64; 2], c: Option<u64>| {
            relation(kind, &scene, ids.map(ObjectId), c.map(ObjectId), None, &options).map(|found| found.holds)
        };
        assert!(ask(RelationKind::Near, [1, 2], None).is_ok_and(|holds| !holds || options.near_m > 0.0));
        assert!(ask(RelationKind::Near, [1, 3], None).expect_err("unknown").to_string().contains("id 3"));
        assert!(ask(RelationKind::Near, [1, 1], None).expect_err("twice").to_string().contains("twice"));
        assert!(ask(RelationKind::Near, [1, 2], Some(2)).is_err());
        assert!(ask(RelationKind::Between, [1, 2], None).expect_err("no third").to_string().contains("third"));
        assert!(ask(RelationKind::Left, [1, 2], None).expect_err("nobody").to_string().contains("observer"));
        let wrong = RelationOptions { near_m: f64::NAN, ..options };
        assert!(relation(RelationKind::Near, &scene, [1, 2].map(ObjectId), None, None, &wrong).is_err());
    }

    proptest! {
        #[test]
        fn margins_follow_the_things_when_the_world_is_turned_and_moved(
            a in testing::any_box(), b in testing::any_box(), c in testing::any_box(),
            turn_rad in -3.0..3.0f64, by in prop::array::uniform3(-5.0..5.0f64),
        ) {
            let options = RelationOptions::default();
            let observer = LocalFrame::new([0.3, -0.2], 0.7).expect("a heading");
            let turned_observer = LocalFrame::new([0.0, 0.0], 0.7 + turn_rad).expect("a heading");
            let moved = [a, b, c].map(|one| testing::moved(&one, turn_rad, by));
            for kind in RelationKind::all() {
                let third = |c| (kind.needs() == Needs::Third).then_some(c);
                let before = relation_margin(kind, [&a, &b], third(&c), Some(&observer), &options).expect("asked");
                let after =
                    relation_margin(kind, [&moved[0], &moved[1]], third(&moved[2]), Some(&turned_observer), &options);
                let after = after.expect("asked");
                prop_assert!((before - after).abs() <= 1e-6 * (1.0 + before.abs()), "{kind:?}: {before} {after}");
                if kind.needs() == Needs::NothingAndIsMutual {
                    let swapped = relation_margin(kind, [&b, &a], None, None, &options).expect("asked");
                    prop_assert!((before - swapped).abs() < 1e-9, "{kind:?}: {before} {swapped}");
                }
            }
        }
    }

    #[test]
    fn opposites_of_swapped_things_have_the_same_margin() {
        let (a, b) =
            (block([0.0, 0.0, 0.5], [1.0, 0.4, 1.0]), tilted([0.9, 0.2, 1.6], [0.3, 0.5, 0.7], [0.2, 0.4, 1.0]));
        let observer = LocalFrame::new([-1.0, 0.0], 0.4).expect("a heading");
        let options = RelationOptions::default();
        let margin = |kind, pair| relation_margin(kind, pair, None, Some(&observer), &options).expect("asked");
        for (one, other) in [
            (RelationKind::Left, RelationKind::Right),
            (RelationKind::Front, RelationKind::Behind),
            (RelationKind::Above, RelationKind::Below),
        ] {
            assert_eq!(margin(one, [&a, &b]), margin(other, [&b, &a]));
        }
    }
}
