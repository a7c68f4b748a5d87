//! Which things of the scene a phrase means, and how surely.
//!
//! Where nothing is called what was asked for, and the phrase begins with a word of size, the largest or smallest of what
//! the rest means is meant: of several tables "the big table" is the one of the greatest volume, and where there is one
//! table it is that. How surely is told by the draws. Other words before a label ("red") are not known to be true of
//! anything, so that the answer is unknown.

use super::ask::AskOptions;
use super::draws::{DRAWS, Draws};
use super::question::Phrase;
use super::reply::{Unknown, Why};
use super::vocabulary::Fit;
use crate::geom::OrientedBox;
use crate::scene::{Object, ObjectId, Snapshot, canonical, is_determiner};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Beliefs weaker than this are not even a rival.
const LEAST_WEIGHT: f64 = 0.2;

/// A phrase that must mean one thing means it only above this probability.
const LEAST_UNIQUE: f64 = 0.5;

/// Volumes that differ by less than this share are one size: nobody calls one of two such things the big one.
const SAME_SIZE: f64 = 0.02;

/// Of many things of one label so many of the largest (or smallest) are compared by their draws.
const MAX_SIZED: usize = 32;

/// A thing that a phrase may mean.
#[derive(Debug, Clone)]
pub(super) struct Thing<'s> {
    pub object: &'s Arc<Object>,
    /// Probability that it is there and is what the phrase says.
    pub weight: f64,
    pub draws: Draws<'s>,
}

impl Thing<'_> {
    /// Whether it is there in draw `k`.
    pub fn is_there(&self, k: usize) -> bool {
        self.draws.chance(k) < self.weight
    }
}

/// Probability that not one of these is there.
pub(super) fn none_is_there(things: &[Thing<'_>]) -> f64 {
    things.iter().map(|thing| 1.0 - thing.weight).product()
}

/// Probability that each category has one that is there.
pub(super) fn each_is_there(categories: &[Vec<Thing<'_>>]) -> f64 {
    categories.iter().map(|things| 1.0 - none_is_there(things)).product()
}

/// A phrase that picks by size: "the big table".
struct BySize {
    largest: bool,
    what: Phrase,
}

impl BySize {
    fn of(phrase: &Phrase) -> Option<Self> {
        let (word, what) = without_first_word(phrase)?;
        let largest = match word {
            "big" | "large" | "huge" | "biggest" | "largest" => true,
            "small" | "little" | "tiny" | "smallest" | "littlest" => false,
            _ => return None,
        };
        Some(Self { largest, what })
    }
}

/// The first word that is no article, and the rest, if there is one.
fn without_first_word(phrase: &Phrase) -> Option<(&str, Phrase)> {
    without_determiner(&phrase.0).split_once(' ').map(|(word, rest)| (word, Phrase::new(rest)))
}

fn without_determiner(words: &str) -> &str {
    words.split_once(' ').filter(|(first, _)| is_determiner(first)).map_or(words, |(_, rest)| rest)
}

/// Whether nothing tells the two apart by size.
fn is_as_large(a: &OrientedBox, b: &OrientedBox) -> bool {
    (a.volume_m3() - b.volume_m3()).abs() <= SAME_SIZE * a.volume_m3().max(b.volume_m3())
}

/// The scene and how it is to be asked.
#[derive(Clone, Copy)]
pub(super) struct Facts<'s> {
    pub snapshot: &'s Snapshot,
    pub options: &'s AskOptions,
}

impl<'s> Facts<'s> {
    /// Everything the phrase may mean, by ascending id. Empty when nothing does.
    pub fn things(&self, phrase: &Phrase) -> Vec<Thing<'s>> {
        if let Some(object) = self.by_name(phrase) {
            return vec![Thing { object, weight: object.existence, draws: Draws::of(object) }];
        }
        let fitting = self.fitting(phrase);
        let objects: BTreeMap<ObjectId, &Arc<Object>> =
            fitting.iter().flat_map(|label| self.snapshot.labelled(label)).map(|object| (object.id, object)).collect();
        let weighed = objects.into_values().map(|object| (object, self.weight(&fitting, object)));
        let likely = weighed.filter(|&(_, weight)| weight >= LEAST_WEIGHT);
        likely.map(|(object, weight)| Thing { object, weight, draws: Draws::of(object) }).collect()
    }

    /// The labels of the scene that the phrase means: those that fit it as well as the best of what things are called,
    /// or better.
    fn fitting(&self, phrase: &Phrase) -> BTreeSet<&'s str> {
        let asked = canonical(&phrase.0);
        let vocabulary = &self.options.vocabulary;
        let tail = asked.rsplit(' ').next().unwrap_or_default();
        let longer = self.snapshot.forms_ending_in(tail).map(|form| &**form);
        let forms: BTreeSet<&str> =
            std::iter::once(&*asked).chain(vocabulary.others_of(&asked)).chain(longer).collect();
        let fits: Vec<(&str, bool, Fit)> = forms
            .into_iter()
            .filter_map(|form| Some((form, vocabulary.fit(&asked, form)?)))
            .flat_map(|(form, fit)| {
                self.snapshot.labels_of_form(form).map(move |(label, called)| (&**label, called, fit))
            })
            .collect();
        let called = fits.iter().filter(|(_, is_called, _)| *is_called).map(|(_, _, fit)| *fit);
        let Some(best) = called.max() else { return BTreeSet::new() };
        fits.into_iter().filter(|(_, _, fit)| *fit >= best).map(|(label, _, _)| label).collect()
    }

    /// As [`Self::things`], and where there are none the one that a word of size picks.
    pub fn meant(&self, phrase: &Phrase) -> Result<Vec<Thing<'s>>, Unknown> {
        let things = self.things(phrase);
        match BySize::of(phrase).filter(|_| things.is_empty()) {
            Some(sized) => Ok(self.picked(phrase, &sized)?.into_iter().collect()),
            None => Ok(things),
        }
    }

    /// The largest or smallest of what is called so; its weight is the probability that it is the one.
    fn picked(&self, phrase: &Phrase, sized: &BySize) -> Result<Option<Thing<'s>>, Unknown> {
        let mut things = self.things(&sized.what);
        things.retain(|thing| thing.weight >= LEAST_UNIQUE);
        let size_of = |obb: &OrientedBox| if sized.largest { obb.volume_m3() } else { -obb.volume_m3() };
        things.sort_by(|a, b| {
            size_of(&b.object.obb).total_cmp(&size_of(&a.object.obb)).then(a.object.id.cmp(&b.object.id))
        });
        things.truncate(MAX_SIZED);
        let Some((first, others)) = things.split_first() else { return Ok(None) };
        let exceeds = |k: usize, other: &Thing<'_>| {
            !other.is_there(k) || size_of(other.draws.get(k)) <= size_of(first.draws.get(k))
        };
        let share = match others {
            [] => 1.0,
            _ => (0..DRAWS).filter(|&k| others.iter().all(|other| exceeds(k, other))).count() as f64 / DRAWS as f64,
        };
        let weight = first.weight * share;
        if weight < LEAST_UNIQUE || others.iter().any(|other| is_as_large(&first.object.obb, &other.object.obb)) {
            things.sort_by_key(|thing| thing.object.id);
            let names: Vec<&str> = things.iter().map(|thing| &*thing.object.name).collect();
            let sentence = format!("which is the \"{phrase}\" cannot be told of {}", names.join(", "));
            return Err(Unknown::new(Why::AmbiguousName, sentence));
        }
        Ok(things.into_iter().next().map(|thing| Thing { weight, ..thing }))
    }

    /// Things that the phrase more likely means than not, or why there is none.
    pub fn some(&self, phrase: &Phrase) -> Result<Vec<Thing<'s>>, Unknown> {
        let things = self.meant(phrase)?;
        match things.iter().any(|thing| thing.weight >= 0.5) {
            true => Ok(things),
            false => Err(self.never_seen(phrase)),
        }
    }

    /// The one thing that the phrase means; its weight is the probability that it means this one.
    pub fn one(&self, phrase: &Phrase) -> Result<Thing<'s>, Unknown> {
        let mut things = self.some(phrase)?;
        let surest = (0..things.len()).max_by(|&a, &b| things[a].weight.total_cmp(&things[b].weight).then(b.cmp(&a)));
        let Some(surest) = surest else { return Err(self.never_seen(phrase)) };
        let no_rival: f64 = (0..things.len()).filter(|&i| i != surest).map(|i| 1.0 - things[i].weight).product();
        let weight = things[surest].weight * no_rival;
        if weight < LEAST_UNIQUE && things.len() > 1 {
            let names: Vec<&str> = things.iter().map(|thing| &*thing.object.name).collect();
            return Err(Unknown::new(Why::AmbiguousName, format!("\"{phrase}\" may be any of {}", names.join(", "))));
        }
        let mut thing = things.swap_remove(surest);
        thing.weight = weight;
        Ok(thing)
    }

    /// Why nothing can be said of what nothing in the scene is called.
    pub fn never_seen(&self, phrase: &Phrase) -> Unknown {
        let unseen = format!("no \"{phrase}\" has been seen");
        let sentence = match without_first_word(phrase).filter(|(_, rest)| !self.fitting(rest).is_empty()) {
            Some((word, rest)) => format!("{unseen}, though a \"{rest}\" has: nothing is known to be \"{word}\""),
            None => unseen,
        };
        Unknown::new(Why::NeverSeen, sentence)
    }

    fn by_name(&self, phrase: &Phrase) -> Option<&'s Arc<Object>> {
        let words = without_determiner(&phrase.0);
        words.contains('#').then(|| self.snapshot.named_in_any_case(words).next()).flatten()
    }

    fn weight(&self, fitting: &BTreeSet<&str>, object: &Object) -> f64 {
        let fits = |label: &str| fitting.contains(label);
        let believed = self.label_beliefs(object);
        let share: f64 = object.labels.iter().zip(believed).filter(|(l, _)| fits(&l.label)).map(|(_, p)| p).sum();
        object.existence * share.min(1.0)
    }

    /// Probability of each label of a thing. The map tells the share of sightings that gave it; if each errs on its own
    /// with probability e, a label that was given n times is (1/e - 1)^n times as likely as one that never was.
    fn label_beliefs(&self, object: &Object) -> Vec<f64> {
        let shares = object.labels.iter().map(|label| f64::from(label.probability));
        // What no frame saw comes from elsewhere, with its shares.
        if self.options.complete || object.observations == 0 {
            return shares.collect();
        }
        let per_sighting = (1.0 / self.options.label_error.clamp(1e-6, 0.5) - 1.0).ln();
        let odds: Vec<f64> = shares.map(|share| per_sighting * share * f64::from(object.observations)).collect();
        let highest = odds.iter().copied().fold(0.0, f64::max);
        let never_given = (-highest).exp();
        let sum = odds.iter().map(|odds| (odds - highest).exp()).sum::<f64>() + never_given;
        odds.iter().map(|odds| (odds - highest).exp() / sum).collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::answer::testing::{a_box, room_of, room_with_sigma};
    use crate::answer::{Answer, AskOptions, Value, Why, ask_text};
    use crate::scene::Snapshot;

    fn tables(heights_m: &[f64], sigma_m: f64) -> Snapshot {
        let of = |(at, h): (usize, &f64)| ("table", a_box([3.0 * at as f64, 0.0, h / 2.0], [1.0, 1.0, *h]));
        let boxes: Vec<_> = heights_m.iter().enumerate().map(of).collect();
        if sigma_m > 0.0 { room_with_sigma(&boxes, sigma_m) } else { room_of(&boxes) }
    }

    fn asked(snapshot: &Snapshot, what: &str) -> Answer {
        let text = format!("What is the height of {what}?");
        ask_text(snapshot, &text, &[], &AskOptions::default()).expect("an answer")
    }

    fn height_m(answer: &Answer) -> Option<f64> {
        match answer.found().map(|found| &found.value) {
            Some(Value::Length(m)) => Some(*m),
            _ => None,
        }
    }

    #[test]
    fn a_word_of_size_picks_the_largest_or_the_smallest_or_the_only_one() {
        let three = tables(&[0.5, 1.0, 0.7], 0.0);
        for (what, expected_m) in [("the big table", 1.0), ("the large table", 1.0), ("the small table", 0.5)] {
            let answer = asked(&three, what);
            assert_eq!(height_m(&answer), Some(expected_m), "{what}: {}", answer.sentence());
            assert_eq!(answer.evidence.len(), 1);
        }
        assert_eq!(height_m(&asked(&tables(&[0.7], 0.0), "the small table")), Some(0.7));
        assert_eq!(asked(&three, "the table").outcome.expect_err("several").why, Why::AmbiguousName);
    }

    #[test]
    fn of_tables_that_size_does_not_tell_apart_none_is_the_big_one() {
        for answer in [
            asked(&tables(&[0.7, 0.7], 0.0), "the big table"),
            asked(&tables(&[0.7, 0.705, 0.3], 0.2), "the big table"),
        ] {
            let unknown = answer.outcome.expect_err("alike");
            assert_eq!(unknown.why, Why::AmbiguousName);
            assert!(unknown.sentence.contains("table#1, table#2"), "{}", unknown.sentence);
        }
        // How surely it is the larger one is part of how surely the answer is right.
        let close = asked(&tables(&[0.7, 0.8], 0.03), "the big table");
        let clear = asked(&tables(&[0.3, 0.8], 0.03), "the big table");
        let probability = |answer: &Answer| answer.found().expect("one of them").probability;
        assert!(probability(&close) < probability(&clear), "{} {}", probability(&close), probability(&clear));
    }

    #[test]
    fn a_word_of_which_nothing_is_known_leaves_the_answer_unknown_and_is_named() {
        let unknown = asked(&tables(&[0.7], 0.0), "the red table").outcome.expect_err("no colours");
        assert_eq!(unknown.why, Why::NeverSeen);
        assert!(
            unknown.sentence.ends_with("though a \"table\" has: nothing is known to be \"red\""),
            "{}",
            unknown.sentence
        );
        let unknown = asked(&tables(&[0.7], 0.0), "the big zebra").outcome.expect_err("no zebras");
        assert_eq!((unknown.why, unknown.sentence.as_str()), (Why::NeverSeen, "no \"big zebra\" has been seen"));
    }
}
