//! A thing that left its place and is found elsewhere keeps its id, when nothing else it could be is in doubt.
//!
//! A pair is made of a thing whose place was seen empty and a thing believed only since then, with the same
//! label and sizes that agree. A rival on either side (another such missing thing, another such new thing, a twin that
//! nobody has looked at since the new thing appeared) puts the decision off; after the allowed time it is given up.
//!
//! What was half hidden at one of its places has another size there. So when nothing new agrees closely, what agrees
//! loosely may be it, if there is again no rival that agrees as loosely.

use super::EventKind;
use super::track::{Standing, Track};
use super::writer::{Moment, Scene};

/// Sizes agree loosely when they differ by this many times what is allowed.
const LOOSELY: f64 = 2.0;

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
            match self.found_again(at) {
                Some(slot) => {
                    let missing = self.missing.remove(at);
                    self.give_id_back(moment, missing, slot);
                }
                None => at += 1,
            }
        }
    }

    /// The one new thing that this missing thing can be, if it is the only possibility.
    fn found_again(&self, at: usize) -> Option<u32> {
        let ratio = self.options.relocate_size_ratio;
        match self.candidates(at, ratio) {
            (None, 0) => self.only_candidate(at, LOOSELY * ratio),
            _ => self.only_candidate(at, ratio),
        }
    }

    /// A thing believed only since this missing one was last seen that may be it, and how many there are.
    fn candidates(&self, at: usize, ratio: f64) -> (Option<u32>, usize) {
        let missing = &self.missing[at].track;
        let mut found = self.young.iter().copied().filter(|&slot| {
            self.store
                .get(slot)
                .is_some_and(|track| could_be(track, missing, ratio) && track.believed_ns > missing.last_seen_ns)
        });
        (found.next(), found.count())
    }

    fn only_candidate(&self, at: usize, ratio: f64) -> Option<u32> {
        let (Some(slot), 0) = self.candidates(at, ratio) else { return None };
        let (missing, track) = (&self.missing[at].track, self.store.get(slot)?);
        let twin_missing = self.missing.iter().enumerate().any(|(i, m)| i != at && is_rival(&m.track, missing, track));
        let twin_unseen = self
            .store
            .iter()
            .any(|(other, t)| other != slot && is_twin(t, missing) && t.last_seen_ns < track.first_seen_ns);
        (!twin_missing && !twin_unseen).then_some(slot)
    }

    fn give_id_back(&mut self, moment: &Moment, missing: Missing, slot: u32) {
        let Some(track) = self.store.get_mut(slot) else { return };
        let new_id = std::mem::replace(&mut track.id, missing.track.id);
        let (from, to) = (missing.track.obb.centre, track.obb.centre);
        track.name = missing.track.name;
        track.first_seen_ns = missing.track.first_seen_ns;
        for &(label, weight) in &missing.track.labels {
            track.add_label(label, weight);
        }
        let id = track.id;
        if self.state.slot_of.remove_mut(&new_id) {
            self.state.objects.set(slot as usize, None);
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

/// The diagonal and the height agree: how deep a thing is can rarely be seen from one side.
fn sizes_agree(a: &Track, b: &Track, ratio: f64) -> bool {
    let agree = |a: f64, b: f64| (a - b).abs() <= ratio * a.max(b) + 0.01;
    agree(a.obb.size.norm(), b.obb.size.norm()) && agree(a.obb.size.z, b.obb.size.z)
}
