//! Which things of the scene a phrase means, and how surely.

use super::ask::AskOptions;
use super::draws::Draws;
use super::question::Phrase;
use super::reply::{Unknown, Why};
use super::vocabulary::{Fit, canonical, is_determiner};
use crate::scene::{Object, ObjectId, Snapshot};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Beliefs weaker than this are not even a rival.
const LEAST_WEIGHT: f64 = 0.2;

/// A phrase that must mean one thing means it only above this probability.
const LEAST_UNIQUE: f64 = 0.5;

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
    /// or better. A label is looked at once, however many things have it.
    fn fitting(&self, phrase: &Phrase) -> BTreeSet<&'s str> {
        let asked = canonical(&phrase.0);
        let labels = self.snapshot.labels();
        let fits: Vec<(&str, bool, Fit)> = labels
            .filter_map(|(label, is_called)| {
                let fit = self.options.vocabulary.fit(&asked, &canonical(label))?;
                Some((&**label, is_called, fit))
            })
            .collect();
        let called = fits.iter().filter(|(_, is_called, _)| *is_called).map(|(_, _, fit)| *fit);
        let Some(best) = called.max() else { return BTreeSet::new() };
        fits.into_iter().filter(|(_, _, fit)| *fit >= best).map(|(label, _, _)| label).collect()
    }

    /// Things that the phrase more likely means than not, or why there is none.
    pub fn some(&self, phrase: &Phrase) -> Result<Vec<Thing<'s>>, Unknown> {
        let things = self.things(phrase);
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
        Unknown::new(Why::NeverSeen, format!("no \"{phrase}\" has been seen"))
    }

    fn by_name(&self, phrase: &Phrase) -> Option<&'s Arc<Object>> {
        let words =
            phrase.0.split_once(' ').filter(|(first, _)| is_determiner(first)).map_or(&*phrase.0, |(_, rest)| rest);
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
