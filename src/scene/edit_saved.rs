//! Edits of a scene that nobody writes any more: one that was saved, or a snapshot taken aside.
//!
//! They mean what [`super::edit`] says, as far as a snapshot can tell. It has boxes and no points: of two things made one
//! the box is that of the one seen last, and what is pinned cannot be unpinned. The k of a new `label#k` follows the
//! largest that is there. What was saved before stays as it is; the edited scene is another.

use super::event::{EVENT_RING, Event, EventKind, Receipt};
use super::provenance::check_origin;
use super::{EDIT_RING, Edit, EditRecord, LabelShare, Object, ObjectId, Snapshot};
use crate::error::{Error, ErrorKind, Result};
use std::sync::Arc;

impl Snapshot {
    /// This scene with what an operator says of it, with who says it and when (on the caller's clock).
    ///
    /// # Errors
    /// As [`super::Scene::edit`]; `Unsupported` for [`Edit::Unpin`].
    pub fn edited(&self, edit: Edit, who: &str, stamp_ns: i64) -> Result<Self> {
        check_origin("who", who)?;
        edit.check()?;
        let mut objects: Vec<Object> = self.objects().map(|object| Object::clone(object)).collect();
        let at = place_of(&objects, edit.thing())?;
        let mut happened = None;
        match &edit {
            Edit::Rename { thing, name } => {
                if let Some(other) = self.named_in_any_case(name).find(|object| object.id != *thing) {
                    return Err(Error::argument(format!("name \"{name}\" is that of thing {}", other.id)));
                }
                objects[at].name = name.clone();
            }
            Edit::Relabel { label, .. } => self.relabel(&mut objects[at], label),
            Edit::Delete { thing } => {
                let gone = objects.remove(at);
                happened = Some((*thing, EventKind::Removed(receipt_of(&gone))));
            }
            Edit::Merge { thing, into } => {
                let kept = place_of(&objects, *into)?;
                let gone = objects[at].clone();
                absorb(&mut objects[kept], &gone);
                objects.remove(at);
                happened = Some((*thing, EventKind::Merged { into: *into }));
            }
            Edit::Pin { obb, .. } => pin(&mut objects[at], obb),
            Edit::Unpin { .. } => {
                let why =
                    "a saved scene has no points that a box could be fitted to: only a running one can be unpinned";
                return Err(Error::new(ErrorKind::Unsupported, why));
            }
        }
        let mut edited = self.with_objects(objects)?;
        edited.note(happened, EditRecord { sequence: self.next_edit(), stamp_ns, who: who.into(), edit });
        Ok(edited)
    }

    fn relabel(&self, object: &mut Object, label: &Arc<str>) {
        if object.name.contains('#') && object.label != *label {
            let number =
                |other: &Arc<Object>| other.name.strip_prefix(&**label)?.strip_prefix('#')?.parse::<u64>().ok();
            let last = self.objects().filter_map(number).max().unwrap_or(0);
            object.name = format!("{label}#{}", last.saturating_add(1)).into();
        }
        object.label = label.clone();
        object.labels = Box::new([LabelShare { label: label.clone(), probability: 1.0 }]);
    }

    /// All that is here, with these things in place of those that are.
    fn with_objects(&self, objects: Vec<Object>) -> Result<Self> {
        let listed = Self::of(objects, Vec::new(), self.stamp_ns())?;
        let mut data = (*self.0).clone();
        data.slot_of = listed.0.slot_of.clone();
        data.objects = listed.0.objects.clone();
        data.index = listed.0.index.clone();
        data.words = listed.0.words.clone();
        Ok(Self(Arc::new(data)))
    }

    fn next_edit(&self) -> u64 {
        self.edits().last().map_or(0, |record| record.sequence + 1)
    }

    fn note(&mut self, happened: Option<(ObjectId, EventKind)>, record: EditRecord) {
        let stamp_ns = self.stamp_ns();
        let data = Arc::make_mut(&mut self.0);
        if let Some((object, kind)) = happened {
            let sequence = data.events.last().map_or(0, |event| event.sequence + 1);
            data.events = pushed(&data.events, Event { sequence, stamp_ns, object, kind }, EVENT_RING);
        }
        data.edits = pushed(&data.edits, record, EDIT_RING);
    }
}

/// A ring with one more at its end, and one less at its beginning where it was full.
fn pushed<T: Clone>(ring: &[T], newest: T, room: usize) -> Arc<[T]> {
    let forgotten = (ring.len() + 1).saturating_sub(room);
    ring[forgotten..].iter().cloned().chain(std::iter::once(newest)).collect()
}

fn place_of(objects: &[Object], thing: ObjectId) -> Result<usize> {
    let at = objects.binary_search_by_key(&thing, |object| object.id);
    at.map_err(|_| Error::argument(format!("no thing with id {thing} is shown")))
}

fn receipt_of(gone: &Object) -> Receipt {
    Receipt {
        place: gone.obb.centre,
        frames_seen_empty: 0,
        points_in_view: 0,
        points_empty: 0,
        last_seen_ns: gone.last_seen_ns,
    }
}

/// Who `kept` is stays; where it is, says the one seen last; what was seen is that of both.
fn absorb(kept: &mut Object, gone: &Object) {
    if gone.last_seen_ns > kept.last_seen_ns {
        kept.obb = gone.obb;
        kept.centre_cov_m2 = gone.centre_cov_m2;
        kept.size_sigma_m = gone.size_sigma_m;
        kept.yaw_sigma_rad = gone.yaw_sigma_rad;
        kept.state = gone.state;
    }
    kept.truncated &= gone.truncated;
    kept.existence = kept.existence.max(gone.existence);
    kept.first_seen_ns = kept.first_seen_ns.min(gone.first_seen_ns);
    kept.last_seen_ns = kept.last_seen_ns.max(gone.last_seen_ns);
    kept.last_seen_path_m = kept.last_seen_path_m.max(gone.last_seen_path_m);
    kept.observations = kept.observations.saturating_add(gone.observations);
}

/// Exactly there.
fn pin(object: &mut Object, obb: &crate::geom::OrientedBox) {
    object.obb = *obb;
    object.centre_cov_m2 = [0.0; 6];
    object.size_sigma_m = [0.0; 3];
    object.yaw_sigma_rad = 0.0;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::testing::boxed;
    use crate::scene::{scene_from_json, scene_to_json};

    fn room() -> Snapshot {
        let things = vec![
            boxed(1, "chair#1", [0.0, 0.0], [0.5, 0.5], 0.1),
            boxed(2, "chair#2", [2.0, 0.0], [0.5, 0.5], 0.1),
            boxed(5, "lamp#1", [4.0, 0.0], [0.3, 0.3], 0.1),
        ];
        Snapshot::of(things, vec![], 17).expect("valid")
    }

    fn named<'s>(scene: &'s Snapshot, name: &str) -> &'s Object {
        scene.object_named(name).unwrap_or_else(|| panic!("no {name}"))
    }

    #[test]
    fn every_edit_of_a_saved_scene_is_kept_with_who_and_when_and_the_scene_before_stays() {
        let before = room();
        let text = scene_to_json(&before);
        let [chair, other, lamp] = [1, 2, 5].map(ObjectId);
        let mut pinned = named(&before, "chair#1").obb;
        pinned.centre.x = 9.0;
        let edits = [
            Edit::Relabel { thing: lamp, label: "chair".into() },
            Edit::Rename { thing: lamp, name: "Anna's seat".into() },
            Edit::Merge { thing: other, into: chair },
            Edit::Pin { thing: chair, obb: pinned },
        ];
        let mut scene = before.clone();
        for (stamp_ns, edit) in (100..).zip(edits.clone()) {
            scene = scene.edited(edit, "anna", stamp_ns).expect("an edit");
        }
        assert_eq!(scene.len(), 2);
        assert_eq!((named(&scene, "Anna's seat").id, &*named(&scene, "Anna's seat").label), (lamp, "chair"));
        assert_eq!((named(&scene, "chair#1").obb, named(&scene, "chair#1").size_sigma_m), (pinned, [0.0; 3]));
        assert_eq!(scene.objects_within([8.5, -1.0], [9.5, 1.0]).len(), 1, "found where it was pinned");
        assert!(matches!(scene.events().last().expect("one").kind, EventKind::Merged { into } if into == chair));
        let kept: Vec<_> = scene.edits().iter().map(|r| (r.sequence, r.stamp_ns, r.edit.clone())).collect();
        assert_eq!(kept, (0..).zip(100..).zip(edits).map(|((n, at), edit)| (n, at, edit)).collect::<Vec<_>>());
        let read = scene_from_json(&scene_to_json(&scene)).expect("just written");
        assert_eq!((read.edits(), read.len()), (scene.edits(), 2));
        assert_eq!(scene_to_json(&before), text);

        let gone = scene.edited(Edit::Delete { thing: lamp }, "anna", 200).expect("there");
        assert!(gone.object(lamp).is_none() && gone.labelled("chair").count() == 1);
        assert!(matches!(gone.events().last().expect("one").kind, EventKind::Removed(_)));
    }

    #[test]
    fn a_thing_that_is_relabelled_gets_the_next_number_and_one_made_one_stands_where_it_was_seen_last() {
        let scene = room().edited(Edit::Relabel { thing: ObjectId(5), label: "chair".into() }, "anna", 0);
        assert_eq!(named(&scene.expect("free"), "chair#3").id, ObjectId(5));
        let mut things: Vec<Object> = room().objects().map(|object| Object::clone(object)).collect();
        things[1].last_seen_ns = 99;
        let scene = Snapshot::of(things, vec![], 17).expect("valid");
        let one = scene.edited(Edit::Merge { thing: ObjectId(2), into: ObjectId(1) }, "anna", 0).expect("two");
        let kept = named(&one, "chair#1");
        assert_eq!((kept.obb.centre.x, kept.last_seen_ns), (2.0, 99));
    }

    #[test]
    fn what_cannot_be_meant_of_a_saved_scene_is_refused() {
        let scene = room();
        let thing = ObjectId(1);
        let obb = named(&scene, "chair#1").obb;
        let mut nowhere = obb;
        nowhere.size.x = -1.0;
        let cases = [
            (Edit::Rename { thing, name: "LAMP#1".into() }, "anna", "contains #"),
            (Edit::Rename { thing, name: "seat".into() }, "", "who has 0 bytes"),
            (Edit::Delete { thing: ObjectId(3) }, "anna", "no thing with id 3 is shown"),
            (Edit::Merge { thing, into: ObjectId(3) }, "anna", "no thing with id 3 is shown"),
            (Edit::Merge { thing, into: thing }, "anna", "is one with itself already"),
            (Edit::Pin { thing, obb: nowhere }, "anna", "box is not finite"),
            (Edit::Unpin { thing }, "anna", "only a running one can be unpinned"),
        ];
        for (edit, who, sentence) in cases {
            let refused = scene.edited(edit, who, 0).expect_err(sentence).to_string();
            assert!(refused.contains(sentence), "{refused}");
        }
        let seat = scene.edited(Edit::Rename { thing, name: "Seat".into() }, "anna", 0).expect("free");
        let taken = seat.edited(Edit::Rename { thing: ObjectId(2), name: "sEAT".into() }, "anna", 0);
        assert!(taken.expect_err("taken").to_string().contains("is that of thing 1"));
    }
}
