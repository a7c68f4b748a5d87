//! Metres: gaps and sides.

use super::{Outcome, Work};
use crate::answer::facts::Thing;
use crate::answer::question::{Phrase, Side};
use crate::answer::reply::{Found, Unknown, Value, Why};
use crate::geom::{OrientedBox, gap};

impl Work<'_> {
    /// The gap of the two full boxes.
    pub(super) fn distance(&mut self, from: &Phrase, to: &Phrase) -> Outcome {
        let (a, b) = (self.one(from)?, self.one(to)?);
        if a.object.id == b.object.id {
            return Err(Unknown::new(Why::NoAnswer, format!("\"{from}\" and \"{to}\" are one thing")));
        }
        let estimate = gap(&a.object.obb, &b.object.obb).distance_m;
        let draw = |k| gap(a.draws.get(k), b.draws.get(k)).distance_m;
        Ok(self.measured(Value::Length(estimate), estimate, a.weight * b.weight, draw))
    }

    /// From the viewer to the closest point of the box.
    pub(super) fn range(&mut self, what: &Phrase) -> Outcome {
        let eye = self.viewer()?.translation.vector.into();
        let thing = self.one(what)?;
        let estimate = thing.object.obb.distance_m(&eye);
        Ok(self.measured(Value::Length(estimate), estimate, thing.weight, |k| thing.draws.get(k).distance_m(&eye)))
    }

    /// One side.
    pub(super) fn length(&mut self, what: &Phrase, side: Side) -> Outcome {
        let thing = self.one(what)?;
        Ok(self.side(&thing, side))
    }

    /// Length, width and height.
    pub(super) fn size(&mut self, what: &Phrase) -> Outcome {
        let thing = self.one(what)?;
        Ok(self.sides([Side::Length, Side::Width, Side::Height].map(|side| (&thing, side))))
    }

    /// One side of one thing or of several; what is told of others becomes evidence and changes nothing: the map is
    /// metric.
    pub(super) fn length_given(
        &mut self,
        what: &Phrase,
        side: Side,
        given: &[(Phrase, f64)],
        also: &[Phrase],
    ) -> Outcome {
        for (told, _) in given {
            self.one(told)?;
        }
        if also.is_empty() {
            return self.length(what, side);
        }
        let things = std::iter::once(what).chain(also).map(|phrase| self.one(phrase)).collect::<Result<Vec<_>, _>>()?;
        Ok(self.sides(things.iter().map(|thing| (thing, side))))
    }

    /// Several sides. The probability is that of the one that is least sure.
    fn sides<'t, 's: 't>(&self, sides: impl IntoIterator<Item = (&'t Thing<'s>, Side)>) -> Found {
        let (mut lengths, mut least) = (Vec::new(), 1.0f64);
        for (thing, side) in sides {
            least = least.min(self.side(thing, side).probability);
            lengths.push(side_m(&thing.object.obb, side));
        }
        Found::plain(Value::Lengths(lengths), least)
    }

    fn side(&self, thing: &Thing<'_>, side: Side) -> Found {
        let estimate = side_m(&thing.object.obb, side);
        let mut found =
            self.measured(Value::Length(estimate), estimate, thing.weight, |k| side_m(thing.draws.get(k), side));
        if thing.object.truncated {
            // The rest of it may lie beyond the border of every image.
            found.probability *= 0.5;
            if let Some([_, high]) = &mut found.spread {
                *high = f64::INFINITY;
            }
        }
        found
    }
}

/// A side of a box, metres. Upright is the axis nearest to the vertical.
pub(super) fn side_m(obb: &OrientedBox, side: Side) -> f64 {
    let rise = obb.axes().map(|axis| axis.z.abs());
    let upright = (0..3).max_by(|&a, &b| rise[a].total_cmp(&rise[b]).then(a.cmp(&b))).unwrap_or(2);
    let level = [obb.size[(upright + 1) % 3], obb.size[(upright + 2) % 3]];
    match side {
        Side::Height => obb.size[upright],
        Side::Length => level[0].max(level[1]),
        Side::Width => level[0].min(level[1]),
        Side::Longest => obb.size.max(),
        Side::Shortest => obb.size.min(),
    }
}
