//! A thing that left its place and is found elsewhere keeps its id, when nothing else it could be is in doubt.
//!
//! A pair is made of a thing whose place was seen empty and a thing first seen after it was last seen, with the same
//! label and sizes that agree. A rival on either side (another such missing thing, another such new thing, a twin that
//! nobody has looked at since the new thing appeared) puts the decision off; after the allowed time it is given up.

use super::EventKind;
use super::track::{Standing, Track};
use super::writer::{Moment, Scene};

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
    fn found_again(&mut self, at: usize) -> Option<u32> {
        let ratio = self.options.relocate_size_ratio;
        let missing = &self.missing[at].track;
        let could_be = |track: &Track| {
            track.standing == Standing::Believed
                && track.label() == missing.label()
                && sizes_agree(track, missing, ratio)
        };
        let is_new = |track: &Track| track.first_seen_ns > missing.last_seen_ns;
        let mut found =
            self.young.iter().filter(|&&slot| self.store.get(slot).is_some_and(|t| could_be(t) && is_new(t)));
        let slot = *found.next()?;
        if found.next().is_some() {
            return None;
        }
        let track = self.store.get(slot)?;
        let twin_missing = self
            .missing
            .iter()
            .enumerate()
            .any(|(i, m)| i != at && m.track.label() == track.label() && sizes_agree(&m.track, track, ratio));
        let first_seen_ns = track.first_seen_ns;
        let twin_unseen =
            self.store.iter().any(|(other, t)| other != slot && could_be(t) && t.last_seen_ns < first_seen_ns);
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

fn sizes_agree(a: &Track, b: &Track, ratio: f64) -> bool {
    (0..3).all(|k| {
        let (a, b) = (a.obb.size[k], b.obb.size[k]);
        (a - b).abs() <= ratio * a.max(b) + 0.01
    })
}
