//! How many there are, and whether there is one.

use super::{Outcome, Work};
use crate::answer::facts::{Thing, none_is_there};
use crate::answer::question::{Extent, Phrase};
use crate::answer::reply::{Found, Unknown, Value, Why};

impl<'s> Work<'s> {
    /// Things more likely there than not. Right with the probability that each of them is there, that no less likely one
    /// is, and (in a map that is not complete) that none was overlooked.
    pub(super) fn count(&mut self, what: &Phrase, within: Extent) -> Outcome {
        let things = self.of_extent(what, within)?;
        if things.is_empty() && !self.facts.options.complete {
            return Err(self.facts.never_seen(what));
        }
        let there: Vec<&Thing<'s>> = things.iter().filter(|thing| thing.weight >= 0.5).collect();
        for thing in &there {
            self.use_object(thing.object);
        }
        let sure: f64 = things.iter().map(|thing| thing.weight.max(1.0 - thing.weight)).product();
        let count = u32::try_from(there.len()).unwrap_or(u32::MAX);
        // Each that is there tells of a room where such things are: each may hide another.
        let seen_all = (1.0 - self.overlooked()).powi(i32::try_from(count.max(1)).unwrap_or(i32::MAX));
        Ok(Found::plain(Value::Count(count), sure * seen_all))
    }

    /// Yes with the probability that at least one is there. No only where the list is complete or the picture is.
    pub(super) fn exists(&mut self, what: &Phrase, within: Extent) -> Outcome {
        let things = self.of_extent(what, within)?;
        let none = none_is_there(&things);
        let yes = none < 0.5;
        if !yes && !self.facts.options.complete {
            return Err(self.facts.never_seen(what));
        }
        for thing in things.iter().filter(|thing| yes && thing.weight >= 0.5) {
            self.use_object(thing.object);
        }
        let probability = if yes { 1.0 - none } else { none * (1.0 - self.overlooked()) };
        Ok(Found::plain(Value::YesNo(yes), probability))
    }

    fn overlooked(&self) -> f64 {
        if self.facts.options.complete { 0.0 } else { self.facts.options.overlooked }
    }

    /// What the phrase may mean there. In a picture a thing weighs what shows of it.
    fn of_extent(&self, what: &Phrase, within: Extent) -> Result<Vec<Thing<'s>>, Unknown> {
        let mut things = self.facts.things(what);
        if within == Extent::Picture {
            let eye = self.eye()?;
            for thing in &mut things {
                thing.weight *= eye.shows(thing.object, self.facts.snapshot);
            }
            things.retain(|thing| thing.weight > 0.05);
        }
        if things.is_empty() && self.facts.snapshot.is_empty() && !self.facts.options.complete {
            return Err(Unknown::new(Why::NotYetObserved, "nothing has been observed yet"));
        }
        Ok(things)
    }
}
