//! Belief in what is not seen: doubted only where its place was seen and was empty.
//!
//! A thing that no detection spoke for this frame is looked at point by point (`sight.rs`). Hidden points and holes say
//! nothing. When most of the freely seen points are empty, one frame of doubt is counted; the frames must follow each
//! other, any sight of the thing in between ends the doubt. Something thin on a table leaves a place that is only as
//! much deeper as it was thick: there most of its points must lie deeper by half of that. Likewise of anything low.

use super::relocate::Missing;
use super::sight::{Eye, InView, Sight};
use super::track::{LOG_ODDS_EMPTY, Standing, Track};
use super::writer::{Moment, Scene};
use super::{EventKind, ObjectSource, Receipt};

/// Share of the freely seen points that must be empty.
const EMPTY_SHARE: f32 = 0.6;

/// Likewise when less than half of the thing lies inside the image.
const EMPTY_SHARE_OF_PART: f32 = 0.85;

/// So many freely seen points, and such a share of them, must tell the thing from its place without it before these
/// alone decide.
const LEAST_TELLING: f32 = 6.0;
const LEAST_TELLING_SHARE: f32 = 0.3;

/// Share of all points in the image that must be freely seen.
const LOOKED_AT_SHARE: f32 = 0.25;

/// Of something as thin as this a few centimetres of depth decide, metres:
const THIN_M: f32 = 0.06;

/// its place is empty when so many of the freely seen points lie deeper.
const DEEPER_SHARE: f32 = 0.75;

/// Of something lower than this, standing on something, the lower part leaves too little depth behind to be seen empty,
/// metres: its place is empty when most of the freely seen points lie deeper by half its height.
const LOW_M: f32 = 0.15;

/// Frames that must see a movable thing's place empty.
const REMOVE_MOVABLE_AFTER: u32 = 2;

/// A thing of fewer pixels than this need not be detected.
const DETECTABLE_PX: f32 = 400.0;

/// A tentative thing is given up when it was missed this often more than it was seen.
const MISSED_TOO_OFTEN: u32 = 2;

/// A tentative thing is given up after this long unseen, nanoseconds.
const FORGET_TENTATIVE_NS: i64 = 20_000_000_000;

/// A believed thing seen this seldom, against chances, was a mistake.
const SELDOM: u32 = 8;

/// A believed thing seen about this often, that detections cannot agree on, was a mistake: two wrong labels in a row
/// happen to what was seen a few times only.
const OF_MANY_MINDS: std::ops::Range<u32> = 6..24;

/// Detections cannot agree on a thing of which no label has more than this share: less than it took to believe it, for
/// one wrong label more must not undo what a right one did.
const MANY_MINDS: f32 = 0.42;

/// The most things kept that left their place.
const MAX_MISSING: usize = 256;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Finding {
    Empty,
    There,
    Nothing,
}

impl Scene {
    /// Weighs the absence of every thing that was in view and not seen.
    pub(super) fn doubt(&mut self, moment: &Moment) {
        self.scratch.seen.sort_unstable();
        for at in 0..self.scratch.views.len() {
            let view = self.scratch.views[at];
            if self.scratch.seen.binary_search(&view.slot).is_ok() {
                self.drop_empty_part(moment, &view);
                if self.store.get_mut(view.slot).is_some_and(Track::restore_replaced) {
                    self.remove_as_absent(moment, &view);
                }
            } else {
                self.weigh_absence(moment, &view);
            }
        }
        self.forget_movable(moment);
    }

    fn weigh_absence(&mut self, moment: &Moment, view: &InView) {
        let Some(track) = self.store.get_mut(view.slot) else { return };
        let label = track.called();
        track.unseen.empty += view.empty;
        track.unseen.there += view.telling_there;
        track.unseen.chances += u32::from(view.pixels >= DETECTABLE_PX && view.is_unobstructed());
        match finding(view, track.obb.size.min() as f32) {
            Finding::Empty => {
                track.empty_frames += 1;
                track.doubt(LOG_ODDS_EMPTY);
                let after =
                    if self.labels.is_movable(label) { REMOVE_MOVABLE_AFTER } else { self.options.remove_after };
                if track.empty_frames >= after && track.said.pinned.is_none() {
                    self.remove_as_absent(moment, view);
                } else {
                    self.mark_changed(view.slot);
                }
            }
            Finding::There => {
                let was_doubted = std::mem::take(&mut track.empty_frames) > 0;
                if view.is_clear() && view.pixels >= DETECTABLE_PX {
                    track.in_view += 1;
                }
                if was_doubted {
                    self.mark_changed(view.slot);
                }
            }
            Finding::Nothing => {}
        }
    }

    /// A thing seen at a new place nearby leaves points behind where nothing is any more.
    fn drop_empty_part(&mut self, moment: &Moment, view: &InView) {
        if view.empty * 10 < view.looked_at() * 3 || view.looked_at() < 8 {
            return;
        }
        let Some(track) = self.store.get_mut(view.slot) else { return };
        let eye = Eye::new(&self.scratch.grid, moment, &self.options);
        let (origin, cells) = (track.cloud.origin(), track.cloud.cells().len());
        track.cloud.retain(|cell| {
            let point = eye.camera_from_world * (origin + nalgebra::Vector3::from(cell.mean.map(f64::from)));
            cell.last_frame == moment.frame
                || eye.look_at(&point).is_none_or(|(sample, _)| sample.sight != Sight::Empty)
        });
        track.lose(cells - track.cloud.cells().len());
        track.fit(&self.supports, &mut self.scratch.fit);
        self.store.relist(view.slot, &mut self.state.index);
        self.mark_changed(view.slot);
    }

    fn remove_as_absent(&mut self, moment: &Moment, view: &InView) {
        let Some(track) = self.take_out(view.slot) else { return };
        if track.standing != Standing::Believed {
            self.report.given_up += 1;
            return;
        }
        let receipt = Receipt {
            place: track.obb.centre,
            frames_seen_empty: track.empty_frames,
            points_in_view: view.looked_at(),
            points_empty: view.empty,
            last_seen_ns: track.last_seen_ns,
        };
        self.note_event(moment.stamp_ns, track.id, EventKind::Removed(receipt));
        self.report.removed += 1;
        if self.missing.len() == MAX_MISSING {
            self.missing.remove(0);
        }
        self.missing.push(Missing { track, since_ns: moment.stamp_ns });
    }

    /// Takes a track out of the writer and out of what readers will see.
    pub(super) fn take_out(&mut self, slot: u32) -> Option<Track> {
        let track = self.store.remove(slot, &mut self.state.index)?;
        self.state.hide(track.id, slot);
        self.young.retain(|&young| young != slot);
        self.scratch.seen.retain(|&seen| seen != slot);
        Some(track)
    }

    /// Believes what was seen often enough, gives up what was not.
    pub(super) fn mature(&mut self, moment: &Moment) {
        // Proposals' labels say nothing, so that their agreement cannot count.
        let is_proposed = self.options.source == ObjectSource::Geometry;
        let confirm_after = if is_proposed { self.options.confirm_proposed_after } else { self.options.confirm_after };
        let mut at = 0;
        while at < self.young.len() {
            let slot = self.young[at];
            let Some(track) = self.store.get_mut(slot) else {
                self.young.remove(at);
                continue;
            };
            let age_ns = moment.stamp_ns - track.last_seen_ns;
            let missed = track.in_view - track.observations.min(track.in_view);
            match track.standing {
                Standing::Tentative
                    if track.observations >= confirm_after
                        && missed < track.observations
                        && (is_proposed || track.is_of_one_mind()) =>
                {
                    track.standing = Standing::Believed;
                    track.believed_ns = moment.stamp_ns;
                    let id = track.id;
                    self.report.born += 1;
                    self.note_event(moment.stamp_ns, id, EventKind::Born);
                    self.mark_changed(slot);
                }
                Standing::Tentative
                    if missed >= track.observations + MISSED_TOO_OFTEN || age_ns > FORGET_TENTATIVE_NS =>
                {
                    self.take_out(slot);
                    self.report.given_up += 1;
                    continue;
                }
                Standing::Believed if track.said.vouches() => {
                    self.young.remove(at);
                    continue;
                }
                Standing::Believed
                    if (is_proposed || track.observations < SELDOM) && missed > 2 * track.observations + 4
                        || !is_proposed
                            && OF_MANY_MINDS.contains(&track.observations)
                            && track.label_share(track.label()) < MANY_MINDS =>
                {
                    let receipt = Receipt::without_looking(track.obb.centre, track.last_seen_ns);
                    let id = track.id;
                    self.take_out(slot);
                    self.report.removed += 1;
                    self.note_event(moment.stamp_ns, id, EventKind::Removed(receipt));
                    continue;
                }
                Standing::Believed if moment.stamp_ns - track.first_seen_ns > self.options.relocate_within_ns => {
                    self.young.remove(at);
                    continue;
                }
                _ => {}
            }
            at += 1;
        }
    }

    /// Movable things are believed for a short while only.
    fn forget_movable(&mut self, moment: &Moment) {
        let mut at = 0;
        while at < self.young.len() {
            let slot = self.young[at];
            let gone = self.store.get(slot).is_some_and(|track| {
                self.labels.is_movable(track.called())
                    && track.said.pinned.is_none()
                    && moment.stamp_ns - track.last_seen_ns > self.options.movable_memory_ns
            });
            if gone {
                self.take_out(slot);
                self.report.given_up += 1;
            } else {
                at += 1;
            }
        }
    }
}

fn finding(view: &InView, thickness_m: f32) -> Finding {
    let looked_at = view.looked_at() as f32;
    if looked_at < 6.0 || looked_at < LOOKED_AT_SHARE * view.count as f32 {
        return Finding::Nothing;
    }
    let empty_share = if view.is_partly_in_image { EMPTY_SHARE_OF_PART } else { EMPTY_SHARE };
    // The foot of a thing is found there with or without it: what stands out above decides, if that is enough.
    let telling = view.telling() as f32;
    let all_is_empty = view.empty as f32 >= empty_share * looked_at;
    let top_is_empty = telling >= LEAST_TELLING.max(LEAST_TELLING_SHARE * looked_at)
        && view.telling_empty as f32 >= empty_share * telling;
    let deeper_share = match thickness_m {
        ..THIN_M => DEEPER_SHARE,
        ..LOW_M => EMPTY_SHARE,
        _ => f32::INFINITY,
    };
    let low_and_gone = looked_at >= 16.0 && view.deeper as f32 >= deeper_share * looked_at;
    if all_is_empty || top_is_empty || low_and_gone {
        Finding::Empty
    } else if view.there as f32 >= 0.5 * looked_at {
        Finding::There
    } else {
        Finding::Nothing
    }
}
