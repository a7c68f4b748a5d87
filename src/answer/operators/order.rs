//! In which order things were first seen.

use super::{Outcome, Work, chosen};
use crate::answer::draws::normal;
use crate::answer::facts::{Thing, each_is_there};
use crate::answer::question::Phrase;
use crate::answer::reply::{Margin, MarginUnit, Unknown, Value, Why};

impl Work<'_> {
    /// Categories by the first frame that saw one of each.
    pub(super) fn first_seen(&mut self, among: &[Phrase]) -> Outcome {
        let mut each = Vec::new();
        for phrase in among {
            let things = self.some(phrase)?;
            if things.iter().all(|thing| thing.object.observations == 0) {
                return Err(Unknown::new(Why::NotYetObserved, format!("no frame is known that saw \"{phrase}\"")));
            }
            each.push(things);
        }
        let options = self.facts.options;
        let sigma_ns = if options.complete { 0.0 } else { options.first_seen_sigma_ns };
        let believed: Vec<f64> = each.iter().map(|things| first_ns(things, None, 0.0)).collect();
        let order = ascending(&believed);
        let draw = |k| ascending(&each.iter().map(|things| first_ns(things, Some(k), sigma_ns)).collect::<Vec<_>>());
        let gaps = order.windows(2).map(|pair| believed[pair[1]] - believed[pair[0]]);
        let margin = Margin { value: gaps.fold(f64::INFINITY, f64::min), unit: MarginUnit::Nanoseconds };
        let value = Value::Order(order.iter().map(|&i| among[i].clone()).collect());
        Ok(chosen(value, &order, margin, each_is_there(&each), draw))
    }
}

/// Nanoseconds until the first of these was seen, by what is believed or in a draw.
fn first_ns(things: &[Thing<'_>], k: Option<usize>, sigma_ns: f64) -> f64 {
    let seen = things.iter().filter(|thing| thing.object.observations > 0);
    let there = seen.filter(|thing| k.map_or(thing.weight >= 0.5, |k| things.len() == 1 || thing.is_there(k)));
    let stamps = there.map(|thing| {
        thing.object.first_seen_ns as f64 + sigma_ns * k.map_or(0.0, |k| normal(thing.object.id.0, k, 32))
    });
    stamps.fold(f64::INFINITY, f64::min)
}

fn ascending(values: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]).then(a.cmp(&b)));
    order
}
