//! The triplet chain: a scene told as triplets, each of which places one more thing by two that are placed already.
//!
//! Of n ≥ 3 things the first two are the seeds; every other is the C of one triplet (stand at A, face B, locate C), with
//! A and B placed before it: n − 2 lines. Two things give one pair record, fewer give nothing.
//!
//! **Cost.** `e` bounds how far a thing's place may be off once the lines before it were decoded: 0 for the seeds. To
//! attach C to A and B costs `J = e_A + |AC| / |AB| · e_B + q` metres: A's error, the heading's error with the lever of C,
//! and the rounding of the text, `q = √2 s / 10` with `s` metres per cell. The cheapest ordered pair of the
//! `neighbours` placed things nearest to C is taken, ties (J to 1e-9) by A, then by B; then `e_C = J`. It is an estimate,
//! not a proof: by how much A's own error turns the heading, and that keeping a side may cost a tenth of a cell, is not
//! in it.
//!
//! A and B at least [`MIN_BASELINE_M`] apart give a heading. Where no two of the nearest do, the nearest placed thing that
//! is so far from C's nearest joins them. Where none is, everything placed is in one spot: A is the nearest, B the second
//! nearest, the heading is where the camera looked when it first saw A, and the line is marked; `J = e_A + q`.
//!
//! **Incremental.** The chain is a pure function of the [`PublishedList`]. [`Chain::update`] attaches anew only what may
//! have changed: a C that is new, moved or renamed, or one among whose nearest something is, was or comes to be that
//! changed, went, or has another `e` than before. Every other line keeps its bytes. The result equals [`Chain::of`], byte
//! for byte. When the first or the second thing goes or moves, all is built anew. [`Order::BestFirst`] is a batch order:
//! it is always built anew.
//!
//! Cost of a build: O(n (log n + k²)); of an update: a glance at each thing, the rest for what is attached anew.

use super::nearest::{Nearest, distance_m2, insert_nearest};
use super::{Gauge, PublishedList, PublishedThing, TripletText};
use crate::cogmap::{MIN_BASELINE_M, Triplet};
use crate::error::{Error, Result};
use crate::scene::ObjectId;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The most neighbours that may be looked at: 64 give 4032 pairs a thing.
pub const MAX_NEIGHBOURS: usize = 64;

/// Costs that differ by less are a tie.
const TIES_PER_M: f64 = 1e9;

/// In which order things are placed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// As they stand in the list: lines keep their bytes while the scene grows.
    #[default]
    FirstSeen,
    /// Next comes what is cheapest to attach, ties by place in the list. For one telling of a finished scene.
    BestFirst,
}

/// How a chain is built and written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainOptions {
    /// How many of the placed things nearest to C may be A or B. Default 6.
    pub neighbours: usize,
    /// In which order things are placed.
    pub order: Order,
    /// Whether lines tell the size of their cells. Default true.
    pub units: bool,
}

impl Default for ChainOptions {
    fn default() -> Self {
        Self { neighbours: 6, order: Order::FirstSeen, units: true }
    }
}

impl ChainOptions {
    /// Refuses numbers that cannot be meant.
    pub fn check(&self) -> Result<()> {
        if !(2..=MAX_NEIGHBOURS).contains(&self.neighbours) {
            return Err(Error::argument(format!("neighbours is {}, expected 2 to {MAX_NEIGHBOURS}", self.neighbours)));
        }
        Ok(())
    }
}

/// One line of a chain: a triplet, or the only pair of a scene of two things.
#[derive(Debug, Clone, PartialEq)]
pub struct ChainLine {
    /// Its number. In `FirstSeen` order that of C in the list less 2, so that it stays; in `BestFirst` order it counts.
    pub t: u64,
    /// Where to stand.
    pub a: ObjectId,
    /// What to face.
    pub b: ObjectId,
    /// What to locate; none in a pair record.
    pub c: Option<ObjectId>,
    /// The triplet of the published places; in a pair record C is B.
    pub triplet: Triplet,
    /// Estimated bound on the error of C's place once decoded in order, metres (J).
    pub error_m: f64,
    /// The line as it is told.
    pub text: String,
}

/// What an update of a chain changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ChainChange {
    /// Lines there are now.
    pub lines: usize,
    /// Of these, how many are new or have other bytes than before.
    pub lines_changed: usize,
    /// Lines of things that are gone.
    pub lines_removed: usize,
    /// Things that were attached anew, also those whose line came out the same.
    pub attached: usize,
}

impl ChainChange {
    /// Share of the lines that changed, 0..1.
    pub fn changed_share(&self) -> f64 {
        if self.lines == 0 { 0.0 } else { self.lines_changed as f64 / self.lines as f64 }
    }
}

/// A placed thing and the line that placed it.
#[derive(Debug, Clone, PartialEq)]
struct Placed {
    thing: PublishedThing,
    error_m: f64,
    /// Numbers of the things that might have been A or B.
    near: Vec<u64>,
    /// What comes nearer than this, squared, might be A or B too; infinite where all placed things were looked at.
    reach_m2: f64,
    line: Option<ChainLine>,
}

impl Placed {
    fn seed(thing: &PublishedThing) -> Arc<Self> {
        Arc::new(Self { thing: thing.clone(), error_m: 0.0, near: Vec::new(), reach_m2: 0.0, line: None })
    }

    fn text(&self) -> Option<&str> {
        self.line.as_ref().map(|line| &*line.text)
    }
}

/// A scene as triplets.
#[derive(Debug, Clone, PartialEq)]
pub struct Chain {
    options: ChainOptions,
    placed: Vec<Arc<Placed>>,
}

impl Chain {
    /// The chain of nothing, to be updated.
    pub fn new(options: ChainOptions) -> Result<Self> {
        options.check()?;
        Ok(Self { options, placed: Vec::new() })
    }

    /// The chain of a list, from scratch.
    pub fn of(list: &PublishedList, options: ChainOptions) -> Result<Self> {
        let mut chain = Self::new(options)?;
        chain.placed = match options.order {
            Order::FirstSeen => chain.first_seen(list.things())?,
            Order::BestFirst => chain.best_first(list.things())?,
        };
        Ok(chain)
    }

    /// The lines, each A and B placed by lines before it or seeds.
    pub fn lines(&self) -> impl Iterator<Item = &ChainLine> {
        self.placed.iter().filter_map(|placed| placed.line.as_ref())
    }

    /// How it is built.
    pub fn options(&self) -> &ChainOptions {
        &self.options
    }

    /// All lines, each with its line break.
    pub fn to_text(&self) -> String {
        self.lines().flat_map(|line| [&line.text, "\n"]).collect()
    }

    /// What fixes the layout that the lines leave open: the two seeds and their distance. None with fewer than two things.
    pub fn gauge(&self) -> Option<Gauge> {
        let [first, second, ..] = &self.placed[..] else { return None };
        Some(Gauge {
            origin: first.thing.name.to_string(),
            ahead: second.thing.name.to_string(),
            baseline_m: distance_m2(first.thing.at_m, second.thing.at_m).sqrt(),
        })
    }

    /// Brings the chain up to date with the list. What comes out equals [`Self::of`] the list; if it fails, nothing
    /// changed.
    pub fn update(&mut self, list: &PublishedList) -> Result<ChainChange> {
        let things = list.things();
        let seeds_stay = things.len() > 2
            && self.placed.len() > 2
            && self.placed.iter().zip(things).take(2).all(|(placed, thing)| placed.thing == *thing);
        if seeds_stay && self.options.order == Order::FirstSeen {
            return self.update_lines(things);
        }
        let new = Self::of(list, self.options)?;
        let change = changes(&self.placed, &new.placed);
        *self = new;
        Ok(change)
    }

    fn first_seen(&self, things: &[PublishedThing]) -> Result<Vec<Arc<Placed>>> {
        if let [first, second] = things {
            let pair = Placed { line: Some(self.pair(first, second)?), ..Arc::unwrap_or_clone(Placed::seed(second)) };
            return Ok(vec![Placed::seed(first), Arc::new(pair)]);
        }
        let mut placed: Vec<Arc<Placed>> = things.iter().take(2).map(Placed::seed).collect();
        let nearest = Nearest::of(things);
        for thing in things.iter().skip(2) {
            placed.push(self.attach_by_number(&placed, &nearest, thing)?);
        }
        Ok(placed)
    }

    /// Attaches a thing to those placed before it, which stand by ascending number.
    fn attach_by_number(
        &self,
        placed: &[Arc<Placed>],
        nearest: &Nearest,
        thing: &PublishedThing,
    ) -> Result<Arc<Placed>> {
        let (at_m, below) = (thing.at_m, thing.number);
        let found = nearest.find(at_m, below, self.options.neighbours, |_| true);
        let farther = |from_m| nearest.find(at_m, below, 1, |place_m| is_baseline(from_m, place_m)).first().copied();
        self.attach(thing, &found, thing.number - 2, |number| at_number(placed, number), farther)
    }

    /// Attaches a thing. `near` are the nearest placed ones, nearest first; `farther` finds the nearest placed one that
    /// makes a baseline with a place.
    fn attach<'p>(
        &self,
        thing: &PublishedThing,
        near: &[(f64, u64)],
        t: u64,
        numbered: impl Fn(u64) -> Option<&'p Arc<Placed>>,
        farther: impl Fn([f64; 2]) -> Option<(f64, u64)>,
    ) -> Result<Arc<Placed>> {
        let numbered = |number: u64| numbered(number).map(|placed| &**placed);
        let mut candidates: Vec<&Placed> = near.iter().filter_map(|&(_, number)| numbered(number)).collect();
        let nearest = candidates.first().copied().ok_or_else(|| Error::state("nothing is placed to attach to"))?;
        let second = candidates.get(1).copied().unwrap_or(nearest);
        let mut reach_m2 = match near.last() {
            Some(&(worst_m2, _)) if near.len() == self.options.neighbours => worst_m2,
            _ => f64::INFINITY,
        };
        let mut choice = Choice::cheapest(&mut candidates, thing)?;
        if choice.is_none() {
            reach_m2 = f64::INFINITY;
            candidates.extend(farther(nearest.thing.at_m).and_then(|(_, number)| numbered(number)));
            choice = Choice::cheapest(&mut candidates, thing)?;
        }
        let Choice { a, b, triplet, cost_m: error_m } = match choice {
            Some(choice) => choice,
            None => {
                let (a, b) = (&nearest.thing, &second.thing);
                let triplet = Triplet::new(a.at_m, b.at_m, thing.at_m, Some(a.heading))?;
                Choice { a: nearest, b: second, triplet, cost_m: nearest.error_m + rounding_m(&triplet) }
            }
        };
        let (a, b) = (&a.thing, &b.thing);
        let text = TripletText::of(t, [&a.name, &b.name], Some(&thing.name), &triplet, self.options.units).to_string();
        let line = ChainLine { t, a: a.id, b: b.id, c: Some(thing.id), triplet, error_m, text };
        let near = candidates.iter().map(|candidate| candidate.thing.number).collect();
        Ok(Arc::new(Placed { thing: thing.clone(), error_m, near, reach_m2, line: Some(line) }))
    }

    fn pair(&self, a: &PublishedThing, b: &PublishedThing) -> Result<ChainLine> {
        let triplet = Triplet::new(a.at_m, b.at_m, b.at_m, Some(a.heading))?;
        let text = TripletText::of(1, [&a.name, &b.name], None, &triplet, self.options.units).to_string();
        Ok(ChainLine { t: 1, a: a.id, b: b.id, c: None, triplet, error_m: 0.0, text })
    }

    fn update_lines(&mut self, things: &[PublishedThing]) -> Result<ChainChange> {
        let changed = Changed::between(&self.placed, things);
        let mut change =
            ChainChange { lines: things.len() - 2, lines_removed: changed.removed, ..ChainChange::default() };
        let mut renewed = changed.numbers.clone();
        let mut nearest = None;
        let mut placed: Vec<Arc<Placed>> = Vec::with_capacity(things.len());
        for (at, thing) in things.iter().enumerate() {
            let old = at_number(&self.placed, thing.number);
            match old {
                Some(old) if at < 2 || !changed.concerns(old, &renewed) => placed.push(old.clone()),
                _ => {
                    let nearest = nearest.get_or_insert_with(|| Nearest::of(things));
                    let new = self.attach_by_number(&placed, nearest, thing)?;
                    change.attached += 1;
                    if old.is_none_or(|old| old.error_m != new.error_m) {
                        renewed.insert(thing.number);
                    }
                    change.lines_changed += usize::from(old.map(|old| old.text()) != Some(new.text()));
                    placed.push(new);
                }
            }
        }
        self.placed = placed;
        Ok(change)
    }

    /// What is placed is told to all that wait; one of them is attached anew when something comes among its nearest.
    fn best_first(&self, things: &[PublishedThing]) -> Result<Vec<Arc<Placed>>> {
        if things.len() < 3 {
            return self.first_seen(things);
        }
        let mut crowd = Crowd::default();
        let mut waiting: Vec<Waiting<'_>> = things.iter().skip(2).map(Waiting::new).collect();
        for seed in &things[..2] {
            crowd.place(Placed::seed(seed), &mut waiting, self.options.neighbours);
        }
        while !waiting.is_empty() {
            let t = crowd.placed.len() as u64 - 1;
            for one in waiting.iter_mut().filter(|one| one.is_stale) {
                let attached = crowd.attach(self, one, t)?;
                // As long as not all its nearest are there, anything newly placed may be what it lacks.
                one.is_stale = attached.reach_m2.is_infinite();
                one.cost = (attached.error_m * TIES_PER_M).round();
            }
            let best = (0..waiting.len()).min_by(|&a, &b| waiting[a].cost.total_cmp(&waiting[b].cost)).unwrap_or(0);
            let one = waiting.remove(best);
            let placed = crowd.attach(self, &one, t)?;
            crowd.place(placed, &mut waiting, self.options.neighbours);
        }
        Ok(crowd.placed)
    }
}

/// Two placed things to attach a third to.
struct Choice<'p> {
    a: &'p Placed,
    b: &'p Placed,
    triplet: Triplet,
    cost_m: f64,
}

impl<'p> Choice<'p> {
    /// The cheapest ordered pair of the candidates that gives a heading. Leaves the candidates by ascending number.
    fn cheapest(candidates: &mut [&'p Placed], thing: &PublishedThing) -> Result<Option<Self>> {
        candidates.sort_unstable_by_key(|candidate| candidate.thing.number);
        let rounded = |cost_m: f64| (cost_m * TIES_PER_M).round();
        let mut best: Option<Self> = None;
        for &a in candidates.iter() {
            let from_a_m = distance_m2(a.thing.at_m, thing.at_m).sqrt();
            for &b in candidates.iter().filter(|b| is_baseline(a.thing.at_m, b.thing.at_m)) {
                let triplet = Triplet::new(a.thing.at_m, b.thing.at_m, thing.at_m, None)?;
                let lever = from_a_m / distance_m2(a.thing.at_m, b.thing.at_m).sqrt();
                let cost_m = a.error_m + lever * b.error_m + rounding_m(&triplet);
                if best.as_ref().is_none_or(|best| rounded(cost_m) < rounded(best.cost_m)) {
                    best = Some(Self { a, b, triplet, cost_m });
                }
            }
        }
        Ok(best)
    }
}

/// What is placed in `BestFirst` order.
#[derive(Default)]
struct Crowd {
    placed: Vec<Arc<Placed>>,
    at_of: BTreeMap<u64, usize>,
}

impl Crowd {
    fn place(&mut self, new: Arc<Placed>, waiting: &mut [Waiting<'_>], neighbours: usize) {
        for one in waiting {
            let place = (distance_m2(one.thing.at_m, new.thing.at_m), new.thing.number);
            one.is_stale |= insert_nearest(&mut one.near, neighbours, place);
        }
        self.at_of.insert(new.thing.number, self.placed.len());
        self.placed.push(new);
    }

    fn attach(&self, chain: &Chain, one: &Waiting<'_>, t: u64) -> Result<Arc<Placed>> {
        let numbered = |number: u64| self.placed.get(*self.at_of.get(&number)?);
        chain.attach(one.thing, &one.near, t, numbered, |place_m| {
            let apart = self.placed.iter().filter(|other| is_baseline(place_m, other.thing.at_m));
            let from_c = apart.map(|other| (distance_m2(one.thing.at_m, other.thing.at_m), other.thing.number));
            from_c.min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)))
        })
    }
}

/// A thing that is not placed yet.
struct Waiting<'l> {
    thing: &'l PublishedThing,
    near: Vec<(f64, u64)>,
    cost: f64,
    is_stale: bool,
}

impl<'l> Waiting<'l> {
    fn new(thing: &'l PublishedThing) -> Self {
        Self { thing, near: Vec::new(), cost: f64::INFINITY, is_stale: true }
    }
}

/// What two lists do not have in common.
struct Changed {
    /// Numbers of what is new, is told otherwise, or went.
    numbers: BTreeSet<u64>,
    /// Where what is new or told otherwise is now.
    places: Vec<([f64; 2], u64)>,
    /// How many went.
    removed: usize,
}

impl Changed {
    fn between(old: &[Arc<Placed>], new: &[PublishedThing]) -> Self {
        let mut changed = Self { numbers: BTreeSet::new(), places: Vec::new(), removed: 0 };
        let mut old = old.iter().peekable();
        for thing in new {
            while let Some(gone) = old.next_if(|placed| placed.thing.number < thing.number) {
                changed.numbers.insert(gone.thing.number);
                changed.removed += 1;
            }
            let was = old.next_if(|placed| placed.thing.number == thing.number);
            if was.is_none_or(|placed| placed.thing != *thing) {
                changed.numbers.insert(thing.number);
                changed.places.push((thing.at_m, thing.number));
            }
        }
        for gone in old {
            changed.numbers.insert(gone.thing.number);
            changed.removed += 1;
        }
        changed
    }

    /// Whether the line of a placed thing may come out otherwise; `renewed` are the changed things and those whose error
    /// bound changed.
    fn concerns(&self, placed: &Placed, renewed: &BTreeSet<u64>) -> bool {
        let comes_near = |&(at_m, number): &([f64; 2], u64)| {
            number < placed.thing.number && distance_m2(at_m, placed.thing.at_m) <= placed.reach_m2
        };
        renewed.contains(&placed.thing.number)
            || placed.near.iter().any(|number| renewed.contains(number))
            || self.places.iter().any(comes_near)
    }
}

/// What changed between two chains, line by line of the same C.
fn changes(old: &[Arc<Placed>], new: &[Arc<Placed>]) -> ChainChange {
    let lines = |placed: &'_ [Arc<Placed>]| -> BTreeMap<u64, String> {
        placed.iter().filter_map(|p| Some((p.thing.number, p.text()?.to_string()))).collect()
    };
    let (old, new) = (lines(old), lines(new));
    ChainChange {
        lines: new.len(),
        lines_changed: new.iter().filter(|(number, text)| old.get(number) != Some(text)).count(),
        lines_removed: old.keys().filter(|number| !new.contains_key(number)).count(),
        attached: new.len(),
    }
}

fn at_number(placed: &[Arc<Placed>], number: u64) -> Option<&Arc<Placed>> {
    placed.binary_search_by_key(&number, |one| one.thing.number).ok().map(|at| &placed[at])
}

fn is_baseline(a: [f64; 2], b: [f64; 2]) -> bool {
    (b[0] - a[0]).hypot(b[1] - a[1]) >= MIN_BASELINE_M
}

/// What rounding to one decimal may move C by, metres.
fn rounding_m(triplet: &Triplet) -> f64 {
    std::f64::consts::SQRT_2 * triplet.cell_m() / 10.0
}
