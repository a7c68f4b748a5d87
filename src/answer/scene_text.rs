//! The scene as text for a language model, under a budget; and back.
//!
//! ```text
//! scene cm deg: name x y z length width height yaw @seconds
//! room 30.2 m2
//! count chair 4
//! chair#1 120 35 45 50 48 90 45 @0.3
//! sofa#1 -210 140
//! tv#1 @2.1
//! {"t":1,"a":"chair#1","b":"sofa#1","c":"tv#1","b_xy":[5.0,9.4],"c_xy":[7.2,7.2],"cell":0.85}
//! ```
//!
//! Whole centimetres and degrees, world frame (Z up); a row has a full box, a place on the ground, or neither; `@` is
//! when a thing was first seen, seconds after the first of the scene. A box that is tilted says yaw/pitch/roll. `count`
//! stands where not every thing of a category has a row. Rows stand in the order of ids whatever was asked first, so
//! that a cached prompt stays valid for as long as possible. Parsing what was printed gives the same rows.
//!
//! What is written, until the budget is spent: what the question names, in the shortest row that still answers it, and of a
//! question of direction its triplet; then one thing of every category, largest first; then the rest, largest first; then
//! the chain of triplets of the things that have rows ([`crate::graph`]). Each line that is kept is whole.

use super::ask::{AskOptions, ask, ask_text};
use super::facts::Facts;
use super::question::{Asked, Observer, Phrase, Question};
use super::reader::read_question;
use super::reply::{Answer, Evidence, Found, Value};
use crate::cogmap::Triplet;
use crate::error::{Error, Result};
use crate::frame::MAX_COORDINATE_M;
use crate::geom::OrientedBox;
use crate::graph::{
    Chain, ChainOptions, ChainText, MAX_REJECTED, PublishOptions, PublishedList, Rejected, TripletText,
};
use crate::scene::{LabelShare, Object, ObjectId, ObjectState, Snapshot, SupportKind, canonical};
use nalgebra::{Point3, UnitQuaternion, Vector3};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The longest text that is parsed, bytes.
pub const MAX_SCENE_TEXT_BYTES: usize = 16 << 20;

/// The first line.
const HEADER: &str = "scene cm deg: name x y z length width height yaw @seconds";

/// A box tilted by less is written as upright, degrees.
const UPRIGHT_DEG: f64 = 0.5;

/// A side that no row tells, metres; its sigma is as large as a room.
const UNTOLD_SIDE_M: f64 = 0.01;

/// How unsure what no row tells is, metres.
const UNTOLD_SIGMA_M: f64 = 10.0;

/// How a text is measured: bytes, tokens of some tokenizer.
pub type Measure<'m> = &'m dyn Fn(&str) -> usize;

/// What a row tells of where a thing is, centimetres and degrees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// Nothing.
    Nothing,
    /// Its centre on the ground: x, y.
    Place([i64; 2]),
    /// Its box: centre, sides, and yaw, pitch, roll.
    Box {
        /// x, y, z.
        centre: [i64; 3],
        /// Along the box's own x, y, z; at least 1.
        size: [i64; 3],
        /// Yaw, pitch, roll.
        turn: [i64; 3],
    },
}

/// One row: a thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextThing {
    /// `category#k`.
    pub name: String,
    /// Where it is.
    pub told: Told,
    /// When it was first seen, tenths of a second after the first of the scene.
    pub seen_ds: Option<i64>,
}

/// A scene as text says it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SceneText {
    /// Area of the floor, tenths of a square metre.
    pub room_dm2: Option<i64>,
    /// Categories of which not every thing has a row, and how many there are.
    pub counts: Vec<(String, u32)>,
    /// Rows.
    pub things: Vec<TextThing>,
    /// Triplets: what of three things lies where for someone standing at the first and facing the second.
    pub triplets: Vec<TripletText>,
}

/// What was read of a text.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ReadSceneText {
    /// What the lines tell that are ours.
    pub scene: SceneText,
    /// The first [`MAX_REJECTED`] of the lines that are none of ours.
    pub rejected: Vec<Rejected>,
    /// How many were left out in all.
    pub rejected_in_all: usize,
}

/// What may be written next, and how much it matters.
enum Line {
    Room(i64),
    Count(String, u32),
    Thing(usize, TextThing),
    Triplet(TripletText),
}

impl SceneText {
    /// What fits of the scene. `budget` is in what `measure` counts; `asked` decides what is written first.
    ///
    /// # Errors
    /// A budget too small for the first line. `Unsupported` for a scene whose scale is unknown: it has no centimetres.
    pub fn of(
        snapshot: &Snapshot,
        asked: Option<&Question>,
        options: &AskOptions,
        budget: usize,
        measure: Measure<'_>,
    ) -> Result<Self> {
        snapshot.expect_metric()?;
        let mut left = budget.checked_sub(measure(HEADER)).ok_or_else(|| {
            Error::argument(format!("the budget is {budget}, expected at least {} for the first line", measure(HEADER)))
        })?;
        let objects: Vec<&Arc<Object>> = snapshot.objects().collect();
        let mut text = Self::default();
        let mut rows: Vec<Option<TextThing>> = vec![None; objects.len()];
        let mut has_row: BTreeSet<String> = BTreeSet::new();
        let facts = Facts { snapshot, options };
        for line in lines(&facts, &objects, asked).into_iter().chain(chain_lines(snapshot)?) {
            let is_wanted = match &line {
                Line::Room(_) | Line::Count(..) => true,
                Line::Thing(at, _) => rows[*at].is_none(),
                // The triplet asked for may be one of the chain, and stands first.
                Line::Triplet(triplet) => {
                    triplet.names().all(|name| has_row.contains(name))
                        && text.triplets.first().is_none_or(|asked| !asked.names().eq(triplet.names()))
                }
            };
            if !is_wanted {
                continue;
            }
            // One more for the end of the line before.
            let cost = measure(&line.to_string()) + 1;
            if cost > left {
                continue;
            }
            match line {
                Line::Room(dm2) => text.room_dm2 = Some(dm2),
                Line::Count(label, n) => text.counts.push((label, n)),
                Line::Thing(at, thing) => {
                    has_row.insert(thing.name.clone());
                    rows[at] = Some(thing);
                }
                Line::Triplet(triplet) => text.triplets.push(triplet),
            }
            left -= cost;
        }
        text.things = rows.into_iter().flatten().collect();
        text.counts.sort();
        Ok(text)
    }

    /// Reads what [`Self::to_string`] wrote, or a model repeated. Fences and blank lines are passed over; lines that are
    /// none of ours are told by their numbers, from 1, with the reason.
    ///
    /// # Errors
    /// A text beyond [`MAX_SCENE_TEXT_BYTES`].
    pub fn parse(text: &str) -> Result<ReadSceneText> {
        if text.len() > MAX_SCENE_TEXT_BYTES {
            let bytes = text.len();
            return Err(Error::argument(format!(
                "scene text has {bytes} bytes, expected at most {MAX_SCENE_TEXT_BYTES}"
            )));
        }
        let mut read = ReadSceneText::default();
        let scene = &mut read.scene;
        for (number, line) in (1..).zip(text.lines().map(str::trim)) {
            if line.is_empty() || line == HEADER || line.starts_with("```") {
                continue;
            }
            match read_line(line) {
                Ok(Line::Room(dm2)) => scene.room_dm2 = Some(dm2),
                Ok(Line::Count(label, n)) => scene.counts.push((label, n)),
                Ok(Line::Thing(_, thing)) => scene.things.push(thing),
                Ok(Line::Triplet(triplet)) => scene.triplets.push(triplet),
                Err(reason) => {
                    read.rejected_in_all += 1;
                    if read.rejected.len() < MAX_REJECTED {
                        read.rejected.push(Rejected { line: number, reason });
                    }
                }
            }
        }
        Ok(read)
    }

    /// The area of the floor, m², where it is told.
    pub fn room_area_m2(&self) -> Option<f64> {
        self.room_dm2.map(|dm2| dm2 as f64 / 10.0)
    }

    /// The rows as a scene that can be asked. What no row tells is as unsure as a room is large.
    pub fn to_snapshot(&self) -> Result<Snapshot> {
        let objects = (0u64..).zip(&self.things).map(|(id, thing)| thing.to_object(ObjectId(id))).collect();
        Snapshot::of(objects, Vec::new(), 0)
    }

    /// Answers a question in words from the text alone, which is taken for complete: what it does not tell is not there.
    /// `complete` and `room_area_m2` of the options are not looked at. Errors as [`ask_text`].
    pub fn ask_text(&self, text: &str, choices: &[String], options: &AskOptions) -> Result<Answer> {
        let told = self.to_snapshot()?;
        match read_question(text, choices, &told, &options.vocabulary)? {
            Some(asked) => self.ask_in(&told, asked, options),
            None => ask_text(&told, text, choices, options),
        }
    }

    /// As [`Self::ask_text`], of a question that is read already.
    pub fn ask(&self, asked: Asked, options: &AskOptions) -> Result<Answer> {
        self.ask_in(&self.to_snapshot()?, asked, options)
    }

    fn ask_in(&self, told: &Snapshot, asked: Asked, options: &AskOptions) -> Result<Answer> {
        let counted = |what: &Phrase| {
            let asked = canonical(&what.0);
            let fits = self.counts.iter().filter_map(|(label, n)| {
                let fit = options.vocabulary.fit(&asked, &canonical(label))?;
                Some((fit, *n))
            });
            let best = fits.clone().map(|(fit, _)| fit).max()?;
            Some(fits.filter(|(fit, _)| *fit == best).fold(0, |sum: u32, (_, n)| sum.saturating_add(n)))
        };
        let value = match &asked.question {
            Question::Count { what, .. } => counted(what).map(Value::Count),
            Question::Exists { what, .. } => counted(what).map(|n| Value::YesNo(n > 0)),
            _ => None,
        };
        if let Some(value) = value {
            return Ok(Answer {
                asked: Some(asked),
                outcome: Ok(Found::plain(value, 1.0)),
                evidence: Vec::<Evidence>::new(),
            });
        }
        let room_area_m2 = self.room_area_m2().filter(|area| *area > 0.0);
        let options = AskOptions { complete: true, room_area_m2, ..options.clone() };
        ask(told, asked, &options)
    }
}

impl std::fmt::Display for SceneText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(HEADER)?;
        if let Some(dm2) = self.room_dm2 {
            write!(f, "\n{}", Line::Room(dm2))?;
        }
        for (label, n) in &self.counts {
            write!(f, "\n{}", Line::Count(label.clone(), *n))?;
        }
        self.things.iter().try_for_each(|thing| write!(f, "\n{thing}"))?;
        self.triplets.iter().try_for_each(|triplet| write!(f, "\n{triplet}"))
    }
}

impl std::fmt::Display for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Room(dm2) => write!(f, "room {}.{} m2", dm2 / 10, dm2 % 10),
            Self::Count(label, n) => write!(f, "count {label} {n}"),
            Self::Thing(_, thing) => thing.fmt(f),
            Self::Triplet(triplet) => triplet.fmt(f),
        }
    }
}

impl std::fmt::Display for TextThing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)?;
        match self.told {
            Told::Nothing => {}
            Told::Place([x, y]) => write!(f, " {x} {y}")?,
            Told::Box { centre: [x, y, z], size: [l, w, h], turn: [yaw, pitch, roll] } => {
                write!(f, " {x} {y} {z} {l} {w} {h} {yaw}")?;
                if [pitch, roll] != [0, 0] {
                    write!(f, "/{pitch}/{roll}")?;
                }
            }
        }
        self.seen_ds.map_or(Ok(()), |ds| write!(f, " @{}.{}", ds / 10, ds % 10))
    }
}

/// Every line that may be written, the most useful first.
fn lines(facts: &Facts<'_>, objects: &[&Arc<Object>], asked: Option<&Question>) -> Vec<Line> {
    let first_ns = objects.iter().map(|object| object.first_seen_ns).min().unwrap_or(0);
    let row = |at: usize, kind: Row| Line::Thing(at, TextThing::of(objects[at], kind, first_ns));
    let mut lines = Vec::new();
    let mut named: Vec<usize> = Vec::new();
    for phrase in asked.map(Question::named).unwrap_or_default() {
        for thing in facts.things(phrase) {
            named.extend(
                objects.iter().position(|object| object.id == thing.object.id).filter(|at| !named.contains(at)),
            );
        }
    }
    let room = room_dm2(facts);
    match asked {
        Some(Question::RoomArea) => lines.extend(room.map(Line::Room)),
        Some(Question::Count { what, .. } | Question::Exists { what, .. }) => {
            let n = facts.things(what).len();
            lines.push(Line::Count(what.0.clone(), u32::try_from(n).unwrap_or(u32::MAX)));
        }
        Some(question) => lines.extend(named.iter().map(|&at| row(at, Row::needed_by(question)))),
        None => {}
    }
    lines.extend(asked.and_then(|question| asked_triplet(facts, question)).map(Line::Triplet));
    let by_size = largest_first(objects);
    lines.extend(by_size.iter().map(|&at| row(at, if asked.is_none() { Row::BoxAndTime } else { Row::Box })));
    if !matches!(asked, Some(Question::RoomArea)) {
        lines.extend(room.map(Line::Room));
    }
    lines
}

/// The triplet that a question of direction is about; its number is 0, for it is none of the chain.
fn asked_triplet(facts: &Facts<'_>, question: &Question) -> Option<TripletText> {
    let Question::Direction { from: Observer::Things { standing_at, facing }, what, .. } = question else {
        return None;
    };
    let [a, b, c] = [standing_at, facing, what].map(|phrase| facts.one(phrase).ok().map(|thing| thing.object));
    let (a, b, c) = (a?, b?, c?);
    let triplet = Triplet::of_objects(facts.snapshot, [a.id, b.id, c.id], None).ok()?;
    Some(TripletText::of(0, [&a.name, &b.name], Some(&c.name), &triplet, true))
}

/// The chain of all things, line by line.
fn chain_lines(snapshot: &Snapshot) -> Result<Vec<Line>> {
    let list = PublishedList::of(snapshot, PublishOptions::default())?;
    let chain = Chain::of(&list, ChainOptions::default())?;
    let name = |id: ObjectId| snapshot.object(id).map_or("", |object| &object.name);
    let told = chain
        .lines()
        .map(|line| TripletText::of(line.t, [name(line.a), name(line.b)], line.c.map(name), &line.triplet, true));
    Ok(told.map(Line::Triplet).collect())
}

/// What a row has to tell.
#[derive(Clone, Copy, PartialEq)]
enum Row {
    Time,
    Place,
    Box,
    BoxAndTime,
}

impl Row {
    fn needed_by(question: &Question) -> Self {
        match question {
            Question::FirstSeen { .. } => Self::Time,
            Question::Direction { .. }
            | Question::SideOf { .. }
            | Question::LeftOrRight { .. }
            | Question::WhichSide { .. }
            | Question::Route { .. } => Self::Place,
            _ => Self::Box,
        }
    }
}

/// One of every category first, then the rest; within both the largest first.
fn largest_first(objects: &[&Arc<Object>]) -> Vec<usize> {
    let mut by_size: Vec<usize> = (0..objects.len()).collect();
    by_size.sort_by(|&a, &b| {
        objects[b].obb.volume_m3().total_cmp(&objects[a].obb.volume_m3()).then(objects[a].id.cmp(&objects[b].id))
    });
    let mut met: BTreeSet<&str> = BTreeSet::new();
    let (firsts, rest): (Vec<usize>, Vec<usize>) = by_size.into_iter().partition(|&at| met.insert(&objects[at].label));
    firsts.into_iter().chain(rest).collect()
}

fn room_dm2(facts: &Facts<'_>) -> Option<i64> {
    let floors = || facts.snapshot.supports().iter().filter(|support| support.kind == SupportKind::Floor);
    let area =
        facts.options.room_area_m2.or_else(|| floors().next().map(|_| floors().map(|floor| floor.area_m2).sum()))?;
    Some((area * 10.0).round() as i64)
}

fn centimetres(metres: f64) -> i64 {
    (metres * 100.0).round() as i64
}

impl TextThing {
    /// Its centre on the ground, x and y in metres, where that is all that is told of its place.
    pub fn place_m(&self) -> Option<[f64; 2]> {
        match self.told {
            Told::Place(at_cm) => Some(at_cm.map(|at| at as f64 / 100.0)),
            Told::Nothing | Told::Box { .. } => None,
        }
    }

    /// When it was first seen, nanoseconds after the first thing of the scene, where it is told.
    pub fn first_seen_ns(&self) -> Option<i64> {
        self.seen_ds.map(|ds| ds.saturating_mul(100_000_000))
    }

    fn of(object: &Object, row: Row, first_ns: i64) -> Self {
        let obb = &object.obb;
        let told = match row {
            Row::Time => Told::Nothing,
            Row::Place => Told::Place([centimetres(obb.centre.x), centimetres(obb.centre.y)]),
            Row::Box | Row::BoxAndTime => Told::Box {
                centre: [obb.centre.x, obb.centre.y, obb.centre.z].map(centimetres),
                size: [obb.size.x, obb.size.y, obb.size.z].map(|side| centimetres(side).max(1)),
                turn: turn_of(obb),
            },
        };
        let timed = matches!(row, Row::Time | Row::BoxAndTime) && object.observations > 0;
        let seen_ds = timed.then(|| object.first_seen_ns.saturating_sub(first_ns) / 100_000_000);
        Self { name: object.name.to_string(), told, seen_ds }
    }

    /// Its box, where the row tells one.
    pub fn obb(&self) -> Option<OrientedBox> {
        matches!(self.told, Told::Box { .. }).then(|| self.to_object(ObjectId(0)).obb)
    }

    fn to_object(&self, id: ObjectId) -> Object {
        let metres = |cm: i64| cm as f64 / 100.0;
        let untold = Vector3::repeat(UNTOLD_SIDE_M);
        let mut cov = [0.0; 6];
        let mut size_sigma_m = [0.0; 3];
        let obb = match self.told {
            Told::Box { centre, size, turn } => {
                let [yaw, pitch, roll] = turn.map(|degrees| (degrees as f64).to_radians());
                OrientedBox {
                    centre: Point3::from(centre.map(metres)),
                    size: Vector3::from(size.map(metres)),
                    world_from_box: UnitQuaternion::from_euler_angles(roll, pitch, yaw),
                }
            }
            Told::Place([x, y]) => {
                (cov[5], size_sigma_m) = (UNTOLD_SIGMA_M * UNTOLD_SIGMA_M, [UNTOLD_SIGMA_M; 3]);
                OrientedBox::upright(Point3::new(metres(x), metres(y), 0.0), untold, 0.0)
            }
            Told::Nothing => {
                for k in [0, 3, 5] {
                    cov[k] = UNTOLD_SIGMA_M * UNTOLD_SIGMA_M;
                }
                size_sigma_m = [UNTOLD_SIGMA_M; 3];
                OrientedBox::upright(Point3::origin(), untold, 0.0)
            }
        };
        let label: Arc<str> = self.name.rsplit_once('#').map_or(self.name.as_str(), |(label, _)| label).into();
        let seen_ns = self.first_seen_ns().unwrap_or(0);
        Object {
            id,
            label: label.clone(),
            name: self.name.as_str().into(),
            labels: [LabelShare { label, probability: 1.0 }].into(),
            obb,
            centre_cov_m2: cov,
            size_sigma_m,
            yaw_sigma_rad: 0.0,
            existence: 1.0,
            truncated: false,
            state: ObjectState::Confirmed,
            first_seen_ns: seen_ns,
            last_seen_ns: seen_ns,
            observations: u32::from(self.seen_ds.is_some()),
            last_seen_path_m: 0.0,
            feature: None,
        }
    }
}

/// Yaw, pitch and roll in whole degrees; an almost upright box is upright.
fn turn_of(obb: &OrientedBox) -> [i64; 3] {
    let degrees = |radians: f64| radians.to_degrees().round() as i64;
    if obb.tilt_rad().to_degrees() < UPRIGHT_DEG {
        return [degrees(obb.yaw_rad()), 0, 0];
    }
    let (roll, pitch, yaw) = obb.world_from_box.euler_angles();
    [degrees(yaw), degrees(pitch), degrees(roll)]
}

/// A line as it is printed, or why it is none.
fn read_line(line: &str) -> std::result::Result<Line, String> {
    if line.starts_with('{') {
        let mut read = ChainText::parse(line, |name| name.contains('#')).map_err(|error| error.to_string())?;
        let reason = || read.rejected.first().map_or("it is no triplet".to_owned(), |rejected| rejected.reason.clone());
        return read.lines.pop().map(Line::Triplet).ok_or_else(reason);
    }
    let words: Vec<&str> = line.split_whitespace().collect();
    match words[..] {
        ["room", area, "m2"] => {
            let dm2 = tenths(area).filter(|dm2| *dm2 >= 0);
            return dm2.map(Line::Room).ok_or_else(|| "its area is no number with at most one decimal".into());
        }
        ["count", .., n] if words.len() >= 3 && !n.starts_with('@') => {
            let n = n.parse().map_err(|_| "what is counted is no whole number")?;
            return Ok(Line::Count(words[1..words.len() - 1].join(" "), n));
        }
        _ => {}
    }
    // The name ends with the word that has its number: `trash bin#2`.
    let name_end = words.iter().position(|word| word.contains('#')).ok_or("it names nothing")? + 1;
    let mut rest = &words[name_end..];
    let mut seen_ds = None;
    if let Some((last, before)) = rest.split_last().filter(|(last, _)| last.starts_with('@')) {
        rest = before;
        let told = tenths(&last[1..]).filter(|ds| *ds >= 0);
        seen_ds = Some(told.ok_or("its time is no number of seconds with at most one decimal")?);
    }
    let told = told_by(rest)?;
    Ok(Line::Thing(0, TextThing { name: words[..name_end].join(" "), told, seen_ds }))
}

/// What the numbers of a row tell.
fn told_by(numbers: &[&str]) -> std::result::Result<Told, String> {
    let whole = |word: &str| whole(word).ok_or_else(|| "a place or a side is no whole number in bounds".to_owned());
    match *numbers {
        [] => Ok(Told::Nothing),
        [x, y] => Ok(Told::Place([whole(x)?, whole(y)?])),
        [x, y, z, l, w, h, turn] => {
            let size = [whole(l)?, whole(w)?, whole(h)?];
            if size.iter().any(|side| *side <= 0) {
                return Err("a side is not more than 0".into());
            }
            let angles = turn.split('/').map(whole).collect::<std::result::Result<Vec<i64>, _>>()?;
            let turn = match angles[..] {
                [yaw] => [yaw, 0, 0],
                [yaw, pitch] => [yaw, pitch, 0],
                [yaw, pitch, roll] => [yaw, pitch, roll],
                _ => return Err("it turns by more than yaw, pitch and roll".into()),
            };
            Ok(Told::Box { centre: [whole(x)?, whole(y)?, whole(z)?], size, turn })
        }
        _ => Err(format!("it has {} numbers, expected 0, 2 or 7", numbers.len())),
    }
}

/// A whole number within the world's bounds.
fn whole(word: &str) -> Option<i64> {
    word.parse().ok().filter(|n: &i64| n.unsigned_abs() as f64 <= MAX_COORDINATE_M * 100.0)
}

/// A number with at most one decimal, in tenths.
fn tenths(word: &str) -> Option<i64> {
    let (units, tenth) = word.split_once('.').unwrap_or((word, "0"));
    let tenth: i64 = tenth.parse().ok().filter(|_| tenth.len() == 1 && tenth.as_bytes()[0].is_ascii_digit())?;
    whole(units).map(|units| units * 10 + tenth)
}

/// About as many tokens as a text has for a model that splits numbers into digits, as Qwen2.5 and LLaMA do: one a
/// digit, a mark or a line's end, one for every four letters begun. Blanks belong to what follows them. Its error on
/// such tokenizers was not measured; who has the tokenizer counts with it.
pub fn estimate_tokens(text: &str) -> usize {
    let (mut tokens, mut letters) = (0, 0);
    for c in text.chars() {
        if c.is_alphabetic() {
            tokens += usize::from(letters % 4 == 0);
            letters += 1;
        } else {
            letters = 0;
            tokens += usize::from(c == '\n' || !c.is_whitespace());
        }
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::question::{Extent, Sectors};
    use proptest::prelude::*;

    fn boxed(id: u64, name: &str, centre: [f64; 3], size: [f64; 3]) -> Object {
        let thing = TextThing { name: name.into(), told: Told::Nothing, seen_ds: Some(id as i64) };
        let obb = OrientedBox::upright(Point3::from(centre), Vector3::from(size), 0.3);
        Object { obb, ..thing.to_object(ObjectId(id)) }
    }

    fn room() -> Snapshot {
        let things = vec![
            boxed(1, "trash bin#1", [0.0, 0.0, 0.2], [0.3, 0.3, 0.4]),
            boxed(2, "sofa#1", [2.0, 0.5, 0.4], [2.0, 0.9, 0.8]),
            boxed(5, "chair#1", [-1.0, 2.0, 0.5], [0.5, 0.5, 0.9]),
            boxed(6, "chair#2", [-1.0, 3.0, 0.5], [0.5, 0.5, 0.9]),
        ];
        Snapshot::of(things, Vec::new(), 0).expect("a scene")
    }

    fn direction() -> Question {
        let from = Observer::Things { standing_at: Phrase::new("trash bin"), facing: Phrase::new("sofa") };
        Question::Direction { from, what: Phrase::new("chair#2"), sectors: Sectors::Four }
    }

    #[test]
    fn what_is_asked_about_comes_first_and_nothing_exceeds_the_budget() {
        let options = AskOptions::default();
        for budget in 60..200 {
            let text = SceneText::of(&room(), Some(&direction()), &options, budget, &str::len).expect("a text");
            assert!(text.to_string().len() <= budget, "{budget}: {text}");
        }
        let text = SceneText::of(&room(), Some(&direction()), &options, 115, &str::len).expect("a text");
        let names: Vec<&str> = text.things.iter().map(|thing| thing.name.as_str()).collect();
        assert_eq!(names, ["trash bin#1", "sofa#1", "chair#2"]);
        assert!(SceneText::of(&room(), None, &options, 10, &str::len).is_err());
    }

    #[test]
    fn the_text_alone_answers_as_the_scene_does() {
        let options = AskOptions { complete: true, ..AskOptions::default() };
        let questions = [
            direction(),
            Question::Count { what: Phrase::new("chairs"), within: Extent::Scene },
            Question::Distance { from: Phrase::new("sofa"), to: Phrase::new("trash bin") },
            Question::FirstSeen { among: ["sofa", "chair", "trash bin"].map(Phrase::new).to_vec() },
        ];
        for question in questions {
            let text = SceneText::of(&room(), Some(&question), &options, 200, &str::len).expect("a text");
            let read = SceneText::parse(&text.to_string()).expect("a text");
            assert_eq!(read.rejected_in_all, 0);
            let text = read.scene;
            let of_scene = ask(&room(), question.clone().into(), &options).expect("an answer");
            let of_text = text.ask(question.into(), &options).expect("an answer");
            match (&of_scene.found().expect("a value").value, &of_text.found().expect("a value").value) {
                (Value::Length(a), Value::Length(b)) => assert!((a - b).abs() < 0.02, "{a} and {b}"),
                (a, b) => assert_eq!(a, b),
            }
        }
    }

    #[test]
    fn triplets_are_told_of_things_with_rows_and_read_back() {
        let options = AskOptions::default();
        let text = SceneText::of(&room(), Some(&direction()), &options, 400, &str::len).expect("a text");
        let names: Vec<_> = text.triplets.iter().map(|t| (t.a.as_str(), t.b.as_str())).collect();
        assert_eq!(names[0], ("trash bin#1", "sofa#1"));
        let again = SceneText::parse(&text.to_string()).expect("a text");
        assert_eq!(again, ReadSceneText { scene: text, ..ReadSceneText::default() });
        let whole = SceneText::of(&room(), None, &options, 10_000, &str::len).expect("a text");
        assert_eq!((whole.things.len(), whole.triplets.len()), (4, 2));
    }

    #[test]
    fn what_is_counted_under_another_word_of_its_group_is_counted() {
        let text = SceneText::parse("count crate 3\ncount armchair 2\ncount office chair 1").expect("a text").scene;
        let mut options = AskOptions::default();
        options.vocabulary.add(&["crate", "strongbox"]);
        let counted = |what: &str| {
            let question = Question::Count { what: Phrase::new(what), within: Extent::Scene };
            text.ask(question.into(), &options).expect("an answer").found().map(|found| found.value.clone())
        };
        assert_eq!(counted("strongboxes"), Some(Value::Count(3)));
        assert_eq!(counted("chairs"), Some(Value::Count(1)));
    }

    #[test]
    fn lines_of_others_are_told_and_passed_over() {
        let text =
            "```\nHere you are:\nchair#1 1 2 3 4 5 6 7\nchair#2 1 2 3 0 5 6 7\nroom 12.5 m2\ncount trash bin 3\n```";
        let ReadSceneText { scene, rejected, rejected_in_all } = SceneText::parse(text).expect("a text");
        let told: Vec<_> = rejected.iter().map(|rejected| (rejected.line, rejected.reason.as_str())).collect();
        assert_eq!(told, [(2, "it names nothing"), (4, "a side is not more than 0")]);
        assert_eq!(rejected_in_all, 2);
        assert_eq!((scene.room_dm2, scene.things.len()), (Some(125), 1));
        assert_eq!(scene.counts, [("trash bin".to_owned(), 3)]);
    }

    fn any_thing() -> impl Strategy<Value = TextThing> {
        let cm = -100_000i64..100_000;
        let told = prop_oneof![
            Just(Told::Nothing),
            (cm.clone(), cm.clone()).prop_map(|(x, y)| Told::Place([x, y])),
            ([cm.clone(), cm.clone(), cm], [1i64..999, 1..999, 1..999], [-180i64..180, -90..90, -180..180])
                .prop_map(|(centre, size, turn)| Told::Box { centre, size, turn }),
        ];
        ("[a-z]{1,9}( [a-z]{1,5})?#[1-9]", told, proptest::option::of(0i64..100_000))
            .prop_map(|(name, told, seen_ds)| TextThing { name, told, seen_ds })
    }

    proptest! {
        #[test]
        fn what_was_printed_is_read_back(
            room_dm2 in proptest::option::of(0i64..10_000),
            counts in proptest::collection::vec(("[a-z]{1,8}( [a-z]{1,5})?", 0u32..999), 0..4),
            things in proptest::collection::vec(any_thing(), 0..8),
        ) {
            let text = SceneText { room_dm2, counts, things, triplets: Vec::new() };
            let read = SceneText::parse(&text.to_string()).expect("a text");
            prop_assert_eq!(read, ReadSceneText { scene: text, ..ReadSceneText::default() });
        }

        #[test]
        fn any_text_is_read_without_harm(text in "\\PC{0,200}") {
            SceneText::parse(&text).expect("a short text");
        }
    }
}
