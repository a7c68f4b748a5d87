//! What an operator says of things: renamed, called otherwise, deleted, made one, pinned.
//!
//! An edit goes through the one writer, is shown with the next publication, and is kept with who said it and when. What
//! an operator said holds against what frames say later:
//!
//! - a given *name* and a given *label* stay; frames go on recognising the thing by what detectors call it;
//! - a *deleted* thing is shown no more, and what frames still see of it is taken for it. Once its place is seen empty it
//!   is forgotten, and what comes there afterwards is new;
//! - of two things made *one* the one lives on. Where their boxes touch, its points are those of both; otherwise those of
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
        let receipt = Receipt {
            place: track.obb.centre,
            frames_seen_empty: 0,
            points_in_view: 0,
            points_empty: 0,
            last_seen_ns: track.last_seen_ns,
        };
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
        if bounds_touch(&gone, kept) {
            kept.absorb(&gone);
        } else {
            kept.absorb_history(&gone);
        }
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
        std::mem::swap(&mut self.said, &mut other.said);
    }
}
