//! Metres: gaps, sides, areas.

use super::{Outcome, Work};
use crate::answer::draws::{DRAWS, uniform};
use crate::answer::facts::Thing;
use crate::answer::question::{Phrase, Side};
use crate::answer::reply::{Found, Unknown, Value, Why};
use crate::geom::{OrientedBox, gap, polygon};
use crate::scene::SupportKind;

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
        self.side(&thing, side)
    }

    /// Length, width and height. The probability is that of the side that is least sure.
    pub(super) fn size(&mut self, what: &Phrase) -> Outcome {
        let thing = self.one(what)?;
        let sides = [Side::Length, Side::Width, Side::Height];
        let found = sides.map(|side| self.side(&thing, side));
        let mut least = 1.0f64;
        for found in found {
            least = least.min(found?.probability);
        }
        let lengths = sides.map(|side| side_m(&thing.object.obb, side)).to_vec();
        Ok(Found { value: Value::Lengths(lengths), option: None, probability: least, margin: None, spread: None })
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
        let (mut lengths, mut least) = (Vec::new(), 1.0f64);
        for phrase in std::iter::once(what).chain(also) {
            let thing = self.one(phrase)?;
            least = least.min(self.side(&thing, side)?.probability);
            lengths.push(side_m(&thing.object.obb, side));
        }
        Ok(Found { value: Value::Lengths(lengths), option: None, probability: least, margin: None, spread: None })
    }

    /// The area that is known, or that of every floor seen.
    pub(super) fn room_area(&mut self) -> Outcome {
        if let Some(area) = self.facts.options.room_area_m2 {
            return Ok(self.measured(Value::Area(area), area, 1.0, |_| area));
        }
        let floors = self.facts.snapshot.supports().iter().filter(|support| support.kind == SupportKind::Floor);
        let outlines = floors.map(|floor| floor.polygon.iter().map(|p| [p.x, p.y]).collect::<Vec<_>>());
        let (mut area, mut edge_m) = (0.0, 0.0);
        for outline in outlines {
            area += polygon::area_m2(&outline).abs();
            let next = outline.iter().cycle().skip(1);
            edge_m += outline.iter().zip(next).map(|(p, q)| (q[0] - p[0]).hypot(q[1] - p[1])).sum::<f64>();
        }
        if area <= 0.0 {
            return Err(Unknown::new(Why::NotYetObserved, "no floor has been seen"));
        }
        let sigma = if self.facts.options.complete { 0.0 } else { self.facts.options.floor_edge_sigma_m * edge_m };
        // Twelve numbers of 0..1 less six: a standard normal as near as needed.
        let normal = |k| (0..12).map(|i| uniform(u64::MAX, k, i)).sum::<f64>() - 6.0;
        Ok(self.measured(Value::Area(area), area, 1.0, |k| (area + sigma * normal(k)).max(0.0)))
    }

    fn side(&self, thing: &Thing<'_>, side: Side) -> Outcome {
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
        Ok(found)
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

/// The share of draws that make `test` true.
pub(super) fn share(test: impl Fn(usize) -> bool) -> f64 {
    (0..DRAWS).filter(|&k| test(k)).count() as f64 / DRAWS as f64
}
