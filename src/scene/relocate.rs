//! A thing that left its place and is found elsewhere keeps its id, when nothing else it could be is in doubt.
//!
//! A pair is made of a thing whose place was seen empty and a thing believed only since then, with the same
//! label and sizes that agree. A rival on either side (another such missing thing, another such new thing, a twin that
//! nobody has looked at since the new thing appeared) puts the decision off; after the allowed time it is given up.
//!
//! What is found again has the size it had: where it was seen better at its old place, it keeps the size seen there.
//!
//! What was half hidden at one of its places has another size there. So when nothing new agrees closely, what agrees
//! loosely may be it, if there is again no rival that agrees as loosely.
//!
//! Something low on a table, seen from afar, leaves a place that depth cannot tell from the thing itself. Such a thing
//! *lingers*: it had many chances to be detected and was not, and what little depth tells speaks for nothing being
//! there. Alone that removes nothing; with one new thing elsewhere that agrees closely, it has moved.

use super::EventKind;
use super::track::{Standing, Track};
use super::writer::{Moment, Scene};

/// Sizes agree loosely when they differ by this many times what is allowed.
const LOOSELY: f64 = 2.0;

/// Sizes differ by this much between two places, whatever the size: each bottom is settled on another surface, metres.
const SIZE_SLACK_M: f64 = 0.02;

/// A thing lingers that was not detected this often although it was in view,
const LINGERING_CHANCES: u32 = 8;

/// of whose points so many were found empty, and no more there.
const LINGERING_EMPTY: u32 = 12;

/// Frames that must have seen a new thing before its size is compared.
const WELL_SEEN: u32 = 8;

/// What may be a rival is judged more loosely still, as a share of the size.
const RIVAL_RATIO: f64 = 0.5;

/// A thing whose place was seen empty.
pub(super) struct Missing {
    pub track: Track,
    pub since_ns: i64,
}

impl Scene {
    /// Gives things found again their id back.
    pub(super) fn relocate(&mut self, moment: &Moment) {
        let within = self.options.relocate_within_ns;
        self.missing.retain(|m| moment.stamp_ns - m.since_ns <= within);
        let mut at = 0;
        while at < self.missing.len() {
            match self.found_again(&self.missing[at].track) {
                Some(slot) => {
                    let missing = self.missing.remove(at);
                    self.give_id_back(moment, missing, slot);
                }
                None => at += 1,
            }
        }
        self.relocate_lingering(moment);
    }

    /// Gives new things the ids of what they must have been, though its place was not seen to be empty.
    fn relocate_lingering(&mut self, moment: &Moment) {
        for at in 0..self.scratch.views.len() {
            let old_slot = self.scratch.views[at].slot;
            let Some(old) = self.store.get(old_slot).filter(|track| lingers(track, moment)) else { continue };
            let Some(slot) = self.only_candidate(old, self.options.relocate_size_ratio) else { continue };
            if let Some(track) = self.take_out(old_slot) {
                self.give_id_back(moment, Missing { track, since_ns: moment.stamp_ns }, slot);
            }
        }
    }

    /// The one new thing that this missing thing can be, if it is the only possibility.
    fn found_again(&self, missing: &Track) -> Option<u32> {
        let ratio = self.options.relocate_size_ratio;
        match self.candidates(missing, ratio) {
            (None, 0) => self.only_candidate(missing, LOOSELY * ratio),
            _ => self.only_candidate(missing, ratio),
        }
    }

    /// A thing believed only since this missing one was last seen that may be it, and how many there are.
    fn candidates(&self, missing: &Track, ratio: f64) -> (Option<u32>, usize) {
        let mut found = self.young.iter().copied().filter(|&slot| {
            self.store
                .get(slot)
                .is_some_and(|track| could_be(track, missing, ratio) && track.believed_ns > missing.last_named_ns)
        });
        (found.next(), found.count())
    }

    fn only_candidate(&self, missing: &Track, ratio: f64) -> Option<u32> {
        let (Some(slot), 0) = self.candidates(missing, ratio) else { return None };
        let track = self.store.get(slot)?;
        let twin_missing = self
            .missing
            .iter()
            .any(|m| m.track.id != missing.id && !share_place(&m.track, missing) && is_rival(&m.track, missing, track));
        let twin_unseen = self.store.iter().any(|(other, t)| {
            other != slot && t.id != missing.id && is_twin(t, missing) && t.last_named_ns < track.first_seen_ns
        });
        (!twin_missing && !twin_unseen).then_some(slot)
    }

    fn give_id_back(&mut self, moment: &Moment, missing: Missing, slot: u32) {
        let Some(track) = self.store.get_mut(slot) else { return };
        let new_id = std::mem::replace(&mut track.id, missing.track.id);
        let (from, to) = (missing.track.obb.centre, track.obb.centre);
        // What stood at the same place under the same label was the same thing twice.
        self.missing.retain(|m| !(is_twin(&m.track, &missing.track) && share_place(&m.track, &missing.track)));
        track.remember_size(&missing.track);
        track.name = missing.track.name;
        track.said.take_over(&missing.track.said);
        track.first_seen_ns = missing.track.first_seen_ns;
        for &(label, weight) in &missing.track.labels {
            track.add_label(label, weight);
        }
        let id = track.id;
        if self.state.hide(new_id, slot) {
            self.note_event(moment.stamp_ns, new_id, EventKind::Merged { into: id });
        }
        self.young.retain(|&young| young != slot);
        self.mark_changed(slot);
        self.report.moved += 1;
        self.note_event(moment.stamp_ns, id, EventKind::Moved { from, to });
    }
}

fn could_be(track: &Track, missing: &Track, ratio: f64) -> bool {
    is_twin(track, missing) && track.observations >= WELL_SEEN && sizes_agree(track, missing, ratio)
}

/// True for a believed thing of the same label.
fn is_twin(track: &Track, missing: &Track) -> bool {
    track.standing == Standing::Believed && track.label() == missing.label()
}

/// True for another thing that may be the one that was found, or the one that is missing.
fn is_rival(other: &Track, missing: &Track, found: &Track) -> bool {
    is_twin(other, missing) && (sizes_agree(other, missing, RIVAL_RATIO) || sizes_agree(other, found, RIVAL_RATIO))
}

/// True for a thing that had many chances to be detected and was not, where what depth tells speaks for nothing there.
fn lingers(track: &Track, moment: &Moment) -> bool {
    let unseen = &track.unseen;
    track.standing == Standing::Believed
        && track.said.pinned.is_none()
        && track.last_frame != moment.frame
        && unseen.chances >= LINGERING_CHANCES
        && unseen.empty >= LINGERING_EMPTY
        && unseen.empty >= unseen.there
}

/// True when the centre of one stood within the other's outline.
fn share_place(a: &Track, b: &Track) -> bool {
    let (size, off) = (a.obb.size.sup(&b.obb.size), a.obb.centre - b.obb.centre);
    off.xy().norm() < 0.5 * size.xy().norm() && off.z.abs() < 0.5 * size.z
}

/// The diagonal and the height agree: how deep a thing is can rarely be seen from one side.
fn sizes_agree(a: &Track, b: &Track, ratio: f64) -> bool {
    let agree = |a: f64, b: f64| (a - b).abs() <= ratio * a.max(b) + SIZE_SLACK_M;
    agree(a.obb.size.norm(), b.obb.size.norm()) && agree(a.obb.size.z, b.obb.size.z)
}
