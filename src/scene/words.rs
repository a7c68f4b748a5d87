//! By which words things are found: their labels and names. Shared by the writer and every snapshot.
//!
//! A thing is listed under its most probable label and under every other that frames gave it, and by its name in lower
//! case. Labels are listed by their canonical form too, and by the first and the last word of it, so that the words of a
//! question are looked up and the labels of the scene are not gone through. What is published anew with the words it had costs a comparison; other words cost the paths to them in trees that
//! share all the rest with older snapshots.

use super::canonical::canonical;
use super::{Object, ObjectId};
use rpds::{RedBlackTreeMapSync, RedBlackTreeSetSync};
use std::sync::Arc;

/// Things of one label.
#[derive(Debug, Clone)]
struct Labelled {
    things: RedBlackTreeSetSync<ObjectId>,
    /// How many of them it is the most probable label of.
    called: u32,
}

/// Names in lower case, each with whose it is.
type Names = RedBlackTreeSetSync<(Arc<str>, ObjectId)>;

/// Several words each under one.
type Under = RedBlackTreeMapSync<Arc<str>, RedBlackTreeSetSync<Arc<str>>>;

/// What words begin with another word.
#[derive(Debug, Clone, Copy, Default)]
struct Headed {
    count: u32,
    /// The most words that one of them ever had.
    longest: usize,
}

/// The index: things by label and by name.
#[derive(Debug, Clone)]
pub(super) struct Words {
    labels: RedBlackTreeMapSync<Arc<str>, Labelled>,
    /// Labels by their canonical form, and canonical forms of several words by the last one.
    forms: Under,
    tails: Under,
    /// The first words of canonical forms and of plain names, themselves canonical.
    heads: RedBlackTreeMapSync<Arc<str>, Headed>,
    names: Names,
    /// Those of the names that are no `label#k`: others than gnomon gave them.
    plain_names: Names,
}

impl Default for Words {
    fn default() -> Self {
        Self {
            labels: RedBlackTreeMapSync::new_sync(),
            forms: RedBlackTreeMapSync::new_sync(),
            tails: RedBlackTreeMapSync::new_sync(),
            heads: RedBlackTreeMapSync::new_sync(),
            names: RedBlackTreeSetSync::new_sync(),
            plain_names: RedBlackTreeSetSync::new_sync(),
        }
    }
}

/// Every label that a thing has, the most probable first, each once.
fn labels_of(object: &Object) -> impl Iterator<Item = &Arc<str>> {
    let others = object.labels.iter().map(|share| &share.label).filter(|label| **label != object.label);
    std::iter::once(&object.label).chain(others)
}

fn has_the_words_of(new: &Object, old: &Object) -> bool {
    let had = |label: &Arc<str>| labels_of(old).any(|known| known == label);
    new.id == old.id
        && new.name == old.name
        && new.label == old.label
        && new.labels.len() == old.labels.len()
        && labels_of(new).all(had)
}

impl Words {
    /// Lists a thing by its words; `old` is the thing as it was listed.
    pub fn list(&mut self, old: Option<&Object>, new: &Object) {
        if old.is_some_and(|old| has_the_words_of(new, old)) {
            return;
        }
        if let Some(old) = old {
            self.remove(old);
        }
        let name: Arc<str> = new.name.to_lowercase().into();
        if !name.contains('#') {
            self.plain_names.insert_mut((name.clone(), new.id));
            self.list_head(&name);
        }
        self.names.insert_mut((name, new.id));
        for label in labels_of(new) {
            if !self.labels.contains_key(label) {
                let none = Labelled { things: RedBlackTreeSetSync::new_sync(), called: 0 };
                self.labels.insert_mut(label.clone(), none);
                self.list_form(label);
            }
            if let Some(labelled) = self.labels.get_mut(label) {
                labelled.things.insert_mut(new.id);
                labelled.called += u32::from(*label == new.label);
            }
        }
    }

    /// Takes a thing off.
    pub fn remove(&mut self, old: &Object) {
        let name = (Arc::from(old.name.to_lowercase()), old.id);
        self.names.remove_mut(&name);
        if self.plain_names.remove_mut(&name) {
            self.remove_head(&name.0);
        }
        for label in labels_of(old) {
            let Some(labelled) = self.labels.get_mut(label) else { continue };
            labelled.things.remove_mut(&old.id);
            labelled.called = labelled.called.saturating_sub(u32::from(*label == old.label));
            if labelled.things.is_empty() {
                self.labels.remove_mut(label);
                self.remove_form(label);
            }
        }
    }

    fn list_form(&mut self, label: &Arc<str>) {
        let form: Arc<str> = canonical(label).into();
        if put_under(&mut self.forms, &form, label) {
            self.list_head(&form);
            if let Some((_, tail)) = form.rsplit_once(' ') {
                put_under(&mut self.tails, tail, &form);
            }
        }
    }

    fn remove_form(&mut self, label: &Arc<str>) {
        let form: Arc<str> = canonical(label).into();
        if take_from_under(&mut self.forms, &form, label) {
            self.remove_head(&form);
            if let Some((_, tail)) = form.rsplit_once(' ') {
                take_from_under(&mut self.tails, tail, &form);
            }
        }
    }

    fn list_head(&mut self, words: &str) {
        let Some(head) = words.split_whitespace().next().map(canonical) else { return };
        let was = self.heads.get(head.as_str()).copied().unwrap_or_default();
        let longest = words.split_whitespace().count().max(was.longest);
        self.heads.insert_mut(head.into(), Headed { count: was.count + 1, longest });
    }

    fn remove_head(&mut self, words: &str) {
        let Some(head) = words.split_whitespace().next().map(canonical) else { return };
        match self.heads.get_mut(head.as_str()) {
            Some(headed) if headed.count > 1 => headed.count -= 1,
            _ => drop(self.heads.remove_mut(head.as_str())),
        }
    }

    /// How many words the labels and plain names have at most of which this, canonical, is the first; 0 where there is none.
    pub fn longest_headed(&self, head: &str) -> usize {
        self.heads.get(head).map_or(0, |headed| headed.longest)
    }

    /// The labels of a canonical form, ascending, each with whether it is the most probable one of any thing.
    pub fn labels_of_form<'w>(&'w self, form: &str) -> impl Iterator<Item = (&'w Arc<str>, bool)> + use<'w> {
        let labels = self.forms.get(form).into_iter().flat_map(RedBlackTreeSetSync::iter);
        labels.map(move |label| (label, self.labels.get(label).is_some_and(|labelled| labelled.called > 0)))
    }

    /// The canonical forms of several words that end with this one, ascending.
    pub fn forms_ending_in<'w>(&'w self, tail: &str) -> impl Iterator<Item = &'w Arc<str>> + use<'w> {
        self.tails.get(tail).into_iter().flat_map(RedBlackTreeSetSync::iter)
    }

    /// Every label that a thing has, ascending, and whether it is the most probable one of any.
    pub fn labels(&self) -> impl Iterator<Item = (&Arc<str>, bool)> {
        self.labels.iter().map(|(label, labelled)| (label, labelled.called > 0))
    }

    /// The things that have this label, by ascending id.
    pub fn labelled<'w>(&'w self, label: &str) -> impl Iterator<Item = ObjectId> + use<'w> {
        self.labels.get(label).into_iter().flat_map(|labelled| labelled.things.iter().copied())
    }

    /// The things of this name, which is in lower case, by ascending id.
    pub fn named<'w>(&'w self, name: &str) -> impl Iterator<Item = ObjectId> + use<'w> {
        let name: Arc<str> = name.into();
        let all = (name.clone(), ObjectId(0))..=(name, ObjectId(u64::MAX));
        self.names.range(all).map(|(_, id)| *id)
    }

    /// Whether a thing has this name, which is in lower case and no `label#k`.
    pub fn has_plain_name(&self, name: &str) -> bool {
        let name: Arc<str> = name.into();
        let all = (name.clone(), ObjectId(0))..=(name, ObjectId(u64::MAX));
        self.plain_names.range(all).next().is_some()
    }
}

/// Puts `one` under a word; whether it is the first there.
fn put_under(all: &mut Under, word: &str, one: &Arc<str>) -> bool {
    if let Some(under) = all.get_mut(word) {
        under.insert_mut(one.clone());
        return false;
    }
    all.insert_mut(word.into(), RedBlackTreeSetSync::new_sync().insert(one.clone()));
    true
}

/// Takes `one` away; whether it was the last there.
fn take_from_under(all: &mut Under, word: &str, one: &Arc<str>) -> bool {
    let Some(under) = all.get_mut(word) else { return false };
    under.remove_mut(one);
    under.is_empty() && all.remove_mut(word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::OrientedBox;
    use crate::scene::{LabelShare, ObjectState};
    use nalgebra::{Point3, Vector3};

    fn thing(id: u64, name: &str, labels: &[&str]) -> Object {
        Object {
            id: ObjectId(id),
            label: labels[0].into(),
            name: name.into(),
            labels: labels.iter().map(|&label| LabelShare { label: label.into(), probability: 0.5 }).collect(),
            obb: OrientedBox::upright(Point3::origin(), Vector3::repeat(1.0), 0.0),
            centre_cov_m2: [0.0; 6],
            size_sigma_m: [0.0; 3],
            yaw_sigma_rad: 0.0,
            existence: 1.0,
            truncated: false,
            state: ObjectState::Confirmed,
            first_seen_ns: 0,
            last_seen_ns: 0,
            observations: 1,
            last_seen_path_m: 0.0,
            feature: None,
        }
    }

    fn told(words: &Words) -> Vec<(String, bool, Vec<u64>)> {
        let ids = |label: &str| words.labelled(label).map(|id| id.0).collect();
        words.labels().map(|(label, called)| (label.to_string(), called, ids(label))).collect()
    }

    #[test]
    fn a_thing_is_found_by_every_label_and_by_its_name_as_long_as_it_has_them() {
        let (mut words, empty) = (Words::default(), Words::default());
        let (one, two) = (thing(1, "Chair#1", &["chair", "stool"]), thing(2, "the lamp", &["lamp"]));
        words.list(None, &one);
        words.list(None, &two);
        let before = words.clone();
        let all = [("chair", true, 1), ("lamp", true, 2), ("stool", false, 1)];
        assert_eq!(told(&words), all.map(|(label, called, id)| (label.to_owned(), called, vec![id])));
        assert_eq!(words.named("chair#1").collect::<Vec<_>>(), [ObjectId(1)]);
        assert!(words.has_plain_name("the lamp") && !words.has_plain_name("chair#1"));

        let renamed = thing(1, "stool#1", &["stool", "chair"]);
        words.list(Some(&one), &renamed);
        assert_eq!(told(&words)[0], ("chair".to_owned(), false, vec![1]));
        assert_eq!((words.named("chair#1").count(), words.named("stool#1").count()), (0, 1));
        assert_eq!(told(&before)[0], ("chair".to_owned(), true, vec![1]), "an older snapshot keeps what it saw");

        words.remove(&renamed);
        words.remove(&two);
        assert_eq!((told(&words), words.has_plain_name("the lamp")), (told(&empty), false));
        assert_eq!((words.forms.size(), words.tails.size(), words.heads.size()), (0, 0, 0));
    }

    #[test]
    fn labels_are_found_by_their_form_and_by_the_first_and_last_word_of_it() {
        let mut words = Words::default();
        let things = [
            thing(1, "table#1", &["dining_table", "desk"]),
            thing(2, "table#2", &["Dining Tables"]),
            thing(3, "table#3", &["coffee table"]),
            thing(4, "the good old dining chair", &["chair"]),
        ];
        things.iter().for_each(|thing| words.list(None, thing));
        let of_form = |words: &Words, form: &str| -> Vec<(String, bool)> {
            words.labels_of_form(form).map(|(label, called)| (label.to_string(), called)).collect()
        };
        assert_eq!(
            of_form(&words, "dining table"),
            [("Dining Tables".to_owned(), true), ("dining_table".to_owned(), true)]
        );
        assert_eq!(of_form(&words, "desk"), [("desk".to_owned(), false)]);
        let ending = |words: &Words| words.forms_ending_in("table").map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(ending(&words), ["coffee table", "dining table"]);
        assert_eq!(["dining", "desk", "the", "sofa"].map(|head| words.longest_headed(head)), [2, 1, 5, 0]);
        words.remove(&things[0]);
        assert_eq!(of_form(&words, "dining table").len(), 1);
        words.remove(&things[1]);
        assert_eq!((ending(&words), words.longest_headed("dining")), (vec!["coffee table".to_owned()], 0));
    }
}
