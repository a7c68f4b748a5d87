//! The published list: what readers of triplets have been told, and the only thing a chain depends on.
//!
//! An estimate moves a little with every frame. Were each of these moves told, every line would change all the time and
//! nothing a language model has read would stay valid. So a thing is published where it is first believed to be, and is
//! published anew only when the estimate leaves its bound: `clamp(sigmas · sigma, least_bound_m, most_bound_m)`, with the
//! present horizontal standard deviation. At any time, then, what is published lies within that bound of the estimate.
//!
//! Things stand in the order in which readers were first shown them; things shown together stand by first frame, then
//! score (highest first), label and id. Each gets a number, from 1, that is never given again: who comes late is put at
//! the end whenever it was first glimpsed, so that the lines before it keep their bytes. A thing that goes leaves a gap.
//!
//! Names are those of the snapshot, `label#k`. Where the scene changes its mind about a label the name changes and is
//! told anew; the number stays. World x and y, metres. The list is part of what is saved of a scene
//! ([`super::ToldScene`]), or by itself with serde.

use crate::cogmap::LocalFrame;
use crate::error::{Error, Result};
use crate::frame::MAX_COORDINATE_M;
use crate::geom::OrientedBox;
use crate::scene::{Keyframe, Object, ObjectId, Snapshot, write_lines};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;

/// The heading of things whose first sight gave none.
pub const NO_HEADING: [f64; 2] = [0.0, 1.0];

/// Numbers stay below this, so that every reader of JSON can hold them.
const MAX_NUMBER: u64 = 1 << 53;

/// How far the square of a saved heading's length may be from 1.
const MAX_LENGTH_ERROR: f64 = 1e-6;

/// When a place is published anew.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PublishOptions {
    /// A smaller move is never told, metres. Default 0.05: what a cell of a small triplet resolves.
    pub least_bound_m: f64,
    /// Standard deviations of the estimate's place that count as no news. Default 2.
    pub sigmas: f64,
    /// A larger move is always told, however unsure the estimate, metres. Default 0.5.
    pub most_bound_m: f64,
}

impl Default for PublishOptions {
    fn default() -> Self {
        Self { least_bound_m: 0.05, sigmas: 2.0, most_bound_m: 0.5 }
    }
}

impl PublishOptions {
    /// Refuses numbers that cannot be meant.
    pub fn check(&self) -> Result<()> {
        let named =
            [("least_bound_m", self.least_bound_m), ("sigmas", self.sigmas), ("most_bound_m", self.most_bound_m)];
        for (name, value) in named {
            if !(0.0..=1000.0).contains(&value) {
                return Err(Error::argument(format!("{name} is {value}, expected 0 to 1000")));
            }
        }
        if self.least_bound_m > self.most_bound_m {
            return Err(Error::argument(format!(
                "least_bound_m is {}, expected at most most_bound_m, {}",
                self.least_bound_m, self.most_bound_m
            )));
        }
        Ok(())
    }

    /// How far an estimate of this standard deviation may stray from its published place, metres.
    pub fn bound_m(&self, sigma_m: f64) -> f64 {
        let wide_m = self.sigmas * sigma_m;
        if wide_m.is_nan() { self.most_bound_m } else { wide_m.clamp(self.least_bound_m, self.most_bound_m) }
    }
}

/// A thing as readers were told of it.
#[derive(Debug, Clone, PartialEq)]
pub struct PublishedThing {
    /// Its number in the list, from 1; never given again.
    pub number: u64,
    /// Its id in the scene.
    pub id: ObjectId,
    /// Its name, `label#k`.
    pub name: Arc<str>,
    /// Its published place, world x and y in metres.
    pub at_m: [f64; 2],
    /// Where the camera looked when it first saw the thing, a unit vector on the ground; [`NO_HEADING`] if straight down.
    pub heading: [f64; 2],
}

/// What an update of the list changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PublishedChange {
    /// Things shown for the first time.
    pub entered: usize,
    /// Things published at another place.
    pub moved: usize,
    /// Things published under another name.
    pub renamed: usize,
    /// Things that are there no more.
    pub removed: usize,
}

/// Things in the order in which readers were first shown them, with the places they were told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(into = "ListRecord", try_from = "ListRecord")]
pub struct PublishedList {
    options: PublishOptions,
    next_number: u64,
    things: Vec<PublishedThing>,
}

impl Default for PublishedList {
    fn default() -> Self {
        Self { options: PublishOptions::default(), next_number: 1, things: Vec::new() }
    }
}

impl PublishedList {
    /// An empty list.
    pub fn new(options: PublishOptions) -> Result<Self> {
        options.check()?;
        Ok(Self { options, ..Self::default() })
    }

    /// What a snapshot shows to readers who know nothing yet: the list of [`Self::new`], updated once.
    pub fn of(snapshot: &Snapshot, options: PublishOptions) -> Result<Self> {
        let mut list = Self::new(options)?;
        list.update(snapshot)?;
        Ok(list)
    }

    /// Known places by label, in the order in which they were first seen: the k-th chair is `chair#k`. Ids count from 1.
    pub fn of_places<'a>(places: impl IntoIterator<Item = (&'a str, [f64; 2])>) -> Result<Self> {
        let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
        Self::of_named(places.into_iter().map(|(label, at_m)| {
            let count = counts.entry(label).or_default();
            *count += 1;
            (format!("{label}#{count}"), at_m)
        }))
    }

    /// Known places by name, in the order in which they were first seen. Ids count from 1. Names must differ.
    pub fn of_named<N: Into<Arc<str>>>(places: impl IntoIterator<Item = (N, [f64; 2])>) -> Result<Self> {
        let mut list = Self::default();
        for (name, at_m) in places {
            let number = list.next_number;
            list.next_number += 1;
            list.things.push(PublishedThing {
                number,
                id: ObjectId(number),
                name: name.into(),
                at_m,
                heading: NO_HEADING,
            });
        }
        list.check()?;
        Ok(list)
    }

    /// Boxes known to be true by label, in the order in which they were first seen; see [`Self::of_places`].
    pub fn of_boxes<'a>(boxes: impl IntoIterator<Item = (&'a str, OrientedBox)>) -> Result<Self> {
        Self::of_places(boxes.into_iter().map(|(label, obb)| (label, [obb.centre.x, obb.centre.y])))
    }

    /// The things, by ascending number.
    pub fn things(&self) -> &[PublishedThing] {
        &self.things
    }

    /// When places are published anew.
    pub fn options(&self) -> &PublishOptions {
        &self.options
    }

    /// The thing with this name.
    pub fn named(&self, name: &str) -> Option<&PublishedThing> {
        self.things.iter().find(|thing| &*thing.name == name)
    }

    /// Takes in what the snapshot shows. Two things of one name are refused, and then nothing changes. Costs one look-up
    /// a thing, and more only for what entered.
    pub fn update(&mut self, snapshot: &Snapshot) -> Result<PublishedChange> {
        let mut change = PublishedChange::default();
        let mut things = Vec::with_capacity(snapshot.len());
        for thing in &self.things {
            match snapshot.object(thing.id) {
                Some(object) => things.push(self.kept(thing, object, &mut change)),
                None => change.removed += 1,
            }
        }
        let mut next_number = self.next_number;
        if things.len() < snapshot.len() {
            let listed: BTreeSet<ObjectId> = things.iter().map(|thing| thing.id).collect();
            let mut new: Vec<&Arc<Object>> = snapshot.objects().filter(|o| !listed.contains(&o.id)).collect();
            new.sort_by(|a, b| {
                let by_score = || b.existence.total_cmp(&a.existence);
                let by_name = || a.label.cmp(&b.label).then(a.id.cmp(&b.id));
                a.first_seen_ns.cmp(&b.first_seen_ns).then_with(by_score).then_with(by_name)
            });
            let views = Views::of(snapshot);
            for object in new {
                things.push(PublishedThing {
                    number: next_number,
                    id: object.id,
                    name: object.name.clone(),
                    at_m: place_of(object),
                    heading: views.heading_at(object.first_seen_ns),
                });
                next_number += 1;
                change.entered += 1;
            }
        }
        let next = Self { options: self.options, next_number, things };
        if change.entered + change.moved + change.renamed > 0 {
            next.check()?;
        }
        *self = next;
        Ok(change)
    }

    /// The thing as it is told from now on.
    fn kept(&self, thing: &PublishedThing, object: &Object, change: &mut PublishedChange) -> PublishedThing {
        let estimate_m = place_of(object);
        let strayed_m = (estimate_m[0] - thing.at_m[0]).hypot(estimate_m[1] - thing.at_m[1]);
        let moves = strayed_m > self.options.bound_m(horizontal_sigma_m(&object.centre_cov_m2));
        let is_renamed = *thing.name != *object.name;
        change.moved += usize::from(moves);
        change.renamed += usize::from(is_renamed);
        PublishedThing {
            at_m: if moves { estimate_m } else { thing.at_m },
            name: if is_renamed { object.name.clone() } else { thing.name.clone() },
            ..*thing
        }
    }

    /// Refuses what no list can hold.
    fn check(&self) -> Result<()> {
        if !(1..=MAX_NUMBER).contains(&self.next_number) {
            return Err(Error::argument(format!("next_number is {}, expected 1 to {MAX_NUMBER}", self.next_number)));
        }
        let mut last = 0;
        let (mut ids, mut names) = (BTreeSet::new(), BTreeSet::new());
        for thing in &self.things {
            let name = &thing.name;
            if thing.number <= last || thing.number >= self.next_number {
                return Err(Error::argument(format!(
                    "number of {name} is {}, expected more than {last} and less than {}",
                    thing.number, self.next_number
                )));
            }
            last = thing.number;
            if !thing.at_m.iter().all(|m| m.abs() <= MAX_COORDINATE_M) {
                return Err(Error::argument(format!(
                    "{name} is at {:?} m, expected finite and within {MAX_COORDINATE_M:e} m of the origin",
                    thing.at_m
                )));
            }
            let length2 = thing.heading[0] * thing.heading[0] + thing.heading[1] * thing.heading[1];
            if length2.is_nan() || (length2 - 1.0).abs() > MAX_LENGTH_ERROR {
                return Err(Error::argument(format!(
                    "heading of {name} is {:?}, expected a unit vector",
                    thing.heading
                )));
            }
            if !ids.insert(thing.id) {
                return Err(Error::argument(format!("object id {} comes twice in the list", thing.id)));
            }
            if !names.insert(name) {
                return Err(Error::argument(format!("two things are called {name}, expected names that differ")));
            }
        }
        Ok(())
    }
}

fn place_of(object: &Object) -> [f64; 2] {
    [object.obb.centre.x, object.obb.centre.y]
}

/// Standard deviation of the centre on the ground, in the direction in which it is largest.
fn horizontal_sigma_m([xx, xy, _, yy, _, _]: &[f64; 6]) -> f64 {
    let (middle, apart) = ((xx + yy) * 0.5, (xx - yy) * 0.5);
    (middle + apart.hypot(*xy)).max(0.0).sqrt()
}

/// Where the camera looked, by time.
struct Views(Vec<Keyframe>);

impl Views {
    fn of(snapshot: &Snapshot) -> Self {
        let mut keyframes: Vec<Keyframe> = snapshot.keyframes().copied().collect();
        keyframes.sort_by_key(|keyframe| (keyframe.stamp_ns, keyframe.id));
        Self(keyframes)
    }

    /// Where the keyframe looked that a frame of this stamp hangs on.
    fn heading_at(&self, stamp_ns: i64) -> [f64; 2] {
        let after = self.0.partition_point(|keyframe| keyframe.stamp_ns <= stamp_ns);
        let view = self.0.get(after.saturating_sub(1));
        let frame = view.and_then(|keyframe| LocalFrame::from_pose(&keyframe.world_from_camera).ok());
        frame.map_or(NO_HEADING, |frame| frame.forward())
    }
}

impl PublishedList {
    /// Writes the list as JSON, one thing a line; serde reads it.
    pub(super) fn write_json(&self, out: &mut impl io::Write) -> io::Result<()> {
        out.write_all(b"{\"options\":")?;
        serde_json::to_writer(&mut *out, &self.options)?;
        write!(out, ",\"next_number\":{},\"things\":", self.next_number)?;
        write_lines(out, self.things.iter().map(ThingRecord::of))?;
        out.write_all(b"}")
    }
}

/// How a list is saved.
#[derive(Clone, Serialize, Deserialize)]
struct ListRecord {
    options: PublishOptions,
    next_number: u64,
    things: Vec<ThingRecord>,
}

#[derive(Clone, Serialize, Deserialize)]
struct ThingRecord {
    number: u64,
    id: u64,
    name: String,
    at_m: [f64; 2],
    heading: [f64; 2],
}

impl ThingRecord {
    fn of(thing: &PublishedThing) -> Self {
        Self {
            number: thing.number,
            id: thing.id.0,
            name: thing.name.to_string(),
            at_m: thing.at_m,
            heading: thing.heading,
        }
    }
}

impl From<PublishedList> for ListRecord {
    fn from(list: PublishedList) -> Self {
        Self {
            options: list.options,
            next_number: list.next_number,
            things: list.things.iter().map(ThingRecord::of).collect(),
        }
    }
}

impl TryFrom<ListRecord> for PublishedList {
    type Error = Error;

    fn try_from(record: ListRecord) -> Result<Self> {
        record.options.check()?;
        let thing = |thing: ThingRecord| PublishedThing {
            number: thing.number,
            id: ObjectId(thing.id),
            name: thing.name.into(),
            at_m: thing.at_m,
            heading: thing.heading,
        };
        let things = record.things.into_iter().map(thing).collect();
        let list = Self { options: record.options, next_number: record.next_number, things };
        list.check()?;
        Ok(list)
    }
}
