//! What an operator says of things: renamed, called otherwise, deleted, made one, pinned.
//!
//! An edit goes through the one writer, is shown with the next publication, and is kept with who said it and when. What
//! an operator said holds against what frames say later:
//!
//! - a given *name* and a given *label* stay; frames go on recognising the thing by what detectors call it;
//! - a *deleted* thing is shown no more, and what frames still see of it is taken for it. Once its place is seen empty it
//!   is forgotten, and what comes there afterwards is new;
//! - of two things made *one* the one lives on, called as it was. Where their boxes touch, its points are those of both; otherwise those of
//!   the one seen last: a thing that was somewhere else before;
//! - a *pinned* box stays as it is, whatever is seen, and frames do not remove the thing. Its place counts as exact. A
//!   correction of poses does not move it.
//!
//! Nor do frames take a thing for a mistake that an operator named, labelled or pinned.

use super::labels::LabelId;
use super::merge::bounds_touch;
use super::provenance::check_origin;
use super::track::{Standing, Track};
use super::writer::Scene;
use super::{EventKind, ObjectId, Receipt};
use crate::error::{Error, Result};
use crate::frame::MAX_COORDINATE_M;
use crate::geom::OrientedBox;
use crate::lift::MAX_LABEL_BYTES;
use std::sync::Arc;

/// How many edits a scene remembers; older ones fall out, but go on holding. Their number is the sequence number of the
/// first that is left.
pub const EDIT_RING: usize = 1024;

/// What an operator says of one thing.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    /// It has this name from now on. Names with `#` are gnomon's own, and no two things may have one name.
    Rename {
        /// The thing.
        thing: ObjectId,
        /// Its name.
        name: Arc<str>,
    },
    /// It is one of these. Unless it was given a name, it gets the next `label#k`.
    Relabel {
        /// The thing.
        thing: ObjectId,
        /// What it is.
        label: Arc<str>,
    },
    /// It is none.
    Delete {
        /// The thing.
        thing: ObjectId,
    },
    /// Both are one thing, which lives on as `into`.
    Merge {
        /// The id that goes.
        thing: ObjectId,
        /// The id that lives on.
        into: ObjectId,
    },
    /// It stands exactly here.
    Pin {
        /// The thing.
        thing: ObjectId,
        /// Its box in the world; metres.
        obb: OrientedBox,
    },
    /// It is where frames see it, again.
    Unpin {
        /// The thing.
        thing: ObjectId,
    },
}

/// An edit with who made it, and when.
#[derive(Debug, Clone, PartialEq)]
pub struct EditRecord {
    /// Rises by one from edit to edit.
    pub sequence: u64,
    /// When, on the caller's clock.
    pub stamp_ns: i64,
    /// Who, in the caller's words.
    pub who: Arc<str>,
    /// What.
    pub edit: Edit,
}

/// What an operator said of a thing; frames do not overrule it.
#[derive(Debug, Clone, Default)]
pub(super) struct Said {
    pub name: Option<Arc<str>>,
    pub label: Option<LabelId>,
    pub pinned: Option<Box<OrientedBox>>,
}

impl Edit {
    /// The thing that is spoken of.
    pub fn thing(&self) -> ObjectId {
        match self {
            Self::Rename { thing, .. }
            | Self::Relabel { thing, .. }
            | Self::Delete { thing }
            | Self::Merge { thing, .. }
            | Self::Pin { thing, .. }
            | Self::Unpin { thing } => *thing,
        }
    }

    /// Refuses what can be meant of no thing.
    pub(super) fn check(&self) -> Result<()> {
        match self {
            Self::Rename { name, .. } if name.contains('#') => {
                Err(Error::argument(format!("name \"{name}\" contains #: such names are given by gnomon")))
            }
            Self::Rename { name: word, .. } | Self::Relabel { label: word, .. }
                if word.is_empty() || word.len() > MAX_LABEL_BYTES =>
            {
                Err(Error::argument(format!("the word has {} bytes, expected 1 to {MAX_LABEL_BYTES}", word.len())))
            }
            Self::Merge { thing, into } if thing == into => {
                Err(Error::argument(format!("thing {thing} is one with itself already")))
            }
            Self::Pin { obb, .. } if !is_in_world(obb) => Err(Error::argument(
                "box is not finite, positive, rotated by a unit quaternion and within the world's bounds",
            )),
            _ => Ok(()),
        }
    }
}

fn is_in_world(obb: &OrientedBox) -> bool {
    let is_within = |v: &f64| v.abs() <= MAX_COORDINATE_M;
    obb.is_valid() && obb.centre.iter().all(is_within) && obb.size.iter().all(is_within)
}

impl Said {
    /// True when an operator named, labelled or pinned the thing: it is no mistake.
    pub fn vouches(&self) -> bool {
        self.name.is_some() || self.label.is_some() || self.pinned.is_some()
    }

    /// Takes over what was said of another thing, where nothing was said of this.
    pub fn take_over(&mut self, other: &Self) {
        let mine = std::mem::take(self);
        let other = other.clone();
        *self = Self {
            name: mine.name.or(other.name),
            label: mine.label.or(other.label),
            pinned: mine.pinned.or(other.pinned),
        };
    }
}

impl Scene {
    /// Takes in what an operator says, with who says it and when (on the caller's clock). It is shown with the next
    /// publication. On an error the scene is as it was.
    ///
    /// # Errors
    /// A thing that is not shown; a name that another has, or that only gnomon gives; an empty or endless word; a box
    /// that is none; one label too many.
    pub fn edit(&mut self, edit: Edit, who: &str, stamp_ns: i64) -> Result<()> {
        check_origin("who", who)?;
        edit.check()?;
        let slot = self.slot_of(edit.thing())?;
        match &edit {
            Edit::Rename { thing, name } => {
                self.check_name_is_free(*thing, name)?;
                self.say(slot, |said| said.name = Some(name.clone()));
            }
            Edit::Relabel { label, .. } => {
                let label = self.labels.id(label)?;
                self.say(slot, |said| said.label = Some(label));
            }
            Edit::Delete { .. } => self.delete(slot),
            Edit::Merge { into, .. } => {
                let into = self.slot_of(*into)?;
                self.make_one_of(slot, into);
            }
            Edit::Pin { obb, .. } => self.pin(slot, Some(Box::new(*obb))),
            Edit::Unpin { .. } => self.pin(slot, None),
        }
        if self.edits.len() == EDIT_RING {
            self.edits.pop_front();
        }
        self.edits.push_back(EditRecord { sequence: self.next_edit, stamp_ns, who: who.into(), edit });
        self.next_edit += 1;
        self.edited = true;
        Ok(())
    }

    fn slot_of(&self, thing: ObjectId) -> Result<u32> {
        let slot = self.state.slot_of.get(&thing).copied();
        slot.ok_or_else(|| Error::argument(format!("no thing with id {thing} is shown")))
    }

    fn check_name_is_free(&self, thing: ObjectId, name: &str) -> Result<()> {
        match self.state.words.named(&name.to_lowercase()).find(|id| *id != thing) {
            Some(other) => Err(Error::argument(format!("name \"{name}\" is that of thing {other}"))),
            None => Ok(()),
        }
    }

    fn say(&mut self, slot: u32, change: impl FnOnce(&mut Said)) {
        let Some(track) = self.store.get_mut(slot) else { return };
        change(&mut track.said);
        self.show_edited(slot);
    }

    fn pin(&mut self, slot: u32, pinned: Option<Box<OrientedBox>>) {
        let Some(track) = self.store.get_mut(slot) else { return };
        track.said.pinned = pinned;
        track.fit(&self.supports, &mut self.scratch.fit);
        self.store.relist(slot, &mut self.state.index);
        self.show_edited(slot);
    }

    /// Shows a thing at once in what will be published: the next edit must see its name.
    fn show_edited(&mut self, slot: u32) {
        if let Some(track) = self.store.get_mut(slot) {
            let object = track.object(&mut self.labels);
            self.state.show(slot, object);
        }
    }

    fn delete(&mut self, slot: u32) {
        let Some(track) = self.store.get_mut(slot) else { return };
        track.standing = Standing::Deleted;
        track.said = Said::default();
        let receipt = Receipt::without_looking(track.obb.centre, track.last_seen_ns);
        let id = track.id;
        self.state.hide(id, slot);
        self.young.retain(|&young| young != slot);
        self.note_event(self.state.stamp_ns, id, EventKind::Removed(receipt));
    }

    /// The thing in `slot` and that in `into` are one, with the id and the name of `into`.
    fn make_one_of(&mut self, slot: u32, into: u32) {
        let Some((gone, kept)) = self.store.pair_mut(slot, into) else { return };
        let gone_id = gone.id;
        let is_here = bounds_touch(gone, kept) || gone.last_seen_ns <= kept.last_seen_ns;
        if !is_here {
            // Seen last under the other id: what is known of the place is there, who it is, here.
            std::mem::swap(gone, kept);
            let (there, here) = (gone, kept);
            there.swap_identity(here);
            std::mem::swap(&mut there.listing, &mut here.listing);
            std::mem::swap(&mut there.changed, &mut here.changed);
        }
        let Some(gone) = self.take_out(slot) else { return };
        let Some(kept) = self.store.get_mut(into) else { return };
        // What the gone one was called is no word against what an operator calls both.
        let labels = kept.labels.clone();
        if bounds_touch(&gone, kept) {
            kept.absorb(&gone);
        } else {
            kept.absorb_history(&gone);
        }
        kept.labels = labels;
        kept.fit(&self.supports, &mut self.scratch.fit);
        let id = kept.id;
        self.store.relist(into, &mut self.state.index);
        self.show_edited(into);
        self.note_event(self.state.stamp_ns, gone_id, EventKind::Merged { into: id });
    }
}

impl Track {
    /// Who two tracks are, exchanged; what was seen of them stays.
    fn swap_identity(&mut self, other: &mut Track) {
        std::mem::swap(&mut self.id, &mut other.id);
        std::mem::swap(&mut self.name, &mut other.name);
        std::mem::swap(&mut self.labels, &mut other.labels);
        std::mem::swap(&mut self.said, &mut other.said);
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Object, SceneOptions, Snapshot};
    use super::*;
    use crate::frame::{Frame, Intrinsics, MetricZ, Pose};
    use crate::lift::Detection;
    use nalgebra::{Matrix3, Rotation3, Translation3, UnitQuaternion};

    const WIDTH: u32 = 160;
    const HEIGHT: u32 = 120;

    /// A chair and a lamp 1.5 m ahead, before a wall at 3 m; columns and rows.
    const CHAIR: ([u32; 4], &str) = ([20, 40, 60, 80], "chair");
    const LAMP: ([u32; 4], &str) = ([100, 40, 130, 80], "lamp");

    struct World {
        scene: Scene,
        frames: i64,
    }

    impl World {
        fn new() -> Self {
            Self { scene: Scene::new(SceneOptions::default()).expect("a scene"), frames: 0 }
        }

        fn look(&mut self, frames: u32, panels: &[([u32; 4], &str)]) -> Snapshot {
            let holds =
                |[left, top, right, bottom]: [u32; 4], u, v| (left..right).contains(&u) && (top..bottom).contains(&v);
            let depth = |at: u32| {
                let is_panel = panels.iter().any(|(panel, _)| holds(*panel, at % WIDTH, at / WIDTH));
                if is_panel { 1.5 } else { 3.0 }
            };
            let z: Vec<f32> = (0..WIDTH * HEIGHT).map(depth).collect();
            let along_x = Matrix3::new(0.0, 0.0, 1.0, -1.0, 0.0, 0.0, 0.0, -1.0, 0.0);
            let rotation = UnitQuaternion::from_rotation_matrix(&Rotation3::from_matrix_unchecked(along_x));
            let seen = |(panel, label): &([u32; 4], &'static str)| Detection {
                bbox: panel.map(|v| v as f32),
                label,
                score: 0.9,
                mask: None,
                feature: None,
            };
            let named: Vec<([u32; 4], &'static str)> = panels
                .iter()
                .map(|(panel, label)| (*panel, if *label == "chair" { "chair" } else { "lamp" }))
                .collect();
            let detections: Vec<Detection<'_>> = named.iter().map(seen).collect();
            for _ in 0..frames {
                let frame = Frame {
                    stamp_ns: self.frames * 33_000_000,
                    ..Frame::of_depth(
                        MetricZ::from_metres(&z, WIDTH, HEIGHT).expect("depth"),
                        Intrinsics::pinhole(WIDTH, HEIGHT, 150.0, 150.0, 79.5, 59.5).expect("a camera"),
                        Pose::from_parts(Translation3::new(0.0, 0.0, 1.2), rotation),
                    )
                };
                self.frames += 1;
                self.scene.integrate(&frame, &detections).expect("a frame");
            }
            self.scene.publish()
        }

        fn edit(&mut self, edit: Edit) -> Snapshot {
            self.scene.edit(edit, "anna", 77).expect("an edit");
            self.scene.publish()
        }
    }

    fn named(snapshot: &Snapshot, name: &str) -> Object {
        Object::clone(snapshot.object_named(name).unwrap_or_else(|| panic!("no {name}")))
    }

    #[test]
    fn a_given_name_and_label_stay_whatever_detectors_say_afterwards() {
        let mut world = World::new();
        let thing = named(&world.look(8, &[CHAIR, LAMP]), "chair#1").id;
        let shown = world.edit(Edit::Relabel { thing, label: "stool".into() });
        assert_eq!(named(&shown, "stool#1").id, thing);
        world.edit(Edit::Rename { thing, name: "Anna's seat".into() });
        let later = named(&world.look(20, &[CHAIR, LAMP]), "Anna's seat");
        assert_eq!((later.id, &*later.label, later.labels.len(), later.observations), (thing, "stool", 1, 28));
        let snapshot = world.scene.snapshot();
        assert_eq!(snapshot.len(), 2, "the detector's chair is not a second thing");
        assert_eq!(snapshot.labelled("stool").count(), 1);
        let record = &snapshot.edits()[1];
        assert_eq!((record.sequence, record.stamp_ns, &*record.who), (1, 77, "anna"));
    }

    #[test]
    fn a_name_is_one_things_and_names_with_a_number_are_given_by_gnomon() {
        let mut world = World::new();
        let snapshot = world.look(8, &[CHAIR, LAMP]);
        let (chair, lamp) = (named(&snapshot, "chair#1").id, named(&snapshot, "lamp#1").id);
        // Twice without a publication in between.
        world.scene.edit(Edit::Rename { thing: chair, name: "Seat".into() }, "anna", 0).expect("free");
        for (name, reason) in [("seat", "is that of thing"), ("chair#2", "contains #"), ("", "has 0 bytes")] {
            let refused = world.scene.edit(Edit::Rename { thing: lamp, name: name.into() }, "anna", 0);
            let refused = refused.expect_err(reason).to_string();
            assert!(refused.contains(reason), "{refused}");
        }
        let nobody = world.scene.edit(Edit::Delete { thing: ObjectId(99) }, "anna", 0).expect_err("not shown");
        assert!(nobody.to_string().contains("no thing with id 99"), "{nobody}");
        assert!(world.scene.edit(Edit::Delete { thing: lamp }, "", 0).is_err(), "somebody must say it");
        assert_eq!(world.scene.publish().edits().len(), 1, "what is refused is not noted");
    }

    #[test]
    fn a_deleted_thing_stays_away_until_its_place_was_empty_and_something_new_stands_there() {
        let mut world = World::new();
        let thing = named(&world.look(8, &[CHAIR, LAMP]), "chair#1").id;
        assert_eq!(world.edit(Edit::Delete { thing }).len(), 1);
        let later = world.look(30, &[CHAIR, LAMP]);
        assert_eq!(later.len(), 1, "what is still seen there is the deleted thing");
        assert!(matches!(later.events().last().expect("an event").kind, EventKind::Removed(_)));
        world.look(10, &[LAMP]);
        let back = world.look(10, &[CHAIR, LAMP]);
        assert_eq!(back.len(), 2);
        assert_ne!(named(&back, "chair#2").id, thing);
    }

    #[test]
    fn of_two_things_made_one_the_one_meant_lives_on() {
        for swap in [false, true] {
            let mut world = World::new();
            let snapshot = world.look(8, &[CHAIR, LAMP]);
            let pair = ["chair#1", "lamp#1"].map(|name| named(&snapshot, name));
            let [gone, kept] = if swap { [&pair[1], &pair[0]] } else { [&pair[0], &pair[1]] };
            // Both were seen in the last frame: the one that lives on keeps its place.
            let one = world.edit(Edit::Merge { thing: gone.id, into: kept.id });
            assert_eq!(one.len(), 1);
            assert_eq!(named(&one, &kept.name).id, kept.id);
            assert!((named(&one, &kept.name).obb.centre - kept.obb.centre).norm() < 0.05);
            let merged = EventKind::Merged { into: kept.id };
            assert!(one.events().iter().any(|event| event.object == gone.id && event.kind == merged));
        }
    }

    #[test]
    fn a_thing_seen_elsewhere_under_another_id_goes_on_there_under_its_own() {
        let mut world = World::new();
        let snapshot = world.look(8, &[CHAIR, LAMP]);
        let (chair, lamp) = (named(&snapshot, "chair#1"), named(&snapshot, "lamp#1"));
        // The lamp is looked at once more without the chair being named: it was seen last.
        world.scene.edit(Edit::Rename { thing: chair.id, name: "mine".into() }, "anna", 1).expect("free");
        let slots: Vec<u32> = world.scene.store.iter().map(|(slot, _)| slot).collect();
        for slot in slots {
            if let Some(track) = world.scene.store.get_mut(slot)
                && track.id == lamp.id
            {
                track.last_seen_ns += 1;
            }
        }
        let one = world.edit(Edit::Merge { thing: lamp.id, into: chair.id });
        let mine = named(&one, "mine");
        assert_eq!((one.len(), mine.id), (1, chair.id));
        assert!((mine.obb.centre - lamp.obb.centre).norm() < 0.05, "it is where it was seen last");
        let later = world.look(10, &[LAMP]);
        assert_eq!(named(&later, "mine").id, chair.id, "and it is recognised there");
        assert_eq!(later.objects_within([-10.0; 2], [10.0; 2]).len(), 1, "the index knows it");
    }

    #[test]
    fn a_pinned_box_stays_and_the_thing_is_not_removed_until_it_is_unpinned() {
        let mut world = World::new();
        let chair = named(&world.look(8, &[CHAIR, LAMP]), "chair#1");
        let mut obb = chair.obb;
        obb.size.z += 0.25;
        world.edit(Edit::Pin { thing: chair.id, obb });
        let pinned = named(&world.look(10, &[CHAIR, LAMP]), "chair#1");
        assert_eq!((pinned.obb, pinned.size_sigma_m), (obb, [0.0; 3]));
        let gone = world.look(20, &[LAMP]);
        assert_eq!(named(&gone, "chair#1").state, super::super::ObjectState::Doubted);
        world.edit(Edit::Unpin { thing: chair.id });
        assert!(world.look(8, &[LAMP]).object(chair.id).is_none());
        let mut nowhere = obb;
        nowhere.centre.x = f64::NAN;
        let lamp = named(&world.scene.snapshot(), "lamp#1").id;
        assert!(world.scene.edit(Edit::Pin { thing: lamp, obb: nowhere }, "anna", 0).is_err());
    }

    #[test]
    fn edits_are_a_ring_that_counts_what_fell_out_and_are_saved_with_who_and_when() {
        let mut world = World::new();
        let thing = named(&world.look(8, &[CHAIR, LAMP]), "chair#1").id;
        for k in 0..EDIT_RING as i64 + 5 {
            let name = if k == 0 { "the first".into() } else { format!("name {k}").into() };
            world.scene.edit(Edit::Rename { thing, name }, "anna", k).expect("free");
        }
        world.scene.set_inputs(&["a test"]).expect("a word");
        let obb = named(&world.scene.publish(), "name 1028").obb;
        let snapshot = world.edit(Edit::Pin { thing, obb });
        assert_eq!((snapshot.edits().len(), snapshot.edits_forgotten()), (EDIT_RING, 6));
        let text = super::super::scene_to_json(&snapshot);
        let read = super::super::scene_from_json(&text).expect("just written");
        assert_eq!(read.edits(), snapshot.edits());
        assert_eq!(read.provenance(), snapshot.provenance());
        let provenance = read.provenance().expect("one");
        assert_eq!((&*provenance.version, provenance.first_stamp_ns), (crate::VERSION, Some(0)));
        assert_eq!(super::super::scene_to_json(&read), text);
    }
}
