//! Which of several: closest, farthest, tallest, largest.

use super::measure::side_m;
use super::{Outcome, Work, chosen, metres};
use crate::answer::facts::{Thing, each_is_there};
use crate::answer::question::{Contact, Phrase, Quantity};
use crate::answer::reply::{Margin, MarginUnit, Unknown, Value, Why};
use crate::geom::{OrientedBox, gap};
use crate::graph::relation_margin;

impl<'s> Work<'s> {
    /// The category with the smallest gap to the thing. Where a category has several, the closest of it counts.
    pub(super) fn closest(&mut self, to: &Phrase, among: &[Phrase], farthest: bool) -> Outcome {
        let target = self.one(to)?;
        let rivals = self.each_of(among, Some(&target))?;
        let sign = if farthest { -1.0 } else { 1.0 };
        let believed: Vec<f64> = rivals
            .iter()
            .map(|things| least(things.iter().map(|thing| gap(&thing.object.obb, &target.object.obb).distance_m)))
            .map(|gap_m| sign * gap_m)
            .collect();
        let draw = |k: usize| {
            let gaps = rivals.iter().map(|things| {
                let there = things.iter().filter(|thing| things.len() == 1 || thing.is_there(k));
                sign * least(there.map(|thing| gap(thing.draws.get(k), target.draws.get(k)).distance_m))
            });
            smallest(&gaps.collect::<Vec<_>>()).0
        };
        let (first, margin_m) = smallest(&believed);
        let certain = target.weight * each_is_there(&rivals);
        Ok(chosen(Value::Thing(among[first].clone()), &first, metres(margin_m), certain, draw))
    }

    /// The thing with the most (or least) of a quantity.
    pub(super) fn most(&mut self, among: &[Phrase], by: Quantity, fewest: bool) -> Outcome {
        let rivals = self.each_of(among, None)?;
        let sign = if fewest { 1.0 } else { -1.0 };
        // Of a category that is not one thing, the one that stands out counts.
        let of =
            |things: &[Thing<'s>], amount: &dyn Fn(&Thing<'s>) -> f64| least(things.iter().map(|t| sign * amount(t)));
        let believed: Vec<f64> = rivals.iter().map(|things| of(things, &|t| amount(&t.object.obb, by))).collect();
        let draw = |k| {
            smallest(&rivals.iter().map(|things| of(things, &|t| amount(t.draws.get(k), by))).collect::<Vec<_>>()).0
        };
        let (first, margin) = smallest(&believed);
        let certain = each_is_there(&rivals);
        Ok(chosen(Value::Thing(among[first].clone()), &first, margin_of(margin, by), certain, draw))
    }

    /// Whether one has more (or less) of a quantity than the other.
    pub(super) fn more(&mut self, what: &Phrase, than: &Phrase, by: Quantity, less: bool) -> Outcome {
        let (a, b) = (self.one(what)?, self.one(than)?);
        let difference = amount(&a.object.obb, by) - amount(&b.object.obb, by);
        let yes = (difference > 0.0) != less;
        let draw = |k| (amount(a.draws.get(k), by) > amount(b.draws.get(k), by)) != less;
        Ok(chosen(Value::YesNo(yes), &yes, margin_of(difference.abs(), by), a.weight * b.weight, draw))
    }

    /// Whether two things lie so to each other.
    pub(super) fn contact(&mut self, what: &Phrase, contact: Contact, of: &Phrase) -> Outcome {
        let (mut things, mut others) = (self.some(what)?, self.some(of)?);
        things.retain(|thing| thing.weight >= 0.5);
        others.retain(|thing| thing.weight >= 0.5);
        let margin = |k: Option<usize>| {
            let mut most = f64::NEG_INFINITY;
            for (a, b) in things.iter().flat_map(|a| others.iter().map(move |b| (a, b))) {
                if a.object.id != b.object.id {
                    let boxes = k.map_or((&a.object.obb, &b.object.obb), |k| (a.draws.get(k), b.draws.get(k)));
                    most = most.max(self.contact_margin_m(boxes.0, boxes.1, contact));
                }
            }
            most
        };
        let believed = margin(None);
        if believed == f64::NEG_INFINITY {
            return Err(Unknown::new(Why::NoAnswer, format!("\"{what}\" and \"{of}\" are one thing")));
        }
        let yes = believed >= 0.0;
        Ok(chosen(Value::YesNo(yes), &yes, metres(believed), 1.0, |k| margin(Some(k)) >= 0.0))
    }

    /// The margin of the relation; what has none does not hold.
    fn contact_margin_m(&self, a: &OrientedBox, b: &OrientedBox, contact: Contact) -> f64 {
        relation_margin(contact.relation(), [a, b], None, None, &self.facts.options.relations)
            .unwrap_or(f64::NEG_INFINITY)
    }

    /// What each phrase means, without the one thing that all are compared with.
    fn each_of(&mut self, among: &[Phrase], but: Option<&Thing<'s>>) -> Result<Vec<Vec<Thing<'s>>>, Unknown> {
        if among.len() < 2 {
            return Err(Unknown::new(Why::NoAnswer, "fewer than two things to choose from"));
        }
        let mut all = Vec::new();
        for phrase in among {
            let mut things = self.some(phrase)?;
            things.retain(|thing| but.is_none_or(|but| but.object.id != thing.object.id));
            if things.is_empty() {
                return Err(Unknown::new(Why::NoAnswer, format!("\"{phrase}\" is what all are compared with")));
            }
            all.push(things);
        }
        Ok(all)
    }
}

fn least(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(f64::INFINITY, f64::min)
}

/// The index of the smallest value, and how far the next one is.
fn smallest(values: &[f64]) -> (usize, f64) {
    let first = (0..values.len()).min_by(|&a, &b| values[a].total_cmp(&values[b]).then(a.cmp(&b))).unwrap_or(0);
    let next = least((0..values.len()).filter(|&i| i != first).map(|i| values[i]));
    let margin = next - values.get(first).copied().unwrap_or(next);
    (first, if margin.is_finite() { margin } else { 0.0 })
}

fn amount(obb: &OrientedBox, by: Quantity) -> f64 {
    match by {
        Quantity::Side(side) => side_m(obb, side),
        Quantity::Volume => obb.volume_m3(),
        Quantity::Top => obb.bounds().1.z,
    }
}

fn margin_of(value: f64, by: Quantity) -> Margin {
    let unit = if by == Quantity::Volume { MarginUnit::CubicMetres } else { MarginUnit::Metres };
    Margin { value: value.abs(), unit }
}
