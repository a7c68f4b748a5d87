//! The turns that a route leaves blank.

use super::direction::{ground, no_heading};
use super::{Outcome, Work, chosen, metres};
use crate::answer::facts::Thing;
use crate::answer::question::{Phrase, Step, Turn};
use crate::answer::reply::{Unknown, Value, Why};
use crate::cogmap::LocalFrame;
use crate::cogmap::direction::{SideOrBack, left_right_or_back};

/// A route with its things found.
struct Route<'s> {
    start: Thing<'s>,
    facing: Thing<'s>,
    /// The things that are gone to, and whether a blank stands before each.
    legs: Vec<(bool, Thing<'s>)>,
}

impl Work<'_> {
    /// At each blank: from the heading on which one arrived (at the start: towards what is faced) to the next thing.
    pub(super) fn route(&mut self, start: &Phrase, facing: &Phrase, steps: &[Step]) -> Outcome {
        let mut route = Route { start: self.one(start)?, facing: self.one(facing)?, legs: Vec::new() };
        let (mut has_blank, mut waiting) = (false, false);
        for step in steps {
            match step {
                Step::Blank => (has_blank, waiting) = (true, true),
                Step::Turn(_) => waiting = false,
                Step::GoTo(phrase) => {
                    let thing = self.one(phrase)?;
                    route.legs.push((std::mem::take(&mut waiting), thing));
                }
            }
        }
        if !has_blank || waiting {
            return Err(Unknown::new(Why::NoAnswer, "the route has no blank that something is gone to after"));
        }
        let (turns, margin_m) = route.turns(None).ok_or_else(no_heading)?;
        let things = [&route.start, &route.facing].into_iter().chain(route.legs.iter().map(|(_, thing)| thing));
        let mut certain = 1.0;
        let mut met = Vec::new();
        for thing in things {
            if !met.contains(&thing.object.id) {
                met.push(thing.object.id);
                certain *= thing.weight;
            }
        }
        let draw = |k| route.turns(Some(k)).map(|(turns, _)| turns);
        Ok(chosen(Value::Turns(turns.clone()), &Some(turns), metres(margin_m), certain, draw))
    }
}

impl Route<'_> {
    /// The turn at each blank, and the smallest margin of all.
    fn turns(&self, k: Option<usize>) -> Option<(Vec<Turn>, f64)> {
        let mut at = ground(&self.start, k);
        let mut ahead = ground(&self.facing, k);
        let (mut turns, mut margin_m) = (Vec::new(), f64::INFINITY);
        for (blank, thing) in &self.legs {
            let next = ground(thing, k);
            if *blank {
                let told = left_right_or_back(LocalFrame::standing_at(at, ahead, None).ok()?.to_local(next));
                turns.push(match told.word {
                    SideOrBack::Left => Turn::Left,
                    SideOrBack::Right => Turn::Right,
                    SideOrBack::Back => Turn::Back,
                });
                margin_m = margin_m.min(told.margin_m);
            }
            // On arrival one still faces the way one came: as far again beyond.
            ahead = [2.0 * next[0] - at[0], 2.0 * next[1] - at[1]];
            at = next;
        }
        Some((turns, margin_m))
    }
}
