//! By which words things are found: their labels and names. Shared by the writer and every snapshot.
//!
//! A thing is listed under its most probable label and under every other that frames gave it, and by its name in lower
//! case. What is published anew with the words it had costs a comparison; other words cost the paths to them in trees that
//! share all the rest with older snapshots.

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

/// The index: things by label and by name.
#[derive(Debug, Clone)]
pub(super) struct Words {
    labels: RedBlackTreeMapSync<Arc<str>, Labelled>,
    names: Names,
    /// Those of the names that are no `label#k`: others than gnomon gave them.
    plain_names: Names,
}

impl Default for Words {
    fn default() -> Self {
        Self {
            labels: RedBlackTreeMapSync::new_sync(),
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
        }
        self.names.insert_mut((name, new.id));
        for label in labels_of(new) {
            if !self.labels.contains_key(label) {
                let none = Labelled { things: RedBlackTreeSetSync::new_sync(), called: 0 };
                self.labels.insert_mut(label.clone(), none);
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
        self.plain_names.remove_mut(&name);
        for label in labels_of(old) {
            let Some(labelled) = self.labels.get_mut(label) else { continue };
            labelled.things.remove_mut(&old.id);
            labelled.called = labelled.called.saturating_sub(u32::from(*label == old.label));
            if labelled.things.is_empty() {
                self.labels.remove_mut(label);
            }
        }
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

    /// Names that are no `label#k`, in lower case, ascending.
    pub fn plain_names(&self) -> impl Iterator<Item = &str> {
        self.plain_names.iter().map(|(name, _)| &**name)
    }
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
        assert_eq!(words.plain_names().collect::<Vec<_>>(), ["the lamp"]);

        let renamed = thing(1, "stool#1", &["stool", "chair"]);
        words.list(Some(&one), &renamed);
        assert_eq!(told(&words)[0], ("chair".to_owned(), false, vec![1]));
        assert_eq!((words.named("chair#1").count(), words.named("stool#1").count()), (0, 1));
        assert_eq!(told(&before)[0], ("chair".to_owned(), true, vec![1]), "an older snapshot keeps what it saw");

        words.remove(&renamed);
        words.remove(&two);
        assert_eq!((told(&words), words.plain_names().count()), (told(&empty), 0));
    }
}
