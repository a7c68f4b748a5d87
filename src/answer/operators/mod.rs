//! One operator a question: from things to a value, its probability and its margin.
//!
//! Every operator computes its value from the boxes as believed, and then again from [`DRAWS`] drawn scenes
//! (`draws.rs`): the probability of a choice is the share of draws that choose the same, of a measure the share that
//! lies within the tolerance; both times the probability that the things named are the things meant.

mod area;
mod choose;
mod count;
mod direction;
mod measure;
mod order;
mod picture;
mod route;

use super::draws::DRAWS;
use super::facts::{Facts, Thing};
use super::question::{Phrase, Question};
use super::reply::{Evidence, Found, Margin, MarginUnit, Unknown, Value, Why};
use super::verdict::Told;
use crate::scene::{Object, ObjectId, SCALE_UNKNOWN};
use std::collections::BTreeSet;
use std::sync::Arc;

/// One question being answered: the facts, and what the answer rests on.
pub(super) struct Work<'s> {
    facts: Facts<'s>,
    used: Vec<&'s Arc<Object>>,
    used_ids: BTreeSet<ObjectId>,
    /// A number that is told: the probability of a measure is then that this one is right.
    told: Option<Told>,
}

type Outcome = Result<Found, Unknown>;

impl<'s> Work<'s> {
    pub fn new(facts: Facts<'s>) -> Self {
        Self { facts, used: Vec::new(), used_ids: BTreeSet::new(), told: None }
    }

    /// The same, where a measure is told and not asked for.
    pub fn told(facts: Facts<'s>, told: Told) -> Self {
        Self { facts, used: Vec::new(), used_ids: BTreeSet::new(), told: Some(told) }
    }

    /// What the answer rests on so far.
    pub fn evidence(&self) -> Vec<Evidence> {
        self.used.iter().map(|object| Evidence::of(object)).collect()
    }

    pub fn answer(&mut self, question: &Question) -> Outcome {
        if self.facts.snapshot.is_metric() {
            return self.found(question);
        }
        // An area that the caller knows is square metres all the same.
        let is_told = matches!(question, Question::RoomArea) && self.facts.options.room_area_m2.is_some();
        if question.is_metric() && !is_told {
            return Err(Unknown::new(Why::NotYetObserved, SCALE_UNKNOWN));
        }
        let mut found = self.found(question)?;
        found.margin = found.margin.filter(|margin| !margin.unit.is_of_length());
        Ok(found)
    }

    fn found(&mut self, question: &Question) -> Outcome {
        match question {
            Question::Count { what, within } => self.count(what, *within),
            Question::Exists { what, within } => self.exists(what, *within),
            Question::Distance { from, to } => self.distance(from, to),
            Question::Range { what } => self.range(what),
            Question::Length { what, side } => self.length(what, *side),
            Question::Size { what } => self.size(what),
            Question::LengthGiven { what, side, given, also } => self.length_given(what, *side, given, also),
            Question::RoomArea => self.room_area(),
            Question::Closest { to, among, farthest } => self.closest(to, among, *farthest),
            Question::Most { among, by, least } => self.most(among, *by, *least),
            Question::More { what, than, by, less } => self.more(what, than, *by, *less),
            Question::Direction { from, what, sectors } => self.direction(from, what, *sectors),
            Question::SideOf { what, side, of, from } => self.side_of(what, *side, of.as_ref(), from),
            Question::LeftOrRight { what, of, from } => self.left_or_right_of(what, of, from),
            Question::WhichSide { among, side } => self.which_side(among, *side),
            Question::Contact { what, contact, of } => self.contact(what, *contact, of),
            Question::Position { what, within } => self.position(what, *within),
            Question::AtPicture { at } => self.at_picture(*at),
            Question::FirstSeen { among } => self.first_seen(among),
            Question::Route { start, facing, steps } => self.route(start, facing, steps),
        }
    }

    /// The one thing meant; it becomes evidence.
    fn one(&mut self, phrase: &Phrase) -> Result<Thing<'s>, Unknown> {
        let thing = self.facts.one(phrase)?;
        self.use_object(thing.object);
        Ok(thing)
    }

    /// All things meant; they become evidence.
    fn some(&mut self, phrase: &Phrase) -> Result<Vec<Thing<'s>>, Unknown> {
        let things = self.facts.some(phrase)?;
        for thing in &things {
            self.use_object(thing.object);
        }
        Ok(things)
    }

    fn use_object(&mut self, object: &'s Arc<Object>) {
        if self.used_ids.insert(object.id) {
            self.used.push(object);
        }
    }

    /// A length with the share of draws near it.
    fn measured(&self, value: Value, estimate: f64, certain: f64, draw: impl Fn(usize) -> f64) -> Found {
        let mut drawn: Vec<f64> = (0..DRAWS).map(draw).collect();
        let tolerance = self.facts.options.tolerance;
        let is_right = |d: f64| match self.told {
            Some(told) => told.holds(d),
            None => (estimate - d).abs() <= tolerance * d.abs(),
        };
        let near = drawn.iter().filter(|&&d| is_right(d)).count();
        drawn.sort_by(f64::total_cmp);
        let spread = Some([drawn[DRAWS / 20], drawn[DRAWS - 1 - DRAWS / 20]]);
        Found { value, option: None, probability: certain * near as f64 / DRAWS as f64, margin: None, spread }
    }
}

/// A choice with the share of draws that choose the same.
fn chosen<C: PartialEq>(value: Value, choice: &C, margin: Margin, certain: f64, draw: impl Fn(usize) -> C) -> Found {
    let same = (0..DRAWS).filter(|&k| draw(k) == *choice).count();
    let probability = certain * same as f64 / DRAWS as f64;
    Found { value, option: None, probability, margin: Some(margin), spread: None }
}

fn metres(value: f64) -> Margin {
    Margin { value: value.abs(), unit: MarginUnit::Metres }
}
